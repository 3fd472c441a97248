//! The closed list of things an account can do.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::delegation::Commission;
use crate::governance::{Amendment, Ballot};
use crate::jobs::{Answer, JobSpec};
use crate::leases::{LeaseReceipt, LeaseSpec};
use crate::parameters::ClassId;
use crate::primitives::{
    AccountId, Amount, AssetId, Bytes, Claim, Content, DeviceId, Epoch, Hash, Height, JobId,
};

/// What an operator has registered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Duties {
    /// Runs jobs.
    pub provider: bool,
    /// May be drawn as auditor (and, where there are many, may hold seats on the ledger).
    pub validator: bool,
}

/// Which data of a job is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum DataKind {
    /// The job's input: demanded by its provider or auditor while they need it.
    Input,
    /// The revealed output.
    Output,
    /// The revealed trace.
    Trace,
}

/// Whose claim a challenge is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Accused {
    /// The provider's.
    Provider,
    /// The auditor's, when it differs from the provider's.
    Auditor,
}

/// One page of demanded data with its Merkle path.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PageProof {
    /// Index of the page in its content.
    pub index: u64,
    /// The page's bytes, without the padding of the last page.
    pub bytes: Bytes,
    /// Siblings from leaf to root.
    pub path: Vec<Hash>,
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum Action {
    /// Sends an amount to another account.
    Transfer {
        /// Receiver.
        to: AccountId,
        /// Asset sent.
        asset: AssetId,
        /// Base units sent.
        amount: Amount,
    },
    /// The issuer creates units of its asset.
    Mint {
        /// Asset minted.
        asset: AssetId,
        /// Receiver.
        to: AccountId,
        /// Base units minted.
        amount: Amount,
    },
    /// The issuer destroys units of its asset that it holds itself.
    Burn {
        /// Asset burned.
        asset: AssetId,
        /// Base units burned.
        amount: Amount,
    },
    /// The sender becomes an operator, its own owner, with these duties. A validator needs its bond first, so it
    /// registers as a provider or with no duty, bonds, and then sets its duties.
    RegisterOperator {
        /// What it registers for; may be none at first.
        duties: Duties,
    },
    /// Changes what the sending operator is registered for.
    SetDuties {
        /// The new duties.
        duties: Duties,
    },
    /// The sender, who owns an operator, names an account that may become its owner: the cold key its money returns to.
    NominateOwner {
        /// The operator; at first its own owner.
        operator: AccountId,
        /// The account named.
        owner: AccountId,
    },
    /// The sender becomes owner of the operator that named it.
    AcceptOwnership {
        /// That operator.
        operator: AccountId,
    },
    /// Adds to an operator's self-bond. Only the operator or its owner may.
    Bond {
        /// Whose bond.
        operator: AccountId,
        /// Asset bonded.
        asset: AssetId,
        /// Base units bonded.
        amount: Amount,
    },
    /// Begins to take free self-bond out; it returns to the owner after the unbonding time. Only the owner may.
    Unbond {
        /// Whose bond.
        operator: AccountId,
        /// Asset unbonded.
        asset: AssetId,
        /// Base units unbonded.
        amount: Amount,
    },
    /// Puts a leaving bond back. Only the owner may.
    CancelExit {
        /// Whose bond.
        operator: AccountId,
        /// Which exit.
        exit: u64,
    },
    /// Sets the sending provider's standing offer in a class, from the next block on. No units: withdraws it.
    SetOffer {
        /// Resource class.
        class: ClassId,
        /// Jobs it will run at once.
        units: u32,
        /// Price in micro-dollars per 10^9 metered units of a job's bound.
        ask: Amount,
    },
    /// Leaves jail once its time is over.
    Unjail,
    /// Registers a program by its source module. The referee prepares it; jobs name the prepared one.
    RegisterProgram {
        /// The module as its author built it.
        source: Bytes,
    },
    /// Submits a job and pays its maximum price into escrow.
    SubmitJob {
        /// What is wanted.
        spec: JobSpec,
    },
    /// The requester takes back a job that no provider has been assigned.
    CancelJob {
        /// Which job.
        job: JobId,
    },
    /// The provider commits to its result, sealed.
    CommitResult {
        /// Which job.
        job: JobId,
        /// Hash of claim, salt, job, attempt and account: see `jobs::seal`.
        commitment: Hash,
    },
    /// The provider opens its commitment, after the audit draw and, if one was drawn, after the auditor committed.
    RevealResult {
        /// Which job.
        job: JobId,
        /// What was committed to.
        claim: Claim,
        /// Salt of the commitment.
        salt: Hash,
    },
    /// The auditor commits to its own result, sealed and without having seen the provider's.
    CommitAudit {
        /// Which job.
        job: JobId,
        /// As for the provider.
        commitment: Hash,
    },
    /// The auditor opens its commitment.
    RevealAudit {
        /// Which job.
        job: JobId,
        /// What was committed to.
        claim: Claim,
        /// Salt of the commitment.
        salt: Hash,
    },
    /// Accuses a revealed claim of being wrong, with evidence that is judged at once.
    Challenge {
        /// Which job.
        job: JobId,
        /// Whose claim.
        accused: Accused,
        /// Evidence in the referee's encoding.
        evidence: Bytes,
    },
    /// Demands pages that the sender was refused elsewhere, against a bond.
    DemandData {
        /// Which job.
        job: JobId,
        /// Which data.
        data: DataKind,
        /// First page.
        first_page: u64,
        /// How many pages.
        pages: u32,
    },
    /// Answers a demand, wholly or in part. Anybody may; whoever completes it earns the bond.
    AnswerDemand {
        /// Which job.
        job: JobId,
        /// Whose demand.
        demander: AccountId,
        /// The pages.
        pages: Vec<PageProof>,
    },
    /// Locks native tokens of the sender as access stake: turns in proportion, and credit against the protocol's take.
    LockAccess {
        /// Base units locked.
        amount: Amount,
    },
    /// Begins to take access stake out; it returns after its unbonding time.
    UnlockAccess {
        /// Base units unlocked.
        amount: Amount,
    },
    /// The sending provider takes a job that no standing ask takes, at the price it is offered at.
    TakeJob {
        /// Which job.
        job: JobId,
    },
    // Capacity and uptime.
    /// The sending provider says that it has a device. From now on it is drawn for uptime, and from the next round on
    /// the device is challenged.
    RegisterDevice {
        /// Its public key, or the root of what it stores.
        device: DeviceId,
        /// Resource class.
        class: ClassId,
        /// Units it claims to be.
        units: u32,
    },
    /// The sending operator no longer has a device.
    RetireDevice {
        /// Which.
        device: DeviceId,
    },
    /// The sending operator, drawn by the beacon, is there. The transaction's signature is the proof: it covers the
    /// challenge, and the challenge the beacon and the operator's devices.
    AnswerUptime {
        /// The challenge of the open draw.
        challenge: Hash,
    },
    /// The sending operator is away from the next block on, for time that it earned by being there.
    DeclareMaintenance {
        /// How long.
        duration_ms: u64,
    },
    /// Answers a capacity challenge for one device of the sending operator. The first answer counts. Of a transfer:
    /// has validators drawn to measure it; the answer is empty then.
    AnswerCapacity {
        /// Which device.
        device: DeviceId,
        /// The answer in the referee's encoding.
        answer: Bytes,
    },
    /// The sending validator, drawn to measure a transfer, says how many units it measured.
    ReportTransfer {
        /// Whose device.
        operator: AccountId,
        /// Which device.
        device: DeviceId,
        /// Units measured.
        units: u32,
    },
    /// The sending operator shows a receipt that an observer signed for more than it reported.
    RebutTransfer {
        /// Which device.
        device: DeviceId,
        /// Whose receipt.
        observer: AccountId,
        /// Units received.
        units: u32,
        /// The observer's signature: see `capacity::receipt`.
        signature: Bytes,
    },

    // Price and governance.
    /// A validator entitled to the slot under way commits to the native token's price, sealed.
    CommitPrice {
        /// Which slot.
        slot: u64,
        /// Hash of price, salt, slot, chain and account: see `seal_price`.
        commitment: Hash,
    },
    /// A validator opens its commitment of the slot before.
    RevealPrice {
        /// Which slot.
        slot: u64,
        /// Micro-dollars per whole token.
        price: Amount,
        /// Salt of the commitment.
        salt: Hash,
    },
    /// Puts a change of the rules to the vote, against a deposit.
    Propose {
        /// What to change.
        amendment: Amendment,
    },
    /// A validator votes on a proposal, or votes anew.
    Vote {
        /// Which proposal.
        proposal: u64,
        /// How.
        ballot: Ballot,
    },

    // Delegation.
    /// Puts native tokens behind an operator that has opened its pool.
    Delegate {
        /// Behind whom.
        operator: AccountId,
        /// Native base units.
        amount: Amount,
    },
    /// Begins to take shares out of an operator's pool; what they are worth is paid out after the unbonding time.
    Undelegate {
        /// From whose pool.
        operator: AccountId,
        /// How many shares.
        shares: Amount,
    },
    /// Moves shares from one operator's pool to another's at once. They answer to the first one for as long as an
    /// undelegation would, and cannot leave the second one before.
    Redelegate {
        /// From whose pool.
        source: AccountId,
        /// To whose pool.
        operator: AccountId,
        /// How many shares of the first one.
        shares: Amount,
    },
    /// Puts what is left of an undelegation back into its pool.
    CancelUnbonding {
        /// Whose pool.
        operator: AccountId,
        /// Number of the undelegation's bucket.
        bucket: u64,
    },
    /// Pays the sender everything it has earned in an operator's pool.
    ClaimFees {
        /// Whose pool.
        operator: AccountId,
    },
    /// Sets what the sending operator keeps of its delegators' income. The first time it opens its pool.
    SetCommission {
        /// The rates.
        commission: Commission,
    },
    /// Commits everything the sender has with an operator not to leave before a time, for more weight in rewards: a
    /// delegator its shares, the owner the operator's own native bond.
    Commit {
        /// With whom.
        operator: AccountId,
        /// For how long from now.
        duration_ms: u64,
    },
    // Replicated.
    /// A replica commits to its output, sealed.
    CommitReplica {
        /// Which job.
        job: JobId,
        /// See `seal_output`.
        commitment: Hash,
    },
    /// A replica opens its commitment.
    RevealReplica {
        /// Which job.
        job: JobId,
        /// What was committed to.
        output: Content,
        /// Salt of the commitment.
        salt: Hash,
    },
    /// Appeals against what the replicas of a job agreed on, with a bond: all validators vote.
    AppealJob {
        /// Which job.
        job: JobId,
    },
    /// The sending validator says what it found by running a job that was appealed against.
    VoteAppeal {
        /// Which job.
        job: JobId,
        /// What it found.
        answer: Answer,
    },
    /// The sending operator also runs replicas, under its standing asks, or no more. Without it nobody is drawn for what its
    /// machines cannot run.
    RunReplicas {
        /// Whether it does.
        willing: bool,
    },

    // Leases.
    /// Sets what a unit of the sending provider's offer in a class costs per epoch of a lease.
    SetLeaseAsk {
        /// Which class.
        class: ClassId,
        /// Micro-dollars per unit and epoch; `None`: it takes no more leases.
        ask: Option<Amount>,
    },
    /// Asks for a lease and pays the most it may cost into escrow.
    RequestLease {
        /// What is wanted.
        spec: LeaseSpec,
    },
    /// Takes back a lease that has no provider yet.
    CancelLease {
        /// Which lease.
        lease: JobId,
    },
    /// The requester or the provider of a lease leaves: it ends after the epoch under way and those of the notice.
    GiveNotice {
        /// Which lease.
        lease: JobId,
    },
    /// A drawn validator says whether its probe of a lease was answered.
    ReportProbe {
        /// Which lease.
        lease: JobId,
        /// Which probe.
        challenge: Hash,
        /// Whether it was answered.
        answered: bool,
    },
    /// Anybody shows a receipt that an observer signed for a probe, or the requester for an epoch.
    ShowReceipt {
        /// Which lease.
        lease: JobId,
        /// What was signed for: see `probe_receipt` and `acceptance_receipt`.
        receipt: LeaseReceipt,
        /// The signature.
        signature: Bytes,
    },

    // Rewards.
    /// The sending validator is there: its bond counts for one session's part of the epoch's rewards.
    Attend {
        /// The current epoch.
        epoch: Epoch,
        /// Its current session.
        session: u32,
    },
    /// Pays an operator what it has earned in epochs that are closed. Only it or its owner may.
    ClaimRewards {
        /// Whom.
        operator: AccountId,
    },
    /// Proves that an operator signed two conflicting statements for one height.
    ProveDoubleSigning {
        /// Who signed.
        operator: AccountId,
        /// For which height.
        height: Height,
        /// The two statements in the referee's encoding.
        evidence: Bytes,
    },
}
