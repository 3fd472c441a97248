//! Commitments.

use protocol::{AccountId, Amount, AssetId, DelegationEvent, Event, NATIVE, Ppm, Rejection, Time};

use super::Promise;
use crate::exact::whole;
use crate::rules::{Model, Outcome};

impl Model {
    /// Nothing for the shortest, all of the bonus for the longest, and in proportion between.
    fn bonus_for(&self, duration_ms: u64) -> u32 {
        let parameters = &self.parameters;
        let (shortest, longest) = (parameters.commitment_ms_min, parameters.commitment_ms_max);
        if shortest == longest {
            return 0;
        }
        let part = whole((duration_ms - shortest).into()) / whole((longest - shortest).into());
        let bonus = part * whole(parameters.commitment_bonus.0.into());
        u32::try_from(bonus.floor()).expect("at most the whole bonus")
    }

    pub(in crate::rules) fn commit(
        &mut self,
        me: AccountId,
        operator: AccountId,
        duration_ms: u64,
    ) -> Outcome {
        let parameters = &self.parameters;
        let (minimum, maximum) = (parameters.commitment_ms_min, parameters.commitment_ms_max);
        if duration_ms < minimum || duration_ms > maximum {
            return Err(Rejection::CommitmentLength { duration_ms, minimum, maximum });
        }
        let owner = self.known(operator)?.owner;
        if me == operator && me != owner {
            return Err(Rejection::NotOwner { operator, owner });
        }
        let staker = if me == owner { operator } else { me };
        let amount = if me == owner {
            self.own(operator)
        } else {
            self.shares(me, operator) - self.bound(me, operator)
        };
        if amount == 0 {
            return Err(Rejection::NothingToCommit { operator });
        }
        let (key, until) = ((staker, operator), self.now + duration_ms);
        if let Some(before) = self.delegated.promises.get(&key)
            && until < before.until
        {
            let (until, wanted) = (Time(before.until), Time(until));
            return Err(Rejection::CommitmentShortened { until, wanted });
        }
        self.settle_with(staker, operator);
        let bonus = self.bonus_for(duration_ms);
        let number = self.number();
        let settled = self.pool(operator).map_or(0, |pool| pool.bonuses.len());
        let promise = Promise { amount, bonus, until, number, settled };
        self.delegated.promises.insert(key, promise);
        let (amount, bonus, until) = (Amount::new(amount), Ppm(bonus), Time(until));
        self.say(Event::Delegation(DelegationEvent::Committed {
            staker,
            operator,
            amount,
            bonus,
            until,
        }));
        Ok(())
    }

    /// A promise was kept.
    pub(in crate::rules) fn promise_is_over(&mut self, staker: AccountId, operator: AccountId) {
        self.pay_rewards(operator);
        if staker != operator {
            self.settle_with(staker, operator);
        }
        self.delegated.promises.remove(&(staker, operator));
        self.say(Event::Delegation(DelegationEvent::CommitmentEnded { staker, operator }));
        if staker != operator {
            self.sweep(operator, staker);
        }
    }

    /// Whether so much of a bond may leave, as far as it was promised.
    pub(in crate::rules) fn may_unbond(
        &self,
        operator: AccountId,
        asset: AssetId,
        units: u128,
    ) -> Outcome {
        let Some(promise) = self.delegated.promises.get(&(operator, operator)) else {
            return Ok(());
        };
        let free = self.own(operator) - promise.amount;
        if asset != NATIVE || units <= free {
            return Ok(());
        }
        let (needed, free, until) = (Amount::new(units), Amount::new(free), Time(promise.until));
        Err(Rejection::BondCommitted { needed, free, until })
    }

    /// What was slashed of a promised bond is promised no longer; what is bonded later is free.
    pub(in crate::rules) fn trim_promise(&mut self, operator: AccountId) {
        let own = self.own(operator);
        if let Some(promise) = self.delegated.promises.get_mut(&(operator, operator)) {
            promise.amount = promise.amount.min(own);
        }
    }

    /// A commitment in the words of the first implementation, save how much of the income was settled.
    pub(crate) fn commitment(
        &self,
        staker: AccountId,
        operator: AccountId,
    ) -> Option<(u128, u32, u64, u64)> {
        let promise = self.delegated.promises.get(&(staker, operator))?;
        Some((promise.amount, promise.bonus, promise.until, promise.number))
    }
}
