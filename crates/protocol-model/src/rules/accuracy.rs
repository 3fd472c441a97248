//! Accuracy: right results and faults, counted epoch by epoch from the first.

use protocol::{AccountId, Ppm};

use super::Model;
use super::operators::Deed;
use crate::exact::whole;

/// Parts of a result: counts fade in them.
const PARTS: u64 = 1_000_000;

/// What an operator's deeds come to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
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
            | Self::SignedTwice => Some(false),
            Self::Fault | Self::FalseChallenge => None,
        }
    }
}

impl Model {
    /// The epoch in which accuracy last changed, and the right results of it that count; none without any.
    pub(crate) fn accuracy_touched(&self, operator: AccountId) -> Option<(u64, u32)> {
        let record = self.operators.get(&operator)?.record.iter();
        let (epoch, _) = record.rev().find(|(_, deed)| deed.speaks().is_some())?;
        Some((*epoch, self.passes_in(operator, *epoch)))
    }

    fn deeds_in(&self, operator: AccountId, epoch: u64, right: bool) -> u64 {
        let record = self.operators[&operator].record.iter();
        record.filter(|(at, deed)| *at == epoch && deed.speaks() == Some(right)).count() as u64
    }

    fn passes_in(&self, operator: AccountId, epoch: u64) -> u32 {
        let passes = self.deeds_in(operator, epoch, true);
        u32::try_from(passes).expect("histories are short").min(self.parameters.accuracy_passes_max)
    }

    /// Both counts at an epoch: each epoch keeps its share of those before, and adds its own.
    pub(crate) fn accuracy_at(&self, operator: AccountId, last: u64) -> Counts {
        let life = u128::from(self.parameters.accuracy_epochs);
        let kept = |count: u64| {
            let kept = (whole(count.into()) * whole(life - 1) / whole(life)).floor();
            u64::try_from(kept).expect("less than before")
        };
        (0..=last).fold(Counts::default(), |before, epoch| Counts {
            passed: kept(before.passed) + PARTS * u64::from(self.passes_in(operator, epoch)),
            failed: kept(before.failed) + PARTS * self.deeds_in(operator, epoch, false),
        })
    }

    /// `(P + prior) / (P + weight F + 2 prior)`.
    pub(crate) fn accuracy(&self, operator: AccountId) -> Ppm {
        let Counts { passed, failed } = self.accuracy_at(operator, self.epoch());
        let prior = u128::from(self.parameters.accuracy_prior) * u128::from(PARTS);
        let weight = u128::from(self.parameters.accuracy_fail_weight);
        let (passed, failed) = (u128::from(passed), u128::from(failed));
        let mean =
            whole((passed + prior) * 1_000_000) / whole(passed + weight * failed + 2 * prior);
        Ppm(u32::try_from(mean.floor()).expect("a share of the whole"))
    }
}
