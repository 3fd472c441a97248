//! Jobs: what is remembered of one, and its way from stage to stage. An attempt that failed stays in the list of attempts;
//! how many there were, who failed and who stayed silent is read off the list.

mod audit;
mod clearing;
mod offered;
mod results;
mod settle;
mod submit;

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, AssetId, Claim, EndReason, Event, Finding, Hash, JobEvent, JobId, JobSpec,
    JobStatus, LockQuote, Pricing, Rejection, Time,
};

use super::Model;
pub(crate) use results::sealed;
pub(super) use settle::AuditorFate;

/// A job.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) requester: AccountId,
    pub(crate) spec: JobSpec,
    pub(crate) submitted: u64,
    pub(crate) status: JobStatus,
    /// Last instant of the stage, and the number under which it was set.
    pub(crate) deadline: Option<(u64, u64)>,
    /// Place in the queue, while it waits.
    pub(crate) place: Option<u64>,
    /// While it waits: it stepped aside for whoever takes it.
    pub(crate) offered: bool,
    /// Height after which it may be drawn for an audit, while it waits for that.
    pub(crate) drawn_after: Option<u64>,
    /// Last instant to demand the result's data.
    pub(crate) window_end: Option<u64>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) ended: Option<u64>,
}

/// One provider's attempt.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) provider: AccountId,
    pub(crate) failed: bool,
    pub(crate) ask: u128,
    pub(crate) pricing: Pricing,
    pub(crate) quote: LockQuote,
    pub(crate) locked: BTreeMap<AssetId, u128>,
    pub(crate) assigned: u64,
    /// Commitment, height, time.
    pub(crate) committed: Option<(Hash, u64, u64)>,
    pub(crate) revealed: Option<(Claim, u64)>,
    pub(crate) audits: Vec<Audit>,
    /// Who demanded the input, once for each demand.
    pub(crate) input_demands: Vec<AccountId>,
}

/// One auditor's audit of an attempt.
#[derive(Clone)]
pub(crate) struct Audit {
    pub(crate) auditor: AccountId,
    pub(crate) drawn: u64,
    pub(crate) fee: u128,
    pub(crate) lock: u128,
    pub(crate) commitment: Option<Hash>,
    pub(crate) claim: Option<Claim>,
    pub(crate) finding: Finding,
    /// It did not commit; its place is for another.
    pub(crate) gone: bool,
}

impl Audit {
    /// Whether its lock is open: it was not found silent or refuted.
    pub(crate) fn is_open(&self) -> bool {
        !self.gone && ![Finding::Refuted, Finding::Silent].contains(&self.finding)
    }
}

impl Attempt {
    /// The audit that counts, if there is one.
    pub(crate) fn audit(&self) -> Option<&Audit> {
        self.audits.last().filter(|audit| !audit.gone)
    }

    /// Demands for input by somebody.
    pub(crate) fn demands_by(&self, account: AccountId) -> u32 {
        let made = self.input_demands.iter().filter(|who| **who == account).count();
        u32::try_from(made).expect("demands are limited")
    }
}

impl Job {
    /// Who is to run it now: the provider or the auditor.
    pub(crate) fn runner(&self) -> Option<AccountId> {
        match self.status {
            JobStatus::Assigned => self.attempt().map(|attempt| attempt.provider),
            JobStatus::Auditing => self.attempt()?.audit().map(|audit| audit.auditor),
            _ => None,
        }
    }

    /// The attempt under way, or the one the job ended with.
    pub(crate) fn attempt(&self) -> Option<&Attempt> {
        self.attempts.last().filter(|attempt| !attempt.failed)
    }

    pub(crate) fn is_alive(&self) -> bool {
        !matches!(self.status, JobStatus::Ended(_))
    }

    /// How many attempts were begun.
    pub(crate) fn begun(&self) -> u32 {
        u32::try_from(self.attempts.len()).expect("attempts are limited")
    }

    /// Providers that failed, in order.
    pub(crate) fn failed(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.attempts.iter().filter(|attempt| attempt.failed).map(|attempt| attempt.provider)
    }

    pub(super) fn has_failed(&self, account: AccountId) -> bool {
        self.failed().any(|failed| failed == account)
    }
}

impl Model {
    pub(super) fn job(&self, job: JobId) -> Result<&Job, Rejection> {
        self.jobs.get(&job).ok_or(Rejection::UnknownJob { job })
    }

    pub(super) fn job_mut(&mut self, job: JobId) -> &mut Job {
        self.jobs.get_mut(&job).expect("the job was looked up before")
    }

    pub(super) fn attempt(&self, job: JobId) -> &Attempt {
        self.jobs[&job].attempt().expect("the job has an attempt under way")
    }

    pub(super) fn attempt_mut(&mut self, job: JobId) -> &mut Attempt {
        self.job_mut(job).attempts.last_mut().expect("the job has an attempt under way")
    }

    pub(super) fn audit_mut(&mut self, job: JobId) -> &mut Audit {
        self.attempt_mut(job).audits.last_mut().expect("the attempt has an audit")
    }

    /// What came of the audit that counts.
    pub(super) fn finding(&self, job: JobId) -> Option<Finding> {
        self.attempt(job).audit().map(|audit| audit.finding)
    }

    /// A job at a stage and in time.
    pub(super) fn at_stage(&self, id: JobId, status: JobStatus) -> Result<&Job, Rejection> {
        let job = self.job(id)?;
        if job.status != status {
            return Err(Rejection::WrongStage { status: job.status });
        }
        self.in_time(job.deadline.map(|(at, _)| at))?;
        Ok(job)
    }

    /// The next stage, with its last instant.
    pub(super) fn stage(&mut self, id: JobId, status: JobStatus, until: u64) {
        let number = self.number();
        let job = self.job_mut(id);
        (job.status, job.deadline) = (status, Some((until, number)));
    }

    /// Behind the other jobs of its requester; says how long it waits.
    fn queue(&mut self, id: JobId) -> Time {
        let place = self.number();
        self.job_mut(id).place = Some(place);
        self.enter_line(id);
        let until = self.now + self.jobs[&id].spec.wait_ms;
        self.stage(id, JobStatus::Open, until);
        Time(until)
    }

    /// Committed: the beacon of a later block decides.
    pub(super) fn up_for_draw(&mut self, id: JobId) {
        let height = self.height;
        let job = self.job_mut(id);
        (job.status, job.deadline) = (JobStatus::Committed, None);
        job.drawn_after = Some(height);
    }

    pub(super) fn await_reveal(&mut self, id: JobId) {
        let until = self.now + self.parameters.reveal_ms;
        self.stage(id, JobStatus::Revealing, until);
        self.say(Event::Job(JobEvent::RevealDue { job: id, reveal_by: Time(until) }));
    }

    /// Time to take evidence by running the job once more, which is due when the two claims differ.
    pub(super) fn evidence_ms(&self, id: JobId) -> u64 {
        let disputed = self.finding(id) == Some(Finding::Mismatch);
        if disputed { self.jobs[&id].spec.run_ms } else { 0 }
    }

    /// Anybody may challenge.
    pub(super) fn open_window(&mut self, id: JobId) {
        let until = self.now + self.parameters.challenge_ms + self.evidence_ms(id);
        self.job_mut(id).window_end = Some(until);
        self.stage(id, JobStatus::Window, until);
        self.say(Event::Job(JobEvent::WindowOpened { job: id, until: Time(until) }));
    }

    /// The provider failed: the job waits for another, or ends when enough have failed.
    pub(super) fn reopen(&mut self, id: JobId) {
        let provider = self.attempt(id).provider;
        self.unlock(provider, id);
        self.attempt_mut(id).failed = true;
        self.job_mut(id).window_end = None;
        let attempts = self.jobs[&id].begun();
        if attempts >= self.parameters.attempts_max {
            return self.end(id, EndReason::AttemptsExhausted);
        }
        let escrow = Amount::new(self.escrow(id));
        let wait_until = self.queue(id);
        self.say(Event::Job(JobEvent::JobReopened {
            job: id,
            provider,
            attempts,
            escrow,
            wait_until,
        }));
    }
}
