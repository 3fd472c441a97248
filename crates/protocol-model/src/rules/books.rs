//! Where money is. All that can ever be minted of an asset exists from the start, at the place it is minted from; so
//! nothing is ever made or lost, and the sum over all places is one constant.

use std::collections::BTreeMap;

use protocol::{Amount, AssetId, BooksEvent, Event, Genesis, JobId, Place, Pot, STABLE, Why};

use super::Model;

/// Most base units of an asset.
pub(crate) const SUPPLY_MAX: u128 = 1 << 96;

/// What every place holds.
#[derive(Clone)]
pub(crate) struct Books(BTreeMap<(Place, AssetId), u128>);

impl Books {
    pub(super) fn new(assets: impl Iterator<Item = AssetId>) -> Self {
        Self(assets.map(|asset| ((Place::Unissued, asset), SUPPLY_MAX)).collect())
    }

    /// An asset more: all of it can be minted.
    pub(super) fn open(&mut self, asset: AssetId) {
        self.0.insert((Place::Unissued, asset), SUPPLY_MAX);
    }

    /// What a place holds of an asset.
    pub(crate) fn held(&self, place: Place, asset: AssetId) -> u128 {
        self.0.get(&(place, asset)).copied().unwrap_or(0)
    }

    /// Every place that holds something.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Place, AssetId, u128)> + '_ {
        self.0.iter().map(|((place, asset), units)| (*place, *asset, *units))
    }

    /// The same from one place to another, in their order.
    pub(super) fn between(
        &self,
        first: Place,
        last: Place,
    ) -> impl Iterator<Item = (Place, AssetId, u128)> + '_ {
        let entries = self.0.range((first, AssetId(0))..=(last, AssetId(u16::MAX)));
        entries.map(|((place, asset), units)| (*place, *asset, *units))
    }

    /// What one place holds, in order of asset.
    pub(super) fn of(&self, place: Place) -> Vec<(AssetId, u128)> {
        self.0
            .range((place, AssetId(0))..=(place, AssetId(u16::MAX)))
            .map(|((_, asset), units)| (*asset, *units))
            .collect()
    }

    fn carry(&mut self, from: Place, to: Place, asset: AssetId, units: u128) {
        let held = self.held(from, asset);
        assert!(held >= units, "{from:?} holds {held} of {asset}, {units} are to move to {to:?}");
        if held == units {
            self.0.remove(&(from, asset));
        } else {
            self.0.insert((from, asset), held - units);
        }
        *self.0.entry((to, asset)).or_default() += units;
    }
}

/// A movement between two places.
pub(super) struct Move {
    pub(super) from: Place,
    pub(super) to: Place,
    pub(super) asset: AssetId,
    pub(super) units: u128,
    pub(super) why: Why,
    pub(super) job: Option<JobId>,
}

impl Model {
    /// Moves money and says so; moving nothing is no news.
    pub(super) fn shift(&mut self, movement: Move) {
        let Move { from, to, asset, units, why, job } = movement;
        if units > 0 {
            self.books.carry(from, to, asset, units);
            self.say(Event::Books(BooksEvent::Moved {
                from,
                to,
                asset,
                amount: Amount::new(units),
                why,
                job,
            }));
        }
    }

    /// Moves stable units for a job.
    pub(super) fn shift_stable(
        &mut self,
        job: JobId,
        from: Place,
        to: Place,
        units: u128,
        why: Why,
    ) {
        self.shift(Move { from, to, asset: STABLE, units, why, job: Some(job) });
    }

    /// Moves everything stable that a place holds, for a job.
    pub(super) fn empty_stable(&mut self, job: JobId, from: Place, to: Place, why: Why) {
        let units = self.books.held(from, STABLE);
        self.shift_stable(job, from, to, units, why);
    }

    pub(super) fn fill(&mut self, genesis: &Genesis) {
        let balances =
            genesis.balances.iter().map(|one| (Place::Account(one.account), one.asset, one.amount));
        let pots = genesis.pots.iter().map(|one| (Place::Pot(one.pot), one.asset, one.amount));
        for (to, asset, amount) in balances.chain(pots) {
            let (from, why) = (Place::Unissued, Why::Genesis);
            self.shift(Move { from, to, asset, units: amount.units(), why, job: None });
        }
    }

    /// What the audit pot holds.
    pub(super) fn audit_pot(&self) -> u128 {
        self.books.held(Place::Pot(Pot::Audit), STABLE)
    }
}
