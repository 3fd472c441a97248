//! Writes one function anew: metered, with settled NaNs and a counted call depth.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Function, Ieee32, Ieee64, InstructionSink, ValType};
use wasmparser::Operator;

use super::PrepareError;
use super::code::Code;
use super::cost;
use super::floats::Lane;
use super::lazy::{Analysis, Settle};
use super::meter::Charge;
use crate::limits;

/// The bits of the positive canonical NaN.
const NAN32: u32 = 0x7fc0_0000;
const NAN64: u64 = 0x7ff8_0000_0000_0000;

/// Where preparation put what it added to the module.
#[derive(Clone, Copy)]
pub(super) struct Added {
    /// Global: units left.
    pub(super) meter: u32,
    /// Global: stack units in use.
    pub(super) depth: u32,
}

/// Everything that is known about a function before it is written.
pub(super) struct Plan<'c, 'a> {
    pub(super) code: &'c Code<'a>,
    pub(super) analysis: Analysis,
    pub(super) charges: Vec<Option<Charge>>,
    /// The block type of the whole body: no parameters, the function's results.
    pub(super) body: BlockType,
    pub(super) added: Added,
}

impl Plan<'_, '_> {
    /// Stack units of one call, if the function calls others. The frame of a function that calls
    /// nothing cannot add up, and is bounded by the limits on one function.
    fn frame(&self) -> Result<Option<i32>, PrepareError> {
        if !self.code.calls() {
            return Ok(None);
        }
        let (locals, operators) = (&self.code.locals, self.code.operators.len());
        let units = cost::frame_units(locals, self.analysis.operands_max, operators);
        let over = |_| PrepareError::OverLimit {
            limit: super::Limit::FrameUnits,
            function: Some(self.code.function),
            found: units,
            maximum: u64::from(limits::STACK_UNITS_MAX),
        };
        i32::try_from(units).map(Some).map_err(over)
    }

    /// Writes the function.
    ///
    /// # Errors
    ///
    /// If an operator cannot be encoded, which validation has ruled out.
    pub(super) fn emit(&self) -> Result<Function, PrepareError> {
        let temporaries = Temporaries::of(self);
        let locals = self.code.locals.get(self.code.parameters..).unwrap_or_default();
        let mut types = Vec::with_capacity(locals.len());
        for ty in locals {
            types.push(RoundtripReencoder.val_type(*ty)?);
        }
        types.extend(temporaries.types());
        let mut function = Function::new_with_locals_types(types);
        let frame = self.frame()?;
        let mut writer =
            Writer { function: &mut function, added: self.added, temporaries, nesting: 0 };
        writer.enter(frame, self.body);
        for (at, operator) in self.code.operators.iter().enumerate() {
            if let Some(charge) = self.charges[at] {
                writer.charge(charge);
            }
            writer.operator(operator)?;
            if let Some(settle) = self.analysis.settle[at] {
                writer.settle(settle);
            }
        }
        writer.leave(frame);
        Ok(function)
    }
}

/// Indices of the locals that a function gets: the meter always, the rest where needed.
#[derive(Clone, Copy)]
struct Temporaries {
    meter: u32,
    first: u32,
    present: [bool; 4],
}

impl Temporaries {
    /// Two i32s for lengths, then a float or vector of each kind that is settled.
    const TYPES: [&'static [ValType]; 4] =
        [&[ValType::I32, ValType::I32], &[ValType::F32], &[ValType::F64], &[ValType::V128]];

    fn of(plan: &Plan<'_, '_>) -> Self {
        let needs_word = |op: &Operator<'_>| {
            use Operator as O;
            matches!(op, O::MemoryCopy { .. } | O::MemoryFill { .. } | O::MemoryGrow { .. })
        };
        let settles = |wanted: usize| {
            plan.analysis.settle.iter().flatten().any(|settle| Self::place(*settle) == wanted)
        };
        let present =
            [plan.code.operators.iter().any(needs_word), settles(1), settles(2), settles(3)];
        // At most LOCALS_MAX and PARAMETERS_MAX locals come before.
        let meter = u32::try_from(plan.code.locals.len()).unwrap_or(u32::MAX);
        Self { meter, first: meter.saturating_add(1), present }
    }

    fn types(self) -> Vec<ValType> {
        let present = Self::TYPES.iter().zip(self.present).filter(|(_, present)| *present);
        let mut types = vec![ValType::I64];
        present.for_each(|(kinds, _)| types.extend_from_slice(kinds));
        types
    }

    fn index(self, place: usize) -> u32 {
        let before = Self::TYPES.iter().zip(self.present).take(place);
        let taken: usize =
            before.filter(|(_, present)| *present).map(|(kinds, _)| kinds.len()).sum();
        self.first.saturating_add(u32::try_from(taken).unwrap_or(u32::MAX))
    }

    fn word(self) -> u32 {
        self.index(0)
    }

    fn place(settle: Settle) -> usize {
        match settle {
            Settle { vector: true, .. } => 3,
            Settle { lane: Lane::F32, .. } => 1,
            Settle { lane: Lane::F64, .. } => 2,
        }
    }
}

struct Writer<'f> {
    function: &'f mut Function,
    added: Added,
    temporaries: Temporaries,
    /// Blocks of the source that are open.
    nesting: u32,
}

impl Writer<'_> {
    fn sink(&mut self) -> InstructionSink<'_> {
        self.function.instructions()
    }

    /// Counts the frame, takes the meter into its local, and opens a block around the body, so that
    /// every way out of the function passes [`Writer::leave`].
    fn enter(&mut self, frame: Option<i32>, body: BlockType) {
        if let Some(units) = frame {
            self.push_frame(units);
        }
        self.reload();
        self.sink().block(body);
    }

    fn push_frame(&mut self, units: i32) {
        let depth = self.added.depth;
        self.sink().global_get(depth).i32_const(units).i32_add().global_set(depth);
        self.sink().global_get(depth).i32_const(STACK_UNITS_MAX).i32_gt_u();
        self.sink().if_(BlockType::Empty).unreachable().end();
    }

    fn leave(&mut self, frame: Option<i32>) {
        self.flush();
        if let Some(units) = frame {
            let depth = self.added.depth;
            self.sink().global_get(depth).i32_const(units).i32_sub().global_set(depth);
        }
        self.sink().end();
    }

    /// Writes the meter back, for whoever runs next.
    fn flush(&mut self) {
        let (kept, global) = (self.temporaries.meter, self.added.meter);
        self.sink().local_get(kept).global_set(global);
    }

    fn reload(&mut self) {
        let (kept, global) = (self.temporaries.meter, self.added.meter);
        self.sink().global_get(global).local_set(kept);
    }

    fn charge(&mut self, charge: Charge) {
        let meter = self.temporaries.meter;
        self.sink().local_get(meter);
        if charge.units > 0 {
            // One segment is at most a function's bytes times the highest cost.
            self.sink().i64_const(i64::try_from(charge.units).unwrap_or(i64::MAX)).i64_sub();
        }
        if charge.check {
            self.check();
        } else {
            self.sink().local_set(meter);
        }
    }

    /// Takes the new meter from the stack and traps if it is below zero; the global then shows why.
    fn check(&mut self) {
        let meter = self.temporaries.meter;
        self.sink().local_tee(meter).i64_const(0).i64_lt_s().if_(BlockType::Empty);
        self.flush();
        self.sink().unreachable().end();
    }

    fn operator(&mut self, operator: &Operator<'_>) -> Result<(), PrepareError> {
        match operator {
            Operator::Call { .. } | Operator::CallIndirect { .. } => {
                self.flush();
                self.copy(operator)?;
                self.reload();
            }
            Operator::Return => {
                let body = self.nesting;
                self.sink().br(body);
            }
            Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } => {
                self.charge_length();
                self.copy(operator)?;
            }
            Operator::MemoryGrow { .. } => self.grow(operator)?,
            _ => self.copy(operator)?,
        }
        Ok(())
    }

    fn copy(&mut self, operator: &Operator<'_>) -> Result<(), PrepareError> {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                self.nesting += 1;
            }
            Operator::End => self.nesting = self.nesting.saturating_sub(1),
            _ => {}
        }
        self.function.instruction(&RoundtripReencoder.instruction(operator.clone())?);
        Ok(())
    }

    /// Charges the length on top of the stack, before the work is done.
    fn charge_length(&mut self) {
        let (length, meter) = (self.temporaries.word(), self.temporaries.meter);
        self.sink().local_tee(length).local_get(meter).local_get(length);
        self.sink().i64_extend_i32_u().i64_const(i64::from(cost::BULK_BYTES_LOG2)).i64_shr_u();
        self.sink().i64_sub();
        self.check();
    }

    /// Charges the pages that were gained: a growth that fails costs nothing more.
    fn grow(&mut self, operator: &Operator<'_>) -> Result<(), PrepareError> {
        let (delta, meter) = (self.temporaries.word(), self.temporaries.meter);
        let before = delta + 1;
        self.sink().local_tee(delta);
        self.copy(operator)?;
        self.sink().local_tee(before).i32_const(-1).i32_ne().if_(BlockType::Empty);
        self.sink().local_get(meter).local_get(delta).i64_extend_i32_u();
        self.sink().i64_const(i64::from(cost::GROW_PAGE_LOG2)).i64_shl().i64_sub();
        self.check();
        self.sink().end().local_get(before);
        Ok(())
    }

    /// Replaces every NaN in the value on top of the stack by the canonical one.
    fn settle(&mut self, settle: Settle) {
        let kept = self.temporaries.index(Temporaries::place(settle));
        let mut sink = self.sink();
        sink.local_tee(kept);
        match settle {
            Settle { lane: Lane::F32, vector: false } => {
                sink.f32_const(Ieee32::new(NAN32)).local_get(kept).local_get(kept);
                sink.f32_eq().select();
            }
            Settle { lane: Lane::F64, vector: false } => {
                sink.f64_const(Ieee64::new(NAN64)).local_get(kept).local_get(kept);
                sink.f64_eq().select();
            }
            Settle { lane: Lane::F32, vector: true } => {
                let lanes = u128::from(NAN32) * 0x0000_0001_0000_0001_0000_0001_0000_0001;
                sink.v128_const(lanes.cast_signed()).local_get(kept).local_get(kept);
                sink.f32x4_eq().v128_bitselect();
            }
            Settle { lane: Lane::F64, vector: true } => {
                let lanes = u128::from(NAN64) * 0x0000_0000_0000_0001_0000_0000_0000_0001;
                sink.v128_const(lanes.cast_signed()).local_get(kept).local_get(kept);
                sink.f64x2_eq().v128_bitselect();
            }
        }
    }
}

/// [`limits::STACK_UNITS_MAX`] as the immediate of an instruction.
const STACK_UNITS_MAX: i32 = limits::STACK_UNITS_MAX.cast_signed();
