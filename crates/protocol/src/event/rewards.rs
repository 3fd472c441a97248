//! Events of rewards: what an epoch may mint, who earns it, who is paid.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Epoch, JobId, Ppm};
use crate::rewards::{RewardShare, RewardSource};

/// Emission, and who earns it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum RewardEvent {
    /// What an epoch may mint was set, in native base units. The parts add up to the emission.
    EmissionBegan {
        /// Which epoch.
        epoch: Epoch,
        /// Its emission: what the schedule says, as far as the supply cap reaches.
        emission: Amount,
        /// Most that proven capacity earns.
        capacity: Amount,
        /// Most that validators earn, beside fees.
        validation: Amount,
        /// Most that work earns.
        work: Amount,
        /// To the insurance pot, at once.
        insurance: Amount,
    },
    /// What a round proved counts for its epoch's reward: bond value of the units x uptime x accuracy.
    CapacityCounted {
        /// Whose.
        operator: AccountId,
        /// Which epoch.
        epoch: Epoch,
        /// In which class.
        class: ClassId,
        /// Units proven.
        units: u32,
        /// Factor of uptime.
        uptime: Ppm,
        /// Accuracy.
        accuracy: Ppm,
        /// What was added to the operator's weight, in micro-dollars.
        weight: Amount,
    },
    /// A settled job, or a paid epoch of a lease, counts for its provider's reward.
    WorkCounted {
        /// Whose.
        operator: AccountId,
        /// Which epoch.
        epoch: Epoch,
        /// Which job or lease.
        job: JobId,
        /// Take that was paid, in micro-dollars.
        take: Amount,
        /// Accuracy.
        accuracy: Ppm,
        /// Take by accuracy of all its jobs of the epoch, in micro-dollars.
        worked: Amount,
        /// Most of it that its bond carries.
        most: Amount,
        /// The smaller of the two: its weight.
        weight: Amount,
    },
    /// A validator was there.
    Attended {
        /// Who.
        operator: AccountId,
        /// In which epoch.
        epoch: Epoch,
        /// In which session of it.
        session: u32,
        /// Its reward weight, native base units with its delegators' and what is committed, added to that of the epoch.
        weight: Amount,
    },
    /// An epoch's rewards were fixed, in native base units.
    RewardsClosed {
        /// Which epoch.
        epoch: Epoch,
        /// Of proven capacity.
        capacity: RewardShare,
        /// Of validators, fees included.
        validation: RewardShare,
        /// Of work.
        work: RewardShare,
        /// The epoch's transaction fees.
        fees: Amount,
        /// Minted for it: the rest of the emission never is.
        minted: Amount,
    },
    /// An operator was paid `floor(payable * weight / total)`.
    RewardEarned {
        /// Who.
        operator: AccountId,
        /// For which epoch.
        epoch: Epoch,
        /// What for.
        source: RewardSource,
        /// Its weight.
        weight: Amount,
        /// Sum of all weights.
        total: Amount,
        /// What was divided.
        payable: Amount,
        /// Its part.
        amount: Amount,
    },
    /// An operator lost what it had earned in an epoch that was still open.
    RewardForfeited {
        /// Who.
        operator: AccountId,
        /// In which epoch.
        epoch: Epoch,
    },
}
