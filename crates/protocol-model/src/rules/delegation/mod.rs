//! Delegation: who put how much behind whom, what left since, who promised to stay. Shares are counted from the delegators,
//! buckets from their parts, what is earned from every income there was.

mod commission;
mod income;
mod moves;
mod promises;
mod seats;
mod slash;

use std::collections::{BTreeMap, BTreeSet};

use protocol::{AccountId, Amount, BucketKind, NATIVE, Place, Rejection};

use super::Model;
use crate::exact::whole;
use commission::Announcement;
use income::Income;

/// Everything remembered about delegation.
#[derive(Clone, Default)]
pub(crate) struct Delegated {
    pub(crate) pools: BTreeMap<AccountId, Pool>,
    /// By delegator and operator, as are the next four.
    pub(crate) stakes: BTreeMap<(AccountId, AccountId), Stake>,
    pub(crate) hops: BTreeMap<(AccountId, AccountId), Hop>,
    pub(crate) promises: BTreeMap<(AccountId, AccountId), Promise>,
    /// With the number of the bucket.
    pub(crate) leaving: BTreeMap<(AccountId, AccountId, u64), Part>,
    /// By operator and number.
    pub(crate) buckets: BTreeMap<(AccountId, u64), Bucket>,
    /// Stake of active validators when it last changed or was looked at.
    standing: BTreeMap<AccountId, u128>,
    /// Seats given at the last turn of an epoch.
    pub(crate) seats: BTreeMap<AccountId, u32>,
}

/// A pool: what was announced, and every income of its delegators.
#[derive(Clone, Default)]
pub(crate) struct Pool {
    announced: Vec<Announcement>,
    fees: Vec<Income>,
    bonuses: Vec<Income>,
    /// How many fees and bonuses there were when each generation collapsed.
    ends: Vec<(usize, usize)>,
}

/// Shares of one delegator in one pool.
#[derive(Clone, Copy)]
pub(crate) struct Stake {
    pub(crate) shares: u128,
    generation: usize,
    /// Fees of the pool that were paid out to it.
    settled: usize,
}

/// What a delegator has leaving in a bucket, as it came in, and the number of its deadline.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    units: u128,
    /// When that is.
    pub(crate) due: u64,
    pub(crate) number: u64,
}

/// Tokens that moved to another pool and answer to the one they came from.
#[derive(Clone, Copy)]
pub(crate) struct Hop {
    source: AccountId,
    bucket: u64,
    units: u128,
    shares: u128,
    generation: usize,
    /// When its deadline is, and the number of that.
    pub(crate) due: u64,
    pub(crate) number: u64,
}

/// What began to leave a pool with the end of one epoch.
#[derive(Clone, Copy)]
pub(crate) struct Bucket {
    kind: BucketKind,
    began: u64,
    pub(crate) release: u64,
    /// Whether a slash has passed over it.
    closed: bool,
    /// Of what hopped, the units that slashes left; what is leaving is in the books.
    kept: u128,
}

impl Bucket {
    pub(crate) fn was_slashed(&self) -> bool {
        self.closed
    }
}

/// A promise not to leave.
#[derive(Clone, Copy)]
pub(crate) struct Promise {
    pub(crate) amount: u128,
    /// Parts per million by which it weighs more.
    pub(crate) bonus: u32,
    pub(crate) until: u64,
    pub(crate) number: u64,
    /// Bonuses of the pool that were paid out to it.
    settled: usize,
}

impl Promise {
    /// What it counts for beyond itself.
    fn extra(&self) -> u128 {
        (whole(self.amount) * crate::exact::ppm(self.bonus)).floor()
    }
}

impl Pool {
    fn generation(&self) -> usize {
        self.ends.len()
    }
}

impl Model {
    pub(crate) fn pool(&self, operator: AccountId) -> Option<&Pool> {
        self.delegated.pools.get(&operator)
    }

    fn pool_mut(&mut self, operator: AccountId) -> &mut Pool {
        self.delegated.pools.get_mut(&operator).expect("an open pool stays open")
    }

    /// Tokens in a pool.
    pub(crate) fn tokens(&self, operator: AccountId) -> u128 {
        self.books.held(Place::Pool(operator), NATIVE)
    }

    fn own(&self, operator: AccountId) -> u128 {
        self.bonded(operator, NATIVE)
    }

    /// Most tokens an operator's own bond carries.
    fn carries(&self, operator: AccountId) -> u128 {
        self.own(operator) * u128::from(self.parameters.delegation_cap)
    }

    /// Tokens a pool would still take.
    pub(crate) fn room(&self, operator: AccountId) -> u128 {
        self.carries(operator).saturating_sub(self.tokens(operator))
    }

    /// Tokens that earn: those its own bond carries.
    pub(super) fn counted(&self, operator: AccountId) -> u128 {
        self.tokens(operator).min(self.carries(operator))
    }

    /// A stake that was not lost in a collapse.
    fn live(&self, stake: &Stake, operator: AccountId) -> bool {
        self.pool(operator).is_some_and(|pool| pool.generation() == stake.generation)
    }

    /// Shares a delegator has in a pool, those of collapsed generations not.
    pub(crate) fn shares(&self, delegator: AccountId, operator: AccountId) -> u128 {
        let stake = self.delegated.stakes.get(&(delegator, operator));
        stake.filter(|stake| self.live(stake, operator)).map_or(0, |stake| stake.shares)
    }

    /// Shares of all delegators of a pool.
    pub(crate) fn all_shares(&self, operator: AccountId) -> u128 {
        let stakes = self.delegated.stakes.keys().filter(|(_, behind)| *behind == operator);
        stakes.map(|(delegator, _)| self.shares(*delegator, operator)).sum()
    }

    /// What committed shares of a pool count for beyond themselves.
    pub(crate) fn all_extra(&self, operator: AccountId) -> u128 {
        let promises = self.delegated.promises.iter();
        let ours = promises.filter(|((staker, behind), _)| {
            *behind == operator && *staker != operator && self.shares(*staker, operator) > 0
        });
        ours.map(|(_, promise)| promise.extra()).sum()
    }

    /// What shares are worth: their part of the tokens.
    pub(crate) fn worth_of_shares(&self, operator: AccountId, shares: u128) -> u128 {
        match self.all_shares(operator) {
            0 => 0,
            all => (whole(shares) / whole(all) * whole(self.tokens(operator))).floor(),
        }
    }

    /// What tokens buy: so many shares at the price that the others' have.
    fn bought(&self, operator: AccountId, units: u128) -> Result<u128, Rejection> {
        let bought = match self.all_shares(operator) {
            0 => units,
            all => (whole(units) * whole(all) / whole(self.tokens(operator))).floor(),
        };
        if bought == 0 { Err(Rejection::WorthNothing) } else { Ok(bought) }
    }

    /// Shares that hopped in and still answer elsewhere.
    fn bound(&self, delegator: AccountId, operator: AccountId) -> u128 {
        let generation = self.pool(operator).map(Pool::generation);
        let hop = self.delegated.hops.get(&(delegator, operator));
        hop.filter(|hop| Some(hop.generation) == generation).map_or(0, |hop| hop.shares)
    }

    /// Shares that may leave.
    pub(crate) fn free_shares(&self, delegator: AccountId, operator: AccountId) -> u128 {
        let shares = self.shares(delegator, operator);
        let promised = self.delegated.promises.get(&(delegator, operator));
        let promised = promised.filter(|_| shares > 0).map_or(0, |promise| promise.amount);
        shares - self.bound(delegator, operator) - promised
    }

    /// Takes shares away, with what they earned paid out before.
    fn remove_shares(&mut self, delegator: AccountId, operator: AccountId, shares: u128) {
        self.settle_with(delegator, operator);
        let key = (delegator, operator);
        let stake = self.delegated.stakes.get_mut(&key).expect("shares belong to a stake");
        stake.shares -= shares;
        if stake.shares == 0 {
            self.delegated.stakes.remove(&key);
        }
    }

    /// What came into a bucket and was not taken out again.
    fn came_in(&self, operator: AccountId, number: u64) -> u128 {
        let leaving = self.delegated.leaving.iter();
        let leaving = leaving.filter(|((_, of, bucket), _)| (*of, *bucket) == (operator, number));
        let hops = self.delegated.hops.values();
        let hops = hops.filter(|hop| (hop.source, hop.bucket) == (operator, number));
        leaving.map(|(_, part)| part.units).sum::<u128>() + hops.map(|hop| hop.units).sum::<u128>()
    }

    /// What slashes left of a bucket.
    fn left_of(&self, operator: AccountId, number: u64) -> u128 {
        let bucket = self.delegated.buckets[&(operator, number)];
        match bucket.kind {
            BucketKind::Leaving => self.books.held(Place::Leaving(operator, number), NATIVE),
            BucketKind::Hopping => bucket.kept,
        }
    }

    /// What slashes left of a part of a bucket.
    fn left_of_part(&self, operator: AccountId, number: u64, units: u128) -> u128 {
        let left = whole(self.left_of(operator, number));
        (left * whole(units) / whole(self.came_in(operator, number))).floor()
    }

    /// A delegator's undelegations from a pool: bucket, what is left, when it is paid out.
    pub(crate) fn undelegations(
        &self,
        delegator: AccountId,
        operator: AccountId,
    ) -> Vec<(u64, u128, u64)> {
        let range = (delegator, operator, 0)..=(delegator, operator, u64::MAX);
        let parts = self.delegated.leaving.range(range);
        let told = parts.map(|((.., number), part)| {
            let release = self.delegated.buckets[&(operator, *number)].release;
            (*number, self.left_of_part(operator, *number, part.units), release)
        });
        told.collect()
    }

    /// A hop in the words of the first implementation, and until when it answers.
    pub(crate) fn hop(
        &self,
        delegator: AccountId,
        operator: AccountId,
    ) -> Option<(protocol::Hop, u64)> {
        let hop = self.delegated.hops.get(&(delegator, operator))?;
        let generation = u32::try_from(hop.generation).expect("histories are short");
        let (part, shares) = (Amount::new(hop.units), Amount::new(hop.shares));
        let (source, bucket) = (hop.source, hop.bucket);
        let told = protocol::Hop { source, bucket, part, shares, generation };
        Some((told, self.delegated.buckets[&(source, bucket)].release))
    }

    /// Everybody who has, or had, anything in any pool.
    pub(crate) fn delegators(&self) -> BTreeSet<(AccountId, AccountId)> {
        let leaving = self.delegated.leaving.keys().map(|(who, operator, _)| (*who, *operator));
        self.delegated.stakes.keys().copied().chain(leaving).collect()
    }
}
