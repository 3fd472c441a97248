//! Collateral: what is owed is the open locks, bands are what they should be, admitted assets keep to their terms.

use super::Findings;
use crate::books::{Place, put_entry};
use crate::collateral::Band;
use crate::jobs::{Job, JobStatus, Replica};
use crate::leases::{Lease, LeaseStatus};
use crate::primitives::{AccountId, Amount, NATIVE, STABLE};
use crate::state::{HashTrie, State};

pub(super) fn check(state: &State, findings: &mut Findings) {
    let mut owed = HashTrie::<AccountId, Amount>::default();
    for ((operator, job), value) in &state.liabilities {
        put_entry(&mut owed, *operator, *value);
        let due = state.job(*job).and_then(|job| lock_value(state, job, *operator));
        let due = due.or_else(|| lease_value(state.lease(*job)?, *operator));
        findings.require(due == Some(*value), "what is owed is an open lock", || {
            format!("{operator:?} owes {value} for {job:?}, due {due:?}")
        });
    }
    let kept = state.exposures.iter().map(|(operator, exposure)| (operator, &exposure.owed));
    findings.require(owed.iter().eq(kept), "exposures are sums", || {
        format!("{owed:?}, kept {:?}", state.exposures)
    });
    for operator in state.exposures.keys() {
        check_band(state, *operator, findings);
    }
    for (place, asset) in state.held.keys() {
        let bonded = matches!(place, Place::Bond(_) | Place::Lock(..));
        let admitted = *asset == NATIVE || *asset == STABLE || state.collateral(*asset).is_some();
        findings.require(!bonded || admitted, "only collateral is bonded", || {
            format!("{place:?} holds {asset}")
        });
    }
}

/// The value of an operator's lock for a job under way, as its provider, its auditor or a replica.
fn lock_value(state: &State, job: &Job, operator: AccountId) -> Option<Amount> {
    if matches!(job.status, JobStatus::Ended(_)) {
        return None;
    }
    if let Some(replication) = state.replication(job.id) {
        let open = |one: &&Replica| one.provider == operator && one.fate.is_open();
        return replication.replicas.iter().find(open).map(|one| one.quote.required);
    }
    let assignment = job.assignment.as_ref()?;
    if assignment.provider == operator {
        return Some(assignment.quote.required);
    }
    let audit = assignment.audit.as_ref().filter(|audit| audit.auditor == operator)?;
    Some(audit.lock)
}

/// The value of a provider's lock for a lease that runs.
fn lease_value(lease: &Lease, operator: AccountId) -> Option<Amount> {
    let tenure = lease.tenure.as_ref().filter(|_| lease.status == LeaseStatus::Running)?;
    (tenure.provider == operator).then_some(tenure.owed)
}

/// A kept band is the band, unless the pass after a change of prices or the timer of a call is still to come; whoever
/// is not green has a margin call.
fn check_band(state: &State, operator: AccountId, findings: &mut Findings) {
    let Some(exposure) = state.exposure(operator) else { return };
    let called = exposure.call.is_some();
    findings.require(called == (exposure.band != Band::Green), "the thin are called", || {
        format!("{operator:?}: {exposure:?}")
    });
    let waiting =
        exposure.call.is_some_and(|call| call.timer.is_some() && state.clock.now > call.until);
    let band = state.band(operator);
    let current = band == exposure.band || waiting || state.sweep().is_some();
    findings.require(current, "bands follow prices", || {
        format!("{operator:?} is {band:?}: {exposure:?}")
    });
}
