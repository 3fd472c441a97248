//! What collateral is worth.

use crate::books::PlaceKind;
use crate::governance::CollateralTerms;
use crate::parameters::NATIVE_UNIT;
use crate::primitives::{Amount, AssetId, Holdings, NATIVE, PPM, Ppm, STABLE};
use crate::state::State;

/// Which haircut a worth is taken at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Haircut {
    /// None: what it is worth now.
    None,
    /// This one on native; on another asset its own, if that is larger.
    Of(Ppm),
}

/// How one asset counts as collateral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Valuation {
    /// Micro-dollars per whole unit.
    price: Amount,
    /// Base units of a whole unit.
    unit: u128,
    /// What is taken off.
    haircut: Ppm,
}

impl Valuation {
    /// Base units worth `value` micro-dollars, rounded up: `ceil(value * unit * PPM / (price * (PPM - haircut)))`.
    pub(crate) fn units_ceil(&self, value: Amount) -> Amount {
        value.scaled_ceil(self.unit * u128::from(PPM), self.per_unit())
    }

    /// Of `held` base units, those worth `value` micro-dollars, rounded down.
    pub(crate) fn units_within_floor(&self, held: Amount, value: Amount) -> Amount {
        if value >= self.worth_ceil(held) {
            return held;
        }
        value.scaled_floor(self.unit * u128::from(PPM), self.per_unit())
    }

    /// Micro-dollars that base units are worth, rounded down.
    pub(crate) fn worth_floor(&self, units: Amount) -> Amount {
        units.scaled_floor(self.per_unit(), self.unit * u128::from(PPM))
    }

    /// Micro-dollars that base units are worth, rounded up.
    pub(crate) fn worth_ceil(&self, units: Amount) -> Amount {
        units.scaled_ceil(self.per_unit(), self.unit * u128::from(PPM))
    }

    fn per_unit(&self) -> u128 {
        self.price.units() * u128::from(self.haircut.complement().0)
    }
}

/// Micro-dollars that base units of an asset of so many decimals are worth at a price, rounded up; past all numbers it is
/// the largest.
pub(crate) fn worth_ceil(units: Amount, price: Amount, decimals: u8) -> Amount {
    let unit = 10_u128.pow(decimals.into());
    Valuation { price, unit, haircut: Ppm(0) }.worth_ceil(units)
}

impl State {
    /// The terms of an asset that was admitted as collateral.
    pub fn collateral(&self, asset: AssetId) -> Option<&CollateralTerms> {
        self.collateral.get(&asset)
    }

    /// Every admitted asset with its terms, in order of number.
    pub fn collaterals(&self) -> impl Iterator<Item = (AssetId, &CollateralTerms)> {
        self.collateral.iter().map(|(asset, terms)| (*asset, terms))
    }

    /// Base units of an asset that are in bonds: free, locked and leaving.
    pub fn bonded(&self, asset: AssetId) -> Amount {
        let kinds = [PlaceKind::Bonds, PlaceKind::Locks, PlaceKind::Exits];
        kinds.into_iter().map(|kind| self.total(kind, asset)).sum()
    }

    /// How an asset counts; `None` for one that is no collateral.
    pub(crate) fn valuation(&self, asset: AssetId, haircut: Haircut) -> Option<Valuation> {
        let at_least = match haircut {
            Haircut::None => Ppm(0),
            Haircut::Of(haircut) => haircut,
        };
        match asset {
            STABLE => Some(Valuation { price: Amount::new(1), unit: 1, haircut: Ppm(0) }),
            NATIVE => Some(Valuation {
                price: self.collateral_price(),
                unit: NATIVE_UNIT,
                haircut: at_least,
            }),
            other => {
                let terms = self.collateral(other)?;
                let own = if haircut == Haircut::None { Ppm(0) } else { terms.haircut };
                let unit = 10_u128.pow(self.asset(other)?.definition.decimals.into());
                Some(Valuation { price: terms.price, unit, haircut: own.max(at_least) })
            }
        }
    }

    /// What holdings are worth in micro-dollars, each asset rounded down; what is no collateral is worth nothing.
    pub(crate) fn worth_floor(&self, holdings: &Holdings, haircut: Haircut) -> Amount {
        let worth = |(asset, units)| {
            let valuation = self.valuation(asset, haircut);
            valuation.map_or(Amount::ZERO, |valuation: Valuation| valuation.worth_floor(units))
        };
        holdings.iter().map(worth).sum()
    }

    /// What a bond counts for, in micro-dollars: stable at par, native at the collateral price after the haircut of
    /// short exposures, admitted assets on their terms.
    pub fn bond_value(&self, holdings: &Holdings) -> Amount {
        self.worth_floor(holdings, Haircut::Of(self.parameters.native_haircut))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn native(price: u128, haircut: u32) -> Valuation {
        Valuation { price: Amount::new(price), unit: NATIVE_UNIT, haircut: Ppm(haircut) }
    }

    /// What others publish for collateral in dollars, in whole tokens: $100 at $3, $4 and $20, $1,000 at $1.14.
    #[test]
    fn dollars_are_the_published_number_of_tokens() {
        let tokens = |dollars: u128, price| {
            native(price, 0).units_ceil(Amount::new(dollars * 1_000_000)).units()
        };
        assert_eq!(tokens(100, 3_000_000), 33_333_333_334);
        assert_eq!(tokens(100, 4_000_000), 25_000_000_000);
        assert_eq!(tokens(100, 20_000_000), 5_000_000_000);
        assert_eq!(tokens(1_000, 1_140_000), 877_192_982_457);
    }

    #[test]
    fn the_largest_supply_at_the_largest_price_has_a_worth() {
        let most = native(1_000_000_000_000_000, 0).worth_floor(Amount::SUPPLY_MAX);
        assert_eq!(most.units(), Amount::SUPPLY_MAX.units() * 1_000_000);
    }

    proptest! {
        /// Units for a worth are enough for it, and one less is not.
        #[test]
        fn units_are_enough_and_no_more(value in 1..1_u128 << 64, price in 1..1_u128 << 40, haircut in 0_u32..950_000) {
            let valuation = native(price, haircut);
            let units = valuation.units_ceil(Amount::new(value));
            prop_assert!(valuation.worth_floor(units) >= Amount::new(value));
            prop_assert!(valuation.worth_floor(units.minus(Amount::new(1))) < Amount::new(value));
        }

        /// A claim is never paid with more than is held, nor with more than it is worth.
        #[test]
        fn a_claim_is_met_within_what_is_held(value in 0..1_u128 << 64, held in 0..1_u128 << 64, price in 1..1_u128 << 40) {
            let valuation = native(price, 0);
            let units = valuation.units_within_floor(Amount::new(held), Amount::new(value));
            prop_assert!(units <= Amount::new(held));
            prop_assert!(valuation.worth_floor(units) <= Amount::new(value));
        }
    }
}
