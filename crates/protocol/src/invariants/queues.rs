//! Queues: every entry has a living referent, and the reverse.

use super::Findings;
use crate::collateral::MarginCall;
use crate::jobs::{Job, JobStatus};
use crate::penalties::{DoubleSigner, SignerStage};
use crate::primitives::Time;
use crate::state::{State, Task};

pub(super) fn check(state: &State, findings: &mut Findings) {
    for ((at, number), task) in &state.timers {
        findings.require(is_alive(state, *at, *number, task), "timers have referents", || {
            format!("{task:?} at {at}, number {number}")
        });
    }
    let kept = state.timers.len();
    let due = timers_due(state);
    findings.require(kept == due, "what has a deadline has a timer", || {
        format!("{kept} timers, {due} due")
    });
    for job in state.jobs() {
        check_job(state, job, findings);
    }
    let open = state.jobs().filter(|job| is_waiting(job)).count();
    findings.require(
        state.open.len() + state.offered.len() == open,
        "the queues are the open jobs",
        || format!("{open} open"),
    );
    let drawn = state.jobs().filter(|job| job.status == JobStatus::Committed).count();
    findings.require(state.draws.len() == drawn, "draws are the committed jobs", || {
        format!("{drawn} committed")
    });
}

fn is_alive(state: &State, at: Time, number: u64, task: &Task) -> bool {
    match *task {
        Task::Job(job) => {
            state.job(job).is_some_and(|job| (job.deadline, job.timer) == (Some(at), Some(number)))
        }
        Task::Lease(lease) => {
            state.lease(lease).is_some_and(|lease| (lease.deadline, lease.timer) == (at, number))
        }
        Task::Exit(operator, exit) => {
            exit == number
                && state.exits.get(&(operator, exit)).is_some_and(|exit| exit.release == at)
        }
        Task::Demand(job, demander) => state
            .demand(job, demander)
            .is_some_and(|demand| (demand.deadline, demand.timer) == (at, number)),
        Task::Offence(operator) => state
            .operator(operator)
            .and_then(|operator| operator.offence)
            .is_some_and(|offence| (offence.until, offence.timer) == (at, number)),
        Task::AccessExit(account, exit) => {
            exit == number
                && state.access_exits.get(&(account, exit)).is_some_and(|exit| exit.release == at)
        }
        Task::MarginCall(operator) => {
            state.exposure(operator).and_then(|exposure| exposure.call)
                == Some(MarginCall { until: at, timer: Some(number) })
        }
        Task::Proposal(proposal) => state
            .proposal(proposal)
            .is_some_and(|proposal| (proposal.deadline, proposal.timer) == (at, number)),
        Task::Undelegation(delegator, operator, bucket) => {
            let record = state.undelegations.get(&(delegator, operator, bucket));
            record.is_some_and(|record| record.timer == number)
                && state.bucket(operator, bucket).release >= at
        }
        Task::Hop(delegator, operator) => state
            .hop_of(delegator, operator)
            .is_some_and(|hop| state.bucket(hop.source, hop.bucket).release >= at),
        Task::Commitment(staker, operator) => state
            .commitment(staker, operator)
            .is_some_and(|commitment| (commitment.until, commitment.timer) == (at, number)),
        Task::Reckoning(operator) => {
            state.double_signer(operator).and_then(timer_of) == Some((at, number))
        }
    }
}

fn timer_of(signer: &DoubleSigner) -> Option<(Time, u64)> {
    match signer.stage {
        SignerStage::Frozen(until, timer) | SignerStage::Remembered(until, timer) => {
            Some((until, timer))
        }
        SignerStage::Past => None,
    }
}

fn timers_due(state: &State) -> usize {
    let jobs = state.jobs().filter(|job| job.deadline.is_some()).count();
    let offences = state.operators().filter(|operator| operator.offence.is_some()).count();
    let calls = state.exposures.values().filter_map(|exposure| exposure.call?.timer).count();
    let hops = state.delegations.values().filter(|record| record.hop.is_some()).count();
    let leaving = state.exits.len() + state.undelegations.len() + hops;
    let frozen = state.double_signers.values().filter_map(timer_of).count();
    let others = frozen + state.demands.len() + state.proposals.len() + state.commitments.len();
    jobs + state.leases.len() + offences + calls + leaving + others + state.access_exits.len()
}

/// Whether a job waits for a provider, or for more replicas.
fn is_waiting(job: &Job) -> bool {
    matches!(job.status, JobStatus::Open | JobStatus::Escalating)
}

fn check_job(state: &State, job: &Job, findings: &mut Findings) {
    let (class, requester) = (job.spec.class, job.requester);
    let waits =
        job.queued.is_some_and(|place| state.open.get(&(class, requester, place)) == Some(&job.id));
    let queued = waits != state.is_offered(job);
    let due = is_waiting(job);
    findings.require(queued == due, "open jobs wait in one queue", || format!("{:?}", job.id));
    let waits = job.status != JobStatus::Committed;
    findings.require(waits == job.deadline.is_some(), "every stage has its deadline", || {
        format!("{:?}: {:?}", job.id, job.status)
    });
    if job.status == JobStatus::Committed {
        let due = state.draws.keys().any(|(_, drawn)| *drawn == job.id);
        findings.require(due, "committed jobs are drawn", || format!("{:?}", job.id));
    }
}
