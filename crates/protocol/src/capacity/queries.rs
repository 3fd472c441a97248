//! Reading the state: devices, uptime, capacity.

use crate::capacity::{Capacity, Device, DrawTally, Measurement, Round, Uptime};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, DeviceId, Epoch, Ppm};
use crate::state::State;

impl State {
    /// A device of an operator.
    pub fn device(&self, operator: AccountId, device: DeviceId) -> Option<&Device> {
        self.devices.get(&(operator, device))
    }

    /// An operator's devices, in order of name.
    pub fn devices(&self, operator: AccountId) -> impl Iterator<Item = (DeviceId, Device)> + '_ {
        let range = (operator, DeviceId([0; 32]))..=(operator, DeviceId([255; 32]));
        self.devices.range(range).map(|((_, id), device)| (*id, *device))
    }

    /// The measurement of a device's transfer that is under way.
    pub fn measurement(&self, operator: AccountId, device: DeviceId) -> Option<&Measurement> {
        self.measurements.get(&(operator, device))
    }

    /// The latest round of a class.
    pub fn round(&self, class: ClassId) -> Option<&Round> {
        self.rounds.get(&class)
    }

    /// What an operator last proved in a class.
    pub fn capacity(&self, operator: AccountId, class: ClassId) -> Capacity {
        self.capacities.get(&(class, operator)).copied().unwrap_or_default()
    }

    /// Everybody with something proven or to prove in a class, in order of account.
    pub fn capacities(&self, class: ClassId) -> impl Iterator<Item = (AccountId, Capacity)> + '_ {
        let range = (class, AccountId([0; 32]))..=(class, AccountId([255; 32]));
        self.capacities.range(range).map(|((_, operator), capacity)| (*operator, *capacity))
    }

    /// An operator's uptime record as it was last written; see [`State::uptime`] for what it says now.
    pub fn uptime_record(&self, operator: AccountId) -> Option<&Uptime> {
        self.uptimes.get(&operator).map(AsRef::as_ref)
    }

    /// The share of its draws that an operator answered over the whole record, rounded down. `None` while nothing has
    /// been drawn: nothing is known.
    pub fn uptime(&self, operator: AccountId) -> Option<Ppm> {
        self.uptime_over(operator, self.parameters.record_epochs).share()
    }

    /// Draws of the last so many epochs, the present one included.
    pub fn uptime_over(&self, operator: AccountId, epochs: u32) -> DrawTally {
        let clock = self.clock;
        let tally = |record: &Uptime| record.tally_over(epochs, clock.epoch, clock.now);
        self.uptime_record(operator).map(tally).unwrap_or_default()
    }

    /// Draws of one epoch of the record.
    pub fn uptime_in(&self, operator: AccountId, epoch: Epoch) -> DrawTally {
        let Some(record) = self.uptime_record(operator) else { return DrawTally::default() };
        let now = self.clock.now;
        let until = record.tally_over(record_reach(record, epoch), record.epoch, now);
        let after = record_reach(record, epoch).saturating_sub(1);
        let later = record.tally_over(after, record.epoch, now);
        DrawTally { drawn: until.drawn - later.drawn, answered: until.answered - later.answered }
    }
}

/// Epochs from `epoch` to where a record is, both included; none for epochs to come.
fn record_reach(record: &Uptime, epoch: Epoch) -> u32 {
    let epochs = (record.epoch.0 + 1).saturating_sub(epoch.0);
    u32::try_from(epochs).unwrap_or(u32::MAX)
}
