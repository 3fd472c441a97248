//! Clearing: every block, waiting jobs meet standing asks.
//!
//! ```text
//!   turns (access) --> the lowest ask per quality that can take the job --> price: the first rejected ask --> lots, locks
//!        \--> no ask can: offered at a rising price, tried again in later blocks
//! ```
//!
//! Jobs and asks count from the block after they arrived, so nobody snipes. Three steps: every turn's job is promised the
//! lowest ask that can take it; what was left over says what each job costs; and which of the winners runs which job is
//! drawn, so that nobody gains a larger job by asking a little more. Work is bounded: so many turns and retries of a
//! class per block, so many asks looked at.

use std::sync::Arc;

use crate::event::JobEvent;
use crate::jobs::{
    Assignment, Job, JobKind, JobStatus, LockQuote, can_draw, draw_round, price_ceil,
};
use crate::market::{Candidate, Fit, Pricing, candidates, fit, look_on, lot, uniform_price};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Hash, Holdings, JobId};
use crate::state::State;
use crate::step::Step;

/// A job promised to an ask at the ask's own price.
struct Match {
    job: Arc<Job>,
    at: usize,
    quote: LockQuote,
    slices: Holdings,
    /// The lowest ask per quality that could have taken the job and was left over.
    rejected: Option<Amount>,
}

/// A job with one of its providers, its price and its lock.
pub(crate) struct Deal {
    pub(crate) job: JobId,
    /// Which of the asks.
    pub(crate) at: usize,
    pub(crate) pricing: Pricing,
    pub(crate) quote: LockQuote,
    pub(crate) slices: Holdings,
}

/// What came of the turns of a clearing.
#[derive(Default)]
struct Turns {
    matches: Vec<Match>,
    /// Replicas, by job.
    rounds: Vec<(JobId, Vec<Deal>)>,
}

/// Clears every class.
pub(crate) fn clear(step: &mut Step<'_>) {
    let classes: Vec<ClassId> = step.state.classes.keys().copied().collect();
    for class in classes {
        clear_class(step, class);
    }
}

fn clear_class(step: &mut Step<'_>, class: ClassId) {
    if !has_waiting(step.state, class) {
        return;
    }
    let (mut asks, window) = candidates(step.state, step.context.beacon, class);
    if asks.is_empty() {
        return;
    }
    if retry(step, class, &asks) {
        look_on(step.state, class, window);
    }
    let mut unmatched = asks.clone();
    let Turns { matches, rounds } = give_turns(step, class, &mut asks);
    let jobs = matches.len().saturating_add(rounds.len()) as u64;
    if jobs == 0 {
        return;
    }
    promise_rounds(&mut unmatched, &rounds);
    let rejected = matches.first().and_then(|first| first.rejected);
    let deals = draw(step, class, &matches, unmatched)
        .unwrap_or_else(|| price(step.state, matches, &mut asks));
    step.emit(JobEvent::ClassCleared { class, jobs, rejected });
    for Deal { job, at, pricing, quote, slices } in deals {
        step.assign(job, asks[at].provider, asks[at].ask, pricing, quote, slices);
    }
    for (job, round) in rounds {
        step.assign_round(job, &asks, round);
    }
}

fn promise_rounds(asks: &mut [Candidate], rounds: &[(JobId, Vec<Deal>)]) {
    for deal in rounds.iter().flat_map(|(_, round)| round) {
        asks[deal.at].promise(1, deal.quote.required, &deal.slices);
    }
}

fn has_waiting(state: &State, class: ClassId) -> bool {
    let waits = waiting(state, class).next().is_some();
    waits || state.offered.range((class, 0)..=(class, u64::MAX)).next().is_some()
}

/// The jobs of a class that wait for a turn.
fn waiting(state: &State, class: ClassId) -> impl Iterator<Item = &JobId> {
    let first = (class, AccountId([0; 32]), 0);
    let last = (class, AccountId([255; 32]), u64::MAX);
    state.open.range(first..=last).map(|(_, job)| job)
}

/// Returns jobs that were set aside to the lanes if an ask takes them now: so many per block, the next block goes on
/// behind them. Whether these were the last.
fn retry(step: &mut Step<'_>, class: ClassId, asks: &[Candidate]) -> bool {
    let (turn, last) = take_turn(step.state, class);
    for id in turn {
        let job = step.state.job(id).expect("a queued job exists");
        let takes = |ask: &Candidate| matches!(fit_own(step.state, job, ask), Fit::Takes(_));
        let served = match job.spec.kind {
            JobKind::Proven => asks.iter().any(takes),
            JobKind::Replicated { .. } => can_draw(step.state, job, asks),
        };
        if served {
            step.return_to_lane(id);
        }
    }
    last
}

/// The offered jobs of a class that this block tries again, and whether they are the last of the queue. Remembers where
/// the next block goes on, which after the last is the head.
fn take_turn(state: &mut State, class: ClassId) -> (Vec<JobId>, bool) {
    let budget = usize::try_from(state.parameters.clearings_per_block).unwrap_or(usize::MAX);
    let from = |place| state.offered.range((class, place)..=(class, u64::MAX)).peekable();
    let mut waiting = from(state.cursors.get(&class).copied().unwrap_or(0));
    if waiting.peek().is_none() {
        waiting = from(0);
    }
    let turn: Vec<(u64, JobId)> =
        waiting.by_ref().take(budget).map(|((_, place), job)| (*place, *job)).collect();
    let last = waiting.peek().is_none();
    match turn.last() {
        Some((place, _)) if !last => drop(state.cursors.insert(class, place.saturating_add(1))),
        _ => drop(state.cursors.remove(&class)),
    }
    (turn.into_iter().map(|(_, job)| job).collect(), last)
}

/// Gives turns until the budget is used or no unit is free, and promises each job the lowest ask that can take it, or the
/// asks drawn for its replicas.
fn give_turns(step: &mut Step<'_>, class: ClassId, asks: &mut [Candidate]) -> Turns {
    let budget = step.state.parameters.clearings_per_block;
    let mut promotions = step.state.parameters.promotions_per_block;
    let free: u64 = asks.iter().map(|ask| u64::from(ask.units)).sum();
    let cap = operator_cap(step.state, class, free);
    let (mut turns, mut left) = (Turns::default(), free);
    for _ in 0..budget {
        if left == 0 {
            break;
        }
        let Some((_, id)) = step.next_turn(class, &mut promotions) else { break };
        let job = Arc::clone(step.state.jobs.get(&id).expect("a queued job exists"));
        let used = match job.spec.kind {
            JobKind::Proven => turns.promise_lowest(step.state, job, asks, cap),
            JobKind::Replicated { .. } => {
                let round = draw_round(step.state, step.context.beacon, &job, asks, cap);
                round.map(|round| turns.promise_round(id, round, asks))
            }
        };
        match used {
            Some(units) => {
                left = left.saturating_sub(units);
                step.use_turn(id, &mut promotions);
            }
            None => step.set_aside(id),
        }
    }
    for made in &mut turns.matches {
        made.rejected = first_rejected(step.state, &made.job, asks, cap);
    }
    turns
}

impl Turns {
    /// Promises a job the lowest ask that can take it. The units that took, if any.
    fn promise_lowest(
        &mut self,
        state: &State,
        job: Arc<Job>,
        asks: &mut [Candidate],
        cap: u32,
    ) -> Option<u64> {
        let (at, quote, slices) = lowest(state, &job, asks, cap)?;
        asks[at].promise(1, quote.required, &slices);
        self.matches.push(Match { job, at, quote, slices, rejected: None });
        Some(1)
    }

    /// Promises the asks that were drawn for a job's replicas. The units that took.
    fn promise_round(&mut self, job: JobId, round: Vec<Deal>, asks: &mut [Candidate]) -> u64 {
        let units = round.len() as u64;
        let round = (job, round);
        promise_rounds(asks, std::slice::from_ref(&round));
        self.rounds.push(round);
        units
    }
}

/// Most units of one operator in this clearing while others are available.
fn operator_cap(state: &State, class: ClassId, free: u64) -> u32 {
    let parameters = &state.parameters;
    let most = free.min(parameters.clearings_per_block.into());
    let jobs = waiting(state, class).take(usize::try_from(most).unwrap_or(usize::MAX)).count();
    let share = Amount::new(jobs as u128).portion_floor(parameters.operator_share_max);
    u32::try_from(share.units()).unwrap_or(u32::MAX).max(1)
}

/// How an ask meets a job at the ask's own price. What is too dear is found out before anything is looked up: a job that
/// pays little meets every ask in vain.
fn fit_own(state: &State, job: &Job, ask: &Candidate) -> Fit {
    let price = price_ceil(&state.parameters, &job.spec, ask.ask);
    if price > job.spec.price_max {
        return Fit::TooDear(price);
    }
    fit(state, job, ask, price)
}

/// The lowest ask that can take a job, among operators below the cap if there is one, with the terms of its own ask.
fn lowest(
    state: &State,
    job: &Job,
    asks: &[Candidate],
    cap: u32,
) -> Option<(usize, LockQuote, Holdings)> {
    [cap, u32::MAX].into_iter().find_map(|most| {
        asks.iter().enumerate().filter(|(_, ask)| ask.has_left(most)).find_map(|(at, ask)| {
            let Fit::Takes(terms) = fit_own(state, job, ask) else { return None };
            let (quote, slices) = *terms;
            Some((at, quote, slices))
        })
    })
}

/// The lowest ask that was left over and could have taken the job: one that wants more than the job's maximum, had it
/// wanted that. So an ask with nothing behind it raises no price.
fn first_rejected(state: &State, job: &Job, asks: &[Candidate], cap: u32) -> Option<Amount> {
    let able = |ask: &&Candidate| {
        let price = price_ceil(&state.parameters, &job.spec, ask.ask).min(job.spec.price_max);
        ask.has_left(cap) && matches!(fit(state, job, ask, price), Fit::Takes(_))
    };
    asks.iter().find(able).map(|ask| ask.effective)
}

/// A deal at the first rejected ask, if the provider can lock what that price needs; promises what it needs.
fn uniform(state: &State, made: &Match, at: usize, asks: &mut [Candidate]) -> Option<Deal> {
    let (rejected, ask) = (made.rejected?, asks.get_mut(at)?);
    let price = uniform_price(&state.parameters, &made.job.spec, rejected, ask.quality);
    let pays = ask.effective <= rejected
        && price_ceil(&state.parameters, &made.job.spec, ask.ask) <= price;
    let Fit::Takes(terms) = fit(state, &made.job, ask, price) else { return None };
    if !pays {
        return None;
    }
    let (quote, slices) = *terms;
    ask.promise(1, quote.required, &slices);
    let pricing = Pricing::Uniform { rejected, quality: ask.quality };
    Some(Deal { job: made.job.id, at, pricing, quote, slices })
}

/// Draws which of the winners runs which job; `None` if some job has no rejected ask, or not every pair drawn can be.
fn draw(
    step: &Step<'_>,
    class: ClassId,
    matches: &[Match],
    mut asks: Vec<Candidate>,
) -> Option<Vec<Deal>> {
    let mut winners: Vec<usize> = matches.iter().map(|made| made.at).collect();
    let lot_of = |at: &usize| -> Hash { lot(step.context.beacon, class, asks[*at].provider) };
    winners.sort_by_cached_key(lot_of);
    let pairs = matches.iter().zip(winners);
    pairs.map(|(made, at)| uniform(step.state, made, at, &mut asks)).collect()
}

/// Prices every match as it was promised: at the first rejected ask, or where there is none, or its lock is out of reach,
/// at the provider's own.
fn price(state: &State, matches: Vec<Match>, asks: &mut [Candidate]) -> Vec<Deal> {
    let price = |made: Match| {
        asks[made.at].release(made.quote.required, &made.slices);
        uniform(state, &made, made.at, asks).unwrap_or_else(|| {
            asks[made.at].promise(1, made.quote.required, &made.slices);
            let Match { job, at, quote, slices, .. } = made;
            Deal { job: job.id, at, pricing: Pricing::Own, quote, slices }
        })
    };
    matches.into_iter().map(price).collect()
}

impl Step<'_> {
    /// Gives a job that is in no queue any more to a provider.
    pub(crate) fn assign(
        &mut self,
        job: JobId,
        provider: AccountId,
        ask: Amount,
        pricing: Pricing,
        quote: LockQuote,
        slices: Holdings,
    ) {
        self.lock(provider, job, quote.required, &slices);
        let now = self.now();
        let record = self.job_mut(job);
        record.queued = None;
        record.attempts = record.attempts.checked_add(1).expect("attempts are limited");
        record.assignment = Some(Assignment {
            provider,
            ask,
            pricing,
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
        let (attempt, class) = (record.attempts, record.spec.class);
        let commit_by = now.plus_ms(record.spec.run_ms);
        self.set_stage(job, JobStatus::Assigned, Some(commit_by));
        self.state.occupy_units(provider, class, 1);
        let locked = slices;
        self.emit(JobEvent::JobAssigned {
            job,
            attempt,
            provider,
            ask,
            pricing,
            quote: quote.into(),
            locked: locked.into(),
            commit_by,
        });
    }
}
