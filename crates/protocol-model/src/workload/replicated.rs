//! Replicated jobs: asking for one, running, disagreeing, appealing, voting.

use protocol::{AccountId, JobStatus, ReplicaFate};

use super::jobs::{self, jobs};
use super::operators::unjail;
use super::{Kind, PROVIDERS, REQUESTERS, VALIDATORS, Workload};
use crate::operation::{Call, Claimed, Found, person};
use crate::rules::Job;
use crate::run::Run;
use crate::setup::DOLLAR;

pub(super) const KINDS: &[Kind] =
    &[(12, submit), (60, duty), (12, appeal), (40, vote), (4, meddle), (4, run_replicas)];

/// Beside them proven jobs, that take units away, and many that leave jail, since many go there.
pub(super) const BESIDE: &[Kind] = &[(3, jobs::submit), (10, jobs::duty), (30, unjail)];

/// Under which attempt the outputs of replicas are remembered as sealed.
const SEALED: u32 = u32::MAX;

pub(super) fn submit(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let waits = |job: &Job| job.is_replicated() && job.place.is_some();
    if jobs(run).filter(|(_, job)| waits(job)).count() > 3 && !workload.chance.one_in(8) {
        return duty(workload, run);
    }
    workload.labels += 1;
    let label = workload.labels;
    let parameters = &run.model.parameters;
    let mut wanted = workload.wanted(parameters);
    let chance = &mut workload.chance;
    let (least, most) = (parameters.replicas_min, parameters.replicas_max);
    wanted.replicas = chance.pick(&[least, least, least, most]);
    wanted.price = chance.pick(&[100, 140, 140, 333]) * DOLLAR;
    wanted.insured = 0;
    match chance.below(24) {
        0 => wanted.replicas = least - 1,
        1 => wanted.replicas = most + 1,
        2 => wanted.insured = 1,
        3 => {
            let all = u128::from(2 * wanted.replicas + 1);
            wanted.price = chance.around(all * parameters.price_min.units());
        }
        4 => wanted.program = 77,
        _ => {}
    }
    let sender = chance.pick(&REQUESTERS);
    Some((workload.mostly(sender), Call::SubmitJob { label, wanted }))
}

/// What some replica is to do.
pub(super) fn duty(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let awaited = |status| match status {
        JobStatus::Replicating => Some(ReplicaFate::Running),
        JobStatus::ReplicasRevealing => Some(ReplicaFate::Committed),
        _ => None,
    };
    let any = workload.chance.one_in(24);
    let sealed = |job: u32, me| workload.sealed.get(&(job, SEALED, me)).copied();
    // What was sealed and can never be opened is left to time, mostly.
    let hopeless = |job, me| matches!(sealed(job, me), Some((Claimed::OutputPast, _)));
    let due = jobs(run).flat_map(|(label, job)| {
        let fate = awaited(job.status);
        let replicas = job.replicated.replicas.iter();
        let due = replicas.filter(move |one| fate.is_some_and(|fate| any || one.fate() == fate));
        due.map(move |replica| (label, job.status, person(replica.provider)))
    });
    let due: Vec<_> = due.filter(|(job, _, me)| any || !hopeless(*job, *me)).collect();
    let (job, status, me) = workload.chance.any(due)?;
    let sealed = workload.sealed.get(&(job, SEALED, me)).copied();
    if status == JobStatus::Replicating {
        let claimed = workload.output(job);
        let salt = workload.chance.pick(&[0, 1]);
        workload.sealed.insert((job, SEALED, me), (claimed, salt));
        return Some((workload.mostly(me), Call::CommitReplica { job, claimed, salt }));
    }
    let (claimed, salt) = sealed.unwrap_or((Claimed::Plain(0), 0));
    let salt = if workload.chance.one_in(24) { salt + 1 } else { salt };
    Some((workload.mostly(me), Call::RevealReplica { job, claimed, salt }))
}

fn run_replicas(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let willing = !workload.chance.one_in(4);
    let operator = workload.operator(run)?;
    Some((workload.mostly(operator), Call::RunReplicas { willing }))
}

fn at(run: &Run, status: JobStatus) -> Vec<(u32, &Job)> {
    jobs(run).filter(|(_, job)| job.status == status).collect()
}

fn appeal(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (job, _) = workload.chance.any(at(run, JobStatus::Appealable))?;
    Some((workload.anybody(), Call::AppealJob { job }))
}

/// Validators that see a job mostly find the same: the output of some replica, another, or none.
fn vote(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (job, record) = workload.chance.any(at(run, JobStatus::Voting))?;
    let outputs = [0, 1, 7].map(|which| Found::Output(Claimed::Plain(which)));
    let answers = [outputs.as_slice(), &[Found::Withheld, Found::Undecidable]].concat();
    let usual = answers[usize::try_from(job % 5).expect("it is small")];
    let odd = workload.chance.one_in(6);
    let found = if odd { workload.chance.pick(&answers) } else { usual };
    let (appellant, ..) = record.replicated.appeal?;
    let replicas = record.replicated.replicas.iter().map(|replica| replica.provider);
    let parties: Vec<_> = replicas.chain([record.requester, appellant]).collect();
    let voted = |me| record.replicated.votes.iter().any(|(voter, ..)| *voter == me);
    let apart = |me: &&AccountId| {
        let related = parties.iter().any(|party| run.model.related(**me, *party));
        !related && !voted(**me)
    };
    let apart = run.model.seated.keys().filter(apart).map(|account| person(*account)).collect();
    let unrelated = workload.chance.any(apart).filter(|_| !workload.chance.one_in(6));
    let voter = unrelated.unwrap_or_else(|| workload.chance.pick(&VALIDATORS));
    Some((workload.mostly(voter), Call::VoteAppeal { job, found }))
}

/// Something at the wrong stage, or of a job that is not there.
fn meddle(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let known = jobs(run).map(|(job, _)| job).collect();
    let job = workload.chance.any(known).unwrap_or(u32::MAX);
    let (claimed, salt) = (Claimed::Plain(0), 0);
    let calls = [
        Call::CommitReplica { job, claimed, salt },
        Call::RevealReplica { job, claimed, salt },
        Call::AppealJob { job },
        Call::VoteAppeal { job, found: Found::Withheld },
    ];
    let call = workload.chance.pick(&calls);
    Some((workload.anybody(), call))
}

impl Workload<'_> {
    /// What a replica finds: one jobs' replicas mostly agree, another's never do.
    fn output(&mut self, job: u32) -> Claimed {
        let scattered = [0, 1, 2, 3, 4].map(Claimed::Plain);
        if self.chance.one_in(40) {
            Claimed::OutputPast
        } else if job.is_multiple_of(7) {
            self.chance.pick(&scattered)
        } else if self.chance.one_in(5) {
            Claimed::Plain(1)
        } else {
            Claimed::Plain(0)
        }
    }

    /// Validators that also run jobs: enough owners for two rounds.
    pub(super) fn more_providers(&mut self) -> Vec<(u8, Call)> {
        let mut calls = Vec::new();
        for me in VALIDATORS {
            let units = self.chance.pick(&[1, 5_000, 50_000]) * DOLLAR;
            calls.push((me, Call::Bond { operator: me, asset: 1, units }));
            calls.push((me, Call::SetDuties { provider: true, validator: true }));
            let ask = self.chance.pick(&[DOLLAR, DOLLAR, 2 * DOLLAR, 1_333_333]);
            calls.push((me, Call::SetOffer { class: self.usual_class(), units: 6, ask }));
        }
        let willing = |me| (me, Call::RunReplicas { willing: true });
        calls.extend(PROVIDERS.into_iter().chain(VALIDATORS).map(willing));
        calls
    }
}
