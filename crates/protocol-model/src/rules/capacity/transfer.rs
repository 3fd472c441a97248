//! Transfers: drawn validators say what they received.

use protocol::{AccountId, CapacityEvent, DeviceId, Event, Hash, Rejection, Time};

use super::{Round, challenge};
use crate::people;
use crate::rules::operators::Deed;
use crate::rules::{Model, Outcome, hashed};

/// Draws for each observer wanted.
const TRIES: u32 = 4;

/// The measurement of a device's transfer in the open round.
#[derive(Clone)]
pub(crate) struct Measurement {
    pub(crate) epoch: u64,
    pub(crate) observers: Vec<AccountId>,
    /// What was said, by whom, the latest word last.
    pub(crate) figures: Vec<(AccountId, u32)>,
}

impl Measurement {
    /// The last figure of an observer.
    pub(crate) fn figure_of(&self, observer: AccountId) -> Option<u32> {
        let said = self.figures.iter().rev().find(|(who, _)| *who == observer);
        said.map(|(_, units)| *units)
    }

    /// Whether the claim is shown: fewer than half of the figures are below it. Without a majority of figures nothing is.
    pub(super) fn shows(&self, claimed: u32) -> Option<bool> {
        let figures = self.observers.iter().filter_map(|observer| self.figure_of(*observer));
        let figures: Vec<u32> = figures.collect();
        let below = figures.iter().filter(|units| **units < claimed).count();
        (2 * figures.len() > self.observers.len()).then_some(2 * below < figures.len())
    }
}

/// What an observer signs for so many units.
pub(crate) fn receipt(challenge: Hash, observer: AccountId, units: u32) -> Hash {
    Hash(hashed("earnest transfer receipt v1", &(challenge, observer, units)))
}

impl Model {
    pub(super) fn begin_measurement(
        &mut self,
        operator: AccountId,
        device: DeviceId,
        round: &Round,
    ) -> Outcome {
        self.in_time(Some(round.report_by()))?;
        let observers = self.observers(operator, device);
        let found = u32::try_from(observers.len()).expect("they are few");
        let needed = self.parameters.observers / 2 + 1;
        if found < needed {
            return Err(Rejection::TooFewObservers { found, needed });
        }
        let report_by = Time(round.report_by());
        let (epoch, figures) = (round.epoch, Vec::new());
        let measurement = Measurement { epoch, observers: observers.clone(), figures };
        self.hardware.measurements.insert((operator, device), measurement);
        self.say(Event::Capacity(CapacityEvent::MeasurementBegan {
            operator,
            device,
            observers,
            report_by,
        }));
        Ok(())
    }

    /// Validators drawn by stake, unrelated to the operator, each once.
    fn observers(&self, operator: AccountId, device: DeviceId) -> Vec<AccountId> {
        let wanted = self.parameters.observers;
        let draws = (0..wanted * TRIES).map(|attempt| {
            let of = (self.beacon, operator, device, attempt);
            self.auditor_by_lot(&hashed("earnest observer v1", &of))
        });
        let mut observers: Vec<AccountId> = Vec::new();
        for drawn in draws.flatten() {
            let full = observers.len() as u64 == u64::from(wanted);
            if !full && !self.related(drawn, operator) && !observers.contains(&drawn) {
                observers.push(drawn);
            }
        }
        observers
    }

    /// The round in which a device is measured, and the measurement.
    fn measured(
        &self,
        operator: AccountId,
        device: DeviceId,
    ) -> Result<(&Round, &Measurement), Rejection> {
        let measurement = self.hardware.measurements.get(&(operator, device));
        let measurement = measurement.ok_or(Rejection::NoMeasurement { device })?;
        let class = self.hardware.devices[&(operator, device)].class;
        Ok((self.open_round(class).expect("measurements end with their round"), measurement))
    }

    fn figure(&mut self, operator: AccountId, device: DeviceId, observer: AccountId, units: u32) {
        let measurement = self.hardware.measurements.get_mut(&(operator, device));
        measurement.expect("it was looked up before").figures.push((observer, units));
    }

    pub(super) fn report_transfer(
        &mut self,
        me: AccountId,
        operator: AccountId,
        device: DeviceId,
        units: u32,
    ) -> Outcome {
        let (round, measurement) = self.measured(operator, device)?;
        self.in_time(Some(round.report_by()))?;
        if !measurement.observers.contains(&me) {
            return Err(Rejection::NotObserver);
        }
        if measurement.figure_of(me).is_some() {
            return Err(Rejection::AlreadyReported);
        }
        self.figure(operator, device, me, units);
        self.say(Event::Capacity(CapacityEvent::TransferReported {
            operator,
            device,
            observer: me,
            units,
        }));
        Ok(())
    }

    /// A receipt beats a smaller report, which was a wrong one, or none.
    pub(super) fn rebut_transfer(
        &mut self,
        me: AccountId,
        device: DeviceId,
        observer: AccountId,
        units: u32,
        signature: &[u8],
    ) -> Outcome {
        let (round, measurement) = self.measured(me, device)?;
        self.in_time(Some(round.answer_by))?;
        if !measurement.observers.contains(&observer) {
            return Err(Rejection::NotObserver);
        }
        let reported = measurement.figure_of(observer);
        if reported.is_some_and(|reported| reported >= units) {
            return Err(Rejection::AlreadyReported);
        }
        // Signing is deterministic, and nobody else makes a second signature that counts.
        let message = receipt(challenge(round.seed, me, device), observer, units);
        if signature != people::sign(observer, message) {
            return Err(Rejection::BadReceipt);
        }
        self.figure(me, device, observer, units);
        if reported.is_some() {
            self.note(observer, Deed::Belied);
        }
        self.say(Event::Capacity(CapacityEvent::TransferRebutted {
            operator: me,
            device,
            observer,
            reported,
            units,
        }));
        Ok(())
    }
}
