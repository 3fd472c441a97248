//! Counting what operators do as weights in the pool of an epoch.

use crate::capacity::uptime_factor;
use crate::event::RewardEvent;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Epoch, JobId, Ppm};
use crate::rewards::{EpochEarning, RewardSource};
use crate::state::State;
use crate::step::Step;

impl State {
    /// Whether an operator can earn in an epoch: it may work, and the epoch's pool is open.
    fn may_earn(&self, operator: AccountId, epoch: Epoch) -> bool {
        let active = self.operator(operator).is_some_and(|record| record.is_active());
        active && self.reward_pool(epoch).is_some_and(|pool| !pool.closed)
    }

    /// What an operator is still to be paid for, by epoch, the oldest first.
    pub fn earnings(&self, operator: AccountId) -> &[EpochEarning] {
        self.operator(operator).map_or(&[], |record| record.earnings.as_slice())
    }
}

impl Step<'_> {
    /// Counts what a round has proven: bond value of the units, by uptime and accuracy. Somebody who was never drawn
    /// earns nothing yet: nothing is known.
    pub(crate) fn count_capacity(
        &mut self,
        operator: AccountId,
        class: ClassId,
        epoch: Epoch,
        units: u32,
    ) {
        if units == 0 || !self.state.may_earn(operator, epoch) {
            return;
        }
        let factor = |share| uptime_factor(&self.state.parameters, share);
        let uptime = self.state.uptime(operator).map_or(Ppm(0), factor);
        let accuracy = self.state.accuracy(operator);
        let per_unit = self.state.class(class).map_or(Amount::ZERO, |class| class.bond_per_unit);
        let value = per_unit.scaled_ceil(units.into(), 1);
        let weight = value.portion_floor(uptime).portion_floor(accuracy);
        if weight.is_zero() {
            return;
        }
        self.count(operator, epoch, |earning| earning.capacity = earning.capacity.plus(weight));
        self.emit(RewardEvent::CapacityCounted {
            operator,
            epoch,
            class,
            units,
            uptime,
            accuracy,
            weight,
        });
    }

    /// Counts a settled job, or a paid epoch of a lease: the take that was paid for it, by accuracy, as far as the provider's
    /// bond carries it. What the requester's credit paid was not paid.
    pub(crate) fn count_work(&mut self, job: JobId, operator: AccountId, take: Amount) {
        let epoch = self.state.clock.epoch;
        if !self.state.may_earn(operator, epoch) {
            return;
        }
        let accuracy = self.state.accuracy(operator);
        let counted = take.portion_floor(accuracy);
        if counted.is_zero() {
            return;
        }
        let terms = self.epoch_pool_mut(epoch).terms;
        let most = self.state.bonded_value(operator).portion_floor(terms.rebate_bond);
        let earning = self.count(operator, epoch, |earning| {
            earning.worked = earning.worked.plus(counted);
            earning.work = earning.worked.min(most);
        });
        let (worked, weight) = (earning.worked, earning.work);
        self.emit(RewardEvent::WorkCounted {
            operator,
            epoch,
            job,
            take,
            accuracy,
            worked,
            most,
            weight,
        });
    }

    /// Changes what an operator has earned in an open epoch, and the sums with it. What is closed is paid first, so that
    /// nobody has more than the open epochs on record.
    pub(super) fn count(
        &mut self,
        operator: AccountId,
        epoch: Epoch,
        change: impl FnOnce(&mut EpochEarning),
    ) -> EpochEarning {
        self.collect(operator);
        let earnings = &mut self.operator_mut(operator).earnings;
        let place = earnings.partition_point(|earning| earning.epoch < epoch);
        let begun = earnings.get(place).is_none_or(|earning| earning.epoch > epoch);
        if begun {
            earnings.insert(place, EpochEarning { epoch, ..EpochEarning::default() });
        }
        let earning = &mut earnings[place];
        let before = *earning;
        change(earning);
        let after = *earning;
        let pool = self.epoch_pool_mut(epoch);
        pool.operators += u32::from(begun);
        for source in RewardSource::ALL {
            let share = pool.share_mut(source);
            share.weight = share.weight.minus(before.weight(source)).plus(after.weight(source));
        }
        after
    }
}
