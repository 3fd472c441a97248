//! Every limit of the machine in one place.
//!
//! Limits marked *consensus* decide verdicts: all who judge must hold the same values, and changing one
//! is a new version of the machine. The others only protect the host that runs it.

/// Bytes of one leaf of a memory or content tree. Consensus.
pub const PAGE_BYTES: usize = 4096;

/// Bytes of one WebAssembly page, the unit in which a guest's memory grows. Consensus.
pub const WASM_PAGE_BYTES: u64 = 65_536;

/// Height of every memory tree: 2^18 pages of 4 KiB are 1 GiB. Consensus.
pub const MEMORY_DEPTH: u32 = 18;

/// The largest memory a program may declare, in bytes. Consensus.
pub const MEMORY_BYTES_MAX: u64 = (PAGE_BYTES as u64) << MEMORY_DEPTH;

/// The largest module that is prepared, in bytes, before and after preparation. Consensus.
pub const MODULE_BYTES_MAX: usize = 4 << 20;

/// The largest body of one function, in bytes, before preparation. Consensus.
pub const FUNCTION_BYTES_MAX: usize = 64 << 10;

/// The most functions of one module. Consensus.
pub const FUNCTIONS_MAX: u32 = 10_000;

/// The deepest nesting of blocks in one function. Consensus.
pub const NESTING_MAX: u32 = 512;

/// The most locals of one function, parameters included. Consensus.
pub const LOCALS_MAX: u32 = 4_096;

/// The most steps of one computation. Consensus.
pub const STEPS_MAX: u64 = 1 << 22;

/// The most metered units a whole run may be allowed. Consensus.
pub const METER_MAX: u64 = 1 << 60;

/// The most metered units one step may be allowed. Consensus.
pub const METER_PER_STEP_MAX: u64 = 1 << 32;

/// The most pages one step may be allowed to touch. Consensus.
pub const PAGES_PER_STEP_MAX: u32 = 4_096;

/// The largest content (input, output or trace) anywhere, in bytes. Consensus.
pub const CONTENT_BYTES_MAX: u64 = MEMORY_BYTES_MAX;

/// The largest encoded fraud proof that is looked at, in bytes. Consensus.
///
/// Room for [`PAGES_PER_STEP_MAX`] incompressible pages, their siblings and two pages of the trace.
pub const PROOF_BYTES_MAX: usize = 20 << 20;

/// The largest source module, in bytes. Consensus.
pub const SOURCE_BYTES_MAX: usize = 1 << 20;

/// The largest body of one function after preparation, in bytes. Consensus.
pub const PREPARED_FUNCTION_BYTES_MAX: usize = 512 << 10;

/// The most types of one module. Consensus.
pub const TYPES_MAX: u32 = 10_000;

/// The most parameters of a function or block. Consensus.
pub const PARAMETERS_MAX: u32 = 32;

/// The most results of a function or block. Consensus.
pub const RESULTS_MAX: u32 = 32;

/// The most globals of one source module. Consensus.
pub const GLOBALS_MAX: u32 = 500;

/// The most exports of one source module. Consensus.
pub const EXPORTS_MAX: u32 = 10_000;

/// The most data segments, and the most element segments, of one module. Consensus.
pub const SEGMENTS_MAX: u32 = 1_000;

/// The most elements of the table. Consensus.
pub const TABLE_ELEMENTS_MAX: u64 = 16_384;

/// The most operands on one function's stack at once. Consensus.
pub const OPERANDS_MAX: usize = 1_024;

/// The most targets of one `br_table`. Consensus.
pub const BRANCH_TARGETS_MAX: u32 = 8_192;

/// The most stack units that nested calls may take together; a call beyond traps. Consensus.
///
/// One frame takes at least 32, so nested calls number at most 16,384.
pub const STACK_UNITS_MAX: u32 = 1 << 19;
