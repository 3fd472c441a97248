//! Programs and jobs, from submission to the end.

use borsh::{BorshDeserialize, BorshSerialize};

use super::parts::Settlement;
use crate::jobs::{EndReason, Finding, JobSpec, LockQuote};
use crate::market::Pricing;
use crate::parameters::ClassId;
use crate::primitives::{
    AccountId, Amount, Claim, Hash, Height, Holdings, JobId, Ppm, ProgramId, Time,
};

/// Programs and jobs, from submission to the end.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum JobEvent {
    /// A program can now be named by jobs.
    ProgramRegistered {
        /// Its name.
        program: ProgramId,
        /// By whom.
        author: AccountId,
        /// Size of the prepared module in bytes.
        bytes: u64,
    },
    /// A job was submitted and its maximum price paid into escrow.
    JobSubmitted {
        /// Which.
        job: JobId,
        /// By whom.
        requester: AccountId,
        /// What is wanted.
        spec: Box<JobSpec>,
        /// Last instant it waits for a provider.
        wait_until: Time,
    },
    /// Jobs of a class met asks.
    ClassCleared {
        /// Which class.
        class: ClassId,
        /// How many jobs found a provider.
        jobs: u64,
        /// The first rejected ask per quality, in micro-dollars per 10^9 metered units; `None` if every ask that could
        /// take the first job got one.
        rejected: Option<Amount>,
    },
    /// No standing ask takes a job: it is offered to whoever takes it first, at a price that rises until it has waited
    /// long enough.
    JobOffered {
        /// Which.
        job: JobId,
        /// Price now, in micro-dollars.
        price: Amount,
        /// Price in the end.
        price_max: Amount,
        /// When that is.
        until: Time,
    },
    /// A provider was assigned and its bond locked.
    JobAssigned {
        /// Which job.
        job: JobId,
        /// Attempt, counted from one.
        attempt: u32,
        /// Who runs it.
        provider: AccountId,
        /// The provider's standing ask.
        ask: Amount,
        /// How the price came about.
        pricing: Pricing,
        /// How price and lock were computed.
        quote: Box<LockQuote>,
        /// What was locked, by asset.
        locked: Box<Holdings>,
        /// Last instant to commit.
        commit_by: Time,
    },
    /// A provider committed, sealed.
    ResultCommitted {
        /// Which job.
        job: JobId,
        /// Attempt.
        attempt: u32,
        /// Who.
        provider: AccountId,
        /// The commitment.
        commitment: Hash,
        /// At which height; the draw comes later.
        height: Height,
    },
    /// The beacon decided whether a committed result is audited: drawn if `ticket * 10^6 < rate * 2^32`.
    AuditDecided {
        /// Which job.
        job: JobId,
        /// Attempt.
        attempt: u32,
        /// Audit probability.
        rate: Ppm,
        /// The beacon's number for this attempt.
        ticket: u32,
        /// Whether it is audited.
        drawn: bool,
    },
    /// An auditor was drawn by stake and its bond locked.
    AuditorDrawn {
        /// Which job.
        job: JobId,
        /// Who.
        auditor: AccountId,
        /// Fee set aside, in stable base units.
        fee: Amount,
        /// Lock in micro-dollars.
        lock: Amount,
        /// What was locked, by asset.
        locked: Holdings,
        /// Last instant to commit.
        commit_by: Time,
    },
    /// A draw met no eligible auditor; the job goes on without an audit, open to challenge as ever.
    AuditorMissing {
        /// Which job.
        job: JobId,
        /// How many draws were tried.
        tries: u32,
    },
    /// An auditor committed, sealed.
    AuditCommitted {
        /// Which job.
        job: JobId,
        /// Who.
        auditor: AccountId,
        /// The commitment.
        commitment: Hash,
    },
    /// The provider must reveal.
    RevealDue {
        /// Which job.
        job: JobId,
        /// Last instant.
        reveal_by: Time,
    },
    /// The provider opened its commitment.
    ResultRevealed {
        /// Which job.
        job: JobId,
        /// Attempt.
        attempt: u32,
        /// Who.
        provider: AccountId,
        /// The result.
        claim: Claim,
        /// If the job is audited: last instant for the auditor to reveal.
        audit_reveal_by: Option<Time>,
    },
    /// The auditor opened its commitment.
    AuditRevealed {
        /// Which job.
        job: JobId,
        /// Who.
        auditor: AccountId,
        /// Its result.
        claim: Claim,
        /// Whether they agree.
        finding: Finding,
    },
    /// Anybody may challenge the result.
    WindowOpened {
        /// Which job.
        job: JobId,
        /// Last instant.
        until: Time,
    },
    /// Whoever ran a job was late, but was answered as often as it may demand an input that has more pages than that; or so
    /// many replicas were late that the input may have been withheld.
    Excused {
        /// Which job.
        job: JobId,
        /// The provider, the auditor or the replica.
        account: AccountId,
    },
    /// A provider failed; the job waits for another one with its escrow whole.
    JobReopened {
        /// Which job.
        job: JobId,
        /// Who failed and is excluded.
        provider: AccountId,
        /// Attempts so far.
        attempts: u32,
        /// What is in escrow, whole.
        escrow: Amount,
        /// Last instant it waits.
        wait_until: Time,
    },
    /// A job's price was paid.
    Settled {
        /// Which job.
        job: JobId,
        /// To which provider.
        provider: AccountId,
        /// The arithmetic.
        settlement: Settlement,
    },
    /// A job is over.
    JobEnded {
        /// Which job.
        job: JobId,
        /// Why.
        reason: EndReason,
        /// When it leaves the state.
        retire_at: Time,
    },
    /// An ended job left the state.
    JobRetired {
        /// Which job.
        job: JobId,
    },
}
