//! Replicas, appeals and votes.

use protocol::{JobId, State};

use super::Differences;
use crate::rules::{Model, Replica};

pub(super) fn compare(state: &State, model: &Model, found: &mut Differences) {
    for (account, operator) in &model.operators {
        let what = || format!("whether {account:?} runs replicas");
        found.same(what, state.runs_replicas(*account), operator.replicates);
    }
    for (id, job) in &model.jobs {
        let of = |what: &str| format!("{what} of job {id:?}");
        let ours = &job.replicated;
        let theirs = state.replication(*id);
        let drawn = theirs.map_or(0, |theirs| theirs.replicas.len());
        found.same(|| of("replicas"), drawn, ours.replicas.len());
        let Some(theirs) = theirs else { continue };
        found.same(|| of("verdict"), theirs.verdict, ours.verdict);
        let appeal = theirs.appeal.map(|one| (one.appellant, one.bond.units(), one.total.units()));
        found.same(|| of("appeal"), appeal, ours.appeal);
        for (record, replica) in theirs.replicas.iter().zip(&ours.replicas) {
            compare_replica(*id, record, replica, found);
        }
        let votes = state.votes(*id).map(|(who, vote)| (who, vote.answer, vote.weight.units()));
        // A vote is open as long as its bond is there; afterwards nobody keeps who said what.
        let mut expected =
            if job.status == protocol::JobStatus::Voting { ours.votes.clone() } else { Vec::new() };
        expected.sort();
        found.same(|| of("votes"), votes.collect(), expected);
    }
}

fn compare_replica(
    id: JobId,
    record: &protocol::Replica,
    replica: &Replica,
    found: &mut Differences,
) {
    let of = |what: &str| format!("{what} of replica {:?} of job {id:?}", replica.provider);
    let terms = (record.provider, record.round, record.ask.units(), record.assigned.0);
    let expected = (replica.provider, replica.round, replica.ask, replica.assigned);
    found.same(|| of("terms"), terms, expected);
    found.same(|| of("pricing"), record.pricing, replica.pricing);
    found.same(|| of("quote"), &record.quote, &replica.quote);
    let locked: Vec<_> = record.locked.iter().map(|(asset, held)| (asset, held.units())).collect();
    let expected = replica.locked.iter().map(|(asset, units)| (*asset, *units));
    found.same(|| of("lock"), locked, expected.collect());
    let facts = (record.commitment, record.output, record.fate);
    found.same(|| of("facts"), facts, (replica.commitment, replica.output, replica.fate()));
}
