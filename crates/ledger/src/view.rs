//! What the ledger tells about itself: plain values, free of the engine.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    Cursor, TransactionId, TransactionResult,
    block::Header,
    hash::{Hash, raw},
};

/// What became of a transaction, once it is final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction.
    pub id: TransactionId,
    /// Height of its block.
    pub height: u64,
    /// Its place in the block.
    pub index: u32,
    /// What the rules said.
    pub result: TransactionResult,
}

/// A final block's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// Number of the block; 0 is genesis.
    pub height: u64,
    /// Its name: the hash of the header.
    pub digest: [u8; 32],
    /// Name of its parent.
    pub parent: [u8; 32],
    /// Key of the validator that proposed it.
    pub proposer: [u8; 32],
    /// Wall clock of the proposer, milliseconds since 1970.
    pub timestamp: u64,
    /// Network time, milliseconds.
    pub time: u64,
    /// Root of the state after it.
    pub state_root: [u8; 32],
    /// Root of its results and events.
    pub outcome_root: [u8; 32],
    /// Root of its transactions.
    pub transactions_root: [u8; 32],
    /// Its randomness.
    pub beacon: [u8; 32],
}

impl BlockHeader {
    pub(crate) fn of(header: &Header) -> Self {
        let mut proposer: Hash = [0; 32];
        proposer.copy_from_slice(&header.context.leader);
        Self {
            height: header.height,
            digest: raw(&header.digest()),
            parent: raw(&header.parent()),
            proposer,
            timestamp: header.timestamp,
            time: header.time,
            state_root: raw(&header.state_root),
            outcome_root: raw(&header.outcome_root),
            transactions_root: raw(&header.transactions_root),
            beacon: header.beacon_value(),
        }
    }
}

/// A final block with what executing it gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalBlock {
    /// The header.
    pub header: BlockHeader,
    /// The transactions, in the order of execution.
    pub transactions: Vec<Bytes>,
    /// One result for each.
    pub results: Vec<TransactionResult>,
    /// The events.
    pub events: Vec<Bytes>,
}

/// The last final block and the state after it.
#[derive(Debug)]
pub struct Tip<S> {
    /// The block's header.
    pub header: BlockHeader,
    /// The state. A clone is a pointer.
    pub state: Arc<S>,
}

impl<S> Clone for Tip<S> {
    fn clone(&self) -> Self {
        Self { header: self.header.clone(), state: Arc::clone(&self.state) }
    }
}

/// One event of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Its place in the stream.
    pub cursor: Cursor,
    /// Network time of its block, milliseconds.
    pub time: u64,
    /// Wall clock of its block, milliseconds since 1970.
    pub timestamp: u64,
    /// The event, in the application's encoding.
    pub bytes: Bytes,
}

/// A piece of the event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// Events in order; may be empty although more follow, if many blocks had none.
    pub events: Vec<EventRecord>,
    /// Where to continue. Equal to the place asked for only at the end of the stream.
    pub next: Cursor,
}

/// How the node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The last final block.
    pub header: BlockHeader,
    /// Transactions that wait for a block.
    pub waiting_transactions: usize,
    /// Bytes of those.
    pub waiting_bytes: usize,
    /// Number of validators, one vote each.
    pub validators: usize,
    /// Key with which this node votes.
    pub vote_key: [u8; 32],
    /// Why the node stopped, if it did.
    pub stopped: Option<String>,
}
