//! Jobs: from submission to settlement.
//!
//! ```text
//!  Open --clear--> Assigned --CommitResult--> Committed --beacon of the next block--> Auditing --CommitAudit--+
//!   |                  |                                  \-- not drawn --> Revealing <------------------------+
//!   | wait over        | run time over                                         | RevealResult
//!   | or cancelled     | penalty                                               v
//!   v                  v                                         AuditRevealing (if audited) --RevealAudit--> Window
//!  Ended: refund      Open again, or Ended: refund                                                              |
//!                      ^                                                                                        |
//!                      +---- convicted: proven wrong, not revealed, or data withheld ---------------------------+
//!                                                                          window over: Ended, Completed, paid <+
//! ```
//!
//! Every stage but `Committed` has a deadline; what happens when it passes is in `deadlines`. `Committed` waits for the
//! next block only. The escrow is whole until the job ends, and goes back whole unless it ends `Completed`.

mod assign;
mod audit;
mod clearing;
mod deadlines;
mod policy;
mod record;
mod reveal;
mod settle;
mod stage;
mod submit;

pub(crate) use assign::commit_result;
pub(crate) use audit::{commit_audit, draw_audits};
pub(crate) use clearing::clear;
pub(crate) use deadlines::deadline_passed;
pub(crate) use policy::ASK_UNITS;
pub use policy::{audit_fee, audit_lock, audit_rate_needed, job_id, lock_quote, price_ceil};
pub use record::{
    Assignment, Audit, Demand, EndReason, Finding, Job, JobSpec, JobStatus, LockQuote, Program,
    seal,
};
pub(crate) use reveal::{reveal_audit, reveal_result};
pub use settle::settlement;
pub(crate) use settle::{AuditorFate, divide};
pub(crate) use submit::{cancel, submit};
