//! Replicas as sentences with the numbers in them.

use super::Dollars;
use crate::jobs::{Job, Replica, ReplicaFate, quorum, replica_price_max, replicas_in_all};
use crate::state::State;

/// How many replicas have to agree, what each may cost, and where each is, line by line; nothing for a proven job.
pub fn replicas(state: &State, job: &Job) -> Vec<String> {
    let Some(first) = job.spec.kind.replicas() else { return Vec::new() };
    let (all, most) = (replicas_in_all(first), Dollars(replica_price_max(&job.spec)));
    let drawn =
        state.replication(job.id).map(|found| found.replicas.as_slice()).unwrap_or_default();
    let count = u32::try_from(drawn.len()).unwrap_or(u32::MAX).max(first);
    let mut lines = vec![
        format!(
            "{} of {count} replicas have to agree; if they do not there are {all}",
            quorum(count)
        ),
        format!(
            "each costs at most {} / {all} = {most}; every result is compared, so the lock counts q = 100 %",
            Dollars(job.spec.price_max)
        ),
    ];
    lines.extend(drawn.iter().map(replica));
    lines
}

fn replica(replica: &Replica) -> String {
    let Replica { provider, round, quote, .. } = replica;
    let [price, required] = [quote.price, quote.required].map(Dollars);
    let fate = fate(replica.fate);
    format!("round {round}, {provider}: price {price}, lock {required}, {fate}")
}

const fn fate(fate: ReplicaFate) -> &'static str {
    match fate {
        ReplicaFate::Running => "runs it",
        ReplicaFate::Committed => "has committed",
        ReplicaFate::Revealed => "has revealed",
        ReplicaFate::Missed => "did not commit in time",
        ReplicaFate::NotRevealed => "did not reveal in time: lost its lock",
        ReplicaFate::Paid => "was right: paid",
        ReplicaFate::Outvoted => "had another output: lost its lock",
        ReplicaFate::Withheld => "withheld its output: lost its lock",
        ReplicaFate::Released => "nobody can say: has its lock back",
    }
}
