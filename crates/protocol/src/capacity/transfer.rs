//! Measuring a transfer: nobody can check one afterwards, so drawn validators measure it.
//!
//! The operator answers the round, and the beacon of that block draws validators by stake, unrelated to it. They report
//! in the first half of the window; in the second half the operator may show receipts that they signed while they
//! received, and a receipt beats a smaller report, or none. The median counts. A majority of liars is needed to lower
//! it, and even they only with transfers that never were acknowledged.

use ed25519_consensus::{Signature, VerificationKey};

use crate::capacity::{Device, Measurement, Observation, Round, device_challenge};
use crate::event::CapacityEvent;
use crate::primitives::{AccountId, Bytes, DeviceId, Hash};
use crate::rejection::Rejection;
use crate::step::Step;

/// Tries of a draw per observer wanted; bounds its work.
const TRIES_PER_OBSERVER: u32 = 4;

/// What an observer signs while it receives: units of a device's transfer in a round, by the device's challenge.
pub fn receipt(challenge: Hash, observer: AccountId, units: u32) -> Hash {
    Hash::of("earnest transfer receipt v1", &(challenge, observer, units))
}

/// Draws the observers of a device whose operator is ready.
pub(super) fn begin(
    step: &mut Step<'_>,
    operator: AccountId,
    device: DeviceId,
    round: &Round,
) -> Result<(), Rejection> {
    let observers = draw_observers(step, operator, device);
    let wanted = step.state.parameters.observers;
    let found = u32::try_from(observers.len()).expect("observers are limited");
    let needed = wanted / 2 + 1;
    if found < needed {
        return Err(Rejection::TooFewObservers { found, needed });
    }
    let observed = |observer: &AccountId| Observation { observer: *observer, units: None };
    let observations = observers.iter().map(observed).collect();
    let measurement = Measurement { epoch: round.epoch, observations };
    step.state.measurements.insert((operator, device), measurement);
    let record = step.state.devices.get_mut(&(operator, device)).expect("the caller has read it");
    *record = Device { answered: Some(round.epoch), ..*record };
    let report_by = round.report_by();
    step.emit(CapacityEvent::MeasurementBegan { operator, device, observers, report_by });
    Ok(())
}

fn draw_observers(step: &Step<'_>, operator: AccountId, device: DeviceId) -> Vec<AccountId> {
    let wanted = step.state.parameters.observers;
    let beacon = step.context.beacon;
    let mut observers: Vec<AccountId> = Vec::new();
    for attempt in 0..wanted.saturating_mul(TRIES_PER_OBSERVER) {
        if observers.len() as u64 >= u64::from(wanted) {
            break;
        }
        let random = Hash::of("earnest observer v1", &(beacon, operator, device, attempt));
        let Some(observer) = step.state.auditor_at(random) else { break };
        if !step.state.are_related(observer, operator) && !observers.contains(&observer) {
            observers.push(observer);
        }
    }
    observers
}

/// An observer says what it measured.
pub(crate) fn report_transfer(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    device: DeviceId,
    units: u32,
) -> Result<(), Rejection> {
    let round = measured_round(step, operator, device)?;
    step.in_time(Some(round.report_by()))?;
    let observation = observation_mut(step, operator, device, sender)?;
    if observation.units.is_some() {
        return Err(Rejection::AlreadyReported);
    }
    observation.units = Some(units);
    step.emit(CapacityEvent::TransferReported { operator, device, observer: sender, units });
    Ok(())
}

/// An observer's own receipt beats its report. Whoever reported less than it signed for was wrong.
pub(crate) fn rebut_transfer(
    step: &mut Step<'_>,
    sender: AccountId,
    device: DeviceId,
    observer: AccountId,
    units: u32,
    signature: &Bytes,
) -> Result<(), Rejection> {
    let round = measured_round(step, sender, device)?;
    step.in_time(Some(round.answer_by))?;
    let reported = observation_mut(step, sender, device, observer)?.units;
    if reported.is_some_and(|reported| reported >= units) {
        return Err(Rejection::AlreadyReported);
    }
    let signed = receipt(device_challenge(round.seed, sender, device), observer, units);
    if !is_signed(observer, signed, signature) {
        return Err(Rejection::BadReceipt);
    }
    observation_mut(step, sender, device, observer)?.units = Some(units);
    if reported.is_some() {
        step.count_failed(observer);
    }
    step.emit(CapacityEvent::TransferRebutted {
        operator: sender,
        device,
        observer,
        reported,
        units,
    });
    Ok(())
}

fn is_signed(observer: AccountId, message: Hash, signature: &Bytes) -> bool {
    let Ok(signature) = Signature::try_from(signature.as_slice()) else { return false };
    let Ok(key) = VerificationKey::try_from(observer.0) else { return false };
    key.verify(&signature, message.as_bytes()).is_ok()
}

/// The unsettled round that a device is being measured in.
fn measured_round(
    step: &Step<'_>,
    operator: AccountId,
    device: DeviceId,
) -> Result<Round, Rejection> {
    let measured = step.state.measurements.contains_key(&(operator, device));
    let record = step.state.device(operator, device).filter(|_| measured);
    let class = record.ok_or(Rejection::NoMeasurement { device })?.class;
    Ok(*step.state.round(class).expect("a measurement belongs to a round"))
}

fn observation_mut<'a>(
    step: &'a mut Step<'_>,
    operator: AccountId,
    device: DeviceId,
    observer: AccountId,
) -> Result<&'a mut Observation, Rejection> {
    let measurement = step.state.measurements.get_mut(&(operator, device));
    let observations = &mut measurement.ok_or(Rejection::NoMeasurement { device })?.observations;
    let mut found = observations.iter_mut().filter(|found| found.observer == observer);
    found.next().ok_or(Rejection::NotObserver)
}

/// Whether a measurement shows the claimed units; `None` unless more than half of its observers have a figure.
pub(super) fn outcome(measurement: &Measurement, claimed: u32) -> Option<bool> {
    let units: Vec<Option<u32>> =
        measurement.observations.iter().map(|observation| observation.units).collect();
    transfer_median(&units).map(|median| median >= claimed)
}

/// The lower median of the figures there are; `None` unless more than half of the observers have one.
pub fn transfer_median(units: &[Option<u32>]) -> Option<u32> {
    let mut figures: Vec<u32> = units.iter().copied().flatten().collect();
    figures.sort_unstable();
    let enough = figures.len() > units.len() / 2;
    if enough { figures.get((figures.len() - 1) / 2).copied() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_median_needs_a_majority_and_takes_the_lower_middle() {
        let median = |units: &[i64]| {
            let units: Vec<_> = units.iter().map(|unit| u32::try_from(*unit).ok()).collect();
            transfer_median(&units)
        };
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[5]), Some(5));
        assert_eq!(median(&[5, 9]), Some(5));
        // Five of one weight in Bittensor's test of its median.
        assert_eq!(median(&[8, 2, 10, 6, 4]), Some(6));
        assert_eq!(median(&[5, -1]), None);
        assert_eq!(median(&[5, 9, -1]), Some(5));
        assert_eq!(median(&[5, -1, -1]), None);
        assert_eq!(median(&[0, 10, 10]), Some(10));
        assert_eq!(median(&[0, 0, 10]), Some(0));
    }

    proptest! {
        /// While fewer than half of the figures are lies, the median lies between honest figures.
        #[test]
        fn a_minority_cannot_move_the_median_past_the_honest(
            honest in prop::collection::vec(any::<u32>(), 1..16),
            lies in prop::collection::vec(any::<u32>(), 0..15),
        ) {
            let lies = &lies[..lies.len().min(honest.len() - 1)];
            let all: Vec<_> = honest.iter().chain(lies).copied().map(Some).collect();
            let median = transfer_median(&all).unwrap();
            prop_assert!(honest.iter().any(|unit| *unit <= median));
            prop_assert!(honest.iter().any(|unit| *unit >= median));
        }
    }
}
