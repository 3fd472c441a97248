//! Histories as data. An operation is made of plain numbers, so its debug form is the text of a regression test, and jobs
//! and exits are named by label and order, so a history makes sense when operations are left out of it.

use protocol::{
    AccountId, Accused, Action, Amount, AssetId, Ballot, CapacityCase, ChallengeKind, Claim,
    ClassId, Commission, Content, DataKind, DeviceId, Duties, Hash, JobId, JobKind, JobSpec, Ppm,
};

mod governance;
mod leases;
mod replicated;
mod rewards;

pub(crate) use crate::people::{PEOPLE, account, person};
pub(crate) use governance::NOT_PLAIN;
pub use governance::{Change, Proposed};
pub use leases::Leased;
pub(crate) use replicated::Found;

use crate::people;
use crate::referee;
use crate::rules::{Model, challenge, receipt};

/// One step of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The block ends and the next begins, so many milliseconds later.
    Block {
        /// Milliseconds.
        after_ms: u64,
        /// What its beacon is made from.
        beacon: u64,
    },
    /// Somebody sends a transaction.
    Send {
        /// Who, as a number below the number of people.
        sender: u8,
        /// Around the call.
        envelope: Envelope,
        /// What.
        call: Call,
    },
}

/// What is around a call: whether the transaction may enter a block at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Everything right.
    Proper,
    /// For another chain.
    Elsewhere,
    /// With a signature that is none.
    Forged,
    /// Expires so many blocks from now.
    Expires(i64),
    /// So far from the sender's next nonce.
    Nonce(i64),
}

/// What the referee will find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruled {
    /// The claim is wrong.
    ForChallenger,
    /// The program is at fault.
    AgainstAuthor,
    /// The evidence proves nothing.
    ForAccused,
}

/// What a result is claimed to be, against the bounds of its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// A plain result; those with one number are equal.
    Plain(u8),
    /// Every bound reached.
    AtBounds,
    /// A step too many.
    StepsPast,
    /// A metered unit too many.
    MeterPast,
    /// An output of one byte more than the memory.
    OutputPast,
    /// A trace that is no whole number of roots.
    Ragged,
    /// No trace at all.
    Traceless,
}

/// A job as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in protocol::JobSpec")]
pub struct Wanted {
    pub program: u8,
    pub input_bytes: u64,
    pub class: u16,
    pub steps: u64,
    pub meter: u64,
    pub memory: u64,
    pub run_ms: u64,
    pub wait_ms: u64,
    pub price: u128,
    pub harm: u128,
    pub insured: u128,
    /// None: the job is proven.
    pub replicas: u32,
}

/// Every action, in plain numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in protocol::Action")]
pub enum Call {
    Transfer { to: u8, asset: u16, units: u128 },
    Mint { asset: u16, to: u8, units: u128 },
    Burn { asset: u16, units: u128 },
    RegisterOperator { provider: bool, validator: bool },
    SetDuties { provider: bool, validator: bool },
    NominateOwner { operator: u8, owner: u8 },
    AcceptOwnership { operator: u8 },
    Bond { operator: u8, asset: u16, units: u128 },
    Unbond { operator: u8, asset: u16, units: u128 },
    CancelExit { operator: u8, nth: u8 },
    SetOffer { class: u16, units: u32, ask: u128 },
    Unjail,
    RegisterProgram { sound: bool, number: u8, bytes: u32 },
    SubmitJob { label: u32, wanted: Wanted },
    CancelJob { job: u32 },
    CommitResult { job: u32, claimed: Claimed, salt: u8 },
    RevealResult { job: u32, claimed: Claimed, salt: u8 },
    CommitAudit { job: u32, claimed: Claimed, salt: u8 },
    RevealAudit { job: u32, claimed: Claimed, salt: u8 },
    Challenge { job: u32, accused: Accused, ruled: Ruled, units: u64, bytes: u32 },
    DemandData { job: u32, data: DataKind, first: u64, pages: u32 },
    AnswerDemand { job: u32, demander: u8, first: u64, pages: u32, genuine: bool },
    LockAccess { units: u128 },
    UnlockAccess { units: u128 },
    TakeJob { job: u32 },
    // Capacity and uptime.
    RegisterDevice { device: u8, class: u16, units: u32 },
    RetireDevice { device: u8 },
    AnswerUptime { right: bool },
    DeclareMaintenance { duration_ms: u64 },
    AnswerCapacity { device: u8, right: bool, bytes: u32 },
    ReportTransfer { operator: u8, device: u8, units: u32 },
    RebutTransfer { device: u8, observer: u8, units: u32, genuine: bool },
    CommitPrice { ahead: i64, price: u128, salt: u8 },
    RevealPrice { ahead: i64, price: u128, salt: u8 },
    Propose { proposed: Proposed },
    Vote { nth: u8, ballot: Ballot },
    Delegate { operator: u8, units: u128 },
    Undelegate { operator: u8, shares: u128 },
    Redelegate { source: u8, operator: u8, shares: u128 },
    CancelUnbonding { operator: u8, nth: u8 },
    ClaimFees { operator: u8 },
    SetCommission { rewards: u32, fees: u32 },
    Commit { operator: u8, duration_ms: u64 },
    // Replicated.
    CommitReplica { job: u32, claimed: Claimed, salt: u8 },
    RevealReplica { job: u32, claimed: Claimed, salt: u8 },
    AppealJob { job: u32 },
    VoteAppeal { job: u32, found: Found },
    RunReplicas { willing: bool },
    // Leases: `nth` of the probes that are open, an epoch so far from the one that is.
    SetLeaseAsk { class: u16, ask: Option<u128> },
    RequestLease { label: u32, leased: Leased },
    CancelLease { lease: u32 },
    GiveNotice { lease: u32 },
    ReportProbe { lease: u32, nth: u8, answered: bool },
    ShowAnswer { lease: u32, nth: u8, genuine: bool },
    ShowAcceptance { lease: u32, ahead: i8, genuine: bool },
    // Rewards.
    Attend { epoch: u64, session: u32 },
    ClaimRewards { operator: u8 },
    ProveDoubleSigning { operator: u8, height: u64, genuine: bool, bytes: u32 },
}

impl Wanted {
    fn spec(&self) -> JobSpec {
        JobSpec {
            program: referee::program(self.program),
            input: Content { root: Hash([77; 32]), size: self.input_bytes },
            class: ClassId(self.class),
            steps_max: self.steps,
            meter_max: self.meter,
            memory_max: self.memory,
            run_ms: self.run_ms,
            wait_ms: self.wait_ms,
            price_max: Amount::new(self.price),
            harm: Amount::new(self.harm),
            insured: Amount::new(self.insured),
            kind: match self.replicas {
                0 => JobKind::Proven,
                replicas => JobKind::Replicated { replicas },
            },
        }
    }
}

fn named(device: u8) -> DeviceId {
    DeviceId([device; 32])
}

impl Claimed {
    fn claim(self, spec: Option<&JobSpec>) -> Claim {
        let of = |number: u8, size| Content { root: Hash([number; 32]), size };
        let bounds = spec.map(|spec| (spec.steps_max, spec.meter_max, spec.memory_max));
        let (steps, meter, memory) = bounds.unwrap_or_default();
        let plain = |number| Claim { output: of(number, 5_000), trace: of(number, 64), meter: 1 };
        match self {
            Self::Plain(number) => plain(number),
            Self::AtBounds => {
                Claim { output: of(90, memory), trace: of(90, (steps + 1) * 32), meter }
            }
            Self::StepsPast => Claim { trace: of(91, (steps + 2) * 32), ..plain(91) },
            Self::MeterPast => Claim { meter: meter + 1, ..plain(92) },
            Self::OutputPast => Claim { output: of(93, memory + 1), ..plain(93) },
            Self::Ragged => Claim { trace: of(94, 63), ..plain(94) },
            Self::Traceless => Claim { trace: of(95, 0), ..plain(95) },
        }
    }
}

/// What a call is, once it is known what it speaks of.
pub(crate) struct Resolver<'a> {
    pub(crate) model: &'a Model,
    pub(crate) labels: &'a std::collections::BTreeMap<u32, JobId>,
    pub(crate) sender: AccountId,
}

impl Resolver<'_> {
    /// The action a call stands for. What it names and does not exist gets a name that does not exist either.
    pub(crate) fn action(&self, call: &Call) -> Action {
        let asset = AssetId;
        match *call {
            Call::Transfer { to, asset: id, units } => {
                Action::Transfer { to: account(to), asset: asset(id), amount: Amount::new(units) }
            }
            Call::Mint { asset: id, to, units } => {
                Action::Mint { asset: asset(id), to: account(to), amount: Amount::new(units) }
            }
            Call::Burn { asset: id, units } => {
                Action::Burn { asset: asset(id), amount: Amount::new(units) }
            }
            Call::RegisterProgram { sound, number, bytes } => {
                Action::RegisterProgram { source: referee::source(sound, number, bytes).into() }
            }
            Call::LockAccess { units } => Action::LockAccess { amount: Amount::new(units) },
            Call::UnlockAccess { units } => Action::UnlockAccess { amount: Amount::new(units) },
            Call::TakeJob { job } => Action::TakeJob { job: self.job(job) },
            _ => self.operator_action(call),
        }
    }

    fn operator_action(&self, call: &Call) -> Action {
        match *call {
            Call::RegisterOperator { provider, validator } => {
                Action::RegisterOperator { duties: Duties { provider, validator } }
            }
            Call::SetDuties { provider, validator } => {
                Action::SetDuties { duties: Duties { provider, validator } }
            }
            Call::NominateOwner { operator, owner } => {
                Action::NominateOwner { operator: account(operator), owner: account(owner) }
            }
            Call::AcceptOwnership { operator } => {
                Action::AcceptOwnership { operator: account(operator) }
            }
            Call::Bond { operator, asset, units } => {
                let (operator, asset, amount) =
                    (account(operator), AssetId(asset), Amount::new(units));
                Action::Bond { operator, asset, amount }
            }
            Call::Unbond { operator, asset, units } => {
                let (operator, asset, amount) =
                    (account(operator), AssetId(asset), Amount::new(units));
                Action::Unbond { operator, asset, amount }
            }
            Call::CancelExit { operator, nth } => {
                let operator = account(operator);
                let exits = self.model.exits_of(operator);
                let exit = exits.get(usize::from(nth)).map_or(u64::MAX, |(exit, _)| *exit);
                Action::CancelExit { operator, exit }
            }
            Call::SetOffer { class, units, ask } => {
                Action::SetOffer { class: ClassId(class), units, ask: Amount::new(ask) }
            }
            Call::Unjail => Action::Unjail,
            _ => self.job_action(call),
        }
    }

    fn job_action(&self, call: &Call) -> Action {
        match *call {
            Call::SubmitJob { wanted, .. } => Action::SubmitJob { spec: wanted.spec() },
            Call::CancelJob { job } => Action::CancelJob { job: self.job(job) },
            Call::CommitResult { job, claimed, salt } => Action::CommitResult {
                job: self.job(job),
                commitment: self.seal(job, claimed, salt),
            },
            Call::CommitAudit { job, claimed, salt } => Action::CommitAudit {
                job: self.job(job),
                commitment: self.seal(job, claimed, salt),
            },
            Call::RevealResult { job, claimed, salt } => {
                let (claim, salt) = (self.claim(job, claimed), Hash([salt; 32]));
                Action::RevealResult { job: self.job(job), claim, salt }
            }
            Call::RevealAudit { job, claimed, salt } => {
                let (claim, salt) = (self.claim(job, claimed), Hash([salt; 32]));
                Action::RevealAudit { job: self.job(job), claim, salt }
            }
            Call::Challenge { job, accused, ruled, units, bytes } => {
                let evidence = referee::evidence(ruled, units, bytes).into();
                Action::Challenge { job: self.job(job), accused, evidence }
            }
            Call::DemandData { job, data, first, pages } => {
                Action::DemandData { job: self.job(job), data, first_page: first, pages }
            }
            Call::AnswerDemand { job, demander, first, pages, genuine } => {
                let (job, demander) = (self.job(job), account(demander));
                let demand = self.model.demands.get(&(job, demander));
                let content = demand.map(|demand| demand.content).unwrap_or_default();
                let page = |page| referee::page(&content, first + u64::from(page), genuine);
                Action::AnswerDemand { job, demander, pages: (0..pages).map(page).collect() }
            }
            _ => self.hardware_action(call),
        }
    }

    fn hardware_action(&self, call: &Call) -> Action {
        match *call {
            Call::RegisterDevice { device, class, units } => {
                Action::RegisterDevice { device: named(device), class: ClassId(class), units }
            }
            Call::RetireDevice { device } => Action::RetireDevice { device: named(device) },
            Call::AnswerUptime { right } => {
                let presence = self.model.hardware.presences.get(&self.sender);
                let open = presence.and_then(|presence| presence.open()).filter(|_| right);
                Action::AnswerUptime {
                    challenge: open.map_or(Hash([1; 32]), |draw| draw.challenge),
                }
            }
            Call::DeclareMaintenance { duration_ms } => Action::DeclareMaintenance { duration_ms },
            Call::AnswerCapacity { device, right, bytes } => {
                let answer = self.answer(named(device), right, bytes).into();
                Action::AnswerCapacity { device: named(device), answer }
            }
            Call::ReportTransfer { operator, device, units } => {
                let (operator, device) = (account(operator), named(device));
                Action::ReportTransfer { operator, device, units }
            }
            Call::RebutTransfer { device, observer, units, genuine } => {
                let (device, observer) = (named(device), account(observer));
                // A receipt for other units is none.
                let signed = if genuine { units } else { units.wrapping_add(1) };
                let message = receipt(self.asked(device), observer, signed);
                let signature = people::sign(observer, message).to_vec().into();
                Action::RebutTransfer { device, observer, units, signature }
            }
            _ => self.later_action(call),
        }
    }

    fn later_action(&self, call: &Call) -> Action {
        match *call {
            Call::CommitPrice { ahead, price, salt } => {
                let (slot, salt) = (self.slot(ahead), Hash([salt; 32]));
                let (chain, price) = (self.model.chain, Amount::new(price));
                let commitment = crate::rules::sealed_price(chain, slot, self.sender, salt, price);
                Action::CommitPrice { slot, commitment }
            }
            Call::RevealPrice { ahead, price, salt } => Action::RevealPrice {
                slot: self.slot(ahead),
                price: Amount::new(price),
                salt: Hash([salt; 32]),
            },
            Call::Propose { proposed } => {
                Action::Propose { amendment: proposed.amendment(self.model) }
            }
            Call::Vote { nth, ballot } => {
                let proposal = self.model.proposals.keys().nth(nth.into()).copied();
                Action::Vote { proposal: proposal.unwrap_or(u64::MAX), ballot }
            }
            _ => self.pool_action(call),
        }
    }

    fn pool_action(&self, call: &Call) -> Action {
        match *call {
            Call::Delegate { operator, units } => {
                Action::Delegate { operator: account(operator), amount: Amount::new(units) }
            }
            Call::Undelegate { operator, shares } => {
                Action::Undelegate { operator: account(operator), shares: Amount::new(shares) }
            }
            Call::Redelegate { source, operator, shares } => {
                let (source, operator) = (account(source), account(operator));
                Action::Redelegate { source, operator, shares: Amount::new(shares) }
            }
            Call::CancelUnbonding { operator, nth } => {
                let operator = account(operator);
                let open = self.model.undelegations(self.sender, operator);
                let bucket = open.get(usize::from(nth)).map_or(u64::MAX, |(bucket, ..)| *bucket);
                Action::CancelUnbonding { operator, bucket }
            }
            Call::ClaimFees { operator } => Action::ClaimFees { operator: account(operator) },
            Call::SetCommission { rewards, fees } => {
                let commission = Commission { rewards: Ppm(rewards), fees: Ppm(fees) };
                Action::SetCommission { commission }
            }
            Call::Commit { operator, duration_ms } => {
                Action::Commit { operator: account(operator), duration_ms }
            }
            _ => self.reward_action(call),
        }
    }

    /// What a device of the sender is asked in the latest round of its class.
    fn asked(&self, id: DeviceId) -> Hash {
        let device = self.model.hardware.devices.get(&(self.sender, id));
        let rounds = device.and_then(|device| self.model.hardware.rounds.get(&device.class));
        let seed = rounds.and_then(|rounds| rounds.last()).map_or(Hash([0; 32]), |last| last.seed);
        challenge(seed, self.sender, id)
    }

    fn answer(&self, id: DeviceId, right: bool, bytes: u32) -> Vec<u8> {
        let device = self.model.hardware.devices.get(&(self.sender, id));
        let class = device.map(|device| &self.model.hardware.challenges[&device.class]);
        let case = CapacityCase {
            kind: class.map_or(ChallengeKind::MemoryHard, |class| class.kind),
            challenge: self.asked(id),
            operator: self.sender,
            device: id,
            units: device.map_or(0, |device| device.units),
            answer: &[],
        };
        referee::capacity_answer(&case, right, bytes)
    }

    /// The slot so far from the one under way.
    fn slot(&self, ahead: i64) -> u64 {
        let under_way = self.model.oracle.as_ref().map_or(0, |oracle| oracle.slot);
        under_way.wrapping_add_signed(ahead)
    }

    fn job(&self, label: u32) -> JobId {
        self.labels.get(&label).copied().unwrap_or(JobId([255; 32]))
    }

    fn claim(&self, label: u32, claimed: Claimed) -> Claim {
        claimed.claim(self.model.jobs.get(&self.job(label)).map(|job| &job.spec))
    }

    fn seal(&self, label: u32, claimed: Claimed, salt: u8) -> Hash {
        let job = self.job(label);
        let attempt = self.model.jobs.get(&job).map_or(0, |job| job.begun());
        let claim = self.claim(label, claimed);
        crate::rules::sealed(job, attempt, self.sender, Hash([salt; 32]), &claim)
    }
}
