//! What an operator keeps: read off everything it ever announced.

use protocol::{
    AccountId, Commission, DelegationEvent, Epoch, Event, OperatorStatus, Ppm, Raise, Rejection,
};

use super::Pool;
use crate::rules::{Model, Outcome};

/// A commission that an operator announced.
#[derive(Clone, Copy)]
pub(super) struct Announcement {
    epoch: u64,
    /// The epoch from which on it may rise, and how fast.
    first: u64,
    step: Ppm,
    wanted: Commission,
    /// Whether anybody was in the pool to be surprised.
    anybody: bool,
}

/// Where one rate stands and goes.
#[derive(Clone, Copy, Default)]
struct Rate {
    set: u32,
    aim: u32,
    first: u64,
    step: u32,
}

impl Rate {
    /// A step in each epoch from the first on, until it is there.
    fn at(self, epoch: u64) -> u32 {
        let mut rate = self.set;
        for _ in self.first..=epoch {
            if rate >= self.aim {
                break;
            }
            rate = (rate + self.step).min(self.aim);
        }
        rate
    }
}

/// Read off everything announced, one after the other.
fn rate(pool: &Pool, of: fn(Commission) -> Ppm) -> Rate {
    pool.announced.iter().fold(Rate::default(), |before, one| {
        let (now, aim) = (before.at(one.epoch), of(one.wanted).0);
        let set = if one.anybody { now.min(aim) } else { aim };
        Rate { set, aim, first: one.first, step: one.step.0 }
    })
}

impl Model {
    /// Time to leave before a raise, in whole epochs, and one more.
    fn notice_epochs(&self) -> u64 {
        self.parameters.unbonding_ms.div_ceil(self.parameters.epoch_ms) + 1
    }

    /// What an operator keeps now.
    pub(crate) fn commission(&self, pool: &Pool) -> Commission {
        let epoch = self.epoch();
        let now = |of| Ppm(rate(pool, of).at(epoch));
        Commission { rewards: now(|all| all.rewards), fees: now(|all| all.fees) }
    }

    /// What it was last set to, and the raise that was announced with it.
    pub(crate) fn set_and_raise(&self, pool: &Pool) -> (Commission, Option<Raise>) {
        let set = |of| Ppm(rate(pool, of).set);
        let set = Commission { rewards: set(|all| all.rewards), fees: set(|all| all.fees) };
        let last = pool.announced.last().expect("a pool opens with an announcement");
        let (to, from, step) = (last.wanted, Epoch(last.first), last.step);
        (set, (set != to).then_some(Raise { to, from, step }))
    }

    /// When the commission of some pool next rises, in epochs.
    pub(crate) fn coming_raises(&self) -> impl Iterator<Item = u64> + '_ {
        let pools = self.delegated.pools.values();
        let raises = pools.filter_map(|pool| self.set_and_raise(pool).1);
        raises.map(|raise| raise.from.0).filter(|from| *from > self.epoch())
    }

    pub(in crate::rules) fn set_commission(
        &mut self,
        me: AccountId,
        wanted: Commission,
    ) -> Outcome {
        if self.status(self.known(me)?) == OperatorStatus::Tombstoned {
            return Err(Rejection::IsTombstoned);
        }
        for rate in [wanted.rewards, wanted.fees] {
            if rate.0 > 1_000_000 {
                return Err(Rejection::NotAShare { rate });
            }
        }
        let (epoch, anybody) = (self.epoch(), self.all_shares(me) > 0);
        let (first, step) = (epoch + self.notice_epochs(), self.parameters.commission_step);
        let pool = self.delegated.pools.entry(me).or_default();
        pool.announced.push(Announcement { epoch, first, step, wanted, anybody });
        let (commission, raise) = self.set_and_raise(&self.delegated.pools[&me]);
        self.say(Event::Delegation(DelegationEvent::CommissionSet {
            operator: me,
            commission,
            raise,
        }));
        Ok(())
    }
}
