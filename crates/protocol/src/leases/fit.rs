//! Whether an ask can take a lease.

use crate::leases::Lease;
use crate::market::{Candidate, unbacked};
use crate::primitives::{Amount, Holdings};
use crate::state::State;

/// How an ask meets a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LeaseFit {
    /// It can take the lease, with this lock: its value in micro-dollars, and the slices.
    Takes(Amount, Holdings),
    /// It has not as many units free.
    TooSmall,
    /// It belongs with the requester.
    Related,
    /// Its price of an epoch is above the lease's maximum.
    TooDear(Amount),
    /// Its bond does not back so many units more.
    Unbacked,
    /// Its free bond does not reach for the lock, in micro-dollars.
    CannotLock(Amount),
    /// Its whole bond would not cover all its locks after the haircut.
    Thin,
}

/// How an ask meets a lease at a price of an epoch. What gates a job's assignment gates a lease.
pub(crate) fn fit(state: &State, lease: &Lease, candidate: &Candidate, price: Amount) -> LeaseFit {
    let (parameters, provider, spec) = (&state.parameters, candidate.provider, &lease.spec);
    let operator = state.operator(provider).expect("asks belong to operators");
    if candidate.units_left() < spec.units {
        return LeaseFit::TooSmall;
    }
    if state.are_related(provider, lease.requester) {
        return LeaseFit::Related;
    }
    if price > spec.price_max {
        return LeaseFit::TooDear(price);
    }
    let units = candidate.promised.saturating_add(spec.units);
    if unbacked(state, operator, spec.class, units).is_some() {
        return LeaseFit::Unbacked;
    }
    let required = price.portion_ceil(parameters.lease_lock);
    let haircut = parameters.haircut_over(parameters.lease_exposure_ms(spec.epochs));
    match state.slices_of(&candidate.free, required, haircut) {
        Some(_) if state.bond_value(&operator.bonded) < candidate.owed.plus(required) => {
            LeaseFit::Thin
        }
        Some(slices) => LeaseFit::Takes(required, slices),
        None => LeaseFit::CannotLock(required),
    }
}
