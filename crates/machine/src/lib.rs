//! Runs step programs, commits to every step, proves and judges one step.

pub mod hash;
pub mod limits;
pub mod prepare;

pub mod claim;
pub mod computation;
pub mod content;
pub mod engine;
pub mod execution;
pub mod fraud;
mod image;
pub mod local;
pub mod opening;
pub mod state;
pub mod tamper;
pub mod trace;
pub mod track;
pub mod tree;
pub mod witness;
