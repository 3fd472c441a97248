//! The audit draw, and the auditor's sealed commitment.

use crate::books::{Movement, Place, Pot, Why};
use crate::event::{CollateralEvent, JobEvent};
use crate::jobs::{Audit, Finding, Job, JobStatus, audit_fee, audit_lock};
use crate::primitives::{AccountId, Hash, Height, Holdings, JobId, PPM, STABLE};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// Draws for every job that committed in an earlier block, as many as a block may.
pub(crate) fn draw_audits(step: &mut Step<'_>) {
    let budget = usize::try_from(step.state.parameters.draws_per_block).unwrap_or(usize::MAX);
    let later = (step.context.height, JobId([0; 32]));
    let due: Vec<(Height, JobId)> =
        step.state.draws.range(..later).take(budget).map(|(due, ())| *due).collect();
    for (height, job) in due {
        step.state.draws.remove(&(height, job));
        draw(step, job);
    }
}

fn draw(step: &mut Step<'_>, job: JobId) {
    if is_audited(step, job) {
        match find_auditor(step, job) {
            Ok((auditor, slices)) => return begin_audit(step, job, auditor, slices),
            Err(tries) => step.emit(JobEvent::AuditorMissing { job, tries }),
        }
    }
    step.await_reveal(job);
}

/// Whether the beacon chose this attempt: `ticket * 10^6 < rate * 2^32`, free of modulo bias. A job whose auditor stayed
/// silent was chosen before.
fn is_audited(step: &mut Step<'_>, job: JobId) -> bool {
    let record = step.state.job(job).expect("a job up for a draw exists");
    let attempt = record.attempts;
    let assignment = record.assignment.as_ref().expect("a committed job has a provider");
    if !assignment.silent_auditors.is_empty() {
        return true;
    }
    let (quoted, worth) = (assignment.quote.audit_rate, step.state.lock_worth(assignment));
    let rate = step.state.audit_rate(assignment);
    let ticket = Hash::of("earnest audit v1", &(step.context.beacon, job, attempt)).leading_32();
    let drawn = u64::from(ticket) * u64::from(PPM) < u64::from(rate.0) << 32;
    if rate > quoted {
        step.emit(CollateralEvent::AuditRaised { job, attempt, quoted, rate, worth });
    }
    step.emit(JobEvent::AuditDecided { job, attempt, rate, ticket, drawn });
    drawn
}

/// An eligible auditor drawn by stake with the slices to lock, or the number of tries that met none.
fn find_auditor(step: &Step<'_>, id: JobId) -> Result<(AccountId, Holdings), u32> {
    let job = step.state.job(id).expect("a job up for a draw exists");
    let tries = step.state.parameters.auditor_tries_max;
    for attempt in 0..tries {
        let random =
            Hash::of("earnest auditor v1", &(step.context.beacon, id, job.attempts, attempt));
        let Some(auditor) = step.state.auditor_at(random) else { return Err(attempt) };
        if let Some(slices) = auditor_slices(&step.state, job, auditor) {
            return Ok((auditor, slices));
        }
    }
    Err(tries)
}

/// What would be locked of an auditor for a job, if it may audit it: unrelated to both sides, not one that failed here,
/// and with enough free bond.
fn auditor_slices(state: &State, job: &Job, auditor: AccountId) -> Option<Holdings> {
    let assignment = job.assignment.as_ref().expect("a committed job has a provider");
    let related = state.are_related(auditor, assignment.provider)
        || state.are_related(auditor, job.requester);
    if related || job.failed.contains(&auditor) || assignment.silent_auditors.contains(&auditor) {
        return None;
    }
    let (value, haircut) = (
        audit_lock(&state.parameters, assignment.quote.price),
        state.parameters.haircut(job.spec.run_ms),
    );
    state.lock_slices(auditor, value, haircut)
}

fn begin_audit(step: &mut Step<'_>, job: JobId, auditor: AccountId, slices: Holdings) {
    let parameters = step.parameters();
    let record = step.state.job(job).expect("a job up for a draw exists");
    let price = record.assignment.as_ref().expect("a committed job has a provider").quote.price;
    let commit_by = step.now().plus_ms(record.spec.run_ms).plus_ms(parameters.audit_commit_ms);
    let pot = Place::Pot(Pot::Audit);
    let fee = audit_fee(&parameters, price, step.state.held(pot, STABLE));
    let lock = audit_lock(&parameters, price);
    let (to, why) = (Place::AuditFee(job), Why::AuditFeeReserved);
    step.shift(Movement { from: pot, to, asset: STABLE, amount: fee, why, job: Some(job) });
    step.lock(auditor, job, lock, &slices);
    let drawn = step.context.height;
    step.assignment_mut(job).audit = Some(Audit {
        auditor,
        drawn,
        fee,
        lock,
        commitment: None,
        claim: None,
        finding: Finding::Pending,
        input_demands: 0,
    });
    step.set_stage(job, JobStatus::Auditing, Some(commit_by));
    step.emit(JobEvent::AuditorDrawn { job, auditor, fee, lock, locked: slices, commit_by });
}

/// The auditor commits; now the provider must reveal.
pub(crate) fn commit_audit(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    commitment: Hash,
) -> Result<(), Rejection> {
    let (_, assignment) = step.job_at(job, JobStatus::Auditing)?;
    assignment.check_auditor(job, sender)?;
    step.audit_mut(job).commitment = Some(commitment);
    step.emit(JobEvent::AuditCommitted { job, auditor: sender, commitment });
    step.await_reveal(job);
    Ok(())
}

impl Step<'_> {
    /// Has the provider reveal.
    pub(crate) fn await_reveal(&mut self, job: JobId) {
        let reveal_by = self.now().plus_ms(self.state.parameters.reveal_ms);
        self.set_stage(job, JobStatus::Revealing, Some(reveal_by));
        self.emit(JobEvent::RevealDue { job, reveal_by });
    }

    /// The current audit of a job known to have one, for change.
    pub(crate) fn audit_mut(&mut self, job: JobId) -> &mut Audit {
        self.assignment_mut(job).audit.as_mut().expect("the caller has just read the audit")
    }
}
