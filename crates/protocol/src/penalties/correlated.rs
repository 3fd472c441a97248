//! The correlated penalty: an isolated repeat costs the base, a cartel loses everything.

use crate::primitives::{Amount, PPM, Ppm};

/// `base + (1 - base) * min(1, 3X/T)^2`, the ratio rounded up and the rest rounded down, so that it is within two parts in a
/// million of the formula over that ratio; monotone in the offending stake `X`, never above the whole.
pub fn correlated_rate(base: Ppm, offending: Amount, total: Amount) -> Ppm {
    let whole = u128::from(PPM);
    let ratio = if total.is_zero() {
        whole
    } else {
        let thrice = offending.units().saturating_mul(3);
        Amount::new(whole).scaled_ceil(thrice, total.units()).units().min(whole)
    };
    let squared = ratio * ratio / whole;
    let above = u128::from(base.complement().0) * squared / whole;
    let rate = u128::from(base.0.min(PPM)) + above;
    Ppm(u32::try_from(rate).expect("a rate of at most the whole"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: Ppm = Ppm(50_000);

    #[test]
    fn known_points() {
        let rate =
            |offending, total| correlated_rate(BASE, Amount::new(offending), Amount::new(total));
        assert_eq!(rate(0, 100), BASE);
        assert_eq!(rate(20, 100), Ppm(392_000), "60 % of a third, squared: 5 % + 95 % of 36 %");
        assert_eq!(rate(33, 99), Ppm::WHOLE);
        assert_eq!(rate(99, 99), Ppm::WHOLE);
        assert_eq!(rate(0, 0), Ppm::WHOLE);
    }

    proptest! {
        #[test]
        fn monotone_and_bounded(one: u64, more: u64, total in 1..=u64::MAX) {
            let (less, greater) = (Amount::new(one.into()), Amount::new(u128::from(one) + u128::from(more)));
            let total = Amount::new(total.into());
            prop_assert!(correlated_rate(BASE, less, total) <= correlated_rate(BASE, greater, total));
            prop_assert!(correlated_rate(BASE, greater, total) <= Ppm::WHOLE);
        }
    }
}
