//! Delegating.

use crate::accounts::check_amount;
use crate::books::{Movement, Place, Why};
use crate::delegation::Pool;
use crate::delegation::shares::Stock;
use crate::event::DelegationEvent;
use crate::operators::{Operator, OperatorStatus};
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
    let shares = check_takes(step.state, sender, operator, amount)?.shares_for(amount)?;
    let from = Place::Account(sender);
    step.state.require(from, NATIVE, amount)?;
    step.enter(sender, operator, (amount, shares), (from, Why::Delegate));
    Ok(())
}

/// Whether an operator takes so many more tokens of a delegator; gives its pool.
pub(crate) fn check_takes(
    state: &State,
    delegator: AccountId,
    operator: AccountId,
    amount: Amount,
) -> Result<Stock, Rejection> {
    let (record, pool) = check_open(state, delegator, operator)?;
    let (parameters, stock) = (&state.parameters, pool.stock());
    let bonded = record.bonded.of(NATIVE);
    let minimum = parameters.delegation_min;
    let there = state.live_part(delegator, operator, pool);
    let there = there.map_or(Amount::ZERO, |there| there.shares);
    let amount_after = amount.plus(stock.worth_floor(there));
    if amount_after < minimum {
        return Err(Rejection::DelegationTooSmall { amount: amount_after, minimum });
    }
    let minimum = parameters.pool_bond_min;
    if bonded < minimum {
        return Err(Rejection::SelfBondTooSmall { bonded, minimum });
    }
    let room = state.carried_by(bonded).saturating_sub(stock.tokens);
    if amount > room { Err(Rejection::DelegationCap { amount, room }) } else { Ok(stock) }
}

/// Whether an operator takes delegations of somebody at all; gives it and its pool.
fn check_open(
    state: &State,
    delegator: AccountId,
    operator: AccountId,
) -> Result<(&Operator, &Pool), Rejection> {
    let record = state.operator(operator).ok_or(Rejection::NotAnOperator { account: operator })?;
    match record.status {
        OperatorStatus::Jailed(until) => return Err(Rejection::InJail { until }),
        OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
        OperatorStatus::Active => {}
    }
    if delegator == operator || state.owner_of(delegator) == record.owner {
        return Err(Rejection::OwnPool { operator });
    }
    let pool = record.pool.as_ref().ok_or(Rejection::PoolNotOpen { operator })?;
    Ok((record, pool))
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
