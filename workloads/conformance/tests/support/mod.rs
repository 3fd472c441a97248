//! A small host that runs a prepared module in its touch variant, to see what every step costs.

use guest::measure::{Report, StepCost};
use machine::prepare::{self, Program};
use wasmtime::{Config, Engine, Global, Instance, Memory, Module, Store, TypedFunc, Val};

/// More than any step may use, so that an excess is measured instead of trapped.
const METER: i64 = 1 << 40;
const PAGES: i32 = i32::MAX;

/// Bytes by which a memory grows.
const WASM_PAGE_BYTES: usize = 65_536;

/// An instance with the input in its memory.
pub(crate) struct Host {
    store: Store<()>,
    memory: Memory,
    step: TypedFunc<i64, i32>,
    meter: Global,
    touched: Memory,
    touched_count: Global,
    output_cell: usize,
}

impl Host {
    pub(crate) fn new(program: &Program, input: &[u8]) -> Self {
        let engine = Engine::new(Config::new().wasm_multi_memory(true)).expect("a supported host");
        let module =
            Module::from_binary(&engine, &program.touch_variant()).expect("a prepared module");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("a module without imports");
        let mut memory = |name| instance.get_memory(&mut store, name).expect("an export");
        let (memory, touched) = (memory(prepare::MEMORY_EXPORT), memory(prepare::TOUCHED_EXPORT));
        let step = instance.get_typed_func(&mut store, prepare::STEP_EXPORT).expect("an export");
        let mut global = |name| instance.get_global(&mut store, name).expect("an export");
        let meter = global(prepare::METER_EXPORT);
        let touched_count = global(prepare::TOUCHED_COUNT_EXPORT);
        let touched_cap = global(prepare::TOUCHED_CAP_EXPORT);
        touched_cap.set(&mut store, Val::I32(PAGES)).expect("a mutable global");
        let manifest = program.manifest();
        place(&mut store, memory, manifest.input_cell as usize, input);
        let output_cell = manifest.output_cell as usize;
        Self { store, memory, step, meter, touched, touched_count, output_cell }
    }

    /// Runs to the end; returns what each step cost and the output.
    pub(crate) fn run(&mut self) -> (Report, Vec<u8>) {
        let mut report = Report::default();
        loop {
            self.reset();
            let index = i64::try_from(report.steps.len()).expect("few steps");
            let done = self.step.call(&mut self.store, index).expect("no step traps");
            report.steps.push(self.cost());
            if done == 1 {
                return (report, self.output());
            }
        }
    }

    fn reset(&mut self) {
        self.meter.set(&mut self.store, Val::I64(METER)).expect("a mutable global");
        self.touched_count.set(&mut self.store, Val::I32(0)).expect("a mutable global");
        self.touched.data_mut(&mut self.store).fill(0);
    }

    fn cost(&mut self) -> StepCost {
        let left = self.meter.get(&mut self.store).i64().expect("an i64");
        let pages = self.touched_count.get(&mut self.store).i32().expect("an i32");
        let (meter, pages) = (u64::try_from(METER - left).ok(), u64::try_from(pages).ok());
        StepCost { nanos: None, meter, pages }
    }

    fn output(&self) -> Vec<u8> {
        let memory = self.memory.data(&self.store);
        let word = |at: usize| -> usize {
            let bytes = memory[at..at + 4].try_into().expect("four bytes");
            u32::from_le_bytes(bytes) as usize
        };
        let (address, bytes) = (word(self.output_cell), word(self.output_cell + 4));
        assert!(bytes == 0 || address.is_multiple_of(4_096), "the output is made of whole pages");
        memory[address..address + bytes].to_vec()
    }
}

/// Puts the input behind the initial memory, aligned to its size, and names it in its cell.
fn place(store: &mut Store<()>, memory: Memory, cell: usize, input: &[u8]) {
    let alignment = input.len().max(4_096).next_power_of_two();
    let start = memory.data_size(&*store).next_multiple_of(alignment);
    let bytes = start + input.len() - memory.data_size(&*store);
    memory.grow(&mut *store, bytes.div_ceil(WASM_PAGE_BYTES) as u64).expect("room for the input");
    let data = memory.data_mut(store);
    data[start..start + input.len()].copy_from_slice(input);
    for (at, number) in [(cell, start), (cell + 4, input.len())] {
        let number = u32::try_from(number).expect("a 32-bit address");
        data[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
}
