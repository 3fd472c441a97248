//! Gives an arbitrary module the guest interface: its memory exported, cells, and a `step` that calls
//! one of its functions and stores the results.

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, Ieee32, Ieee64, MemArg, MemoryType, Module, SectionId, TypeSection, ValType,
};
use wasmparser::FuncType;

/// The module with the interface around it, and how many functions there are to call; `None` if it has
/// none.
pub(crate) fn adapt(bytes: &[u8]) -> Option<(Vec<u8>, i64)> {
    let mut adapter = Adapter::default();
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        match payload.ok()? {
            wasmparser::Payload::TypeSection(section) => {
                adapter.types =
                    section.into_iter_err_on_gc_types().collect::<Result<_, _>>().ok()?;
            }
            wasmparser::Payload::FunctionSection(section) => {
                adapter.functions = section.into_iter().collect::<Result<_, _>>().ok()?;
            }
            wasmparser::Payload::GlobalSection(section) => adapter.globals = section.count(),
            wasmparser::Payload::CodeSectionStart { .. } => adapter.has_code = true,
            _ => {}
        }
    }
    if !adapter.has_code {
        return None;
    }
    let functions = adapter.functions.len() as i64;
    let mut module = Module::new();
    adapter.parse_core_module(&mut module, wasmparser::Parser::new(0), bytes).ok()?;
    module.section(&wasm_encoder::CustomSection {
        name: "earnest.abi".into(),
        data: (&[1, 0, 0, 0]).into(),
    });
    Some((module.finish(), functions))
}

#[derive(Default)]
struct Adapter {
    types: Vec<FuncType>,
    functions: Vec<u32>,
    globals: u32,
    has_code: bool,
    globals_done: bool,
    exports_done: bool,
}

impl Adapter {
    fn cells(&mut self, globals: &mut GlobalSection) {
        let ty = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
        globals.global(ty, &ConstExpr::i32_const(0)).global(ty, &ConstExpr::i32_const(8));
        self.globals_done = true;
    }

    fn exports(&mut self, exports: &mut ExportSection) {
        exports.export("memory", ExportKind::Memory, 0);
        exports.export("step", ExportKind::Func, self.functions.len() as u32);
        exports.export("earnest_input", ExportKind::Global, self.globals);
        exports.export("earnest_output", ExportKind::Global, self.globals + 1);
        self.exports_done = true;
    }

    /// Calls the function whose number the step is, with arguments made of that number.
    fn step(&self) -> Function {
        let kinds = [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];
        let mut step = Function::new(kinds.map(|kind| (1, kind)));
        let mut sink = step.instructions();
        for (index, ty) in self.functions.iter().enumerate() {
            let ty = &self.types[*ty as usize];
            sink.local_get(0).i64_const(index as i64).i64_eq();
            sink.if_(wasm_encoder::BlockType::Empty);
            for (place, parameter) in ty.params().iter().enumerate() {
                let seed = (index + place) as i64;
                match parameter {
                    wasmparser::ValType::I32 => sink.i32_const(seed as i32 * 17),
                    wasmparser::ValType::I64 => sink.i64_const(seed * 170_000_000_000),
                    wasmparser::ValType::F32 => sink.f32_const(Ieee32::new(0xffa1_2345)),
                    wasmparser::ValType::F64 => sink.f64_const(Ieee64::new(0xfff4_0000_0000_1234)),
                    _ => sink.v128_const(i128::from(seed) | 0x7ff0_0001 << 64),
                };
            }
            sink.call(index as u32);
            for (place, result) in ty.results().iter().enumerate().rev() {
                let at = MemArg { offset: 16 + place as u64 * 16, align: 0, memory_index: 0 };
                match result {
                    wasmparser::ValType::I32 => {
                        sink.local_set(1).i32_const(0).local_get(1).i32_store(at)
                    }
                    wasmparser::ValType::I64 => {
                        sink.local_set(2).i32_const(0).local_get(2).i64_store(at)
                    }
                    wasmparser::ValType::F32 => {
                        sink.local_set(3).i32_const(0).local_get(3).f32_store(at)
                    }
                    wasmparser::ValType::F64 => {
                        sink.local_set(4).i32_const(0).local_get(4).f64_store(at)
                    }
                    _ => sink.local_set(5).i32_const(0).local_get(5).v128_store(at),
                };
            }
            sink.end();
        }
        sink.i32_const(1).end();
        step
    }
}

impl Reencode for Adapter {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I64], [ValType::I32]);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.types.len() as u32);
        Ok(())
    }

    fn memory_type(&mut self, memory: wasmparser::MemoryType) -> Result<MemoryType, Error> {
        let minimum = memory.initial.clamp(1, 4);
        Ok(MemoryType {
            minimum,
            maximum: Some(minimum + 2),
            memory64: false,
            shared: false,
            page_size_log2: None,
        })
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, globals, section)?;
        self.cells(globals);
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        _: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        self.exports(exports);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        code.function(&self.step());
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error> {
        let position = |id: SectionId| match id {
            SectionId::Global => 6,
            SectionId::Export => 7,
            SectionId::Start
            | SectionId::Element
            | SectionId::DataCount
            | SectionId::Code
            | SectionId::Data => 8,
            _ => 0,
        };
        let before = before.map_or(9, position);
        if before > 6 && !self.globals_done {
            let mut globals = GlobalSection::new();
            self.cells(&mut globals);
            module.section(&globals);
        }
        if before > 7 && !self.exports_done {
            let mut exports = ExportSection::new();
            self.exports(&mut exports);
            module.section(&exports);
        }
        Ok(())
    }
}
