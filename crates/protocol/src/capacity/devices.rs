//! Registering and retiring devices.

use crate::capacity::Device;
use crate::event::CapacityEvent;
use crate::operators::{Operator, OperatorStatus};
use crate::parameters::{ClassId, Parameters};
use crate::primitives::{AccountId, Amount, DeviceId, PPM, mul_div_floor};
use crate::rejection::{Bound, Rejection};
use crate::state::State;
use crate::step::Step;

pub(crate) fn register_device(
    step: &mut Step<'_>,
    sender: AccountId,
    device: DeviceId,
    class: ClassId,
    units: u32,
) -> Result<(), Rejection> {
    check_may_register(step.operator(sender)?)?;
    let record = step.state.class(class).ok_or(Rejection::UnknownClass { class })?;
    record.challenge.ok_or(Rejection::ClassWithoutProof { class })?;
    let count = |number: u32| Amount::new(number.into());
    Bound::Units.check(count(units), count(1), count(step.state.parameters.units_max))?;
    let limit = step.state.parameters.devices_max;
    if step.state.uptime_record(sender).is_some_and(|record| record.devices >= limit) {
        return Err(Rejection::TooManyDevices { limit });
    }
    if step.state.device(sender, device).is_some() {
        return Err(Rejection::DeviceExists { device });
    }
    let registered = step.context.height;
    let record = Device { class, units, registered, answered: None, passed: false };
    step.state.devices.insert((sender, device), record);
    check_backed(&step.state, sender)?;
    step.state.capacities.entry((class, sender)).or_default();
    step.uptime_entry(sender).devices += 1;
    step.state.rewatch(sender);
    step.emit(CapacityEvent::DeviceRegistered { operator: sender, device, class, units });
    Ok(())
}

fn check_may_register(operator: &Operator) -> Result<(), Rejection> {
    if operator.status == OperatorStatus::Tombstoned {
        return Err(Rejection::IsTombstoned);
    }
    if !operator.duties.provider {
        return Err(Rejection::NotProvider);
    }
    Ok(())
}

fn check_backed(state: &State, account: AccountId) -> Result<(), Rejection> {
    let operator = state.operator(account).expect("the caller has just read the operator");
    let (required, value) = (devices_bond(state, account), state.bond_value(&operator.bonded));
    if value < required { Err(Rejection::BondBelowMinimum { required, value }) } else { Ok(()) }
}

/// Bond value that an operator's devices require: of each, what it lets its operator offer, and the provider's minimum.
/// Otherwise claims would cost nothing, and false ones could use up the checks of a round.
pub(crate) fn devices_bond(state: &State, operator: AccountId) -> Amount {
    let minimum = state.parameters.provider_bond_min;
    let mut required = Amount::ZERO;
    let mut least = Amount::ZERO;
    for (_, device) in state.devices(operator) {
        least = minimum;
        let per_unit = state.class(device.class).map_or(Amount::ZERO, |class| class.bond_per_unit);
        let units = offerable(&state.parameters, device.units);
        required = required.plus(per_unit.scaled_ceil(units.into(), 1));
    }
    required.max(least)
}

/// Units that may be offered of so many: a share, rounded down, but at least one of any.
pub(super) fn offerable(parameters: &Parameters, units: u32) -> u32 {
    let share = mul_div_floor(units.into(), parameters.offer_share.0.into(), PPM.into());
    u32::try_from(share).expect("a share of a 32-bit number").max(units.min(1))
}

/// A device that is due in a round stays until the round is settled, so that nobody steps aside from a challenge.
pub(crate) fn retire_device(
    step: &mut Step<'_>,
    sender: AccountId,
    device: DeviceId,
) -> Result<(), Rejection> {
    let record = step.state.device(sender, device).ok_or(Rejection::UnknownDevice { device })?;
    let class = record.class;
    let round = step.state.round(class).filter(|round| !round.settled);
    if let Some(round) = round.filter(|round| record.is_due(class, round)) {
        return Err(Rejection::RoundOpen { class, answer_by: round.answer_by });
    }
    step.state.devices.remove(&(sender, device));
    let uptime = step.uptime_entry(sender);
    uptime.devices = uptime.devices.checked_sub(1).expect("registered devices are counted");
    step.state.rewatch(sender);
    step.emit(CapacityEvent::DeviceRetired { operator: sender, device });
    Ok(())
}
