//! Elementary functions that give the same bits everywhere.
//!
//! The platform's `exp` and `ln` come from a different library on each target. These are series in plain IEEE 754
//! additions and multiplications, which are exact by standard on all of them; so is `sqrt`, which needs no help.
//! Error: at most 2 units in the last place on the tested ranges.

use std::f64::consts::{LN_2, LOG2_E, SQRT_2};

/// `LN_2` to 33 bits, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// The rest of `LN_2`.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Where the result leaves the normal range of `f64`; beyond, it is infinite or zero.
const EXP_MAX: f64 = 709.0;
const EXP_MIN: f64 = -708.0;

/// `1/1!, 1/2!, ...`: divisions are slow, so they are done here.
const EXP_TERMS: [f64; 13] = {
    let (mut terms, mut factorial, mut at) = ([0.0; 13], 1.0, 0);
    while at < terms.len() {
        factorial *= (at + 1) as f64;
        terms[at] = 1.0 / factorial;
        at += 1;
    }
    terms
};

/// `1/3, 1/5, ...`
const LN_TERMS: [f64; 12] = {
    let (mut terms, mut at) = ([0.0; 12], 0);
    while at < terms.len() {
        terms[at] = 1.0 / (2 * at + 3) as f64;
        at += 1;
    }
    terms
};

/// `e^x`. Above 709 it is infinite, below -708 it is zero (no subnormal results).
#[must_use]
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if x > EXP_MAX {
        return f64::INFINITY;
    }
    if x < EXP_MIN {
        return 0.0;
    }
    let power = (x * LOG2_E).round_ties_even();
    let rest = (x - power * LN_2_HIGH) - power * LN_2_LOW;
    // |rest| <= ln(2) / 2, so the first term left out of the Taylor series is below 5e-18.
    let series = EXP_TERMS.iter().rev().fold(0.0, |sum, term| (sum + term) * rest);
    (1.0 + series) * two_to(power)
}

/// `2^power` for an integral power within the normal range.
#[allow(clippy::cast_possible_truncation, reason = "the power is integral and below 1,100")]
fn two_to(power: f64) -> f64 {
    f64::from_bits(((power as i64 + 1023).cast_unsigned()) << 52)
}

/// The natural logarithm of a positive number; not a number for negative ones, negative infinity for zero.
#[must_use]
pub fn ln(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x < 0.0 || !x.is_finite() {
        return if x > 0.0 { x } else { f64::NAN };
    }
    if x < f64::MIN_POSITIVE {
        // Make it normal: 2^54 is exact.
        return ln(x * 18_014_398_509_481_984.0) - 54.0 * LN_2;
    }
    let (exponent, mantissa) = split(x);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    // ln(m) = 2 (s + s^3/3 + s^5/5 + ...); s^2 <= 0.0295, so the first term left out is below 1e-19.
    let series = LN_TERMS.iter().rev().fold(0.0, |sum, term| (sum + term) * square);
    exponent * LN_2_HIGH + (exponent * LN_2_LOW + 2.0 * s * series + 2.0 * s)
}

/// A normal positive number as `(exponent, mantissa)` with the mantissa in `[sqrt(1/2), sqrt(2))`.
#[allow(clippy::cast_precision_loss, reason = "an exponent has 11 bits")]
fn split(x: f64) -> (f64, f64) {
    let bits = x.to_bits();
    let exponent = (bits >> 52).cast_signed() - 1023;
    let mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    if mantissa < SQRT_2 {
        (exponent as f64, mantissa)
    } else {
        ((exponent + 1) as f64, mantissa / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;

    /// Distance in units in the last place of the expected value.
    fn ulps(found: f64, expected: f64) -> f64 {
        let unit = f64::from_bits(expected.abs().to_bits() + 1) - expected.abs();
        (found - expected).abs() / unit
    }

    #[test]
    fn exp_is_within_two_ulps() {
        let mut random = Random::new(1);
        for _ in 0..20_000 {
            let x = random.signed() * 700.0;
            assert!(ulps(exp(x), x.exp()) <= 2.0, "exp({x})");
            let x = random.signed();
            assert!(ulps(exp(x), x.exp()) <= 2.0, "exp({x})");
        }
    }

    #[test]
    fn ln_is_within_two_ulps() {
        let mut random = Random::new(2);
        for _ in 0..20_000 {
            let x = f64::from_bits(random.bits() >> 2);
            assert!(ulps(ln(x), x.ln()) <= 2.0, "ln({x})");
            let x = 1.0 + random.signed() / 2.0;
            assert!(ulps(ln(x), x.ln()) <= 2.0, "ln({x})");
        }
    }

    #[test]
    fn edges_are_defined() {
        assert_eq!((exp(0.0), exp(-1e9), exp(1e9)), (1.0, 0.0, f64::INFINITY));
        assert_eq!((exp(f64::NEG_INFINITY), ln(1.0)), (0.0, 0.0));
        assert!(exp(f64::NAN).is_nan() && ln(f64::NAN).is_nan() && ln(-1.0).is_nan());
        assert_eq!((ln(0.0), ln(f64::INFINITY)), (f64::NEG_INFINITY, f64::INFINITY));
        assert!(ulps(ln(5e-324), 5e-324f64.ln()) <= 2.0);
    }
}
