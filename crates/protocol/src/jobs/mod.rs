//! Jobs: from submission to settlement.

mod record;

pub use record::{
    Assignment, Audit, Demand, EndReason, Finding, Job, JobSpec, JobStatus, LockQuote, Program,
    seal,
};
