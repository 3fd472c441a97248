//! Whether an ask can take a job.

use super::Candidate;
use crate::jobs::{Job, LockQuote, lock_quote};
use crate::operators::Operator;
use crate::parameters::ClassId;
use crate::primitives::{Amount, Holdings};
use crate::state::State;

/// How an ask meets a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It can take the job, with this price and lock.
    Takes(Box<(LockQuote, Holdings)>),
    /// It failed this job before.
    Failed,
    /// It belongs with the requester.
    Related,
    /// Its price is above the job's maximum.
    TooDear(Amount),
    /// Its bond does not back one unit more: what would be needed, and what it is worth.
    Unbacked(Amount, Amount),
    /// Its free bond does not reach for the lock.
    CannotLock(LockQuote),
    /// Its whole bond would not cover all its locks after the haircut: what they would be, and what it is worth.
    Thin(Amount, Amount),
}

/// How an ask meets a job at a price.
pub(crate) fn fit(state: &State, job: &Job, candidate: &Candidate, price: Amount) -> Fit {
    let parameters = &state.parameters;
    let provider = candidate.provider;
    let operator = state.operator(provider).expect("asks belong to operators");
    if job.failed.contains(&provider) {
        return Fit::Failed;
    }
    if state.are_related(provider, job.requester) {
        return Fit::Related;
    }
    if price > job.spec.price_max {
        return Fit::TooDear(price);
    }
    if let Some((required, value)) =
        unbacked(state, operator, job.spec.class, candidate.promised.saturating_add(1))
    {
        return Fit::Unbacked(required, value);
    }
    let rate = operator.audit_rate(
        parameters.audit_rate_new,
        parameters.audit_rate_floor,
        parameters.clean_epochs,
    );
    let quote = lock_quote(parameters, &job.spec, price, rate, state.collateral_price());
    let owed = candidate.owed.plus(quote.required);
    let lockable = state.bond_value(&operator.bonded);
    match state.slices_of(&candidate.free, quote.required, quote.native_haircut) {
        Some(_) if lockable < owed => Fit::Thin(owed, lockable),
        Some(slices) => Fit::Takes(Box::new((quote, slices))),
        None => Fit::CannotLock(quote),
    }
}

/// What so many more units at work would require and what the bond is worth, if that is less. A slashed bond backs fewer
/// units than offered.
pub(crate) fn unbacked(
    state: &State,
    operator: &Operator,
    class: ClassId,
    units: u32,
) -> Option<(Amount, Amount)> {
    let mut required = Amount::ZERO;
    for (offered, offer) in state.offers(operator.account) {
        let more = if offered == class { u128::from(units) } else { 0 };
        let per_unit = state.class(offered).map_or(Amount::ZERO, |class| class.bond_per_unit);
        required = required.plus(per_unit.scaled_ceil(u128::from(offer.busy) + more, 1));
    }
    let required = required.max(state.parameters.provider_bond_min);
    let value = state.bond_value(&operator.bonded);
    (value < required).then_some((required, value))
}
