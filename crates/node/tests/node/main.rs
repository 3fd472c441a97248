//! A whole node, asked over HTTP: what a client sees of the rules, the referee and the ledger.

mod jobs;
mod network;
mod restart;
mod staking;
mod submission;
