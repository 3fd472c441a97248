//! What happens to leases.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::event::Settlement;
use crate::leases::{EpochJudged, LeaseEnd, LeaseSpec, LeaseTerms};
use crate::market::Pricing;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Hash, Holdings, JobId, Time};

/// Something that happened to a lease.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum LeaseEvent {
    /// An operator set what it asks for leases.
    LeaseAskSet {
        /// Who.
        operator: AccountId,
        /// In which class.
        class: ClassId,
        /// Micro-dollars per unit and epoch; `None` if it takes no more leases.
        ask: Option<Amount>,
    },
    /// A lease was asked for, and the most it may cost is in escrow.
    LeaseRequested {
        /// Which lease.
        lease: JobId,
        /// By whom.
        requester: AccountId,
        /// What is wanted.
        spec: LeaseSpec,
        /// Until when it waits.
        wait_until: Time,
    },
    /// A lease has a provider.
    LeaseBegan {
        /// Which lease.
        lease: JobId,
        /// Who serves it.
        provider: AccountId,
        /// The provider's ask per unit and epoch, in micro-dollars.
        ask: Amount,
        /// How the price came about.
        pricing: Pricing,
        /// Price of an epoch, in micro-dollars.
        price: Amount,
        /// Value of the lock, in micro-dollars.
        lock: Amount,
        /// What was locked, by asset.
        locked: Box<Holdings>,
        /// The rules it keeps.
        terms: Box<LeaseTerms>,
        /// Last instant at which something can be said about its first epoch.
        judged_after: Time,
    },
    /// A validator was drawn to use the service now.
    ProbeDrawn {
        /// Which lease.
        lease: JobId,
        /// In which epoch of it.
        epoch: u32,
        /// Names the probe.
        challenge: Hash,
        /// Who was drawn.
        observer: AccountId,
        /// Last instant for its report.
        report_by: Time,
        /// Last instant for its receipt.
        rebut_by: Time,
    },
    /// An observer said whether its probe was answered.
    ProbeReported {
        /// Which lease.
        lease: JobId,
        /// Which probe.
        challenge: Hash,
        /// Who.
        observer: AccountId,
        /// Whether it was.
        answered: bool,
    },
    /// An observer's receipt was shown: its probe was answered, whatever else it said.
    ReceiptShown {
        /// Which lease.
        lease: JobId,
        /// Which probe.
        challenge: Hash,
        /// Whose receipt.
        observer: AccountId,
        /// Whether the observer had reported the opposite, which counts against its accuracy.
        belied: bool,
    },
    /// The requester's receipt for an epoch was shown.
    EpochAccepted {
        /// Which lease.
        lease: JobId,
        /// Which epoch.
        epoch: u32,
    },
    /// An epoch was judged, and paid or returned.
    EpochJudged {
        /// Which lease.
        lease: JobId,
        /// Which epoch.
        epoch: u32,
        /// The count and what it came to.
        judged: EpochJudged,
        /// How the price was divided, if it was paid.
        settlement: Option<Box<Settlement>>,
    },
    /// Requester or provider leaves.
    NoticeGiven {
        /// Which lease.
        lease: JobId,
        /// Who.
        by: AccountId,
        /// Its last epoch now.
        last: u32,
        /// Price of the epochs that will not be, returned, in micro-dollars.
        refunded: Amount,
    },
    /// A lease is over.
    LeaseEnded {
        /// Which lease.
        lease: JobId,
        /// Why.
        reason: LeaseEnd,
        /// When it leaves the state.
        retire_at: Time,
    },
    /// An ended lease left the state.
    LeaseRetired {
        /// Which lease.
        lease: JobId,
    },
}
