//! Orders transactions on the engine, keeps state durable and provable.

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
mod node;
mod pacing;
mod pool;
mod proof;
mod publish;
mod runtime;
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
