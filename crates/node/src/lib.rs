//! Joins the rules, the machine as referee and the ledger into one running node.
//!
//! The only crate that knows all three. Each of them has a small trait as its door, and the types
//! that pass are converted here and nowhere else:
//!
//! ```text
//!            HTTP                       transactions, events
//!  clients <------> api::Server <-> NodeBackend <-> ledger::LedgerHandle
//!                                                        | ledger::Application
//!                                                     Rules  (decode, verify, begin, apply, end)
//!                                                        | protocol::apply
//!                                                     protocol
//!                                                        | protocol::Referee
//!                                                     Referee ---> machine (prepare, judge)
//! ```
//!
//! # What it must never know
//!
//! What an operator does next: agents stand behind the API like everybody else. Any key:
//! transactions arrive signed.
//!
//! # Invariants
//!
//! * The referee is a function of its arguments; its cache only saves parsing.
//! * A node runs only if machine, ledger and API carry out what the genesis allows.
//! * The API speaks of final blocks; submitting the same bytes twice has one effect.
//! * Books that do not balance stop the node before the block is final.

mod backend;
mod blocks;
mod explain;
mod files;
mod foresight;
mod governance;
mod node;
pub mod presets;
mod problems;
mod proof;
mod referee;
mod rules;
mod signatures;
mod staking;

pub use files::{
    BLOBS_FOLDER, FileError, GENESIS_FILE, NETWORK_FILE, NetworkFile, read_genesis, write_genesis,
};
pub use node::{Node, NodeConfig, StartError};
pub use proof::{JobProofError, job_is_recorded};
pub use referee::{Referee, bounds};
pub use rules::Rules;
