//! What the state keeps about proposals.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::governance::Amendment;
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, Ppm, Time};

/// How a validator votes. The latest ballot before the end counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Ballot {
    /// For the amendment.
    For,
    /// Against it.
    Against,
    /// Against it, and the deposit should burn.
    Spam,
}

/// Where a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Stage {
    /// Validators vote.
    Voting,
    /// Accepted; takes effect when its time has passed.
    Accepted(Tally),
}

/// Weights by ballot, in micro-dollars, all read at the end of the vote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Tally {
    /// For the amendment.
    pub approve: Amount,
    /// Against it.
    pub oppose: Amount,
    /// Against it as spam.
    pub spam: Amount,
    /// Of all validators, whether they voted or not.
    pub all: Amount,
}

/// What a vote came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Outcome {
    /// Enough weight is for it.
    Accepted,
    /// Not enough weight is for it.
    Rejected,
    /// Not enough weight is for it, and enough calls it spam.
    Spam,
}

impl Tally {
    /// Counts one validator.
    pub(super) fn count(&mut self, weight: Amount, ballot: Option<Ballot>) {
        self.all = self.all.plus(weight);
        let side = match ballot {
            Some(Ballot::For) => &mut self.approve,
            Some(Ballot::Against) => &mut self.oppose,
            Some(Ballot::Spam) => &mut self.spam,
            None => return,
        };
        *side = side.plus(weight);
    }

    /// What the vote came to: shares are of all weight, so who does not vote is not for it.
    pub fn outcome(&self, parameters: &Parameters) -> Outcome {
        let reaches =
            |side: Amount, share: Ppm| !side.is_zero() && side >= self.all.portion_ceil(share);
        if reaches(self.approve, parameters.approval) {
            Outcome::Accepted
        } else if reaches(self.spam, parameters.spam_share) {
            Outcome::Spam
        } else {
            Outcome::Rejected
        }
    }
}

/// A proposal that is voted on or waits for its time.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Proposal {
    /// Number it is called by.
    pub id: u64,
    /// Who proposed it and put down the deposit.
    pub proposer: AccountId,
    /// What it would change.
    pub amendment: Amendment,
    /// When it was proposed.
    pub submitted: Time,
    /// Where it is.
    pub stage: Stage,
    /// Last instant to vote, or to live under the old rules.
    pub deadline: Time,
    /// Number of the timer behind the deadline.
    pub timer: u64,
}

impl Proposal {
    /// Whether validators still vote on it.
    pub(crate) fn is_voted_on(&self) -> bool {
        self.stage == Stage::Voting
    }
}
