//! Paying what was earned, and losing what was not paid yet.

use std::mem;

use crate::books::{Place, Pot, Why};
use crate::event::RewardEvent;
use crate::primitives::{AccountId, Amount};
use crate::rejection::Rejection;
use crate::rewards::{EpochEarning, RewardSource};
use crate::state::State;
use crate::step::Step;

/// Pays an operator everything of closed epochs.
pub(crate) fn claim(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
) -> Result<(), Rejection> {
    let owner = step.operator(operator)?.owner;
    if sender != operator && sender != owner {
        return Err(Rejection::NotOwner { operator, owner });
    }
    if step.state.reward_due_floor(operator).is_none() {
        return Err(Rejection::NothingEarned { operator });
    }
    step.collect(operator);
    Ok(())
}

impl State {
    /// What an operator would be paid now: `floor(payable * weight / all weight)` of each source of each closed epoch.
    /// `None` if it is to be paid for no closed epoch.
    pub fn reward_due_floor(&self, operator: AccountId) -> Option<Amount> {
        let closed = self.earnings(operator).iter().filter(|earning| self.is_closed(earning));
        let of = |earning: &EpochEarning| -> Amount {
            RewardSource::ALL.into_iter().map(|source| self.due_floor(earning, source)).sum()
        };
        closed.map(of).reduce(Amount::plus)
    }

    fn is_closed(&self, earning: &EpochEarning) -> bool {
        self.reward_pool(earning.epoch).is_some_and(|pool| pool.closed)
    }

    fn due_floor(&self, earning: &EpochEarning, source: RewardSource) -> Amount {
        let pool = self.reward_pool(earning.epoch).expect("a pool is kept until everybody is paid");
        let (share, weight) = (pool.share(source), earning.weight(source));
        if weight.is_zero() {
            return Amount::ZERO;
        }
        share.payable.scaled_floor(weight.units(), share.weight.units())
    }
}

impl Step<'_> {
    /// Pays an operator and its delegators for its closed epochs, at most as many as were open at once. Comes before every
    /// change of what is staked with it, so that whoever comes later has no part of it.
    pub(crate) fn collect(&mut self, operator: AccountId) {
        let earnings = self.state.earnings(operator);
        if !earnings.iter().any(|earning| self.state.is_closed(earning)) {
            return;
        }
        let (due, open): (Vec<_>, Vec<_>) =
            earnings.iter().copied().partition(|earning| self.state.is_closed(earning));
        self.operator_mut(operator).earnings = open;
        for earning in due {
            self.pay_epoch(operator, &earning);
        }
    }

    fn pay_epoch(&mut self, operator: AccountId, earning: &EpochEarning) {
        let epoch = earning.epoch;
        for source in RewardSource::ALL {
            let (weight, amount) = (earning.weight(source), self.state.due_floor(earning, source));
            if weight.is_zero() {
                continue;
            }
            let pool = self.epoch_pool_mut(epoch);
            pool.left = pool.left.minus(amount);
            let share = *pool.share(source);
            let (total, payable) = (share.weight, share.payable);
            self.emit(RewardEvent::RewardEarned {
                operator,
                epoch,
                source,
                weight,
                total,
                payable,
                amount,
            });
            let why = match source {
                RewardSource::Capacity => Why::CapacityReward,
                RewardSource::Validation => Why::ValidationReward,
                RewardSource::Work => Why::WorkReward,
            };
            self.earn(Place::Pot(Pot::Rewards), operator, amount, why);
        }
        let pool = self.epoch_pool_mut(epoch);
        pool.operators = pool.operators.checked_sub(1).expect("whoever earned is counted");
        self.retire_pool(epoch);
    }

    /// Takes from an operator what it has earned in open epochs: who goes to jail was not good in them. What is closed is
    /// its own, and paid.
    pub(crate) fn forfeit(&mut self, operator: AccountId) {
        self.collect(operator);
        for earning in mem::take(&mut self.operator_mut(operator).earnings) {
            let epoch = earning.epoch;
            let pool = self.epoch_pool_mut(epoch);
            pool.operators = pool.operators.checked_sub(1).expect("whoever earned is counted");
            for source in RewardSource::ALL {
                let share = pool.share_mut(source);
                share.weight = share.weight.minus(earning.weight(source));
            }
            self.emit(RewardEvent::RewardForfeited { operator, epoch });
        }
    }
}
