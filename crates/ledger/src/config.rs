//! What an operator chooses, and what all validators of a network must agree on.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// How one node runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that holds everything durable. Created if missing; used by one node at a time.
    pub directory: PathBuf,
    /// Where other validators connect. Port 0 takes any free port, which only a network of one
    /// can use.
    pub listen: SocketAddr,
    /// Agreed by the whole network.
    pub limits: Limits,
    /// How fast blocks follow each other.
    pub pacing: Pacing,
    /// How much waits for a block.
    pub mempool: MempoolLimits,
    /// Finalised blocks, with their events, to keep on disk; `None` keeps all, so that state can
    /// always be rebuilt by replay.
    pub retained_blocks: Option<u64>,
}

impl Config {
    /// A network of one validator on this machine, everything else at its default.
    pub fn embedded(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            limits: Limits::default(),
            pacing: Pacing::default(),
            mempool: MempoolLimits::default(),
            retained_blocks: None,
        }
    }
}

/// What a block may hold. Part of the network's genesis: a node with other limits is another
/// network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one transaction.
    pub transaction_bytes: u32,
    /// Bytes of all transactions of a block together; at least `transaction_bytes`.
    pub block_bytes: u32,
    /// Number of transactions of a block.
    pub block_transactions: u32,
    /// Sum of [`crate::Admission::work`] over a block.
    pub block_work: u64,
    /// The most that network time advances in one block, in milliseconds: a halted network's
    /// clock stops, so nobody misses a deadline because of an outage.
    pub clock_step_ms_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            transaction_bytes: 5 << 20,
            block_bytes: 8 << 20,
            block_transactions: 20_000,
            block_work: 1_000_000_000,
            clock_step_ms_max: 5_000,
        }
    }
}

/// When the next block starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacing {
    /// Time between blocks while no transaction waits.
    pub idle: Duration,
    /// Time between blocks while transactions wait. The first after a pause waits for nothing.
    pub busy: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Self { idle: Duration::from_secs(1), busy: Duration::from_millis(20) }
    }
}

/// Bounds of the set of transactions that wait for a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MempoolLimits {
    /// Transactions of all senders.
    pub transactions: usize,
    /// Bytes of all senders' transactions.
    pub bytes: usize,
    /// Transactions of one sender; also how far a nonce may run ahead of the state.
    pub transactions_per_sender: usize,
    /// Bytes of one sender's transactions.
    pub bytes_per_sender: usize,
}

impl Default for MempoolLimits {
    fn default() -> Self {
        Self {
            transactions: 50_000,
            bytes: 64 << 20,
            transactions_per_sender: 1_024,
            bytes_per_sender: 16 << 20,
        }
    }
}
