//! Orders opaque transactions, keeps state durable and provable, and knows nothing of what either
//! means.
//!
//! The ledger agrees on blocks by Byzantine consensus (commonware's simplex), hands them to an
//! [`Application`], keeps what comes back in an authenticated database, and tells everybody what is
//! final. One validator is a network of one: the code path is the same for many.
//!
//! ```text
//!            submit                      wait, tip, events, prove
//!              |                                   ^
//!              v                                   |
//!   check (batched signatures)          receipts, tip, history
//!              |                                   ^
//!              v                                   | durable
//!           mempool --> propose ==> agree ==> finalize
//!                          |                       |
//!                          v                       v
//!                   Application::execute     database (one batch a block)
//!                   on the parent's state,
//!                   in memory
//! ```
//!
//! # Rules
//!
//! **Upon a submission**: check it without state, together with whatever else has arrived
//! ([`Application::check`]); refuse it with a [`SubmitError`], or let it wait. The mempool is bounded
//! for each sender and in total, by number and by bytes; a transaction whose predecessors are
//! missing waits for them, at most [`MempoolLimits::transactions_per_sender`] ahead; at its expiry
//! it is dropped and whoever waits for it is told.
//!
//! **Upon leading**: pause until [`Pacing::idle`] after the parent, or, when something executable
//! waits, until [`Pacing::busy`] after it. Take waiting transactions in order of arrival, each
//! sender's in order of nonces, up to [`Limits`]. Execute them on the parent's state, final or not.
//! Put the roots of state, outcome and transactions into the header, and the proposer's unique
//! signature as the beacon. Clocks: `timestamp` is the wall clock, never before the parent's and at
//! most a minute after it; `time = parent.time + min(timestamp - parent.timestamp, clock step)`.
//!
//! **Upon a block of another**: check height, clocks, beacon, well-formedness and signatures of all
//! transactions, nonces, expiries, work; execute; compare all roots. Vote only if all hold.
//!
//! **Upon finality**: the engine has made the block durable before it says so. Apply its batch to
//! the database; append block, results and events to the history and make them durable; then publish
//! tip, receipts and events; then forget what became impossible in the mempool. A receipt is the
//! **acknowledgement**.
//!
//! **Upon a restart**: lock and check the directory; open the database at the last block whose batch
//! is durable; rebuild the state from its entries; execute again every block that was final. Only
//! then does [`Ledger::start`] return. States of blocks that were not final are gone, and so is the
//! mempool.
//!
//! # Properties
//!
//! * **Acknowledged is durable.** Killed at any instant, a node restarts with everything it
//!   acknowledged, and with nothing that was not final.
//! * **Same blocks, same roots**, on every machine. A final block whose execution gives another root
//!   stops the node: it never continues on a state of its own.
//! * **Each transaction at most once**: its nonce is its sender's next one exactly when it executes.
//! * **Bounded**: blocks in bytes, transactions and declared work; the mempool; everything decoded
//!   from peers; memory for receipts. An answer about the past stops at 32 MiB and is continued by
//!   asking again.
//! * **Idle is idle**: with no transactions an embedded node makes one empty block each
//!   [`Pacing::idle`].
//! * **No silent loss**: any error of storage stops the node, and [`LedgerHandle::stopped`] says why.
//!
//! # Security
//!
//! ## Provided
//!
//! * Safety and liveness of the order while fewer than a third of the validators are faulty.
//! * Votes are ed25519 and attributable: two contradicting ones are evidence for anybody.
//! * Authenticated, encrypted links between validators; messages of other networks mean nothing.
//! * [`EntryProof`]: an entry of the state, or its absence, at a final height, checked with nothing
//!   but the network's name and the validators' keys.
//! * The data directory is used by one process at a time, for one network, with one key.
//!
//! ## Not provided
//!
//! * The meaning of transactions, and their authenticity beyond what [`Application::check`] does.
//! * Secrecy of the beacon towards its maker. A validator knows the beacon of its own next block
//!   before others do, and a proposer among several can withhold a block whose beacon it dislikes.
//!   With one validator, whoever trusts the order trusts the beacon. A threshold signature of the
//!   committee takes its place in the same field: see `beacon`.
//! * Changes of the set of validators, gossip of waiting transactions, reports of contradicting votes
//!   to the application. The engine has the means; this version does not use them.
//! * Protection of the key file against whoever may read it, or of the directory against whoever may
//!   write it.
//! * Proofs of entries at past heights: take them while a height is the last.
//! * Survival of a disk that loses what it reported as synced.

// The example's application names this crate from outside; the tests inside share it.
#[cfg(test)]
extern crate self as ledger;

mod application;
mod beacon;
mod block;
mod chain;
mod chunks;
mod committee;
mod config;
#[cfg(test)]
#[path = "../examples/counters/application.rs"]
mod counters;
mod directory;
mod engine_types;
mod erased;
mod error;
mod executor;
mod handle;
mod hash;
mod history;
mod identity;
mod network;
mod node;
mod pacing;
mod pool;
mod proof;
mod publish;
mod runtime;
mod settings;
#[cfg(test)]
mod simulation;
mod store;
mod view;

pub use application::{
    Admission, Application, BlockContext, BlockOutcome, Change, Entry, MAX_KEY_BYTES,
    MAX_VALUE_BYTES, Refusal, RestoreError, TransactionResult,
};
pub use config::{Config, Limits, MempoolLimits, Pacing};
pub use error::{DropReason, ReadError, StartError, Stopped, SubmitError, WaitError};
pub use handle::{Ledger, LedgerHandle};
pub use identity::{ChainId, Cursor, InvalidTransactionId, Sender, TransactionId};
pub use proof::{EntryProof, ProofError, ProvenEntry, Trust};
pub use view::{BlockHeader, EventPage, EventRecord, FinalBlock, Receipt, Status, Tip};
