//! Names: chains, senders, transactions, positions in the event stream.

use std::{fmt, str::FromStr};

use crate::hash;

/// The name of a network: see [`crate::Application::chain`].
pub type ChainId = [u8; 32];

/// The key of a nonce sequence: usually the account that signs.
pub type Sender = [u8; 32];

/// The name of a transaction: the hash of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub [u8; 32]);

impl TransactionId {
    /// Names a transaction by its bytes. Anybody can compute it before submitting.
    pub fn of(transaction: &[u8]) -> Self {
        Self(hash::tagged("earnest ledger 1 transaction", &[transaction]))
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hash::write_hex(&self.0, formatter)
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hash::write_hex(&self.0, formatter)
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a transaction id is 64 hexadecimal digits")]
pub struct InvalidTransactionId;

impl FromStr for TransactionId {
    type Err = InvalidTransactionId;

    fn from_str(text: &str) -> Result<Self, InvalidTransactionId> {
        hash::read_hex(text).map(Self).ok_or(InvalidTransactionId)
    }
}

/// A place in the event stream: the next event to read. Ordered as the stream is.
///
/// `Cursor::default()` is the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// Height of the block.
    pub height: u64,
    /// Position among the block's events.
    pub index: u64,
}

impl Cursor {
    /// The beginning of the block at `height`.
    pub fn at(height: u64) -> Self {
        Self { height, index: 0 }
    }

    /// The place just behind this event.
    pub fn next(self) -> Self {
        Self { height: self.height, index: self.index.saturating_add(1) }
    }
}
