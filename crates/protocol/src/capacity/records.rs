//! What the state keeps about devices and rounds.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::parameters::ClassId;
use crate::primitives::{AccountId, Epoch, Hash, Height, Time};

/// A device of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Device {
    /// Resource class.
    pub class: ClassId,
    /// Units it claims to be.
    pub units: u32,
    /// When it was registered: it is due in rounds that began later.
    pub registered: Height,
    /// The latest round it answered in, by its epoch.
    pub answered: Option<Epoch>,
    /// Whether the answer of that round was right. Once the round is settled: whether its units are proven.
    pub passed: bool,
}

impl Device {
    /// Whether it has to answer in a round.
    pub fn is_due(&self, class: ClassId, round: &Round) -> bool {
        self.class == class && self.registered < round.height
    }
}

/// All devices of a class challenged at one height. The latest of each class is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Round {
    /// The epoch it belongs to; its name within the class.
    pub epoch: Epoch,
    /// When it began, as a height: devices registered before are due.
    pub height: Height,
    /// When it began.
    pub opened: Time,
    /// Last instant to answer.
    pub answer_by: Time,
    /// Last instant to answer in the round before; the start of the chain if there was none.
    pub before: Time,
    /// Where every device's challenge comes from.
    pub seed: Hash,
    /// The last operator settled, while settling is under way.
    pub settled_to: Option<AccountId>,
    /// Whether every operator is settled.
    pub settled: bool,
}

impl Round {
    /// Last instant to report a measurement. The second half of the window is for showing receipts.
    pub const fn report_by(&self) -> Time {
        Time(self.opened.0 + self.answer_by.since_ms(self.opened) / 2)
    }
}

/// What an operator last proved in a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Capacity {
    /// The latest settled round, by its epoch.
    pub epoch: Option<Epoch>,
    /// Units proven in it.
    pub proven: u32,
    /// Rounds failed in a row.
    pub failures: u32,
    /// When the first of them began: exits that began earlier do not answer for them.
    pub failing_since: Option<Time>,
}

/// The measurement of one device's transfer, from its operator's answer until the round is settled.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Measurement {
    /// The round, by its epoch.
    pub epoch: Epoch,
    /// Who measures, and what they found.
    pub observations: Vec<Observation>,
}

/// One observer's part of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Observation {
    /// Who.
    pub observer: AccountId,
    /// Units reported, or shown by a receipt.
    pub units: Option<u32>,
}
