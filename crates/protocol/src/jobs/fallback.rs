//! The fallback: who runs a job at once when its provider has missed the deadline.
//!
//! ```text
//!   missed --> part of the lock taken, a premium set aside --> open again --> this block's beacon draws among the asks
//!   up to the same price --> the fallback runs it, ahead of all turns --> result stands: premium paid, else insurance
//!                        \--> nobody can, or the intake is closed: premium to insurance, the job has turns as ever
//! ```
//!
//! Nobody is kept ready before, so nobody is known who could be bribed, or who would gain by an outage of the first. The
//! price is the first provider's: a late job costs its requester nothing more, and no ask decides what it is paid.

use crate::books::{Movement, Place, Pot, Why};
use crate::jobs::{Job, JobStatus, LockQuote, price_ceil};
use crate::market::{Candidate, Fit, Pricing, fit};
use crate::price::Intake;
use crate::primitives::{AccountId, Amount, Hash, Holdings, JobId};
use crate::state::State;
use crate::step::Step;

/// A job whose provider missed its deadline.
#[derive(Clone, Copy)]
pub(crate) struct Missed {
    pub(crate) job: JobId,
    pub(crate) provider: AccountId,
    /// What the job was to cost.
    pub(crate) price: Amount,
    /// What a fallback is to have on top, in micro-dollars.
    pub(crate) premium: Amount,
}

/// A fallback with its ask and its lock.
struct Fallback {
    provider: AccountId,
    ask: Amount,
    quote: LockQuote,
    slices: Holdings,
}

/// Draws fallbacks for the jobs whose deadline this block found missed, in the order of their deadlines, as many as a block
/// may. Where there is none the premium is forfeited.
pub(crate) fn call_fallbacks(step: &mut Step<'_>) {
    let open = step.state.intake() == Intake::Open;
    let draws = if open { step.state.parameters.fallbacks_per_block } else { 0 };
    let draws = usize::try_from(draws).unwrap_or(usize::MAX);
    for (number, missed) in std::mem::take(&mut step.missed).into_iter().enumerate() {
        let drawn = if number < draws { draw(step, &missed) } else { None };
        if drawn.is_none() {
            step.forfeit_premium(missed.job);
        }
    }
}

/// Draws one among the asks that could take the job at the price it was to cost, and assigns it.
fn draw(step: &mut Step<'_>, missed: &Missed) -> Option<()> {
    let Missed { job: id, provider, price, premium } = *missed;
    let job = step.state.job(id).filter(|job| job.status == JobStatus::Open)?;
    let mut able = able(step.state, job, missed);
    let number = u32::try_from(able.len()).expect("asks looked at are few");
    let beacon = step.context.beacon;
    let lot = |one: &Fallback| Hash::of("earnest fallback v1", &(beacon, id, one.provider));
    able.sort_by_cached_key(lot);
    let Fallback { provider: drawn, ask, quote, slices } = able.into_iter().next()?;
    let pricing = Pricing::Fallback { missed: provider, able: number, premium };
    assert_eq!(quote.price, price, "a fallback takes over the price");
    step.dequeue(id);
    step.assign(id, drawn, ask, pricing, quote, slices);
    Some(())
}

/// Of the lowest asks, as many as a clearing looks at, those that want no more than the price and could take the job,
/// unrelated to the provider that missed.
fn able(state: &State, job: &Job, missed: &Missed) -> Vec<Fallback> {
    let parameters = state.parameters();
    let looked_at = usize::try_from(parameters.candidates_max).unwrap_or(usize::MAX);
    let class = job.spec.class;
    let asks = state.asks(class).take(looked_at);
    asks.take_while(|(_, ask)| price_ceil(parameters, &job.spec, *ask) <= missed.price)
        .filter(|(provider, _)| !state.are_related(*provider, missed.provider))
        .filter_map(|(provider, ask)| {
            let offer = state.offer(provider, class).expect("asks belong to offers");
            let candidate = Candidate::new(state, provider, offer);
            let Fit::Takes(terms) = fit(state, job, &candidate, missed.price) else { return None };
            let (quote, slices) = *terms;
            Some(Fallback { provider, ask, quote, slices })
        })
        .collect()
}

impl Step<'_> {
    /// Pays the premium of a fallback whose result stands.
    pub(crate) fn pay_premium(&mut self, job: JobId) {
        let provider = self.assignment_mut(job).provider;
        self.move_premium(job, Place::Account(provider), Why::FallbackPremium);
    }

    /// Moves a premium that nobody has earned to the insurance pot.
    pub(crate) fn forfeit_premium(&mut self, job: JobId) {
        self.move_premium(job, Place::Pot(Pot::Insurance), Why::PremiumForfeited);
    }

    fn move_premium(&mut self, job: JobId, to: Place, why: Why) {
        let from = Place::Premium(job);
        for (asset, amount) in self.state.slices(from) {
            self.shift(Movement { from, to, asset, amount, why, job: Some(job) });
        }
    }
}
