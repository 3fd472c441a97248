//! Jobs: from submission to settlement.
//!
//! ```text
//!  Open --clear--> Assigned --CommitResult--> Committed --beacon of the next block--> Auditing --CommitAudit--+
//!   |                  |                                  \-- not drawn --> Revealing <------------------------+
//!   | wait over        | run time over                                         | RevealResult
//!   | or cancelled     | penalty                                               v
//!   v                  v                                         AuditRevealing (if audited) --RevealAudit--> Window
//!  Ended: refund      fallback, Open again, or refund                                                           |
//!                      ^                                                                                        |
//!                      +---- convicted: proven wrong, not revealed, or data withheld ---------------------------+
//!                                                                          window over: Ended, Completed, paid <+
//! ```
//!
//! Every stage but `Committed` has a deadline; what happens when it passes is in `deadlines`. `Committed` waits for the
//! next block only. The escrow is whole until the job ends, and goes back whole unless it ends `Completed`. Replicated
//! jobs have stages of their own: see `replicated`.

mod assign;
mod audit;
mod clearing;
mod deadlines;
mod fallback;
mod policy;
mod record;
mod replicated;
mod reveal;
mod settle;
mod stage;
mod submit;

pub(crate) use assign::commit_result;
pub(crate) use audit::{commit_audit, draw_audits};
pub(crate) use clearing::{Deal, clear};
pub(crate) use deadlines::deadline_passed;
pub(crate) use fallback::{Missed, call_fallbacks};
pub(crate) use policy::ASK_UNITS;
pub use policy::{audit_fee, audit_lock, audit_rate_needed, job_id, lock_quote, price_ceil};
pub use record::{
    Assignment, Audit, Demand, EndReason, Finding, Job, JobSpec, JobStatus, LockQuote, Program,
    seal,
};
pub use replicated::{
    Answer, Appeal, JobKind, Replica, ReplicaFate, Replication, Vote, appeal_bond, quorum,
    replica_price_max, replicas_in_all, seal_output,
};
pub(crate) use replicated::{
    appeal, appeal_lapsed, can_draw, check_kind, commit_missed, commit_replica, draw_round,
    escalation_lapsed, needed, reveal_missed, reveal_replica, run_replicas, verdict_stands, vote,
};
pub(crate) use reveal::{reveal_audit, reveal_result};
pub use settle::settlement;
pub(crate) use settle::{AuditorFate, divide};
pub(crate) use submit::{cancel, submit};
