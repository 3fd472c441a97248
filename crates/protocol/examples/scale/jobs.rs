//! Jobs from assignment to settlement, and the blocks that carry them.

use std::time::Duration;

use protocol::{
    AccountId, Action, Claim, Content, Event, Hash, Job, JobEvent, JobId, JobStatus, State, seal,
};

use crate::positions::Positions;
use crate::stopwatch::{Spans, timed};

/// Milliseconds from block to block.
pub(crate) const PACE_MS: u64 = 1_000;

/// Blocks in which the work of an epoch's turn is looked for.
const TURN: u32 = 10;

/// What blocks of jobs cost.
#[derive(Default)]
pub(crate) struct Pace {
    pub(crate) begin: Spans,
    pub(crate) end: Spans,
    /// The beginnings of the first blocks of an epoch, which are not among the others.
    pub(crate) turn: Spans,
    pub(crate) assigned: u64,
    pub(crate) settled: u64,
    /// What providers and auditors send, and how long applying it took.
    pub(crate) transactions: usize,
    pub(crate) applying: Duration,
}

impl Pace {
    /// Jobs a second, with everything that happens to them after they were submitted.
    pub(crate) fn settled_per_second(&self) -> f64 {
        let blocks_ms = self.begin.total() + self.turn.total() + self.end.total();
        self.settled as f64 / (blocks_ms / 1e3 + self.applying.as_secs_f64())
    }
}

/// So many blocks in which every provider and auditor does what it is to do as soon as it may.
pub(crate) fn run(built: &mut Positions, blocks: u32) -> Pace {
    let mut pace = Pace::default();
    let mut under_way: Vec<JobId> = Vec::new();
    let mut epoch = built.load.state().clock().epoch;
    let mut since_turn = TURN;
    for _ in 0..blocks {
        let (events, span) = timed(|| built.load.begin(PACE_MS));
        since_turn = since_turn.saturating_add(1);
        if std::mem::replace(&mut epoch, built.load.state().clock().epoch) < epoch {
            since_turn = 0;
        }
        if since_turn < TURN {
            pace.turn.push(span)
        } else {
            pace.begin.push(span)
        }
        let before = under_way.len();
        under_way.extend(events.iter().filter_map(assigned));
        pace.assigned += (under_way.len() - before) as u64;
        let due = due(built.load.state(), &under_way);
        let block = built.load.sign(due);
        let (receipts, span) = timed(|| built.load.execute(&block));
        assert!(receipts.iter().all(|receipt| receipt.rejection.is_none()), "all is in order");
        pace.transactions += receipts.len();
        pace.applying += span;
        pace.end.push(timed(|| built.load.end()).1);
        let state = built.load.state();
        let ended = |id: &JobId| matches!(state.job(*id), Some(Job { ended: Some(_), .. }));
        let before = under_way.len();
        under_way.retain(|id| !ended(id));
        pace.settled += (before - under_way.len()) as u64;
    }
    pace
}

fn assigned(event: &Event) -> Option<JobId> {
    match event {
        Event::Job(JobEvent::JobAssigned { job, .. }) => Some(*job),
        _ => None,
    }
}

/// What is to be sent now for the jobs under way.
fn due(state: &State, under_way: &[JobId]) -> Vec<(AccountId, Action)> {
    under_way.iter().filter_map(|id| next_action(state.job(*id)?)).collect()
}

fn next_action(job: &Job) -> Option<(AccountId, Action)> {
    let (id, assignment) = (job.id, job.assignment.as_ref()?);
    let (claim, salt) = (claim(), Hash([7; 32]));
    let sealed = |account| seal(id, job.attempts, account, salt, &claim);
    let provider = assignment.provider;
    let audit = assignment.audit.as_ref();
    Some(match job.status {
        JobStatus::Assigned => {
            (provider, Action::CommitResult { job: id, commitment: sealed(provider) })
        }
        JobStatus::Auditing => {
            let auditor = audit?.auditor;
            (auditor, Action::CommitAudit { job: id, commitment: sealed(auditor) })
        }
        JobStatus::Revealing => (provider, Action::RevealResult { job: id, claim, salt }),
        JobStatus::AuditRevealing => (audit?.auditor, Action::RevealAudit { job: id, claim, salt }),
        _ => return None,
    })
}

/// One step, no output.
fn claim() -> Claim {
    Claim { output: Content::default(), trace: Content { root: Hash([1; 32]), size: 64 }, meter: 1 }
}
