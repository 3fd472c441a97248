//! Where money can be.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::{AccountId, JobId};

/// A pot of the protocol.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Pot {
    /// Transaction fees.
    Fees,
    /// The protocol's take of job prices, and every remainder.
    Treasury,
    /// Pays auditors.
    Audit,
    /// For harm that no lock covers.
    Insurance,
    /// Rewards that were earned and are not paid yet.
    Rewards,
}

/// A place money is held. Every base unit of every asset is in exactly one place.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Place {
    /// An account's free balance.
    Account(AccountId),
    /// An operator's self-bond that no job has locked.
    Bond(AccountId),
    /// The slice of an operator's bond locked for a job, as its provider, its auditor or one of its replicas.
    Lock(AccountId, JobId),
    /// A bond of an operator on its way out, by exit number.
    Exit(AccountId, u64),
    /// What a requester paid in for a job.
    Escrow(JobId),
    /// The fee set aside for a job's auditor.
    AuditFee(JobId),
    /// The bond of an account's demand for a job's data.
    DemandBond(JobId, AccountId),
    /// A pot of the protocol.
    Pot(Pot),
    /// Not yet minted: where new units come from.
    Unissued,
    /// Burned: where units end.
    Burned,
    /// An account's access stake.
    Access(AccountId),
    /// Access stake of an account on its way out, by exit number.
    AccessExit(AccountId, u64),
    /// The deposit of a proposal, by its number.
    Deposit(u64),
    /// Tokens of an operator's delegators.
    Pool(AccountId),
    /// Income of an operator's delegators that they have not claimed.
    PoolIncome(AccountId),
    /// Undelegated tokens of an operator's delegators on their way out, by bucket number.
    Leaving(AccountId, u64),
    // Replicated.
    /// The bond of the appeal against a job's result.
    AppealBond(JobId),
    /// What a job's fallback earns on top of the price, out of the lock of the provider that missed.
    Premium(JobId),
}

/// The kinds of place, for totals.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum PlaceKind {
    /// Free balances.
    Accounts,
    /// Free self-bonds.
    Bonds,
    /// Locked slices.
    Locks,
    /// Bonds on their way out.
    Exits,
    /// Escrow of open jobs.
    Escrow,
    /// Auditors' fees set aside.
    AuditFees,
    /// Bonds of open demands.
    DemandBonds,
    /// The protocol's pots.
    Pots,
    /// Access stakes.
    Access,
    /// Access stakes on their way out.
    AccessExits,
    /// Deposits of proposals.
    Deposits,
    /// Delegated tokens.
    Pools,
    /// Unclaimed income of delegators.
    PoolIncome,
    /// Undelegated tokens on their way out.
    Leaving,
    // Replicated.
    /// Bonds of open appeals.
    AppealBonds,
    /// Premiums of fallbacks at work.
    Premiums,
}

impl PlaceKind {
    /// Every kind, in order.
    pub const ALL: [Self; 16] = [
        Self::Accounts,
        Self::Bonds,
        Self::Locks,
        Self::Exits,
        Self::Escrow,
        Self::AuditFees,
        Self::DemandBonds,
        Self::Pots,
        Self::Access,
        Self::AccessExits,
        Self::Deposits,
        Self::Pools,
        Self::PoolIncome,
        Self::Leaving,
        Self::AppealBonds,
        Self::Premiums,
    ];
}

impl Place {
    /// The kind of place; `None` for the two ends outside the supply.
    pub const fn kind(&self) -> Option<PlaceKind> {
        Some(match self {
            Self::Account(_) => PlaceKind::Accounts,
            Self::Bond(_) => PlaceKind::Bonds,
            Self::Lock(..) => PlaceKind::Locks,
            Self::Exit(..) => PlaceKind::Exits,
            Self::Escrow(_) => PlaceKind::Escrow,
            Self::AuditFee(_) => PlaceKind::AuditFees,
            Self::DemandBond(..) => PlaceKind::DemandBonds,
            Self::Pot(_) => PlaceKind::Pots,
            Self::Access(_) => PlaceKind::Access,
            Self::AccessExit(..) => PlaceKind::AccessExits,
            Self::Deposit(_) => PlaceKind::Deposits,
            Self::Pool(_) => PlaceKind::Pools,
            Self::PoolIncome(_) => PlaceKind::PoolIncome,
            Self::Leaving(..) => PlaceKind::Leaving,
            Self::AppealBond(_) => PlaceKind::AppealBonds,
            Self::Premium(_) => PlaceKind::Premiums,
            Self::Unissued | Self::Burned => return None,
        })
    }
}

/// Why money moved. Closed: with the places it says everything about a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Why {
    /// Minted at genesis.
    Genesis,
    /// A transaction's fee.
    Fee,
    /// A transfer.
    Transfer,
    /// Minted by the issuer.
    Mint,
    /// Burned by the issuer.
    Burn,
    /// Added to a bond.
    Bond,
    /// Began to leave a bond.
    Unbond,
    /// Put back into the bond.
    CancelExit,
    /// Returned to the owner after the unbonding time.
    Release,
    /// Paid in for a job.
    Escrow,
    /// Locked for a job.
    Lock,
    /// Unlocked after a job.
    Unlock,
    /// The provider's share of a job's price.
    ProviderShare,
    /// The audit pot's share of a job's price.
    AuditShare,
    /// The insurance pot's share of a job's price.
    InsuranceShare,
    /// The protocol's take of a job's price, with the remainder of the division.
    Take,
    /// What the maximum price exceeded the price by, returned after settlement.
    Unspent,
    /// The escrow of a job that did not end final and correct, returned in full.
    Refund,
    /// Set aside for an auditor.
    AuditFeeReserved,
    /// An auditor's fee.
    AuditFee,
    /// An auditor's fee that was not earned, returned to the pot.
    AuditFeeReturned,
    /// The bond of a demand.
    DemandBond,
    /// The bond of a demand, to whoever completed its answer.
    DemandEarned,
    /// The bond of a demand, returned.
    DemandReturned,
    /// The bond of a dismissed challenge, to the accused.
    FalseChallenge,
    /// A slash: bounty of whoever proved the fault.
    SlashBounty,
    /// A slash: compensation of the requester's insured value.
    SlashVictim,
    /// A slash: the insurance pot's part.
    SlashInsurance,
    /// A slash: the burned part.
    SlashBurn,
    /// Locked as access stake.
    LockAccess,
    /// Access stake that began to leave.
    UnlockAccess,
    /// Access stake returned after its unbonding time.
    ReleaseAccess,
    /// The part of the protocol's take that the requester's credit pays, returned.
    AccessCredit,
    /// The deposit of a proposal.
    ProposalDeposit,
    /// The deposit of a proposal, returned after the vote.
    ProposalReturned,
    /// The deposit of a proposal that validators called spam.
    ProposalBurned,
    /// Delegated to an operator.
    Delegate,
    /// Began to leave an operator's pool.
    Undelegate,
    /// Moved from one operator's pool to another's.
    Redelegate,
    /// An undelegation put back into its pool.
    CancelUnbonding,
    /// Returned to a delegator after the unbonding time.
    Undelegated,
    /// The delegators' part of a fee.
    DelegatorFees,
    /// The delegators' part of a native reward.
    DelegatorReward,
    /// Income that a delegator settled.
    IncomeClaimed,
    // Replicated.
    /// The bond of an appeal.
    AppealBond,
    /// The bond of an appeal that succeeded, returned.
    AppealReturned,
    /// The bond of an appeal that came to nothing, to those it held up.
    AppealForfeited,
    /// A slash: set aside as the premium of a fallback.
    SlashPremium,
    /// The premium of a fallback whose result stood.
    FallbackPremium,
    /// A premium that no fallback earned, to the insurance pot.
    PremiumForfeited,
    // Rewards.
    /// Minted for rewards that were earned, or for the insurance pot.
    Emission,
    /// An epoch's transaction fees, kept for its validators.
    FeesSetAside,
    /// An operator's part of the reward for proven capacity.
    CapacityReward,
    /// An operator's part of the reward for validating.
    ValidationReward,
    /// An operator's part of the reward for settled jobs and leases.
    WorkReward,
    /// What nobody earned of an epoch's fees, and what the division of rewards left over.
    RewardRemainder,
}
