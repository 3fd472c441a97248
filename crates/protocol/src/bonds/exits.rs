//! Bonding and unbonding.

use crate::accounts::check_amount;
use crate::bonds::Haircut;
use crate::books::{Movement, Place, Why};
use crate::collateral::Band;
use crate::delegation::check_bond_free;
use crate::event::OperatorEvent;
use crate::operators::{Exit, Operator, OperatorStatus, required_bond};
use crate::primitives::{AccountId, Amount, AssetId, Holdings, NATIVE, STABLE};
use crate::rejection::Rejection;
use crate::state::{State, Task};
use crate::step::Step;

/// Adds to a bond. Only the operator and its owner may: a stranger's gift would change somebody's standing.
pub(crate) fn bond(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    asset: AssetId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_amount(amount)?;
    let record = step.operator(operator)?;
    if sender != operator {
        check_owner(record, sender)?;
    }
    if record.status == OperatorStatus::Tombstoned {
        return Err(Rejection::IsTombstoned);
    }
    check_admitted(step.state, asset, amount)?;
    let (from, to) = (Place::Account(sender), Place::Bond(operator));
    step.state.require(from, asset, amount)?;
    step.collect(operator);
    step.shift(Movement { from, to, asset, amount, why: Why::Bond, job: None });
    step.operator_mut(operator).bonded.put(asset, amount);
    step.state.reweigh(operator);
    step.review(operator);
    Ok(())
}

/// Native and stable are always collateral; another asset up to the cap it was admitted with.
fn check_admitted(state: &State, asset: AssetId, amount: Amount) -> Result<(), Rejection> {
    if asset == NATIVE || asset == STABLE {
        return Ok(());
    }
    let cap = state.collateral(asset).ok_or(Rejection::NotCollateral { asset })?.cap;
    let bonded = state.bonded(asset);
    if bonded.plus(amount) > cap {
        return Err(Rejection::CollateralCap { asset, bonded, cap });
    }
    Ok(())
}

/// Begins to take free bond out.
pub(crate) fn unbond(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    asset: AssetId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_amount(amount)?;
    check_owner(step.operator(operator)?, sender)?;
    if let Some(until) = step.state.frozen_until(operator) {
        return Err(Rejection::BondFrozen { until });
    }
    check_may_leave(step.state, operator, asset, amount)?;
    step.collect(operator);
    let began = step.now();
    let release = began.plus_ms(step.state.parameters.unbonding_ms);
    let exit = step.state.clock.sequence;
    let timer = step.set_timer(release, Task::Exit(operator, exit));
    assert_eq!(timer, exit, "an exit is called by the number of its timer");
    let exit_record = Exit { asset, amount: Amount::ZERO, began, release };
    step.state.exits.insert((operator, exit), exit_record);
    let (from, to) = (Place::Bond(operator), Place::Exit(operator, exit));
    step.shift(Movement { from, to, asset, amount, why: Why::Unbond, job: None });
    let record = step.operator_mut(operator);
    record.bonded.take(asset, amount);
    record.exits = record.exits.checked_add(1).expect("exits are limited");
    step.state.reweigh(operator);
    step.review(operator);
    step.emit(OperatorEvent::ExitBegan { operator, exit, asset, amount, release });
    Ok(())
}

fn check_owner(operator: &Operator, sender: AccountId) -> Result<(), Rejection> {
    let Operator { account, owner, .. } = *operator;
    if sender == owner { Ok(()) } else { Err(Rejection::NotOwner { operator: account, owner }) }
}

/// What is locked or committed cannot leave, nor what duties and offers need.
fn check_may_leave(
    state: &State,
    operator: AccountId,
    asset: AssetId,
    amount: Amount,
) -> Result<(), Rejection> {
    let free = state.held(Place::Bond(operator), asset);
    if free < amount {
        return Err(Rejection::InsufficientBond { asset, needed: amount, free });
    }
    check_bond_free(state, operator, asset, amount)?;
    let record = state.operator(operator).expect("the caller has just read the operator");
    let limit = state.parameters.exits_max;
    if record.exits >= limit {
        return Err(Rejection::TooManyExits { limit });
    }
    let required = required_bond(state, record);
    let mut bonded = record.bonded.clone();
    bonded.take(asset, amount);
    let left = state.bond_value(&bonded);
    if left < required {
        return Err(Rejection::BondNeeded { required, left });
    }
    check_covered(state, operator, &bonded)
}

/// What is left must be well clear of what open locks owe: an exit never leads into red.
fn check_covered(state: &State, operator: AccountId, left: &Holdings) -> Result<(), Rejection> {
    if state.band_of(operator, left) < Band::Red {
        return Ok(());
    }
    let owed = state.exposure(operator).map_or(Amount::ZERO, |exposure| exposure.owed);
    let worth = state.worth_floor(left, Haircut::None);
    Err(Rejection::CollateralThin { owed, worth })
}

/// Puts a leaving bond back.
pub(crate) fn cancel_exit(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    exit: u64,
) -> Result<(), Rejection> {
    check_owner(step.operator(operator)?, sender)?;
    let record = step.state.exits.get(&(operator, exit)).copied();
    let record = record.ok_or(Rejection::UnknownExit { exit })?;
    step.in_time(Some(record.release))?;
    step.collect(operator);
    step.clear_timer(record.release, exit);
    let amount = close_exit(step, operator, exit, Place::Bond(operator), Why::CancelExit);
    step.operator_mut(operator).bonded.put(record.asset, amount);
    step.state.reweigh(operator);
    step.review(operator);
    Ok(())
}

/// Returns a bond that has finished leaving to the owner.
pub(crate) fn release_exit(step: &mut Step<'_>, operator: AccountId, exit: u64) {
    let owner = step.state.owner_of(operator);
    close_exit(step, operator, exit, Place::Account(owner), Why::Release);
}

/// Moves what is left of an exit to a place and forgets the exit; returns what was left.
pub(crate) fn close_exit(
    step: &mut Step<'_>,
    operator: AccountId,
    exit: u64,
    to: Place,
    why: Why,
) -> Amount {
    let record = step.state.exits.get(&(operator, exit));
    let Exit { asset, amount, .. } = *record.expect("an exit and its timer go together");
    let from = Place::Exit(operator, exit);
    step.shift(Movement { from, to, asset, amount, why, job: None });
    step.state.exits.remove(&(operator, exit));
    let operator = step.operator_mut(operator);
    operator.exits = operator.exits.checked_sub(1).expect("open exits are counted");
    amount
}
