//! Where NaNs are settled: section 5 of the specification in the [parent module](super).

use wasmparser::{Operator, ValType};

use super::PrepareError;
use super::code::Code;
use super::floats::Lane;
use super::graph::{Node, Origin};
use super::operands::{self, Operands};
use super::source::Source;

/// How a value is settled: every NaN in it becomes the positive canonical one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settle {
    /// Width of the lanes.
    pub(super) lane: Lane,
    /// Whether the value is a vector of them.
    pub(super) vector: bool,
}

/// What the analysis of a function found.
pub(super) struct Analysis {
    /// For each operator, how its result is settled, if it must be.
    pub(super) settle: Vec<Option<Settle>>,
    /// The most operands on the stack at once.
    pub(super) operands_max: usize,
}

/// Finds where a function's NaNs must be settled.
///
/// # Errors
///
/// If the function does not type-check, which validation has ruled out.
pub(super) fn analyse(source: &Source<'_>, code: &Code<'_>) -> Result<Analysis, PrepareError> {
    let operands = operands::trace(source, code)?;
    let origins = local_origins(code, &operands);
    let put_off = put_off(code, &operands, &origins);
    let uses = operands.graph.propagate(|node| put_off.get(node).is_some_and(Option::is_some));
    let mut settle = vec![None; code.operators.len()];
    for made in &operands.made {
        if uses[made.node].observe(made.settle.lane) {
            settle[made.at] = Some(made.settle);
        }
    }
    for read in &operands.reads {
        if let Some(lane) = put_off[read.local]
            && uses[read.node].observe(lane)
        {
            let vector = code.locals[read.local] == ValType::V128;
            settle[read.at] = Some(Settle { lane, vector });
        }
    }
    Ok(Analysis { settle, operands_max: operands.height_max })
}

/// What each local ever holds. Locals begin as zero, parameters as anything.
fn local_origins(code: &Code<'_>, operands: &Operands) -> Vec<Origin> {
    let parameter = |index| if index < code.parameters { Origin::Bits } else { Origin::Number };
    let mut origins: Vec<Origin> = (0..code.locals.len()).map(parameter).collect();
    // Copies between locals can form cycles; each local's origin rises at most twice.
    let mut changed = true;
    let mut rounds = 0;
    while changed {
        changed = false;
        for write in &operands.writes {
            let written = match write.copied {
                // Long chains of copies would make this quadratic: what they hold stays unknown.
                Some(_) if rounds == ROUNDS_MAX => Origin::Bits,
                Some(local) => origins[local],
                None => write.origin,
            };
            let joined = origins[write.local].join(written);
            changed |= joined != origins[write.local];
            origins[write.local] = joined;
        }
        rounds = (rounds + 1).min(ROUNDS_MAX);
    }
    origins
}

/// How often origins are propagated through copies of locals before giving up on them.
const ROUNDS_MAX: u32 = 16;

/// For each local, the lane width in which its NaNs are settled when it is read, instead of when it is
/// written: where that is permitted (see [`Origin`]) and happens less often, by nesting of loops.
fn put_off(code: &Code<'_>, operands: &Operands, origins: &[Origin]) -> Vec<Option<Lane>> {
    let permitted = |local: Node| match origins.get(local) {
        Some(Origin::Lanes(lane)) => Some(*lane),
        _ => None,
    };
    let uses = operands.graph.propagate(|node| permitted(node).is_some());
    let mut written = vec![0u64; code.locals.len()];
    let mut read = vec![0u64; code.locals.len()];
    for write in operands.writes.iter().filter(|write| write.unsettled) {
        written[write.local] += weight(write.loops);
    }
    for reading in &operands.reads {
        if permitted(reading.local).is_some_and(|lane| uses[reading.node].observe(lane)) {
            read[reading.local] += weight(reading.loops);
        }
    }
    let worth_it = |local: &usize| read[*local] < written[*local];
    (0..code.locals.len()).map(|local| permitted(local).filter(|_| worth_it(&local))).collect()
}

/// How often something inside so many loops is assumed to run.
fn weight(loops: u32) -> u64 {
    1 << (3 * loops.min(6))
}

/// Whether an operator is a constant that is a number in lanes of either width.
pub(super) fn is_number(operator: &Operator<'_>) -> bool {
    let numbers = |lanes: [u8; 16]| {
        let narrow =
            |chunk: &[u8]| chunk.try_into().is_ok_and(|four| !f32::from_le_bytes(four).is_nan());
        let wide =
            |chunk: &[u8]| chunk.try_into().is_ok_and(|eight| !f64::from_le_bytes(eight).is_nan());
        lanes.chunks_exact(4).all(narrow) && lanes.chunks_exact(8).all(wide)
    };
    match operator {
        Operator::F32Const { value } => !f32::from_bits(value.bits()).is_nan(),
        Operator::F64Const { value } => !f64::from_bits(value.bits()).is_nan(),
        Operator::V128Const { value } => numbers(*value.bytes()),
        _ => false,
    }
}
