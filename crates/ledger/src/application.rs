//! The door to the rules: what the ledger asks of whoever gives its transactions a meaning.
//!
//! Plain and synchronous on purpose. No type of the engine crosses it in either direction, nothing
//! in it may block, and everything an application may know of the outside world arrives as an
//! argument.

use bytes::Bytes;

use crate::{ChainId, Sender};

/// A replicated state machine: the rules that the ledger runs and knows nothing about.
///
/// # Contract
///
/// * **Deterministic.** Equal arguments give equal results on every machine, forever. No clock, no
///   randomness, no thread, no iteration in an unspecified order, no float.
/// * **Total.** No method panics on any bytes that [`Application::check`] admitted, whatever the
///   state.
/// * **One transaction, one nonce.** Executing a transaction raises its sender's
///   [`nonce`](Application::nonce) by exactly one, accepted or rejected. The ledger executes a
///   transaction only when its nonce equals its sender's next one, so nothing can be replayed.
/// * **Blocks from height 1.** [`genesis`](Application::genesis) is the state at height 0.
///   [`execute`](Application::execute) is called once for every block, empty ones too, on the state
///   of the block's parent; blocks on unfinalised parents may later be discarded with their state.
pub trait Application: Send + Sync + 'static {
    /// The whole state. A clone is O(1) (persistent maps): the ledger holds one per unfinalised
    /// block.
    type State: Clone + Send + Sync + 'static;

    /// The name of this network: a hash of everything its genesis depends on. Signatures of
    /// transactions, the engine's messages, the data directory and proofs are bound to it.
    fn chain(&self) -> ChainId;

    /// The state at height 0.
    fn genesis(&self) -> Self::State;

    /// Stateless checks of a batch: decoding in its one canonical form, and signatures (verified
    /// together). Answers in the order asked, one answer for each transaction. Called on every
    /// submission and on every block of another validator.
    fn check(&self, transactions: &[&[u8]]) -> Vec<Result<Admission, Refusal>>;

    /// The nonce that the next transaction of `sender` must carry; 0 for an unknown sender.
    fn nonce(&self, state: &Self::State, sender: &Sender) -> u64;

    /// Executes one block: what happens at its start, each transaction in order, what happens at
    /// its end. `state` is the parent's state on entry and the block's on return.
    fn execute(
        &self,
        state: &mut Self::State,
        block: &BlockContext,
        transactions: &[Bytes],
    ) -> BlockOutcome;

    /// Every entry that differs between two states, in ascending order of keys: `Some` is the
    /// value in `after`, `None` a removal. `before = None` asks for all entries of `after`.
    ///
    /// The key is at most [`MAX_KEY_BYTES`] long, the value at most [`MAX_VALUE_BYTES`].
    fn changes(&self, before: Option<&Self::State>, after: &Self::State) -> Vec<Change>;

    /// Rebuilds a state from all of its entries, which arrive in ascending order of keys.
    ///
    /// # Errors
    ///
    /// The entries are not those of a state of this application (another version, usually).
    fn restore(
        &self,
        entries: &mut dyn Iterator<Item = Entry>,
    ) -> Result<Self::State, RestoreError>;
}

/// One entry of a state: key and value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// One difference between two states: a key, and its new value or its removal.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// The longest key of a state entry, in bytes.
pub const MAX_KEY_BYTES: usize = 1 << 10;

/// The longest value of a state entry, in bytes.
pub const MAX_VALUE_BYTES: usize = 8 << 20;

/// What a well-formed transaction says about itself, as far as ordering needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Who signed it: the key of the nonce sequence it belongs to.
    pub sender: Sender,
    /// Its place in that sequence.
    pub nonce: u64,
    /// The last height at which it may be included.
    pub expires: u64,
    /// An upper bound of the heavy work (fraud-proof judging) it may cause, in the application's
    /// own units; 0 for most. A block carries at most [`crate::Limits::block_work`].
    pub work: u64,
}

/// Why a transaction is not well-formed. The application's own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text} (code {code})")]
pub struct Refusal {
    /// A stable number from the application's list.
    pub code: u32,
    /// For people.
    pub text: String,
}

/// What a block knows of the outside world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockContext {
    /// Height of the block; the first is 1.
    pub height: u64,
    /// Network time in milliseconds: the one clock of all deadlines. It starts at 0, never runs
    /// backwards, and stands still while the network does.
    pub time: u64,
    /// Wall clock of the proposer in milliseconds since 1970, never before its parent's. For
    /// display only.
    pub timestamp: u64,
    /// Randomness that nobody could know before the parent was decided, nor choose.
    pub beacon: [u8; 32],
}

/// What executing a block produced, beside the new state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockOutcome {
    /// One result for each transaction, in order.
    pub results: Vec<TransactionResult>,
    /// The block's events in order, each in the application's own encoding.
    pub events: Vec<Vec<u8>>,
}

/// What became of one executed transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionResult {
    /// It did what it says.
    Accepted,
    /// It was included and changed nothing but what a rejected transaction changes.
    Rejected {
        /// A stable number from the application's list; committed to by the block.
        code: u32,
        /// For people; not committed to.
        text: String,
    },
}

/// The entries of the database are not a state of this application.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored entries are not a state of this application: {0}")]
pub struct RestoreError(pub String);
