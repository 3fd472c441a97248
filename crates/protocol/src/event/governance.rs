//! Proposals and votes.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::governance::{Amendment, AmendmentFault, Ballot, Outcome, Tally};
use crate::primitives::{AccountId, Amount, Time};

/// Proposals and votes.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum GovernanceEvent {
    /// An amendment was put to the vote.
    ProposalSubmitted {
        /// Number of the proposal.
        proposal: u64,
        /// By whom.
        proposer: AccountId,
        /// What it would change.
        amendment: Amendment,
        /// Deposit, in native base units.
        deposit: Amount,
        /// Last instant to vote.
        vote_until: Time,
    },
    /// A validator voted.
    BallotCast {
        /// On which proposal.
        proposal: u64,
        /// Who.
        validator: AccountId,
        /// How.
        ballot: Ballot,
    },
    /// A vote was counted.
    ProposalTallied {
        /// On which proposal.
        proposal: u64,
        /// The weights.
        tally: Tally,
        /// What it came to.
        outcome: Outcome,
    },
    /// An accepted amendment waits for its time.
    AmendmentAccepted {
        /// Which proposal.
        proposal: u64,
        /// Last instant of the old rules.
        enacted_after: Time,
    },
    /// An amendment took effect.
    AmendmentEnacted {
        /// Which proposal.
        proposal: u64,
    },
    /// An accepted amendment is no longer possible, and nothing came of it.
    AmendmentVoid {
        /// Which proposal.
        proposal: u64,
        /// Why.
        fault: AmendmentFault,
    },
}
