//! Preparation, version 1: from any module to one whose every result is the same in every engine.
//!
//! ```text
//!   source ──► screen ──► interface ──► rewrite ──► validate again ──► Program { id, bytes, manifest }
//!              features,  exports,      code: NaNs,                       │
//!              limits,    cells,        meter, depth                      └──► touch variant
//!              types      segments
//! ```
//!
//! Two engines run a prepared module: a compiler, for whoever is paid to, and an interpreter, for whoever
//! judges. Left to themselves they differ in the payloads of NaNs, in what they count as work, and in how
//! deep calls may nest. So nothing of that is left to them: it is written into the module, as ordinary
//! WebAssembly. This module knows nothing of engines, steps or proofs.
//!
//! A prepared module is named by its hash ([`Program::id`]), and the rules below decide its every byte:
//! they are part of consensus. Changing what any of them gives is a new [`VERSION`].
//!
//! # 1. What is accepted
//!
//! 1. **Features.** WebAssembly 1.0 with mutable globals, sign extension, saturating conversions, multiple
//!    values, `memory.copy` and `memory.fill`, and fixed-width SIMD. `call_indirect` goes through at most
//!    one table, which nothing can change. All else is refused by name ([`Feature`]): what depends on
//!    scheduling or on the processor (threads, relaxed SIMD), and what keeps state outside memory and
//!    globals (references, tables that change, passive segments, exceptions, garbage collection). Both
//!    engines validate the list alike.
//! 2. **Imports and start.** None: nothing happens but `step`.
//! 3. **Limits.** [`Limit`] names them; their values are in [`limits`]. They bound what compiling a
//!    hostile module costs, and what a frame can take.
//! 4. **Interface.** Section `earnest.abi` with version 1; exports `memory` (the only one, with a maximum),
//!    `step` of `(i64) -> i32`, `earnest_input` and `earnest_output`: immutable i32 globals, addresses of
//!    cells of eight bytes that lie in the initial memory and within one page of 4 KiB, so that one page
//!    is evidence of what a cell says. Other exports are allowed and dropped.
//! 5. **Instantiation cannot fail.** Every segment fits its initial memory or table.
//! 6. **Reserved names.** No export and no custom section begins with `earnest.` (but `earnest.abi`).
//!    So a prepared module is never prepared again.
//!
//! # 2. What is written
//!
//! Types, functions, table, memory, globals, elements and data keep their indices and contents; what is
//! added comes after. Code that cannot be reached from the start of its block (after `br`, `br_table`,
//! `return`, `unreachable`) is left out. All custom sections are dropped but `earnest.abi`; the
//! [`Manifest`] follows it as `earnest.manifest`, in borsh.
//!
//! **State.** Every mutable global is exported as `earnest.global.N`, `N` its index. With the memory they
//! are the whole state between two steps. Two more are added: `earnest.meter` and `earnest.depth`. The
//! memory's maximum is in the module, so that growth beyond it gives -1 by the specification. A host that
//! cannot provide memory within the maximum must fail, never give -1.
//!
//! # 3. Meter
//!
//! `earnest.meter` is an i64 that counts down. The host sets it to the step's cap before the step; what a
//! step used is the cap less what is left. **A step traps if and only if it would trap anyway, does not
//! end, or its executed operators cost more than the cap.** How much a trapped step used is not defined,
//! and nothing of its state is kept.
//!
//! | operator                                                                     | units             |
//! |------------------------------------------------------------------------------|-------------------|
//! | `nop`, `block`, `loop`, `else`, `end`                                        | 0                 |
//! | integer division and remainder; float division and square root, also vectors | 8                 |
//! | `call`, `call_indirect`                                                      | 8                 |
//! | entering a function                                                          | declared locals/4 |
//! | `memory.copy`, `memory.fill`                                                 | 8 + bytes/16      |
//! | `memory.grow`                                                                | 64 + 4,096 per 64 KiB page gained |
//! | other loads, stores and vector operators                                     | 2                 |
//! | other float arithmetic that can make a NaN (rule 5.1)                        | 2                 |
//! | everything else                                                              | 1                 |
//!
//! Divisions round down. The weights follow what the judge's interpreter pays for an operator and what is
//! written around it, in units of its cheapest.
//!
//! The meter is kept in a local. Each straight-line segment is charged at its start; a segment ends where
//! control can leave or arrive: at `loop`, `if`, `else`, `br`, `br_if`, `br_table`, `return`,
//! `unreachable`, and at an `end` that a branch targets. Calls end none: a callee returns or the step
//! traps. The local is written back before calls and at the only exit of a function, a block around its
//! body to which `return` branches. It is checked at function entries and loop heads, before the work of
//! a bulk operator, and when `step` returns: nothing unbounded runs between two checks. When a check
//! fails the global is below zero, which tells the host why.
//!
//! # 4. Call depth
//!
//! Engines' frames differ, so a frame is counted in *stack units*: 32, plus one per local and parameter
//! (two if it is a vector), plus two per operand of the highest operand stack, plus one per four
//! operators (an optimiser may keep any intermediate value alive). A function that calls others adds its
//! units to `earnest.depth` on entry and takes them off on exit; beyond [`limits::STACK_UNITS_MAX`] it
//! traps, and the global is above that. Functions that call nothing are not counted: there is only one of
//! their frames at a time. Engines must be given stacks for all of it: 128 bytes of native stack per
//! unit, four values of an interpreter's stack per unit (it keeps a function's constants in its frame), and
//! 16,384 nested calls.
//!
//! # 5. NaNs
//!
//! 1. The *results that may be NaNs* are those of `add sub mul div min max sqrt ceil floor trunc nearest`,
//!    scalar or vector, and of conversions between f32 and f64. Only their payloads and signs are left
//!    open by WebAssembly; loads, constants, `neg`, `abs`, `copysign`, `pmin`, `pmax` and all moves
//!    are exact, and are never changed.
//! 2. To *settle* a value is to replace every NaN in its lanes by the positive canonical one
//!    (`7fc00000`, `7ff8000000000000`).
//! 3. A value is *looked at* by everything except: arithmetic of 5.1, comparisons and conversions to
//!    integers that read lanes of the width it was made with (nothing of a NaN shows there but that it is
//!    one), and `drop`. `neg`, `abs`, `select`, `pmin`, `pmax`, the first operand of `copysign`, splats,
//!    extraction and replacement of float lanes, and shuffles that move whole lanes pass a value on, as
//!    do locals: if they handle lanes of its width, it is looked at exactly if what they give is. What
//!    crosses a block's boundary, a branch, a call, a return, a global or memory is looked at.
//! 4. A result of 5.1 that is looked at is settled where it is made.
//! 5. Except into *late* locals: a local, not a parameter, all of whose values come from arithmetic of one
//!    lane width (or are numbers, also through `select`, `pmin`, `pmax` and copies of such locals), and
//!    whose reads that are looked at weigh less than its writes; a place weighs 8 to the power of the loops
//!    around it, six at most. What is written to a late local is not settled for its sake; each read of
//!    it that is looked at is. That keeps an accumulator's loop free of it.
//!
//! Settling at the read gives what settling at the write would, since moving a value and settling it
//! commute; that is why a local that ever holds other bits is never late.
//!
//! # 6. Touch variant
//!
//! [`Program::touch_variant`] derives from the prepared module one that also records which pages of 4 KiB
//! it reads or writes: in a second memory `earnest.touched`, one byte per page, and in the count
//! `earnest.touched_count`. When the count passes `earnest.touched_cap`, which the host sets, the step
//! traps, and the count shows why. An access is recorded after it succeeded, so that one out of bounds
//! traps as it would have. Memory, globals and meter are those of the program. It has no identity:
//! whoever needs it derives it.
//!
//! # Invariants
//!
//! - `prepare` is a pure function of the bytes, and of nothing else.
//! - Whatever it accepts, both engines accept, compile and instantiate.
//! - Memory and globals after a step that returns are the same everywhere, and so is whether it returns.

mod access;
mod code;
mod cost;
mod emit;
mod error;
mod floats;
mod graph;
mod interface;
mod lazy;
mod manifest;
mod meter;
mod operands;
mod parts;
mod program;
mod rewrite;
mod screen;
mod source;
mod touch;

pub use error::{Feature, Limit, Mismatch, PrepareError, Required, SegmentKind};
pub use manifest::{GlobalKind, GlobalSlot, Manifest};
pub use program::Program;

use crate::limits;

/// The version of preparation that this module specifies.
pub const VERSION: u32 = 1;
/// The custom section in which a source says which interface it was built for.
pub const ABI_SECTION: &str = "earnest.abi";
/// The only contents of [`ABI_SECTION`].
pub const ABI_VERSION: [u8; 4] = 1u32.to_le_bytes();
/// The export of the program's memory.
pub const MEMORY_EXPORT: &str = "memory";
/// The export of the program's step function, `(i64) -> i32`.
pub const STEP_EXPORT: &str = "step";
/// The export of the address of the input cell.
pub const INPUT_EXPORT: &str = "earnest_input";
/// The export of the address of the output cell.
pub const OUTPUT_EXPORT: &str = "earnest_output";
/// Names that begin like this are given by preparation alone.
pub const RESERVED_PREFIX: &str = "earnest.";
/// The custom section of a prepared module that holds its [`Manifest`] in borsh.
pub const MANIFEST_SECTION: &str = "earnest.manifest";
/// The export of the meter: a mutable i64, the units left.
pub const METER_EXPORT: &str = "earnest.meter";
/// The export of the call depth: a mutable i32, the stack units in use.
pub const DEPTH_EXPORT: &str = "earnest.depth";
/// Touch variant: the export of the memory with one byte per page, 1 if the page was touched.
pub const TOUCHED_EXPORT: &str = "earnest.touched";
/// Touch variant: the export of the number of touched pages, a mutable i32.
pub const TOUCHED_COUNT_EXPORT: &str = "earnest.touched_count";
/// Touch variant: the export of the most pages that may be touched, a mutable i32.
pub const TOUCHED_CAP_EXPORT: &str = "earnest.touched_cap";

/// The export of a program's own mutable global, by its index in the module.
fn global_export(index: usize) -> String {
    format!("{RESERVED_PREFIX}global.{index}")
}

/// Prepares a module: checks it against the rules of [this module](self) and rewrites it.
///
/// # Errors
///
/// The first rule that the module breaks.
pub fn prepare(source: &[u8]) -> Result<Program, PrepareError> {
    Limit::SourceBytes.check(source.len(), limits::SOURCE_BYTES_MAX, None)?;
    screen::screen(source)?;
    let source = source::Source::parse(source)?;
    let manifest = interface::check(&source)?;
    Program::from_prepared(rewrite::rewrite(&source, &manifest)?)
}
