//! Access stake.

use borsh::{BorshDeserialize, BorshSerialize};

use super::parts::Fault;
use crate::primitives::{AccountId, Amount, JobId, Time};

/// Access stake.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum AccessEvent {
    /// Access stake began to leave.
    AccessExitBegan {
        /// Whose.
        account: AccountId,
        /// Number of the exit.
        exit: u64,
        /// Native base units.
        amount: Amount,
        /// When it is free.
        release: Time,
    },
    /// Access stake was burned for a fault in using the network.
    AccessSlashed {
        /// Whose.
        account: AccountId,
        /// For what.
        fault: Fault,
        /// In which job.
        job: JobId,
        /// Native base units.
        burned: Amount,
    },
}
