//! The rules, by example and at random. Every step of every test is followed by all invariants and by an export and
//! import of the state; every refused transaction is checked to have changed nothing but nonce and fee.

#![allow(clippy::unwrap_used, reason = "tests")]

mod access;
mod appeals;
mod boundaries;
mod bug_classes;
mod capacity;
mod chapters;
mod conformance;
mod coverage;
mod delegation;
mod demands;
mod devices;
mod double_signing;
mod fallback;
mod flows;
mod governance;
mod incentives;
#[cfg(feature = "serde")]
mod json;
mod leases;
mod life;
mod market;
mod prices;
mod properties;
mod rejections;
mod replica_joints;
mod replicated;
mod rewards;
mod scale;
mod seats;
mod together;
mod transfers;
mod uptime;
mod villains;
mod world;
