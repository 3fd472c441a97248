//! What each operator does to the payload of a NaN.

use wasmparser::Operator;

/// The width of the float lanes that an operator sees in its operands. A scalar is one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    F32,
    F64,
}

/// How an operator treats float operands whose NaN payloads are not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Results may be NaNs whose payload the specification leaves open. Of a NaN operand nothing
    /// matters but that it is one.
    Arithmetic { reads: Lane, makes: Lane, vector: bool },
    /// The result is settled, and depends on nothing of a NaN operand but that it is one.
    Compare(Lane),
    /// Lanes of all operands are passed on, with whatever is in them.
    Carry(Carry),
    /// The first operand is passed on with the sign of the second.
    CopySign,
    /// The result is lanes of numbers, never NaNs; operands are integers.
    Number(Lane),
    /// Anything else: operands are looked at bit by bit.
    Observe,
}

/// How lanes are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carry {
    /// One operand or the other, whole.
    Select,
    /// Lane by lane one operand or the other, unchanged.
    Choose(Lane),
    /// Lanes of this width, moved or with their sign changed.
    Lanes(Lane),
    /// Blocks of eight bytes, moved: lanes of either width stay whole.
    Blocks,
}

/// The role of an operator.
pub(super) fn role(operator: &Operator<'_>) -> Role {
    if let Some(role) = scalar(operator).or_else(|| vector(operator)) {
        return role;
    }
    match operator {
        Operator::Select => Role::Carry(Carry::Select),
        Operator::I8x16Shuffle { lanes } => shuffle(lanes),
        _ => Role::Observe,
    }
}

const fn arithmetic(lane: Lane, vector: bool) -> Option<Role> {
    Some(Role::Arithmetic { reads: lane, makes: lane, vector })
}

fn scalar(operator: &Operator<'_>) -> Option<Role> {
    use Lane::{F32, F64};
    use Operator as O;
    match operator {
        O::F32Add
        | O::F32Sub
        | O::F32Mul
        | O::F32Div
        | O::F32Min
        | O::F32Max
        | O::F32Sqrt
        | O::F32Ceil
        | O::F32Floor
        | O::F32Trunc
        | O::F32Nearest => arithmetic(F32, false),
        O::F64Add
        | O::F64Sub
        | O::F64Mul
        | O::F64Div
        | O::F64Min
        | O::F64Max
        | O::F64Sqrt
        | O::F64Ceil
        | O::F64Floor
        | O::F64Trunc
        | O::F64Nearest => arithmetic(F64, false),
        O::F32DemoteF64 => Some(Role::Arithmetic { reads: F64, makes: F32, vector: false }),
        O::F64PromoteF32 => Some(Role::Arithmetic { reads: F32, makes: F64, vector: false }),
        O::F32Eq
        | O::F32Ne
        | O::F32Lt
        | O::F32Gt
        | O::F32Le
        | O::F32Ge
        | O::I32TruncF32S
        | O::I32TruncF32U
        | O::I64TruncF32S
        | O::I64TruncF32U
        | O::I32TruncSatF32S
        | O::I32TruncSatF32U
        | O::I64TruncSatF32S
        | O::I64TruncSatF32U => Some(Role::Compare(F32)),
        O::F64Eq
        | O::F64Ne
        | O::F64Lt
        | O::F64Gt
        | O::F64Le
        | O::F64Ge
        | O::I32TruncF64S
        | O::I32TruncF64U
        | O::I64TruncF64S
        | O::I64TruncF64U
        | O::I32TruncSatF64S
        | O::I32TruncSatF64U
        | O::I64TruncSatF64S
        | O::I64TruncSatF64U => Some(Role::Compare(F64)),
        O::F32Abs | O::F32Neg => Some(Role::Carry(Carry::Lanes(F32))),
        O::F64Abs | O::F64Neg => Some(Role::Carry(Carry::Lanes(F64))),
        O::F32Copysign | O::F64Copysign => Some(Role::CopySign),
        O::F32ConvertI32S | O::F32ConvertI32U | O::F32ConvertI64S | O::F32ConvertI64U => {
            Some(Role::Number(F32))
        }
        O::F64ConvertI32S | O::F64ConvertI32U | O::F64ConvertI64S | O::F64ConvertI64U => {
            Some(Role::Number(F64))
        }
        _ => None,
    }
}

fn vector(operator: &Operator<'_>) -> Option<Role> {
    use Lane::{F32, F64};
    use Operator as O;
    match operator {
        O::F32x4Add
        | O::F32x4Sub
        | O::F32x4Mul
        | O::F32x4Div
        | O::F32x4Min
        | O::F32x4Max
        | O::F32x4Sqrt
        | O::F32x4Ceil
        | O::F32x4Floor
        | O::F32x4Trunc
        | O::F32x4Nearest => arithmetic(F32, true),
        O::F64x2Add
        | O::F64x2Sub
        | O::F64x2Mul
        | O::F64x2Div
        | O::F64x2Min
        | O::F64x2Max
        | O::F64x2Sqrt
        | O::F64x2Ceil
        | O::F64x2Floor
        | O::F64x2Trunc
        | O::F64x2Nearest => arithmetic(F64, true),
        O::F32x4DemoteF64x2Zero => Some(Role::Arithmetic { reads: F64, makes: F32, vector: true }),
        O::F64x2PromoteLowF32x4 => Some(Role::Arithmetic { reads: F32, makes: F64, vector: true }),
        O::F32x4Eq
        | O::F32x4Ne
        | O::F32x4Lt
        | O::F32x4Gt
        | O::F32x4Le
        | O::F32x4Ge
        | O::I32x4TruncSatF32x4S
        | O::I32x4TruncSatF32x4U => Some(Role::Compare(F32)),
        O::F64x2Eq
        | O::F64x2Ne
        | O::F64x2Lt
        | O::F64x2Gt
        | O::F64x2Le
        | O::F64x2Ge
        | O::I32x4TruncSatF64x2SZero
        | O::I32x4TruncSatF64x2UZero => Some(Role::Compare(F64)),
        O::F32x4PMin | O::F32x4PMax => Some(Role::Carry(Carry::Choose(F32))),
        O::F64x2PMin | O::F64x2PMax => Some(Role::Carry(Carry::Choose(F64))),
        O::F32x4Abs
        | O::F32x4Neg
        | O::F32x4ExtractLane { .. }
        | O::F32x4ReplaceLane { .. }
        | O::F32x4Splat => Some(Role::Carry(Carry::Lanes(F32))),
        O::F64x2Abs
        | O::F64x2Neg
        | O::F64x2ExtractLane { .. }
        | O::F64x2ReplaceLane { .. }
        | O::F64x2Splat => Some(Role::Carry(Carry::Lanes(F64))),
        O::F32x4ConvertI32x4S | O::F32x4ConvertI32x4U => Some(Role::Number(F32)),
        O::F64x2ConvertLowI32x4S | O::F64x2ConvertLowI32x4U => Some(Role::Number(F64)),
        _ => None,
    }
}

/// A shuffle of whole lanes carries them; any other mixes bytes.
fn shuffle(lanes: &[u8; 16]) -> Role {
    if moves_blocks(lanes, 8) {
        Role::Carry(Carry::Blocks)
    } else if moves_blocks(lanes, 4) {
        Role::Carry(Carry::Lanes(Lane::F32))
    } else {
        Role::Observe
    }
}

fn moves_blocks(lanes: &[u8; 16], size: usize) -> bool {
    lanes.chunks_exact(size).all(|block| {
        usize::from(block[0]).is_multiple_of(size)
            && block.windows(2).all(|pair| pair[1] == pair[0] + 1)
    })
}
