//! Micro-dollars as people read them.

use std::fmt;

use crate::primitives::Amount;

/// Micro-dollars in one dollar.
const MICRO: u128 = 1_000_000;

/// An amount of micro-dollars, exact and without idle digits: `84.705883 USD`, `5 USD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dollars(pub Amount);

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, parts) = (self.0.units() / MICRO, self.0.units() % MICRO);
        let text = format!("{whole}.{parts:06}");
        write!(f, "{} USD", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_rounded_and_nothing_idle_is_said() {
        let texts = [
            (0, "0 USD"),
            (1, "0.000001 USD"),
            (50_000, "0.05 USD"),
            (5_000_000, "5 USD"),
            (10_000_000, "10 USD"),
            (84_705_883, "84.705883 USD"),
        ];
        for (units, text) in texts {
            assert_eq!(Dollars(Amount::new(units)).to_string(), text);
        }
    }
}
