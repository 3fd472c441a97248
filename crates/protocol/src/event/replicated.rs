//! Replicated jobs: compared, not proven.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::jobs::{Answer, LockQuote};
use crate::market::Pricing;
use crate::primitives::{AccountId, Amount, Content, Hash, Holdings, JobId, Time};

/// Replicated jobs: compared, not proven.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum ReplicatedEvent {
    /// A replica was drawn.
    ReplicaAssigned {
        /// Which job.
        job: JobId,
        /// In which round: 1 or 2.
        round: u32,
        /// Whom.
        provider: AccountId,
        /// Its standing ask.
        ask: Amount,
        /// How the price came about.
        pricing: Pricing,
        /// How the lock was computed.
        quote: Box<LockQuote>,
        /// What was locked.
        locked: Box<Holdings>,
        /// Last instant to commit.
        commit_by: Time,
    },
    /// A replica committed.
    ReplicaCommitted {
        /// Which job.
        job: JobId,
        /// Which replica.
        provider: AccountId,
        /// The sealed commitment.
        commitment: Hash,
    },
    /// A replica revealed.
    ReplicaRevealed {
        /// Which job.
        job: JobId,
        /// Which replica.
        provider: AccountId,
        /// Its output.
        output: Content,
    },
    /// Too few offers could run a job's replicas when it had its turn: it waits aside until there are enough.
    ReplicasShort {
        /// Which job.
        job: JobId,
        /// How many are sought.
        more: u32,
        /// Last instant it waits.
        until: Time,
    },
    /// The replicas did not come to a quorum: more are drawn.
    ReplicasEscalated {
        /// Which job.
        job: JobId,
        /// How many more.
        more: u32,
        /// How many there will be in all.
        total: u32,
        /// Last instant to find them.
        wait_until: Time,
    },
    /// A quorum of the replicas has the same output.
    ReplicasAgreed {
        /// Which job.
        job: JobId,
        /// The output.
        output: Content,
        /// How many revealed it.
        agreeing: u32,
        /// How many were drawn.
        replicas: u32,
        /// Last instant to appeal.
        appeal_by: Time,
    },
    /// Somebody appealed against what the replicas agreed on.
    JobAppealed {
        /// Which job.
        job: JobId,
        /// Who.
        appellant: AccountId,
        /// Its bond.
        bond: Amount,
        /// What all validators weigh, in micro-dollars.
        total: Amount,
        /// Last instant to vote.
        vote_by: Time,
    },
    /// A validator voted on an appeal.
    AppealVoted {
        /// Which job.
        job: JobId,
        /// Who.
        validator: AccountId,
        /// For what.
        answer: Answer,
        /// Its weight, in micro-dollars.
        weight: Amount,
        /// What all votes for the same weigh.
        tally: Amount,
        /// Two thirds of this decide.
        of: Amount,
    },
    /// An appeal was decided.
    AppealDecided {
        /// Which job.
        job: JobId,
        /// Whether what the replicas agreed on stands.
        upheld: bool,
        /// What was found.
        answer: Answer,
    },
    /// An operator said whether it runs replicas.
    ReplicasOffered {
        /// Who.
        operator: AccountId,
        /// Whether it does.
        willing: bool,
    },
}
