//! What shares are worth, what they cost, and how many more a pool may take.

use crate::delegation::{Delegation, Hop, Pool};
use crate::operators::Operator;
use crate::primitives::{AccountId, Amount, NATIVE};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// Shares per token beyond which a pool has collapsed. With a supply of at most 2^96 base units it keeps shares below
/// 2^126, so no sequence of slashes and deposits overflows.
pub const DILUTION_MAX: u128 = 1_000_000_000;

/// The tokens of a pool and the shares they are divided into.
#[derive(Clone, Copy, Default)]
pub(crate) struct Stock {
    pub(crate) tokens: Amount,
    pub(crate) shares: Amount,
}

impl Stock {
    /// What shares of the present generation are worth, rounded down. All of them are worth everything.
    pub(crate) fn worth_floor(self, shares: Amount) -> Amount {
        if self.shares.is_zero() {
            return Amount::ZERO;
        }
        self.tokens.scaled_floor(shares.units(), self.shares.units())
    }

    /// The shares that an amount buys, rounded down; one each of an empty pool.
    ///
    /// # Errors
    /// [`Rejection::WorthNothing`] if it buys none.
    pub(crate) fn shares_for(self, amount: Amount) -> Result<Amount, Rejection> {
        let bought = if self.shares.is_zero() {
            amount
        } else {
            amount.scaled_floor(self.shares.units(), self.tokens.units())
        };
        if bought.is_zero() { Err(Rejection::WorthNothing) } else { Ok(bought) }
    }
}

impl Pool {
    /// What its delegators have.
    pub(crate) fn stock(&self) -> Stock {
        Stock { tokens: self.tokens, shares: self.shares }
    }
}

impl Operator {
    /// Its pool as it is now; one that was never opened is empty.
    pub(crate) fn stock(&self) -> Stock {
        self.pool.as_ref().map(Pool::stock).unwrap_or_default()
    }
}

impl Delegation {
    /// Shares that still answer to the operator they came from.
    fn hopped(&self) -> Amount {
        let hop = self.hop.as_ref().filter(|hop| hop.generation == self.generation);
        hop.map_or(Amount::ZERO, |hop| hop.shares)
    }
}

impl State {
    /// An operator's pool, if it has opened one.
    pub(crate) fn pool_of(&self, operator: AccountId) -> Option<&Pool> {
        self.operator(operator)?.pool.as_ref()
    }

    /// A pool known to exist, for change.
    pub(crate) fn pool_mut(&mut self, operator: AccountId) -> &mut Pool {
        self.operator_mut(operator).pool.as_mut().expect("a pool, once open, stays")
    }

    /// Tokens of an operator's delegators, in native base units.
    pub(crate) fn pool_tokens(&self, operator: AccountId) -> Amount {
        self.stock(operator).tokens
    }

    /// An operator's own native bond, locked slices included.
    pub(crate) fn own_stake(&self, operator: AccountId) -> Amount {
        self.operator(operator).map_or(Amount::ZERO, |record| record.bonded.of(NATIVE))
    }

    /// Most tokens that an operator's own native bond carries.
    pub(crate) fn pool_tokens_max(&self, operator: AccountId) -> Amount {
        self.carried_by(self.own_stake(operator))
    }

    /// Most tokens that a native bond of so much carries: `delegation_cap` times as many.
    pub(crate) fn carried_by(&self, own: Amount) -> Amount {
        own.scaled_floor(self.parameters.delegation_cap.into(), 1)
    }

    /// Tokens of an operator's delegators that count: those beyond the cap, after the own bond shrank, earn nothing.
    pub(crate) fn counted_tokens(&self, operator: AccountId) -> Amount {
        self.pool_tokens(operator).min(self.pool_tokens_max(operator))
    }

    /// An operator's pool as it is now; one that was never opened is empty.
    pub(crate) fn stock(&self, operator: AccountId) -> Stock {
        self.operator(operator).map(Operator::stock).unwrap_or_default()
    }

    /// A delegator's part of a pool, with shares of any generation.
    pub(crate) fn delegation_of(
        &self,
        delegator: AccountId,
        operator: AccountId,
    ) -> Option<&Delegation> {
        let record = self.delegations.get(&(delegator, operator));
        record.filter(|record| !record.shares.is_zero())
    }

    /// A delegator's redelegation into a pool that still answers to where it came from.
    pub(crate) fn hop_of(&self, delegator: AccountId, operator: AccountId) -> Option<&Hop> {
        self.delegations.get(&(delegator, operator))?.hop.as_deref()
    }

    /// A delegation with shares of the pool's present generation.
    pub(crate) fn live_delegation(
        &self,
        delegator: AccountId,
        operator: AccountId,
    ) -> Option<&Delegation> {
        self.live_part(delegator, operator, self.pool_of(operator)?)
    }

    /// The same, for whoever has the operator's pool at hand.
    pub(crate) fn live_part(
        &self,
        delegator: AccountId,
        operator: AccountId,
        pool: &Pool,
    ) -> Option<&Delegation> {
        let record = self.delegation_of(delegator, operator)?;
        (record.generation == pool.generation).then_some(record)
    }

    /// Shares of a live delegation that may leave: neither committed nor answering to another operator.
    pub(crate) fn free_shares(
        &self,
        delegator: AccountId,
        operator: AccountId,
        record: &Delegation,
    ) -> Amount {
        let committed = self.commitments.get(&(delegator, operator));
        record
            .shares
            .minus(record.hopped())
            .saturating_sub(committed.map_or(Amount::ZERO, |commitment| commitment.amount))
    }

    /// Shares of the present generation that still answer to the operator they came from.
    pub(crate) fn hopped_shares(&self, delegator: AccountId, operator: AccountId) -> Amount {
        self.live_delegation(delegator, operator).map_or(Amount::ZERO, Delegation::hopped)
    }
}

impl State {
    /// Forgets a delegation of which nothing is left.
    pub(crate) fn drop_if_empty(&mut self, key: (AccountId, AccountId)) {
        let record = self.delegations.get(&key);
        if record.is_some_and(|record| record.shares.is_zero() && record.hop.is_none()) {
            self.delegations.remove(&key);
        }
    }
}

impl Step<'_> {
    /// Gives a delegator that has settled more shares.
    pub(crate) fn add_shares(&mut self, delegator: AccountId, operator: AccountId, shares: Amount) {
        let pool = self.state.pool_mut(operator);
        pool.shares = pool.shares.plus(shares);
        let (seen, generation) = (pool.fees.per_unit, pool.generation);
        let record = self.state.delegations.get_or_default((delegator, operator));
        if record.shares.is_zero() {
            (record.seen, record.generation) = (seen, generation);
        }
        record.shares = record.shares.plus(shares);
        self.state.rank(operator);
    }

    /// Takes shares from a delegator that has settled; with the last ones the record goes.
    pub(crate) fn remove_shares(
        &mut self,
        delegator: AccountId,
        operator: AccountId,
        shares: Amount,
    ) {
        let pool = self.state.pool_mut(operator);
        pool.shares = pool.shares.minus(shares);
        let key = (delegator, operator);
        let record = self.state.delegations.get_mut(&key).expect("a delegator has a delegation");
        record.shares = record.shares.minus(shares);
        if record.shares.is_zero() {
            self.state.drop_if_empty(key);
        }
    }
}
