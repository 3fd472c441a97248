//! Amounts as people write them: decimal numbers of whole tokens and dollars.

use anyhow::{Result, bail};
use protocol::Amount;

use crate::cli::Asset;

impl Asset {
    /// Digits after the point: base units are 10^-decimals of a whole one.
    pub(crate) const fn decimals(self) -> u32 {
        match self {
            Self::Native => 9,
            Self::Stable => 6,
        }
    }

    /// The asset in the rules.
    pub(crate) const fn id(self) -> protocol::AssetId {
        match self {
            Self::Native => protocol::NATIVE,
            Self::Stable => protocol::STABLE,
        }
    }

    /// The unit after a number.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Native => "EARN",
            Self::Stable => "USD",
        }
    }

    /// Reads a decimal number of whole ones, exactly.
    pub(crate) fn parse(self, text: &str) -> Result<Amount> {
        let explain = || {
            format!(
                "{text:?} is not an amount of {}: write it as 12 or 12.5, with at most {} digits after the point",
                self.symbol(),
                self.decimals()
            )
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let decimals = self.decimals() as usize;
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > decimals {
            bail!(explain());
        }
        if text.ends_with('.') {
            bail!(explain());
        }
        let units = format!("{whole}{fraction:0<decimals$}").parse::<u128>();
        let Ok(units) = units else {
            bail!("{text} {} is more than there can ever be", self.symbol());
        };
        Ok(Amount::new(units))
    }

    /// Writes an amount with its unit, without trailing zeros.
    pub(crate) fn show(self, amount: Amount) -> String {
        format!("{} {}", self.number(amount), self.symbol())
    }

    /// Writes an amount without its unit.
    pub(crate) fn number(self, amount: Amount) -> String {
        self.fixed(amount).trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// Writes an amount with all its digits after the point, so that columns of them line up.
    pub(crate) fn fixed(self, amount: Amount) -> String {
        let one = 10u128.pow(self.decimals());
        let (whole, fraction) = (amount.units() / one, amount.units() % one);
        let decimals = self.decimals() as usize;
        format!("{}.{fraction:0decimals$}", grouped(whole))
    }
}

/// Digits in groups of three.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut groups: Vec<&str> = Vec::new();
    if head > 0 {
        groups.push(&digits[..head]);
    }
    groups.extend((head..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_and_write_exactly() {
        for (text, units) in [("0", 0), ("12", 12_000_000), ("12.5", 12_500_000), ("0.000001", 1)] {
            assert_eq!(Asset::Stable.parse(text).expect("valid"), Amount::new(units), "{text}");
        }
        assert_eq!(
            Asset::Native.show(Amount::new(1_234_567_000_000_001)),
            "1,234,567.000000001 EARN"
        );
        assert_eq!(Asset::Stable.show(Amount::new(1_500_000)), "1.5 USD");
        assert_eq!(Asset::Stable.show(Amount::ZERO), "0 USD");
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "-1", "1e3", "1,000", "0.0000001", " 1", "NaN"] {
            assert!(Asset::Stable.parse(text).is_err(), "{text:?}");
        }
        let most = u128::MAX.to_string();
        assert!(Asset::Stable.parse(&most).is_err(), "more base units than 128 bits hold");
    }
}
