//! Redelegating: at once from one pool to another, answering to the first one for as long as an undelegation would.

use crate::books::{Movement, Place, Why};
use crate::delegation::enter::check_takes;
use crate::delegation::leave::check_may_leave;
use crate::delegation::{BucketKind, Hop};
use crate::event::DelegationEvent;
use crate::primitives::{AccountId, Amount, NATIVE};
use crate::rejection::Rejection;
use crate::state::{State, Task};
use crate::step::Step;

/// Moves shares from one pool to another.
pub(crate) fn redelegate(
    step: &mut Step<'_>,
    sender: AccountId,
    source: AccountId,
    operator: AccountId,
    shares: Amount,
) -> Result<(), Rejection> {
    if source == operator {
        return Err(Rejection::SamePool { operator });
    }
    let amount = check_may_leave(step.state, sender, source, shares)?;
    let stock = check_takes(step.state, sender, operator, amount)?;
    check_no_hop(step.state, sender, operator)?;
    let bought = stock.shares_for(amount)?;
    step.leave(sender, source, shares);
    step.enter(sender, operator, (amount, bought), (Place::Pool(source), Why::Redelegate));
    step.state.rank(source);
    begin_hop(step, (sender, source, operator), amount, bought);
    step.sweep(source, sender);
    Ok(())
}

fn check_no_hop(state: &State, delegator: AccountId, operator: AccountId) -> Result<(), Rejection> {
    match state.hop_of(delegator, operator) {
        Some(hop) => {
            let until = state.bucket(hop.source, hop.bucket).release;
            Err(Rejection::HopOpen { operator, until })
        }
        None => Ok(()),
    }
}

fn begin_hop(
    step: &mut Step<'_>,
    (delegator, source, operator): (AccountId, AccountId, AccountId),
    amount: Amount,
    shares: Amount,
) {
    let (bucket, until) = step.fill_bucket(source, BucketKind::Hopping, amount);
    let generation = step.state.pool_of(operator).expect("tokens have just gone there").generation;
    let hop = Hop { source, bucket, part: amount, shares, generation };
    let record = step.state.delegations.get_mut(&(delegator, operator));
    record.expect("shares have just gone there").hop = Some(hop.into());
    step.set_timer(until, Task::Hop(delegator, operator));
    step.emit(DelegationEvent::Redelegated { delegator, source, operator, amount, until });
}

/// A redelegation no longer answers to its source: what the source was slashed for meanwhile is burned, the rest is free.
pub(crate) fn end_hop(step: &mut Step<'_>, delegator: AccountId, operator: AccountId) {
    let key = (delegator, operator);
    let hop =
        *step.state.hop_of(delegator, operator).expect("a redelegation and its timer go together");
    if step.put_off(hop.source, hop.bucket, Task::Hop(delegator, operator)).is_some() {
        return;
    }
    step.collect(operator);
    step.state.delegations.get_mut(&key).expect("it has just been read").hop = None;
    step.state.drop_if_empty(key);
    let kept = step.state.bucket_part(hop.source, hop.bucket, hop.part);
    let bucket = step.state.bucket_mut(hop.source, hop.bucket);
    bucket.left = bucket.left.minus(kept);
    step.drain_bucket(hop.source, hop.bucket, hop.part);
    let lost = hop.part.minus(kept);
    let standing =
        step.state.pool_of(operator).is_some_and(|pool| pool.generation == hop.generation);
    let burned = if standing && !lost.is_zero() {
        let shares = hop.shares.scaled_ceil(lost.units(), hop.part.units());
        burn_shares(step, delegator, operator, shares)
    } else {
        Amount::ZERO
    };
    step.emit(DelegationEvent::HopEnded { delegator, source: hop.source, operator, burned });
}

/// Burns shares with what they are worth; returns that.
fn burn_shares(
    step: &mut Step<'_>,
    delegator: AccountId,
    operator: AccountId,
    shares: Amount,
) -> Amount {
    let amount = step.state.stock(operator).worth_floor(shares);
    step.leave(delegator, operator, shares);
    let (from, to) = (Place::Pool(operator), Place::Burned);
    step.shift(Movement { from, to, asset: NATIVE, amount, why: Why::SlashBurn, job: None });
    step.state.rank(operator);
    step.sweep(operator, delegator);
    amount
}
