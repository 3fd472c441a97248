//! Devices, capacity and uptime.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::parameters::ClassId;
use crate::primitives::{AccountId, DeviceId, Epoch, Hash, Time};

/// Devices, capacity and uptime.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum CapacityEvent {
    /// An operator says that it has a device.
    DeviceRegistered {
        /// Whose.
        operator: AccountId,
        /// Which.
        device: DeviceId,
        /// Resource class.
        class: ClassId,
        /// Units claimed.
        units: u32,
    },
    /// An operator no longer has a device.
    DeviceRetired {
        /// Whose.
        operator: AccountId,
        /// Which.
        device: DeviceId,
    },
    /// The beacon drew an operator: is it there?
    UptimeDrawn {
        /// Who.
        operator: AccountId,
        /// What to answer.
        challenge: Hash,
        /// Last instant.
        answer_by: Time,
    },
    /// It is.
    UptimeAnswered {
        /// Who.
        operator: AccountId,
        /// Which draw.
        challenge: Hash,
    },
    /// No answer came in time.
    UptimeMissed {
        /// Who.
        operator: AccountId,
        /// Which draw.
        challenge: Hash,
    },
    /// An epoch of an operator's uptime record was closed.
    UptimeClosed {
        /// Whose.
        operator: AccountId,
        /// Which epoch.
        epoch: Epoch,
        /// Draws that counted.
        drawn: u32,
        /// Draws answered.
        answered: u32,
        /// Whether the promise was broken.
        down: bool,
        /// Whether that costs part of the bond.
        penalised: bool,
        /// Maintenance credit from now on.
        credit_ms: u64,
    },
    /// An operator is away for time that it earned.
    MaintenanceDeclared {
        /// Who.
        operator: AccountId,
        /// After which instant.
        from: Time,
        /// Last instant.
        until: Time,
        /// Credit left.
        credit_ms: u64,
    },
    /// All devices of a class are challenged at once.
    RoundOpened {
        /// Which class.
        class: ClassId,
        /// The epoch the round belongs to.
        epoch: Epoch,
        /// Where every device's challenge comes from.
        seed: Hash,
        /// Last instant to answer.
        answer_by: Time,
    },
    /// An answer to a capacity challenge was checked.
    CapacityAnswered {
        /// Whose.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// The round's epoch.
        epoch: Epoch,
        /// Whether it is right.
        passed: bool,
    },
    /// Validators were drawn to measure a device's transfer.
    MeasurementBegan {
        /// Whose.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// By whom.
        observers: Vec<AccountId>,
        /// Last instant to report.
        report_by: Time,
    },
    /// A validator reported what it measured.
    TransferReported {
        /// Whose device.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// Who measured.
        observer: AccountId,
        /// Units measured.
        units: u32,
    },
    /// A validator's own receipt says more than its report, or there was no report.
    TransferRebutted {
        /// Whose device.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// Whose receipt.
        observer: AccountId,
        /// Units reported, if any.
        reported: Option<u32>,
        /// Units of the receipt, which now count.
        units: u32,
    },
    /// A round's result for one operator.
    CapacitySettled {
        /// Whose.
        operator: AccountId,
        /// In which class.
        class: ClassId,
        /// The round's epoch.
        epoch: Epoch,
        /// Units proven.
        proven: u32,
        /// Rounds failed in a row.
        failures: u32,
    },
}
