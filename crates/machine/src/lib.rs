//! Runs step programs, commits to every step, proves and judges one step.
//!
//! This crate answers four questions about a deterministic program and its input: *what did it do, step
//! by step? what commits to that? what is the smallest evidence that one step is wrong? is this evidence
//! right?* It must never know of money, jobs, networks, keys or clocks: whoever uses it brings those.
//!
//! # A step program
//!
//! A WebAssembly module that works in steps: calls of its export `step(i)`, which returns 0 for *go on*
//! and 1 for *done*. Between two calls its call stack is empty, so all of its state is its memory and its
//! mutable globals: bytes. [`prepare`] rewrites a module so that those bytes depend on no engine: NaNs
//! are canonical, a counter meters the work, a counter bounds the depth of calls, and what would be state
//! elsewhere is refused.
//!
//! # From a state to 32 bytes
//!
//! ```text
//!  trace = r0 || r1 || .. || rn          one blob, addressed like any blob
//!           |
//!           +-- r(i) = H(state, header(i))            r(i) = H(trapped, i) if step i trapped
//!                          |
//!                          step, status, meter, memory bytes, globals, memory root
//!                                                                        |
//!                                                  tree of height 18 over pages of 4 KiB
//! ```
//!
//! - A **page** of 4 KiB is a leaf; subtrees beyond what is present are zero and implied ([`tree`]).
//! - A **blob** ([`content::Content`]) has the same tree in its natural height, and its size.
//! - The **input** lies in the first state as one aligned subtree, whose root is the input's address: so
//!   `r0` follows from the program and that address, and nobody needs the input to know it.
//! - The **output** is what the output cell names in the last state, if that is page-aligned, inside
//!   memory and within the bounds; else it is empty.
//! - A **trap** is an end like any other, with a root of its own, no memory and an empty output; the
//!   meter claimed is that of the last whole state. Too many units, too deep calls, a return value other
//!   than 0 and 1, one step too many, and a program or input that does not fit are traps too, in every
//!   engine the same. A computation therefore always has a result.
//!
//! A **claim** ([`claim::Claim`]) is `{ output, trace, meter }`: all that a provider stands for.
//!
//! # Finding and judging what is wrong
//!
//! ```text
//!   auditor: run  ->  compare the whole trace  ->  first difference at i
//!                                                        |
//!            the state before i + the pages that step i touches + one multiproof
//!                                                        |
//!   judge:   proof opens r(i-1)?  run step i on those pages  ->  other root than r(i)?  guilty
//! ```
//!
//! The first *difference* is taken, never a search for the last equal state: states may meet again after
//! a corruption. [`fraud`] has the six ways in which a claim can be wrong, and why there is no seventh.
//!
//! # Properties
//!
//! 1. *Honesty is safe*: no proof convicts the claim of an honest execution.
//! 2. *Lies are provable*: for every other claim whose trace and output are available there is a proof,
//!    made from public data by anybody who runs the program, that [`fraud::judge`] convicts.
//! 3. *One answer*: roots, meters, ends and verdicts are the same on every machine, whatever engine runs
//!    the program and however changed pages are found.
//! 4. *Bounded*: nothing from outside is trusted with a size. A judge runs one step and takes the memory
//!    that the bounds allow the program; a proof is at most [`limits::PROOF_BYTES_MAX`] bytes.
//! 5. *The host is no result*: a host without memory, stack or time yields an error, never a claim and
//!    never a verdict.
//!
//! 1 and 2 rest on BLAKE3 being collision-resistant and on the interpreter, which is part of consensus.
//! A compiler's mistake can make an honest provider's claim wrong, but no auditor accuse a right one: every
//! accusation is re-run in the interpreter before it is made.
//!
//! # Who runs what
//!
//! | | engine | where |
//! |---|---|---|
//! | provider, auditor ([`Machine`]) | wasmtime, Cranelift, optimising | a confined child ([`worker`]) |
//! | judge ([`fraud::judge`]) | wasmi, on the pages of the proof only | in process |
//! | benches and tests ([`local`]) | either | in process |
//!
//! ```no_run
//! use machine::{Bounds, Machine, no_progress, prepare};
//! use machine::worker::WorkerConfig;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! machine::worker::serve_if_requested(); // first thing in `main`: this executable is the worker too
//! let program = prepare::prepare(&std::fs::read("program.wasm")?)?;
//! let machine = Machine::new(WorkerConfig::of_this_executable()?);
//! let (input, bounds) = (b"some input", Bounds::default());
//! let execution = machine.run(&program, input, &bounds, &mut no_progress)?;
//! println!("{} steps, {} units", execution.steps(), execution.claim.meter);
//!
//! // Somebody else's claim, with the trace and output that go with it:
//! let claimed = (&execution.claim, &execution.trace_bytes()[..], &execution.output[..]);
//! let proof = machine.find_fault(&program, input, &bounds, claimed, &mut no_progress)?;
//! assert_eq!(proof, None);
//! # Ok(())
//! # }
//! ```

pub mod beginning;
pub mod claim;
pub mod computation;
pub mod content;
pub mod engine;
pub mod execution;
pub mod fraud;
pub mod hash;
mod image;
pub mod limits;
pub mod local;
mod machine;
pub mod opening;
pub mod prepare;
pub mod soundness;
pub mod state;
pub mod tamper;
pub mod trace;
pub mod track;
pub mod tree;
pub mod witness;
pub mod worker;

pub use claim::{Bounds, Claim};
pub use computation::End;
pub use content::Content;
pub use execution::Execution;
pub use fraud::{FraudProof, Verdict, judge, judge_bytes};
pub use hash::Hash;
pub use machine::{Machine, Progress, no_progress};
pub use prepare::Program;
