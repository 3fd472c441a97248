//! Quality: by how much a good record makes an ask cheaper in the ranking, and dearer in the paying.

use crate::capacity::uptime_factor;
use crate::primitives::{AccountId, Ppm};
use crate::state::State;

/// Quality of the worst record.
const LEAST: u64 = 800_000;
/// What the best record adds to it.
const SPAN: u64 = 400_000;
/// A score of which nothing was measured: the middle.
const UNMEASURED: Ppm = Ppm(500_000);
/// How well an operator works, each from nothing to the whole, one half before anything was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Scores {
    /// How often its results were right lately.
    pub accuracy: Ppm,
    /// How reliably it is there, from the least that earns anything to the most that is asked.
    pub uptime: Ppm,
    /// How quickly it answers.
    pub latency: Ppm,
}

impl State {
    /// What was measured of an operator. Its accuracy counts few right results of an epoch, so that jobs bought from oneself
    /// take time too; uptime is that of whoever has a device to be there with.
    pub fn scores(&self, operator: AccountId) -> Scores {
        let factor = |uptime| uptime_factor(&self.parameters, uptime);
        Scores {
            accuracy: self.accuracy(operator),
            uptime: self.uptime(operator).map_or(UNMEASURED, factor),
            latency: UNMEASURED,
        }
    }
}

/// Quality from 80 % to 120 %: half of it accuracy, a quarter each uptime and latency; never stake. All scores at one
/// half make exactly 100 %. Rounded down once.
pub fn quality(scores: Scores) -> Ppm {
    let Scores { accuracy, uptime, latency } = scores;
    let quarters = [accuracy, accuracy, uptime, latency].map(|score| u64::from(score.0));
    let whole = 4 * u64::from(Ppm::WHOLE.0);
    let quality = LEAST + SPAN * quarters.into_iter().sum::<u64>().min(whole) / whole;
    Ppm(u32::try_from(quality).expect("at most 120 %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_ends_at_80_and_120_percent() {
        let all = |score| quality(Scores { accuracy: score, uptime: score, latency: score });
        assert_eq!(
            [Ppm(0), UNMEASURED, Ppm::WHOLE].map(all),
            [800_000, 1_000_000, 1_200_000].map(Ppm)
        );
    }
}
