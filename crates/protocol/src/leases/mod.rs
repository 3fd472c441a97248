//! Leases: services rented by the epoch, probed at moments nobody can tell beforehand.
//!
//! ```text
//!   RequestLease --> Waiting --an ask takes it--> Running --------------------------------------> Ended
//!                      | wait over, cancelled       |  beacon: a probe by a drawn validator         ^
//!                      v                            |    ReportProbe, ShowReceipt                   |
//!                    Ended: all back                +--each epoch, once its probes are over: judged-+
//!                                                        served: paid     missed: back, penalty     last epoch, notice,
//!                                                        unproven: back   too many in a row         provider barred
//! ```
//!
//! Nobody can prove to a ledger what passed between two machines. What there is are the words of others, signed: a drawn
//! observer's about a probe, the requester's about an epoch. The provider shows them, and no silence and no later word
//! takes one back. The escrow holds the price of every epoch that is not judged yet, to the unit.

mod clearing;
mod fit;
mod judge;
mod notice;
mod probes;
mod queries;
mod record;
mod request;

pub(crate) use clearing::clear;
pub(crate) use fit::{LeaseFit, fit};
pub(crate) use judge::deadline_passed;
pub(crate) use notice::give_notice;
pub use probes::{acceptance_receipt, probe_receipt};
pub(crate) use probes::{draw_probes, report_probe, show_receipt};
pub use record::{
    EpochJudged, EpochVerdict, Lease, LeaseEnd, LeaseReceipt, LeaseSpec, LeaseStatus, LeaseTerms,
    Probe, Tenure, lease_id, lease_price,
};
pub(crate) use request::{cancel, request, set_ask};
