//! Replicated jobs: replicas, votes, bonds of appeals.

use imbl::OrdMap;

use super::Findings;
use super::jobs::is_honest;
use crate::books::Place;
use crate::jobs::{
    Job, JobKind, JobStatus, Replica, ReplicaFate, Replication, replica_price_max, replicas_in_all,
};
use crate::primitives::{Amount, Holdings, STABLE};
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    for (id, replication) in &state.replications {
        let job = state.job(*id);
        findings.require(job.is_some(), "replicas have a job", || format!("{id:?}"));
        if let Some(job) = job {
            check_counts(job, replication, findings);
            check_appeal(state, job, replication, findings);
            for replica in &replication.replicas {
                check_replica(state, job, replica, findings);
            }
        }
    }
    for job in state.jobs().filter(|job| job.spec.kind != JobKind::Proven) {
        let drawn = state.replications.contains_key(&job.id);
        findings.require(drawn == (job.attempts > 0), "rounds have replicas", || {
            format!("{:?}: {} rounds", job.id, job.attempts)
        });
    }
    for operator in state.replicators.keys() {
        let known = state.operator(*operator).is_some();
        findings.require(known, "operators run replicas", || format!("{operator:?}"));
    }
    check_votes(state, findings);
}

/// A round is drawn whole, each account once, and every replica is where the job is.
fn check_counts(job: &Job, replication: &Replication, findings: &mut Findings) {
    let replicas = job.spec.kind.replicas().unwrap_or_default();
    let due = if job.attempts == 1 { replicas } else { replicas_in_all(replicas) };
    let count = replication.replicas.len() as u64;
    findings.require(count == u64::from(due), "rounds are drawn whole", || {
        format!("{:?}: {count} of {due}", job.id)
    });
    let mut providers: Vec<_> = replication.replicas.iter().map(|one| one.provider).collect();
    providers.sort_unstable();
    let distinct = providers.is_sorted_by(|one, next| one < next);
    findings.require(distinct, "nobody is two replicas", || format!("{:?}", job.id));
    let fates = |fate| !replication.with_fate(fate).is_empty();
    let stage = match job.status {
        JobStatus::Replicating => fates(ReplicaFate::Running),
        JobStatus::ReplicasRevealing => {
            fates(ReplicaFate::Committed) && !fates(ReplicaFate::Running)
        }
        JobStatus::Escalating => !fates(ReplicaFate::Running) && replication.verdict.is_none(),
        JobStatus::Appealable | JobStatus::Voting => {
            replication.verdict.is_some() && fates(ReplicaFate::Revealed)
        }
        JobStatus::Ended(_) => !replication.replicas.iter().any(|one| one.fate.is_open()),
        _ => false,
    };
    findings.require(stage, "replicas are where their job is", || {
        format!("{:?}: {:?}, {replication:?}", job.id, job.status)
    });
}

fn check_replica(state: &State, job: &Job, replica: &Replica, findings: &mut Findings) {
    let provider = replica.provider;
    let named = || format!("{:?}: {provider:?}, {:?}", job.id, replica.fate);
    findings.require(is_honest(&replica.quote), "honesty pays", named);
    let within = replica.quote.price <= replica_price_max(&job.spec);
    findings.require(within, "prices keep to the maximum", named);
    let locked: Holdings = state.slices(Place::Lock(provider, job.id)).into_iter().collect();
    let due = if replica.fate.is_open() { replica.locked.clone() } else { Holdings::default() };
    findings.require(locked == due, "open replicas are locked for", named);
    let committed = replica.commitment.is_some();
    let revealed = replica.output.is_some();
    let parts = match replica.fate {
        ReplicaFate::Running | ReplicaFate::Missed => !committed && !revealed,
        ReplicaFate::Committed | ReplicaFate::NotRevealed => committed && !revealed,
        ReplicaFate::Revealed
        | ReplicaFate::Paid
        | ReplicaFate::Outvoted
        | ReplicaFate::Withheld => committed && revealed,
        ReplicaFate::Released => committed,
    };
    findings.require(parts, "replicas have their parts", named);
}

fn check_appeal(state: &State, job: &Job, replication: &Replication, findings: &mut Findings) {
    let bond = state.held(Place::AppealBond(job.id), STABLE);
    let open = replication.appeal.filter(|_| job.status == JobStatus::Voting);
    let due = open.map(|appeal| appeal.bond).unwrap_or_default();
    let appealed = job.status != JobStatus::Voting || replication.appeal.is_some();
    findings.require(bond == due && appealed, "open appeals have their bond", || {
        format!("{:?}: {bond}, due {due}", job.id)
    });
}

/// Votes are cast on open appeals only, and tallies are their sums.
fn check_votes(state: &State, findings: &mut Findings) {
    let mut tallies = OrdMap::new();
    for ((id, validator), vote) in &state.votes {
        let open = state.job(*id).is_some_and(|job| job.status == JobStatus::Voting);
        findings.require(open, "votes are on open appeals", || format!("{id:?}: {validator:?}"));
        let tally: &mut Amount = tallies.entry((*id, vote.answer)).or_default();
        *tally = tally.plus(vote.weight);
    }
    findings.require(tallies == state.tallies, "tallies are sums of votes", || {
        format!("counted {tallies:?}, kept {:?}", state.tallies)
    });
}
