//! Rewards: a list of merits. What a pool weighs and what somebody is due is summed up from them each time; remembered is what
//! an epoch may mint, what its fees were, and what was fixed as it was closed.

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, ClassId, Epoch, Event, JobId, NATIVE, OperatorStatus, Parameters, Place,
    Pot, Ppm, Rejection, RewardEvent, RewardShare, RewardSource, Why,
};

use super::books::{Move, SUPPLY_MAX};
use super::{Model, Outcome};
use crate::exact::{ppm, whole};

/// Base units of a whole native token.
const TOKEN: u128 = 1_000_000_000;

/// Something an operator did that counts for rewards, and is not paid or lost.
#[derive(Clone, Copy)]
pub(crate) struct Merit {
    pub(crate) operator: AccountId,
    pub(crate) epoch: u64,
    pub(crate) units: u128,
    pub(crate) kind: Kind,
}

/// What it did.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A round proved something.
    Proved,
    /// It attended a session.
    Attended(u32),
    /// A job was settled, when its bond carried so much.
    Worked(u128),
}

impl Kind {
    const fn source(self) -> RewardSource {
        match self {
            Self::Proved => RewardSource::Capacity,
            Self::Attended(_) => RewardSource::Validation,
            Self::Worked(_) => RewardSource::Work,
        }
    }
}

/// The rewards of an epoch.
#[derive(Clone)]
pub(crate) struct EpochPool {
    /// The rules as it began.
    pub(crate) rules: Parameters,
    /// What it emits.
    pub(crate) emission: u128,
    /// Fees set aside as it ended.
    pub(crate) fees: u128,
    /// Weight and what is paid for it, of each source, once it is closed.
    pub(crate) closed: Option<[(u128, u128); 3]>,
    /// What was paid so far.
    pub(crate) paid: u128,
}

/// Everything that is remembered about rewards.
#[derive(Clone, Default)]
pub(crate) struct Rewards {
    pub(crate) pools: BTreeMap<u64, EpochPool>,
    pub(crate) merits: Vec<Merit>,
    /// What the first emission and the decay were as each epoch began.
    schedule: Vec<(u128, Ppm)>,
    /// Height and time of the first block of each epoch, and of the genesis.
    pub(super) starts: Vec<(u64, u64)>,
}

impl EpochPool {
    /// Most that is minted for a source.
    pub(crate) fn budget(&self, source: RewardSource) -> u128 {
        let rate = match source {
            RewardSource::Capacity => self.rules.emission_capacity,
            RewardSource::Validation => self.rules.emission_validation,
            RewardSource::Work => self.rules.emission_work,
        };
        (whole(self.emission) * ppm(rate.0)).floor()
    }

    fn budgets(&self) -> u128 {
        RewardSource::ALL.into_iter().map(|source| self.budget(source)).sum()
    }
}

impl Rewards {
    pub(super) fn new(start: u64) -> Self {
        Self { starts: vec![(0, start)], ..Self::default() }
    }
}

fn number(amount: u128) -> Amount {
    Amount::new(amount)
}

impl Model {
    /// What the epoch emits by schedule: `E - floor(E decay)` after the one before, as the rules then were.
    pub(crate) fn scheduled(&self) -> u128 {
        self.rewards.schedule.iter().fold(0, |before, (first, decay)| {
            if before == 0 || *first == 0 {
                return *first;
            }
            before - (whole(before) * ppm(decay.0)).floor()
        })
    }

    /// Everything minted, and what open epochs may mint.
    pub(crate) fn committed_supply(&self) -> u128 {
        let minted = SUPPLY_MAX - self.books.held(Place::Unissued, NATIVE);
        let open = self.rewards.pools.values().filter(|pool| pool.closed.is_none());
        minted + open.map(EpochPool::budgets).sum::<u128>()
    }

    /// What may still be given out below the cap.
    pub(crate) fn reserve(&self) -> u128 {
        self.parameters.supply_cap.units().saturating_sub(self.committed_supply())
    }

    /// An operator's weight in an epoch.
    pub(crate) fn weight(&self, operator: AccountId, epoch: u64, source: RewardSource) -> u128 {
        let mine = self.rewards.merits.iter();
        let mine = mine.filter(|merit| (merit.operator, merit.epoch) == (operator, epoch));
        let of: Vec<&Merit> = mine.filter(|merit| merit.kind.source() == source).collect();
        let sum = of.iter().map(|merit| merit.units).sum::<u128>();
        match of.last().map(|last| last.kind) {
            Some(Kind::Worked(most)) => sum.min(most),
            _ => sum,
        }
    }

    /// Everybody with a merit in an epoch.
    pub(crate) fn deserving(&self, epoch: u64) -> Vec<AccountId> {
        let merits = self.rewards.merits.iter().filter(|merit| merit.epoch == epoch);
        let mut operators: Vec<AccountId> = merits.map(|merit| merit.operator).collect();
        operators.sort();
        operators.dedup();
        operators
    }

    /// Epochs in which an operator has merits.
    pub(crate) fn merited(&self, operator: AccountId) -> Vec<u64> {
        let merits = self.rewards.merits.iter().filter(|merit| merit.operator == operator);
        let mut epochs: Vec<u64> = merits.map(|merit| merit.epoch).collect();
        epochs.sort_unstable();
        epochs.dedup();
        epochs
    }

    /// Weight of everybody in an open epoch.
    pub(crate) fn weights(&self, epoch: u64, source: RewardSource) -> u128 {
        let all = self.deserving(epoch).into_iter();
        all.map(|operator| self.weight(operator, epoch, source)).sum()
    }

    fn open_pool(&self, epoch: u64) -> bool {
        self.rewards.pools.get(&epoch).is_some_and(|pool| pool.closed.is_none())
    }

    fn closed_pool(&self, epoch: u64) -> bool {
        self.rewards.pools.get(&epoch).is_some_and(|pool| pool.closed.is_some())
    }

    /// Whether an operator has merits that are to be paid.
    pub(super) fn is_due(&self, operator: AccountId) -> bool {
        self.merited(operator).into_iter().any(|epoch| self.closed_pool(epoch))
    }

    fn epoch_pool_mut(&mut self, epoch: u64) -> &mut EpochPool {
        self.rewards.pools.get_mut(&epoch).expect("the epoch has a pool")
    }

    fn pay_native(&mut self, from: Place, to: Place, units: u128, why: Why) {
        self.shift(Move { from, to, asset: NATIVE, units, why, job: None });
    }

    /// An epoch begins: fees of the last are set aside, what is older than the last is closed, its own rewards are opened.
    pub(super) fn turn_rewards(&mut self) {
        self.rewards.starts.push((self.height, self.now));
        self.set_fees_aside();
        let over = |epoch: &u64| self.open_pool(*epoch) && epoch + 1 < self.epoch();
        let over: Vec<u64> = self.rewards.pools.keys().copied().filter(over).collect();
        for epoch in over {
            self.close_pool(epoch);
        }
        self.open_rewards();
    }

    fn set_fees_aside(&mut self) {
        let units = self.books.held(Place::Pot(Pot::Fees), NATIVE);
        let open = self.rewards.pools.keys().copied().filter(|epoch| self.open_pool(*epoch)).max();
        let from = Place::Pot(Pot::Fees);
        if let Some(epoch) = open {
            self.epoch_pool_mut(epoch).fees += units;
            self.pay_native(from, Place::Pot(Pot::Rewards), units, Why::FeesSetAside);
        } else {
            self.pay_native(from, Place::Pot(Pot::Treasury), units, Why::RewardRemainder);
        }
    }

    fn open_rewards(&mut self) {
        let rules = self.parameters.clone();
        self.rewards.schedule.push((rules.emission_start.units(), rules.emission_decay));
        let emission = self.scheduled().min(self.reserve());
        let pool = EpochPool { rules, emission, fees: 0, closed: None, paid: 0 };
        let [capacity, validation, work] =
            RewardSource::ALL.map(|source| number(pool.budget(source)));
        let (at, insurance) = (self.epoch(), emission - pool.budgets());
        self.rewards.pools.insert(at, pool);
        if emission == 0 {
            return;
        }
        self.say(Event::Reward(RewardEvent::EmissionBegan {
            epoch: Epoch(at),
            emission: number(emission),
            capacity,
            validation,
            work,
            insurance: number(insurance),
        }));
        let to = Place::Pot(Pot::Insurance);
        self.pay_native(Place::Unissued, to, insurance, Why::Emission);
    }

    /// What is minted for a source: its budget if anybody earned, and of work no more than a part of the take is worth.
    fn minted_for(&self, epoch: u64, source: RewardSource) -> u128 {
        let weight = self.weights(epoch, source);
        let pool = &self.rewards.pools[&epoch];
        let budget = pool.budget(source);
        match source {
            _ if weight == 0 => 0,
            RewardSource::Work => {
                let part = (whole(weight) * ppm(pool.rules.rebate_max.0)).floor();
                let price = whole(self.dearest()) / whole(TOKEN);
                budget.min((whole(part) / price).floor())
            }
            RewardSource::Capacity | RewardSource::Validation => budget,
        }
    }

    /// The highest price of a whole token that is known: agreed in the window, or governed.
    pub(crate) fn dearest(&self) -> u128 {
        let reported = self.oracle.as_ref().map(|oracle| oracle.agreed.iter());
        let highest = reported.and_then(|agreed| agreed.map(|(_, price)| *price).max());
        highest.unwrap_or(self.parameters.native_price.units())
    }

    fn close_pool(&mut self, epoch: u64) {
        let minted = RewardSource::ALL.map(|source| self.minted_for(epoch, source));
        let weights = RewardSource::ALL.map(|source| self.weights(epoch, source));
        let fees = self.rewards.pools[&epoch].fees;
        let mut payable = minted;
        if weights[1] > 0 {
            payable[1] += fees;
        }
        let shares = [0, 1, 2].map(|place: usize| (weights[place], payable[place]));
        let share = |place: usize| RewardShare {
            budget: number(self.rewards.pools[&epoch].budget(RewardSource::ALL[place])),
            weight: number(weights[place]),
            payable: number(payable[place]),
        };
        let (capacity, validation, work) = (share(0), share(1), share(2));
        let minted: u128 = minted.into_iter().sum();
        self.epoch_pool_mut(epoch).closed = Some(shares);
        self.pay_native(Place::Unissued, Place::Pot(Pot::Rewards), minted, Why::Emission);
        if minted + fees > 0 {
            self.say(Event::Reward(RewardEvent::RewardsClosed {
                epoch: Epoch(epoch),
                capacity,
                validation,
                work,
                fees: number(fees),
                minted: number(minted),
            }));
        }
        self.forget_pool(epoch);
    }

    /// What the pot of rewards holds for a pool.
    pub(crate) fn left_in(&self, pool: &EpochPool) -> u128 {
        let Some(shares) = pool.closed else { return pool.fees };
        // Fees that no validator earned are not payable, and still there.
        let unearned = if shares[1].0 == 0 { pool.fees } else { 0 };
        shares.iter().map(|(_, payable)| payable).sum::<u128>() + unearned - pool.paid
    }

    /// Once nobody is to be paid from a closed pool, what is left of it is the treasury's.
    fn forget_pool(&mut self, epoch: u64) {
        if !self.deserving(epoch).is_empty() {
            return;
        }
        let pool = self.rewards.pools.remove(&epoch).expect("the epoch has a pool");
        let (units, why) = (self.left_in(&pool), Why::RewardRemainder);
        self.pay_native(Place::Pot(Pot::Rewards), Place::Pot(Pot::Treasury), units, why);
    }

    /// An operator's part of a closed pool, with the numbers it comes from.
    pub(crate) fn part(
        &self,
        operator: AccountId,
        epoch: u64,
        source: RewardSource,
    ) -> Option<[u128; 4]> {
        let shares = self.rewards.pools.get(&epoch)?.closed?;
        let place = RewardSource::ALL.iter().position(|one| *one == source)?;
        let (total, payable) = shares[place];
        let weight = self.weight(operator, epoch, source);
        let amount = |_| (whole(payable) * whole(weight) / whole(total)).floor();
        (weight > 0).then(|| [weight, total, payable, amount(())])
    }

    /// Pays an operator for all its closed epochs.
    pub(super) fn pay_rewards(&mut self, operator: AccountId) {
        for epoch in self.merited(operator) {
            if !self.closed_pool(epoch) {
                continue;
            }
            for source in RewardSource::ALL {
                if let Some(part) = self.part(operator, epoch, source) {
                    self.pay_part(operator, epoch, source, part);
                }
            }
            self.drop_merits(operator, epoch);
            self.forget_pool(epoch);
        }
    }

    fn pay_part(
        &mut self,
        operator: AccountId,
        at: u64,
        source: RewardSource,
        [weight, total, payable, units]: [u128; 4],
    ) {
        self.epoch_pool_mut(at).paid += units;
        let (epoch, amount) = (Epoch(at), number(units));
        let [weight, total, payable] = [weight, total, payable].map(number);
        self.say(Event::Reward(RewardEvent::RewardEarned {
            operator,
            epoch,
            source,
            weight,
            total,
            payable,
            amount,
        }));
        let why = match source {
            RewardSource::Capacity => Why::CapacityReward,
            RewardSource::Validation => Why::ValidationReward,
            RewardSource::Work => Why::WorkReward,
        };
        self.reward(operator, Place::Pot(Pot::Rewards), units, why);
    }

    fn drop_merits(&mut self, operator: AccountId, epoch: u64) {
        self.rewards.merits.retain(|merit| (merit.operator, merit.epoch) != (operator, epoch));
    }

    /// Jail: what is closed is paid, what is open is lost.
    pub(super) fn forfeit(&mut self, operator: AccountId) {
        self.pay_rewards(operator);
        for epoch in self.merited(operator) {
            self.drop_merits(operator, epoch);
            self.say(Event::Reward(RewardEvent::RewardForfeited { operator, epoch: Epoch(epoch) }));
        }
    }

    fn may_earn(&self, operator: AccountId, epoch: u64) -> bool {
        self.status(&self.operators[&operator]) == OperatorStatus::Active && self.open_pool(epoch)
    }

    fn merit(&mut self, operator: AccountId, epoch: u64, units: u128, kind: Kind) {
        self.pay_rewards(operator);
        self.rewards.merits.push(Merit { operator, epoch, units, kind });
    }

    /// A round proved so many units: their bond, by uptime and accuracy, rounded down after each.
    pub(super) fn count_capacity(
        &mut self,
        operator: AccountId,
        class: ClassId,
        epoch: u64,
        units: u32,
    ) {
        let uptime = self.uptime(operator).map_or(Ppm(0), |share| self.uptime_factor(share));
        let accuracy = self.accuracy(operator);
        let value = self.classes[&class].bond_per_unit.units() * u128::from(units);
        let counted = (whole(value) * ppm(uptime.0)).floor();
        let counted = (whole(counted) * ppm(accuracy.0)).floor();
        if counted == 0 || !self.may_earn(operator, epoch) {
            return;
        }
        self.merit(operator, epoch, counted, Kind::Proved);
        let (epoch, weight) = (Epoch(epoch), number(counted));
        self.say(Event::Reward(RewardEvent::CapacityCounted {
            operator,
            epoch,
            class,
            units,
            uptime,
            accuracy,
            weight,
        }));
    }

    /// A job was settled, or an epoch of a lease, and so much of the take paid.
    pub(super) fn count_work(&mut self, job: JobId, operator: AccountId, take: Amount) {
        let (at, accuracy) = (self.epoch(), self.accuracy(operator));
        let counted = (whole(take.units()) * ppm(accuracy.0)).floor();
        if counted == 0 || !self.may_earn(operator, at) {
            return;
        }
        let share = self.rewards.pools[&at].rules.rebate_bond;
        let carried = whole(self.bond_value(operator)) * ppm(share.0);
        let most = carried.floor();
        self.merit(operator, at, counted, Kind::Worked(most));
        let (worked, weight) =
            (self.worked(operator, at), self.weight(operator, at, RewardSource::Work));
        let (epoch, [worked, most, weight]) = (Epoch(at), [worked, most, weight].map(number));
        self.say(Event::Reward(RewardEvent::WorkCounted {
            operator,
            epoch,
            job,
            take,
            accuracy,
            worked,
            most,
            weight,
        }));
    }

    /// Take by accuracy of an operator's jobs of an epoch, without regard to its bond.
    pub(crate) fn worked(&self, operator: AccountId, epoch: u64) -> u128 {
        let mine = self.rewards.merits.iter();
        let mine = mine.filter(|merit| (merit.operator, merit.epoch) == (operator, epoch));
        let worked = mine.filter(|merit| matches!(merit.kind, Kind::Worked(_)));
        worked.map(|merit| merit.units).sum()
    }

    /// The session an operator attended last in an epoch.
    pub(crate) fn attended(&self, operator: AccountId, epoch: u64) -> Option<u32> {
        let mine = self.rewards.merits.iter();
        let mine = mine.filter(|merit| (merit.operator, merit.epoch) == (operator, epoch));
        mine.filter_map(|merit| match merit.kind {
            Kind::Attended(session) => Some(session),
            _ => None,
        })
        .max()
    }

    /// Which of the equal parts of the epoch it is.
    pub(crate) fn session(&self) -> u32 {
        let epoch_ms = u128::from(self.parameters.epoch_ms);
        let into = u128::from(self.now - self.start) % epoch_ms;
        let sessions = self.rewards.pools.get(&self.epoch()).map_or(1, |pool| pool.rules.sessions);
        let part = whole(into) * whole(sessions.into()) / whole(epoch_ms);
        u32::try_from(part.floor()).expect("a part of the epoch")
    }

    pub(super) fn attend(&mut self, me: AccountId, epoch: Epoch, session: u32) -> Outcome {
        let (now, expected) = (Epoch(self.epoch()), self.session());
        if !self.open_pool(now.0) {
            return Err(Rejection::NoRewards { epoch: now });
        }
        if !self.seated.contains_key(&me) {
            return Err(Rejection::NotAmongValidators);
        }
        if epoch != now || session != expected {
            return Err(Rejection::WrongSession { epoch: now, expected, found: session });
        }
        if self.attended(me, now.0) == Some(session) {
            return Err(Rejection::AlreadyAttended { session });
        }
        self.pay_rewards(me);
        let weight = self.reward_weight(me);
        self.merit(me, now.0, weight, Kind::Attended(session));
        self.say(Event::Reward(RewardEvent::Attended {
            operator: me,
            epoch,
            session,
            weight: number(weight),
        }));
        Ok(())
    }

    pub(super) fn claim_rewards(&mut self, me: AccountId, operator: AccountId) -> Outcome {
        let owner = self.known(operator)?.owner;
        if ![owner, operator].contains(&me) {
            return Err(Rejection::NotOwner { operator, owner });
        }
        if !self.is_due(operator) {
            return Err(Rejection::NothingEarned { operator });
        }
        self.pay_rewards(operator);
        Ok(())
    }
}
