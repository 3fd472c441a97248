//! Access stake: locking it, taking it out, what it earns and what it answers for. Credit is counted over
//! the epochs since a stake or the credit itself last changed, at the rates of the day on which somebody asks.

use protocol::{
    AccessEvent, AccountId, Amount, Event, Fault, JobId, NATIVE, Place, Rejection, Time, Why,
};

use super::accounts::sensible;
use super::books::Move;
use super::{Model, Outcome};
use crate::exact::{ppm, whole};

/// Access stake on its way out.
#[derive(Clone, Copy)]
pub(crate) struct AccessExit {
    pub(crate) account: AccountId,
    pub(crate) began: u64,
    pub(crate) release: u64,
}

impl Model {
    /// An account's access stake.
    pub(crate) fn access_stake(&self, account: AccountId) -> u128 {
        self.books.held(Place::Access(account), NATIVE)
    }

    /// An account's access stake on its way out, by number.
    pub(crate) fn access_exits_of(&self, account: AccountId) -> Vec<(u64, AccessExit)> {
        let all = self.access_exits.iter().filter(|(_, exit)| exit.account == account);
        all.map(|(number, exit)| (*number, *exit)).collect()
    }

    /// What an account's credit would pay now.
    /// Each epoch takes its part of what there was, and grants what the stake is worth if a block began in it. With nothing
    /// to take from, all epochs up to the next one that grants are alike: there are millions after an amendment that makes
    /// them short.
    pub(crate) fn credit(&self, account: AccountId) -> u128 {
        let (mut credit, mut epoch) = self.credits.get(&account).copied().unwrap_or_default();
        let (parameters, stake) = (&self.parameters, self.access_stake(account));
        let kept = ppm(1_000_000 - parameters.credit_decay.0);
        let budget = whole(parameters.credit_budget.units());
        loop {
            let grants = self.stakes.range(epoch + 1..).map(|(epoch, _)| *epoch).next();
            let next = if credit == 0 { grants.unwrap_or(u64::MAX) } else { epoch + 1 };
            if next > self.epoch() {
                return credit;
            }
            epoch = next;
            credit = (whole(credit) * kept).floor();
            if let Some(all) = self.stakes.get(&epoch).filter(|_| stake > 0) {
                let all = whole((*all).max(parameters.credit_reference.units()));
                credit += (budget * whole(stake) / all).floor();
            }
        }
    }

    /// Sets what an account's credit is in this epoch: whatever changes a stake leaves the credit as it is.
    fn set_credit(&mut self, account: AccountId, credit: u128) {
        let epoch = self.epoch();
        self.credits.insert(account, (credit, epoch));
    }

    pub(super) fn lock_access(&mut self, me: AccountId, units: u128) -> Outcome {
        sensible(units)?;
        self.enough_access(self.access_stake(me) + units)?;
        self.can_pay(me, NATIVE, units)?;
        let (credit, from, to) = (self.credit(me), Place::Account(me), Place::Access(me));
        self.shift(Move { from, to, asset: NATIVE, units, why: Why::LockAccess, job: None });
        self.set_credit(me, credit);
        self.stake_changed(me);
        Ok(())
    }

    pub(super) fn unlock_access(&mut self, me: AccountId, units: u128) -> Outcome {
        sensible(units)?;
        let locked = self.access_stake(me);
        if units > locked {
            let (needed, locked) = (Amount::new(units), Amount::new(locked));
            return Err(Rejection::InsufficientAccess { needed, locked });
        }
        if units < locked {
            self.enough_access(locked - units)?;
        }
        let limit = self.parameters.access_exits_max;
        if self.access_exits_of(me).len() as u64 >= limit.into() {
            return Err(Rejection::TooManyExits { limit });
        }
        let (exit, began) = (self.number(), self.now);
        let release = began + self.parameters.access_unbonding_ms;
        self.access_exits.insert(exit, AccessExit { account: me, began, release });
        let (credit, from, to) = (self.credit(me), Place::Access(me), Place::AccessExit(me, exit));
        self.shift(Move { from, to, asset: NATIVE, units, why: Why::UnlockAccess, job: None });
        self.set_credit(me, credit);
        self.stake_changed(me);
        let (amount, release) = (Amount::new(units), Time(release));
        self.say(Event::Access(AccessEvent::AccessExitBegan {
            account: me,
            exit,
            amount,
            release,
        }));
        Ok(())
    }

    fn enough_access(&self, stake: u128) -> Outcome {
        let (stake, minimum) = (Amount::new(stake), self.parameters.access_min);
        if stake < minimum { Err(Rejection::AccessBelowMinimum { stake, minimum }) } else { Ok(()) }
    }

    pub(super) fn release_access(&mut self, number: u64) {
        let AccessExit { account, .. } = self.access_exits[&number];
        let (from, to) = (Place::AccessExit(account, number), Place::Account(account));
        let units = self.books.held(from, NATIVE);
        self.shift(Move { from, to, asset: NATIVE, units, why: Why::ReleaseAccess, job: None });
        self.access_exits.remove(&number);
        self.set_credit(account, self.credit(account));
    }

    /// An epoch begins: how much access stake there is.
    pub(super) fn note_stakes(&mut self) {
        let stakes = self.books.iter().filter(|(place, ..)| matches!(place, Place::Access(_)));
        let all = stakes.map(|(.., units)| units).sum();
        self.stakes.insert(self.epoch(), all);
    }

    /// Credit pays at most so much; says how much it did.
    pub(super) fn use_credit(&mut self, account: AccountId, most: u128) -> u128 {
        let credit = self.credit(account);
        let used = credit.min(most);
        if used > 0 {
            self.set_credit(account, credit - used);
        }
        used
    }

    /// Burns a penalty out of what is locked, then out of what began to leave since and has not left, the oldest first.
    pub(super) fn slash_access(
        &mut self,
        account: AccountId,
        fault: Fault,
        job: JobId,
        since: u64,
    ) {
        let (credit, mut places) = (self.credit(account), vec![Place::Access(account)]);
        for (number, exit) in self.access_exits_of(account) {
            if exit.began >= since && self.now <= exit.release {
                places.push(Place::AccessExit(account, number));
            }
        }
        let mut owed = self.parameters.access_penalty.units();
        for from in places {
            let units = owed.min(self.books.held(from, NATIVE));
            let (to, why, job) = (Place::Burned, Why::SlashBurn, Some(job));
            self.shift(Move { from, to, asset: NATIVE, units, why, job });
            owed -= units;
        }
        let burned = Amount::new(self.parameters.access_penalty.units() - owed);
        if burned > Amount::ZERO {
            self.set_credit(account, credit);
            self.stake_changed(account);
            self.say(Event::Access(AccessEvent::AccessSlashed { account, fault, job, burned }));
        }
    }

    /// The requester made the provider of the attempt under way work for nothing.
    pub(super) fn slash_spam(&mut self, id: JobId) {
        let (requester, since) = (self.jobs[&id].requester, self.attempt(id).assigned);
        self.slash_access(requester, Fault::Spam, id, since);
    }
}
