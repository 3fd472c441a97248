//! One account's transactions, one after the other, each until its fate is known.
//!
//! ```text
//! send(action) --> nonce from the ledger --> sign --> submit --+--> receipt: accepted, or rejected by the rules
//!                       ^                       ^              |
//!                       |                       +-- the same bytes again: no answer, no room, not yet
//!                       +-------------------------- signed anew: expired, dropped, nonce used by another
//! ```
//!
//! The same bytes may be submitted any number of times, so whenever it is unclear what became of a
//! transaction, it is submitted again. Another one is signed only when the first can no longer be
//! executed; so one `send` never has two effects.

use std::sync::Arc;
use std::time::Duration;

use api::wire::{Outcome, Receipt, Rejected};
use api::{Client, ClientError, Code, Problem};
use protocol::{AccountId, Action, ChainId, Nonce, SignedTransaction, Transaction};
use tokio::sync::Mutex;
use tokio::time::Instant;
use wallet::{SignError, Signer};

/// Blocks a transaction may wait before it is worth nothing.
pub const EXPIRY_BLOCKS: u64 = 1_000;

/// How long a transaction is tried before its sender is told that its fate is unknown.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two tries.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Rejections that say nothing about the action: the transaction came too late or out of order, was not
/// charged, and is worth signing again.
const SIGN_AGAIN: [u16; 2] = [102, 104];

/// Why an action was not executed, or is not known to have been.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The rules refused it. Nothing happened but its fee.
    #[error("{}", .reason.message)]
    Rejected {
        /// The rules' reason, with its stable code.
        reason: Rejected,
    },
    /// The ledger does not take it, and never will as it is.
    #[error(transparent)]
    Refused(Problem),
    /// No signature.
    #[error(transparent)]
    Unsigned(#[from] SignError),
    /// The node gave no answer for so long that the transaction's fate is unknown. Look at the ledger.
    #[error("it is not known whether the transaction was executed")]
    Unknown(#[source] ClientError),
    /// The ledger could not be read, and nothing was sent.
    #[error("the ledger cannot be read")]
    Unread(#[source] ClientError),
}

impl SendError {
    /// The stable code of the rules' rejection, if it is one: see [`protocol::Rejection::CODES`].
    #[must_use]
    pub const fn rejection(&self) -> Option<u16> {
        match self {
            Self::Rejected { reason } => Some(reason.code),
            _ => None,
        }
    }
}

/// An action that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The nonce it was executed with.
    pub nonce: Nonce,
    /// Where it was executed.
    pub receipt: Receipt,
}

/// What became of signed bytes.
enum Fate {
    Executed(Receipt),
    Never(Problem),
}

/// Sends one account's transactions.
pub struct Account {
    client: Client,
    signer: Arc<dyn Signer>,
    chain: ChainId,
    patience: Duration,
    /// One transaction at a time: the next nonce is known only when the last one is settled.
    turn: Mutex<()>,
}

impl Account {
    /// The account of `signer` on the chain behind `client`.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn connect(client: Client, signer: Arc<dyn Signer>) -> Result<Self, ClientError> {
        let chain = client.status().await?.chain;
        Ok(Self { client, signer, chain, patience: PATIENCE, turn: Mutex::new(()) })
    }

    /// The same account, giving up on a silent node after `patience`.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.signer.account()
    }

    /// The chain it is used on.
    #[must_use]
    pub const fn chain(&self) -> ChainId {
        self.chain
    }

    /// The way to the ledger.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Does `action`: returns when it is final.
    ///
    /// # Errors
    /// It was rejected or refused, or its fate is unknown.
    pub async fn send(&self, action: Action) -> Result<Sent, SendError> {
        let _turn = self.turn.lock().await;
        let give_up = Instant::now() + self.patience;
        loop {
            let signed = self.sign(action.clone(), give_up).await?;
            match self.settle(&signed, give_up).await? {
                Fate::Executed(receipt) => match accepted(receipt) {
                    Err(SendError::Rejected { reason })
                        if SIGN_AGAIN.contains(&reason.code) && Instant::now() < give_up => {}
                    settled => {
                        return Ok(Sent { nonce: signed.transaction.nonce, receipt: settled? });
                    }
                },
                Fate::Never(_) if Instant::now() < give_up => {}
                Fate::Never(problem) => return Err(SendError::Refused(problem)),
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    /// Signs `action` with the account's next nonce.
    async fn sign(&self, action: Action, give_up: Instant) -> Result<SignedTransaction, SendError> {
        let (height, nonce) = loop {
            match self.read().await {
                Ok(read) => break read,
                Err(error) if error.is_temporary() && Instant::now() < give_up => {}
                Err(error) => return Err(SendError::Unread(error)),
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        };
        let transaction = Transaction {
            chain: self.chain,
            sender: self.id(),
            nonce,
            expiry: height.plus(EXPIRY_BLOCKS),
            action,
        };
        Ok(self.signer.sign(transaction)?)
    }

    async fn read(&self) -> Result<(protocol::Height, Nonce), ClientError> {
        let height = self.client.status().await?.height;
        let nonce = self.client.account(self.id()).await?.nonce;
        Ok((height, nonce))
    }

    /// Submits the same bytes until it is known what became of them.
    async fn settle(
        &self,
        signed: &SignedTransaction,
        give_up: Instant,
    ) -> Result<Fate, SendError> {
        loop {
            match self.client.submit(signed).await {
                Ok(receipt) => return Ok(Fate::Executed(receipt)),
                Err(ClientError::Refused(problem)) if is_dead(problem.code) => {
                    return Ok(Fate::Never(problem));
                }
                Err(error) if is_open(&error) && Instant::now() < give_up => {
                    tracing::debug!(%error, "submitting again");
                }
                Err(error) if is_open(&error) => return Err(SendError::Unknown(error)),
                Err(ClientError::Refused(problem)) => return Err(SendError::Refused(problem)),
                Err(error) => return Err(SendError::Unknown(error)),
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }
}

fn accepted(receipt: Receipt) -> Result<Receipt, SendError> {
    match receipt.outcome {
        Outcome::Accepted => Ok(receipt),
        Outcome::Rejected(reason) => Err(SendError::Rejected { reason }),
    }
}

/// Whether these bytes can no longer be executed, but the action could.
const fn is_dead(code: Code) -> bool {
    matches!(
        code,
        Code::TransactionExpired
            | Code::TransactionDropped
            | Code::NonceUsed
            | Code::NonceTaken
            | Code::NonceTooHigh
    )
}

/// Whether the error leaves open what became of the bytes, so that they are worth submitting again. A
/// transaction that was taken and then is not found belongs to a node that was started again.
fn is_open(error: &ClientError) -> bool {
    error.is_temporary() || error.is_not_found()
}
