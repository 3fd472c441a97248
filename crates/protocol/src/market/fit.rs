//! Whether an ask can take a job.

use super::Candidate;
use crate::jobs::{Job, JobKind, JobSpec, LockQuote, lock_quote, replica_price_max};
use crate::operators::Operator;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Holdings, Ppm};
use crate::state::State;

/// How an ask meets a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It can take the job, with this price and lock.
    Takes(Box<(LockQuote, Holdings)>),
    /// It failed this job before.
    Failed,
    /// It runs no replicas.
    NoReplicas,
    /// Its owner has a replica of the job.
    SameOwner,
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
    if let JobKind::Replicated { .. } = job.spec.kind
        && let Some(obstacle) = replica_obstacle(state, job, provider)
    {
        return obstacle;
    }
    if price > price_limit(&job.spec) {
        return Fit::TooDear(price);
    }
    if let Some((required, value)) =
        unbacked(state, operator, job.spec.class, candidate.promised.saturating_add(1))
    {
        return Fit::Unbacked(required, value);
    }
    let rate = match job.spec.kind {
        JobKind::Proven => operator.audit_rate(
            parameters.audit_rate_new,
            parameters.audit_rate_floor,
            parameters.clean_epochs,
        ),
        // Every result is compared.
        JobKind::Replicated { .. } => Ppm::WHOLE,
    };
    let quote = lock_quote(parameters, &job.spec, price, rate, state.collateral_price());
    let slices = state.slices_of(&candidate.free, quote.required, quote.native_haircut);
    let Some(slices) = slices else { return Fit::CannotLock(quote) };
    // Only what somebody has is added up: the lock that a declared harm asks for may be more than there is.
    let owed = candidate.owed.plus(quote.required);
    let lockable = state.bond_value(&operator.bonded);
    if lockable < owed { Fit::Thin(owed, lockable) } else { Fit::Takes(Box::new((quote, slices))) }
}

/// The most that whoever runs a job may be paid.
fn price_limit(spec: &JobSpec) -> Amount {
    match spec.kind {
        JobKind::Proven => spec.price_max,
        JobKind::Replicated { .. } => replica_price_max(spec),
    }
}

/// Why an operator is not drawn for a job's replicas, whatever it asks.
fn replica_obstacle(state: &State, job: &Job, provider: AccountId) -> Option<Fit> {
    if !state.runs_replicas(provider) {
        return Some(Fit::NoReplicas);
    }
    let drawn = state.replication(job.id).into_iter().flat_map(|found| &found.replicas);
    let related = drawn.into_iter().any(|replica| state.are_related(replica.provider, provider));
    related.then_some(Fit::SameOwner)
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
