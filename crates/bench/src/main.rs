//! Measurements that take minutes: speed against named baselines, soundness at full count.
//!
//! Started by `cargo xtask bench` and `cargo xtask soundness`, always in release. A crate of its own, so
//! that the daily chores in `xtask` build in seconds and never wait for the machine.

fn main() {}
