//! Income of delegators: every one that ever came is remembered, and what somebody is due is added up from all of them.

use protocol::{
    AccountId, Amount, AssetId, DelegationEvent, Event, JobId, NATIVE, Place, Ppm, Rejection,
    STABLE, Why,
};
use ruint::aliases::U512;

use crate::exact::whole;
use crate::rules::books::Move;
use crate::rules::{Model, Outcome};

/// Something that happened to the income of a pool.
#[derive(Clone, Copy)]
pub(super) enum Income {
    /// So many base units came for so many holders' units.
    Came { units: u128, among: u128 },
    /// Nobody was left: fractions that were still to be divided went with the last one.
    Swept,
}

/// Income per unit held, in 2^-64 base units: each division carries what it left over into the next.
fn per_unit(incomes: &[Income]) -> U512 {
    let (mut sum, mut over) = (U512::ZERO, U512::ZERO);
    for income in incomes {
        match *income {
            Income::Came { units, among } => {
                let (each, rest) =
                    ((U512::from(units) << 64_usize) + over).div_rem(U512::from(among));
                (sum, over) = (sum + each, rest);
            }
            Income::Swept => over = U512::ZERO,
        }
    }
    sum
}

/// What so many units earned after the first `settled` incomes.
fn due(incomes: &[Income], settled: usize, units: u128) -> u128 {
    let earned = per_unit(incomes) - per_unit(&incomes[..settled]);
    u128::try_from((earned * U512::from(units)) >> 64_usize).expect("income exists")
}

/// An income, divided between an operator and its delegators.
struct Division {
    own: u128,
    delegated: u128,
    kept: Ppm,
    delegators: u128,
}

impl Model {
    /// Divides by stake; of the delegators' part the operator keeps its commission.
    fn divide(&self, income: u128, own: u128, delegated: u128, kept: Ppm) -> Division {
        let part = if delegated == 0 {
            0
        } else {
            (whole(income) * whole(delegated) / whole(own + delegated)).floor()
        };
        let delegators = part - self.portion_ceil(part, kept);
        Division { own, delegated, kept, delegators }
    }

    fn say_divided(
        &mut self,
        operator: AccountId,
        asset: AssetId,
        income: u128,
        division: &Division,
    ) {
        let [income, own, delegated, delegators] =
            [income, division.own, division.delegated, division.delegators].map(Amount::new);
        let commission = division.kept;
        self.say(Event::Delegation(DelegationEvent::IncomeShared {
            operator,
            asset,
            income,
            own,
            delegated,
            commission,
            delegators,
        }));
    }

    /// A provider's fee for a job: what its delegators have of it stays for them; the rest is returned.
    pub(in crate::rules) fn share_fee(
        &mut self,
        operator: AccountId,
        from: Place,
        fee: u128,
        job: JobId,
    ) -> u128 {
        let Some(pool) = self.pool(operator) else { return fee };
        let kept = self.commission(pool).fees;
        let division = self.divide(fee, self.own(operator), self.counted(operator), kept);
        let units = division.delegators;
        if units == 0 {
            return fee;
        }
        let among = self.all_shares(operator);
        self.pool_mut(operator).fees.push(Income::Came { units, among });
        let (to, asset, why) = (Place::PoolIncome(operator), STABLE, Why::DelegatorFees);
        self.shift(Move { from, to, asset, units, why, job: Some(job) });
        self.say_divided(operator, asset, fee, &division);
        fee - units
    }

    /// Weight of an operator's own bond in rewards.
    fn own_weight(&self, operator: AccountId) -> u128 {
        let promise = self.delegated.promises.get(&(operator, operator));
        self.own(operator) + promise.map_or(0, super::Promise::extra)
    }

    /// Weight of its delegators in rewards: committed shares count for more.
    fn delegated_weight(&self, operator: AccountId) -> u128 {
        let counted = self.counted(operator);
        match self.all_shares(operator) {
            0 => 0,
            all => {
                let extra = whole(self.all_extra(operator)) / whole(all);
                counted + (whole(counted) * extra).floor()
            }
        }
    }

    /// Both together.
    pub(crate) fn reward_weight(&self, operator: AccountId) -> u128 {
        self.own_weight(operator) + self.delegated_weight(operator)
    }

    /// A native reward: into the pool, where it compounds, and what commitments earn more apart; the rest to the operator.
    pub(in crate::rules) fn reward(
        &mut self,
        operator: AccountId,
        from: Place,
        reward: u128,
        why: Why,
    ) {
        let pool = self.pool(operator);
        let kept = pool.map_or(Ppm(0), |pool| self.commission(pool).rewards);
        let (own, weight) = (self.own_weight(operator), self.delegated_weight(operator));
        let division = self.divide(reward, own, weight, kept);
        let delegators = division.delegators;
        if delegators > 0 {
            let (all, extra) = (self.all_shares(operator), self.all_extra(operator));
            let bonus = (whole(delegators) * whole(extra) / whole(all + extra)).floor();
            if extra > 0 {
                let income = Income::Came { units: bonus, among: extra };
                self.pool_mut(operator).bonuses.push(income);
            }
            self.shift_native(
                from,
                Place::Pool(operator),
                delegators - bonus,
                Why::DelegatorReward,
            );
            self.shift_native(from, Place::PoolIncome(operator), bonus, Why::DelegatorReward);
            self.say_divided(operator, NATIVE, reward, &division);
        }
        let to = Place::Account(operator);
        self.shift_native(from, to, reward - delegators, why);
        self.stand(operator);
    }

    /// Moves native units for no job.
    pub(super) fn shift_native(&mut self, from: Place, to: Place, units: u128, why: Why) {
        self.shift(Move { from, to, asset: NATIVE, units, why, job: None });
    }

    /// Stable fees and native bonus that a delegator has earned and not been paid. In a collapsed generation nobody earned
    /// anything after its end.
    pub(crate) fn income_due(&self, delegator: AccountId, operator: AccountId) -> (u128, u128) {
        let key = (delegator, operator);
        let (pool, stake) = (&self.delegated.pools[&operator], self.delegated.stakes[&key]);
        let now = (pool.fees.len(), pool.bonuses.len());
        let (fees, bonuses) = pool.ends.get(stake.generation).copied().unwrap_or(now);
        let fees = due(&pool.fees[..fees], stake.settled, stake.shares);
        let promise = self.delegated.promises.get(&key);
        let bonus =
            promise.map_or(0, |one| due(&pool.bonuses[..bonuses], one.settled, one.extra()));
        (fees, bonus)
    }

    /// Pays a delegator what it is due. A stake of a collapsed generation, and what was promised of it, is gone then.
    pub(super) fn settle_with(&mut self, delegator: AccountId, operator: AccountId) {
        let key = (delegator, operator);
        let Some(stake) = self.delegated.stakes.get(&key).copied() else { return };
        let (fees, bonus) = self.income_due(delegator, operator);
        let (from, to) = (Place::PoolIncome(operator), Place::Account(delegator));
        for (asset, units) in [(STABLE, fees), (NATIVE, bonus)] {
            self.shift(Move { from, to, asset, units, why: Why::IncomeClaimed, job: None });
        }
        if !self.live(&stake, operator) {
            self.delegated.stakes.remove(&key);
            self.delegated.promises.remove(&key);
            return;
        }
        let pool = &self.delegated.pools[&operator];
        let (fees, bonuses) = (pool.fees.len(), pool.bonuses.len());
        if let Some(stake) = self.delegated.stakes.get_mut(&key) {
            stake.settled = fees;
        }
        if let Some(promise) = self.delegated.promises.get_mut(&key) {
            promise.settled = bonuses;
        }
    }

    /// Whoever is the last one out takes what is there, fractions of units in it.
    pub(super) fn sweep(&mut self, operator: AccountId, last: AccountId) {
        if self.delegated.stakes.keys().any(|(_, behind)| *behind == operator) {
            return;
        }
        let from = Place::PoolIncome(operator);
        for (asset, units) in self.books.of(from) {
            let to = Place::Account(last);
            self.shift(Move { from, to, asset, units, why: Why::IncomeClaimed, job: None });
        }
        let pool = self.pool_mut(operator);
        pool.fees.push(Income::Swept);
        pool.bonuses.push(Income::Swept);
    }

    pub(in crate::rules) fn claim(&mut self, me: AccountId, operator: AccountId) -> Outcome {
        if !self.delegated.stakes.contains_key(&(me, operator)) {
            return Err(Rejection::NoDelegation { operator });
        }
        self.settle_with(me, operator);
        self.sweep(operator, me);
        Ok(())
    }
}
