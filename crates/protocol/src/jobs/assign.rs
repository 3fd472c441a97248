//! The provider's sealed commitment.

use crate::event::JobEvent;
use crate::jobs::JobStatus;
use crate::primitives::{AccountId, Hash, JobId};
use crate::rejection::Rejection;
use crate::step::Step;

/// Commits, and puts the job up for the audit draw of the next block.
pub(crate) fn commit_result(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    commitment: Hash,
) -> Result<(), Rejection> {
    let (record, assignment) = step.job_at(job, JobStatus::Assigned)?;
    assignment.check_provider(job, sender)?;
    let attempt = record.attempts;
    let (height, now) = (step.context.height, step.now());
    let assignment = step.assignment_mut(job);
    assignment.commitment = Some(commitment);
    assignment.committed = Some((height, now));
    step.set_stage(job, JobStatus::Committed, None);
    step.state.draws.insert((height, job), ());
    step.emit(JobEvent::ResultCommitted { job, attempt, provider: sender, commitment, height });
    Ok(())
}
