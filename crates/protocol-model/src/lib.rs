//! A second opinion on the rules, for tests only: a naive implementation of everything `protocol` decides, a workload that
//! invents histories, and an auditor that sets the two side by side after every operation.
//!
//! ```text
//!   seed or bytes --> Workload --operation--> Run --+--> protocol::apply, begin_block, end_block --> State
//!                        ^                          |                                                  |  compared
//!                        |                          +--> rules::Model (naive, from the book) --> Model |
//!                        +---- looks at the model to invent what is valid, at the edge, or wrong ------+
//! ```
//!
//! Compared are: accepted or refused, and with exactly which refusal; the fee; the events, every movement of money among
//! them; what every place holds; every operator, offer, exit, job, attempt, audit and demand; every device, draw, round and
//! measurement, and what they come to; every pool, delegation, undelegation and commitment; the seats; the clock. With it
//! go the library's invariants and export and import of the state. A disagreement is made smaller by leaving operations
//! out and comes as the text of a regression test.
//!
//! It must never share code with the rules of `protocol`: it uses their words (actions, events, rejections, records,
//! parameters) and the documented hashes, and derives every rule again. It must never be fast at the price of being
//! clever: no index, no running total, no cache. When the two disagree, `docs/protocol` decides who is wrong.
//!
//! # Adding a part of the rules
//! A module in [`rules`] with what it remembers and decides, its calls in [`operation`], its operations in a module of
//! [`workload`], its tables in [`compare`]. New variants of the enums do not compile in [`coverage`] until they are listed,
//! and from then on the coverage test demands that the workload reaches them.

mod chance;
mod compare;
mod coverage;
mod exact;
mod history;
mod operation;
mod people;
mod referee;
mod rules;
mod run;
mod setup;
mod workload;

#[cfg(test)]
mod canaries;

pub use coverage::Coverage;
pub use history::{Failure, explore, explore_bytes, replay};
pub use operation::{Call, Change, Claimed, Envelope, Leased, Operation, Proposed, Ruled, Wanted};
pub use run::Strides;

/// The vocabulary of a regression test, so that the debug form of a history is its text.
pub mod words {
    pub use crate::operation::Call::*;
    pub use crate::operation::Claimed::*;
    pub use crate::operation::Envelope::*;
    pub use crate::operation::Operation::*;
    pub use crate::operation::Proposed::*;
    pub use crate::operation::Ruled::*;
    pub use crate::operation::{Leased, Wanted};
    pub use protocol::Accused::*;
    pub use protocol::Ballot::*;
    pub use protocol::DataKind::*;
}
