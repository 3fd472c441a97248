//! Where a module keeps its program, its input and its output. The only unsafe code that runs inside a module, save
//! for the output's view of its own pages.

use crate::program::Run;
use crate::{Output, Program, Progress};
use std::cell::UnsafeCell;

/// The version that [`export!`](crate::export) writes into the module.
pub const ABI_VERSION: [u8; 4] = 1u32.to_le_bytes();

/// Eight bytes at a fixed address, through which host and program tell each other where bytes are.
#[repr(C)]
pub struct Cell {
    region: UnsafeCell<Region>,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Region {
    address: u32,
    bytes: u32,
}

// SAFETY: a module has one thread (the machine offers no other kind), and the host touches a cell only
// between steps.
#[allow(unsafe_code)]
unsafe impl Sync for Cell {}

impl Cell {
    /// A cell that names no bytes yet.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it is made in statics, which need a const fn")]
    pub const fn new() -> Self {
        Self { region: UnsafeCell::new(Region { address: 0, bytes: 0 }) }
    }
}

/// A module's program, its output and their place in the module's memory.
pub struct Guest<P> {
    state: UnsafeCell<(Run<P>, Output)>,
}

// SAFETY: as for `Cell`: one thread, and `step` is never entered twice because a module imports nothing that
// could call it back.
#[allow(unsafe_code)]
unsafe impl<P> Sync for Guest<P> {}

impl<P: Program> Guest<P> {
    /// A program that has not begun.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it is made in statics, which need a const fn")]
    pub const fn new() -> Self {
        Self { state: UnsafeCell::new((Run::Fresh, Output::new())) }
    }

    /// The exported `step`.
    #[allow(unsafe_code)]
    pub fn step(&self, input: &Cell, output: &Cell) -> i32 {
        // SAFETY: nothing else refers to the state: see `Sync` above.
        let (run, buffer) = unsafe { &mut *self.state.get() };
        let progress = run.advance(input.bytes(), buffer);
        output.name(buffer.as_bytes());
        i32::from(progress == Progress::Done)
    }
}

#[allow(unsafe_code)]
impl Cell {
    /// The bytes that the host has placed in this module's memory.
    fn bytes(&self) -> &'static [u8] {
        // SAFETY: the cell is valid, aligned memory of this module. Volatile, since the host wrote it.
        let Region { address, bytes } = unsafe { self.region.get().read_volatile() };
        if bytes == 0 {
            return &[];
        }
        // SAFETY: the host put the input behind the module's initial memory, grew the memory to hold it, and
        // neither it nor the allocator (which only grows the memory further) writes there again.
        unsafe { std::slice::from_raw_parts(address as *const u8, bytes as usize) }
    }

    /// Names bytes of this module's memory for the host.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "addresses and lengths are 32 bits wide here"
    )]
    fn name(&self, bytes: &[u8]) {
        let region = Region { address: bytes.as_ptr() as u32, bytes: bytes.len() as u32 };
        // SAFETY: as in `bytes`; the host reads it between steps.
        unsafe { self.region.get().write_volatile(region) }
    }
}
