//! Where units are charged: once at the start of every straight-line segment.

use wasmparser::Operator;

use super::code::Code;
use super::cost;

/// A charge that is made just before an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Charge {
    /// Units of the whole segment that begins here.
    pub(super) units: u64,
    /// Whether to trap if none are left: at function entries and loop heads, so that nothing unbounded
    /// runs between two checks.
    pub(super) check: bool,
}

/// The charge before each operator, if any.
pub(super) fn charges(code: &Code<'_>) -> Vec<Option<Charge>> {
    let mut charges = vec![None; code.operators.len()];
    let declared = code.locals.len() - code.parameters;
    let mut start = 0;
    let mut segment = Charge { units: cost::entry_units(declared), check: true };
    for (index, operator) in code.operators.iter().enumerate() {
        segment.units += cost::units(operator);
        if ends_segment(operator, code.joins[index]) {
            place(&mut charges, start, segment);
            start = index + 1;
            segment = Charge { units: 0, check: matches!(operator, Operator::Loop { .. }) };
        }
    }
    place(&mut charges, start, segment);
    charges
}

fn place(charges: &mut [Option<Charge>], start: usize, charge: Charge) {
    if let Some(place) = charges.get_mut(start)
        && (charge.units > 0 || charge.check)
    {
        *place = Some(charge);
    }
}

/// Whether control can leave after an operator, or arrive from elsewhere. Calls do neither: a callee
/// returns or the step traps.
fn ends_segment(operator: &Operator<'_>, join: bool) -> bool {
    match operator {
        Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::Else
        | Operator::Br { .. }
        | Operator::BrIf { .. }
        | Operator::BrTable { .. }
        | Operator::Return
        | Operator::Unreachable => true,
        Operator::End => join,
        _ => false,
    }
}
