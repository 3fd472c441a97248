//! What an epoch may mint, and closing the pools of those that are over.

use crate::books::{Movement, Place, Pot, Why};
use crate::event::RewardEvent;
use crate::parameters::Parameters;
use crate::primitives::{Amount, Epoch, NATIVE};
use crate::rewards::{
    RewardPool, RewardShare, RewardSource, RewardTerms, next_emission, rebate_floor,
};
use crate::state::State;
use crate::step::Step;

/// Pools that can be open at once: of the current epoch and of the one before, whose rounds may still be settled.
const OPEN_MAX: usize = 2;

/// Old beginnings of epochs forgotten as one begins. More than one, so that none is left behind.
const FORGOTTEN: usize = 2;

/// What the beginning of an epoch does to rewards.
pub(crate) fn turn_epoch(step: &mut Step<'_>) {
    note_start(step);
    set_fees_aside(step);
    for epoch in step.state.pools_due() {
        close(step, epoch);
    }
    open(step);
}

/// Notes where the epoch began, and forgets beginnings that no evidence can go back to.
fn note_start(step: &mut Step<'_>) {
    let (height, now) = (step.context.height, step.now());
    step.state.epoch_starts.insert(height, now);
    let unbonding_ms = step.state.parameters.unbonding_ms;
    for _ in 0..FORGOTTEN {
        let oldest = step.state.epoch_starts.get_min().copied();
        if let Some((height, began)) = oldest
            && began.plus_ms(unbonding_ms) < now
        {
            step.state.epoch_starts.remove(&height);
        }
    }
}

/// The fees in the pot are those of the latest epoch: its validators share them. Of an epoch without a pool they are
/// nobody's, and the first validator to come must not have them all.
fn set_fees_aside(step: &mut Step<'_>) {
    let latest = step.state.open_pools().into_iter().next_back();
    let (pot, why) = match latest {
        Some(_) => (Pot::Rewards, Why::FeesSetAside),
        None => (Pot::Treasury, Why::RewardRemainder),
    };
    let (from, to) = (Place::Pot(Pot::Fees), Place::Pot(pot));
    let amount = step.state.held(from, NATIVE);
    step.shift(Movement { from, to, asset: NATIVE, amount, why, job: None });
    if let Some(epoch) = latest {
        let pool = step.epoch_pool_mut(epoch);
        pool.fees = pool.fees.plus(amount);
        pool.left = pool.left.plus(amount);
    }
}

/// Opens the pool of the current epoch. Without emission it has the epoch's fees, so there is one all the same.
fn open(step: &mut Step<'_>) {
    let parameters = step.parameters();
    let scheduled = next_emission(&parameters, step.state.clock.emission);
    step.state.clock.emission = scheduled;
    let emission = scheduled.min(step.state.reward_reserve());
    let budget =
        |share| RewardShare { budget: emission.portion_floor(share), ..Default::default() };
    let Parameters { sessions, rebate_max, rebate_bond, .. } = *parameters;
    let pool = RewardPool {
        terms: RewardTerms { sessions, rebate_max, rebate_bond },
        capacity: budget(parameters.emission_capacity),
        validation: budget(parameters.emission_validation),
        work: budget(parameters.emission_work),
        ..RewardPool::default()
    };
    let insurance = emission.minus(pool.budget());
    let epoch = step.state.clock.epoch;
    step.state.reward_pools.insert(epoch, pool);
    if emission.is_zero() {
        return;
    }
    let [capacity, validation, work] = RewardSource::ALL.map(|source| pool.share(source).budget);
    step.emit(RewardEvent::EmissionBegan {
        epoch,
        emission,
        capacity,
        validation,
        work,
        insurance,
    });
    step.mint(Pot::Insurance, insurance);
}

/// Closes a pool: what of it was earned is minted. Of one in which nothing was, nothing is said.
fn close(step: &mut Step<'_>, epoch: Epoch) {
    let price = step.state.highest_known_price();
    let pool = step.epoch_pool_mut(epoch);
    let minted = settle(pool, price);
    let RewardPool { capacity, validation, work, fees, .. } = *pool;
    step.mint(Pot::Rewards, minted);
    if !minted.plus(fees).is_zero() {
        step.emit(RewardEvent::RewardsClosed { epoch, capacity, validation, work, fees, minted });
    }
    step.retire_pool(epoch);
}

/// Decides what each source is paid; returns how much of it has to be minted. Fees that no validator earned stay in
/// `left`, with what division will leave over. Work is rewarded at the highest `price` anybody knows of.
fn settle(pool: &mut RewardPool, price: Amount) -> Amount {
    let of = |share: &RewardShare| if share.weight.is_zero() { Amount::ZERO } else { share.budget };
    let minted = [
        of(&pool.capacity),
        of(&pool.validation),
        of(&pool.work).min(rebate_floor(pool.terms.rebate_max, pool.work.weight, price)),
    ];
    [pool.capacity.payable, pool.validation.payable, pool.work.payable] = minted;
    if !pool.validation.weight.is_zero() {
        pool.validation.payable = pool.validation.payable.plus(pool.fees);
    }
    let minted: Amount = minted.into_iter().sum();
    pool.left = pool.left.plus(minted);
    pool.closed = true;
    minted
}

impl State {
    /// The latest pools, as many as can be open, that are: by epoch.
    pub(crate) fn open_pools(&self) -> Vec<Epoch> {
        let latest = self.reward_pools.iter().rev().take(OPEN_MAX);
        let mut open: Vec<_> =
            latest.filter(|(_, pool)| !pool.closed).map(|(epoch, _)| *epoch).collect();
        open.reverse();
        open
    }

    /// Open pools that take no more weight: of epochs before the last.
    fn pools_due(&self) -> Vec<Epoch> {
        let Epoch(now) = self.clock.epoch;
        self.open_pools().into_iter().filter(|Epoch(epoch)| epoch.saturating_add(1) < now).collect()
    }

    /// Native base units that were minted or that open pools may mint.
    pub fn supply_committed(&self) -> Amount {
        let minted = self.asset(NATIVE).map_or(Amount::ZERO, |asset| asset.minted);
        let open = self.open_pools().into_iter().filter_map(|epoch| self.reward_pool(epoch));
        minted.plus(open.map(RewardPool::budget).sum())
    }

    /// Native base units that epochs to come may still mint, below the cap.
    pub fn reward_reserve(&self) -> Amount {
        self.parameters.supply_cap.saturating_sub(self.supply_committed())
    }

    /// The rewards of an epoch, until everybody is paid.
    pub fn reward_pool(&self, epoch: Epoch) -> Option<&RewardPool> {
        self.reward_pools.get(&epoch)
    }
}

impl Step<'_> {
    fn mint(&mut self, pot: Pot, amount: Amount) {
        let (from, to, why) = (Place::Unissued, Place::Pot(pot), Why::Emission);
        self.shift(Movement { from, to, asset: NATIVE, amount, why, job: None });
    }

    /// A pool known to exist, for change.
    pub(super) fn epoch_pool_mut(&mut self, epoch: Epoch) -> &mut RewardPool {
        self.state.reward_pools.get_mut(&epoch).expect("the caller has just read the pool")
    }

    /// Forgets a closed pool that nobody is to be paid from; what is left of it goes to the treasury.
    pub(super) fn retire_pool(&mut self, epoch: Epoch) {
        let pool = *self.epoch_pool_mut(epoch);
        if !pool.closed || pool.operators > 0 {
            return;
        }
        self.state.reward_pools.remove(&epoch);
        let (from, to) = (Place::Pot(Pot::Rewards), Place::Pot(Pot::Treasury));
        let (amount, why) = (pool.left, Why::RewardRemainder);
        self.shift(Movement { from, to, asset: NATIVE, amount, why, job: None });
    }
}
