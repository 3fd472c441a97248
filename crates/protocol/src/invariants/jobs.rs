//! Jobs: honesty inequality, order of facts, escrow, audits.

use ruint::aliases::U256;

use super::Findings;
use crate::books::Place;
use crate::jobs::{Assignment, Finding, Job, JobKind, JobStatus, LockQuote, ReplicaFate};
use crate::leases::LeaseStatus;
use crate::primitives::{PPM, STABLE};
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    for job in state.jobs() {
        check_escrow(state, job, findings);
        if let Some(assignment) = &job.assignment {
            check_assignment(state, job, assignment, findings);
        }
        findings.require(has_needed_parts(job), "stages have their parts", || {
            format!("{:?}: {:?}", job.id, job.status)
        });
    }
    check_busy(state, findings);
}

/// Until a job ends its requester's whole maximum price is in escrow; afterwards nothing is.
fn check_escrow(state: &State, job: &Job, findings: &mut Findings) {
    let escrow = state.held(Place::Escrow(job.id), STABLE);
    let due = if matches!(job.status, JobStatus::Ended(_)) {
        Default::default()
    } else {
        job.spec.price_max
    };
    findings
        .require(escrow == due, "escrow is whole", || format!("{:?}: {escrow}, due {due}", job.id));
}

fn check_assignment(state: &State, job: &Job, assignment: &Assignment, findings: &mut Findings) {
    let id = job.id;
    findings.require(is_honest(&assignment.quote), "honesty pays", || {
        format!("{id:?}: {:?}", assignment.quote)
    });
    let quote = &assignment.quote;
    findings.require(quote.price <= job.spec.price_max, "prices keep to the maximum", || {
        format!("{id:?}")
    });
    let failed = job.failed.contains(&assignment.provider);
    findings.require(!failed, "who failed a job is not given it again", || format!("{id:?}"));
    if let Some(audit) = &assignment.audit {
        let provider = assignment.provider;
        findings.require(audit.auditor != provider, "nobody audits itself", || format!("{id:?}"));
        let later = assignment.committed.is_some_and(|(height, _)| audit.drawn > height);
        findings.require(later, "draws come after commitments", || format!("{id:?}"));
    }
    if !matches!(job.status, JobStatus::Ended(_)) {
        check_lock(state, job, assignment, findings);
    }
}

/// `q delta (p + S - floor(bounty S)) >= m (G + B)`, in whole numbers.
pub(super) fn is_honest(quote: &LockQuote) -> bool {
    let caught = U256::from(u64::from(quote.audit_rate.0) * u64::from(quote.detection.0));
    let at_stake = caught * U256::from(quote.price.plus(quote.lost(quote.required)).units());
    let gain = U256::from(quote.saving.plus(quote.harm).units());
    at_stake >= gain * U256::from(u64::from(quote.margin.0) * u64::from(PPM))
}

/// An attempt under way has exactly what was locked for it.
fn check_lock(state: &State, job: &Job, assignment: &Assignment, findings: &mut Findings) {
    let held = state.slices(Place::Lock(assignment.provider, job.id)).into_iter().collect();
    findings.require(assignment.locked == held, "locks are whole until judged", || {
        format!("{:?}: {:?} against {held:?}", job.id, assignment.locked)
    });
}

/// Every stage has what it waits for, and no more.
fn has_needed_parts(job: &Job) -> bool {
    let assignment = job.assignment.as_ref();
    let committed = assignment.is_some_and(|assignment| assignment.commitment.is_some());
    let revealed = assignment.is_some_and(|assignment| assignment.claim.is_some());
    let audit = assignment.and_then(|assignment| assignment.audit.as_ref());
    let finding = audit.map(|audit| audit.finding);
    let audit_committed = audit.is_none_or(|audit| audit.commitment.is_some());
    match job.status {
        JobStatus::Open => assignment.is_none() && job.queued.is_some(),
        JobStatus::Assigned => assignment.is_some() && !committed,
        JobStatus::Committed => committed && !revealed && audit.is_none(),
        JobStatus::Auditing => committed && !revealed && audit.is_some() && !audit_committed,
        JobStatus::Revealing => committed && !revealed && audit_committed,
        JobStatus::AuditRevealing => {
            revealed && audit_committed && finding == Some(Finding::Pending)
        }
        JobStatus::Window => {
            revealed && finding != Some(Finding::Pending) && job.window_end.is_some()
        }
        JobStatus::Ended(_) => job.ended.is_some(),
        // Replicated jobs have their parts elsewhere: see `replicated`.
        JobStatus::Replicating
        | JobStatus::ReplicasRevealing
        | JobStatus::Escalating
        | JobStatus::Appealable
        | JobStatus::Voting => assignment.is_none() && job.spec.kind != JobKind::Proven,
    }
}

/// Busy units are the jobs and leases under way.
fn check_busy(state: &State, findings: &mut Findings) {
    let mut busy = std::collections::BTreeMap::new();
    for job in state.jobs().filter(|job| !matches!(job.status, JobStatus::Ended(_))) {
        if let Some(assignment) = &job.assignment {
            *busy.entry((assignment.provider, job.spec.class)).or_insert(0_u32) += 1;
        }
        let replicas = state.replication(job.id).into_iter().flat_map(|found| &found.replicas);
        for replica in replicas.filter(|replica| replica.fate == ReplicaFate::Running) {
            *busy.entry((replica.provider, job.spec.class)).or_insert(0) += 1;
        }
    }
    for lease in state.leases().filter(|lease| lease.status == LeaseStatus::Running) {
        if let Some(tenure) = &lease.tenure {
            *busy.entry((tenure.provider, lease.spec.class)).or_insert(0) += lease.spec.units;
        }
    }
    for (key, offer) in &state.offers {
        let counted = busy.remove(key).unwrap_or(0);
        findings.require(offer.busy == counted, "busy units are at work", || {
            format!("{key:?}: {} against {counted}", offer.busy)
        });
    }
    findings.require(busy.is_empty(), "what is at work has an offer", || format!("{busy:?}"));
}
