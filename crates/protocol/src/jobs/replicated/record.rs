//! What the state keeps about replicated jobs.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::jobs::LockQuote;
use crate::market::Pricing;
use crate::primitives::{AccountId, Amount, Content, Hash, Holdings, Time};

/// How a wrong result is caught.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum JobKind {
    /// By a proof of one step, which the ledger re-executes. One honest party is enough.
    #[default]
    Proven,
    /// By comparing the outputs of several unrelated providers. The quorum has to be honest.
    Replicated {
        /// How many run it at first. If they do not agree there are `2n + 1` in all.
        replicas: u32,
    },
}

impl JobKind {
    /// Replicas at first; `None` for a proven job.
    pub const fn replicas(&self) -> Option<u32> {
        match *self {
            Self::Proven => None,
            Self::Replicated { replicas } => Some(replicas),
        }
    }
}

/// Where a replica is, and in the end what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum ReplicaFate {
    /// It runs the job and must commit.
    Running,
    /// It has committed, sealed.
    Committed,
    /// It has revealed.
    Revealed,
    /// It did not commit in time.
    Missed,
    /// It did not reveal in time: as outvoted.
    NotRevealed,
    /// Its output was right: paid.
    Paid,
    /// Its output was another: its lock slashed.
    Outvoted,
    /// Its output was agreed on and not to be had: its lock slashed.
    Withheld,
    /// Nobody can say whether it was right: its lock back, no pay.
    Released,
}

impl ReplicaFate {
    /// Whether its lock still secures the result.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Running | Self::Committed | Self::Revealed)
    }
}

/// One provider's run of a replicated job.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Replica {
    /// Who runs it.
    pub provider: AccountId,
    /// In which round it was drawn: 1 or 2.
    pub round: u32,
    /// The provider's standing ask.
    pub ask: Amount,
    /// How the price came about.
    pub pricing: Pricing,
    /// How the lock was computed; holds the price.
    pub quote: LockQuote,
    /// What was locked, by asset.
    pub locked: Holdings,
    /// When it was drawn.
    pub assigned: Time,
    /// Sealed commitment.
    pub commitment: Option<Hash>,
    /// Opened output.
    pub output: Option<Content>,
    /// Where it is.
    pub fate: ReplicaFate,
}

/// An appeal against what the replicas agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Appeal {
    /// Who appealed.
    pub appellant: AccountId,
    /// Its bond, in stable base units.
    pub bond: Amount,
    /// What all validators weighed when it was made, in micro-dollars.
    pub total: Amount,
}

/// The replicas of a job, and what they came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Replication {
    /// Everybody drawn, in order of the draws.
    pub replicas: Vec<Replica>,
    /// What a quorum agreed on, or after an appeal what the validators put in its place.
    pub verdict: Option<Content>,
    /// The appeal, if there was one.
    pub appeal: Option<Appeal>,
}

impl Replication {
    /// Where in the list a provider is.
    pub(crate) fn position(&self, provider: AccountId) -> Option<usize> {
        self.replicas.iter().position(|replica| replica.provider == provider)
    }

    /// The places of the replicas with a fate.
    pub(crate) fn with_fate(&self, fate: ReplicaFate) -> Vec<usize> {
        let places = self.replicas.iter().enumerate();
        places.filter(|(_, replica)| replica.fate == fate).map(|(at, _)| at).collect()
    }
}

/// What a validator found by running a job itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Answer {
    /// This output is the right one.
    Output(Content),
    /// The output agreed on was not to be had.
    Withheld,
    /// No output is the right one: the program does not repeat, or its input is not to be had.
    Undecidable,
}

/// A validator's vote on an appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Vote {
    /// What it found.
    pub answer: Answer,
    /// The validator's weight when it voted, in micro-dollars.
    pub weight: Amount,
}
