//! The cost table of preparation version 1, in metered units. Part of consensus.

use wasmparser::{Operator, ValType};

use super::floats::{Role, role};

/// Units of an operator that leaves no trace in any engine's code.
pub(super) const FREE: u64 = 0;
/// Units of every operator that has no other cost.
pub(super) const PLAIN: u64 = 1;
/// Units of a memory access, of float arithmetic that can produce a NaN, of any vector operator.
pub(super) const DOUBLE: u64 = 2;
/// Units of a division, remainder or square root.
pub(super) const DIVISION: u64 = 8;
/// Units of a call, on top of what the callee does.
pub(super) const CALL: u64 = 8;
/// Units of a bulk memory operator, on top of its length.
pub(super) const BULK: u64 = 8;
/// Bytes of bulk memory per unit, as a power of two.
pub(super) const BULK_BYTES_LOG2: u32 = 4;
/// Units of growing memory, on top of the pages gained.
pub(super) const GROW: u64 = 64;
/// Units per 64 KiB page gained, as a power of two.
pub(super) const GROW_PAGE_LOG2: u32 = 12;
/// Declared locals that are set to zero for one unit at function entry.
const LOCALS_PER_UNIT: usize = 4;

/// What executing an operator once costs, apart from lengths that only running it shows.
pub(super) fn units(operator: &Operator<'_>) -> u64 {
    use Operator as O;
    match operator {
        O::Nop | O::Block { .. } | O::Loop { .. } | O::Else | O::End => FREE,
        O::Call { .. } | O::CallIndirect { .. } => CALL,
        O::MemoryCopy { .. } | O::MemoryFill { .. } => BULK,
        O::MemoryGrow { .. } => GROW,
        _ if is_division(operator) => DIVISION,
        _ if is_double(operator) => DOUBLE,
        _ => PLAIN,
    }
}

/// What entering a function costs: its declared locals are set to zero.
pub(super) fn entry_units(declared_locals: usize) -> u64 {
    (declared_locals / LOCALS_PER_UNIT) as u64
}

fn is_division(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::I32DivS
            | O::I32DivU
            | O::I32RemS
            | O::I32RemU
            | O::I64DivS
            | O::I64DivU
            | O::I64RemS
            | O::I64RemU
            | O::F32Div
            | O::F64Div
            | O::F32Sqrt
            | O::F64Sqrt
            | O::F32x4Div
            | O::F64x2Div
            | O::F32x4Sqrt
            | O::F64x2Sqrt
    )
}

fn is_double(operator: &Operator<'_>) -> bool {
    super::access::scalar(operator).is_some()
        || super::access::is_vector(operator)
        || matches!(role(operator), Role::Arithmetic { .. })
}

/// Stack units of every frame, whatever it holds: return address, saved registers, our own locals.
const FRAME_UNITS: u64 = 32;
/// Operators of a body per further stack unit: an optimiser may keep any intermediate value alive.
const OPERATORS_PER_FRAME_UNIT: usize = 4;

/// What one call of a function takes of the call stack, in units of eight nominal bytes.
///
/// A local is one unit, a vector two; so is each operand of the highest stack, of whatever type.
pub(super) fn frame_units(locals: &[ValType], operands_max: usize, operators: usize) -> u64 {
    let slots: usize = locals.iter().map(|ty| if *ty == ValType::V128 { 2 } else { 1 }).sum();
    let held = slots + 2 * operands_max + operators / OPERATORS_PER_FRAME_UNIT;
    FRAME_UNITS + held as u64
}
