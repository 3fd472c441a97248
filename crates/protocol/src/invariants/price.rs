//! Price: fresh, or the intake is closed; reports in their slots.

use super::Findings;
use crate::jobs::Job;
use crate::price::{Intake, Oracle};
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    check_intake(state, findings);
    let Some(oracle) = state.oracle() else {
        let rest = (state.reports.len(), state.prices.len(), state.misses.len());
        findings.require(rest == (0, 0, 0), "a governed price leaves no reports", || {
            format!("{rest:?}")
        });
        return;
    };
    check_price(state, oracle, findings);
    for ((slot, validator), report) in &state.reports {
        let live = *slot == oracle.slot || slot.checked_add(1) == Some(oracle.slot);
        let opened = report.commitment.is_some() || report.price.is_none();
        let early = *slot == oracle.slot && report.price.is_some();
        findings.require(live && opened && !early, "reports keep to their slots", || {
            format!("{validator:?} in slot {slot} of {}: {report:?}", oracle.slot)
        });
    }
}

/// Nothing was assigned in a block whose price is stale or has fallen too far.
fn check_intake(state: &State, findings: &mut Findings) {
    let intake = state.intake();
    if intake == Intake::Open {
        return;
    }
    let began = |job: &&Job| {
        job.assignment.as_ref().is_some_and(|attempt| attempt.assigned == state.clock.now)
    };
    for job in state.jobs().filter(began) {
        findings.require(false, "the price is fresh or the intake closed", || {
            format!("{:?} was assigned while {intake:?}", job.id)
        });
    }
}

/// Collateral counts at no more than the price, and the price is the latest of the history.
fn check_price(state: &State, oracle: &Oracle, findings: &mut Findings) {
    let counts = !oracle.collateral.is_zero() && oracle.collateral <= oracle.price;
    findings.require(counts, "collateral counts at most at the price", || format!("{oracle:?}"));
    let latest = state.prices().last();
    findings.require(latest == Some((oracle.agreed, oracle.price)), "the price is agreed", || {
        format!("{oracle:?}, latest {latest:?}")
    });
}
