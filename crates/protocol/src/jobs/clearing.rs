//! Clearing: every block, waiting jobs meet standing asks.
//!
//! Jobs and asks count from the block after they arrived, so nobody snipes. A job goes to the lowest ask whose operator
//! can take it; among equal asks the beacon decides. Work is bounded: so many jobs of a class per block (the next block
//! goes on behind them), so many offers per job.

use crate::event::Event;
use crate::jobs::{Assignment, Job, JobStatus, LockQuote, lock_quote, price_ceil};
use crate::operators::Operator;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Hash, Holdings, JobId};
use crate::state::State;
use crate::step::Step;

/// How an offer meets a job.
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
    /// Its bond does not back one unit more.
    Unbacked(Amount),
    /// Its free bond does not reach for the lock.
    CannotLock(LockQuote),
    /// Its whole bond would not cover all its locks after the haircut.
    Thin,
}

/// How an offer at `ask` of an operator meets a job.
pub(crate) fn fit(state: &State, job: &Job, provider: AccountId, ask: Amount) -> Fit {
    let parameters = &state.parameters;
    let operator = state.operator(provider).expect("asks belong to operators");
    if job.failed.contains(&provider) {
        return Fit::Failed;
    }
    if state.are_related(provider, job.requester) {
        return Fit::Related;
    }
    let price = price_ceil(parameters, &job.spec, ask);
    if price > job.spec.price_max {
        return Fit::TooDear(price);
    }
    if let Some(required) = unbacked(state, operator, job.spec.class) {
        return Fit::Unbacked(required);
    }
    let rate = operator.audit_rate(
        parameters.audit_rate_new,
        parameters.audit_rate_floor,
        parameters.clean_epochs,
    );
    let quote = lock_quote(parameters, &job.spec, price, rate, state.collateral_price());
    match state.lock_slices(provider, quote.required, quote.native_haircut) {
        Some(_) if !state.covers_one_more(provider, quote.required) => Fit::Thin,
        Some(slices) => Fit::Takes(Box::new((quote, slices))),
        None => Fit::CannotLock(quote),
    }
}

/// What one more unit at work would require, if the bond is worth less. A slashed bond backs fewer units than offered.
fn unbacked(state: &State, operator: &Operator, class: ClassId) -> Option<Amount> {
    let mut required = Amount::ZERO;
    for (offered, offer) in state.offers(operator.account) {
        let busy = u128::from(offer.busy) + u128::from(offered == class);
        let per_unit = state.class(offered).map_or(Amount::ZERO, |class| class.bond_per_unit);
        required = required.plus(per_unit.scaled_ceil(busy, 1));
    }
    let required = required.max(state.parameters.provider_bond_min);
    (state.bond_value(&operator.bonded) < required).then_some(required)
}

/// Clears every class.
pub(crate) fn clear(step: &mut Step<'_>) {
    let classes: Vec<ClassId> = step.state.classes.keys().copied().collect();
    for class in classes {
        for job in take_turn(&mut step.state, class) {
            if let Some(found) = find(step, job) {
                assign(step, job, found);
            }
        }
    }
}

/// The waiting jobs of a class that this block looks at; remembers where the next block goes on.
fn take_turn(state: &mut State, class: ClassId) -> Vec<JobId> {
    if state.asks(class).next().is_none() {
        return Vec::new();
    }
    let budget = usize::try_from(state.parameters.clearings_per_block).unwrap_or(usize::MAX);
    let from = state.cursors.get(&class).copied().unwrap_or(0);
    let waiting = state.open.range((class, from)..=(class, u64::MAX));
    let turn: Vec<(u64, JobId)> =
        waiting.take(budget).map(|((_, place), job)| (*place, *job)).collect();
    match turn.last() {
        Some((last, _)) if turn.len() == budget => {
            state.cursors.insert(class, last.saturating_add(1));
        }
        // The end of the queue: the next block begins at its head.
        _ => {
            state.cursors.remove(&class);
        }
    }
    turn.into_iter().map(|(_, job)| job).collect()
}

/// A provider found for a job.
struct Found {
    provider: AccountId,
    ask: Amount,
    quote: LockQuote,
    slices: Holdings,
}

/// The best offer for a job among the first so many asks.
fn find(step: &Step<'_>, id: JobId) -> Option<Found> {
    let job = step.state.job(id).expect("a queued job exists");
    let budget = usize::try_from(step.state.parameters.candidates_max).unwrap_or(usize::MAX);
    let mut best: Option<(Hash, Found)> = None;
    for (provider, ask) in step.state.asks(job.spec.class).take(budget) {
        if best.as_ref().is_some_and(|(_, found)| found.ask < ask) {
            break;
        }
        match fit(&step.state, job, provider, ask) {
            Fit::Takes(terms) => {
                let (quote, slices) = *terms;
                let lot = Hash::of("earnest clearing v1", &(step.context.beacon, id, provider));
                if best.as_ref().is_none_or(|(lowest, _)| lot < *lowest) {
                    best = Some((lot, Found { provider, ask, quote, slices }));
                }
            }
            // Asks only rise from here.
            Fit::TooDear(_) => break,
            Fit::Failed | Fit::Related | Fit::Unbacked(_) | Fit::CannotLock(_) | Fit::Thin => {}
        }
    }
    best.map(|(_, found)| found)
}

fn assign(step: &mut Step<'_>, job: JobId, found: Found) {
    let Found { provider, ask, quote, slices } = found;
    step.dequeue(job);
    step.lock(provider, job, quote.required, &slices);
    let now = step.now();
    let record = step.job_mut(job);
    record.attempts = record.attempts.checked_add(1).expect("attempts are limited");
    record.assignment = Some(Assignment {
        provider,
        ask,
        quote,
        locked: slices.clone(),
        assigned: now,
        commitment: None,
        committed: None,
        claim: None,
        revealed: None,
        input_demands: 0,
        audit: None,
        silent_auditors: Vec::new(),
    });
    let (attempt, class, commit_by) =
        (record.attempts, record.spec.class, now.plus_ms(record.spec.run_ms));
    step.set_stage(job, JobStatus::Assigned, Some(commit_by));
    step.state.occupy_unit(provider, class);
    step.emit(Event::JobAssigned { job, attempt, provider, ask, quote, locked: slices, commit_by });
}
