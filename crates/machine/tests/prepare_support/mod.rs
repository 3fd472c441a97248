//! Runs prepared modules in every engine that must agree, and compares all that can be seen of them.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::cast_possible_truncation, reason = "noise and small test modules")]

pub(crate) mod adapt;
pub(crate) mod floats;
mod naive;

use std::sync::LazyLock;

use machine::prepare::{
    MEMORY_EXPORT, Manifest, Program, STEP_EXPORT, TOUCHED_CAP_EXPORT, TOUCHED_COUNT_EXPORT,
    TOUCHED_EXPORT, prepare,
};

/// Who runs a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// wasmtime, Cranelift, optimising.
    Speed,
    /// wasmtime, Cranelift, not optimising.
    Plain,
    /// wasmi.
    Interpreter,
}

/// All engines that must agree.
pub(crate) const ENGINES: [Engine; 3] = [Engine::Speed, Engine::Plain, Engine::Interpreter];

/// What one step left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It trapped; nothing else is defined.
    Trapped,
    /// It returned.
    Returned {
        /// What `step` gave.
        result: i32,
        /// All of memory.
        memory: Vec<u8>,
        /// The bits of every mutable global, the meter and the depth among them.
        globals: Vec<u128>,
    },
}

impl Outcome {
    /// Memory after a step that returned.
    pub(crate) fn memory(&self) -> &[u8] {
        match self {
            Self::Trapped => panic!("trapped"),
            Self::Returned { memory, .. } => memory,
        }
    }

    /// Units left after a step that returned.
    pub(crate) fn meter_left(&self, manifest: &Manifest) -> i64 {
        match self {
            Self::Trapped => panic!("trapped"),
            Self::Returned { globals, .. } => globals[manifest.meter] as i64,
        }
    }
}

/// What the record of touched pages says after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Numbers of touched pages, ascending.
    pub pages: Vec<usize>,
    /// The count that the module kept.
    pub count: u32,
}

/// A module to run, with what is known of it.
pub(crate) struct Runnable<'a> {
    /// The module, prepared or a touch variant.
    pub module: &'a [u8],
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// Units for each step.
    pub cap: i64,
    /// Steps to run at most.
    pub steps: i64,
    /// How many times to begin anew, on a fresh instance, with `step` of 0, 1, 2 and so on.
    pub(crate) starts: i64,
    /// The first of them.
    pub(crate) first: i64,
    /// Whether running out of an engine's own stack is a failure of the test.
    pub(crate) native_stack_counts: bool,
    /// Pages that may be touched, if it is a touch variant.
    pub touched_cap: Option<u32>,
}

impl<'a> Runnable<'a> {
    /// A program with a generous meter and one step.
    pub(crate) fn of(program: &'a Program) -> Self {
        Self {
            module: program.bytes(),
            manifest: program.manifest(),
            cap: 1 << 24,
            steps: 1,
            starts: 1,
            first: 0,
            native_stack_counts: true,
            touched_cap: None,
        }
    }
}

/// Runs a module: every outcome up to the first trap, and each start's record of pages, if any.
pub(crate) fn run(engine: Engine, runnable: &Runnable<'_>) -> (Vec<Outcome>, Vec<Touched>) {
    match engine {
        Engine::Speed => compiled::run(&SPEED, runnable),
        Engine::Plain => compiled::run(&PLAIN, runnable),
        Engine::Interpreter => interpreted::run(&INTERPRETER, runnable),
    }
}

/// Runs a program in every engine and its touch variant in two; they must agree. Gives the outcomes.
#[track_caller]
pub(crate) fn agree(program: &Program, runnable: &Runnable<'_>) -> Vec<Outcome> {
    let (reference, _) = run(Engine::Interpreter, runnable);
    for engine in [Engine::Speed, Engine::Plain] {
        let (outcomes, _) = run(engine, runnable);
        assert_same(&outcomes, &reference, &format!("{engine:?} against the interpreter"));
    }
    let touching = program.touch_variant();
    let variant = Runnable { module: &touching, touched_cap: Some(u32::MAX), ..*runnable };
    let (outcomes, compiled) = run(Engine::Speed, &variant);
    assert_same(&outcomes, &reference, "touch variant in Speed");
    let (outcomes, interpreted) = run(Engine::Interpreter, &variant);
    assert_same(&outcomes, &reference, "touch variant in the interpreter");
    // A trap leaves the record undefined, as it does everything else.
    if !reference.contains(&Outcome::Trapped) {
        assert_eq!(compiled, interpreted, "the engines disagree about touched pages");
    }
    for touched in interpreted {
        assert_eq!(touched.pages.len(), touched.count as usize, "the count is of the pages");
    }
    reference
}

/// Compares a prepared source, interpreted, with its naive rewriting, compiled: memory, globals, meter,
/// traps.
#[track_caller]
pub(crate) fn agrees_with_naive(source: &[u8], program: &Program, runnable: &Runnable<'_>) {
    let naive = naive::naive(source, program.manifest());
    let reference = Runnable { module: &naive, native_stack_counts: false, ..*runnable };
    let (expected, _) = run(Engine::Plain, &reference);
    let (outcomes, _) = run(Engine::Interpreter, runnable);
    assert_same(&outcomes, &expected, "prepared against naive");
}

/// Compares outcomes without printing whole memories.
#[track_caller]
pub(crate) fn assert_same(left: &[Outcome], right: &[Outcome], what: &str) {
    assert_eq!(left.len(), right.len(), "{what}: number of steps");
    for (step, pair) in left.iter().zip(right).enumerate() {
        match pair {
            (
                Outcome::Returned { result: r1, memory: m1, globals: g1 },
                Outcome::Returned { result: r2, memory: m2, globals: g2 },
            ) => {
                assert_eq!(r1, r2, "{what}: result of step {step}");
                assert_eq!(g1, g2, "{what}: globals after step {step}");
                let first = m1.iter().zip(m2).position(|(a, b)| a != b);
                assert_eq!(first, None, "{what}: first differing byte after step {step}");
                assert_eq!(m1.len(), m2.len(), "{what}: memory length after step {step}");
            }
            (a, b) => assert_eq!(
                *a == Outcome::Trapped,
                *b == Outcome::Trapped,
                "{what}: step {step} traps in one"
            ),
        }
    }
}

/// Prepares what a piece of text describes.
#[track_caller]
pub(crate) fn program(text: &str) -> Program {
    prepare(&assemble(text)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Memory after one step of a module that has not been prepared, compiled.
pub(crate) fn raw_memory(source: &[u8]) -> Vec<u8> {
    let module = wasmtime::Module::new(&SPEED, source).expect("the module compiles");
    let mut store = wasmtime::Store::new(&SPEED, ());
    let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("it instantiates");
    let step = instance.get_typed_func::<i64, i32>(&mut store, STEP_EXPORT).expect("it has a step");
    step.call(&mut store, 0).expect("it does not trap");
    let memory = instance.get_memory(&mut store, MEMORY_EXPORT).expect("it has a memory");
    memory.data(&store).to_vec()
}

/// Text to bytes.
#[track_caller]
pub(crate) fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A module with all that the interface demands around some fields and a body of `step`, whose
/// parameter is `$i`. Cells are at 0 and 8; the memory has one page of 64 KiB and may have four.
pub(crate) fn module(fields: &str, body: &str) -> String {
    format!(
        r#"(module
            (memory (export "memory") 1 4)
            (global (export "earnest_input") i32 (i32.const 0))
            (global (export "earnest_output") i32 (i32.const 8))
            {fields}
            (func $step (export "step") (param $i i64) (result i32) {body})
            (@custom "earnest.abi" "\01\00\00\00"))"#
    )
}

/// Bytes of native stack that compiled code may use; what [`on_big_stack`] gives is more.
const STACK_BYTES: usize = 64 << 20;

/// Runs a test on a thread whose stack fits the deepest recursion.
pub(crate) fn on_big_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 * STACK_BYTES).spawn(test);
    if let Err(panic) = thread.expect("threads can be spawned").join() {
        std::panic::resume_unwind(panic);
    }
}

static SPEED: LazyLock<wasmtime::Engine> = LazyLock::new(|| compiled::engine(true));
static PLAIN: LazyLock<wasmtime::Engine> = LazyLock::new(|| compiled::engine(false));
static INTERPRETER: LazyLock<wasmi::Engine> = LazyLock::new(interpreted::engine);

mod compiled {
    use super::*;
    use wasmtime::{Config, Engine, Instance, Module, OptLevel, Store, Val};

    pub(crate) fn engine(speed: bool) -> Engine {
        let mut config = Config::new();
        config.cranelift_opt_level(if speed { OptLevel::Speed } else { OptLevel::None });
        config.async_stack_size(2 * STACK_BYTES);
        config.max_wasm_stack(STACK_BYTES);
        config.wasm_multi_memory(true);
        Engine::new(&config).expect("the configuration is valid")
    }

    pub(crate) fn run(engine: &Engine, runnable: &Runnable<'_>) -> (Vec<Outcome>, Vec<Touched>) {
        let module = Module::new(engine, runnable.module).expect("prepared modules compile");
        let mut outcomes = Vec::new();
        let touched = (runnable.first..runnable.first + runnable.starts)
            .filter_map(|start| run_from(engine, &module, runnable, start, &mut outcomes));
        let touched = touched.collect();
        (outcomes, touched)
    }

    fn run_from(
        engine: &Engine,
        module: &Module,
        runnable: &Runnable<'_>,
        start: i64,
        outcomes: &mut Vec<Outcome>,
    ) -> Option<Touched> {
        let mut store = Store::new(engine, ());
        let instance =
            Instance::new(&mut store, module, &[]).expect("prepared modules instantiate");
        if let Some(cap) = runnable.touched_cap {
            set(&mut store, &instance, TOUCHED_CAP_EXPORT, Val::I32(cap.cast_signed()));
        }
        let step =
            instance.get_typed_func::<i64, i32>(&mut store, STEP_EXPORT).expect("step is exported");
        for index in start..start + runnable.steps {
            let meter = &runnable.manifest.meter_slot().expect("there is a meter").export_name;
            set(&mut store, &instance, meter, Val::I64(runnable.cap));
            let outcome = match step.call(&mut store, index) {
                Ok(result) => returned(&mut store, &instance, runnable.manifest, result),
                Err(error) => {
                    let trap = error.downcast_ref::<wasmtime::Trap>();
                    if runnable.native_stack_counts {
                        let native = Some(&wasmtime::Trap::StackOverflow);
                        assert_ne!(trap, native, "the native stack must not be the limit");
                    }
                    assert!(trap.is_some(), "not a trap: {error}");
                    Outcome::Trapped
                }
            };
            outcomes.push(outcome);
            if !matches!(outcomes.last(), Some(Outcome::Returned { result: 0, .. })) {
                break;
            }
        }
        runnable.touched_cap.map(|_| touched(&mut store, &instance))
    }

    fn set(store: &mut Store<()>, instance: &Instance, name: &str, value: Val) {
        let global = instance.get_global(&mut *store, name).expect("the global is exported");
        global.set(store, value).expect("the global is mutable");
    }

    fn returned(
        store: &mut Store<()>,
        instance: &Instance,
        manifest: &Manifest,
        result: i32,
    ) -> Outcome {
        let memory = instance.get_memory(&mut *store, MEMORY_EXPORT).expect("memory is exported");
        let memory = memory.data(&*store).to_vec();
        let mut globals = Vec::new();
        for slot in &manifest.globals {
            let global = instance.get_global(&mut *store, &slot.export_name);
            globals.push(match global.expect("every global is exported").get(&mut *store) {
                Val::I32(value) => u128::from(value.cast_unsigned()),
                Val::I64(value) => u128::from(value.cast_unsigned()),
                Val::F32(bits) => u128::from(bits),
                Val::F64(bits) => u128::from(bits),
                Val::V128(value) => value.as_u128(),
                _ => panic!("a reference as state"),
            });
        }
        Outcome::Returned { result, memory, globals }
    }

    fn touched(store: &mut Store<()>, instance: &Instance) -> Touched {
        let memory = instance.get_memory(&mut *store, TOUCHED_EXPORT).expect("it is exported");
        let pages = pages(memory.data(&*store));
        let count = instance.get_global(&mut *store, TOUCHED_COUNT_EXPORT).expect("it is exported");
        Touched { pages, count: count.get(store).unwrap_i32().cast_unsigned() }
    }
}

mod interpreted {
    use super::*;
    use wasmi::{Config, Engine, Instance, Linker, Module, Store, Val};

    pub(crate) fn engine() -> Engine {
        let mut config = Config::default();
        config.set_max_recursion_depth(1 << 15);
        config.set_max_stack_height(16 << 20);
        Engine::new(&config)
    }

    pub(crate) fn run(engine: &Engine, runnable: &Runnable<'_>) -> (Vec<Outcome>, Vec<Touched>) {
        let module = Module::new(engine, runnable.module).expect("prepared modules translate");
        let mut outcomes = Vec::new();
        let touched = (runnable.first..runnable.first + runnable.starts)
            .filter_map(|start| run_from(engine, &module, runnable, start, &mut outcomes));
        let touched = touched.collect();
        (outcomes, touched)
    }

    fn run_from(
        engine: &Engine,
        module: &Module,
        runnable: &Runnable<'_>,
        start: i64,
        outcomes: &mut Vec<Outcome>,
    ) -> Option<Touched> {
        let mut store = Store::new(engine, ());
        let instance = Linker::new(engine)
            .instantiate_and_start(&mut store, module)
            .expect("prepared modules instantiate");
        if let Some(cap) = runnable.touched_cap {
            set(&mut store, &instance, TOUCHED_CAP_EXPORT, Val::I32(cap.cast_signed()));
        }
        let step =
            instance.get_typed_func::<i64, i32>(&store, STEP_EXPORT).expect("step is exported");
        for index in start..start + runnable.steps {
            let meter = &runnable.manifest.meter_slot().expect("there is a meter").export_name;
            set(&mut store, &instance, meter, Val::I64(runnable.cap));
            let outcome = match step.call(&mut store, index) {
                Ok(result) => returned(&store, &instance, runnable.manifest, result),
                Err(error) => {
                    let trap = error.as_trap_code();
                    if runnable.native_stack_counts {
                        let native = Some(wasmi::TrapCode::StackOverflow);
                        assert_ne!(trap, native, "the interpreter's stack must not be the limit");
                    }
                    assert!(trap.is_some(), "not a trap: {error}");
                    Outcome::Trapped
                }
            };
            outcomes.push(outcome);
            if !matches!(outcomes.last(), Some(Outcome::Returned { result: 0, .. })) {
                break;
            }
        }
        runnable.touched_cap.map(|_| touched(&store, &instance))
    }

    fn set(store: &mut Store<()>, instance: &Instance, name: &str, value: Val) {
        let global = instance.get_global(&*store, name).expect("the global is exported");
        global.set(store, value).expect("the global is mutable");
    }

    fn returned(
        store: &Store<()>,
        instance: &Instance,
        manifest: &Manifest,
        result: i32,
    ) -> Outcome {
        let memory = instance.get_memory(store, MEMORY_EXPORT).expect("memory is exported");
        let memory = memory.data(store).to_vec();
        let mut globals = Vec::new();
        for slot in &manifest.globals {
            let global = instance.get_global(store, &slot.export_name);
            globals.push(match global.expect("every global is exported").get(store) {
                Val::I32(value) => u128::from(value.cast_unsigned()),
                Val::I64(value) => u128::from(value.cast_unsigned()),
                Val::F32(value) => u128::from(value.to_bits()),
                Val::F64(value) => u128::from(value.to_bits()),
                Val::V128(value) => value.as_u128(),
                _ => panic!("a reference as state"),
            });
        }
        Outcome::Returned { result, memory, globals }
    }

    fn touched(store: &Store<()>, instance: &Instance) -> Touched {
        let memory = instance.get_memory(store, TOUCHED_EXPORT).expect("it is exported");
        let pages = pages(memory.data(store));
        let count = instance.get_global(store, TOUCHED_COUNT_EXPORT).expect("it is exported");
        match count.get(store) {
            Val::I32(count) => Touched { pages, count: count.cast_unsigned() },
            _ => panic!("the count is an i32"),
        }
    }
}

fn pages(record: &[u8]) -> Vec<usize> {
    record.iter().enumerate().filter(|(_, byte)| **byte != 0).map(|(page, _)| page).collect()
}
