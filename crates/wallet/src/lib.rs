//! Keys: making, keeping and using them, and never contradicting oneself.
//!
//! ```text
//!   24 words (paper) --derive--> Seed --create--> key file (disk, passphrase)
//!                                  |                  |
//!                                  +---> LocalSigner <+ open
//!                                             | sign(Transaction)
//!                                             v
//!                                     SignedTransaction ---> whoever carries it
//!
//!   agent: AnswerStore.record(question, answer) on the disk  *before*  sign
//! ```
//!
//! - [`Phrase`]: 24 words from which all keys of a person come (BIP-39, SLIP-0010).
//! - [`keyfile`]: one key on disk, sealed with a passphrase (age, scrypt), mode 0600.
//! - [`Address`]: an account as people copy it, with a checksum.
//! - [`Signer`]: whoever can sign for an account; [`LocalSigner`] is the one with the key in this process.
//! - [`answers`]: what an agent has committed itself to, so that a crash never makes it say two things.
//!
//! The crate must never know the network, a node or a clock, and must never know what a transaction means:
//! it signs whole transactions as the rules define them.
//!
//! # Invariants
//!
//! - A secret is wiped when dropped, is never printed, and never reaches a disk in clear; the one exception
//!   are salts in the answer store, worthless after the reveal, in a file of mode 0600.
//! - No file is ever replaced or left half-written: bytes reach the disk before their name does.
//! - What was recorded as an answer stays the only answer, across crashes and full disks.
//! - Nothing read from a file costs more memory or work than a named limit.

mod address;
pub mod answers;
mod durable;
pub mod keyfile;
mod phrase;
mod secret;
mod signer;

pub use address::{Address, AddressError};
pub use durable::FileError;
pub use phrase::{PHRASE_WORDS, Phrase, PhraseError, Role};
pub use secret::{EmptyPassphrase, Passphrase, Seed};
pub use signer::{LocalSigner, SignError, Signer};
