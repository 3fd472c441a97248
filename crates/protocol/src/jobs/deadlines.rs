//! What happens when a job's deadline passes. Money is never left stuck: every arm leads on.

use crate::books::Place;
use crate::event::{Fault, JobEvent};
use crate::jobs::{Assignment, AuditorFate, EndReason, Finding, JobStatus};
use crate::penalties::{Conviction, Cut, Terms};
use crate::primitives::{AccountId, JobId};
use crate::step::Step;

pub(crate) fn deadline_passed(step: &mut Step<'_>, job: JobId) {
    match step.state.job(job).expect("a job and its timer go together").status {
        JobStatus::Open => {
            step.dequeue(job);
            step.end(job, EndReason::NoProvider);
        }
        JobStatus::Assigned => missed(step, job),
        JobStatus::Auditing => silent_before_reveal(step, job),
        JobStatus::Revealing => {
            step.convict_provider(job, Fault::NotRevealed, None, AuditorFate::Paid)
        }
        JobStatus::AuditRevealing => silent_after_reveal(step, job),
        JobStatus::Window => finalise(step, job),
        JobStatus::Ended(_) => retire(step, job),
        JobStatus::Committed => unreachable!("a committed job waits for a block, not for a time"),
    }
}

/// The provider did not commit: part of the lock unless it is excused, then the next provider.
fn missed(step: &mut Step<'_>, job: JobId) {
    let provider = step.assignment_mut(job).provider;
    if step.is_excused(job, provider) {
        step.emit(JobEvent::Excused { job, account: provider });
    } else {
        punish_missed(step, job);
    }
    step.reopen(job);
}

fn punish_missed(step: &mut Step<'_>, job: JobId) {
    let parameters = step.parameters();
    let Assignment { provider, quote, .. } = step.assignment_mut(job).clone();
    let share = quote.required.portion_ceil(parameters.missed_lock_share);
    let owed =
        share.plus(quote.price.portion_ceil(parameters.missed_price_share)).min(quote.required);
    step.fault(provider, Fault::MissedDeadline, job, None);
    let cut = Cut::Part(owed.units(), quote.required.units());
    let from = Place::Lock(provider, job);
    step.slash((provider, Fault::MissedDeadline, job), from, cut, Terms::default());
    let reliability = &mut step.operator_mut(provider).reliability;
    reliability.deadlines_missed = reliability.deadlines_missed.saturating_add(1);
    step.count_failed(provider);
}

/// The auditor did not commit: part of its lock unless it is excused, then another auditor from the next block's beacon,
/// or none when enough were tried.
fn silent_before_reveal(step: &mut Step<'_>, job: JobId) {
    let auditor = step.audit_mut(job).auditor;
    if step.is_excused(job, auditor) {
        step.emit(JobEvent::Excused { job, account: auditor });
        step.close_audit(job, AuditorFate::Released);
    } else {
        step.close_audit(job, AuditorFate::Silent);
    }
    let assignment = step.assignment_mut(job);
    let audit = assignment.audit.take().expect("an audit under way has an auditor");
    assignment.silent_auditors.push(audit.auditor);
    let tried = assignment.silent_auditors.len() as u64;
    if tried >= u64::from(step.state.parameters.auditors_max) {
        return step.await_reveal(job);
    }
    step.set_stage(job, JobStatus::Committed, None);
    step.state.draws.insert((step.context.height, job), ());
}

/// The auditor did not reveal: part of its lock; the result is open to challenge without it.
fn silent_after_reveal(step: &mut Step<'_>, job: JobId) {
    step.close_audit(job, AuditorFate::Silent);
    step.audit_mut(job).finding = Finding::Silent;
    step.open_window(job);
}

/// The window is over: an auditor that disagreed without proof was false, and the result stands.
fn finalise(step: &mut Step<'_>, job: JobId) {
    let finding = step.finding(job);
    let fate = if finding == Some(Finding::Mismatch) {
        AuditorFate::False(None)
    } else {
        AuditorFate::Paid
    };
    step.close_audit(job, fate);
    step.settle(job);
}

fn retire(step: &mut Step<'_>, job: JobId) {
    step.state.jobs.remove(&job);
    step.emit(JobEvent::JobRetired { job });
}

impl Step<'_> {
    /// What came of the current audit, if there is one.
    pub(crate) fn finding(&self, job: JobId) -> Option<Finding> {
        Some(self.state.job(job)?.assignment.as_ref()?.audit.as_ref()?.finding)
    }

    /// The provider is at fault with its whole lock: convicted, the audit closed, the job on to the next provider with
    /// its escrow whole, the requester's insured value paid from the slash.
    pub(crate) fn convict_provider(
        &mut self,
        job: JobId,
        fault: Fault,
        accuser: Option<AccountId>,
        auditor: AuditorFate,
    ) {
        let record = self.state.job(job).expect("the caller has just read the job");
        let assignment = record.assignment.as_ref().expect("a convicted job has a provider");
        let (_, since) = assignment.committed.expect("only what was committed can be wrong");
        let victim = Some((record.requester, record.spec.insured));
        let (provider, quote) = (assignment.provider, &assignment.quote);
        let shares = Some((quote.burn_min, quote.bounty_max));
        let terms = Terms { accuser, victim, shares };
        self.convict(&Conviction { provider, job, fault, terms, since });
        self.close_audit(job, auditor);
        self.reopen(job);
    }
}
