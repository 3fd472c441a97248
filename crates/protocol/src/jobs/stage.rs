//! Moving a job from stage to stage, with exactly one timer.

use crate::event::JobEvent;
use crate::jobs::{Assignment, EndReason, Job, JobStatus};
use crate::primitives::{AccountId, JobId, Time};
use crate::rejection::Rejection;
use crate::state::Task;
use crate::step::Step;

impl Step<'_> {
    /// Puts a job into a stage with a deadline of its own, or none.
    pub(crate) fn set_stage(&mut self, job: JobId, status: JobStatus, deadline: Option<Time>) {
        let record = self.job_mut(job);
        let before = record.deadline.take().zip(record.timer.take());
        if let Some((at, timer)) = before {
            // The timer that has just gone off is gone from the queue already.
            self.state.timers.remove(&(at, timer));
        }
        let timer = deadline.map(|deadline| self.set_timer(deadline, Task::Job(job)));
        let record = self.job_mut(job);
        record.status = status;
        record.deadline = deadline;
        record.timer = timer;
    }

    /// Puts a job into the queue of its class.
    pub(crate) fn open_job(&mut self, job: JobId) -> Time {
        let place = self.next_sequence();
        let now = self.now();
        let record = self.job_mut(job);
        record.queued = Some(place);
        let wait_until = now.plus_ms(record.spec.wait_ms);
        self.enter_lane(job);
        self.set_stage(job, JobStatus::Open, Some(wait_until));
        wait_until
    }

    /// Takes a job out of the queue it waits in.
    pub(crate) fn dequeue(&mut self, job: JobId) {
        let record = self.job(job).expect("the caller has just read the job");
        let key = (record.spec.class, record.queued.expect("an open job is queued"));
        if self.state.offered.remove(&key).is_none() {
            self.leave_lane(job);
        }
        self.job_mut(job).queued = None;
    }

    /// No standing ask takes a waiting job: offers it to whoever takes it, and lets the next one have the turn.
    pub(crate) fn set_aside(&mut self, job: JobId) {
        self.leave_lane(job);
        let record = self.job(job).expect("the caller has just read the job");
        let key = (record.spec.class, record.queued.expect("an open job is queued"));
        self.state.offered.insert(key, job);
        let record = self.job(job).expect("the caller has just read the job");
        let offered = self.state.offered(record, self.now());
        let (price, _) = offered.expect("it has just been set aside");
        let (price_max, until) = (record.spec.price_max, record.deadline);
        let until = until.expect("an open job has a deadline");
        self.emit(JobEvent::JobOffered { job, price, price_max, until });
    }

    /// An ask takes a job that was set aside: back to the lane, at the place of its arrival.
    pub(crate) fn return_to_lane(&mut self, job: JobId) {
        let record = self.job(job).expect("the caller has just read the job");
        let key = (record.spec.class, record.queued.expect("an open job is queued"));
        let removed = self.state.offered.remove(&key);
        assert_eq!(removed, Some(job), "the queue and the job agree");
        self.enter_lane(job);
    }

    /// Ends an attempt whose provider failed: on to the next provider, or the end when there were enough.
    pub(crate) fn reopen(&mut self, job: JobId) {
        let assignment = self.close_assignment(job);
        let provider = assignment.provider;
        let record = self.job_mut(job);
        record.failed.push(provider);
        record.assignment = None;
        record.window_end = None;
        let attempts = record.attempts;
        if attempts >= self.state.parameters.attempts_max {
            return self.end(job, EndReason::AttemptsExhausted);
        }
        let wait_until = self.open_job(job);
        let escrow = self.escrow(job);
        self.emit(JobEvent::JobReopened { job, provider, attempts, escrow, wait_until });
    }

    /// Opens what is left of the provider's lock and frees its unit. The audit is closed before.
    pub(crate) fn close_assignment(&mut self, job: JobId) -> Assignment {
        let record = self.job_mut(job);
        let class = record.spec.class;
        let assignment = record.assignment.clone().expect("an attempt under way has a provider");
        self.unlock(assignment.provider, job);
        self.state.free_unit(assignment.provider, class);
        assignment
    }

    /// A job at a stage, in time, with its attempt under way.
    pub(crate) fn job_at(
        &self,
        job: JobId,
        status: JobStatus,
    ) -> Result<(&Job, &Assignment), Rejection> {
        let record = self.job(job)?;
        if record.status != status {
            return Err(Rejection::WrongStage { status: record.status });
        }
        self.in_time(record.deadline)?;
        let assignment = record.assignment.as_ref().expect("a job at this stage has a provider");
        Ok((record, assignment))
    }

    /// The attempt under way of a job known to have one, for change.
    pub(crate) fn assignment_mut(&mut self, job: JobId) -> &mut Assignment {
        self.job_mut(job).assignment.as_mut().expect("the caller has just read the attempt")
    }
}

impl Assignment {
    /// # Errors
    /// [`Rejection::NotAssigned`] for anybody but the provider.
    pub(crate) fn check_provider(&self, job: JobId, sender: AccountId) -> Result<(), Rejection> {
        if self.provider == sender { Ok(()) } else { Err(Rejection::NotAssigned { job }) }
    }

    /// # Errors
    /// [`Rejection::NotAuditor`] for anybody but the auditor of the current audit.
    pub(crate) fn check_auditor(&self, job: JobId, sender: AccountId) -> Result<(), Rejection> {
        let drawn = self.audit.as_ref().is_some_and(|audit| audit.auditor == sender);
        if drawn { Ok(()) } else { Err(Rejection::NotAuditor { job }) }
    }
}
