//! Amounts of an asset, in its base units.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};

use super::rate::{Ppm, mul_div_ceil, mul_div_floor};

/// Names an asset of the registry.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AssetId(pub u16);

/// The staking token: fees and bonds.
pub const NATIVE: AssetId = AssetId(0);

/// The unit jobs are priced and paid in, and a bond of its own. One base unit is one micro-dollar.
pub const STABLE: AssetId = AssetId(1);

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            NATIVE => f.write_str("native"),
            STABLE => f.write_str("stable"),
            AssetId(other) => write!(f, "asset {other}"),
        }
    }
}

/// A number of base units of some asset. Never negative, never wraps.
///
/// No asset's supply passes [`Amount::SUPPLY_MAX`], so sums of amounts that really exist cannot overflow
/// and products of an amount with two rates and a price fit in 256 bits.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct Amount(u128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The most base units that may ever have been minted of one asset.
    pub const SUPPLY_MAX: Self = Self(1 << 96);

    /// An amount of so many base units.
    pub const fn new(units: u128) -> Self {
        Self(units)
    }

    /// The number of base units.
    pub const fn units(self) -> u128 {
        self.0
    }

    /// Whether there is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` past `u128::MAX`.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// The difference, or `None` below zero.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// The sum of two amounts that exist at once.
    ///
    /// # Panics
    /// If the sum passes `u128::MAX`, which the supply limit rules out.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.checked_add(other).expect("amounts that exist never pass the supply limit")
    }

    /// What is left after taking a part that was checked to be there.
    ///
    /// # Panics
    /// If `part` is larger: the caller did not check.
    #[must_use]
    pub fn minus(self, part: Self) -> Self {
        self.checked_sub(part).expect("a part taken was checked to be there")
    }

    /// The difference, or zero.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `self * rate`, rounded down: for what the protocol owes.
    #[must_use]
    pub fn portion_floor(self, rate: Ppm) -> Self {
        Self(mul_div_floor(self.0, u128::from(rate.0), u128::from(super::PPM)))
    }

    /// `self * rate`, rounded up: for what is owed to the protocol.
    #[must_use]
    pub fn portion_ceil(self, rate: Ppm) -> Self {
        Self(mul_div_ceil(self.0, u128::from(rate.0), u128::from(super::PPM)))
    }

    /// `self * numerator / denominator`, rounded down.
    #[must_use]
    pub fn scaled_floor(self, numerator: u128, denominator: u128) -> Self {
        Self(mul_div_floor(self.0, numerator, denominator))
    }

    /// `self * numerator / denominator`, rounded up.
    #[must_use]
    pub fn scaled_ceil(self, numerator: u128, denominator: u128) -> Self {
        Self(mul_div_ceil(self.0, numerator, denominator))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Amount {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

#[cfg(feature = "serde")]
crate::primitives::hash::serde_as_text!(Amount);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_the_way_the_name_says() {
        let three = Amount::new(3);
        assert_eq!(three.portion_floor(Ppm(500_000)), Amount::new(1));
        assert_eq!(three.portion_ceil(Ppm(500_000)), Amount::new(2));
        assert_eq!(three.scaled_floor(1, 3), three.scaled_ceil(1, 3));
    }

    #[test]
    fn edges_are_checked() {
        let most = Amount::new(u128::MAX);
        assert_eq!(most.checked_add(Amount::new(1)), None);
        assert_eq!(Amount::ZERO.checked_sub(Amount::new(1)), None);
        assert_eq!(Amount::ZERO.saturating_sub(most), Amount::ZERO);
        assert_eq!(most.portion_floor(Ppm(1_000_000)), most);
    }
}
