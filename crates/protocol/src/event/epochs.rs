//! Epochs.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::Epoch;

/// Epochs.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum EpochEvent {
    /// An epoch began.
    EpochBegan {
        /// Which.
        epoch: Epoch,
    },
}
