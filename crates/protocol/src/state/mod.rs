//! The state: persistent maps, in order of key where order matters and hash tries elsewhere, queries over them, and their form
//! as entries.
//!
//! A clone is a handful of reference counts, so a block's overlay is a clone and a refused transaction is a dropped
//! one. Money is in `accounts` (native balances, beside the nonce they are used with) and `held` (everything else).

mod entries;
mod hash_trie;
mod queries;
mod read_ahead;
mod tables;

pub(crate) use hash_trie::{HashTrie, Key};

pub use entries::{Entry, ImportFault, TABLES, job_entry, job_key};
pub use queries::Supply;
pub use tables::{Account, Asset, ChainInfo, Clock, State, Task};
