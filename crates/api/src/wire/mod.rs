//! What travels: the protocol's own types, and around them the forms that only the wire needs.

mod governance;
mod staking;

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, AssetId, ChainId, ClassId, Demand, Epoch, EpochEarning, Event, Exit,
    Genesis, Hash, Height, Holdings, Job, JobId, JobStatus, Nonce, Offer, Operator, PlaceKind,
    ProgramId, Time,
};
use serde::{Deserialize, Serialize};

use crate::cursor::Cursor;

pub use governance::{BallotView, Foresight, ParameterView, PriceView, ProposalView, ReportedView};
pub use staking::{
    AccessExitView, AccessView, CapacityView, CoverView, DeviceView, Explained,
    InvalidUndelegationName, StandingView, UndelegationName, UptimeView,
};

/// How far the chain is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Name of the network, for people.
    pub network: String,
    /// Its identity; every transaction names it.
    pub chain: ChainId,
    /// Height of the last final block.
    pub height: Height,
    /// Network time of that block, in milliseconds.
    pub time: Time,
    /// The end of the event stream: read from here for what is yet to happen.
    pub cursor: Cursor,
    /// Version of the node.
    pub version: String,
}

/// What the chain started from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenesisView {
    /// Hash of the genesis: the chain's identity.
    pub chain: ChainId,
    /// The genesis.
    pub genesis: Genesis,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TransactionState {
    /// It waits for a block. Ask again, or submit it again: both are safe.
    Pending {
        /// Its name on the ledger.
        id: Hash,
    },
    /// It was executed in a final block.
    Final(Receipt),
}

/// Where a transaction was executed, and with what outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its name on the ledger: the hash of its signed bytes.
    pub id: Hash,
    /// Height of its block.
    pub height: Height,
    /// Its place in the block.
    pub index: u64,
    /// What it did.
    pub outcome: Outcome,
}

impl Receipt {
    /// Whether it did what it says.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.outcome == Outcome::Accepted
    }
}

/// What an executed transaction did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What it says.
    Accepted,
    /// Nothing but pay its fee.
    Rejected(Rejected),
}

/// Why the rules refused a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The stable number: see [`protocol::Rejection::CODES`].
    pub code: u16,
    /// Its name.
    pub name: String,
    /// What is wrong, with the arithmetic in it, and what to do.
    pub message: String,
}

/// A final block, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockView {
    /// Its number; the first one has number 1.
    pub height: Height,
    /// Its name: the hash of its header.
    pub id: Hash,
    /// Name of the block before it.
    pub parent: Hash,
    /// Network time, in milliseconds.
    pub time: Time,
    /// Wall clock of its proposer, in milliseconds since 1970.
    pub timestamp: u64,
    /// Root of the state after it.
    pub state_root: Hash,
    /// Root of its transactions.
    pub transactions_root: Hash,
    /// How many transactions it has.
    pub transactions: u64,
    /// How many events it has.
    pub events: u64,
}

/// A transaction of a final block, without its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionView {
    /// Its place in the block.
    pub index: u64,
    /// Its name on the ledger: the hash of its signed bytes.
    pub id: Hash,
    /// Who sent it.
    pub sender: AccountId,
    /// Its sender's nonce.
    pub nonce: Nonce,
    /// How many bytes it has.
    pub bytes: u64,
    /// The demand for data that it answers, if it answers one.
    pub answers: Option<DemandName>,
    /// What it did.
    pub outcome: Outcome,
}

/// Which demand for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemandName {
    /// Of which job.
    pub job: JobId,
    /// Who demands.
    pub demander: AccountId,
}

/// One event with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// The place just behind it: resume from here.
    pub cursor: Cursor,
    /// Network time of its block.
    pub time: Time,
    /// What happened.
    pub event: Event,
}

/// A piece of the event stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPage {
    /// The events, in order. May be none although more follow, if many blocks had none.
    pub events: Vec<EventRecord>,
    /// Where the next page begins. Equal to the place asked for only at the end of the stream.
    pub next: Cursor,
}

/// A piece of a list that is in order of the items' names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to hand in as `after` for the next page; nothing if this was the last one.
    pub next: Option<String>,
}

/// An account. One that was never used has nothing and nonce 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// Whose.
    pub account: AccountId,
    /// The nonce of its next transaction.
    pub nonce: Nonce,
    /// Free balance of every asset it holds.
    pub balances: Holdings,
}

/// An operator, with what it offers and what of its bond is where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorView {
    /// The operator.
    pub operator: Operator,
    /// The part of its bond that no job has locked.
    pub free: Holdings,
    /// Its standing offers by class.
    pub offers: Vec<OfferView>,
    /// Bonds on their way out.
    pub exits: Vec<ExitView>,
    /// What it earns by epoch.
    pub rewards: RewardsView,
}

/// Rewards of an operator that have not been paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewardsView {
    /// What it and its delegators would be paid now for the epochs that are closed, in native base units.
    pub due: Amount,
    /// Its part in each epoch that it is still to be paid for, the oldest first.
    pub epochs: Vec<EpochEarning>,
    /// The session that it can attend now, as a validator.
    pub to_attend: Option<SessionView>,
}

/// An equal part of an epoch, in which validators show once that they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// The current epoch.
    pub epoch: Epoch,
    /// Which part of it, from zero.
    pub session: u32,
}

/// A standing offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferView {
    /// In which class.
    pub class: ClassId,
    /// The offer.
    #[serde(flatten)]
    pub offer: Offer,
}

/// A bond on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitView {
    /// Its number, to cancel it by.
    pub number: u64,
    /// How much is left of what, and when it is free.
    #[serde(flatten)]
    pub exit: Exit,
}

/// A job, with the demands for its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// Every account's last demand, open or answered a short while ago.
    pub demands: Vec<DemandView>,
}

/// A demand for data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemandView {
    /// Who demands.
    pub demander: AccountId,
    /// What, until when, and which blocks carry the answers.
    #[serde(flatten)]
    pub demand: Demand,
}

/// Why a job is where it is. Told by the rules, with the numbers in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobExplanation {
    /// Which job.
    pub job: JobId,
    /// Where it is in its life.
    pub status: JobStatus,
    /// Network time at which this was told.
    pub now: Time,
    /// Until when what it waits for is in time.
    pub deadline: Option<Time>,
    /// Who must act, if somebody in particular must.
    pub who: Option<AccountId>,
    /// What is awaited.
    pub awaited: String,
    /// What happens if it does not come.
    pub otherwise: String,
    /// Why nobody took it, while it waits for a provider.
    pub unassigned: Option<Unassigned>,
    /// How its price and the lock of its provider were computed, line by line; none while it has no provider.
    pub lock: Vec<String>,
}

impl JobExplanation {
    /// The explanation for people, a sentence to a line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let deadline = self.deadline.map(|deadline| deadline.since_ms(self.now));
        let by = deadline.map_or_else(String::new, |left| format!(", within {left} ms"));
        let mut lines = vec![
            format!("awaited{by}: {}", self.awaited),
            format!("otherwise: {}", self.otherwise),
        ];
        lines.extend(self.unassigned.iter().flat_map(Unassigned::lines));
        lines.extend(self.lock.iter().cloned());
        lines
    }
}

/// Why nobody took a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unassigned {
    /// Offers of its class.
    pub offers: u64,
    /// Offers that would take it, in the next block that gets to it.
    pub willing: u64,
    /// Why the others do not, by number of offers.
    pub obstacles: Vec<Obstacle>,
    /// The one change that would find it a provider.
    pub advice: String,
}

impl Unassigned {
    fn lines(&self) -> Vec<String> {
        let offers = format!("of {} offers, {} would take it", self.offers, self.willing);
        let obstacles = self.obstacles.iter();
        let obstacles =
            obstacles.map(|obstacle| format!("{}: {}", obstacle.offers, obstacle.reason));
        let advice = std::iter::once(format!("what would help: {}", self.advice));
        std::iter::once(offers).chain(obstacles).chain(advice).collect()
    }
}

/// One reason why offers do not take a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// The reason.
    pub reason: String,
    /// How many offers it holds back.
    pub offers: u64,
}

/// A program, without its module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramView {
    /// Hash of the prepared module.
    pub id: ProgramId,
    /// Who registered it.
    pub author: AccountId,
    /// Length of the prepared module in bytes.
    pub bytes: u64,
    /// Most memory it can use, in bytes.
    pub memory_max: u64,
    /// When it was registered.
    pub registered: Time,
}

/// The supply equation of one asset: everything minted and not burned is somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplyView {
    /// The asset.
    pub asset: AssetId,
    /// Its short name.
    pub symbol: String,
    /// Decimal places of one whole unit.
    pub decimals: u8,
    /// Ever minted.
    pub minted: Amount,
    /// Ever burned.
    pub burned: Amount,
    /// What is in each kind of place.
    pub places: BTreeMap<PlaceKind, Amount>,
    /// The sum over the places.
    pub accounted: Amount,
    /// Whether `minted - burned` is `accounted`, to the last unit.
    pub exact: bool,
}
