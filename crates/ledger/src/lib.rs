//! Orders transactions on the engine, keeps state durable and provable.
//!
//! The ledger orders opaque transactions by Byzantine agreement, hands them to an [`Application`],
//! and stores, proves and publishes what comes back.

mod application;
mod config;
mod error;
mod hash;
mod identity;

pub use application::{
    Admission, Application, BlockContext, BlockOutcome, Change, Entry, MAX_KEY_BYTES,
    MAX_VALUE_BYTES, Refusal, RestoreError, TransactionResult,
};
pub use config::{Config, Limits, MempoolLimits, Pacing};
pub use error::{DropReason, ReadError, StartError, Stopped, SubmitError, WaitError};
pub use identity::{ChainId, Cursor, InvalidTransactionId, Sender, TransactionId};
