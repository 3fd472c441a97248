//! Locking slices of a bond for a job.

use crate::bonds::tokens_ceil;
use crate::books::{Movement, Place, Why};
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, AssetId, Holdings, JobId, NATIVE, STABLE};
use crate::state::State;
use crate::step::Step;

/// The slices of a free bond that lock `value` micro-dollars; see [`State::lock_slices`].
pub(crate) fn slices_of(
    parameters: &Parameters,
    free: &Holdings,
    value: Amount,
) -> Option<Holdings> {
    let stable = value.min(free.of(STABLE));
    let rest = value.minus(stable);
    let native = tokens_ceil(rest, parameters.native_price, parameters.native_haircut);
    (native <= free.of(NATIVE)).then(|| [(STABLE, stable), (NATIVE, native)].into_iter().collect())
}

impl State {
    /// The slices that would lock `value` micro-dollars of an operator's free bond: stable first, then native after
    /// the haircut, rounded up. `None` if the free bond does not reach.
    pub fn lock_slices(&self, operator: AccountId, value: Amount) -> Option<Holdings> {
        let free = self.slices(Place::Bond(operator)).into_iter().collect();
        slices_of(self.parameters(), &free, value)
    }

    /// What a place holds of every asset.
    pub(crate) fn slices(&self, place: Place) -> Vec<(AssetId, Amount)> {
        let range = (place, AssetId(0))..=(place, AssetId(u16::MAX));
        self.held.range(range).map(|((_, asset), amount)| (*asset, *amount)).collect()
    }
}

impl Step<'_> {
    /// Locks slices that [`State::lock_slices`] found.
    pub(crate) fn lock(&mut self, operator: AccountId, job: JobId, slices: &Holdings) {
        let (from, to) = (Place::Bond(operator), Place::Lock(operator, job));
        for (asset, amount) in slices.iter() {
            self.shift(Movement { from, to, asset, amount, why: Why::Lock, job: Some(job) });
        }
    }

    /// Opens whatever is still locked of an operator for a job.
    pub(crate) fn unlock(&mut self, operator: AccountId, job: JobId) {
        let (from, to) = (Place::Lock(operator, job), Place::Bond(operator));
        for (asset, amount) in self.state.slices(from) {
            self.shift(Movement { from, to, asset, amount, why: Why::Unlock, job: Some(job) });
        }
    }
}
