//! Quality: by how much a good record makes an ask cheaper in the ranking, and dearer in the paying.

use crate::operators::Reliability;
use crate::primitives::Ppm;

/// Quality of the worst record.
const LEAST: u64 = 800_000;
/// What the best record adds to it.
const SPAN: u64 = 400_000;
/// A score of which nothing was measured: the middle.
const UNMEASURED: Ppm = Ppm(500_000);
/// Clean epochs a new name is given, and as many bad ones.
const PRIOR: u64 = 10;
/// Clean epochs that a fault outweighs.
const FAULT_WEIGHT: u64 = 20;

/// How well an operator works, each from nothing to the whole, one half before anything was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Scores {
    /// How reliably its work stands.
    pub accuracy: Ppm,
    /// How reliably it is there.
    pub uptime: Ppm,
    /// How quickly it answers.
    pub latency: Ppm,
}

impl Reliability {
    /// What the record says. Uptime and latency count as unmeasured until something measures them.
    pub fn scores(&self) -> Scores {
        Scores { accuracy: self.accuracy(), uptime: UNMEASURED, latency: UNMEASURED }
    }

    /// `(clean + 10) / (clean + 20 faults + 20)`, rounded down: one half for a new name. Clean epochs count, not jobs:
    /// jobs can be bought from oneself, time cannot.
    fn accuracy(&self) -> Ppm {
        let faults = u64::from(self.convictions)
            .saturating_add(self.deadlines_missed)
            .saturating_add(self.audit_faults);
        let clean = u64::from(self.clean_epochs).saturating_add(PRIOR);
        let all = clean.saturating_add(PRIOR).saturating_add(faults.saturating_mul(FAULT_WEIGHT));
        let share = u128::from(clean) * u128::from(Ppm::WHOLE.0) / u128::from(all);
        Ppm(u32::try_from(share).expect("a share of the whole"))
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
    fn a_new_name_is_in_the_middle_and_never_better_than_a_mended_one() {
        let record = |clean_epochs, convictions| Reliability {
            clean_epochs,
            convictions,
            ..Reliability::default()
        };
        let of = |reliability: Reliability| quality(reliability.scores());
        assert_eq!(of(record(0, 0)), Ppm::WHOLE);
        assert_eq!(of(record(30, 0)), Ppm(1_060_000), "40 of 50: 80 % accurate");
        assert!(of(record(0, 1)) < Ppm::WHOLE);
        assert!(of(record(21, 1)) > Ppm::WHOLE, "a fault is outlived in 21 clean epochs");
    }

    #[test]
    fn quality_ends_at_80_and_120_percent() {
        let all = |score| quality(Scores { accuracy: score, uptime: score, latency: score });
        assert_eq!(
            [Ppm(0), UNMEASURED, Ppm::WHOLE].map(all),
            [800_000, 1_000_000, 1_200_000].map(Ppm)
        );
        let worst = Reliability { deadlines_missed: u64::MAX, ..Reliability::default() };
        assert_eq!(worst.accuracy(), Ppm(0));
    }
}
