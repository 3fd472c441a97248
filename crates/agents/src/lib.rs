//! What a provider, an auditor and a requester do next.
//!
//! ```text
//!             read                    pure                  idempotent
//!   ledger ---------> View ---+
//!                             +-----> plan() ----> deeds ----> executor ----> ledger (transactions)
//!   own disk -------> Memory -+                                        +----> blobs  (by content)
//!       ^                                                              +----> machine (child process)
//!       +------------- answers, before they are sent ------------------+
//! ```
//!
//! An agent is a loop: look at the ledger, plan, act, wait for news. It is level-triggered: it never
//! remembers where a job was, it reads where it is. So it can be killed at any moment; started again, it
//! does the right next thing.
//!
//! - [`provider`]: keeps offers standing, runs jobs, commits, reveals, stands by its results.
//! - [`auditor`]: runs what others ran, commits blind, proves what is wrong.
//! - [`requester`]: publishes, submits, follows, fetches and checks.
//! - [`blobs`]: content-addressed data in a store that may lose and lie, never deceive.
//! - [`account`]: one account's transactions, each until its fate is known.
//! - [`answers`]: one question, one answer, on disk before it is signed.
//! - [`demand`]: data that nobody hands out, demanded and read on the ledger.
//! - [`notice`]: what agents say about what they do, typed.
//!
//! The dishonest conducts ([`provider::Conduct`], [`auditor::Conduct`]) are ordinary modules beside the
//! honest planners: they leave deeds out, corrupt a run, invent a claim. What becomes of them is tested
//! against a real node.
//!
//! # What it must never know
//!
//! Consensus, and how HTTP is served: agents reach the ledger through [`api::Client`] as everybody does.
//! Rules: an agent may send too early or too late, the ledger refuses it harmlessly.
//!
//! # Invariants
//!
//! - No commitment leaves before its claim and salt are on disk; so no history, crashes included, signs two
//!   answers to one question.
//! - Nothing is believed because a blob store or a node said it: blobs are hashed on arrival, programs and answered
//!   pages too.
//! - Whoever answers demands on the ledger has handed the data out: no agent needs a blob store to hold anybody to
//!   a result.
//! - Nobody is accused before the interpreter has agreed that the step is wrong.
//! - Programs run in confined child processes, never in the agent's own.
//! - Deeds can be repeated: doing one again changes nothing.

pub mod account;
pub mod answers;
mod attempt;
pub mod auditor;
pub mod blobs;
mod content;
pub mod demand;
pub mod notice;
pub mod provider;
pub mod requester;
pub mod runner;
mod station;
pub mod stop;
#[cfg(test)]
mod testing;
pub mod view;

pub use attempt::Attempt;
pub use content::bounds;
pub use station::{OpenError, Station};
