//! What a job costs.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::jobs::{JobSpec, price_ceil};
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, PPM, Ppm};

/// How the price of an attempt came about. Asks are micro-dollars per 10^9 metered units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Pricing {
    /// The provider's own ask: no ask was left that could have taken the job.
    Own,
    /// The first rejected ask times the provider's quality, at most the job's maximum.
    Uniform {
        /// The lowest ask per quality that could have taken the job and got none.
        rejected: Amount,
        /// The provider's quality.
        quality: Ppm,
    },
    /// Taken by hand, at a price that had risen with the waiting time.
    Offered {
        /// How long the job had waited, in ms.
        waited_ms: u64,
    },
    /// The price of a provider that missed its deadline, for the fallback that was drawn in its stead.
    Fallback {
        /// The provider that missed.
        missed: AccountId,
        /// Asks up to that price that could take the job; one was drawn.
        able: u32,
        /// What the fallback earns on top if its result stands, in micro-dollars, as far as the lock of the provider that
        /// missed reached.
        premium: Amount,
    },
}

/// An ask per quality, rounded up: what asks are ranked by.
pub fn effective_ceil(ask: Amount, quality: Ppm) -> Amount {
    ask.scaled_ceil(PPM.into(), quality.0.into())
}

/// What a provider of some quality is paid per 10^9 metered units at an effective ask, rounded down. Never less than its
/// own ask when its own effective ask is not above.
pub fn rate_floor(effective: Amount, quality: Ppm) -> Amount {
    effective.portion_floor(quality)
}

/// Price of a job at the first rejected ask: times quality, at most the job's maximum.
pub(crate) fn uniform_price(
    parameters: &Parameters,
    spec: &JobSpec,
    rejected: Amount,
    quality: Ppm,
) -> Amount {
    price_ceil(parameters, spec, rate_floor(rejected, quality)).min(spec.price_max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whoever is paid at an ask not below its own, both per quality, is paid its own ask or more.
        #[test]
        fn rounding_takes_nothing_from_an_ask(ask in 1..1_u128 << 80, above in 0..1_u128 << 80, quality in 800_000..=1_200_000_u32) {
            let (ask, quality) = (Amount::new(ask), Ppm(quality));
            let rejected = effective_ceil(ask, quality).plus(Amount::new(above));
            prop_assert!(rate_floor(rejected, quality) >= ask);
        }
    }
}
