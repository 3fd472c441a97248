//! The weighted median and how far reports usually are from it: the pure formulas.

use crate::primitives::Amount;

/// The least value that, with all values below it, has at least half of the weight. `None` without any weight.
///
/// Whoever holds less than half of the weight cannot move it past the values of the others; of two values that meet in
/// the middle the lower counts, because a low price is the safe one.
pub fn weighted_median(values: &[(Amount, Amount)]) -> Option<Amount> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let total: Amount = sorted.iter().map(|(_, weight)| *weight).sum();
    let mut seen = Amount::ZERO;
    sorted.into_iter().find_map(|(value, weight)| {
        seen = seen.plus(weight);
        (!seen.is_zero() && seen >= total.minus(seen)).then_some(value)
    })
}

/// The weighted median of the distances from a median.
pub fn median_deviation(values: &[(Amount, Amount)], median: Amount) -> Amount {
    let distances: Vec<_> =
        values.iter().map(|(value, weight)| (distance(*value, median), *weight)).collect();
    weighted_median(&distances).unwrap_or_default()
}

/// How far two prices are apart.
pub(super) fn distance(one: Amount, other: Amount) -> Amount {
    one.max(other).minus(one.min(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn median(values: &[(u128, u128)]) -> Option<u128> {
        let values: Vec<_> = values
            .iter()
            .map(|(value, weight)| (Amount::new(*value), Amount::new(*weight)))
            .collect();
        weighted_median(&values).map(Amount::units)
    }

    #[test]
    fn known_points() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[(5, 0)]), None);
        assert_eq!(median(&[(5, 1)]), Some(5));
        assert_eq!(median(&[(9, 1), (1, 1), (5, 1)]), Some(5));
        assert_eq!(median(&[(9, 1), (1, 1)]), Some(1), "of two the lower");
        assert_eq!(median(&[(1, 49), (100, 51)]), Some(100));
        assert_eq!(median(&[(1, 50), (100, 50)]), Some(1));
        assert_eq!(median(&[(3, 0), (7, 2), (8, 1)]), Some(7), "no weight, no say");
    }

    #[test]
    fn half_of_the_deviations_are_at_most_the_median_deviation() {
        let values: Vec<_> = [(98, 1), (100, 1), (103, 1), (500, 1), (101, 1)]
            .map(|(value, weight)| (Amount::new(value), Amount::new(weight)))
            .to_vec();
        let middle = weighted_median(&values).unwrap();
        assert_eq!(middle, Amount::new(101));
        assert_eq!(median_deviation(&values, middle), Amount::new(2));
    }

    fn reports() -> impl Strategy<Value = Vec<(u128, u128)>> {
        prop::collection::vec((1_u128..1_000, 1_u128..1_000), 1..12)
    }

    proptest! {
        /// Half of the weight is at or below it, half at or above it.
        #[test]
        fn it_has_half_of_the_weight_on_either_side(values in reports()) {
            let middle = median(&values).unwrap();
            let weight = |side: &dyn Fn(u128) -> bool| -> u128 {
                values.iter().filter(|(value, _)| side(*value)).map(|(_, weight)| weight).sum()
            };
            let total = weight(&|_| true);
            prop_assert!(2 * weight(&|value| value <= middle) >= total);
            prop_assert!(2 * weight(&|value| value >= middle) >= total);
        }

        /// Less than half of the weight cannot move it out of what the others say.
        #[test]
        fn a_minority_cannot_move_it_past_the_others(values in reports(), lie in 0_u128..10_000) {
            let honest: u128 = values.iter().map(|(_, weight)| weight).sum();
            let mut all = values.clone();
            all.push((lie, honest - 1));
            let middle = median(&all).unwrap();
            let low = values.iter().map(|(value, _)| *value).min().unwrap();
            let high = values.iter().map(|(value, _)| *value).max().unwrap();
            prop_assert!((low..=high).contains(&middle), "{middle} of {low}..={high}");
        }

        /// One validator as two, or two as one, changes nothing; nor does the order of reports.
        #[test]
        fn splitting_and_order_do_not_matter(values in reports(), part in 0_u128..1_000) {
            let (first, weight) = values[0];
            let part = part.min(weight);
            let mut split = values[1..].to_vec();
            split.extend([(first, weight - part), (first, part)]);
            split.reverse();
            prop_assert_eq!(median(&split), median(&values));
        }
    }
}
