//! Locking slices of a bond for a job.

use crate::bonds::Haircut;
use crate::books::{Movement, Place, Why};
use crate::primitives::{AccountId, Amount, AssetId, Holdings, JobId, NATIVE, Ppm, STABLE};
use crate::state::State;
use crate::step::Step;

impl State {
    /// The slices that would lock `value` micro-dollars of an operator's free bond; see [`State::slices_of`].
    pub fn lock_slices(
        &self,
        operator: AccountId,
        value: Amount,
        haircut: Ppm,
    ) -> Option<Holdings> {
        let free = self.slices(Place::Bond(operator)).into_iter().collect();
        self.slices_of(&free, value, haircut)
    }

    /// The slices of a free bond that lock `value` micro-dollars: stable first, then native after this haircut, then admitted
    /// assets in order of number, each rounded up. `None` if the free bond does not reach.
    pub(crate) fn slices_of(
        &self,
        free: &Holdings,
        value: Amount,
        haircut: Ppm,
    ) -> Option<Holdings> {
        let mut slices = Holdings::default();
        let mut rest = value;
        let admitted = self.collaterals().map(|(asset, _)| asset);
        for asset in [STABLE, NATIVE].into_iter().chain(admitted) {
            if rest.is_zero() {
                break;
            }
            let valuation = self.valuation(asset, Haircut::Of(haircut))?;
            let (needed, free) = (valuation.units_ceil(rest), free.of(asset));
            slices.put(asset, needed.min(free));
            rest = if needed <= free {
                Amount::ZERO
            } else {
                rest.saturating_sub(valuation.worth_floor(free))
            };
        }
        rest.is_zero().then_some(slices)
    }

    /// What a place holds of every asset.
    pub(crate) fn slices(&self, place: Place) -> Vec<(AssetId, Amount)> {
        if let Place::Exit(operator, number) = place {
            let exit = self.exits.get(&(operator, number));
            let exit = exit.filter(|exit| !exit.amount.is_zero());
            return exit.map(|exit| (exit.asset, exit.amount)).into_iter().collect();
        }
        self.held.group(&place).into_iter().map(|((_, asset), amount)| (*asset, *amount)).collect()
    }
}

impl Step<'_> {
    /// Locks the slices that [`State::lock_slices`] found for a value in micro-dollars.
    pub(crate) fn lock(
        &mut self,
        operator: AccountId,
        job: JobId,
        value: Amount,
        slices: &Holdings,
    ) {
        let (from, to) = (Place::Bond(operator), Place::Lock(operator, job));
        for (asset, amount) in slices.iter() {
            self.shift(Movement { from, to, asset, amount, why: Why::Lock, job: Some(job) });
        }
        self.owe(operator, job, value);
    }

    /// Opens whatever is still locked of an operator for a job.
    pub(crate) fn unlock(&mut self, operator: AccountId, job: JobId) {
        let (from, to) = (Place::Lock(operator, job), Place::Bond(operator));
        for (asset, amount) in self.state.slices(from) {
            self.shift(Movement { from, to, asset, amount, why: Why::Unlock, job: Some(job) });
        }
        self.settle_debt(operator, job);
    }
}
