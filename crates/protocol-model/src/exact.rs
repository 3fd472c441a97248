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

/// A product. Most factors are short, and much of a long history is spent here.
fn times(one: U512, other: U512) -> U512 {
    let is_short = |number: &U512| number.as_limbs()[1..].iter().all(|limb| *limb == 0);
    if is_short(&one) && is_short(&other) {
        return U512::from(u128::from(one.as_limbs()[0]) * u128::from(other.as_limbs()[0]));
    }
    one * other
}

impl Ratio {
    /// The fraction without what is behind the point.
    pub(crate) fn floor(self) -> u128 {
        match (u128::try_from(self.over), u128::try_from(self.under)) {
            (Ok(over), Ok(under)) => over / under,
            _ => u128::try_from(self.over / self.under).expect("what is owed exists"),
        }
    }

    /// The next whole number; past what 128 bits can say it is the largest they can.
    pub(crate) fn ceil(self) -> u128 {
        u128::try_from(self.over.div_ceil(self.under)).unwrap_or(u128::MAX)
    }
}

impl std::ops::Mul for Ratio {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self { over: times(self.over, other.over), under: times(self.under, other.under) }
    }
}

impl std::ops::Div for Ratio {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self { over: times(self.over, other.under), under: times(self.under, other.over) }
    }
}

/// A point of virtual time, or a stretch of it, or work: a number of 2^-96ths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point(U512);

impl Point {
    /// Work of so many metered units.
    pub(crate) fn of(size: u64) -> Self {
        Self(U512::from(size) << 96_usize)
    }

    /// So much later as a job of a size takes at a speed, rounded up.
    pub(crate) fn later(self, size: u64, speed: u128) -> Self {
        Self(self.0 + Self::of(size).0.div_ceil(U512::from(speed)))
    }

    /// How much later this is than another, if it is.
    pub(crate) fn since(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The work that a speed does in this time.
    pub(crate) fn times(self, speed: u128) -> Self {
        Self(self.0 * U512::from(speed))
    }

    /// The time that this work takes at a speed, rounded down; none where there is no speed.
    pub(crate) fn shared_by(self, speed: u128) -> Self {
        if speed == 0 { Self::default() } else { Self(self.0 / U512::from(speed)) }
    }

    /// Later by a stretch.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
