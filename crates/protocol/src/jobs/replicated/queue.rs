//! Waiting for replicas: after the clearing of a block, what is left over is drawn from.

use crate::event::Event;
use crate::jobs::replicated::needed;
use crate::jobs::{Job, JobStatus};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, JobId, Time};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// Draws replicas for waiting jobs of every class: so many tries per class and block. Where more wait, those that were
/// tried in vain go behind the others, so that none hides the rest.
pub(crate) fn clear_replicated(step: &mut Step<'_>) {
    let classes: Vec<ClassId> = step.state.classes.keys().copied().collect();
    let budget = usize::try_from(step.state.parameters.replications_per_block).unwrap_or(1);
    for class in classes {
        let mut waiting = waiting(&step.state, class);
        let turn: Vec<JobId> = waiting.by_ref().take(budget).collect();
        let more = waiting.next().is_some();
        drop(waiting);
        for job in turn {
            if !step.draw_replicas(job) && more {
                step.requeue(job);
            }
        }
    }
}

/// Notes whether an operator is drawn for replicas.
pub(crate) fn run_replicas(
    step: &mut Step<'_>,
    sender: AccountId,
    willing: bool,
) -> Result<(), Rejection> {
    step.operator(sender)?;
    if willing {
        step.state.replicators.insert(sender, ());
    } else {
        step.state.replicators.remove(&sender);
    }
    step.emit(Event::ReplicasOffered { operator: sender, willing });
    Ok(())
}

fn waiting(state: &State, class: ClassId) -> impl Iterator<Item = JobId> + '_ {
    state.replicating.range((class, 0)..=(class, u64::MAX)).map(|(_, job)| *job)
}

impl State {
    /// Whether a job waits for replicas.
    pub(crate) fn awaits_replicas(&self, job: &Job) -> bool {
        let entry = |place| self.replicating.get(&(job.spec.class, place));
        job.queued.and_then(entry) == Some(&job.id)
    }
}

impl Step<'_> {
    /// Has a job wait for replicas at the place it was given.
    pub(crate) fn await_replicas(&mut self, job: JobId) {
        let record = self.state.job(job).expect("the caller has just read the job");
        let key = (record.spec.class, record.queued.expect("a waiting job has its place"));
        self.state.replicating.insert(key, job);
    }

    /// Takes a job out of the queue for replicas, if it is there.
    pub(crate) fn leave_replica_queue(&mut self, job: JobId) -> bool {
        let record = self.state.job(job).expect("the caller has just read the job");
        let (class, waits) = (record.spec.class, self.state.awaits_replicas(record));
        if let (true, Some(place)) = (waits, record.queued) {
            self.state.replicating.remove(&(class, place));
            self.job_mut(job).queued = None;
        }
        waits
    }

    fn requeue(&mut self, job: JobId) {
        self.leave_replica_queue(job);
        let place = self.next_sequence();
        self.job_mut(job).queued = Some(place);
        self.await_replicas(job);
    }

    /// The replicas did not come to a quorum: more are drawn, once.
    pub(crate) fn escalate(&mut self, job: JobId) -> Time {
        let place = self.next_sequence();
        self.job_mut(job).queued = Some(place);
        self.await_replicas(job);
        let wait_until = self.now().plus_ms(self.state.parameters.escalation_ms);
        self.set_stage(job, JobStatus::Escalating, Some(wait_until));
        let record = self.state.job(job).expect("the caller has just read the job");
        let drawn = self.replication(job).replicas.len();
        let (total, more) = needed(record, drawn);
        self.emit(Event::ReplicasEscalated { job, more, total, wait_until });
        wait_until
    }
}
