//! Events of double signing.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::{AccountId, Amount, Height, Ppm, Time};

/// A proven double signer, and its penalty.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum SigningEvent {
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
}
