//! The rules, by example and at random. Every step of every test is followed by all invariants and by an export and
//! import of the state; every refused transaction is checked to have changed nothing but nonce and fee.

#![allow(clippy::unwrap_used, reason = "tests")]

mod boundaries;
mod bug_classes;
mod conformance;
mod coverage;
mod delegation;
mod demands;
mod flows;
mod governance;
#[cfg(feature = "serde")]
mod json;
mod life;
mod prices;
mod properties;
mod rejections;
mod seats;
mod together;
mod villains;
mod world;
