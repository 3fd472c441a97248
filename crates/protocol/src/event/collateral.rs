//! What falling prices do to locks and bonds.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::collateral::Band;
use crate::primitives::{AccountId, Amount, JobId, Ppm, Time};

/// What falling prices do to locks and bonds.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum CollateralEvent {
    /// The price has fallen so far that no new locks are taken.
    IntakeHalted {
        /// The price.
        price: Amount,
        /// The high of the window.
        high: Amount,
        /// Until when, if it falls no further.
        until: Time,
    },
    /// An operator's bond covers its open locks better or worse than before. Leaving green is a margin call.
    BandChanged {
        /// Whose.
        operator: AccountId,
        /// The band it was in.
        before: Band,
        /// The band it is in.
        band: Band,
        /// Sum of its open locks in micro-dollars.
        owed: Amount,
        /// Its bond at the collateral price.
        worth: Amount,
        /// Its bond at the collateral price after the haircut.
        lockable: Amount,
        /// Last instant of the margin call's grace, if it is called.
        grace_until: Option<Time>,
    },
    /// An attempt's lock has lost so much that its audit draw must make up for it.
    AuditRaised {
        /// Which job.
        job: JobId,
        /// Attempt.
        attempt: u32,
        /// The rate of the quote.
        quoted: Ppm,
        /// The rate of the draw.
        rate: Ppm,
        /// What the lock is worth, in micro-dollars.
        worth: Amount,
    },
}
