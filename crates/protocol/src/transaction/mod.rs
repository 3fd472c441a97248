//! Transactions: what an account signs, and the proof that it did.
//!
//! A signature covers a domain, the chain's identity, the sender, its nonce, an expiry height and the action,
//! so it is worth nothing on another chain, a second time, or too late. [`Verified`] is the only form the rules
//! accept.

mod action;
mod sign;

pub use action::{Accused, Action, DataKind, Duties, PageProof};
pub use sign::{SIGNING_DOMAIN, SignedTransaction, Transaction, Verified};
