//! Sealing and opening outputs, and what it costs not to.

use super::quorum;
use crate::books::Place;
use crate::event::{Fault, JobEvent, ReplicatedEvent};
use crate::jobs::{JobStatus, Replica, ReplicaFate, Replication, seal_output};
use crate::penalties::{Cut, Terms};
use crate::primitives::{AccountId, Content, Hash, JobId};
use crate::rejection::Rejection;
use crate::step::Step;

/// A replica commits. Its unit is free again; when all have committed, all must reveal.
pub(crate) fn commit_replica(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    commitment: Hash,
) -> Result<(), Rejection> {
    let (at, replica) = step.replica_at(sender, job, JobStatus::Replicating)?;
    match replica.fate {
        ReplicaFate::Running => {}
        ReplicaFate::Committed | ReplicaFate::Revealed => {
            return Err(Rejection::CommittedBefore);
        }
        _ => return Err(Rejection::NotReplica { job }),
    }
    step.change_replica(job, at, |replica| {
        replica.commitment = Some(commitment);
        replica.fate = ReplicaFate::Committed;
    });
    step.free_replica_unit(job, sender);
    step.emit(ReplicatedEvent::ReplicaCommitted { job, provider: sender, commitment });
    if step.replication(job).with_fate(ReplicaFate::Running).is_empty() {
        await_reveals(step, job);
    }
    Ok(())
}

/// A replica opens its commitment; with the last one the outputs are compared.
pub(crate) fn reveal_replica(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    output: Content,
    salt: Hash,
) -> Result<(), Rejection> {
    let (at, replica) = step.replica_at(sender, job, JobStatus::ReplicasRevealing)?;
    match replica.fate {
        ReplicaFate::Committed => {}
        ReplicaFate::Revealed => return Err(Rejection::RevealedBefore),
        _ => return Err(Rejection::NotReplica { job }),
    }
    if replica.commitment != Some(seal_output(job, sender, salt, &output)) {
        return Err(Rejection::CommitmentMismatch);
    }
    let (size, limit) = (output.size, step.job(job)?.spec.memory_max);
    if size > limit {
        return Err(Rejection::OutputTooLarge { size, limit });
    }
    step.change_replica(job, at, |replica| {
        replica.output = Some(output);
        replica.fate = ReplicaFate::Revealed;
    });
    step.emit(ReplicatedEvent::ReplicaRevealed { job, provider: sender, output });
    if step.replication(job).with_fate(ReplicaFate::Committed).is_empty() {
        step.compare(job);
    }
    Ok(())
}

fn await_reveals(step: &mut Step<'_>, job: JobId) {
    let reveal_by = step.now().plus_ms(step.state.parameters.reveal_ms);
    step.set_stage(job, JobStatus::ReplicasRevealing, Some(reveal_by));
    step.emit(JobEvent::RevealDue { job, reveal_by });
}

/// The time to run is over. If a quorum committed the input was to be had, so whoever did not is punished. If not, it may
/// have been withheld: nobody is, and nothing is revealed that those drawn next could copy.
pub(crate) fn commit_missed(step: &mut Step<'_>, job: JobId) {
    let replication = step.replication(job);
    let committed = replication.replicas.iter().filter(|replica| replica.commitment.is_some());
    let enough = committed.count() as u64 >= u64::from(quorum_of(&replication));
    for at in replication.with_fate(ReplicaFate::Running) {
        let provider = replication.replicas[at].provider;
        step.change_replica(job, at, |replica| replica.fate = ReplicaFate::Missed);
        step.free_replica_unit(job, provider);
        if enough {
            punish_missed(step, job, &replication.replicas[at]);
        } else {
            step.emit(JobEvent::Excused { job, account: provider });
        }
        step.unlock(provider, job);
    }
    if enough { await_reveals(step, job) } else { step.no_quorum(job) }
}

/// As for the provider of a proven job: part of the lock.
fn punish_missed(step: &mut Step<'_>, job: JobId, replica: &Replica) {
    let parameters = step.parameters();
    let Replica { provider, quote, .. } = *replica;
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

/// The time to reveal is over: who committed and did not open has seen the others' outputs, and counts as outvoted.
pub(crate) fn reveal_missed(step: &mut Step<'_>, job: JobId) {
    for at in step.replication(job).with_fate(ReplicaFate::Committed) {
        step.punish_replica(job, at, ReplicaFate::NotRevealed, None);
    }
    step.compare(job);
}

/// The quorum of all that were drawn, whatever became of them.
pub(super) fn quorum_of(replication: &Replication) -> u32 {
    quorum(u32::try_from(replication.replicas.len()).unwrap_or(u32::MAX))
}

impl Step<'_> {
    /// The replicas of a job; none if it was never drawn for.
    pub(crate) fn replication(&self, job: JobId) -> Replication {
        self.state.replications.get(&job).map(|found| Replication::clone(found)).unwrap_or_default()
    }

    /// The replicas of a job, for change.
    pub(crate) fn replication_mut(&mut self, job: JobId) -> &mut Replication {
        std::sync::Arc::make_mut(self.state.replications.get_or_default(job))
    }

    pub(super) fn change_replica(
        &mut self,
        job: JobId,
        at: usize,
        change: impl FnOnce(&mut Replica),
    ) {
        let replica = self.replication_mut(job).replicas.get_mut(at);
        change(replica.expect("the caller has just read the replica"));
    }

    fn replica_at(
        &self,
        sender: AccountId,
        job: JobId,
        status: JobStatus,
    ) -> Result<(usize, Replica), Rejection> {
        self.job_in_stage(job, status)?;
        let replication = self.replication(job);
        let at = replication.position(sender).ok_or(Rejection::NotReplica { job })?;
        Ok((at, replication.replicas[at].clone()))
    }

    /// # Errors
    /// [`Rejection::WrongStage`] or [`Rejection::DeadlinePassed`] unless a job is at a stage, in time.
    pub(super) fn job_in_stage(&self, job: JobId, wanted: JobStatus) -> Result<(), Rejection> {
        let record = self.job(job)?;
        let status = record.status;
        if status != wanted {
            return Err(Rejection::WrongStage { status });
        }
        self.in_time(record.deadline)
    }

    fn free_replica_unit(&mut self, job: JobId, provider: AccountId) {
        let class = self.state.job(job).expect("the caller has just read the job").spec.class;
        self.state.free_units(provider, class, 1);
    }
}
