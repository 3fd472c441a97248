//! The bands.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::bonds::Haircut;
use crate::jobs::Assignment;
use crate::jobs::audit_rate_needed;
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, Holdings, Ppm, STABLE};
use crate::state::State;

/// How well a bond covers the open locks on it, from well to not at all.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Band {
    /// Covered after the haircut.
    #[default]
    Green,
    /// Thin: no new jobs, and a margin call.
    Amber,
    /// Thinner, or thin for longer than the grace: nothing leaves the bond.
    Red,
    /// Worth less than is owed: every draw audits.
    Black,
}

/// What is owed and what there is for it, in micro-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cover {
    /// Sum of the open locks.
    pub(crate) owed: Amount,
    /// The bond at the collateral price, after the haircut.
    pub(crate) lockable: Amount,
    /// The bond at the collateral price.
    pub(crate) worth: Amount,
}

impl Cover {
    /// The band, as far as it does not depend on time.
    ///
    /// Green asks for the haircut of the bond as a whole, so a bond in stable alone is green however much of it is
    /// locked; for one in native alone it is the ratio `1 / (1 - haircut)`.
    pub(crate) fn band(&self, parameters: &Parameters) -> Band {
        if self.lockable >= self.owed {
            Band::Green
        } else if self.worth >= self.owed.portion_ceil(parameters.band_amber) {
            Band::Amber
        } else if self.worth >= self.owed {
            Band::Red
        } else {
            Band::Black
        }
    }
}

impl State {
    /// What an operator owes, and what these holdings would be worth against it.
    pub(crate) fn cover(&self, owed: Amount, holdings: &Holdings) -> Cover {
        let (lockable, worth) =
            (self.bond_value(holdings), self.worth_floor(holdings, Haircut::None));
        Cover { owed, lockable, worth }
    }

    /// An operator's band in this block.
    pub fn band(&self, operator: AccountId) -> Band {
        self.operator(operator).map_or(Band::Green, |record| self.band_of(operator, &record.bonded))
    }

    /// The band an operator would be in with these holdings as its bond.
    pub(crate) fn band_of(&self, operator: AccountId, bonded: &Holdings) -> Band {
        let Some(exposure) = self.exposure(operator) else { return Band::Green };
        let band = self.cover(exposure.owed, bonded).band(&self.parameters);
        let late = exposure.call.is_some_and(|call| self.clock.now > call.until);
        if band == Band::Amber && late { Band::Red } else { band }
    }

    /// The rate at which an attempt is audited in this block: what was quoted, or more if its lock has lost so much
    /// that honesty needs more.
    pub fn audit_rate(&self, assignment: &Assignment) -> Ppm {
        if self.band(assignment.provider) == Band::Black {
            return Ppm::WHOLE;
        }
        let quote = &assignment.quote;
        quote.audit_rate.max(audit_rate_needed(quote, self.lock_worth(assignment)))
    }

    /// What an attempt's lock is worth in this block, in micro-dollars. Without a price that says anything only its
    /// stable part is worth something.
    pub fn lock_worth(&self, assignment: &Assignment) -> Amount {
        if self.is_price_blind() {
            return assignment.locked.of(STABLE);
        }
        self.worth_floor(&assignment.locked, Haircut::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn band(owed: u128, lockable: u128, worth: u128) -> Band {
        let [owed, lockable, worth] = [owed, lockable, worth].map(Amount::new);
        Cover { owed, lockable, worth }.band(&Parameters::default())
    }

    #[test]
    fn bands_change_at_their_edges() {
        assert_eq!(band(1_000, 1_000, 1_333), Band::Green);
        assert_eq!(band(1_000, 999, 1_332), Band::Amber);
        assert_eq!(band(1_000, 999, 1_100), Band::Amber);
        assert_eq!(band(1_000, 999, 1_099), Band::Red);
        assert_eq!(band(1_000, 999, 1_000), Band::Red);
        assert_eq!(band(1_000, 999, 999), Band::Black);
        assert_eq!(band(0, 0, 0), Band::Green, "who owes nothing is covered");
        assert_eq!(
            band(1_000, 1_000, 1_000),
            Band::Green,
            "a bond in stable needs no more than it owes"
        );
    }

    proptest! {
        /// More worth never makes a band worse, more owed never better.
        #[test]
        fn bands_are_monotone(owed in 1_u128..1_000_000, worth in 0_u128..2_000_000, more in 0_u128..1_000_000) {
            let lockable = |worth: u128| worth * 3 / 4;
            prop_assert!(band(owed, lockable(worth + more), worth + more) <= band(owed, lockable(worth), worth));
            prop_assert!(band(owed + more, lockable(worth), worth) >= band(owed, lockable(worth), worth));
        }
    }
}
