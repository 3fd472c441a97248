//! Share pools, commitments and seats.

use borsh::{BorshDeserialize, BorshSerialize};

use super::parts::Fault;
use crate::delegation::{Commission, Raise};
use crate::primitives::{AccountId, Amount, AssetId, Epoch, JobId, Ppm, Time};

/// Share pools, commitments and seats.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum DelegationEvent {
    /// An operator set its commission; the first time it opened its pool.
    CommissionSet {
        /// Who.
        operator: AccountId,
        /// What it keeps from now on.
        commission: Commission,
        /// What it will keep later, if that is more.
        raise: Option<Raise>,
    },
    /// Tokens came into a pool for shares.
    Delegated {
        /// Whose.
        delegator: AccountId,
        /// Behind whom.
        operator: AccountId,
        /// Native base units.
        amount: Amount,
        /// Shares they bought.
        shares: Amount,
    },
    /// Shares began to leave a pool.
    UndelegationBegan {
        /// Whose.
        delegator: AccountId,
        /// From whose pool.
        operator: AccountId,
        /// How many shares.
        shares: Amount,
        /// What they were worth, in native base units.
        amount: Amount,
        /// Number of the bucket they are in.
        bucket: u64,
        /// When it is paid out.
        release: Time,
    },
    /// Tokens went from one pool to another.
    Redelegated {
        /// Whose.
        delegator: AccountId,
        /// From whose pool.
        source: AccountId,
        /// To whose pool.
        operator: AccountId,
        /// Native base units.
        amount: Amount,
        /// Until when they answer to the first one.
        until: Time,
    },
    /// A redelegation no longer answers to where it came from.
    HopEnded {
        /// Whose.
        delegator: AccountId,
        /// From whose pool it came.
        source: AccountId,
        /// In whose pool it is.
        operator: AccountId,
        /// What was burned of it for the first one's faults, in native base units.
        burned: Amount,
    },
    /// Redelegations of one epoch were slashed for a fault of where they came from; it is burned when they end.
    HopsCharged {
        /// Whose fault.
        operator: AccountId,
        /// Which.
        fault: Fault,
        /// In which job, if in one.
        job: Option<JobId>,
        /// The bucket they are counted in.
        bucket: u64,
        /// Native base units of those that were moved.
        taken: Amount,
    },
    /// Slashes left a pool's shares worth next to nothing: they are worth nothing now, and the next ones start afresh.
    PoolCollapsed {
        /// Whose.
        operator: AccountId,
        /// The generation that ended.
        generation: u32,
        /// The last units, burned.
        burned: Amount,
    },
    /// The arithmetic of an income shared with delegators:
    /// `floor(income * delegated / (own + delegated))` less the commission, rounded up.
    IncomeShared {
        /// Whose pool.
        operator: AccountId,
        /// Fees in stable, or rewards in native base units.
        asset: AssetId,
        /// The whole income.
        income: Amount,
        /// The operator's own native stake, in rewards by weight.
        own: Amount,
        /// The delegators' that counts, in rewards by weight.
        delegated: Amount,
        /// What the operator keeps of the delegators' part.
        commission: Ppm,
        /// The delegators' part.
        delegators: Amount,
    },
    /// A staker promised not to leave before a time.
    Committed {
        /// Who; the operator itself for its own bond.
        staker: AccountId,
        /// With whom.
        operator: AccountId,
        /// Shares, or native base units of an own bond.
        amount: Amount,
        /// What they count for in rewards beyond themselves.
        bonus: Ppm,
        /// Until when.
        until: Time,
    },
    /// A commitment is over.
    CommitmentEnded {
        /// Whose.
        staker: AccountId,
        /// With whom.
        operator: AccountId,
    },
    /// The seats on the ledger of an epoch, if they differ from those of the epoch before.
    SeatsChanged {
        /// Which epoch.
        epoch: Epoch,
        /// All of them, by operator.
        seats: Vec<(AccountId, u32)>,
    },
}
