//! placeholder

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

/// Prepares a module: checks it against the rules above and rewrites it.
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
