//! Exact fractions. A formula is written down as it stands in the book and rounded once, where the book rounds it.

use ruint::aliases::U512;

/// A fraction that is never negative. It is not reduced: formulas are short and 512 bits are wide.
#[derive(Clone, Copy)]
pub(crate) struct Ratio {
    over: U512,
    under: U512,
}

/// Parts per million as a fraction.
pub(crate) fn ppm(parts: u32) -> Ratio {
    whole(parts.into()) / whole(1_000_000)
}

/// A whole number as a fraction.
pub(crate) fn whole(number: u128) -> Ratio {
    Ratio { over: U512::from(number), under: U512::from(1) }
}

impl Ratio {
    /// The fraction without what is behind the point.
    pub(crate) fn floor(self) -> u128 {
        u128::try_from(self.over / self.under).expect("what is owed exists")
    }

    /// The next whole number; past what 128 bits can say it is the largest they can.
    pub(crate) fn ceil(self) -> u128 {
        u128::try_from(self.over.div_ceil(self.under)).unwrap_or(u128::MAX)
    }
}

impl std::ops::Mul for Ratio {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self { over: self.over * other.over, under: self.under * other.under }
    }
}

impl std::ops::Div for Ratio {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self { over: self.over * other.under, under: self.under * other.over }
    }
}
