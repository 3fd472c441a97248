//! What can go wrong at each boundary, one enum for each.

use std::{io, path::PathBuf};

use crate::{ChainId, Refusal, RestoreError, hash};

/// Why a ledger did not start. Nothing was changed on disk, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process works on this directory.
    #[error("the data directory {} is in use by another node; stop it first", .0.display())]
    DirectoryInUse(PathBuf),
    /// The directory cannot be created, read or written.
    #[error("the data directory {} cannot be used", .directory.display())]
    Directory {
        /// The directory, or the file in it.
        directory: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The directory belongs to another network.
    #[error(
        "the data directory {} belongs to network {}, not to {}: choose another directory",
        .directory.display(), hash::hex(.found), hash::hex(.expected)
    )]
    OtherNetwork {
        /// The directory.
        directory: PathBuf,
        /// The network that wrote it.
        found: ChainId,
        /// The network that was to be started.
        expected: ChainId,
    },
    /// The directory was written in a format that this version does not read.
    #[error("the data directory {} has format {found:?}; this version reads {expected:?}", .directory.display())]
    OtherFormat {
        /// The directory.
        directory: PathBuf,
        /// What its marker file says.
        found: String,
        /// What this version writes.
        expected: String,
    },
    /// The directory was written under other limits.
    #[error(
        "the data directory {} was made with other limits: use those, or choose another directory",
        .0.display()
    )]
    OtherLimits(PathBuf),
    /// The key file holds another validator's key: with it the node would be a stranger in its
    /// own network.
    #[error(
        "the key in the data directory {} is not the one it was made with: put that one back",
        .0.display()
    )]
    OtherValidator(PathBuf),
    /// The address to listen on is taken or not ours.
    #[error("cannot listen on {address}; is another node running?")]
    Listen {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// A value of the configuration makes no sense.
    #[error("the configuration is invalid: {0}")]
    Config(String),
    /// The stored state is not one of this application.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The engine stopped while starting.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// The ledger runs no more. What it acknowledged is durable; start it again to continue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger has stopped: {0}")]
pub struct Stopped(pub String);

/// Why a transaction was not taken. It will not be executed because of this submission.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Longer than a transaction may be.
    #[error("a transaction has at most {limit} bytes; this one has {found}")]
    TooLong {
        /// Bytes submitted.
        found: usize,
        /// Bytes allowed.
        limit: u32,
    },
    /// Not well-formed, in the application's words: undecodable, wrong signature, wrong network.
    #[error("the transaction is malformed: {0}")]
    Refused(#[from] Refusal),
    /// The work it may cause does not fit in any block.
    #[error("a block does at most {limit} units of work; this transaction may need {found}")]
    TooMuchWork {
        /// Units it may need.
        found: u64,
        /// Units allowed.
        limit: u64,
    },
    /// It may no longer be included.
    #[error("the transaction expired at height {expires}; the ledger is at {height}")]
    Expired {
        /// Its last height.
        expires: u64,
        /// The last finalised height.
        height: u64,
    },
    /// Its nonce was used: it was executed before, or another one was in its place.
    #[error("nonce {found} is used; the sender's next is {next}")]
    NonceUsed {
        /// Nonce of the transaction.
        found: u64,
        /// The sender's next nonce.
        next: u64,
    },
    /// Its nonce is further ahead than may wait.
    #[error("nonce {found} is too far ahead of the sender's next, {next}; at most {limit} wait")]
    NonceTooHigh {
        /// Nonce of the transaction.
        found: u64,
        /// The sender's next nonce.
        next: u64,
        /// How many may wait.
        limit: u64,
    },
    /// Another transaction of the same sender with the same nonce waits already.
    #[error("another transaction with nonce {nonce} of this sender is waiting")]
    NonceTaken {
        /// The contested nonce.
        nonce: u64,
    },
    /// This very transaction waits already. Waiting for its receipt works.
    #[error("the transaction is waiting already")]
    Known,
    /// The sender has too much waiting.
    #[error("the sender has {waiting} transactions waiting; wait for some to be executed")]
    SenderFull {
        /// Transactions of the sender that wait.
        waiting: usize,
    },
    /// Too much is waiting. Try again after the next block.
    #[error("the ledger is full: {waiting} transactions wait; try again shortly")]
    Full {
        /// Transactions that wait.
        waiting: usize,
    },
    /// The ledger runs no more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Why there will be no receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// It neither waits nor was executed among the recent blocks whose receipts are kept.
    #[error("the transaction is unknown: never submitted here, dropped, or long executed")]
    Unknown,
    /// It was dropped: expired, or another transaction took its nonce.
    #[error("the transaction was dropped before it was included: {0}")]
    Dropped(DropReason),
    /// The ledger stopped. If the transaction was included, its receipt is there after a restart.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Why a waiting transaction will never be included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DropReason {
    /// The last height at which it could be included has passed.
    #[error("it expired")]
    Expired,
    /// Another transaction of its sender was executed with its nonce.
    #[error("another transaction used its nonce")]
    NonceUsed,
}

/// Why something stored could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Dropped from disk by [`crate::Config::retained_blocks`].
    #[error("height {height} is no longer kept; the oldest kept is {oldest}")]
    Pruned {
        /// The height asked for.
        height: u64,
        /// The oldest one on disk.
        oldest: u64,
    },
    /// The ledger runs no more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
