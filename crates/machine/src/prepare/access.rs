//! Which operators access memory, how wide, and what value they store.

use wasmparser::{MemArg, Operator, ValType};

/// A load or store of a fixed number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// Static offset and alignment.
    pub(super) memarg: MemArg,
    /// How many bytes.
    pub(super) bytes: u32,
    /// The operand above the address, if there is one: what is stored, or the vector a lane is loaded
    /// into.
    pub(super) above: Option<ValType>,
}

const fn access(memarg: MemArg, bytes: u32, above: Option<ValType>) -> Option<Access> {
    Some(Access { memarg, bytes, above })
}

/// The access that an operator makes, if it makes one of fixed length.
pub(super) fn scalar(operator: &Operator<'_>) -> Option<Access> {
    load(operator).or_else(|| store(operator)).or_else(|| vector(operator))
}

fn load(operator: &Operator<'_>) -> Option<Access> {
    use Operator as O;
    match *operator {
        O::I32Load8S { memarg }
        | O::I32Load8U { memarg }
        | O::I64Load8S { memarg }
        | O::I64Load8U { memarg } => access(memarg, 1, None),
        O::I32Load16S { memarg }
        | O::I32Load16U { memarg }
        | O::I64Load16S { memarg }
        | O::I64Load16U { memarg } => access(memarg, 2, None),
        O::I32Load { memarg }
        | O::F32Load { memarg }
        | O::I64Load32S { memarg }
        | O::I64Load32U { memarg } => access(memarg, 4, None),
        O::I64Load { memarg } | O::F64Load { memarg } => access(memarg, 8, None),
        _ => None,
    }
}

fn store(operator: &Operator<'_>) -> Option<Access> {
    use Operator as O;
    match *operator {
        O::I32Store8 { memarg } => access(memarg, 1, Some(ValType::I32)),
        O::I64Store8 { memarg } => access(memarg, 1, Some(ValType::I64)),
        O::I32Store16 { memarg } => access(memarg, 2, Some(ValType::I32)),
        O::I64Store16 { memarg } => access(memarg, 2, Some(ValType::I64)),
        O::I32Store { memarg } => access(memarg, 4, Some(ValType::I32)),
        O::F32Store { memarg } => access(memarg, 4, Some(ValType::F32)),
        O::I64Store32 { memarg } => access(memarg, 4, Some(ValType::I64)),
        O::I64Store { memarg } => access(memarg, 8, Some(ValType::I64)),
        O::F64Store { memarg } => access(memarg, 8, Some(ValType::F64)),
        _ => None,
    }
}

fn vector(operator: &Operator<'_>) -> Option<Access> {
    use Operator as O;
    const VECTOR: Option<ValType> = Some(ValType::V128);
    match *operator {
        O::V128Load8Splat { memarg } => access(memarg, 1, None),
        O::V128Load16Splat { memarg } => access(memarg, 2, None),
        O::V128Load32Splat { memarg } | O::V128Load32Zero { memarg } => access(memarg, 4, None),
        O::V128Load8x8S { memarg }
        | O::V128Load8x8U { memarg }
        | O::V128Load16x4S { memarg }
        | O::V128Load16x4U { memarg }
        | O::V128Load32x2S { memarg }
        | O::V128Load32x2U { memarg }
        | O::V128Load64Splat { memarg }
        | O::V128Load64Zero { memarg } => access(memarg, 8, None),
        O::V128Load { memarg } => access(memarg, 16, None),
        O::V128Store { memarg } => access(memarg, 16, VECTOR),
        O::V128Load8Lane { memarg, .. } | O::V128Store8Lane { memarg, .. } => {
            access(memarg, 1, VECTOR)
        }
        O::V128Load16Lane { memarg, .. } | O::V128Store16Lane { memarg, .. } => {
            access(memarg, 2, VECTOR)
        }
        O::V128Load32Lane { memarg, .. } | O::V128Store32Lane { memarg, .. } => {
            access(memarg, 4, VECTOR)
        }
        O::V128Load64Lane { memarg, .. } | O::V128Store64Lane { memarg, .. } => {
            access(memarg, 8, VECTOR)
        }
        _ => None,
    }
}

/// Whether the operator belongs to the fixed-width SIMD proposal.
pub(super) fn is_vector(operator: &Operator<'_>) -> bool {
    super::screen::proposal(operator) == "simd"
}
