//! What the state keeps about the reported price.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::{AccountId, Amount, ChainId, Epoch, Hash, Time};

/// The price as validators report it. There is none while the price is governed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Oracle {
    /// The slot under way: commitments are for it, openings for the one before.
    pub slot: u64,
    /// When it ends: with the first block at or after this.
    pub until: Time,
    /// The latest agreed price, its rise limited, in micro-dollars per whole token.
    pub price: Amount,
    /// What collateral counts at: the least of the price and its average over the window.
    pub collateral: Amount,
    /// When reports last agreed, or when reporting began.
    pub agreed: Time,
    /// Until when the breaker keeps new locks stopped, if it ever did.
    pub halted_until: Option<Time>,
}

/// What a validator may report in one slot. Having one is being entitled to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Report {
    /// The validator's weight when the slot began, in micro-dollars.
    pub weight: Amount,
    /// Its sealed commitment.
    pub commitment: Option<Hash>,
    /// The price it opened, in micro-dollars per whole token.
    pub price: Option<Amount>,
}

/// How often a validator was far off in an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Misses {
    /// Which epoch.
    pub epoch: Epoch,
    /// Reports far off.
    pub count: u64,
}

/// The sealed commitment of `account` to a price for a slot. Who copies it cannot open it.
pub fn seal_price(
    chain: ChainId,
    slot: u64,
    account: AccountId,
    salt: Hash,
    price: Amount,
) -> Hash {
    Hash::of("earnest price v1", &(chain, slot, account, salt, price))
}
