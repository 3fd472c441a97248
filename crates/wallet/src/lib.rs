//! Keys.
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
pub use signer::LocalSigner;
