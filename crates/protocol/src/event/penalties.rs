//! Faults, and what came of them.

use borsh::{BorshDeserialize, BorshSerialize};

use super::parts::{Fault, Split};
use crate::books::Place;
use crate::primitives::{AccountId, Amount, Height, JobId, Ppm, Time};

/// Faults, and what came of them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum PenaltyEvent {
    /// Somebody was found at fault.
    Faulted {
        /// Who.
        account: AccountId,
        /// Which fault.
        fault: Fault,
        /// In which job.
        job: JobId,
        /// Who proved it and earns the bounty, if anybody.
        accuser: Option<AccountId>,
    },
    /// Part of a bond was taken. The movements follow or precede as events of their own.
    Slashed {
        /// Whose.
        operator: AccountId,
        /// For what.
        fault: Fault,
        /// In which job.
        job: JobId,
        /// From which place.
        from: Place,
        /// How it was divided.
        split: Box<Split>,
    },
    /// Part of a bond was taken for a fault outside any job.
    BondSlashed {
        /// Whose.
        operator: AccountId,
        /// For what.
        fault: Fault,
        /// From which place.
        from: Place,
        /// How it was divided.
        split: Box<Split>,
    },
    /// The arithmetic of a correlated penalty.
    Correlated {
        /// Whose.
        operator: AccountId,
        /// Stake of the window's offenders in micro-dollars, this one included.
        offending: Amount,
        /// Stake of all operators in micro-dollars.
        total: Amount,
        /// The part of the bond taken.
        rate: Ppm,
    },
    /// An operator was proven to have signed twice.
    DoubleSigned {
        /// Who.
        operator: AccountId,
        /// Where.
        height: Height,
        /// Who proved it and earns the bounty.
        accuser: AccountId,
        /// Stake of the window's double signers in micro-dollars, this one included.
        offending: Amount,
        /// Stake of all operators in micro-dollars.
        total: Amount,
        /// The part of the bond taken.
        rate: Ppm,
        /// When it is reckoned again; until then the bond is frozen.
        until: Time,
    },
    /// A double signer's window is over: it owes what the rate is above what it paid.
    DoubleSigningReckoned {
        /// Who.
        operator: AccountId,
        /// Stake of the window's double signers in micro-dollars.
        offending: Amount,
        /// Stake of all operators in micro-dollars.
        total: Amount,
        /// The part of the bond owed altogether.
        rate: Ppm,
        /// The part it has paid.
        paid: Ppm,
    },
    /// An operator may take on no work for a while.
    Jailed {
        /// Who.
        operator: AccountId,
        /// For what.
        fault: Fault,
        /// When it may leave.
        until: Time,
    },
    /// An operator left jail.
    Unjailed {
        /// Who.
        operator: AccountId,
    },
    /// An operator may never take on work again.
    Tombstoned {
        /// Who.
        operator: AccountId,
        /// How many convictions.
        convictions: u32,
    },
}
