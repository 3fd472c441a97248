//! Changing the rules' numbers, classes and assets: by proposal, vote and time. Nobody has a key for it.
//!
//! ```text
//!   Propose --deposit--> Voting --tally--> Accepted --timelock--> enacted
//!                           |      |           \-- no longer possible: void
//!                           |      \-- rejected: deposit returned
//!                           \-- spam: deposit burned
//! ```
//!
//! An amendment is checked when it is proposed, when it is accepted and before it takes effect, each time against the
//! rules as they then are. It takes effect after at least the unbonding time, so whoever disagrees has left before, and
//! what a job was promised when it was assigned is in its records.

mod amendment;
mod ballots;
mod enact;
mod propose;
mod record;

pub use amendment::{Amendment, AmendmentFault, CollateralTerms};
pub(crate) use ballots::{sweep_ballots, vote};
pub(crate) use enact::proposal_due;
pub(crate) use propose::propose;
pub use record::{Ballot, Outcome, Proposal, Stage, Tally};
