//! What the price means for whoever asks: what collateral counts at, and whether anything new may be locked on it.

use crate::price::{Misses, Oracle, Report};
use crate::primitives::{AccountId, Amount, Time};
use crate::state::State;

/// Whether jobs are assigned. A closed intake loses nothing: jobs wait, with their escrow whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Intake {
    /// They are.
    Open,
    /// They are not: reports have not agreed since, and opens when they do.
    Stale(Time),
    /// They are not: the price has fallen too far, and opens at this time.
    Halted(Time),
}

impl State {
    /// What a whole native token counts for as collateral, in micro-dollars, before any haircut.
    pub fn collateral_price(&self) -> Amount {
        self.oracle().map_or(self.parameters.native_price, |oracle| oracle.collateral)
    }

    /// Whether jobs are assigned in this block.
    pub fn intake(&self) -> Intake {
        let now = self.clock.now;
        let Some(oracle) = self.oracle() else { return Intake::Open };
        if self.price_age_ms() > self.parameters.price_stale_ms {
            return Intake::Stale(oracle.agreed);
        }
        match oracle.halted_until {
            Some(until) if now < until => Intake::Halted(until),
            _ => Intake::Open,
        }
    }

    /// Whether the price is so old that it says nothing about what collateral is worth.
    pub(crate) fn is_price_blind(&self) -> bool {
        self.price_age_ms() > self.parameters.price_blind_ms
    }

    fn price_age_ms(&self) -> u64 {
        self.oracle().map_or(0, |oracle| self.clock.now.since_ms(oracle.agreed))
    }

    /// The reported price, if validators report it.
    pub fn oracle(&self) -> Option<&Oracle> {
        self.oracle.get(&())
    }

    /// What validators have reported for a slot that is under way or being opened, by validator.
    pub fn reports(&self, slot: u64) -> impl Iterator<Item = (AccountId, &Report)> {
        let range = (slot, AccountId([0; 32]))..=(slot, AccountId([255; 32]));
        self.reports.range(range).map(|((_, account), report)| (*account, report))
    }

    /// The agreed prices of the window, from the oldest: from when on, and how much.
    pub fn prices(&self) -> impl Iterator<Item = (Time, Amount)> + '_ {
        self.prices.iter().map(|(at, price)| (*at, *price))
    }

    /// How often a validator was far off in this epoch.
    pub fn misses(&self, validator: AccountId) -> u64 {
        let epoch = self.clock.epoch;
        self.misses
            .get(&validator)
            .filter(|misses| misses.epoch == epoch)
            .map_or(0, |Misses { count, .. }| *count)
    }
}
