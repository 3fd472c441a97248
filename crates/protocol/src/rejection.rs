//! Why a transaction is refused. Closed; codes are stable for ever; texts say what, why and what to do.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::governance::AmendmentFault;
use crate::jobs::JobStatus;
use crate::leases::LeaseStatus;
use crate::parameters::ClassId;
use crate::primitives::{
    AccountId, Amount, AssetId, ChainId, DeviceId, Epoch, Hash, Height, JobId, Nonce, Ppm,
    ProgramId, Time,
};

/// A bound of a job or an offer, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Bound {
    /// Steps of a job.
    Steps,
    /// Metered units of a job.
    Meter,
    /// Memory of a job in bytes.
    Memory,
    /// Input of a job in bytes.
    Input,
    /// Milliseconds to run a job.
    Run,
    /// Milliseconds a job waits for a provider.
    Wait,
    /// Maximum price of a job in micro-dollars.
    Price,
    /// Harm of a job in micro-dollars.
    Harm,
    /// Insured value of a job in micro-dollars.
    Insured,
    /// Units of an offer.
    Units,
    /// Ask of an offer.
    Ask,
    /// Pages of a demand.
    Pages,
    // Capacity.
    /// Milliseconds of maintenance.
    Maintenance,
    // Replicated.
    /// Replicas of a job.
    Replicas,
    // Leases.
    /// Epochs of a lease.
    Epochs,
}

macro_rules! rejections {
    ($($code:literal $(#[doc = $doc:literal])* $name:ident $({ $($field:ident: $type:ty),* $(,)? })?, $what:literal, $advice:literal;)*) => {
        /// Why a transaction is refused. The text says what is wrong with the arithmetic in it;
        /// [`Rejection::advice`] says what to do.
        #[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(tag = "reason", rename_all = "snake_case"))]
        #[allow(missing_docs, reason = "fields are named in the texts beside them")]
        pub enum Rejection {
            $($(#[doc = $doc])* #[error($what)] $name $({ $($field: $type),* })?,)*
        }

        impl Rejection {
            /// Every code with the name of its reason, in order.
            pub const CODES: &'static [(u16, &'static str)] = &[$(($code, stringify!($name)),)*];

            /// The stable numeric code.
            pub const fn code(&self) -> u16 {
                match self { $(Self::$name $({ $($field: _),* })? => $code,)* }
            }

            /// What the sender can do about it.
            pub const fn advice(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),* })? => $advice,)* }
            }
        }
    };
}

rejections! {
    // Admission: nothing is charged and the nonce does not move.
    100 /** Meant for another chain. */ WrongChain { expected: ChainId, found: ChainId },
        "signed for chain {found}, this is chain {expected}", "sign again for this chain";
    101 /** The signature does not verify. */ BadSignature,
        "the signature does not belong to sender and content", "sign with the sender's key";
    102 /** Too late. */ Expired { expiry: Height, height: Height },
        "expired at height {expiry}, this is height {height}", "sign again with a later expiry";
    103 /** Expires too far ahead. */ ExpiryTooFar { expiry: Height, latest: Height },
        "expires at height {expiry}, at most {latest} is allowed now", "sign again with an earlier expiry";
    104 /** Replayed or out of order. */ BadNonce { expected: Nonce, found: Nonce },
        "nonce is {found}, the sender's next is {expected}", "sign again with the next nonce";
    105 /** Too many bytes. */ TransactionTooLarge { bytes: u64, limit: u64 },
        "transaction has {bytes} bytes, at most {limit} are allowed", "send less in one transaction";
    106 /** The sender cannot pay the fee. */ CannotPayFee { fee: Amount, available: Amount },
        "the fee is {fee} native base units, the sender has {available}", "get native tokens for the fee first";

    // Money.
    200 /** Nothing to move. */ ZeroAmount,
        "the amount is zero", "name an amount above zero";
    201 /** More than can exist. */ AmountTooLarge { amount: Amount, limit: Amount },
        "{amount} is more than the {limit} units an asset can ever have", "name a smaller amount";
    202 /** More than is there. */ InsufficientBalance { asset: AssetId, needed: Amount, available: Amount },
        "this needs {needed} base units of {asset}, the account has {available}", "add the difference or ask for less";
    203 /** No such asset. */ UnknownAsset { asset: AssetId },
        "{asset} is not registered", "use a registered asset";
    204 /** Only the issuer mints and burns. */ NotIssuer { asset: AssetId },
        "the sender is not the issuer of {asset}", "only the issuer may mint or burn";
    205 /** Minting past the supply limit. */ SupplyLimit { asset: AssetId, minted: Amount, limit: Amount },
        "{minted} base units of {asset} were minted, the limit is {limit}", "mint less";

    // Operators and bonds.
    300 /** No such operator. */ NotAnOperator { account: AccountId },
        "{account} is not an operator", "register it as an operator first";
    301 /** Registered already. */ AlreadyAnOperator { account: AccountId },
        "{account} is an operator already", "change its duties instead";
    302 /** Not the owner. */ NotOwner { operator: AccountId, owner: AccountId },
        "operator {operator} belongs to {owner}", "sign with the owner's key";
    303 /** Not named. */ NotNominated { operator: AccountId },
        "the owner of operator {operator} has not named the sender", "let the owner nominate this account first";
    304 /** Too little bond for the duty. */ BondBelowMinimum { required: Amount, value: Amount },
        "this needs a bond worth {required} micro-dollars, the bond is worth {value}", "add to the bond first";
    305 /** More than is free. */ InsufficientBond { asset: AssetId, needed: Amount, free: Amount },
        "{needed} base units of {asset} are asked, {free} of the bond are free", "wait for locks to open or ask for less";
    306 /** The duties need it. */ BondNeeded { required: Amount, left: Amount },
        "duties and offers need a bond worth {required} micro-dollars, {left} would be left", "withdraw offers or duties first, or unbond less";
    307 /** Too many exits. */ TooManyExits { limit: u32 },
        "{limit} exits are open already", "wait for one to be released";
    308 /** No such exit. */ UnknownExit { exit: u64 },
        "there is no exit {exit} of this operator", "look up the open exits";
    309 /** May not work. */ InJail { until: Time },
        "the operator is in jail until time {until}", "send Unjail after that time";
    310 /** Not in jail. */ NotJailed,
        "the operator is not in jail", "nothing to do";
    311 /** Never again. */ IsTombstoned,
        "the operator is tombstoned", "this operator can only unbond";
    312 /** Not a provider. */ NotProvider,
        "the operator is not registered as a provider", "set its duties first";
    313 /** Too many validators. */ TooManyValidators { limit: u32 },
        "there are {limit} validators already", "wait for one to leave";
    314 /** No such class. */ UnknownClass { class: ClassId },
        "resource class {class} does not exist", "use a class of the registry";
    315 /** Busy with work. */ DutyOpen { busy: u32 },
        "{busy} units are running jobs", "wait for the jobs to end";
    316 /** Not accepted as a bond. */ NotCollateral { asset: AssetId },
        "{asset} cannot be bonded", "bond the native or the stable asset";

    // Programs.
    400 /** Too many bytes. */ ProgramTooLarge { bytes: u64, limit: u64 },
        "the module has {bytes} bytes, at most {limit} are allowed", "build a smaller module";
    401 /** The referee refuses it. */ ProgramRefused { why: String },
        "the module is refused: {why}", "change the module and build it again";
    402 /** Registered already. */ ProgramExists { program: ProgramId },
        "program {program} is registered already", "name it in jobs as it is";
    403 /** No such program. */ UnknownProgram { program: ProgramId },
        "program {program} is not registered", "register it first";

    // Jobs.
    500 /** No such job. */ UnknownJob { job: JobId },
        "job {job} does not exist or has been retired", "check the name; old jobs live on in events";
    501 /** A value out of its bounds. */ OutOfBounds { bound: Bound, value: Amount, minimum: Amount, maximum: Amount },
        "{bound:?} is {value}, it must be between {minimum} and {maximum}", "choose a value within the bounds";
    502 /** The program may use more memory. */ MemoryBelowProgram { memory: u64, needed: u64 },
        "the job allows {memory} bytes of memory, the program may use {needed}", "allow the memory the program declares";
    503 /** Not the requester. */ NotRequester { requester: AccountId },
        "the job belongs to {requester}", "sign with the requester's key";
    504 /** Not the provider. */ NotAssigned { job: JobId },
        "the sender is not the provider assigned to job {job}", "only its provider may do this";
    505 /** Not the auditor. */ NotAuditor { job: JobId },
        "the sender is not the auditor drawn for job {job}", "only its auditor may do this";
    506 /** Not at this stage. */ WrongStage { status: JobStatus },
        "the job is {status:?}", "wait for the stage in which this is possible, if it is still to come";
    507 /** Too late. */ DeadlinePassed { deadline: Time, now: Time },
        "the deadline was {deadline}, it is {now}", "nothing: the time for this is over";
    508 /** The opening does not fit. */ CommitmentMismatch,
        "claim and salt do not open the commitment", "reveal exactly what was committed";
    509 /** Not a possible result of this job. */ ImpossibleClaim { steps: u64, steps_max: u64, meter: u64, meter_max: u64 },
        "the claim has {steps} steps of {steps_max} and {meter} metered units of {meter_max}", "reveal a claim within the job's bounds";

    // Challenges and demands.
    600 /** Too many bytes. */ EvidenceTooLarge { bytes: u64, limit: u64 },
        "the evidence has {bytes} bytes, at most {limit} are allowed", "prove another step, or a smaller kind";
    601 /** This block has judged enough. */ JudgeBusy { used: u64, limit: u64 },
        "this block has judged {used} of {limit} units", "send it again in the next block";
    602 /** No such claim in dispute. */ NothingToAccuse,
        "there is no differing auditor's claim to accuse", "accuse the provider's claim";
    603 /** One at a time. */ DemandOpen,
        "the sender has an open demand for this job already", "wait for its answer";
    604 /** No such pages. */ NoSuchPages { first: u64, pages: u64, available: u64 },
        "pages {first} to {first} + {pages} of {available} are asked", "ask for pages that exist";
    605 /** No such demand. */ UnknownDemand,
        "there is no such demand, or it was answered", "look up the open demands of the job";
    606 /** A page nobody demands. */ PageNotDemanded { index: u64 },
        "page {index} is not owed", "answer with pages that are still owed";
    607 /** A page that is not what its content says. */ BadPage { index: u64 },
        "page {index} does not belong to the content", "send the true page and its path";
    608 /** No more of these. */ TooManyDemands { limit: u32 },
        "{limit} demands of this kind were made already", "go on without";
    609 /** Not a party that needs it. */ NotEntitled,
        "only the provider and the auditor may demand the input, while they run the job", "ask the requester";
    610 /** No pages at all. */ EmptyAnswer,
        "the answer has no pages", "send at least one page";

    // Delegation.
    700 /** No pool. */ PoolNotOpen { operator: AccountId },
        "operator {operator} has not opened a pool", "delegate to another one, or let it set its commission first";
    701 /** One's own pool. */ OwnPool { operator: AccountId },
        "operator {operator} belongs with the sender", "add to its bond instead";
    702 /** Too little to keep a record of. */ DelegationTooSmall { amount: Amount, minimum: Amount },
        "the delegation would be worth {amount} native base units, at least {minimum} are needed", "delegate more";
    703 /** The operator has too little at stake itself. */ SelfBondTooSmall { bonded: Amount, minimum: Amount },
        "the operator has bonded {bonded} native base units itself, at least {minimum} are needed", "wait for it to bond more, or delegate to another one";
    704 /** More than the operator's own bond carries. */ DelegationCap { amount: Amount, room: Amount },
        "{amount} native base units are offered, the operator's own bond carries {room} more", "delegate less, or to another operator as well";
    705 /** Not a delegator. */ NoDelegation { operator: AccountId },
        "the sender has no shares in the pool of {operator}", "look up its delegations";
    706 /** Committed, or answering to another operator. */ SharesNotFree { needed: Amount, free: Amount },
        "{needed} shares are asked, {free} may leave", "wait for commitment and redelegation to end, or ask for less";
    707 /** Rounded away. */ WorthNothing,
        "it is worth less than one unit", "name a larger amount";
    708 /** Too little to stay behind. */ DustLeft { left: Amount, minimum: Amount },
        "{left} native base units would stay, at least {minimum} must or nothing", "take everything, or leave more";
    709 /** Too many at once. */ TooManyUndelegations { limit: u32 },
        "{limit} undelegations from this pool are open already", "wait for one to be paid out";
    710 /** No such undelegation. */ UnknownUndelegation { bucket: u64 },
        "the sender has nothing in bucket {bucket} of this operator", "look up the open undelegations";
    711 /** One at a time. */ HopOpen { operator: AccountId, until: Time },
        "an earlier redelegation to {operator} answers to its source until {until}", "wait until then, or redelegate to another operator";
    712 /** Nowhere to go. */ SamePool { operator: AccountId },
        "the shares are in the pool of {operator} already", "name another operator";
    713 /** More than the whole. */ NotAShare { rate: Ppm },
        "a commission of {rate} is more than the whole", "name at most 100 %";
    714 /** Too short or too long. */ CommitmentLength { duration_ms: u64, minimum: u64, maximum: u64 },
        "a commitment of {duration_ms} ms, it must be between {minimum} and {maximum}", "choose a length within the bounds";
    715 /** A promise is kept. */ CommitmentShortened { until: Time, wanted: Time },
        "committed until {until}, which {wanted} would shorten", "commit for longer";
    716 /** Nothing there. */ NothingToCommit { operator: AccountId },
        "the sender has nothing with {operator} that it could commit", "delegate or bond native tokens first";
    717 /** Promised to stay. */ BondCommitted { needed: Amount, free: Amount, until: Time },
        "{needed} native base units are asked, all but {free} are committed until {until}", "wait until then, or ask for less";

    // Price and collateral.
    740 /** Nobody reports. */ PriceIsGoverned,
        "the price of this network is governed, nobody reports it", "propose to change native_price, or to begin with reports";
    741 /** Not among those that report. */ NotEntitledToReport { slot: u64 },
        "the sender is not entitled to report in slot {slot}", "the heaviest validators when a slot begins are";
    742 /** Not this slot's turn. */ WrongSlot { expected: Option<u64>, found: u64 },
        "slot {found} is named, this is for slot {expected:?}", "commit for the slot under way, reveal for the one before";
    743 /** Once is enough. */ ReportedAlready { slot: u64 },
        "the sender has done this for slot {slot}", "the first one counts";
    744 /** Not a price. */ ImpossiblePrice { price: Amount, limit: Amount },
        "{price} micro-dollars is not between 1 and {limit}", "report the price of a whole token in micro-dollars";
    745 /** Open locks need it. */ CollateralThin { owed: Amount, worth: Amount },
        "open locks are {owed} micro-dollars, and {worth} would be left for them", "wait for locks to open, or unbond less";
    746 /** The network has enough of it. */ CollateralCap { asset: AssetId, bonded: Amount, cap: Amount },
        "{bonded} base units of {asset} are bonded, at most {cap} may be", "bond less of it, or another asset";
    747 /** No new locks. */ IntakeClosed,
        "no job is assigned while the price of collateral is stale or has fallen too far", "wait until it is reported and steady again";

    // Governance.
    760 /** Enough to read. */ TooManyProposals { limit: u32 },
        "{limit} proposals are open already", "wait for one to end";
    761 /** Not possible. */ AmendmentRefused { fault: AmendmentFault },
        "the amendment is refused: {fault}", "propose what the rules allow";
    762 /** No such proposal. */ UnknownProposal { proposal: u64 },
        "there is no open proposal {proposal}", "look up the open proposals";
    763 /** The vote is over. */ VoteOver { proposal: u64 },
        "the vote on proposal {proposal} is over", "nothing: it waits for its time";
    764 /** No weight, no vote. */ NotVoter { account: AccountId },
        "{account} is not an active validator", "only validators vote";

    // Access and market.
    780 /** More than is locked. */ InsufficientAccess { needed: Amount, locked: Amount },
        "{needed} base units of access stake are asked, {locked} are locked", "ask for less";
    781 /** Too little to lock, or to leave. */ AccessBelowMinimum { stake: Amount, minimum: Amount },
        "an access stake of {stake} base units is below the minimum of {minimum}", "lock more, or unlock everything";
    782 /** Standing asks come first. */ JobInMarket { job: JobId },
        "job {job} waits for its turn among standing asks", "make an offer in its class, or wait until no ask takes it";
    783 /** No unit to run it on. */ NoUnitFree { class: ClassId },
        "the sender offers no free unit of resource class {class}", "offer a unit in this class, at any ask";
    784 /** Serving itself. */ RelatedToRequester { job: JobId },
        "the sender belongs with the requester of job {job}", "leave it to somebody unrelated";
    785 /** Had its chance. */ FailedBefore { job: JobId },
        "the sender failed job {job} before", "leave it to another provider";
    786 /** Too little free bond. */ CannotLock { required: Amount },
        "the job needs a lock worth {required} micro-dollars, more than the free bond", "add to the bond or wait for locks to open";
    // Capacity and uptime.
    820 /** Nothing to prove. */ ClassWithoutProof { class: ClassId },
        "capacity of class {class} is not proven, so it has no devices", "set an offer without them";
    821 /** Too many devices. */ TooManyDevices { limit: u32 },
        "{limit} devices are registered already", "retire one first";
    822 /** Registered already. */ DeviceExists { device: DeviceId },
        "device {device} is registered already", "retire it first to change its class or units";
    823 /** No such device. */ UnknownDevice { device: DeviceId },
        "the operator has no device {device}", "look up its devices";
    824 /** Not while it is challenged. */ RoundOpen { class: ClassId, answer_by: Time },
        "class {class} is being challenged until time {answer_by}", "wait until the round is settled";
    825 /** Nothing to answer. */ NothingDrawn,
        "the operator has no open uptime draw", "wait until it is drawn";
    826 /** Another draw. */ WrongDraw { expected: Hash, found: Hash },
        "the answer names draw {found}, the open one is {expected}", "answer the open draw";
    827 /** Nothing to look after. */ NoDevices,
        "the operator has no devices", "register one first";
    828 /** One at a time. */ InMaintenance { until: Time },
        "maintenance has been declared until time {until}", "wait for its end";
    829 /** Not earned yet. */ CreditTooShort { needed_ms: u64, credit_ms: u64 },
        "{needed_ms} ms of maintenance are asked, {credit_ms} ms have been earned", "ask for less, or earn more by being up";
    830 /** Nothing is asked. */ NoRound { class: ClassId },
        "class {class} is not being challenged", "wait for the next round";
    831 /** Registered too late. */ NotDue { device: DeviceId, registered: Height, drawn: Height },
        "device {device} was registered at height {registered}, the round began at {drawn}", "wait for the next round";
    832 /** Once is enough. */ AlreadyAnswered { epoch: Epoch },
        "the device has answered in the round of epoch {epoch}", "wait for the next round";
    833 /** Too many bytes. */ AnswerTooLarge { bytes: u64, limit: u64 },
        "the answer has {bytes} bytes, at most {limit} are allowed", "answer in the canonical form";
    834 /** This block has checked enough. */ CapacityBusy { used: u32, limit: u32 },
        "this block has checked {used} of {limit} answers", "send it again in the next block";
    835 /** More than was proven. */ CapacityNotProven { class: ClassId, units: u32, limit: u32, proven: u32 },
        "{units} units of class {class} are offered, {proven} are proven and {limit} may be offered", "offer less, or register devices and prove more";
    836 /** Nobody to measure. */ TooFewObservers { found: u32, needed: u32 },
        "{found} unrelated validators were drawn, {needed} are needed", "send it again in the next block";
    837 /** Not drawn. */ NotObserver,
        "the sender was not drawn to measure this device", "only drawn validators report";
    838 /** The first report counts. */ AlreadyReported,
        "the sender has reported on this device", "nothing to do";
    839 /** Nothing is measured. */ NoMeasurement { device: DeviceId },
        "device {device} is not being measured", "let its operator answer the round first";
    840 /** Not the observer's receipt. */ BadReceipt,
        "the receipt was not signed by the observer for this round, device and number of units", "send what the observer signed";
    // Replicated.
    860 /** Not a replica, or not any more. */ NotReplica { job: JobId },
        "the sender is not among the replicas of job {job} from which this is awaited", "leave it to those that were drawn and in time";
    861 /** The first commitment counts. */ CommittedBefore,
        "the sender has committed to its output of this job", "reveal it when all have committed";
    862 /** The first opening counts. */ RevealedBefore,
        "the sender has revealed its output of this job", "nothing to do";
    863 /** More than the job allows. */ OutputTooLarge { size: u64, limit: u64 },
        "the output has {size} bytes, the job allows {limit}", "reveal an output within the job's memory bound";
    864 /** Only validators judge. */ NotValidator { account: AccountId },
        "{account} has no place among the validators", "register as a validator with the bond it takes";
    865 /** The first vote counts. */ VotedBefore,
        "the sender has voted on this appeal", "wait for the decision";
    866 /** Judging its own. */ RelatedToParty { job: JobId },
        "the sender belongs with a replica, the requester or the appellant of job {job}", "leave it to validators that are unrelated";
    867 /** Nothing proves harm. */ NotInsurable,
        "a replicated job cannot be insured: no proof says that its result was wrong", "insure nothing, or declare the harm so that every replica locks it";

    // Rewards and double signing.
    880 /** Before the first epoch with rewards. */ NoRewards { epoch: Epoch },
        "epoch {epoch} has no rewards", "wait for an epoch that has";
    881 /** Nobody to attend. */ NotAmongValidators,
        "the sender has no place among the validators", "bond more, or wait for a place";
    882 /** Not now. */ WrongSession { epoch: Epoch, expected: u32, found: u32 },
        "session {found} is named, it is session {expected} of epoch {epoch}", "name the current epoch and session";
    883 /** Once is enough. */ AlreadyAttended { session: u32 },
        "session {session} was attended already", "wait for the next session";
    884 /** Nothing to pay. */ NothingEarned { operator: AccountId },
        "operator {operator} has earned nothing in epochs that are closed", "wait until an epoch after the one it earned in is over";
    885 /** Nobody is punished twice. */ AlreadyProven { operator: AccountId },
        "operator {operator} was proven to have signed twice already", "nothing to do";
    886 /** Not yet signed. */ HeightToCome { height: Height, now: Height },
        "the evidence is about height {height}, this is height {now}", "name the height of the statements";
    887 /** Too late. */ EvidenceTooOld { height: Height, oldest: Height },
        "the evidence is about height {height}, the oldest admissible is {oldest}", "nothing: bonds of that time may have left";
    888 /** The evidence shows no such thing. */ NotProven { operator: AccountId, height: Height },
        "the evidence does not show two conflicting statements of {operator} for height {height}", "send both statements with their signatures";
    889 /** May not leave yet. */ BondFrozen { until: Time },
        "the bond is frozen until time {until}", "wait until the penalty is reckoned";

    // Leases.
    900 /** No such lease. */ UnknownLease { lease: JobId },
        "lease {lease} does not exist or has been retired", "check the name; old leases live on in events";
    901 /** Not at this stage. */ WrongLeaseStage { status: LeaseStatus },
        "the lease is {status:?}", "take back what waits, give notice of what runs";
    902 /** Nobody's to do but a party's. */ NotLeaseParty { lease: JobId },
        "the sender is not the party of lease {lease} that may do this", "sign with the requester's key, or to give notice with the provider's";
    903 /** It is over as soon as that anyway. */ NothingToShorten { last: u32 },
        "the lease ends with its epoch {last}, and a notice would not end it sooner", "nothing to do";
    904 /** No such probe. */ UnknownProbe { challenge: Hash },
        "the lease has no probe {challenge}, or its epoch has been judged", "look up its open probes";
    905 /** Not drawn. */ NotItsObserver { observer: AccountId },
        "the probe is {observer}'s", "only the drawn observer reports";
    906 /** The first word counts, a receipt most. */ ProbeKnown { challenge: Hash },
        "what came of probe {challenge} has been said", "nothing to do; against a report of silence show the receipt";
    907 /** Not the epoch that is open. */ WrongLeaseEpoch { open: u32, found: u32 },
        "the receipt is for epoch {found}, epoch {open} is the next to be judged", "show each epoch's receipt before it is judged, counted from zero";
    908 /** Once is enough. */ AcceptedAlready { epoch: u32 },
        "the requester's receipt for epoch {epoch} was shown before", "nothing to do";
    909 /** Not the signer's receipt. */ BadLeaseReceipt { signer: AccountId },
        "the receipt was not signed by {signer} for this", "send what was signed: the observer's for a probe, the requester's for an epoch";
}

impl Rejection {
    /// Whether the transaction was not its sender's to send now: the state is exactly as before. Any other rejected
    /// transaction has used its nonce and paid its fee, as far as the sender's balance reached.
    pub const fn is_uncharged(&self) -> bool {
        matches!(
            self,
            Self::WrongChain { .. }
                | Self::BadSignature
                | Self::Expired { .. }
                | Self::BadNonce { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_sorted() {
        assert!(Rejection::CODES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_rejection_says_what_and_what_to_do() {
        let rejection = Rejection::CannotPayFee { fee: Amount::new(5), available: Amount::new(3) };
        assert_eq!(rejection.to_string(), "the fee is 5 native base units, the sender has 3");
        assert_eq!(rejection.code(), 106);
        assert!(rejection.advice().contains("native tokens"));
        assert!(!rejection.is_uncharged() && Rejection::BadSignature.is_uncharged());
    }
}
