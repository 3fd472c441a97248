//! Leases: escrow, lock, units, places, verdicts.

use super::Findings;
use crate::books::Place;
use crate::leases::{EpochVerdict, Lease, LeaseStatus, Tenure};
use crate::primitives::STABLE;
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    for lease in state.leases() {
        check_escrow(state, lease, findings);
        check_queue(state, lease, findings);
        if let Some(tenure) = &lease.tenure {
            check_tenure(state, lease, tenure, findings);
        }
    }
    let count = |status| state.leases().filter(|lease| lease.status == status).count();
    let (waiting, running) = (count(LeaseStatus::Waiting), count(LeaseStatus::Running));
    findings.require(state.lease_queue.len() == waiting, "the queue is the waiting leases", || {
        format!("{waiting} wait, {} are queued", state.lease_queue.len())
    });
    findings.require(state.leased.len() == running, "probes find the running leases", || {
        format!("{running} run, {} are in the table", state.leased.len())
    });
    check_asks(state, findings);
}

/// What a waiting lease may cost at most, what the epochs of a running one cost that are not judged, and nothing of one
/// that is over.
fn check_escrow(state: &State, lease: &Lease, findings: &mut Findings) {
    let held = state.held(Place::Escrow(lease.id), STABLE);
    let due = match (lease.status, &lease.tenure) {
        (LeaseStatus::Waiting, _) => lease.spec.price_max.scaled_ceil(lease.spec.epochs.into(), 1),
        (LeaseStatus::Running, Some(tenure)) => tenure.unjudged_price(),
        _ => Default::default(),
    };
    findings.require(held == due, "a lease's escrow is what is not judged", || {
        format!("{:?}: {held}, due {due}", lease.id)
    });
}

fn check_queue(state: &State, lease: &Lease, findings: &mut Findings) {
    let queued = lease.queued.is_some_and(|place| state.lease_queue.get(&place) == Some(&lease.id));
    let waits = lease.status == LeaseStatus::Waiting;
    findings.require(queued == waits, "waiting leases are queued", || format!("{:?}", lease.id));
    let begun = lease.tenure.is_some();
    let ended = lease.ended.is_some();
    let whole = match lease.status {
        LeaseStatus::Waiting => !begun && !ended,
        LeaseStatus::Running => begun && !ended,
        LeaseStatus::Ended(_) => ended,
    };
    findings.require(whole, "leases have their parts", || format!("{:?}", lease.id));
}

fn check_tenure(state: &State, lease: &Lease, tenure: &Tenure, findings: &mut Findings) {
    let (id, provider) = (lease.id, tenure.provider);
    let runs = lease.status == LeaseStatus::Running;
    let placed = tenure.place.is_some_and(|place| state.leased.get(&place) == Some(&id));
    findings.require(placed == runs, "a running lease has its place", || format!("{id:?}"));
    let liability = state.liabilities.get(&(provider, id)).copied().unwrap_or_default();
    let owed = if runs { tenure.owed } else { Default::default() };
    findings.require(liability == owed, "a lease owes what its lock is for", || {
        format!("{id:?}: {liability}, due {owed}")
    });
    let locked = state.slices(Place::Lock(provider, id));
    let slashed = tenure.missed() > u64::from(tenure.terms.grace);
    let whole = locked.iter().copied().collect::<crate::primitives::Holdings>() == tenure.locked;
    findings.require(
        !runs || slashed || whole,
        "a lease's lock is whole until it is missed",
        || format!("{id:?}: {locked:?} of {:?}", tenure.locked),
    );
    let fair = tenure.price <= lease.spec.price_max;
    findings.require(fair, "prices keep to the maximum", || format!("{id:?}"));
    check_verdicts(state, lease, tenure, findings);
}

/// Only what somebody signed for or spoke of is paid, and every probe is of an epoch to come, by somebody unrelated.
fn check_verdicts(state: &State, lease: &Lease, tenure: &Tenure, findings: &mut Findings) {
    let sound = tenure.judged.iter().all(|one| {
        let counted = one.answered <= one.heard && one.heard <= one.drawn;
        let spoken = match one.verdict {
            EpochVerdict::Accepted => true,
            EpochVerdict::Served => one.answered > 0,
            EpochVerdict::Missed => one.answered < one.heard,
            EpochVerdict::Unproven => one.heard == 0,
        };
        counted && spoken
    });
    findings.require(sound, "epochs are judged by what was said", || format!("{:?}", lease.id));
    let open = tenure.open_epoch();
    let due = tenure.probes.iter().all(|probe| {
        let past = probe.drawn <= state.clock.now && probe.observer != tenure.provider;
        past && (open..=tenure.last).contains(&probe.epoch) && probe.observer != lease.requester
    });
    findings.require(due, "probes are of epochs to judge", || format!("{:?}", lease.id));
    let within = u64::from(open) <= u64::from(tenure.last) + 1;
    findings.require(within, "no epoch is judged past the last", || format!("{:?}", lease.id));
}

/// The index of asks for leases is those of offers that stand.
fn check_asks(state: &State, findings: &mut Findings) {
    for ((operator, class), ask) in &state.lease_rates {
        let offer = state.offer(*operator, *class);
        let stands = offer.is_some_and(|offer| state.is_offering(*operator, offer));
        let listed = state.lease_asks.contains_key(&(*class, *ask, *operator));
        findings.require(listed == stands, "asks for leases are of offers that stand", || {
            format!("{operator:?} in class {class}: listed {listed}, stands {stands}")
        });
    }
    let owned = state
        .lease_asks
        .keys()
        .all(|(class, ask, operator)| state.lease_rates.get(&(*operator, *class)) == Some(ask));
    findings.require(owned, "asks for leases are their operators'", || {
        format!("{:?}", state.lease_asks)
    });
}
