//! Numbers of the rules as people read and write them: by their unit in percent, tokens, dollars, durations.

use anyhow::{Result, anyhow, bail};
use protocol::{Amount, Ppm};

use crate::cli::Asset;
use crate::jobfile::parse_duration_ms;
use crate::narrate::duration;

/// Parts per million in a percent.
const PERCENT: u32 = 10_000;

/// Digits after the point of a percentage: a part per million is a ten-thousandth of a percent.
const PERCENT_DIGITS: usize = 4;

/// Writes a rate in percent, without trailing zeros.
pub(crate) fn percent(Ppm(rate): Ppm) -> String {
    let (whole, part) = (rate / PERCENT, rate % PERCENT);
    let digits = format!("{whole}.{part:04}");
    format!("{} %", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Writes a share of a whole in percent, rounded down; nothing of nothing is nothing.
pub(crate) fn share(part: Amount, whole: Amount) -> String {
    let whole = whole.max(Amount::new(1));
    // Tenths of a percent are enough to see how a vote stands.
    let tenths = part.scaled_floor(1_000, whole.units()).units();
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Reads a percentage, as `5`, `7.5` or `7.5%`.
pub(crate) fn parse_percent(text: &str) -> Result<Ppm> {
    let number = text.trim_end_matches('%').trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let rate = || {
        let padded = format!("{whole}{part:0<PERCENT_DIGITS$}");
        padded.parse::<u32>().ok().map(Ppm)
    };
    let valid = plain(whole) && plain(part) && part.len() <= PERCENT_DIGITS;
    valid.then(rate).flatten().ok_or_else(|| {
        anyhow!(
            "{text:?} is not a percentage: write it as 5 or 7.5, with at most {PERCENT_DIGITS} digits after the point"
        )
    })
}

/// Writes a value of a parameter for people, by its unit.
pub(crate) fn show(value: Amount, unit: &str) -> String {
    match unit {
        "native base units" => Asset::Native.show(value),
        "micro-dollars" => Asset::Stable.show(value),
        "ms" => milliseconds(value),
        "bytes" => format!("{value} bytes"),
        _ => match (unit.strip_prefix("ppm"), u32::try_from(value.units())) {
            (Some(of), Ok(rate)) => format!("{}{of}", percent(Ppm(rate))),
            _ => {
                let (kind, of) = unit.split_once(" per ").unwrap_or((unit, ""));
                let of = if of.is_empty() { String::new() } else { format!(" per {of}") };
                match kind {
                    "native base units" => format!("{}{of}", Asset::Native.show(value)),
                    "micro-dollars" => format!("{}{of}", Asset::Stable.show(value)),
                    _ => format!("{value} {kind}{of}"),
                }
            }
        },
    }
}

fn milliseconds(value: Amount) -> String {
    match u64::try_from(value.units()) {
        Ok(short) if short < 1_000 => format!("{short} ms"),
        Ok(whole) if whole % 1_000 == 0 => duration(whole),
        _ => format!("{value} ms"),
    }
}

/// Reads a value of a parameter: a whole number of its unit, or a percentage, a duration, tokens or dollars where the
/// unit is one of these.
pub(crate) fn parse(text: &str, unit: &str) -> Result<Amount> {
    if let Ok(number) = text.parse::<u128>() {
        return Ok(Amount::new(number));
    }
    let of = |kind: &str| unit == kind || unit.starts_with(&format!("{kind} "));
    if of("ppm") && text.ends_with('%') {
        return parse_percent(text).map(|Ppm(rate)| Amount::new(rate.into()));
    }
    if of("ms") {
        return parse_duration_ms(text).map(|ms| Amount::new(ms.into()));
    }
    for (kind, asset) in [("native base units", Asset::Native), ("micro-dollars", Asset::Stable)] {
        if of(kind)
            && let Some(number) = text.strip_suffix(asset.symbol())
        {
            return asset.parse(number.trim_end());
        }
    }
    bail!("{text:?} is not a value in {unit}: write a whole number of that{}", hint(unit))
}

/// What else may be written instead of a number of the unit.
fn hint(unit: &str) -> &'static str {
    match unit.split(' ').next() {
        Some("ppm") => ", or a percentage as in 2.5%",
        Some("native") => ", or tokens as in 500EARN",
        Some("micro-dollars") => ", or dollars as in 0.5USD",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_read_and_write_exactly() {
        for (text, rate) in [("5", 50_000), ("7.5", 75_000), ("0.0001%", 1), ("100", 1_000_000)] {
            assert_eq!(parse_percent(text).expect("valid"), Ppm(rate), "{text}");
        }
        for text in ["", "%", "-1", "5,5", "1.23456", ".5", "5.", "9999999999"] {
            assert!(parse_percent(text).is_err(), "{text:?}");
        }
        assert_eq!(
            [50_000, 75_000, 1, 0].map(|rate| percent(Ppm(rate))),
            ["5 %", "7.5 %", "0.0001 %", "0 %"]
        );
        assert_eq!(share(Amount::new(2), Amount::new(3)), "66.6 %");
        assert_eq!(share(Amount::ZERO, Amount::ZERO), "0.0 %");
    }

    #[test]
    fn values_read_by_their_unit() {
        let read = |text, unit| parse(text, unit).ok().map(Amount::units);
        assert_eq!(read("20000", "ppm"), Some(20_000));
        assert_eq!(read("2%", "ppm of the price"), Some(20_000));
        assert_eq!(read("90s", "ms"), Some(90_000));
        assert_eq!(read("500EARN", "native base units"), Some(500_000_000_000));
        assert_eq!(read("0.5 USD", "micro-dollars per whole token"), Some(500_000));
        for (text, unit) in [
            ("2%", "ms"),
            ("90s", "ppm"),
            ("1 USD", "native base units"),
            ("-1", "jobs"),
            ("x", "jobs"),
        ] {
            assert_eq!(read(text, unit), None, "{text} in {unit}");
        }
    }

    #[test]
    fn values_are_shown_by_their_unit() {
        let shown = |value, unit| show(Amount::new(value), unit);
        assert_eq!(shown(666_666, "ppm of all weight"), "66.6666 % of all weight");
        assert_eq!(shown(7_200_000, "ms"), "2 h");
        assert_eq!(shown(1_500, "ms"), "1500 ms");
        assert_eq!(shown(1_000_000_000, "native base units"), "1 EARN");
        assert_eq!(shown(1_000_000, "micro-dollars per whole token"), "1 USD per whole token");
        assert_eq!(shown(9, "times the own native bond"), "9 times the own native bond");
    }
}
