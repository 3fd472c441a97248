//! Decimal numbers with a fixed number of places, kept as integers.

/// Digits that are kept of a number; more would not fit the accumulator.
const DIGITS_MAX: u32 = 36;

/// A number as written in a file, in units of `10^-decimals`; half a unit rounds away from zero. `None` if the text is not
/// a number or does not fit. Accepted: an optional sign, digits with an optional point (at least one digit), an optional
/// exponent; spaces around.
#[must_use]
pub fn parse_decimal(text: &[u8], decimals: u32) -> Option<i64> {
    let text = text.trim_ascii();
    let (negative, text) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    let magnitude = match parse_short(text, decimals) {
        Some(magnitude) => magnitude.into(),
        None => parse_long(text, decimals)?,
    };
    let magnitude = i64::try_from(magnitude).ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// The common case, in 64 bits: no exponent, at most 18 digits, no rounding. `None` means only that it is another case.
fn parse_short(text: &[u8], decimals: u32) -> Option<u64> {
    if text.len() > 19 {
        return None;
    }
    let (mut digits, mut value, mut places) = (0u32, 0u64, None);
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + u64::from(byte - b'0');
                digits += 1;
                places = places.map(|count: u32| count + 1);
            }
            b'.' if places.is_none() => places = Some(0),
            _ => return None,
        }
    }
    let missing = decimals.checked_sub(places.unwrap_or(0))?;
    if digits == 0 || digits > 18 {
        return None;
    }
    value.checked_mul(10u64.checked_pow(missing)?)
}

/// Any case, in 128 bits.
fn parse_long(text: &[u8], decimals: u32) -> Option<u128> {
    let end = text.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (number, exponent) = match end {
        None => (text, 0),
        Some(end) => (&text[..end], parse_exponent(&text[end + 1..])?),
    };
    let (value, scale) = parse_digits(number)?;
    // The value is `value * 10^scale`, wanted in units of 10^-decimals.
    let shift = scale.checked_add(exponent)?.checked_add(i64::from(decimals))?;
    if value == 0 {
        return Some(0);
    }
    let factor = u32::try_from(shift.unsigned_abs()).ok();
    let factor = factor.and_then(|power| 10u128.checked_pow(power));
    match (factor, shift >= 0) {
        (Some(factor), true) => value.checked_mul(factor),
        (Some(factor), false) => Some(value / factor + u128::from(value % factor >= factor / 2)),
        (None, true) => None,
        // Far below half a unit.
        (None, false) => Some(0),
    }
}

/// Digits with an optional point, as `(value, power of ten)`. Digits beyond the 36th only scale.
fn parse_digits(text: &[u8]) -> Option<(u128, i64)> {
    let (mut value, mut kept, mut any, mut scale, mut point) = (0u128, 0u32, false, 0i64, false);
    for &byte in text {
        match byte {
            b'.' if !point => point = true,
            b'0'..=b'9' => {
                any = true;
                let keep = kept < DIGITS_MAX;
                if keep {
                    value = value * 10 + u128::from(byte - b'0');
                    kept += u32::from(value > 0);
                }
                scale += i64::from(!keep) - i64::from(point);
            }
            _ => return None,
        }
    }
    any.then_some((value, scale))
}

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0'));
    Some(if negative { -value } else { value })
}

/// Appends a number in units of `10^-decimals` as text, without needless zeros.
pub fn write_decimal(value: i128, decimals: u32, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let unit = 10u128.pow(decimals);
    let magnitude = value.unsigned_abs();
    write_integer(magnitude / unit, 1, out);
    let fraction = magnitude % unit;
    if fraction > 0 {
        out.push(b'.');
        write_integer(fraction, decimals as usize, out);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
}

/// Appends an integer with at least so many digits.
pub(crate) fn write_integer(mut value: u128, digits: usize, out: &mut Vec<u8>) {
    let start = out.len();
    // Division of 128 bits is slow: most numbers are written with 64.
    while value > u128::from(u64::MAX) {
        out.push(digit(value % 10));
        value /= 10;
    }
    let mut value = u64::try_from(value).unwrap_or(0);
    while value > 0 || out.len() - start < digits {
        out.push(digit(u128::from(value % 10)));
        value /= 10;
    }
    out[start..].reverse();
}

fn digit(value: u128) -> u8 {
    b'0' + u8::try_from(value).unwrap_or(0)
}

/// `total / count`, half a unit away from zero; zero for no values.
pub(crate) fn mean(total: i128, count: u64) -> i128 {
    let count = i128::from(count);
    if count == 0 {
        return 0;
    }
    let half = if total < 0 { -(count / 2) } else { count / 2 };
    (total + half) / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: i128, decimals: u32) -> String {
        let mut out = Vec::new();
        write_decimal(value, decimals, &mut out);
        String::from_utf8(out).expect("digits are text")
    }

    #[test]
    fn numbers_as_people_write_them() {
        let cases: [(&str, Option<i64>); 24] = [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("1", Some(1_000)),
            (" +1.5 ", Some(1_500)),
            ("-273.15", Some(-273_150)),
            (".5", Some(500)),
            ("5.", Some(5_000)),
            ("0.0004", Some(0)),
            ("0.0005", Some(1)),
            ("-0.0005", Some(-1)),
            ("40.73806762695313", Some(40_738)),
            ("1e3", Some(1_000_000)),
            ("1.5E-2", Some(15)),
            ("1e-999999999", Some(0)),
            ("0e999999999", Some(0)),
            ("9223372036854775.807", Some(i64::MAX)),
            ("9223372036854775.808", None),
            ("1e30", None),
            ("", None),
            (".", None),
            ("-", None),
            ("1.2.3", None),
            ("n/a", None),
            ("1e", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_decimal(text.as_bytes(), 3), expected, "{text:?}");
        }
    }

    #[test]
    fn more_digits_than_fit_are_rounded_away_or_refused() {
        let zeros = "0".repeat(100);
        assert_eq!(parse_decimal(["0.5", &zeros].concat().as_bytes(), 1), Some(5));
        assert_eq!(parse_decimal([&zeros, "7"].concat().as_bytes(), 0), Some(7));
        assert_eq!(parse_decimal(["7", &zeros].concat().as_bytes(), 0), None);
        let tiny = ["0.", &zeros, "7"].concat();
        assert_eq!(parse_decimal(tiny.as_bytes(), 12), Some(0));
    }

    #[test]
    fn means_round_half_away_from_zero() {
        assert_eq!(
            [mean(5, 2), mean(-5, 2), mean(4, 3), mean(-4, 3), mean(9, 0)],
            [3, -3, 1, -1, 0]
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in any::<i64>(), decimals in 0u32..=12) {
            prop_assume!(value != i64::MIN);
            let text = written(value.into(), decimals);
            prop_assert_eq!(parse_decimal(text.as_bytes(), decimals), Some(value));
        }

        #[test]
        fn agrees_with_floating_point(value in -1e9f64..1e9, places in 0usize..9) {
            let text = format!("{value:.places$}");
            let found = parse_decimal(text.as_bytes(), 9).expect("a number");
            let expected = text.parse::<f64>().expect("a number");
            prop_assert!((found as f64 / 1e9 - expected).abs() <= expected.abs() * 1e-15);
        }

        #[test]
        fn the_fast_case_is_the_general_case(text in "[0-9]{0,12}\\.?[0-9]{0,7}", decimals in 0u32..=12) {
            if let Some(short) = parse_short(text.as_bytes(), decimals) {
                prop_assert_eq!(parse_long(text.as_bytes(), decimals), Some(u128::from(short)));
            }
        }
    }
}
