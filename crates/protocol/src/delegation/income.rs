//! Income: dividing it between an operator and its delegators, and settling with one of them.
//!
//! Stake divides, in native base units: the operator's own bond against the tokens of its pool that count. Of the
//! delegators' part the operator keeps its commission. Whatever a division leaves over is the operator's.

use crate::books::{Movement, Place, Why};
use crate::delegation::accumulator::due_floor;
use crate::delegation::views::Readings;
use crate::delegation::{Commitment, Delegation};
use crate::event::DelegationEvent;
use crate::primitives::{AccountId, Amount, AssetId, JobId, NATIVE, Ppm, STABLE};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// Pays a delegator what it has earned.
pub(crate) fn claim(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
) -> Result<(), Rejection> {
    if step.state.delegation_of(sender, operator).is_none() {
        return Err(Rejection::NoDelegation { operator });
    }
    step.settle_income(sender, operator);
    step.sweep(operator, sender);
    Ok(())
}

/// How an income was divided between an operator and its delegators.
struct Division {
    own: Amount,
    delegated: Amount,
    kept: Ppm,
    delegators: Amount,
}

impl State {
    /// `floor(income * delegated / (own + delegated))` less the commission on it, rounded up. Nothing without delegators.
    fn divide(&self, income: Amount, own: Amount, delegated: Amount, kept: Ppm) -> Division {
        let stake = own.plus(delegated);
        let gross = if delegated.is_zero() {
            Amount::ZERO
        } else {
            income.scaled_floor(delegated.units(), stake.units())
        };
        let delegators = gross.saturating_sub(gross.portion_ceil(kept));
        Division { own, delegated, kept, delegators }
    }

    /// Weight of an operator's own bond in native rewards: its native tokens, committed ones for more.
    fn own_weight(&self, operator: AccountId) -> Amount {
        let own = self.own_stake(operator);
        let committed = self.commitment(operator, operator);
        own.plus(committed.map_or(Amount::ZERO, |commitment| commitment.bonus_shares()))
    }

    /// Weight of an operator's delegators in native rewards: tokens that count, committed ones for more.
    fn delegated_weight(&self, operator: AccountId) -> Amount {
        let counted = self.counted_tokens(operator);
        let Some(pool) = self.pool_of(operator).filter(|pool| !pool.shares.is_zero()) else {
            return Amount::ZERO;
        };
        counted.plus(counted.scaled_floor(pool.bonus.units(), pool.shares.units()))
    }

    /// An operator's whole weight in native rewards, in base units: own bond and delegators, committed parts for up to
    /// twice as much.
    pub fn reward_weight(&self, operator: AccountId) -> Amount {
        self.own_weight(operator).plus(self.delegated_weight(operator))
    }
}

impl Step<'_> {
    /// Pays the delegators' part of a stable fee into their pool, from where the fee is; returns what is left for the
    /// operator.
    pub(crate) fn pay_pool_fees(
        &mut self,
        from: Place,
        operator: AccountId,
        fee: Amount,
        job: Option<JobId>,
    ) -> Amount {
        let epoch = self.state.clock.epoch;
        let Some(pool) = self.state.pool_of(operator) else { return fee };
        let kept = pool.commission_at(epoch).fees;
        let own = self.state.own_stake(operator);
        let counted = self.state.counted_tokens(operator);
        let division = self.state.divide(fee, own, counted, kept);
        let amount = division.delegators;
        let Some(fees) = pool.fees.credited(amount, pool.shares).filter(|_| !amount.is_zero())
        else {
            return fee;
        };
        self.state.pool_mut(operator).fees = fees;
        let (to, asset, why) = (Place::PoolIncome(operator), STABLE, Why::DelegatorFees);
        self.shift(Movement { from, to, asset, amount, why, job });
        self.emit_division(operator, asset, fee, &division);
        fee.minus(amount)
    }

    /// Pays a native reward, from where it is: the delegators' part into their pool, where it compounds, and into the
    /// bonus of its committed shares; the rest to the operator. The one way in which rewards reach anybody.
    pub(crate) fn earn(&mut self, from: Place, operator: AccountId, reward: Amount, why: Why) {
        let commission = self.state.pool_of(operator);
        let epoch = self.state.clock.epoch;
        let kept = commission.map_or(Ppm(0), |pool| pool.commission_at(epoch).rewards);
        let own = self.state.own_weight(operator);
        let weight = self.state.delegated_weight(operator);
        let division = self.state.divide(reward, own, weight, kept);
        let delegators = division.delegators;
        if !delegators.is_zero() {
            let bonus = self.credit_bonus(operator, delegators);
            let movement = |to, amount| Movement {
                from,
                to,
                asset: NATIVE,
                amount,
                why: Why::DelegatorReward,
                job: None,
            };
            self.shift(movement(Place::Pool(operator), delegators.minus(bonus)));
            self.shift(movement(Place::PoolIncome(operator), bonus));
            self.emit_division(operator, NATIVE, reward, &division);
        }
        let (to, amount) = (Place::Account(operator), reward.minus(delegators));
        self.shift(Movement { from, to, asset: NATIVE, amount, why, job: None });
        self.state.rank(operator);
    }

    /// Credits the part of a reward that committed shares earn beyond the others; returns it.
    fn credit_bonus(&mut self, operator: AccountId, delegators: Amount) -> Amount {
        let pool = self.state.pool_mut(operator);
        let weight = pool.shares.plus(pool.bonus);
        let bonus = delegators.scaled_floor(pool.bonus.units(), weight.units());
        match pool.bonuses.credited(bonus, pool.bonus) {
            Some(bonuses) => {
                pool.bonuses = bonuses;
                bonus
            }
            None => Amount::ZERO,
        }
    }

    fn emit_division(
        &mut self,
        operator: AccountId,
        asset: AssetId,
        income: Amount,
        division: &Division,
    ) {
        let Division { own, delegated, kept, delegators } = *division;
        self.emit(DelegationEvent::IncomeShared {
            operator,
            asset,
            income,
            own,
            delegated,
            commission: kept,
            delegators,
        });
    }

    /// Pays a delegator everything it is due from a pool. Comes before every change of its shares. Shares of a collapsed
    /// generation go with it.
    pub(crate) fn settle_income(&mut self, delegator: AccountId, operator: AccountId) {
        let key = (delegator, operator);
        let Some(record) = self.state.delegation_of(delegator, operator) else { return };
        let Delegation { shares, seen, generation, .. } = *record;
        let Readings { fees, bonuses, ruined } = self.state.readings(operator, generation);
        self.pay_income(operator, delegator, STABLE, due_floor(shares, seen, fees));
        if let Some(commitment) = self.state.commitments.get(&key).copied() {
            let due = due_floor(commitment.bonus_shares(), commitment.seen, bonuses);
            self.pay_income(operator, delegator, NATIVE, due);
            if commitment.seen != bonuses {
                self.state.commitments.insert(key, Commitment { seen: bonuses, ..commitment });
            }
        }
        if ruined {
            self.clear_ruined(key, shares, generation);
        } else if seen != fees
            && let Some(record) = self.state.delegations.get_mut(&key)
        {
            record.seen = fees;
        }
    }

    /// Forgets a delegation of a collapsed generation, and the generation with its last one.
    fn clear_ruined(&mut self, key: (AccountId, AccountId), shares: Amount, generation: u32) {
        let record = self.state.delegations.get_mut(&key).expect("whoever settles has shares");
        record.shares = Amount::ZERO;
        self.state.drop_if_empty(key);
        if let Some(commitment) = self.state.commitments.remove(&key) {
            // The timer that has just gone off is gone from the queue already.
            self.state.timers.remove(&(commitment.until, commitment.timer));
        }
        let (_, operator) = key;
        let ruin = self.state.ruins.get_mut(&(operator, generation));
        let ruin = ruin.expect("a ruin stays until its last delegator");
        ruin.shares = ruin.shares.minus(shares);
        if ruin.shares.is_zero() {
            self.state.ruins.remove(&(operator, generation));
        }
    }

    fn pay_income(
        &mut self,
        operator: AccountId,
        delegator: AccountId,
        asset: AssetId,
        amount: Amount,
    ) {
        let (from, to) = (Place::PoolIncome(operator), Place::Account(delegator));
        self.shift(Movement { from, to, asset, amount, why: Why::IncomeClaimed, job: None });
    }

    /// Gives the last delegator out of a pool the fractions of units that settling left behind.
    pub(crate) fn sweep(&mut self, operator: AccountId, last: AccountId) {
        let peopled = self.state.pool_of(operator).is_none_or(|pool| !pool.shares.is_zero());
        if peopled || !self.state.ruins.group(&operator).is_empty() {
            return;
        }
        let pool = self.state.pool_mut(operator);
        (pool.fees.remainder, pool.bonuses.remainder) = (Amount::ZERO, Amount::ZERO);
        for (asset, amount) in self.state.slices(Place::PoolIncome(operator)) {
            self.pay_income(operator, last, asset, amount);
        }
    }
}
