//! Accuracy: right results and faults, counted in parts that fade from epoch to epoch.

use protocol::{AccountId, Ppm};

use super::Model;
use super::operators::Deed;
use crate::exact::whole;

/// Parts of a result: counts fade in them.
const PARTS: u64 = 1_000_000;

/// What an operator's results come to, as of the last of them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    /// The epoch of that one.
    pub(crate) epoch: u64,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Right results of that epoch that count.
    pub(crate) counted: u32,
}

impl Deed {
    /// Whether it says something about accuracy, and what.
    const fn speaks(self) -> Option<bool> {
        match self {
            Self::Completed | Self::Audited => Some(true),
            Self::Convicted
            | Self::Missed
            | Self::AuditFault
            | Self::Belied
            | Self::Outvoted
            | Self::SignedTwice => Some(false),
            Self::Fault | Self::FalseChallenge => None,
        }
    }
}

impl Model {
    /// Both counts at an epoch: each epoch since the last result keeps its share of them.
    fn faded(&self, operator: AccountId, epoch: u64) -> Counts {
        let results = self.operators.get(&operator).map(|one| one.results).unwrap_or_default();
        if epoch == results.epoch {
            return results;
        }
        let life = u128::from(self.parameters.accuracy_epochs);
        let faded = |mut count: u64| {
            let mut epochs = epoch - results.epoch;
            // What is nothing stays so, however many epochs are left.
            while epochs > 0 && count > 0 {
                let kept = u128::from(count) * (life - 1) / life;
                count = u64::try_from(kept).expect("less than before");
                epochs -= 1;
            }
            count
        };
        let [passed, failed] = [results.passed, results.failed].map(faded);
        Counts { epoch, passed, failed, counted: 0 }
    }

    /// A deed adds to the counts of its epoch, if it says something about accuracy; so many right results do.
    pub(super) fn count_result(&mut self, operator: AccountId, deed: Deed) {
        let Some(right) = deed.speaks() else { return };
        let mut results = self.faded(operator, self.epoch());
        if !right {
            results.failed += PARTS;
        } else if results.counted < self.parameters.accuracy_passes_max {
            (results.passed, results.counted) = (results.passed + PARTS, results.counted + 1);
        }
        self.operator_mut(operator).results = results;
    }

    /// `(P + prior) / (P + weight F + 2 prior)`.
    pub(crate) fn accuracy(&self, operator: AccountId) -> Ppm {
        let Counts { passed, failed, .. } = self.faded(operator, self.epoch());
        let prior = u128::from(self.parameters.accuracy_prior) * u128::from(PARTS);
        let weight = u128::from(self.parameters.accuracy_fail_weight);
        let (passed, failed) = (u128::from(passed), u128::from(failed));
        let mean =
            whole((passed + prior) * 1_000_000) / whole(passed + weight * failed + 2 * prior);
        Ppm(u32::try_from(mean.floor()).expect("a share of the whole"))
    }
}
