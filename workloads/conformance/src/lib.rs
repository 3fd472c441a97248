//! Are the built modules what their sources say? Two questions, both answered by tests:
//!
//! - `tests/rebuild.rs`: does building the sources give the checked-in bytes, and do these hold nothing of the machine they
//!   were built on? It says SKIP where the wasm target or the recorded compiler is absent.
//! - `tests/machine.rs`: does the machine, running a module, give the output of the same source linked natively,
//!   bit for bit, in steps within the limits?
//!
//! One crate for all programs, so that the engine is linked into one test and the programs' own tests stay light.
