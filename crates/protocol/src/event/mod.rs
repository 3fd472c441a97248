//! The only history there is: everything pages, metrics and statements tell is told from these.
//!
//! Every movement of money is an [`Event::Moved`], so the books can be rebuilt from events alone. The other
//! events carry the facts and the arithmetic behind the movements.

mod parts;
mod rewards;
mod signing;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::books::{Place, Why};
use crate::collateral::Band;
use crate::delegation::{Commission, Raise};
use crate::governance::{Amendment, AmendmentFault, Ballot, Outcome, Tally};
use crate::jobs::{EndReason, Finding, JobSpec, LockQuote};
use crate::market::Pricing;
use crate::parameters::ClassId;
use crate::primitives::{
    AccountId, Amount, AssetId, Claim, DeviceId, Epoch, Hash, Height, Holdings, JobId, Ppm,
    ProgramId, Time,
};
use crate::transaction::{Accused, DataKind, Duties};

pub use parts::{Fault, Ruling, Settlement, Split};
pub use rewards::RewardEvent;
pub use signing::SigningEvent;

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
    // Price and collateral.
    /// From now on the price is what validators report, or what is governed.
    PriceSourceSet {
        /// Whether it is reported.
        reported: bool,
        /// The price it begins with, in micro-dollars per whole token.
        price: Amount,
    },
    /// A slot began: commitments are for it, openings for the one before.
    PriceSlotBegan {
        /// Which slot.
        slot: u64,
        /// How many validators are entitled to it.
        validators: u32,
        /// When it ends.
        until: Time,
    },
    /// A validator committed to a price, sealed.
    PriceCommitted {
        /// For which slot.
        slot: u64,
        /// Who.
        validator: AccountId,
        /// The commitment.
        commitment: Hash,
    },
    /// A validator opened its price.
    PriceRevealed {
        /// For which slot.
        slot: u64,
        /// Who.
        validator: AccountId,
        /// Micro-dollars per whole token.
        price: Amount,
    },
    /// The reports of a slot agree.
    PriceAgreed {
        /// Which slot.
        slot: u64,
        /// Their weighted median.
        median: Amount,
        /// The median, its rise limited.
        price: Amount,
        /// The average of the window.
        average: Amount,
        /// What collateral counts at: the lesser of the two.
        collateral: Amount,
    },
    /// Too little of the reports of a slot was opened.
    PriceNotAgreed {
        /// Which slot.
        slot: u64,
        /// Weight that opened, in micro-dollars.
        opened: Amount,
        /// Weight that was entitled to.
        entitled: Amount,
    },
    /// A report was far from the median.
    ReportMissed {
        /// In which slot.
        slot: u64,
        /// Whose.
        validator: AccountId,
        /// What it said.
        price: Amount,
        /// The median.
        median: Amount,
        /// How far off it might have been.
        tolerance: Amount,
        /// Which of this epoch it is.
        count: u64,
    },
    /// A validator was fined for reporting far off too often.
    ReportFined {
        /// In which slot.
        slot: u64,
        /// Who.
        validator: AccountId,
        /// How the fine of one asset was divided.
        split: Split,
    },
    /// The price has fallen so far that no new locks are taken.
    IntakeHalted {
        /// The price.
        price: Amount,
        /// The high of the window.
        high: Amount,
        /// Until when, if it falls no further.
        until: Time,
    },
    /// An operator's bond covers its open locks better or worse than before. Leaving green is a margin call.
    BandChanged {
        /// Whose.
        operator: AccountId,
        /// The band it was in.
        before: Band,
        /// The band it is in.
        band: Band,
        /// Sum of its open locks in micro-dollars.
        owed: Amount,
        /// Its bond at the collateral price.
        worth: Amount,
        /// Its bond at the collateral price after the haircut.
        lockable: Amount,
        /// Last instant of the margin call's grace, if it is called.
        grace_until: Option<Time>,
    },
    /// An attempt's lock has lost so much that its audit draw must make up for it.
    AuditRaised {
        /// Which job.
        job: JobId,
        /// Attempt.
        attempt: u32,
        /// The rate of the quote.
        quoted: Ppm,
        /// The rate of the draw.
        rate: Ppm,
        /// What the lock is worth, in micro-dollars.
        worth: Amount,
    },

    // Governance.
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

    // Delegation.
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
    /// Emission, and who earns it.
    #[cfg_attr(feature = "serde", serde(untagged))]
    Reward(RewardEvent),
    /// Proven double signers.
    #[cfg_attr(feature = "serde", serde(untagged))]
    Signing(SigningEvent),
}

impl From<RewardEvent> for Event {
    fn from(event: RewardEvent) -> Self {
        Self::Reward(event)
    }
}

impl From<SigningEvent> for Event {
    fn from(event: SigningEvent) -> Self {
        Self::Signing(event)
    }
}
