//! Dividing income among any number of holders at once.

use borsh::{BorshDeserialize, BorshSerialize};
use ruint::aliases::U256;

use crate::primitives::{Amount, mul_div_floor};

/// Income per unit held, in 2^-64 base units, since the beginning. A holder of `n` units that has seen the accumulator
/// at `s` is due `floor(n (now - s) / 2^64)`. Never falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Accumulator {
    /// Income per unit, in 2^-64 base units.
    pub per_unit: Amount,
    /// What the latest division left over, in 2^-64 base units: part of the next one.
    pub remainder: Amount,
}

impl Accumulator {
    /// The accumulator after an income of so many base units for so many units held. `None` if nobody holds a unit, or
    /// past any income that could be.
    #[must_use]
    pub fn credited(self, income: Amount, units: Amount) -> Option<Self> {
        if units.is_zero() {
            return None;
        }
        let divided: U256 = (U256::from(income.units()) << 64) + U256::from(self.remainder.units());
        let (per_unit, remainder) = divided.div_rem(U256::from(units.units()));
        let per_unit = self.per_unit.checked_add(Amount::new(u128::try_from(per_unit).ok()?))?;
        let remainder = u128::try_from(remainder).expect("less than the units, which fit");
        Some(Self { per_unit, remainder: Amount::new(remainder) })
    }
}

/// What a holder of `units` is due between two readings, rounded down.
pub(crate) fn due_floor(units: Amount, seen: Amount, now: Amount) -> Amount {
    Amount::new(mul_div_floor(units.units(), now.minus(seen).units(), 1 << 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn credited(before: Accumulator, income: u128, units: u128) -> Accumulator {
        before.credited(Amount::new(income), Amount::new(units)).unwrap()
    }

    #[test]
    fn thirds_are_carried_until_they_are_whole() {
        let mut now = Accumulator::default();
        for _ in 0..3 {
            now = credited(now, 1, 3);
        }
        assert_eq!(due_floor(Amount::new(1), Amount::ZERO, now.per_unit), Amount::new(1));
        assert_eq!(now.remainder, Amount::ZERO);
    }

    #[test]
    fn nobody_earns_what_nobody_holds() {
        assert_eq!(Accumulator::default().credited(Amount::new(5), Amount::ZERO), None);
    }

    /// Class 11: the largest income on the smallest stake is refused, not a panic.
    #[test]
    fn an_income_past_the_accumulator_is_refused() {
        let one = Amount::new(1);
        let most = Amount::new((1 << 64) - 1);
        let full = Accumulator::default().credited(most, one).unwrap();
        assert_eq!(full.credited(one, one), None);
        assert_eq!(Accumulator::default().credited(Amount::SUPPLY_MAX, one), None);
    }

    proptest! {
        #[test]
        fn what_is_due_never_exceeds_what_came_in(
            incomes in prop::collection::vec((0..1_u128 << 80, 1..1_u128 << 60), 1..20), parts in prop::collection::vec(1..1_u128 << 60, 1..8),
        ) {
            let total: u128 = parts.iter().sum();
            let (mut now, mut held) = (Accumulator::default(), 0);
            for (income, _) in &incomes {
                let before = now;
                now = credited(now, *income, total);
                held += income;
                prop_assert!(now.per_unit >= before.per_unit && now.remainder.units() < total);
            }
            let due = |units: u128| due_floor(Amount::new(units), Amount::ZERO, now.per_unit).units();
            let paid: u128 = parts.iter().map(|part| due(*part)).sum();
            prop_assert!(paid <= held);
            prop_assert!(held - paid <= parts.len() as u128, "each holder leaves less than one unit, the division one");
        }
    }
}
