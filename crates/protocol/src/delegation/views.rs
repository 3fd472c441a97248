//! Delegation as others see it.

use crate::books::Place;
use crate::delegation::accumulator::due_floor;
use crate::delegation::{Commission, Commitment, Hop, Raise, Ruin};
use crate::primitives::{AccountId, Amount, STABLE, Time};
use crate::state::State;

/// An operator's pool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PoolView {
    /// Whose.
    pub operator: AccountId,
    /// The operator's own native bond, in base units.
    pub own: Amount,
    /// Its delegators' tokens, in base units.
    pub tokens: Amount,
    /// Tokens it would still take.
    pub room: Amount,
    /// Shares of its delegators.
    pub shares: Amount,
    /// Shares that committed ones count for beyond themselves.
    pub bonus: Amount,
    /// What the operator keeps in this epoch.
    pub commission: Commission,
    /// What it will keep, if that is more.
    pub raise: Option<Raise>,
    /// Stable fees held for delegators that have not claimed.
    pub fees_held: Amount,
    /// The operator's commitment of its own native bond.
    pub committed: Option<Commitment>,
}

/// A delegator's part of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DelegationView {
    /// Whose.
    pub delegator: AccountId,
    /// Behind whom.
    pub operator: AccountId,
    /// Shares; none if the pool has collapsed.
    pub shares: Amount,
    /// Shares that may leave.
    pub free: Amount,
    /// What all shares are worth, in native base units.
    pub worth: Amount,
    /// What those that may leave are worth, in native base units.
    pub free_worth: Amount,
    /// Stable fees earned and not claimed.
    pub fees_due: Amount,
    /// Native bonus earned and not claimed.
    pub bonus_due: Amount,
    /// Shares that cannot leave because they were committed.
    pub commitment: Option<Commitment>,
    /// Shares that cannot leave because they still answer to another operator.
    pub hop: Option<Hop>,
    /// Until when they do.
    pub hop_until: Option<Time>,
}

/// An undelegation under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UndelegationView {
    /// From whose pool.
    pub operator: AccountId,
    /// Number of its bucket.
    pub bucket: u64,
    /// What slashes have left of it, in native base units.
    pub amount: Amount,
    /// When it is paid out.
    pub release: Time,
}

/// A pool's accumulators: as they are, or as they were when the generation collapsed.
pub(crate) struct Readings {
    pub(crate) fees: Amount,
    pub(crate) bonuses: Amount,
    pub(crate) ruined: bool,
}

impl State {
    /// Native stake behind an operator in base units: its own bond and its delegators' tokens.
    pub fn stake_of(&self, operator: AccountId) -> Amount {
        self.own_stake(operator).plus(self.pool_tokens(operator))
    }

    /// Tokens that an operator's pool would still take: `delegation_cap` times its own native bond, less what is there.
    pub fn delegation_room(&self, operator: AccountId) -> Amount {
        self.pool_tokens_max(operator).saturating_sub(self.pool_tokens(operator))
    }

    /// An operator's pool, if it has opened one.
    pub fn pool(&self, operator: AccountId) -> Option<PoolView> {
        let pool = self.pool_of(operator)?;
        Some(PoolView {
            operator,
            own: self.own_stake(operator),
            tokens: pool.tokens,
            room: self.delegation_room(operator),
            shares: pool.shares,
            bonus: pool.bonus,
            commission: pool.commission_at(self.clock.epoch),
            raise: pool.raise,
            fees_held: self.held(Place::PoolIncome(operator), STABLE),
            committed: self.commitment(operator, operator),
        })
    }

    /// A delegator's part of an operator's pool.
    pub fn delegation(&self, delegator: AccountId, operator: AccountId) -> Option<DelegationView> {
        let record = self.delegation_of(delegator, operator)?;
        let live = self.live_delegation(delegator, operator);
        let shares = live.map_or(Amount::ZERO, |live| live.shares);
        let free = live.map_or(Amount::ZERO, |live| self.free_shares(delegator, operator, live));
        let Readings { fees, bonuses, .. } = self.readings(operator, record.generation);
        let commitment = self.commitment(delegator, operator);
        let hop = record.hop.as_deref().copied();
        Some(DelegationView {
            delegator,
            operator,
            shares,
            free,
            worth: self.stock(operator).worth_floor(shares),
            free_worth: self.stock(operator).worth_floor(free),
            fees_due: due_floor(record.shares, record.seen, fees),
            bonus_due: commitment.map_or(Amount::ZERO, |commitment| {
                due_floor(commitment.bonus_shares(), commitment.seen, bonuses)
            }),
            commitment,
            hop,
            hop_until: hop.map(|hop| self.bucket(hop.source, hop.bucket).release),
        })
    }

    /// The accumulators of a generation of a pool.
    pub(crate) fn readings(&self, operator: AccountId, generation: u32) -> Readings {
        let pool = self.pool_of(operator).expect("delegators are in a pool");
        if pool.generation == generation {
            let (fees, bonuses) = (pool.fees.per_unit, pool.bonuses.per_unit);
            return Readings { fees, bonuses, ruined: false };
        }
        let ruin = self.ruins.get(&(operator, generation));
        let Ruin { fees, bonuses, .. } = *ruin.expect("a ruin stays until its last delegator");
        Readings { fees, bonuses, ruined: true }
    }

    /// A delegator's delegations, in order of operator.
    pub fn delegations(&self, delegator: AccountId) -> impl Iterator<Item = DelegationView> + '_ {
        self.delegations
            .group(&delegator)
            .into_iter()
            .filter_map(|((delegator, operator), _)| self.delegation(*delegator, *operator))
    }

    /// A delegator's undelegations under way, in order of operator and age.
    pub fn undelegations(
        &self,
        delegator: AccountId,
    ) -> impl Iterator<Item = UndelegationView> + '_ {
        let open = self.undelegations.group(&delegator).into_iter();
        open.map(|((_, operator, bucket), record)| UndelegationView {
            operator: *operator,
            bucket: *bucket,
            amount: self.bucket_part(*operator, *bucket, record.part),
            release: self.bucket(*operator, *bucket).release,
        })
    }

    /// What a staker has committed with an operator; under the operator's own name, its own native bond.
    pub fn commitment(&self, staker: AccountId, operator: AccountId) -> Option<Commitment> {
        self.commitments.get(&(staker, operator)).copied()
    }

    /// Seats on the ledger in this epoch, by operator.
    pub fn seats(&self) -> impl Iterator<Item = (AccountId, u32)> + '_ {
        self.seats.iter().map(|(operator, seats)| (*operator, *seats))
    }
}
