//! Undelegating, thinking better of it, and getting the money.

use crate::books::{Movement, Place, Why};
use crate::delegation::enter::check_takes;
use crate::delegation::{BucketKind, Undelegation};
use crate::event::DelegationEvent;
use crate::primitives::{AccountId, Amount, NATIVE, Time};
use crate::rejection::Rejection;
use crate::state::{State, Task};
use crate::step::Step;

/// Begins to take shares out of a pool.
pub(crate) fn undelegate(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    shares: Amount,
) -> Result<(), Rejection> {
    let amount = check_may_leave(step.state, sender, operator, shares)?;
    check_count(step.state, sender, operator)?;
    step.leave(sender, operator, shares);
    let (bucket, release) = step.fill_bucket(operator, BucketKind::Leaving, amount);
    let (from, to) = (Place::Pool(operator), Place::Leaving(operator, bucket));
    step.shift(Movement { from, to, asset: NATIVE, amount, why: Why::Undelegate, job: None });
    step.state.rank(operator);
    add_undelegation(step, (sender, operator, bucket), amount, release);
    let delegator = sender;
    step.emit(DelegationEvent::UndelegationBegan {
        delegator,
        operator,
        shares,
        amount,
        bucket,
        release,
    });
    step.sweep(operator, sender);
    Ok(())
}

/// What shares that may leave are worth.
pub(crate) fn check_may_leave(
    state: &State,
    delegator: AccountId,
    operator: AccountId,
    shares: Amount,
) -> Result<Amount, Rejection> {
    if shares.is_zero() {
        return Err(Rejection::ZeroAmount);
    }
    let pool = state.pool_of(operator).ok_or(Rejection::NoDelegation { operator })?;
    let record = state.live_part(delegator, operator, pool);
    let record = record.ok_or(Rejection::NoDelegation { operator })?;
    if let Some(until) = state.frozen_until(operator) {
        return Err(Rejection::BondFrozen { until });
    }
    let free = state.free_shares(delegator, operator, record);
    if shares > free {
        return Err(Rejection::SharesNotFree { needed: shares, free });
    }
    let stock = pool.stock();
    let amount = stock.worth_floor(shares);
    if amount.is_zero() {
        return Err(Rejection::WorthNothing);
    }
    let left = stock.worth_floor(record.shares.minus(shares));
    let minimum = state.parameters.delegation_min;
    if shares < free && left < minimum {
        return Err(Rejection::DustLeft { left, minimum });
    }
    Ok(amount)
}

/// Refuses one more undelegation than an account may have open with an operator. One of the same bucket is the same.
fn check_count(state: &State, delegator: AccountId, operator: AccountId) -> Result<(), Rejection> {
    let same = state
        .current_bucket(operator, BucketKind::Leaving)
        .is_some_and(|bucket| state.undelegations.contains_key(&(delegator, operator, bucket)));
    let open = state.undelegations.count_of_pair(delegator, operator) as u64;
    let limit = state.parameters.undelegations_max;
    if !same && open >= u64::from(limit) {
        return Err(Rejection::TooManyUndelegations { limit });
    }
    Ok(())
}

fn add_undelegation(
    step: &mut Step<'_>,
    key: (AccountId, AccountId, u64),
    amount: Amount,
    release: Time,
) {
    if let Some(record) = step.state.undelegations.get_mut(&key) {
        record.part = record.part.plus(amount);
        return;
    }
    let (delegator, operator, bucket) = key;
    let timer = step.set_timer(release, Task::Undelegation(delegator, operator, bucket));
    step.state.undelegations.insert(key, Undelegation { part: amount, timer });
}

/// Puts what is left of an undelegation back into its pool.
pub(crate) fn cancel_unbonding(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    bucket: u64,
) -> Result<(), Rejection> {
    let key = (sender, operator, bucket);
    let record = step.state.undelegations.get(&key).copied();
    let record = record.ok_or(Rejection::UnknownUndelegation { bucket })?;
    let release = step.state.bucket(operator, bucket).release;
    step.in_time(Some(release))?;
    let amount = step.state.bucket_part(operator, bucket, record.part);
    let shares = check_takes(step.state, sender, operator, amount)?.shares_for(amount)?;
    step.state.undelegations.remove(&key);
    step.clear_timer(release, record.timer);
    let from = (Place::Leaving(operator, bucket), Why::CancelUnbonding);
    step.enter(sender, operator, (amount, shares), from);
    step.drain_bucket(operator, bucket, record.part);
    Ok(())
}

/// Pays out what slashes have left of an undelegation.
pub(crate) fn release(step: &mut Step<'_>, delegator: AccountId, operator: AccountId, bucket: u64) {
    let key = (delegator, operator, bucket);
    let task = Task::Undelegation(delegator, operator, bucket);
    if let Some(timer) = step.put_off(operator, bucket, task) {
        let record = step.state.undelegations.get_mut(&key);
        record.expect("an undelegation and its timer go together").timer = timer;
        return;
    }
    let record = step.state.undelegations.remove(&key);
    let record = record.expect("an undelegation and its timer go together");
    let amount = step.state.bucket_part(operator, bucket, record.part);
    let (from, to) = (Place::Leaving(operator, bucket), Place::Account(delegator));
    step.shift(Movement { from, to, asset: NATIVE, amount, why: Why::Undelegated, job: None });
    step.drain_bucket(operator, bucket, record.part);
}

impl Step<'_> {
    /// Takes shares that may leave from a delegator, its income settled first. Their money is still in the pool.
    pub(crate) fn leave(&mut self, delegator: AccountId, operator: AccountId, shares: Amount) {
        self.settle_income(delegator, operator);
        self.remove_shares(delegator, operator, shares);
    }
}
