//! What the state keeps about programs, jobs and demands.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::jobs::JobKind;
use crate::market::Pricing;
use crate::parameters::ClassId;
use crate::primitives::{
    AccountId, Amount, Bytes, Claim, Content, Hash, Height, Holdings, JobId, Ppm, ProgramId, Time,
};
use crate::transaction::DataKind;

/// A registered program, as the referee prepared it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Program {
    /// Hash of the prepared module.
    pub id: ProgramId,
    /// Who registered it first.
    pub author: AccountId,
    /// The prepared module.
    pub prepared: Bytes,
    /// Most memory it can use, in bytes.
    pub memory_max: u64,
    /// When it was registered.
    pub registered: Time,
}

/// What a requester wants.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct JobSpec {
    /// Program to run.
    pub program: ProgramId,
    /// Address of the input.
    pub input: Content,
    /// Class to run on.
    pub class: ClassId,
    /// Most steps.
    pub steps_max: u64,
    /// Most metered units; the price is the ask times this bound.
    pub meter_max: u64,
    /// Most memory, in bytes.
    pub memory_max: u64,
    /// Milliseconds a provider has from assignment to commitment.
    pub run_ms: u64,
    /// Milliseconds the job waits for a provider, each time it needs one.
    pub wait_ms: u64,
    /// Most it may cost, in micro-dollars; paid into escrow.
    pub price_max: Amount,
    /// What a wrong result could earn somebody else, in micro-dollars; raises the lock.
    pub harm: Amount,
    /// What a wrong result costs the requester, in micro-dollars; raises the lock and is paid from it.
    pub insured: Amount,
    /// How a wrong result is caught.
    #[cfg_attr(feature = "serde", serde(default))]
    pub kind: JobKind,
}

/// Why a job is over. Closed, and the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum EndReason {
    /// The result stood: provider paid.
    Completed,
    /// The requester took it back in time: refunded.
    Cancelled,
    /// No provider within the waiting time: refunded.
    NoProvider,
    /// As many providers failed as the rules allow: refunded.
    AttemptsExhausted,
    /// The program breaks the limits, proven: refunded, nobody punished.
    AuthorFault,
    /// The input was demanded and nobody produced it: refunded, nobody punished.
    InputWithheld,
    // Replicated.
    /// The replicas did not come to a quorum, or too few were found: refunded, nobody punished for what it said.
    NoQuorum,
    /// The validators set the result aside and no replica had another they found right: refunded.
    Overturned,
}

/// Where a job is in its life. Each but `Committed` has a deadline in [`Job::deadline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum JobStatus {
    /// Waits for a provider.
    Open,
    /// The provider runs it and must commit.
    Assigned,
    /// The auditor runs it and must commit.
    Auditing,
    /// The provider must reveal.
    Revealing,
    /// The auditor must reveal.
    AuditRevealing,
    /// Anybody may challenge.
    Window,
    /// Committed; the next block's beacon decides whether it is audited.
    Committed,
    /// Over.
    Ended(EndReason),
    // Replicated.
    /// The replicas run it and must commit.
    Replicating,
    /// The replicas must reveal.
    ReplicasRevealing,
    /// The replicas did not come to a quorum: waits for more.
    Escalating,
    /// A quorum agreed: anybody may appeal.
    Appealable,
    /// The validators vote on the appeal.
    Voting,
}

/// How the lock of an assignment was computed, in micro-dollars unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LockQuote {
    /// Price of the job.
    pub price: Amount,
    /// What a cheat may save: G.
    pub saving: Amount,
    /// Declared harm: B.
    pub harm: Amount,
    /// Declared insured value: I.
    pub insured: Amount,
    /// Audit probability of this assignment: q.
    pub audit_rate: Ppm,
    /// Chance that an audit detects: delta.
    pub detection: Ppm,
    /// Safety factor: m.
    pub margin: Ppm,
    /// `(m (G + B) / (q delta) - p) / (1 - bounty_max)`, rounded up.
    pub honesty: Amount,
    /// What makes the insured value whole after the burned part and the bounty, rounded up.
    pub insurance: Amount,
    /// The larger of the two: what is locked.
    pub required: Amount,
    /// Micro-dollars per whole native token when it was locked.
    pub native_price: Amount,
    /// Haircut on native collateral when it was locked.
    pub native_haircut: Ppm,
    /// Least part of a slash of this lock that is burned, whatever the rules say later.
    pub burn_min: Ppm,
    /// Largest bounty out of a slash of this lock, whatever the rules say later; a cheat may pay it to itself.
    pub bounty_max: Ppm,
}

impl LockQuote {
    /// What a cheat loses, in micro-dollars, with a lock that is worth so much: it may accuse itself from another account
    /// and collect the largest bounty, so that part deters nobody.
    pub fn lost(&self, worth: Amount) -> Amount {
        worth.minus(worth.portion_floor(self.bounty_max))
    }
}

/// What came of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Finding {
    /// Not both revealed yet.
    Pending,
    /// The same claim as the provider's.
    Match,
    /// Another claim: one of the two must be proven wrong in the window.
    Mismatch,
    /// The auditor's claim was proven wrong.
    Refuted,
    /// The auditor did not reveal.
    Silent,
}

/// One audit of one assignment.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Audit {
    /// Who was drawn.
    pub auditor: AccountId,
    /// Height whose beacon drew it.
    pub drawn: Height,
    /// Fee set aside, in stable base units.
    pub fee: Amount,
    /// Lock required, in micro-dollars.
    pub lock: Amount,
    /// Sealed commitment.
    pub commitment: Option<Hash>,
    /// Opened claim.
    pub claim: Option<Claim>,
    /// What came of it.
    pub finding: Finding,
    /// Demands for input that stopped its clock.
    pub input_demands: u32,
}

/// One provider's attempt at a job.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Assignment {
    /// Who runs it.
    pub provider: AccountId,
    /// The provider's standing ask.
    pub ask: Amount,
    /// How the price came about.
    pub pricing: Pricing,
    /// How the lock was computed; holds the price and the audit rate.
    pub quote: LockQuote,
    /// What was locked, by asset.
    pub locked: Holdings,
    /// When it was assigned.
    pub assigned: Time,
    /// Sealed commitment.
    pub commitment: Option<Hash>,
    /// Height and time of the commitment: the draw must come later, and a wrong result dates from here.
    pub committed: Option<(Height, Time)>,
    /// Opened claim.
    pub claim: Option<Claim>,
    /// When the claim was opened.
    pub revealed: Option<Time>,
    /// Demands for input that stopped its clock.
    pub input_demands: u32,
    /// Current audit, if drawn.
    pub audit: Option<Audit>,
    /// Auditors that did not commit.
    pub silent_auditors: Vec<AccountId>,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// Who wants it.
    pub requester: AccountId,
    /// What is wanted.
    pub spec: JobSpec,
    /// When it was submitted.
    pub submitted: Time,
    /// Where it is in its life.
    pub status: JobStatus,
    /// Last instant at which what the status waits for is in time; for an ended job, when it leaves the state.
    pub deadline: Option<Time>,
    /// Number of the timer behind the deadline.
    pub timer: Option<u64>,
    /// Place of arrival among the jobs of its class while open.
    pub queued: Option<u64>,
    /// Last instant at which anybody may demand data, once revealed. The deadline may be later.
    pub window_end: Option<Time>,
    /// Attempts begun; of a replicated job, rounds.
    pub attempts: u32,
    /// Providers that failed.
    pub failed: Vec<AccountId>,
    /// Current or final attempt.
    pub assignment: Option<Assignment>,
    /// When it ended.
    pub ended: Option<Time>,
}

/// A demand for data: open until every page was answered, and kept a while after that.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Demand {
    /// Which data.
    pub data: DataKind,
    /// Its address.
    pub content: Content,
    /// Attempt it belongs to.
    pub attempt: u32,
    /// First page.
    pub first_page: u64,
    /// Which of the pages, counted from the first, are still owed.
    pub owed: Vec<bool>,
    /// Last instant of an answer; of an answered demand, when it leaves the state.
    pub deadline: Time,
    /// Number of the timer behind the deadline.
    pub timer: u64,
    /// When the last page was answered.
    pub answered: Option<Time>,
    /// Blocks whose transactions carry the pages answered, those of the same account's demands before it included.
    pub answers: Vec<Height>,
    /// How many of its account's demands in this attempt, this one included, were made after the window proper.
    pub late: u32,
}

impl Demand {
    /// Whether pages are still owed.
    pub const fn is_open(&self) -> bool {
        self.answered.is_none()
    }
}

/// The sealed commitment of `account` to `claim` in an attempt at a job. Who copies it cannot open it.
pub fn seal(job: JobId, attempt: u32, account: AccountId, salt: Hash, claim: &Claim) -> Hash {
    Hash::of("earnest commitment v1", &(job, attempt, account, salt, claim))
}
