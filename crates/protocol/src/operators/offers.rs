//! Standing offers.

use crate::capacity::devices_bond;
use crate::event::OperatorEvent;
use crate::operators::{Offer, Operator, OperatorStatus};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount};
use crate::rejection::{Bound, Rejection};
use crate::state::State;
use crate::step::Step;

pub(crate) fn set_offer(
    step: &mut Step<'_>,
    sender: AccountId,
    class: ClassId,
    units: u32,
    ask: Amount,
) -> Result<(), Rejection> {
    check_may_offer(step.operator(sender)?)?;
    step.state.class(class).ok_or(Rejection::UnknownClass { class })?;
    check_bounds(&step.state, units, ask)?;
    check_proven(&step.state, sender, class, units)?;
    let required_before = offers_bond(&step.state, sender);
    step.state.change_offer(sender, class, |before| {
        let busy = before.map_or(0, |offer| offer.busy);
        (units > 0 || busy > 0).then_some(Offer { units, busy, ask })
    });
    check_backed(&step.state, sender, required_before)?;
    step.emit(OperatorEvent::OfferSet { operator: sender, class, units, ask });
    Ok(())
}

/// Whether an operator may take on work as a provider.
pub(crate) fn check_may_offer(operator: &Operator) -> Result<(), Rejection> {
    match operator.status {
        OperatorStatus::Jailed(until) => Err(Rejection::InJail { until }),
        OperatorStatus::Tombstoned => Err(Rejection::IsTombstoned),
        OperatorStatus::Active if !operator.duties.provider => Err(Rejection::NotProvider),
        OperatorStatus::Active => Ok(()),
    }
}

fn check_bounds(state: &State, units: u32, ask: Amount) -> Result<(), Rejection> {
    let count = |number: u32| Amount::new(number.into());
    let parameters = &state.parameters;
    Bound::Units.check(count(units), Amount::ZERO, count(parameters.units_max))?;
    Bound::Ask.check(ask, Amount::new(1), parameters.ask_max)
}

/// Refuses to offer more than was proven, in classes whose capacity is.
fn check_proven(
    state: &State,
    sender: AccountId,
    class: ClassId,
    units: u32,
) -> Result<(), Rejection> {
    match state.offer_limit(sender, class) {
        Some(limit) if units > limit => {
            let proven = state.capacity(sender, class).proven;
            Err(Rejection::CapacityNotProven { class, units, limit, proven })
        }
        _ => Ok(()),
    }
}

/// Refuses to offer more than the bond backs. A slashed bond may back less than was offered before: offering less than
/// that is never refused, or there would be no way back.
fn check_backed(
    state: &State,
    account: AccountId,
    required_before: Amount,
) -> Result<(), Rejection> {
    let operator = state.operator(account).expect("the caller has just read the operator");
    let value = state.bond_value(&operator.bonded);
    let required = offers_bond(state, account);
    if value < required && required > required_before {
        return Err(Rejection::BondBelowMinimum { required, value });
    }
    Ok(())
}

/// Bond value that an operator's offers require: every unit of every class, and the provider's minimum.
fn offers_bond(state: &State, account: AccountId) -> Amount {
    let mut required = Amount::ZERO;
    for (class, offer) in state.offers(account) {
        let per_unit = state.class(class).map_or(Amount::ZERO, |class| class.bond_per_unit);
        required = required.plus(per_unit.scaled_ceil(offer.units.into(), 1));
    }
    if required.is_zero() { required } else { required.max(state.parameters.provider_bond_min) }
}

/// Bond value that an operator's offers, devices and duties require together. The same bond backs all.
pub(crate) fn required_bond(state: &State, operator: &Operator) -> Amount {
    let duty =
        if operator.duties.validator { state.parameters.validator_bond_min } else { Amount::ZERO };
    let account = operator.account;
    duty.max(offers_bond(state, account)).max(devices_bond(state, account))
}

impl Bound {
    /// # Errors
    /// [`Rejection::OutOfBounds`] unless `minimum <= value <= maximum`.
    pub(crate) fn check(
        self,
        value: Amount,
        minimum: Amount,
        maximum: Amount,
    ) -> Result<(), Rejection> {
        if (minimum..=maximum).contains(&value) {
            return Ok(());
        }
        Err(Rejection::OutOfBounds { bound: self, value, minimum, maximum })
    }
}
