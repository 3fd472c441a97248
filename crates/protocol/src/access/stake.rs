//! Locking, unlocking and slashing access stake.

use crate::access::AccessExit;
use crate::accounts::check_amount;
use crate::books::{Movement, Place, Why};
use crate::event::{AccessEvent, Fault};
use crate::primitives::{AccountId, Amount, JobId, NATIVE, Time};
use crate::rejection::Rejection;
use crate::state::{State, Task};
use crate::step::Step;

/// Locks native tokens as access stake.
pub(crate) fn lock(
    step: &mut Step<'_>,
    sender: AccountId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_amount(amount)?;
    check_minimum(step.state, step.state.access_stake(sender).plus(amount))?;
    step.state.require(Place::Account(sender), NATIVE, amount)?;
    let credit = step.state.access_credit(sender);
    let (from, to) = (Place::Account(sender), Place::Access(sender));
    step.shift(Movement { from, to, asset: NATIVE, amount, why: Why::LockAccess, job: None });
    step.set_credit(sender, credit);
    step.refresh_turns(sender);
    Ok(())
}

/// Begins to take access stake out. Its weight is gone at once, its answerability is not.
pub(crate) fn unlock(
    step: &mut Step<'_>,
    sender: AccountId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_amount(amount)?;
    let locked = step.state.access_stake(sender);
    let left = locked.checked_sub(amount);
    let left = left.ok_or(Rejection::InsufficientAccess { needed: amount, locked })?;
    if !left.is_zero() {
        check_minimum(step.state, left)?;
    }
    let limit = step.state.parameters.access_exits_max;
    if step.state.access(sender).exits >= limit {
        return Err(Rejection::TooManyExits { limit });
    }
    begin_exit(step, sender, amount);
    Ok(())
}

fn begin_exit(step: &mut Step<'_>, account: AccountId, amount: Amount) {
    let credit = step.state.access_credit(account);
    let began = step.now();
    let release = began.plus_ms(step.state.parameters.access_unbonding_ms);
    let exit = step.state.clock.sequence;
    let timer = step.set_timer(release, Task::AccessExit(account, exit));
    assert_eq!(timer, exit, "an exit is called by the number of its timer");
    step.state.access_exits.insert((account, exit), AccessExit { began, release });
    let mut record = step.state.access(account);
    record.exits = record.exits.checked_add(1).expect("exits are limited");
    step.state.access.insert(account, record);
    let (from, to) = (Place::Access(account), Place::AccessExit(account, exit));
    step.shift(Movement { from, to, asset: NATIVE, amount, why: Why::UnlockAccess, job: None });
    step.set_credit(account, credit);
    step.refresh_turns(account);
    step.emit(AccessEvent::AccessExitBegan { account, exit, amount, release });
}

fn check_minimum(state: &State, stake: Amount) -> Result<(), Rejection> {
    let minimum = state.parameters.access_min;
    if stake < minimum { Err(Rejection::AccessBelowMinimum { stake, minimum }) } else { Ok(()) }
}

/// Returns access stake that has finished leaving.
pub(crate) fn release(step: &mut Step<'_>, account: AccountId, exit: u64) {
    let removed = step.state.access_exits.remove(&(account, exit));
    assert!(removed.is_some(), "an exit and its timer go together");
    let (from, to) = (Place::AccessExit(account, exit), Place::Account(account));
    let amount = step.state.held(from, NATIVE);
    step.shift(Movement { from, to, asset: NATIVE, amount, why: Why::ReleaseAccess, job: None });
    let mut record = step.state.access(account);
    record.exits = record.exits.checked_sub(1).expect("open exits are counted");
    step.state.access.insert(account, record);
    let credit = step.state.access_credit(account);
    step.set_credit(account, credit);
}

impl State {
    /// An account's access stake on its way out: number, times, native base units.
    pub fn access_exits(
        &self,
        account: AccountId,
    ) -> impl Iterator<Item = (u64, AccessExit, Amount)> + '_ {
        self.access_exits.group(&account).into_iter().map(move |((_, number), exit)| {
            (*number, *exit, self.held(Place::AccessExit(account, *number), NATIVE))
        })
    }
}

impl Step<'_> {
    /// Burns the penalty for a fault in using the network, as far as there is access stake that answers for it: what is
    /// locked, and what began to leave when the fault had begun.
    pub(crate) fn slash_access(
        &mut self,
        account: AccountId,
        fault: Fault,
        job: JobId,
        since: Time,
    ) {
        let credit = self.state.access_credit(account);
        let answers = |exit: &AccessExit| exit.began >= since && self.now() <= exit.release;
        let exits = self.state.access_exits(account).filter(|(_, exit, _)| answers(exit));
        let exits: Vec<Place> = exits.map(|(exit, ..)| Place::AccessExit(account, exit)).collect();
        let penalty = self.state.parameters.access_penalty;
        let mut left = penalty;
        for from in [Place::Access(account)].into_iter().chain(exits) {
            let amount = left.min(self.state.held(from, NATIVE));
            left = left.minus(amount);
            let (to, why, job) = (Place::Burned, Why::SlashBurn, Some(job));
            self.shift(Movement { from, to, asset: NATIVE, amount, why, job });
        }
        let burned = penalty.minus(left);
        if !burned.is_zero() {
            self.set_credit(account, credit);
            self.refresh_turns(account);
            self.emit(AccessEvent::AccessSlashed { account, fault, job, burned });
        }
    }

    /// The requester of a job made others work for nothing: its access stake answers from the assignment on.
    pub(crate) fn slash_spam(&mut self, job: JobId) {
        let record = self.state.job(job).expect("the caller has just read the job");
        let assignment = record.assignment.as_ref().expect("somebody worked on the job");
        let (requester, since) = (record.requester, assignment.assigned);
        self.slash_access(requester, Fault::Spam, job, since);
    }
}
