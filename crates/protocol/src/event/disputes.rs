//! Challenges and demands for data.

use borsh::{BorshDeserialize, BorshSerialize};

use super::parts::Ruling;
use crate::primitives::{AccountId, Amount, JobId, Time};
use crate::transaction::{Accused, DataKind};

/// Challenges and demands for data.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum DisputeEvent {
    /// A challenge was judged.
    Challenged {
        /// Which job.
        job: JobId,
        /// By whom.
        challenger: AccountId,
        /// Whose claim.
        accused: Accused,
        /// The account accused.
        operator: AccountId,
        /// Size of the evidence.
        evidence_bytes: u64,
        /// What the judge found.
        verdict: Ruling,
        /// Metered units it took.
        units: u64,
    },
    /// Data was demanded.
    DataDemanded {
        /// Which job.
        job: JobId,
        /// By whom.
        demander: AccountId,
        /// Which data.
        data: DataKind,
        /// First page.
        first_page: u64,
        /// How many pages.
        pages: u32,
        /// Bond in stable base units.
        bond: Amount,
        /// Last instant of an answer.
        answer_by: Time,
    },
    /// A demand was answered, wholly or in part.
    DataAnswered {
        /// Which job.
        job: JobId,
        /// Whose demand.
        demander: AccountId,
        /// By whom.
        answerer: AccountId,
        /// Pages in this answer.
        pages: u32,
        /// Pages still owed.
        owed: u32,
    },
    /// A demand's time ran out.
    DemandExpired {
        /// Which job.
        job: JobId,
        /// Whose demand.
        demander: AccountId,
        /// Which data.
        data: DataKind,
        /// Whether it still mattered to the attempt it belongs to.
        counted: bool,
    },
}
