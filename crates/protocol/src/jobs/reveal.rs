//! Opening commitments.

use crate::event::JobEvent;
use crate::jobs::{Finding, Job, JobSpec, JobStatus, seal};
use crate::primitives::{AccountId, Amount, Claim, Hash, JobId};
use crate::rejection::Rejection;
use crate::step::Step;

/// The provider opens its commitment.
pub(crate) fn reveal_result(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    claim: Claim,
    salt: Hash,
) -> Result<(), Rejection> {
    let (record, assignment) = step.job_at(job, JobStatus::Revealing)?;
    assignment.check_provider(job, sender)?;
    check_opening(record, sender, assignment.commitment, &claim, salt)?;
    let (attempt, audited) = (record.attempts, assignment.audit.is_some());
    let now = step.now();
    let assignment = step.assignment_mut(job);
    assignment.claim = Some(claim);
    assignment.revealed = Some(now);
    let audit_reveal_by = audited.then(|| now.plus_ms(step.state.parameters.audit_reveal_ms));
    step.emit(JobEvent::ResultRevealed { job, attempt, provider: sender, claim, audit_reveal_by });
    match audit_reveal_by {
        Some(_) => step.set_stage(job, JobStatus::AuditRevealing, audit_reveal_by),
        None => step.open_window(job),
    }
    Ok(())
}

/// The auditor opens its commitment.
pub(crate) fn reveal_audit(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    claim: Claim,
    salt: Hash,
) -> Result<(), Rejection> {
    let (record, assignment) = step.job_at(job, JobStatus::AuditRevealing)?;
    assignment.check_auditor(job, sender)?;
    let commitment = assignment.audit.as_ref().and_then(|audit| audit.commitment);
    check_opening(record, sender, commitment, &claim, salt)?;
    let agrees = assignment.claim == Some(claim);
    let finding = if agrees { Finding::Match } else { Finding::Mismatch };
    let audit = step.audit_mut(job);
    audit.claim = Some(claim);
    audit.finding = finding;
    step.emit(JobEvent::AuditRevealed { job, auditor: sender, claim, finding });
    step.open_window(job);
    Ok(())
}

fn check_opening(
    job: &Job,
    account: AccountId,
    commitment: Option<Hash>,
    claim: &Claim,
    salt: Hash,
) -> Result<(), Rejection> {
    let opened = seal(job.id, job.attempts, account, salt, claim);
    if commitment != Some(opened) {
        return Err(Rejection::CommitmentMismatch);
    }
    check_possible(&job.spec, claim)
}

/// Refuses claims that no run of the job can have, so that no judge ever sees them.
fn check_possible(spec: &JobSpec, claim: &Claim) -> Result<(), Rejection> {
    let steps = claim.steps().unwrap_or(u64::MAX);
    let (steps_max, meter, meter_max) = (spec.steps_max, claim.meter, spec.meter_max);
    if steps > steps_max || meter > meter_max || claim.output.size > spec.memory_max {
        return Err(Rejection::ImpossibleClaim { steps, steps_max, meter, meter_max });
    }
    Ok(())
}

impl Step<'_> {
    /// Opens the window in which anybody may challenge.
    pub(crate) fn open_window(&mut self, job: JobId) {
        let until = self.now().plus_ms(self.window_ms(job));
        self.job_mut(job).window_end = Some(until);
        self.set_stage(job, JobStatus::Window, Some(until));
        self.emit(JobEvent::WindowOpened { job, until });
    }

    /// How long the window is.
    fn window_ms(&self, job: JobId) -> u64 {
        self.state.parameters.challenge_ms.saturating_add(self.evidence_ms(job))
    }

    /// How long it may take to take evidence. Whoever has seen a difference must run the job once more, so a mismatch
    /// gives the time that the job itself allows: no honest auditor is too late to prove.
    pub(crate) fn evidence_ms(&self, job: JobId) -> u64 {
        let disputed = self.finding(job) == Some(Finding::Mismatch);
        let allowed = self.state.job(job).map_or(0, |record| record.spec.run_ms);
        if disputed { allowed } else { 0 }
    }

    /// What is in escrow for a job.
    pub(crate) fn escrow(&self, job: JobId) -> Amount {
        self.state.held(crate::books::Place::Escrow(job), crate::primitives::STABLE)
    }
}
