//! The pure formulas of rewards.

use crate::parameters::{NATIVE_UNIT, Parameters};
use crate::primitives::{Amount, Ppm};

/// Emission of an epoch after one that emitted `before`: `E - floor(E * decay)`, and what it starts with after nothing.
pub fn next_emission(parameters: &Parameters, before: Amount) -> Amount {
    if before.is_zero() || parameters.emission_start.is_zero() {
        return parameters.emission_start;
    }
    before.minus(before.portion_floor(parameters.emission_decay))
}

/// Most that work is rewarded with, in native base units: `rebate_max` of the take that was paid, in micro-dollars, at
/// `price` micro-dollars per whole token, each step rounded down. Worth less than was paid at that price and every lower one.
pub fn rebate_floor(rebate_max: Ppm, take: Amount, price: Amount) -> Amount {
    take.portion_floor(rebate_max).scaled_floor(NATIVE_UNIT, price.units())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(start: u128, decay: u32, epochs: u32) -> u128 {
        let (emission_start, emission_decay) = (Amount::new(start), Ppm(decay));
        let parameters = Parameters { emission_start, emission_decay, ..Parameters::default() };
        let next = |before, _| next_emission(&parameters, before);
        (0..epochs).fold(Amount::ZERO, next).units()
    }

    #[test]
    fn emission_begins_decays_and_stays_off() {
        assert_eq!(
            [1, 2, 3].map(|epochs| after(1_000_000, 475, epochs)),
            [1_000_000, 999_525, 999_051]
        );
        assert_eq!(after(1_000, 500_000, 12), 1, "what does not decay any more stays");
        assert_eq!(after(0, 475, 5), 0);
        let half = after(1_000_000_000, 475, 1 + 1_459);
        assert!((499_000_000..501_000_000).contains(&half), "four years halve it: {half}");
    }

    proptest! {
        /// Whatever is paid as take comes back worth less, at whichever of the known prices it is sold.
        #[test]
        fn a_rebate_is_worth_less_than_the_take(
            take in 1..1_u128 << 90,
            prices in prop::collection::vec(1..1_000_000_000_000_000_u128, 1..8),
            rho in 0..1_000_000_u32,
        ) {
            let (highest, rebate_max) = (prices.iter().max().copied().unwrap(), Ppm(rho));
            let tokens = rebate_floor(rebate_max, Amount::new(take), Amount::new(highest));
            for price in prices {
                let worth = tokens.scaled_ceil(price, NATIVE_UNIT);
                prop_assert!(worth <= Amount::new(take).portion_floor(rebate_max));
                prop_assert!(worth < Amount::new(take));
            }
        }

        /// Two names earn together at most what one with both weights would, and nothing is paid twice.
        #[test]
        fn splitting_gains_nothing(payable in 0..1_u128 << 90, one in 1..1_u128 << 60, two in 1..1_u128 << 60, others in 0..1_u128 << 60) {
            let total = one + two + others;
            let part = |weight: u128| Amount::new(payable).scaled_floor(weight, total);
            prop_assert!(part(one).plus(part(two)) <= part(one + two));
            prop_assert!(part(one).plus(part(two)).plus(part(others)) <= Amount::new(payable));
        }

        /// What a bond carries does not grow when bond and work are split.
        #[test]
        fn splitting_bond_and_work_carries_no_more(work in 0..1_u128 << 90, bond in 0..1_u128 << 90, at in 0..=1_000_000_u32) {
            let rate = Parameters::default().rebate_bond;
            let carried = |work: Amount, bond: Amount| work.min(bond.portion_floor(rate));
            let split = |all: u128| (Amount::new(all).portion_floor(Ppm(at)), Amount::new(all).portion_ceil(Ppm(at).complement()));
            let ((work_one, work_two), (bond_one, bond_two)) = (split(work), split(bond));
            let apart = carried(work_one, bond_one).plus(carried(work_two, bond_two));
            prop_assert!(apart <= carried(Amount::new(work), Amount::new(bond)).plus(Amount::new(1)));
        }
    }
}
