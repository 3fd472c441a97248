//! The interpreter: wasmi, for those who judge. Part of consensus, pinned to the last digit.
//!
//! Its translation is linear in the module, so a hostile module costs what its bytes cost.

use wasmi::errors::ErrorKind;
use wasmi::{
    CompilationMode, Config, Engine as Translator, F32, F64, Global, Instance, Memory, Module,
    Store, StoreLimits, StoreLimitsBuilder, TrapCode, TypedFunc, V128, Val,
};

use super::{Called, Engine, Failure, TrapReason, full_meter, slot_name, state_globals};
use crate::limits::WASM_PAGE_BYTES;
use crate::prepare::{
    MEMORY_EXPORT, Program, STEP_EXPORT, TOUCHED_CAP_EXPORT, TOUCHED_COUNT_EXPORT, TOUCHED_EXPORT,
};

/// Nested calls that the interpreter bears. The depth counter ends at a sixteenth of it.
const RECURSION_MAX: usize = 1 << 18;

/// Values on the stack that the interpreter bears, of sixteen bytes each, on the heap and taken as needed.
const STACK_VALUES_MAX: usize = 1 << 24;

/// Which form of the program to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Variant {
    /// As prepared.
    Plain,
    /// Recording touched pages, of which there may be so many.
    Touch { pages_max: u32 },
}

/// The record of touched pages.
struct Touched {
    record: Memory,
    count: Global,
    pages_max: u32,
}

/// An interpreted instance.
pub(crate) struct Interpreter {
    store: Store<StoreLimits>,
    memory: Memory,
    step: TypedFunc<i64, i32>,
    meter: Global,
    depth: Global,
    globals: Vec<Global>,
    touched: Option<Touched>,
}

impl Interpreter {
    /// Translates and instantiates a program.
    pub(crate) fn new(program: &Program, variant: Variant) -> Result<Self, Failure> {
        let refused = |error: wasmi::Error| Failure::Refused(error.to_string());
        let translator = Translator::new(&config());
        let module = match variant {
            Variant::Plain => Module::new(&translator, program.bytes()),
            Variant::Touch { .. } => Module::new(&translator, program.touch_variant()),
        };
        let module = module.map_err(refused)?;
        // A growth beyond the maximum is -1, as specified, and never gets as far as this. What does is
        // memory that the host cannot provide, and that must not look like a result.
        let limits = StoreLimitsBuilder::new().trap_on_grow_failure(true).build();
        let mut store = Store::new(&translator, limits);
        store.limiter(|limits| limits);
        let instance = Instance::new(&mut store, &module, &[]).map_err(not_instantiated)?;
        Self::of_instance(program, store, &instance, variant)
    }

    fn of_instance(
        program: &Program,
        mut store: Store<StoreLimits>,
        instance: &Instance,
        variant: Variant,
    ) -> Result<Self, Failure> {
        let manifest = program.manifest();
        let memory = instance.get_memory(&store, MEMORY_EXPORT);
        let memory = memory.ok_or(Failure::missing("its memory"))?;
        let step = instance.get_typed_func(&store, STEP_EXPORT);
        let step = step.map_err(|_| Failure::missing("its step"))?;
        let global =
            |name: &str| instance.get_global(&store, name).ok_or(Failure::missing("a global"));
        let meter = global(slot_name(program, manifest.meter, "its meter")?)?;
        let depth = global(slot_name(program, manifest.depth, "its depth")?)?;
        let globals = state_globals(program).into_iter().map(|(name, _)| global(name));
        let globals = globals.collect::<Result<_, _>>()?;
        let touched = match variant {
            Variant::Plain => None,
            Variant::Touch { pages_max } => Some(Touched::new(&mut store, instance, pages_max)?),
        };
        Ok(Self { store, memory, step, meter, depth, globals, touched })
    }

    /// Pages touched so far, ascending, and whether they passed the most that were allowed.
    ///
    /// The page that passed it is among them.
    pub(crate) fn touched(&self) -> (Vec<u32>, bool) {
        let Some(touched) = &self.touched else { return (Vec::new(), false) };
        let record = touched.record.data(&self.store);
        let pages = (0u32..).zip(record).filter(|(_, mark)| **mark != 0).map(|(page, _)| page);
        let count = touched.count.get(&self.store).i32().map_or(0, i32::cast_unsigned);
        (pages.collect(), count > touched.pages_max)
    }

    fn ended(&mut self, error: &wasmi::Error) -> Result<TrapReason, Failure> {
        Ok(match error.as_trap_code() {
            Some(TrapCode::UnreachableCodeReached) => self.unreachable_reason(),
            Some(TrapCode::MemoryOutOfBounds) => TrapReason::Memory,
            Some(
                TrapCode::TableOutOfBounds | TrapCode::IndirectCallToNull | TrapCode::BadSignature,
            ) => TrapReason::Table,
            Some(
                TrapCode::IntegerDivisionByZero
                | TrapCode::IntegerOverflow
                | TrapCode::BadConversionToInteger,
            ) => TrapReason::Arithmetic,
            Some(TrapCode::StackOverflow) => return Err(Failure::HostStack),
            Some(TrapCode::GrowthOperationLimited) => return Err(Failure::HostMemory),
            _ => return Err(Failure::Engine(error.to_string())),
        })
    }

    fn unreachable_reason(&self) -> TrapReason {
        let left = self.meter.get(&self.store).i64().unwrap_or(0);
        let depth = self.depth.get(&self.store).i32().unwrap_or(0);
        super::unreachable_reason(left, depth)
    }
}

impl Touched {
    fn new(
        store: &mut Store<StoreLimits>,
        instance: &Instance,
        pages_max: u32,
    ) -> Result<Self, Failure> {
        const WHAT: Failure = Failure::missing("its record of touched pages");
        let record = instance.get_memory(&*store, TOUCHED_EXPORT).ok_or(WHAT)?;
        let count = instance.get_global(&*store, TOUCHED_COUNT_EXPORT).ok_or(WHAT)?;
        let cap = instance.get_global(&*store, TOUCHED_CAP_EXPORT).ok_or(WHAT)?;
        cap.set(store, Val::I32(pages_max.cast_signed())).map_err(|_| WHAT)?;
        Ok(Self { record, count, pages_max })
    }
}

impl Engine for Interpreter {
    fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    fn memory_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    fn fixed_place(&self) -> Option<(usize, usize)> {
        None
    }

    fn grow_to(&mut self, bytes: u64) -> Result<(), Failure> {
        let missing = (bytes / WASM_PAGE_BYTES).saturating_sub(self.memory.size(&self.store));
        let grown = self.memory.grow(&mut self.store, missing);
        grown.map(|_| ()).map_err(|_| Failure::HostMemory)
    }

    fn globals(&mut self) -> Result<Vec<u128>, Failure> {
        self.globals.iter().map(|global| bits(&global.get(&self.store))).collect()
    }

    fn set_globals(&mut self, bits: &[u128]) -> Result<(), Failure> {
        for (global, bits) in self.globals.iter().zip(bits) {
            let value = with_bits(&global.get(&self.store), *bits)?;
            let set = global.set(&mut self.store, value);
            set.map_err(|error| Failure::Engine(error.to_string()))?;
        }
        Ok(())
    }

    fn call(&mut self, step: u64, meter: u64) -> Result<Called, Failure> {
        let set = self.meter.set(&mut self.store, Val::I64(full_meter(meter)));
        set.map_err(|error| Failure::Engine(error.to_string()))?;
        match self.step.call(&mut self.store, step.cast_signed()) {
            Ok(value) => {
                let left = self.meter.get(&self.store).i64();
                Ok(Called::Returned { value, left: left.ok_or(Failure::missing("its meter"))? })
            }
            Err(error) => self.ended(&error).map(Called::Trapped),
        }
    }
}

fn not_instantiated(error: wasmi::Error) -> Failure {
    match error.kind() {
        ErrorKind::Memory(_) => Failure::HostMemory,
        _ => Failure::Refused(error.to_string()),
    }
}

fn config() -> Config {
    let mut config = Config::default();
    config
        // Validated as a whole, translated as far as the step goes.
        .compilation_mode(CompilationMode::LazyTranslation)
        .consume_fuel(false)
        .ignore_custom_sections(true)
        .set_max_recursion_depth(RECURSION_MAX)
        .set_max_stack_height(STACK_VALUES_MAX)
        .wasm_simd(true)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        // The record of touched pages is a second memory.
        .wasm_multi_memory(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    config
}

fn bits(value: &Val) -> Result<u128, Failure> {
    Ok(match value {
        Val::I32(value) => value.cast_unsigned().into(),
        Val::I64(value) => value.cast_unsigned().into(),
        Val::F32(value) => value.to_bits().into(),
        Val::F64(value) => value.to_bits().into(),
        Val::V128(value) => value.as_u128(),
        _ => return Err(Failure::missing("a global of a numeric type")),
    })
}

/// A value of the same type as another, with these low bits.
#[expect(clippy::cast_possible_truncation, reason = "a header that fits its manifest has no more")]
fn with_bits(like: &Val, bits: u128) -> Result<Val, Failure> {
    Ok(match like {
        Val::I32(_) => Val::I32(bits as i32),
        Val::I64(_) => Val::I64(bits as i64),
        Val::F32(_) => Val::F32(F32::from_bits(bits as u32)),
        Val::F64(_) => Val::F64(F64::from_bits(bits as u64)),
        Val::V128(_) => Val::V128(V128::from(bits)),
        _ => return Err(Failure::missing("a global of a numeric type")),
    })
}
