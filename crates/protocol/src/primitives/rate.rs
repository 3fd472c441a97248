//! Rates in parts per million, and products that cannot overflow on the way.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use ruint::aliases::U256;

/// The whole, in parts per million.
pub const PPM: u32 = 1_000_000;

/// A rate in parts per million. Most rates are at most [`Ppm::WHOLE`]; a margin may be above.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ppm(pub u32);

impl Ppm {
    /// One hundred percent.
    pub const WHOLE: Self = Self(PPM);

    /// What is left of the whole; zero from one hundred percent on.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(PPM.saturating_sub(self.0))
    }
}

impl fmt::Display for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 10_000, self.0 % 10_000);
        if part == 0 { write!(f, "{whole} %") } else { write!(f, "{whole}.{part:04} %") }
    }
}

/// `a * b / divisor`, rounded down, the product taken in 256 bits.
///
/// # Panics
/// If `divisor` is zero or the quotient passes `u128::MAX`; the supply limit and the parameter bounds rule out both.
pub fn mul_div_floor(a: u128, b: u128, divisor: u128) -> u128 {
    match a.checked_mul(b) {
        Some(product) => product / divisor,
        None => narrow((U256::from(a) * U256::from(b)) / U256::from(divisor)),
    }
}

/// `a * b / divisor`, rounded up, the product taken in 256 bits. A quotient past `u128::MAX` is `u128::MAX`: a
/// requirement rounded up may be more than can exist, and is then one that nobody meets.
///
/// # Panics
/// If `divisor` is zero.
pub fn mul_div_ceil(a: u128, b: u128, divisor: u128) -> u128 {
    if let Some(product) = a.checked_mul(b) {
        return product.div_ceil(divisor);
    }
    let quotient = (U256::from(a) * U256::from(b)).div_ceil(U256::from(divisor));
    u128::try_from(quotient).unwrap_or(u128::MAX)
}

/// Maps a uniform 128-bit number onto `0..bound` without modulo bias worth speaking of.
pub(crate) fn uniform_below(random: u128, bound: u128) -> u128 {
    narrow((U256::from(random) * U256::from(bound)) >> 128)
}

fn narrow(wide: U256) -> u128 {
    u128::try_from(wide).expect("a quotient of bounded amounts and rates fits in 128 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The generic statement behind every split: floor and ceiling differ by at most one and only on a remainder.
        #[test]
        fn floor_and_ceiling_bracket_the_quotient(a: u64, b: u64, divisor in 1..=u64::MAX) {
            let (a, b, divisor) = (u128::from(a), u128::from(b), u128::from(divisor));
            let exact = a * b;
            prop_assert_eq!(mul_div_floor(a, b, divisor), exact / divisor);
            let up = u128::from(exact % divisor != 0);
            prop_assert_eq!(mul_div_ceil(a, b, divisor), exact / divisor + up);
        }

        /// Products on either side of 128 bits are divided alike.
        #[test]
        fn wide_and_narrow_products_are_divided_alike(a in 0..1_u128 << 96, b in 0..1_u128 << 64, divisor in 1_u128 << 40..1 << 64) {
            let exact = U256::from(a) * U256::from(b);
            let (whole, rest) = exact.div_rem(U256::from(divisor));
            let up = U256::from(u8::from(!rest.is_zero()));
            prop_assert_eq!(U256::from(mul_div_floor(a, b, divisor)), whole);
            prop_assert_eq!(U256::from(mul_div_ceil(a, b, divisor)), whole + up);
        }
    }

    #[test]
    fn a_rate_reads_as_percent() {
        assert_eq!(Ppm(20_000).to_string(), "2 %");
        assert_eq!(Ppm(1_250_000).to_string(), "125 %");
        assert_eq!(Ppm(500).to_string(), "0.0500 %");
    }

    #[test]
    fn products_pass_128_bits_on_the_way() {
        assert_eq!(mul_div_floor(u128::MAX, u128::MAX, u128::MAX), u128::MAX);
        assert_eq!(mul_div_ceil(u128::MAX, 3, 3), u128::MAX);
    }
}
