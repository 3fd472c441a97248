//! Who belongs together. Related accounts never judge, serve or pay each other.

use crate::primitives::AccountId;
use crate::state::State;

impl State {
    /// The account an account answers to: an operator's owner, or itself.
    pub(crate) fn owner_of(&self, account: AccountId) -> AccountId {
        self.operator(account).map_or(account, |operator| operator.owner)
    }

    /// Whether two accounts are the same, or answer to the same owner.
    pub fn are_related(&self, one: AccountId, other: AccountId) -> bool {
        one == other || self.owner_of(one) == self.owner_of(other)
    }
}
