//! Clearing: waiting leases meet the standing asks for leases, after the jobs of the block.
//!
//! One lease after the other, in order of arrival, so many in a block; the next block goes on behind them. Each goes to
//! the lowest ask per quality that can take it, at the price of the first one left over that could have: the rule for
//! jobs, for one job.

use std::ops::Bound;

use crate::books::{Movement, Place, Why};
use crate::event::LeaseEvent;
use crate::leases::{Lease, LeaseFit, LeaseStatus, LeaseTerms, Tenure, fit, lease_price};
use crate::market::{Candidate, Pricing, lot, rate_floor};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Holdings, JobId, STABLE};
use crate::state::State;
use crate::step::Step;

/// A lease with its provider, its price and its lock.
struct Deal {
    provider: AccountId,
    ask: Amount,
    pricing: Pricing,
    price: Amount,
    lock: Amount,
    slices: Holdings,
}

/// Tries the leases whose turn it is.
pub(crate) fn clear(step: &mut Step<'_>) {
    if step.state.lease_asks.is_empty() {
        return;
    }
    for lease in take_turn(step.state) {
        find_provider(step, lease);
    }
}

/// The waiting leases that this block tries. Remembers where the next block goes on, which after the last is the head.
fn take_turn(state: &mut State) -> Vec<JobId> {
    let budget = usize::try_from(state.parameters.leases_per_block).unwrap_or(usize::MAX);
    let from = |place: u64| state.lease_queue.range(place..).peekable();
    let mut waiting = from(state.lease_cursor.get(&()).copied().unwrap_or(0));
    if waiting.peek().is_none() {
        waiting = from(0);
    }
    let turn: Vec<(u64, JobId)> =
        waiting.by_ref().take(budget).map(|(place, lease)| (*place, *lease)).collect();
    let next = waiting.peek().map(|(place, _)| **place);
    match next {
        Some(place) => drop(state.lease_cursor.insert((), place)),
        None => drop(state.lease_cursor.remove(&())),
    }
    turn.into_iter().map(|(_, lease)| lease).collect()
}

fn find_provider(step: &mut Step<'_>, id: JobId) {
    let lease = step.state.lease(id).expect("a queued lease exists");
    let (asks, looked) = candidates(step, lease);
    match deal(step.state, lease, asks) {
        Some(deal) => step.begin_lease(id, deal),
        // Asks that can take nothing do not hide the others for ever: the lease looks on behind them.
        None if looked != lease.looked => step.lease_mut(id).looked = looked,
        None => {}
    }
}

/// The asks behind the last one that a lease has met, or from the lowest, as many as a block looks at, in their ranking;
/// and the last of them, if there are more behind.
fn candidates(step: &Step<'_>, lease: &Lease) -> (Vec<Candidate>, Option<(Amount, AccountId)>) {
    let (class, beacon) = (lease.spec.class, step.context.beacon);
    let state: &State = step.state;
    let budget = usize::try_from(state.parameters.candidates_max).unwrap_or(usize::MAX);
    let mut behind = asks_behind(state, class, lease.looked).peekable();
    if behind.peek().is_none() {
        behind = asks_behind(state, class, None).peekable();
    }
    let seen: Vec<_> = behind.by_ref().take(budget).collect();
    let looked = seen.last().copied().filter(|_| behind.peek().is_some());
    let candidate = |(ask, provider): (Amount, AccountId)| {
        let offer = state.offer(provider, class).expect("asks belong to offers");
        Candidate::at(state, provider, offer, ask)
    };
    let mut candidates: Vec<Candidate> = seen.into_iter().map(candidate).collect();
    candidates.sort_by_cached_key(|one| (one.effective, lot(beacon, class, one.provider)));
    (candidates, looked)
}

fn asks_behind(
    state: &State,
    class: ClassId,
    looked: Option<(Amount, AccountId)>,
) -> impl Iterator<Item = (Amount, AccountId)> + '_ {
    let first = Bound::Included((class, Amount::ZERO, AccountId([0; 32])));
    let from = looked.map_or(first, |(ask, provider)| Bound::Excluded((class, ask, provider)));
    let last = Bound::Included((class, Amount::new(u128::MAX), AccountId([255; 32])));
    state.lease_asks.range((from, last)).map(|((_, ask, provider), ())| (*ask, *provider))
}

/// The lowest ask that takes a lease, at the first rejected ask if its provider can lock what that price needs, and at its
/// own otherwise.
fn deal(state: &State, lease: &Lease, mut asks: Vec<Candidate>) -> Option<Deal> {
    let units = lease.spec.units;
    let own = |ask: &Candidate| lease_price(&state.parameters, units, ask.ask);
    let (at, lock, slices) = asks.iter().enumerate().find_map(|(at, ask)| {
        let LeaseFit::Takes(lock, slices) = fit(state, lease, ask, own(ask)) else { return None };
        Some((at, lock, slices))
    })?;
    let winner = asks[at].clone();
    asks[at].promise(units, lock, &slices);
    let able = |ask: &&Candidate| {
        let price = own(ask).min(lease.spec.price_max);
        matches!(fit(state, lease, ask, price), LeaseFit::Takes(..))
    };
    let rejected = asks.iter().find(able).map(|ask| ask.effective);
    let (provider, ask, price) = (winner.provider, winner.ask, own(&winner));
    let at_own = Deal { provider, ask, pricing: Pricing::Own, price, lock, slices };
    Some(rejected.and_then(|rejected| uniform(state, lease, &winner, rejected)).unwrap_or(at_own))
}

/// The deal at the first rejected ask times the provider's quality, at most the maximum and at least its own price.
fn uniform(state: &State, lease: &Lease, winner: &Candidate, rejected: Amount) -> Option<Deal> {
    let (parameters, units) = (&state.parameters, lease.spec.units);
    let rate = rate_floor(rejected, winner.quality);
    let price = lease_price(parameters, units, rate).min(lease.spec.price_max);
    let own = lease_price(parameters, units, winner.ask);
    let LeaseFit::Takes(lock, slices) = fit(state, lease, winner, price) else { return None };
    let (provider, ask, quality) = (winner.provider, winner.ask, winner.quality);
    let pays = winner.effective <= rejected && own <= price;
    let pricing = Pricing::Uniform { rejected, quality };
    pays.then_some(Deal { provider, ask, pricing, price, lock, slices })
}

impl Step<'_> {
    /// Begins a lease: what the maximum exceeds the price by returns, the lock is taken, the units are busy.
    fn begin_lease(&mut self, id: JobId, deal: Deal) {
        let Deal { provider, ask, pricing, price, lock, slices } = deal;
        let (started, terms) = (self.now(), LeaseTerms::of(&self.state.parameters));
        self.leave_queue(id);
        self.lock(provider, id, lock, &slices);
        let Lease { requester, spec, .. } = self.lease_mut(id);
        let (requester, class) = (*requester, spec.class);
        let (units, epochs) = (spec.units, spec.epochs);
        let amount = spec.price_max.minus(price).scaled_ceil(epochs.into(), 1);
        let (from, to) = (Place::Escrow(id), Place::Account(requester));
        self.shift(Movement { from, to, asset: STABLE, amount, why: Why::Unspent, job: Some(id) });
        self.state.occupy_units(provider, class, units);
        let place = self.state.place_lease(id);
        let tenure = Tenure {
            provider,
            ask,
            pricing,
            price,
            locked: slices.clone(),
            owed: lock,
            started,
            terms,
            place: Some(place),
            last: epochs.saturating_sub(1),
            notice_by: None,
            judged: Vec::new(),
            accepted: false,
            probes: Vec::new(),
        };
        let judged_after = tenure.judged_after(0, self.state.parameters.epoch_ms);
        let record = self.lease_mut(id);
        record.tenure = Some(tenure);
        record.looked = None;
        self.set_lease_stage(id, LeaseStatus::Running, judged_after);
        self.emit(LeaseEvent::LeaseBegan {
            lease: id,
            provider,
            ask,
            pricing,
            price,
            lock,
            locked: slices.into(),
            terms: terms.into(),
            judged_after,
        });
    }
}
