//! Movements of money.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::books::{Place, Why};
use crate::primitives::{Amount, AssetId, JobId};

/// Movements of money.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum BooksEvent {
    /// Money moved.
    Moved {
        /// Where from.
        from: Place,
        /// Where to.
        to: Place,
        /// Which asset.
        asset: AssetId,
        /// How many base units.
        amount: Amount,
        /// Why.
        why: Why,
        /// For which job, if any.
        job: Option<JobId>,
    },
}
