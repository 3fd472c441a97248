//! What one step may cost at most. The network's parameters decide; these are its initial values, so that a
//! program can be measured before it is submitted.

/// Metered units of one step: about one per WebAssembly instruction, and by length for bulk memory.
pub const METER_MAX: u64 = 200_000_000;

/// Memory pages one step may read or write, in pages of [`PAGE_BYTES`].
pub const PAGES_MAX: u64 = 1_024;

/// Bytes in a page: the leaf of the Merkle tree over a program's memory.
pub const PAGE_BYTES: usize = 4_096;

/// Native time of a well-sized step, in nanoseconds.
pub const STEP_NANOS_TARGET: u64 = 10_000_000;
