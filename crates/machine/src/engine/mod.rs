//! What runs steps: the optimising compiler for those who work, the interpreter for those who judge.
//!
//! Both are behind [`Engine`], so that one loop drives both and whatever they must agree on is written
//! once. An engine answers in three ways: a step returned, a step trapped, or the *host* failed. The
//! third is never part of a result: nobody is convicted or paid because a machine was short of memory.

mod interpreter;
mod jit;

pub(crate) use interpreter::{Interpreter, Variant};
pub(crate) use jit::{Jit, Optimise, WASM_STACK_BYTES};

use std::borrow::Cow;

use crate::limits;
use crate::prepare::{GlobalKind, Program};

/// Why a step trapped. For people: no root depends on it.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, borsh::BorshSerialize, borsh::BorshDeserialize,
)]
pub enum TrapReason {
    /// The program gave up, or a check in it failed.
    Unreachable,
    /// An access outside memory.
    Memory,
    /// A call through an entry that does not exist, is empty or of another type.
    Table,
    /// An integer division by zero or overflow, or a float that is no integer.
    Arithmetic,
    /// The step used more metered units than allowed, or than were left of the run's.
    Meter,
    /// Nested calls took more stack than allowed.
    Depth,
    /// `step` returned something else than 0 or 1.
    Return,
    /// The program wanted more steps than allowed.
    Steps,
    /// The program's memory or its input do not fit the bounds, so it never started.
    Start,
}

impl std::fmt::Display for TrapReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Unreachable => "the program gave up (unreachable)",
            Self::Memory => "access outside memory",
            Self::Table => "indirect call of a missing or different function",
            Self::Arithmetic => "integer division by zero or overflow",
            Self::Meter => "the step used more metered units than allowed",
            Self::Depth => "nested calls took more stack than allowed",
            Self::Return => "step returned neither 0 nor 1",
            Self::Steps => "the program wanted more steps than allowed",
            Self::Start => "the program's memory or its input exceeds the bounds",
        })
    }
}

/// The host could not do its work. Says nothing about the program.
#[derive(
    Clone, PartialEq, Eq, Debug, borsh::BorshSerialize, borsh::BorshDeserialize, thiserror::Error,
)]
pub enum Failure {
    /// The engine would not take the module.
    #[error("the engine refused the module: {0}")]
    Refused(String),
    /// The host could not provide memory that the bounds allow.
    #[error("the host is out of memory")]
    HostMemory,
    /// The engine's own stack ended before the program's depth did.
    #[error("the engine's stack is too small for the program's depth")]
    HostStack,
    /// The engine ended in a way that is no trap.
    #[error("the engine failed: {0}")]
    Engine(String),
    /// Something is not there.
    #[error("missing: {0}")]
    Missing(Cow<'static, str>),
    /// Changed pages could not be found.
    #[error("cannot track memory: {0}")]
    Tracking(String),
    /// The input ended early or could not be read.
    #[error("cannot read the input: {0}")]
    Input(String),
    /// The one who asked wants no more.
    #[error("stopped by request")]
    Stopped,
}

impl Failure {
    /// Something that a module, an image or a computation lacks.
    pub(crate) const fn missing(what: &'static str) -> Self {
        Self::Missing(Cow::Borrowed(what))
    }
}

/// How a call of `step` ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Called {
    /// It returned a value and left this much of the meter.
    Returned { value: i32, left: i64 },
    /// It trapped.
    Trapped(TrapReason),
}

/// One instance of a program.
pub(crate) trait Engine {
    /// The whole memory.
    fn memory(&self) -> &[u8];
    /// The whole memory, to place the input in it or to corrupt it.
    fn memory_mut(&mut self) -> &mut [u8];
    /// Where memory is, and how many bytes it may grow to without moving, if that is known.
    fn fixed_place(&self) -> Option<(usize, usize)>;
    /// Grows memory to so many bytes.
    fn grow_to(&mut self, bytes: u64) -> Result<(), Failure>;
    /// Bits of all mutable globals but the meter.
    fn globals(&mut self) -> Result<Vec<u128>, Failure>;
    /// Sets all mutable globals but the meter, as [`Engine::globals`] gave them.
    fn set_globals(&mut self, bits: &[u128]) -> Result<(), Failure>;
    /// Calls `step` with its number and a full meter.
    fn call(&mut self, step: u64, meter: u64) -> Result<Called, Failure>;
}

/// Export names and kinds of the globals that are state, from the manifest.
pub(crate) fn state_globals(program: &Program) -> Vec<(&str, GlobalKind)> {
    let manifest = program.manifest();
    let slots = manifest.globals.iter().enumerate().filter(|(index, _)| *index != manifest.meter);
    slots.map(|(_, slot)| (slot.export_name.as_str(), slot.kind)).collect()
}

fn slot_name<'p>(
    program: &'p Program,
    index: usize,
    what: &'static str,
) -> Result<&'p str, Failure> {
    let slot = program.manifest().globals.get(index);
    slot.map(|slot| slot.export_name.as_str()).ok_or(Failure::missing(what))
}

/// An `unreachable` is also how the instrumented module says that a counter ran out.
fn unreachable_reason(meter_left: i64, depth: i32) -> TrapReason {
    if meter_left < 0 {
        TrapReason::Meter
    } else if depth.cast_unsigned() > limits::STACK_UNITS_MAX {
        TrapReason::Depth
    } else {
        TrapReason::Unreachable
    }
}

/// The meter as the module counts it.
fn full_meter(meter: u64) -> i64 {
    i64::try_from(meter).unwrap_or(i64::MAX)
}
