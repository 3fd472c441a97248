//! Operators: who they are, what they offer, when they leave.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, AssetId, Time};
use crate::transaction::Duties;

/// Operators: who they are, what they offer, when they leave.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum OperatorEvent {
    /// An account became an operator.
    OperatorRegistered {
        /// Who.
        operator: AccountId,
        /// What for.
        duties: Duties,
    },
    /// An operator changed what it is registered for.
    DutiesSet {
        /// Who.
        operator: AccountId,
        /// What for.
        duties: Duties,
    },
    /// An operator named an account that may become its owner.
    OwnerNominated {
        /// Who.
        operator: AccountId,
        /// Whom.
        owner: AccountId,
    },
    /// An account became owner of an operator.
    OwnerAccepted {
        /// Of whom.
        operator: AccountId,
        /// Who.
        owner: AccountId,
    },
    /// A bond began to leave.
    ExitBegan {
        /// Whose.
        operator: AccountId,
        /// Number of the exit.
        exit: u64,
        /// Which asset.
        asset: AssetId,
        /// How much.
        amount: Amount,
        /// When it is free.
        release: Time,
    },
    /// A standing offer was set, or withdrawn with no units.
    OfferSet {
        /// Whose.
        operator: AccountId,
        /// In which class.
        class: ClassId,
        /// Jobs at once.
        units: u32,
        /// Micro-dollars per 10^9 metered units.
        ask: Amount,
    },
}
