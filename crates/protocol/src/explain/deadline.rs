//! What a job's deadline means.

use crate::jobs::{EndReason, Job, JobStatus};
use crate::primitives::{AccountId, Time};

/// Who must do what by when, and what happens otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DeadlineMeaning {
    /// Last instant; `None` while only the next block is awaited.
    pub by: Option<Time>,
    /// Who must act, if somebody in particular must.
    pub who: Option<AccountId>,
    /// What is awaited.
    pub awaited: &'static str,
    /// What happens if it does not come.
    pub otherwise: &'static str,
}

/// Explains the deadline of a job's present stage.
pub fn deadline(job: &Job) -> DeadlineMeaning {
    let provider = job.assignment.as_ref().map(|assignment| assignment.provider);
    let audit = job.assignment.as_ref().and_then(|assignment| assignment.audit.as_ref());
    let auditor = audit.map(|audit| audit.auditor);
    let (who, awaited, otherwise) = match job.status {
        JobStatus::Open => (
            None,
            "a provider whose offer fits, or that takes it at the price it is offered at",
            "the job ends and its escrow returns in full",
        ),
        JobStatus::Assigned => (
            provider,
            "the provider runs the job and commits to its result",
            "the provider loses part of its lock and the job goes to a fallback at once, or waits for its turn again",
        ),
        JobStatus::Committed => {
            (None, "the next block's beacon, which decides on an audit", "there is no deadline")
        }
        JobStatus::Auditing => (
            auditor,
            "the auditor runs the job and commits to its own result",
            "the auditor loses part of its lock and another is drawn, or none when enough were tried",
        ),
        JobStatus::Revealing => (
            provider,
            "the provider reveals what it committed to",
            "the provider is convicted as for a wrong result and the job goes to another",
        ),
        JobStatus::AuditRevealing => (
            auditor,
            "the auditor reveals what it committed to",
            "the auditor loses part of its lock and the result is open to challenge without the audit",
        ),
        JobStatus::Window => {
            (None, "anybody's proof that the result is wrong", "the result stands and is paid")
        }
        JobStatus::Ended(reason) => {
            (None, ended(reason), "the job leaves the state; its events remain")
        }
        // Replicated.
        JobStatus::Replicating => (
            None,
            "every replica runs the job and commits to its output",
            "who has not committed loses part of its lock if a quorum has; if none has, more replicas are drawn, once, and nobody loses anything",
        ),
        JobStatus::ReplicasRevealing => (
            None,
            "every replica reveals what it committed to",
            "who has not revealed loses its lock; the others are compared, and more replicas drawn, once, if no quorum agrees",
        ),
        JobStatus::Escalating => (
            None,
            "more replicas: the first did not come to a quorum",
            "the job ends without a result and its escrow returns in full",
        ),
        JobStatus::Appealable => (
            None,
            "anybody's appeal against what the replicas agreed on",
            "the output stands, its replicas are paid and the others lose their locks",
        ),
        JobStatus::Voting => (
            None,
            "two thirds of all validators for one answer",
            "the appeal fails: its bond goes to the replicas and their output stands",
        ),
    };
    DeadlineMeaning { by: job.deadline, who, awaited, otherwise }
}

const fn ended(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Completed => "nothing: the result stood and was paid",
        EndReason::Cancelled => "nothing: the requester took the job back and was refunded",
        EndReason::NoProvider => {
            "nothing: no provider took the job in time and the requester was refunded"
        }
        EndReason::AttemptsExhausted => {
            "nothing: as many providers failed as allowed and the requester was refunded"
        }
        EndReason::AuthorFault => {
            "nothing: the program breaks the limits and the requester was refunded"
        }
        EndReason::InputWithheld => {
            "nothing: nobody produced the input and the requester was refunded"
        }
        EndReason::NoQuorum => {
            "nothing: the replicas did not come to a quorum and the requester was refunded"
        }
        EndReason::Overturned => {
            "nothing: the validators set the result aside and the requester was refunded"
        }
    }
}
