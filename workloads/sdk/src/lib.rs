//! What a step program is written with.
//!
//! A *step program* is a WebAssembly module whose work is cut into steps: calls between which its call
//! stack is empty, so that its whole state is its memory. A machine can then commit to every step and
//! prove any one of them wrong by re-running that step alone. This crate hides the interface such a
//! module must have, helps to cut work into steps of the right size, and runs the same source natively
//! for tests and as the baseline of benchmarks. It knows nothing of machines, networks or money.
//!
//! ```text
//!              start            step           step               step
//!   input ---> program ---> program' ---> program'' ---> ... ---> Done ---> output
//!              \______ one call of the module's `step` export each ______/
//! ```
//!
//! # A whole program
//!
//! ```
//! use guest::{Output, Program, Progress, Refusal};
//!
//! /// Adds up the bytes of its input, 64 KiB at a time.
//! struct Sum {
//!     blocks: guest::Blocks,
//!     total: u64,
//! }
//!
//! impl Program for Sum {
//!     fn start(input: &[u8]) -> Result<Self, Refusal> {
//!         if input.is_empty() {
//!             return Err(Refusal::new("nothing to add up"));
//!         }
//!         Ok(Self { blocks: guest::for_each_block(input.len(), 64 * 1024), total: 0 })
//!     }
//!
//!     fn step(&mut self, input: &[u8], output: &mut Output) -> Result<Progress, Refusal> {
//!         let Some(block) = self.blocks.next() else {
//!             output.extend(&self.total.to_le_bytes());
//!             return Ok(Progress::Done);
//!         };
//!         self.total += input[block].iter().map(|&byte| u64::from(byte)).sum::<u64>();
//!         Ok(Progress::Continue)
//!     }
//! }
//!
//! guest::export!(Sum); // emits the module's exports on wasm32, nothing elsewhere
//!
//! let output = guest::run_native::<Sum>(&[1, 2, 3]);
//! assert_eq!(output, 6u64.to_le_bytes());
//! ```
//!
//! The crate that holds it is a library with `crate-type = ["cdylib", "rlib"]`, and its `build.rs`
//! declares the most memory the module may ever have (a module without a maximum is refused):
//!
//! ```no_run
//! if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
//!     println!("cargo::rustc-link-arg-cdylib=--max-memory=67108864");
//! }
//! ```
//!
//! It is built by [`module::build`], or by the command line that [`module`] documents.
//!
//! # How large a step should be
//!
//! About 10 ms of native work, because a judge re-executes one step in an interpreter that is tens of
//! times slower; at most [`limits::METER_MAX`] metered units and [`limits::PAGES_MAX`] touched pages of
//! 4 KiB, because the touched pages are the evidence that goes on the ledger. [`measure`] runs a program and
//! says what to change. [`Schedule`] packs a list of operations into steps by their cost; [`Chunks`] is a
//! list that grows without moving what it holds, because a growing `Vec` touches all its pages at once.
//!
//! # Invariants
//!
//! - A program sees its input and nothing else: no clock, no randomness (take a seed in the input and use
//!   [`Random`]), no files, no threads, no addresses. Do not use `HashMap`, whose order is seeded.
//! - Bad input never panics: [`Program::start`] or [`Program::step`] returns a [`Refusal`], the run ends as any
//!   other, and its output says why ([`outcome`] tells the two apart).
//! - Native and WebAssembly runs give the same output, bit for bit, as long as a program keeps away from
//!   what differs between them: `usize` arithmetic beyond 32 bits, NaN payloads, the platform's `exp` and
//!   kin (use [`math`]), `min`/`max` of floats with NaN or signed zeros.

#[cfg(target_arch = "wasm32")]
mod abi;
mod chunks;
mod export;
mod output;
mod program;
mod random;
mod schedule;

pub mod limits;
pub mod math;
#[cfg(not(target_arch = "wasm32"))]
pub mod measure;
#[cfg(not(target_arch = "wasm32"))]
pub mod module;
#[cfg(not(target_arch = "wasm32"))]
mod native;
pub mod wire;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub use abi::{ABI_VERSION, Cell, Guest};
pub use chunks::Chunks;
#[cfg(not(target_arch = "wasm32"))]
pub use native::{NativeRun, run_native};
pub use output::Output;
pub use program::{Program, Progress, REFUSED, Refusal, outcome};
pub use random::{Random, mix};
pub use schedule::{Blocks, Schedule, Stage, for_each_block};
