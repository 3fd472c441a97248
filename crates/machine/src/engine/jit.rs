//! The compiler: Cranelift, for those who do the work. Never for those who judge.

use wasmtime::{
    Config, Engine as Compiler, Global, Instance, Memory, Module, OptLevel, ResourceLimiter, Store,
    Strategy, Trap, TypedFunc, Val,
};

use super::{Called, Engine, Failure, TrapReason, full_meter, slot_name, state_globals};
use crate::limits::WASM_PAGE_BYTES;
use crate::prepare::{MEMORY_EXPORT, Program, STEP_EXPORT};

/// Address space kept for one memory, so that it never moves.
const RESERVATION_BYTES: u64 = 4 << 30;

/// Stack that compiled code may take: many times what the depth counter lets pass, since the two are
/// measured in different units.
pub(crate) const WASM_STACK_BYTES: usize = 64 << 20;

/// How hard the compiler tries. Results do not depend on it; tests see to that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub(crate) enum Optimise {
    Speed,
    Nothing,
}

/// Tells a memory that the host cannot provide from one that the program may not have.
#[derive(Default)]
struct Limiter {
    /// Whether the growth under way is one that the specification allows.
    allowed: bool,
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.allowed = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(self.allowed)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        // By specification a failed growth is -1, which would make the result depend on the host.
        if std::mem::take(&mut self.allowed) { Err(error) } else { Ok(()) }
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }
}

/// A compiled instance.
pub(crate) struct Jit {
    store: Store<Limiter>,
    memory: Memory,
    maximum_bytes: usize,
    step: TypedFunc<i64, i32>,
    meter: Global,
    depth: Global,
    globals: Vec<Global>,
}

impl Jit {
    /// Compiles and instantiates a program.
    pub(crate) fn new(program: &Program, optimise: Optimise) -> Result<Self, Failure> {
        let refused = |error: wasmtime::Error| Failure::Refused(format!("{error:#}"));
        let compiler = Compiler::new(&config(optimise)).map_err(refused)?;
        let module = Module::from_binary(&compiler, program.bytes()).map_err(refused)?;
        let mut store = Store::new(&compiler, Limiter::default());
        store.limiter(|limiter| limiter);
        let instance = Instance::new(&mut store, &module, &[]).map_err(refused)?;
        Self::of_instance(program, store, instance)
    }

    fn of_instance(
        program: &Program,
        mut store: Store<Limiter>,
        instance: Instance,
    ) -> Result<Self, Failure> {
        let manifest = program.manifest();
        let memory = instance.get_memory(&mut store, MEMORY_EXPORT);
        let memory = memory.ok_or(Failure::missing("its memory"))?;
        let step = instance.get_typed_func(&mut store, STEP_EXPORT);
        let step = step.map_err(|_| Failure::missing("its step"))?;
        let mut global =
            |name: &str| instance.get_global(&mut store, name).ok_or(Failure::missing("a global"));
        let meter = global(slot_name(program, manifest.meter, "its meter")?)?;
        let depth = global(slot_name(program, manifest.depth, "its depth")?)?;
        let globals = state_globals(program).into_iter().map(|(name, _)| global(name));
        let globals = globals.collect::<Result<_, _>>()?;
        let maximum_bytes = u64::from(manifest.maximum_memory_pages) * WASM_PAGE_BYTES;
        let maximum_bytes = usize::try_from(maximum_bytes).map_err(|_| Failure::HostMemory)?;
        Ok(Self { store, memory, maximum_bytes, step, meter, depth, globals })
    }

    fn trap_reason(&mut self, error: &wasmtime::Error) -> Result<TrapReason, Failure> {
        let Some(trap) = error.downcast_ref::<Trap>() else { return Err(Failure::HostMemory) };
        Ok(match trap {
            Trap::MemoryOutOfBounds | Trap::HeapMisaligned => TrapReason::Memory,
            Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature => {
                TrapReason::Table
            }
            Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger => {
                TrapReason::Arithmetic
            }
            Trap::UnreachableCodeReached => self.unreachable_reason(),
            Trap::StackOverflow => return Err(Failure::HostStack),
            other => return Err(Failure::Engine(other.to_string())),
        })
    }

    fn unreachable_reason(&mut self) -> TrapReason {
        let left = self.meter.get(&mut self.store).i64().unwrap_or(0);
        let depth = self.depth.get(&mut self.store).i32().unwrap_or(0);
        super::unreachable_reason(left, depth)
    }
}

impl Engine for Jit {
    fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    fn memory_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    fn fixed_place(&self) -> Option<(usize, usize)> {
        // The reservation is larger than any memory, and memories may not move: see `config`.
        Some((self.memory.data_ptr(&self.store).addr(), self.maximum_bytes))
    }

    fn grow_to(&mut self, bytes: u64) -> Result<(), Failure> {
        let missing = (bytes / WASM_PAGE_BYTES).saturating_sub(self.memory.size(&self.store));
        let grown = self.memory.grow(&mut self.store, missing);
        grown.map(|_| ()).map_err(|_| Failure::HostMemory)
    }

    fn globals(&mut self) -> Result<Vec<u128>, Failure> {
        self.globals.iter().map(|global| bits(&global.get(&mut self.store))).collect()
    }

    fn set_globals(&mut self, bits: &[u128]) -> Result<(), Failure> {
        for (global, bits) in self.globals.iter().zip(bits) {
            let value = with_bits(&global.get(&mut self.store), *bits)?;
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
                let left = self.meter.get(&mut self.store).i64();
                Ok(Called::Returned { value, left: left.ok_or(Failure::missing("its meter"))? })
            }
            Err(error) => self.trap_reason(&error).map(Called::Trapped),
        }
    }
}

fn config(optimise: Optimise) -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(match optimise {
            Optimise::Speed => OptLevel::Speed,
            Optimise::Nothing => OptLevel::None,
        })
        // Anonymous memory that never moves: what page tracking needs, and the fastest to bound.
        .memory_init_cow(false)
        .memory_may_move(false)
        .memory_reservation(RESERVATION_BYTES)
        .max_wasm_stack(WASM_STACK_BYTES)
        // Nothing here is asynchronous; the engine only wants it to be no smaller.
        .async_stack_size(WASM_STACK_BYTES)
        // The module counts its own units, and makes its own NaNs canonical.
        .consume_fuel(false)
        .cranelift_nan_canonicalization(false)
        .wasm_simd(true)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false)
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
        Val::F32(bits) => (*bits).into(),
        Val::F64(bits) => (*bits).into(),
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
        Val::F32(_) => Val::F32(bits as u32),
        Val::F64(_) => Val::F64(bits as u64),
        Val::V128(_) => Val::V128(bits.into()),
        _ => return Err(Failure::missing("a global of a numeric type")),
    })
}
