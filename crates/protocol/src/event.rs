//! The only history there is: everything pages, metrics and statements tell is told from these.
//!
//! Every movement of money is an [`Event::Moved`], so the books can be rebuilt from events alone. The other
//! events carry the facts and the arithmetic behind the movements.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::books::{Place, Why};
use crate::jobs::{EndReason, Finding, JobSpec, LockQuote};
use crate::market::Pricing;
use crate::parameters::ClassId;
use crate::primitives::{
    AccountId, Amount, AssetId, Claim, DeviceId, Epoch, Hash, Height, Holdings, JobId, Ppm,
    ProgramId, Time,
};
use crate::rewards::{RewardShare, RewardSource};
use crate::transaction::{Accused, DataKind, Duties};

/// A fault of an operator, or of whoever challenged falsely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Fault {
    /// A result proven wrong: the whole lock, jail, a conviction.
    WrongResult,
    /// A committed result that was not revealed in time: as a wrong result.
    NotRevealed,
    /// Demanded trace or output that was not produced in time: as a wrong result.
    DataWithheld,
    /// No commitment in time: part of the lock.
    MissedDeadline,
    /// An audit claim proven wrong, unsubstantiated, or agreeing with a wrong result: the whole lock, jail.
    FalseAudit,
    /// An auditor that did not commit or reveal in time: part of the lock, jail.
    SilentAudit,
    /// A challenge the judge dismissed: its bond, and jail for an operator.
    FalseChallenge,
    /// A repeated conviction: the correlated penalty on the rest of the bond.
    Repeated,
    /// A job whose requester made others work for nothing: its input withheld, or its program beyond the limits. Costs
    /// access stake, where there is any.
    Spam,
    // Capacity and uptime.
    /// An epoch outside the promise of uptime after the grace: a little of the bond, jail until it is back.
    Downtime,
    /// Several failed capacity challenges in a row: a tenth of the bond, a long jail.
    MisrepresentedHardware,
    // Validators.
    /// Two conflicting statements signed for one height: a part of the bond that grows with the crowd, and a tombstone.
    DoubleSigning,
}

/// How a slashed amount of one asset was divided. The parts add up to what was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Split {
    /// Which asset.
    pub asset: AssetId,
    /// Taken from the bond.
    pub taken: Amount,
    /// To whoever proved the fault.
    pub bounty: Amount,
    /// To the requester, for its insured value.
    pub victim: Amount,
    /// To the insurance pot.
    pub insurance: Amount,
    /// Burned.
    pub burned: Amount,
}

/// What a settled job paid to whom, in stable base units. The four shares and the credit add up to the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Settlement {
    /// Price of the job.
    pub price: Amount,
    /// To the provider.
    pub provider: Amount,
    /// To the audit pot.
    pub audit: Amount,
    /// To the insurance pot.
    pub insurance: Amount,
    /// To the treasury, with the remainder of the division, less the credit.
    pub take: Amount,
    /// Of the take, what the requester's credit pays: returned to it.
    pub credit: Amount,
    /// Back to the requester: the maximum price less the price.
    pub unspent: Amount,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum Event {
    /// Money moved.
    Moved {
        /// Where from.
        from: Place,
        /// Where to.
        to: Place,
        /// Which asset.
        asset: AssetId,
        /// How many base units.
        amount: Amount,
        /// Why.
        why: Why,
        /// For which job, if any.
        job: Option<JobId>,
    },
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
        spec: JobSpec,
        /// Last instant it waits for a provider.
        wait_until: Time,
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
        quote: LockQuote,
        /// What was locked, by asset.
        locked: Holdings,
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
    /// A challenge was judged.
    Challenged {
        /// Which job.
        job: JobId,
        /// By whom.
        challenger: AccountId,
        /// Whose claim.
        accused: Accused,
        /// The account accused.
        operator: AccountId,
        /// Size of the evidence.
        evidence_bytes: u64,
        /// What the judge found.
        verdict: Ruling,
        /// Metered units it took.
        units: u64,
    },
    /// Data was demanded.
    DataDemanded {
        /// Which job.
        job: JobId,
        /// By whom.
        demander: AccountId,
        /// Which data.
        data: DataKind,
        /// First page.
        first_page: u64,
        /// How many pages.
        pages: u32,
        /// Bond in stable base units.
        bond: Amount,
        /// Last instant of an answer.
        answer_by: Time,
    },
    /// A demand was answered, wholly or in part.
    DataAnswered {
        /// Which job.
        job: JobId,
        /// Whose demand.
        demander: AccountId,
        /// By whom.
        answerer: AccountId,
        /// Pages in this answer.
        pages: u32,
        /// Pages still owed.
        owed: u32,
    },
    /// A demand's time ran out.
    DemandExpired {
        /// Which job.
        job: JobId,
        /// Whose demand.
        demander: AccountId,
        /// Which data.
        data: DataKind,
        /// Whether it still mattered to the attempt it belongs to.
        counted: bool,
    },
    /// Whoever ran a job was late, but was answered as often as it may demand an input that has more pages than that.
    Excused {
        /// Which job.
        job: JobId,
        /// The provider or the auditor.
        account: AccountId,
    },
    /// Somebody was found at fault.
    Faulted {
        /// Who.
        account: AccountId,
        /// Which fault.
        fault: Fault,
        /// In which job.
        job: JobId,
        /// Who proved it and earns the bounty, if anybody.
        accuser: Option<AccountId>,
    },
    /// Part of a bond was taken. The movements follow or precede as events of their own.
    Slashed {
        /// Whose.
        operator: AccountId,
        /// For what.
        fault: Fault,
        /// In which job.
        job: JobId,
        /// From which place.
        from: Place,
        /// How it was divided.
        split: Split,
    },
    /// The arithmetic of a correlated penalty.
    Correlated {
        /// Whose.
        operator: AccountId,
        /// Stake of the window's offenders in micro-dollars, this one included.
        offending: Amount,
        /// Stake of all operators in micro-dollars.
        total: Amount,
        /// The part of the bond taken.
        rate: Ppm,
    },
    /// An operator may take on no work for a while.
    Jailed {
        /// Who.
        operator: AccountId,
        /// For what.
        fault: Fault,
        /// When it may leave.
        until: Time,
    },
    /// An operator may never take on work again.
    Tombstoned {
        /// Who.
        operator: AccountId,
        /// How many convictions.
        convictions: u32,
    },
    /// An operator left jail.
    Unjailed {
        /// Who.
        operator: AccountId,
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
    /// An epoch began.
    EpochBegan {
        /// Which.
        epoch: Epoch,
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
    /// Access stake began to leave.
    AccessExitBegan {
        /// Whose.
        account: AccountId,
        /// Number of the exit.
        exit: u64,
        /// Native base units.
        amount: Amount,
        /// When it is free.
        release: Time,
    },
    /// Access stake was burned for a fault in using the network.
    AccessSlashed {
        /// Whose.
        account: AccountId,
        /// For what.
        fault: Fault,
        /// In which job.
        job: JobId,
        /// Native base units.
        burned: Amount,
    },
    // Capacity and uptime.
    /// An operator says that it has a device.
    DeviceRegistered {
        /// Whose.
        operator: AccountId,
        /// Which.
        device: DeviceId,
        /// Resource class.
        class: ClassId,
        /// Units claimed.
        units: u32,
    },
    /// An operator no longer has a device.
    DeviceRetired {
        /// Whose.
        operator: AccountId,
        /// Which.
        device: DeviceId,
    },
    /// The beacon drew an operator: is it there?
    UptimeDrawn {
        /// Who.
        operator: AccountId,
        /// What to answer.
        challenge: Hash,
        /// Last instant.
        answer_by: Time,
    },
    /// It is.
    UptimeAnswered {
        /// Who.
        operator: AccountId,
        /// Which draw.
        challenge: Hash,
    },
    /// No answer came in time.
    UptimeMissed {
        /// Who.
        operator: AccountId,
        /// Which draw.
        challenge: Hash,
    },
    /// An epoch of an operator's uptime record was closed.
    UptimeClosed {
        /// Whose.
        operator: AccountId,
        /// Which epoch.
        epoch: Epoch,
        /// Draws that counted.
        drawn: u32,
        /// Draws answered.
        answered: u32,
        /// Whether the promise was broken.
        down: bool,
        /// Whether that costs part of the bond.
        penalised: bool,
        /// Maintenance credit from now on.
        credit_ms: u64,
    },
    /// An operator is away for time that it earned.
    MaintenanceDeclared {
        /// Who.
        operator: AccountId,
        /// After which instant.
        from: Time,
        /// Last instant.
        until: Time,
        /// Credit left.
        credit_ms: u64,
    },
    /// All devices of a class are challenged at once.
    RoundOpened {
        /// Which class.
        class: ClassId,
        /// The epoch the round belongs to.
        epoch: Epoch,
        /// Where every device's challenge comes from.
        seed: Hash,
        /// Last instant to answer.
        answer_by: Time,
    },
    /// An answer to a capacity challenge was checked.
    CapacityAnswered {
        /// Whose.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// The round's epoch.
        epoch: Epoch,
        /// Whether it is right.
        passed: bool,
    },
    /// Validators were drawn to measure a device's transfer.
    MeasurementBegan {
        /// Whose.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// By whom.
        observers: Vec<AccountId>,
        /// Last instant to report.
        report_by: Time,
    },
    /// A validator reported what it measured.
    TransferReported {
        /// Whose device.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// Who measured.
        observer: AccountId,
        /// Units measured.
        units: u32,
    },
    /// A validator's own receipt says more than its report, or there was no report.
    TransferRebutted {
        /// Whose device.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// Whose receipt.
        observer: AccountId,
        /// Units reported, if any.
        reported: Option<u32>,
        /// Units of the receipt, which now count.
        units: u32,
    },
    /// A round's result for one operator.
    CapacitySettled {
        /// Whose.
        operator: AccountId,
        /// In which class.
        class: ClassId,
        /// The round's epoch.
        epoch: Epoch,
        /// Units proven.
        proven: u32,
        /// Rounds failed in a row.
        failures: u32,
    },
    /// Part of a bond was taken for a fault outside any job.
    BondSlashed {
        /// Whose.
        operator: AccountId,
        /// For what.
        fault: Fault,
        /// From which place.
        from: Place,
        /// How it was divided.
        split: Split,
    },
    // Rewards.
    /// What an epoch may mint was set, in native base units. The parts add up to the emission.
    EmissionBegan {
        /// Which epoch.
        epoch: Epoch,
        /// Its emission: what the schedule says, as far as the supply cap reaches.
        emission: Amount,
        /// Most that proven capacity earns.
        capacity: Amount,
        /// Most that validators earn, beside fees.
        validation: Amount,
        /// Most that work earns.
        work: Amount,
        /// To the insurance pot, at once.
        insurance: Amount,
    },
    /// What a round proved counts for its epoch's reward: bond value of the units x uptime x accuracy.
    CapacityCounted {
        /// Whose.
        operator: AccountId,
        /// Which epoch.
        epoch: Epoch,
        /// In which class.
        class: ClassId,
        /// Units proven.
        units: u32,
        /// Factor of uptime.
        uptime: Ppm,
        /// Accuracy.
        accuracy: Ppm,
        /// What was added to the operator's weight, in micro-dollars.
        weight: Amount,
    },
    /// A settled job counts for its provider's reward.
    WorkCounted {
        /// Whose.
        operator: AccountId,
        /// Which epoch.
        epoch: Epoch,
        /// Which job.
        job: JobId,
        /// Take that was paid, in micro-dollars.
        take: Amount,
        /// Accuracy.
        accuracy: Ppm,
        /// Take by accuracy of all its jobs of the epoch, in micro-dollars.
        worked: Amount,
        /// Most of it that its bond carries.
        most: Amount,
        /// The smaller of the two: its weight.
        weight: Amount,
    },
    /// A validator was there.
    Attended {
        /// Who.
        operator: AccountId,
        /// In which epoch.
        epoch: Epoch,
        /// In which session of it.
        session: u32,
        /// Its bond, added to its weight, in micro-dollars.
        weight: Amount,
    },
    /// An epoch's rewards were fixed, in native base units.
    RewardsClosed {
        /// Which epoch.
        epoch: Epoch,
        /// Of proven capacity.
        capacity: RewardShare,
        /// Of validators, fees included.
        validation: RewardShare,
        /// Of work.
        work: RewardShare,
        /// The epoch's transaction fees.
        fees: Amount,
        /// Minted for it: the rest of the emission never is.
        minted: Amount,
    },
    /// An operator was paid `floor(payable * weight / total)`.
    RewardEarned {
        /// Who.
        operator: AccountId,
        /// For which epoch.
        epoch: Epoch,
        /// What for.
        source: RewardSource,
        /// Its weight.
        weight: Amount,
        /// Sum of all weights.
        total: Amount,
        /// What was divided.
        payable: Amount,
        /// Its part.
        amount: Amount,
    },
    /// An operator lost what it had earned in an epoch that was still open.
    RewardForfeited {
        /// Who.
        operator: AccountId,
        /// In which epoch.
        epoch: Epoch,
    },
    // Double signing.
    /// An operator was proven to have signed twice.
    DoubleSigned {
        /// Who.
        operator: AccountId,
        /// Where.
        height: Height,
        /// Who proved it and earns the bounty.
        accuser: AccountId,
        /// Stake of the window's double signers in micro-dollars, this one included.
        offending: Amount,
        /// Stake of all operators in micro-dollars.
        total: Amount,
        /// The part of the bond taken.
        rate: Ppm,
        /// When it is reckoned again; until then the bond is frozen.
        until: Time,
    },
    /// A double signer's window is over: it owes what the rate is above what it paid.
    DoubleSigningReckoned {
        /// Who.
        operator: AccountId,
        /// Stake of the window's double signers in micro-dollars.
        offending: Amount,
        /// Stake of all operators in micro-dollars.
        total: Amount,
        /// The part of the bond owed altogether.
        rate: Ppm,
        /// The part it has paid.
        paid: Ppm,
    },
}

/// A verdict as history keeps it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Ruling {
    /// The claim is proven wrong.
    Guilty,
    /// The program breaks the limits.
    AuthorFault,
    /// The evidence proves nothing, for the stated reason.
    Dismissed(String),
}
