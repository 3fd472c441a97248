//! Runs step programs, commits to every step, proves and judges one step.

pub mod hash;
pub mod limits;
