//! The asks that one clearing looks at.

use std::ops::Bound;

use super::{effective_ceil, quality};
use crate::books::Place;
use crate::operators::Offer;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Hash, Holdings, Ppm};
use crate::state::State;

/// A standing ask with what a clearing has promised of it so far.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) provider: AccountId,
    pub(crate) ask: Amount,
    pub(crate) quality: Ppm,
    /// The ask per quality, by which asks are ranked.
    pub(crate) effective: Amount,
    /// Units free before this clearing.
    pub(crate) units: u32,
    /// Units promised in this clearing.
    pub(crate) promised: u32,
    /// Bond that neither a job nor a promise has locked.
    pub(crate) free: Holdings,
    /// What jobs and promises owe, in micro-dollars.
    pub(crate) owed: Amount,
}

impl Candidate {
    /// An operator's offer of units for jobs, nothing promised.
    pub(crate) fn new(state: &State, provider: AccountId, offer: &Offer) -> Self {
        Self::at(state, provider, offer, offer.ask)
    }

    /// The same offer at an ask of another kind.
    pub(crate) fn at(state: &State, provider: AccountId, offer: &Offer, ask: Amount) -> Self {
        let quality = quality(state.scores(provider));
        Self {
            provider,
            ask,
            quality,
            effective: effective_ceil(ask, quality),
            units: offer.units.saturating_sub(offer.busy),
            promised: 0,
            free: state.slices(Place::Bond(provider)).into_iter().collect(),
            owed: state.exposure(provider).map_or(Amount::ZERO, |exposure| exposure.owed),
        }
    }

    /// Whether it has a unit left of so many.
    pub(crate) fn has_left(&self, most: u32) -> bool {
        self.promised < self.units.min(most)
    }

    /// Units it has left.
    pub(crate) fn units_left(&self) -> u32 {
        self.units.saturating_sub(self.promised)
    }

    /// Promises so many units and the slices to lock for a value in micro-dollars.
    pub(crate) fn promise(&mut self, units: u32, value: Amount, slices: &Holdings) {
        self.owed = self.owed.plus(value);
        self.promised = self.promised.checked_add(units).expect("the units were left");
        slices.iter().for_each(|(asset, amount)| self.free.take(asset, amount));
    }

    /// Takes a promise back.
    pub(crate) fn release(&mut self, value: Amount, slices: &Holdings) {
        self.owed = self.owed.minus(value);
        self.promised = self.promised.checked_sub(1).expect("it was promised");
        slices.iter().for_each(|(asset, amount)| self.free.put(asset, amount));
    }
}

/// The lot of a provider in a clearing: breaks ties, and says who gets which job. Unknown when asks are set.
pub(crate) fn lot(beacon: Hash, class: ClassId, provider: AccountId) -> Hash {
    Hash::of("earnest clearing v1", &(beacon, class, provider))
}

/// Where among the asks above the lowest a clearing looked last, if more are behind.
pub(crate) type Window = Option<(Amount, AccountId)>;

/// The asks of a class in order of ask per quality, at most `candidates_max`. Where there are more, half of them are the
/// lowest and half take turns, so that asks that can take nothing do not hide the others for ever.
pub(crate) fn candidates(state: &State, beacon: Hash, class: ClassId) -> (Vec<Candidate>, Window) {
    let limit = usize::try_from(state.parameters.candidates_max).unwrap_or(usize::MAX);
    let mut asks: Vec<_> = state.asks(class).take(limit).collect();
    let mut window = None;
    if state.asks(class).nth(limit).is_some() {
        asks.truncate(limit.div_ceil(2));
        let others = limit.saturating_sub(asks.len());
        let lowest = asks.last().map(|(provider, ask)| (*ask, *provider)).unwrap_or_default();
        let seen;
        (seen, window) = look(state, class, lowest, others);
        asks.extend(seen);
    }
    let candidate = |(provider, _): (AccountId, Amount)| {
        let offer = state.offer(provider, class).expect("asks belong to offers");
        Candidate::new(state, provider, offer)
    };
    let mut candidates: Vec<Candidate> = asks.into_iter().map(candidate).collect();
    candidates.sort_by_cached_key(|one| (one.effective, lot(beacon, class, one.provider)));
    (candidates, window)
}

/// So many asks behind where the class looked last, or when these were the last, behind the lowest again.
fn look(
    state: &State,
    class: ClassId,
    lowest: (Amount, AccountId),
    count: usize,
) -> (Vec<(AccountId, Amount)>, Window) {
    let behind = |(ask, provider): (Amount, AccountId)| {
        let last = (class, Amount::new(u128::MAX), AccountId([255; 32]));
        let range = (Bound::Excluded((class, ask, provider)), Bound::Included(last));
        state.asks.range(range).map(|((_, ask, provider), ())| (*provider, *ask)).peekable()
    };
    let from = state.ask_cursors.get(&class).copied().unwrap_or_default().max(lowest);
    let mut asks = behind(from);
    if asks.peek().is_none() {
        asks = behind(lowest);
    }
    let seen: Vec<_> = asks.by_ref().take(count).collect();
    let last = seen.last().map(|(provider, ask)| (*ask, *provider));
    (seen, last.filter(|_| asks.peek().is_some()))
}

/// The next block looks on behind a window. Not before every offered job has met it: else asks and jobs that take turns in
/// step would never meet.
pub(crate) fn look_on(state: &mut State, class: ClassId, window: Window) {
    match window {
        Some(last) => drop(state.ask_cursors.insert(class, last)),
        None => drop(state.ask_cursors.remove(&class)),
    }
}
