//! Delegating.

use crate::accounts::check_amount;
use crate::books::{Movement, Place, Why};
use crate::event::DelegationEvent;
use crate::operators::OperatorStatus;
use crate::primitives::{AccountId, Amount, NATIVE};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// Puts native tokens behind an operator.
pub(crate) fn delegate(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_amount(amount)?;
    check_takes(&step.state, sender, operator, amount)?;
    let shares = step.state.shares_for(operator, amount)?;
    let from = Place::Account(sender);
    step.state.require(from, NATIVE, amount)?;
    step.enter(sender, operator, (amount, shares), (from, Why::Delegate));
    Ok(())
}

/// Whether an operator takes so many more tokens of a delegator.
pub(crate) fn check_takes(
    state: &State,
    delegator: AccountId,
    operator: AccountId,
    amount: Amount,
) -> Result<(), Rejection> {
    check_open(state, delegator, operator)?;
    let parameters = &state.parameters;
    let minimum = parameters.delegation_min;
    let there = state.live_delegation(delegator, operator).map_or(Amount::ZERO, |d| d.shares);
    let amount_after = amount.plus(state.worth_of_shares(operator, there));
    if amount_after < minimum {
        return Err(Rejection::DelegationTooSmall { amount: amount_after, minimum });
    }
    let (bonded, minimum) = (state.own_stake(operator), parameters.pool_bond_min);
    if bonded < minimum {
        return Err(Rejection::SelfBondTooSmall { bonded, minimum });
    }
    let room = state.delegation_room(operator);
    if amount > room { Err(Rejection::DelegationCap { amount, room }) } else { Ok(()) }
}

/// Whether an operator takes delegations of somebody at all.
fn check_open(state: &State, delegator: AccountId, operator: AccountId) -> Result<(), Rejection> {
    let record = state.operator(operator).ok_or(Rejection::NotAnOperator { account: operator })?;
    match record.status {
        OperatorStatus::Jailed(until) => return Err(Rejection::InJail { until }),
        OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
        OperatorStatus::Active => {}
    }
    if state.are_related(delegator, operator) {
        return Err(Rejection::OwnPool { operator });
    }
    if state.pools.contains_key(&operator) {
        Ok(())
    } else {
        Err(Rejection::PoolNotOpen { operator })
    }
}

impl Step<'_> {
    /// Moves tokens into a pool for shares that were computed before.
    pub(crate) fn enter(
        &mut self,
        delegator: AccountId,
        operator: AccountId,
        (amount, shares): (Amount, Amount),
        (from, why): (Place, Why),
    ) {
        self.settle_income(delegator, operator);
        let to = Place::Pool(operator);
        self.shift(Movement { from, to, asset: NATIVE, amount, why, job: None });
        self.add_shares(delegator, operator, shares);
        self.emit(DelegationEvent::Delegated { delegator, operator, amount, shares });
    }
}
