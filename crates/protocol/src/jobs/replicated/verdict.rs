//! Comparing outputs.

use super::commit::quorum_of;
use super::needed;
use crate::event::ReplicatedEvent;
use crate::jobs::{EndReason, JobStatus, ReplicaFate, Replication};
use crate::primitives::{Content, JobId};
use crate::step::Step;

/// The output that a quorum of all replicas revealed, with how many did. There is at most one.
fn agreed(replication: &Replication) -> Option<(Content, u32)> {
    let outputs = || {
        let revealed = |fate| fate == ReplicaFate::Revealed;
        let replicas = replication.replicas.iter().filter(move |one| revealed(one.fate));
        replicas.filter_map(|replica| replica.output)
    };
    let count = |output: Content| outputs().filter(|other| *other == output).count();
    let quorum = quorum_of(replication);
    outputs().find_map(|output| {
        let agreeing = u32::try_from(count(output)).unwrap_or(u32::MAX);
        (agreeing >= quorum).then_some((output, agreeing))
    })
}

/// Nobody was found for a second round.
pub(crate) fn escalation_lapsed(step: &mut Step<'_>, job: JobId) {
    step.dequeue(job);
    step.end_without_quorum(job);
}

/// The time to appeal, or to vote, is over: what was agreed on stands.
pub(crate) fn verdict_stands(step: &mut Step<'_>, job: JobId) {
    let verdict = step.replication(job).verdict.expect("what may be appealed is a verdict");
    step.settle_replicas(job, verdict, None);
}

impl Step<'_> {
    /// More replicas are sought, once: the job waits for another turn.
    fn escalate(&mut self, job: JobId) {
        let place = self.next_sequence();
        self.job_mut(job).queued = Some(place);
        self.enter_lane(job);
        let wait_until = self.now().plus_ms(self.state.parameters.escalation_ms);
        self.set_stage(job, JobStatus::Escalating, Some(wait_until));
        let more = needed(self.state.job(job).expect("the caller has just read the job"));
        let drawn = u32::try_from(self.replication(job).replicas.len()).unwrap_or(u32::MAX);
        let total = drawn.saturating_add(more);
        self.emit(ReplicatedEvent::ReplicasEscalated { job, more, total, wait_until });
    }

    /// All that can be revealed is: a quorum, or not.
    pub(super) fn compare(&mut self, job: JobId) {
        let replication = self.replication(job);
        let Some((output, agreeing)) = agreed(&replication) else { return self.no_quorum(job) };
        let appeal_by = self.now().plus_ms(self.state.parameters.appeal_ms);
        self.replication_mut(job).verdict = Some(output);
        self.set_stage(job, JobStatus::Appealable, Some(appeal_by));
        let replicas = u32::try_from(replication.replicas.len()).unwrap_or(u32::MAX);
        self.emit(ReplicatedEvent::ReplicasAgreed { job, output, agreeing, replicas, appeal_by });
    }

    /// No quorum: more replicas after the first round, the end after the second.
    pub(super) fn no_quorum(&mut self, job: JobId) {
        let rounds = self.state.job(job).expect("the caller has just read the job").attempts;
        if rounds == 1 {
            self.escalate(job);
        } else {
            self.end_without_quorum(job);
        }
    }

    /// Nobody can say who was right: the requester is refunded, nobody is paid or punished.
    fn end_without_quorum(&mut self, job: JobId) {
        self.release_replicas(job);
        self.end(job, EndReason::NoQuorum);
    }
}
