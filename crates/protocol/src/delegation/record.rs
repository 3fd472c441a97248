//! What the state keeps about delegation. The money is in the books.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::delegation::Accumulator;
use crate::primitives::{AccountId, Amount, Epoch, Ppm, Time};

/// What an operator keeps of the income that its delegators' stake would earn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Commission {
    /// Of native rewards.
    pub rewards: Ppm,
    /// Of stable fees: a provider's work costs it something, so this is often the higher one.
    pub fees: Ppm,
}

/// A commission on its way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Raise {
    /// Where it will end.
    pub to: Commission,
    /// The epoch of the first step.
    pub from: Epoch,
    /// How much more it is in each epoch: what `commission_step` was when it was announced.
    pub step: Ppm,
}

/// An operator's share pool. Undistributed income is in [`crate::Place::PoolIncome`].
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Pool {
    /// Native base units of all delegators: the money of [`crate::Place::Pool`].
    pub tokens: Amount,
    /// Shares of all delegators.
    pub shares: Amount,
    /// Shares that committed ones count for beyond themselves, summed.
    pub bonus: Amount,
    /// How often the pool has collapsed; shares of an earlier generation are worth nothing.
    pub generation: u32,
    /// Stable fees per share.
    pub fees: Accumulator,
    /// Native rewards per bonus share.
    pub bonuses: Accumulator,
    /// What the operator keeps, as last set.
    pub commission: Commission,
    /// What it will keep, if that is more.
    pub raise: Option<Raise>,
    /// The bucket that undelegations of this epoch go into, if there is one.
    pub leaving: Option<u64>,
    /// The bucket that redelegations of this epoch go into, if there is one.
    pub hopping: Option<u64>,
}

/// A delegator's part of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Delegation {
    /// Shares, committed and redelegated ones included; none where only a redelegation into a pool that collapsed since is left.
    pub shares: Amount,
    /// The pool's fee accumulator when the delegator last settled with it.
    pub seen: Amount,
    /// The pool's generation that the shares are of.
    pub generation: u32,
    /// The redelegation that brought some of them, while it answers to its source.
    pub hop: Option<Box<Hop>>,
}

/// A collapsed generation of a pool, kept until its last delegator has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ruin {
    /// Shares whose delegators have not settled.
    pub shares: Amount,
    /// The fee accumulator at the end.
    pub fees: Amount,
    /// The bonus accumulator at the end.
    pub bonuses: Amount,
}

/// What a bucket is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum BucketKind {
    /// Undelegations: `left` is the money of [`crate::Place::Leaving`].
    Leaving,
    /// Redelegations: the money is in the pools it went to, and what is gone of `left` is burned there at release.
    Hopping,
}

/// What left a pool in one epoch, and what is left of it. A bucket that was slashed takes in nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bucket {
    /// Undelegations or redelegations.
    pub kind: BucketKind,
    /// The end of the epoch: it answers for everything that happened until then.
    pub began: Time,
    /// When it answers for nothing more.
    pub release: Time,
    /// Base units that came in, those released left out.
    pub total: Amount,
    /// What slashes have left of them.
    pub left: Amount,
}

/// A delegator's part of a bucket of undelegations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Undelegation {
    /// Base units that came in.
    pub part: Amount,
    /// Number of its timer.
    pub timer: u64,
}

/// A redelegation that still answers to its source. Its shares cannot leave the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Hop {
    /// The operator it came from.
    pub source: AccountId,
    /// The source's bucket it is counted in.
    pub bucket: u64,
    /// Base units that moved.
    pub part: Amount,
    /// Shares of the destination it became.
    pub shares: Amount,
    /// The destination's generation that these shares are of.
    pub generation: u32,
}

/// A staker's promise not to leave before a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Commitment {
    /// Shares of a delegator, native base units of an operator's own bond.
    pub amount: Amount,
    /// What they count for in rewards beyond themselves.
    pub bonus: Ppm,
    /// Until when they cannot begin to leave.
    pub until: Time,
    /// Number of its timer.
    pub timer: u64,
    /// The pool's bonus accumulator when the delegator last settled with it.
    pub seen: Amount,
}

impl Commitment {
    /// What the committed shares count for beyond themselves, rounded down: splitting never adds a unit.
    pub fn bonus_shares(&self) -> Amount {
        self.amount.portion_floor(self.bonus)
    }
}
