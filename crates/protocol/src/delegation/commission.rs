//! What an operator keeps: lowered at once, raised slowly and announced long before.

use crate::delegation::{Commission, Pool, Raise};
use crate::event::DelegationEvent;
use crate::operators::OperatorStatus;
use crate::primitives::{AccountId, Epoch, Ppm};
use crate::rejection::Rejection;
use crate::step::Step;

impl Commission {
    fn each(self, other: Self, choose: impl Fn(u32, u32) -> u32) -> Self {
        Self {
            rewards: Ppm(choose(self.rewards.0, other.rewards.0)),
            fees: Ppm(choose(self.fees.0, other.fees.0)),
        }
    }
}

impl Pool {
    /// The commission in an epoch: as last set, and in every epoch from the raise's first on one step more, up to where the
    /// raise ends.
    pub fn commission_at(&self, epoch: Epoch) -> Commission {
        let Some(raise) = self.raise.filter(|raise| epoch >= raise.from) else {
            return self.commission;
        };
        let steps = epoch.0.saturating_sub(raise.from.0).saturating_add(1);
        let risen = u64::from(raise.step.0).saturating_mul(steps);
        let risen = u32::try_from(risen).unwrap_or(u32::MAX);
        self.commission.each(raise.to, |set, end| set.saturating_add(risen).min(end).max(set))
    }
}

/// Sets the sending operator's commission. The first time it opens its pool.
pub(crate) fn set_commission(
    step: &mut Step<'_>,
    sender: AccountId,
    wanted: Commission,
) -> Result<(), Rejection> {
    if step.operator(sender)?.status == OperatorStatus::Tombstoned {
        return Err(Rejection::IsTombstoned);
    }
    if let Some(rate) = [wanted.rewards, wanted.fees].into_iter().find(|rate| *rate > Ppm::WHOLE) {
        return Err(Rejection::NotAShare { rate });
    }
    let (epoch, parameters) = (step.state.clock.epoch, step.parameters());
    let pool = step.operator_mut(sender).pool.get_or_insert_default();
    if pool.shares.is_zero() {
        // Nobody is in the pool who could be surprised.
        (pool.commission, pool.raise) = (wanted, None);
    } else {
        let now = pool.commission_at(epoch);
        pool.commission = now.each(wanted, u32::min);
        // Whoever hears of it has the time of an undelegation, or of a redelegation's end, to leave before the first step.
        let delay = parameters.unbonding_ms.div_ceil(parameters.epoch_ms).saturating_add(1);
        let from = Epoch(epoch.0.saturating_add(delay));
        let raise = Raise { to: wanted, from, step: parameters.commission_step };
        pool.raise = (pool.commission != wanted).then_some(raise);
    }
    let (commission, raise) = (pool.commission, pool.raise);
    step.emit(DelegationEvent::CommissionSet { operator: sender, commission, raise });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(rewards: u32, fees: u32) -> Commission {
        Commission { rewards: Ppm(rewards * 10_000), fees: Ppm(fees * 10_000) }
    }

    #[test]
    fn a_raise_climbs_a_point_an_epoch_from_its_first_epoch_on() {
        let raise = Some(Raise { to: percent(8, 10), from: Epoch(20), step: Ppm(10_000) });
        let pool = Pool { commission: percent(5, 10), raise, ..Pool::default() };
        let at = |epoch| pool.commission_at(Epoch(epoch));
        let seen = [0, 19, 20, 21, 22, 23, u64::MAX].map(at);
        let points = [5, 5, 6, 7, 8, 8, 8].map(|rewards| percent(rewards, 10));
        assert_eq!(seen, points);
    }
}
