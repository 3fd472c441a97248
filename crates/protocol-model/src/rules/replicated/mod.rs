//! Replicated jobs: what is remembered of replicas, appeals and votes; sealing, opening, comparing.

mod appeal;
mod draw;
mod ends;

use protocol::{
    AccountId, Amount, Answer, Bound, Content, EndReason, Event, Hash, JobEvent, JobId, JobKind,
    JobSpec, JobStatus, LockQuote, Pricing, Rejection, ReplicaFate, ReplicatedEvent, Time,
};

use super::books::SUPPLY_MAX;
use super::market::Slices;
use super::operators::between;
use super::{Job, Model, Outcome, hashed};
use crate::exact::whole;

/// What is remembered of a replicated job beside what is of any.
#[derive(Clone, Default)]
pub(crate) struct Replicated {
    pub(crate) replicas: Vec<Replica>,
    /// What was agreed on, or put in its place.
    pub(crate) verdict: Option<Content>,
    /// Who appealed, with what bond, and what the validators weighed then.
    pub(crate) appeal: Option<(AccountId, u128, u128)>,
    /// Who voted for what with what weight, while the vote is open.
    pub(crate) votes: Vec<(AccountId, Answer, u128)>,
}

/// One provider's run.
#[derive(Clone)]
pub(crate) struct Replica {
    pub(crate) provider: AccountId,
    pub(crate) round: u32,
    pub(crate) ask: u128,
    pub(crate) pricing: Pricing,
    pub(crate) quote: LockQuote,
    pub(crate) locked: Slices,
    pub(crate) assigned: u64,
    pub(crate) commitment: Option<Hash>,
    pub(crate) output: Option<Content>,
    /// How it ended, once it did.
    pub(crate) end: Option<ReplicaFate>,
}

impl Replica {
    /// Where it is: how it ended, or how far it came.
    pub(crate) fn fate(&self) -> ReplicaFate {
        match (self.end, self.commitment, self.output) {
            (Some(end), ..) => end,
            (None, _, Some(_)) => ReplicaFate::Revealed,
            (None, Some(_), None) => ReplicaFate::Committed,
            (None, None, None) => ReplicaFate::Running,
        }
    }
}

impl Replicated {
    /// Rounds begun.
    pub(crate) fn rounds(&self) -> u32 {
        self.replicas.iter().map(|replica| replica.round).max().unwrap_or(0)
    }

    /// Places of those with a fate.
    pub(crate) fn that(&self, fate: ReplicaFate) -> Vec<usize> {
        (0..self.replicas.len()).filter(|at| self.replicas[*at].fate() == fate).collect()
    }

    /// Whether so many are more than half of all drawn.
    fn is_quorum(&self, some: usize) -> bool {
        2 * some > self.replicas.len()
    }

    /// The one output that more than half of all drawn revealed, if there is one, and how many that are.
    fn agreed(&self) -> Option<(Content, usize)> {
        let revealed = self.that(ReplicaFate::Revealed);
        let outputs = || revealed.iter().filter_map(|at| self.replicas[*at].output);
        outputs().find_map(|output| {
            let some = outputs().filter(|other| *other == output).count();
            self.is_quorum(some).then_some((output, some))
        })
    }
}

/// How many replicas a job is to have at first, and in all.
fn sizes(spec: &JobSpec) -> Option<(u32, u32)> {
    match spec.kind {
        JobKind::Proven => None,
        JobKind::Replicated { replicas } => {
            // So large a number is out of bounds, and only named in the refusal.
            Some((replicas, replicas.saturating_mul(2).saturating_add(1)))
        }
    }
}

/// The commitment to an output.
pub(crate) fn sealed_output(job: JobId, me: AccountId, salt: Hash, output: &Content) -> Hash {
    Hash(hashed("earnest replica commitment v1", &(job, me, salt, output)))
}

impl Job {
    /// Whether it is compared and not proven.
    pub(crate) fn is_replicated(&self) -> bool {
        sizes(&self.spec).is_some()
    }
}

impl Model {
    /// Bounds of replicated jobs; nothing to say about others.
    pub(super) fn acceptable_replicas(&self, spec: &JobSpec) -> Outcome {
        let Some((replicas, all)) = sizes(spec) else { return Ok(()) };
        let (least, most) = (self.parameters.replicas_min, self.parameters.replicas_max);
        between(Bound::Replicas, replicas.into(), least.into(), most.into())?;
        let price_min = self.parameters.price_min.units() * u128::from(all);
        between(Bound::Price, spec.price_max.units(), price_min, SUPPLY_MAX)?;
        if spec.insured.units() > 0 { Err(Rejection::NotInsurable) } else { Ok(()) }
    }

    /// The replica that somebody is, of a job at a stage and in time.
    fn replica_of(
        &self,
        me: AccountId,
        id: JobId,
        status: JobStatus,
    ) -> Result<(usize, &Replica), Rejection> {
        let replicas = &self.at_stage(id, status)?.replicated.replicas;
        let at = replicas.iter().position(|replica| replica.provider == me);
        let at = at.ok_or(Rejection::NotReplica { job: id })?;
        Ok((at, &replicas[at]))
    }

    fn replica_mut(&mut self, id: JobId, at: usize) -> &mut Replica {
        &mut self.job_mut(id).replicated.replicas[at]
    }

    pub(super) fn commit_replica(&mut self, me: AccountId, id: JobId, sealed: Hash) -> Outcome {
        let (at, replica) = self.replica_of(me, id, JobStatus::Replicating)?;
        match replica.fate() {
            ReplicaFate::Running => {}
            ReplicaFate::Committed | ReplicaFate::Revealed => {
                return Err(Rejection::CommittedBefore);
            }
            _ => return Err(Rejection::NotReplica { job: id }),
        }
        self.replica_mut(id, at).commitment = Some(sealed);
        self.say(ReplicatedEvent::ReplicaCommitted { job: id, provider: me, commitment: sealed });
        if self.jobs[&id].replicated.that(ReplicaFate::Running).is_empty() {
            self.await_openings(id);
        }
        Ok(())
    }

    pub(super) fn reveal_replica(
        &mut self,
        me: AccountId,
        id: JobId,
        output: Content,
        salt: Hash,
    ) -> Outcome {
        let (at, replica) = self.replica_of(me, id, JobStatus::ReplicasRevealing)?;
        match replica.fate() {
            ReplicaFate::Committed => {}
            ReplicaFate::Revealed => return Err(Rejection::RevealedBefore),
            _ => return Err(Rejection::NotReplica { job: id }),
        }
        if replica.commitment != Some(sealed_output(id, me, salt, &output)) {
            return Err(Rejection::CommitmentMismatch);
        }
        let (size, limit) = (output.size, self.jobs[&id].spec.memory_max);
        if size > limit {
            return Err(Rejection::OutputTooLarge { size, limit });
        }
        self.replica_mut(id, at).output = Some(output);
        self.say(ReplicatedEvent::ReplicaRevealed { job: id, provider: me, output });
        if self.jobs[&id].replicated.that(ReplicaFate::Committed).is_empty() {
            self.compare_outputs(id);
        }
        Ok(())
    }

    fn await_openings(&mut self, id: JobId) {
        let until = self.now + self.parameters.reveal_ms;
        self.stage(id, JobStatus::ReplicasRevealing, until);
        self.say(Event::Job(JobEvent::RevealDue { job: id, reveal_by: Time(until) }));
    }

    /// Time to run is over: if more than half of all have committed, the others were able to.
    pub(super) fn replicas_did_not_commit(&mut self, id: JobId) {
        let job = &self.jobs[&id].replicated;
        let committed = job.replicas.iter().filter(|one| one.commitment.is_some()).count();
        let were_able = job.is_quorum(committed);
        for at in job.that(ReplicaFate::Running) {
            let provider = self.jobs[&id].replicated.replicas[at].provider;
            self.replica_mut(id, at).end = Some(ReplicaFate::Missed);
            if were_able {
                let quote = self.jobs[&id].replicated.replicas[at].quote;
                self.punish_missed(id, provider, &quote, 0);
            } else {
                self.say(Event::Job(JobEvent::Excused { job: id, account: provider }));
            }
            self.unlock(provider, id);
        }
        if were_able { self.await_openings(id) } else { self.without_quorum(id) }
    }

    /// Time to reveal is over: who did not has seen the others.
    pub(super) fn replicas_did_not_reveal(&mut self, id: JobId) {
        for at in self.jobs[&id].replicated.that(ReplicaFate::Committed) {
            self.punish_replica(id, at, ReplicaFate::NotRevealed, None);
        }
        self.compare_outputs(id);
    }

    fn compare_outputs(&mut self, id: JobId) {
        let job = &self.jobs[&id].replicated;
        let replicas = u32::try_from(job.replicas.len()).expect("replicas are few");
        let Some((output, agreeing)) = job.agreed() else { return self.without_quorum(id) };
        let agreeing = u32::try_from(agreeing).expect("replicas are few");
        let until = self.now + self.parameters.appeal_ms;
        self.job_mut(id).replicated.verdict = Some(output);
        self.stage(id, JobStatus::Appealable, until);
        let appeal_by = Time(until);
        self.say(ReplicatedEvent::ReplicasAgreed {
            job: id,
            output,
            agreeing,
            replicas,
            appeal_by,
        });
    }

    /// After the first round more are sought, after the second it is over.
    fn without_quorum(&mut self, id: JobId) {
        if self.jobs[&id].replicated.rounds() == 2 {
            return self.give_up(id);
        }
        let place = self.number();
        self.job_mut(id).place = Some(place);
        self.enter_line(id);
        let until = self.now + self.parameters.escalation_ms;
        self.stage(id, JobStatus::Escalating, until);
        let (more, total) = self.sought(id);
        let wait_until = Time(until);
        self.say(ReplicatedEvent::ReplicasEscalated { job: id, more, total, wait_until });
    }

    /// Nobody knows who was right.
    pub(super) fn give_up(&mut self, id: JobId) {
        self.release_replicas(id);
        self.end(id, EndReason::NoQuorum);
    }

    /// What whoever runs a job may cost at most: of a replica, its part of a maximum that has room for all.
    pub(super) fn most_for_one(&self, id: JobId) -> u128 {
        let spec = &self.jobs[&id].spec;
        let (_, all) = sizes(spec).unwrap_or((1, 1));
        (whole(spec.price_max.units()) / whole(all.into())).floor()
    }

    /// How many more replicas a job is to have, and how many then.
    pub(super) fn sought(&self, id: JobId) -> (u32, u32) {
        let job = &self.jobs[&id];
        let (first, all) = sizes(&job.spec).expect("only replicated jobs have replicas");
        if job.replicated.replicas.is_empty() { (first, first) } else { (all - first, all) }
    }

    /// What a turn of a job counts for: its bound of metered units, for each replica that it seeks.
    pub(super) fn work_of(&self, id: JobId) -> u64 {
        let job = &self.jobs[&id];
        let runs = if job.is_replicated() { self.sought(id).0 } else { 1 };
        job.spec.meter_max.saturating_mul(runs.into())
    }

    /// The bond of an appeal.
    fn appeal_bond(&self, id: JobId) -> Amount {
        let share =
            self.portion_ceil(self.jobs[&id].spec.price_max.units(), self.parameters.appeal_bond);
        Amount::new(share.max(self.parameters.appeal_bond_min.units()))
    }
}
