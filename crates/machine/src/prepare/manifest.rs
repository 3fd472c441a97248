//! What a prepared module says about itself, in its own custom section.

use borsh::{BorshDeserialize, BorshSerialize};
use wasmparser::ValType;

/// The kind of a mutable global: how many bytes of state it is and how an engine reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub enum GlobalKind {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float, of which the bits are state.
    F32,
    /// 64-bit float, of which the bits are state.
    F64,
    /// 128-bit vector.
    V128,
}

impl GlobalKind {
    /// How many bytes a global of this kind is.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::I32 | Self::F32 => 4,
            Self::I64 | Self::F64 => 8,
            Self::V128 => 16,
        }
    }

    /// The kind of a value type; references have none.
    pub(super) const fn of(value: ValType) -> Option<Self> {
        match value {
            ValType::I32 => Some(Self::I32),
            ValType::I64 => Some(Self::I64),
            ValType::F32 => Some(Self::F32),
            ValType::F64 => Some(Self::F64),
            ValType::V128 => Some(Self::V128),
            ValType::Ref(_) => None,
        }
    }
}

/// One mutable global and the name under which the prepared module exports it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct GlobalSlot {
    /// The reserved export name.
    pub export_name: String,
    /// What it holds.
    pub kind: GlobalKind,
}

/// All that a host needs to know about a prepared module without parsing it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Manifest {
    /// The version of preparation: [`VERSION`](super::VERSION).
    pub version: u32,
    /// Memory at instantiation, in pages of 64 KiB.
    pub initial_memory_pages: u32,
    /// Memory at most, in pages of 64 KiB.
    pub maximum_memory_pages: u32,
    /// Address of the eight bytes in which the host names the input.
    pub input_cell: u32,
    /// Address of the eight bytes in which the program names its output.
    pub output_cell: u32,
    /// Every mutable global, the program's own in their order, then the meter and the depth.
    pub globals: Vec<GlobalSlot>,
    /// Index into `globals` of the meter: an i64, the units left, counting down.
    pub meter: usize,
    /// Index into `globals` of the call depth: an i32, the stack units in use; 0 between steps.
    pub depth: usize,
}

impl Manifest {
    /// The slot of the meter.
    #[must_use]
    pub fn meter_slot(&self) -> Option<&GlobalSlot> {
        self.globals.get(self.meter)
    }

    /// The slot of the call depth.
    #[must_use]
    pub fn depth_slot(&self) -> Option<&GlobalSlot> {
        self.globals.get(self.depth)
    }
}
