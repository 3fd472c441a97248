//! Prices: nobody works for less than it asked, nobody pays more than it offered.

use super::Findings;
use crate::jobs::{ASK_UNITS, Assignment, Job};
use crate::market::{Pricing, effective_ceil};
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    for job in state.jobs() {
        if let Some(assignment) = &job.assignment {
            check_price(job, assignment, findings);
        }
    }
}

/// The price is at least what the provider asked, and the provider ranked no worse than who was rejected. A job taken by
/// hand has its own bounds.
fn check_price(job: &Job, assignment: &Assignment, findings: &mut Findings) {
    let Assignment { ask, pricing, quote, .. } = assignment;
    let asked = ask.scaled_ceil(job.spec.meter_max.into(), ASK_UNITS);
    let fair = match *pricing {
        Pricing::Own | Pricing::Fallback { .. } => quote.price >= asked,
        Pricing::Uniform { rejected, quality } => {
            quote.price >= asked && effective_ceil(*ask, quality) <= rejected
        }
        Pricing::Offered { waited_ms } => waited_ms <= job.spec.wait_ms,
    };
    findings.require(fair, "winners are paid their ask or more", || {
        format!("{:?}: {pricing:?}, ask {ask}, price {}", job.id, quote.price)
    });
}
