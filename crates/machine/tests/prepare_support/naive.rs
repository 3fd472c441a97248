//! A second, naive implementation of what preparation does to results: every operator is charged by
//! itself, every NaN is settled where it arises, nothing is analysed. It shares no code with the first
//! and recognises operators by their names.

use machine::prepare::{DEPTH_EXPORT, METER_EXPORT, Manifest};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection,
    GlobalType, Ieee32, Ieee64, Instruction, Module, ValType,
};
use wasmparser::{FunctionBody, Operator};

/// Rewrites a source module naively, with the exports of a prepared one.
pub(crate) fn naive(source: &[u8], manifest: &Manifest) -> Vec<u8> {
    let mut module = Module::new();
    let mut naive = Naive::new(source, manifest);
    naive
        .parse_core_module(&mut module, wasmparser::Parser::new(0), source)
        .expect("sources that have been prepared decode");
    module.finish()
}

struct Naive<'m> {
    manifest: &'m Manifest,
    /// The mutable globals of the source.
    mutable: Vec<u32>,
    /// Index of the meter: the first global that is added.
    meter: u32,
    parameters: Vec<u32>,
    next_body: usize,
}

impl<'m> Naive<'m> {
    fn new(source: &[u8], manifest: &'m Manifest) -> Self {
        let mut naive =
            Self { manifest, mutable: Vec::new(), meter: 0, parameters: Vec::new(), next_body: 0 };
        let mut types = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(source) {
            match payload.expect("sources decode") {
                wasmparser::Payload::TypeSection(section) => {
                    let arity = |ty: wasmparser::FuncType| ty.params().len() as u32;
                    types = section
                        .into_iter_err_on_gc_types()
                        .map(|ty| arity(ty.expect("types decode")))
                        .collect();
                }
                wasmparser::Payload::FunctionSection(section) => {
                    let arity = |ty: Result<u32, _>| types[ty.expect("indices decode") as usize];
                    naive.parameters = section.into_iter().map(arity).collect();
                }
                wasmparser::Payload::GlobalSection(section) => {
                    naive.meter = section.count();
                    for (index, global) in section.into_iter().enumerate() {
                        if global.expect("globals decode").ty.mutable {
                            naive.mutable.push(index as u32);
                        }
                    }
                }
                _ => {}
            }
        }
        naive
    }

    fn charge(&self, function: &mut Function, units: i64) {
        if units == 0 {
            return;
        }
        let mut sink = function.instructions();
        sink.global_get(self.meter).i64_const(units).i64_sub().global_set(self.meter);
        self.check(function);
    }

    fn check(&self, function: &mut Function) {
        let mut sink = function.instructions();
        sink.global_get(self.meter).i64_const(0).i64_lt_s();
        sink.if_(BlockType::Empty).unreachable().end();
    }

    /// Charges what only running the operator shows. `first` is the first of our own locals.
    fn operator(
        &mut self,
        function: &mut Function,
        operator: Operator<'_>,
        first: u32,
    ) -> Result<(), Error> {
        let name = name(&operator);
        self.charge(function, cost(&name));
        let (length, before) = (first, first + 1);
        match name.as_str() {
            "MemoryCopy" | "MemoryFill" => {
                let mut sink = function.instructions();
                sink.local_tee(length).global_get(self.meter).local_get(length);
                sink.i64_extend_i32_u().i64_const(16).i64_div_u().i64_sub().global_set(self.meter);
                self.check(function);
                function.instruction(&self.instruction(operator)?);
            }
            "MemoryGrow" => {
                function.instructions().local_tee(length);
                function.instruction(&self.instruction(operator)?);
                let mut sink = function.instructions();
                sink.local_tee(before).global_get(self.meter);
                sink.local_get(length).i64_extend_i32_u().i64_const(4096).i64_mul();
                sink.i64_const(0).local_get(before).i32_const(-1).i32_ne().select();
                sink.i64_sub().global_set(self.meter);
                self.check(function);
            }
            _ => {
                function.instruction(&self.instruction(operator)?);
            }
        }
        settle(function, &name, first);
        Ok(())
    }
}

impl Reencode for Naive<'_> {
    type Error = std::convert::Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, globals, section)?;
        let ty = |val_type| GlobalType { val_type, mutable: true, shared: false };
        globals.global(ty(ValType::I64), &ConstExpr::i64_const(0));
        globals.global(ty(ValType::I32), &ConstExpr::i32_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section)?;
        for (slot, index) in self.manifest.globals.iter().zip(&self.mutable) {
            exports.export(&slot.export_name, ExportKind::Global, *index);
        }
        exports.export(METER_EXPORT, ExportKind::Global, self.meter);
        exports.export(DEPTH_EXPORT, ExportKind::Global, self.meter + 1);
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error> {
        let mut locals = Vec::new();
        for run in body.get_locals_reader()? {
            let (count, ty) = run?;
            locals.push((count, self.val_type(ty)?));
        }
        let declared: u32 = locals.iter().map(|(count, _)| count).sum();
        let first = self.parameters[self.next_body] + declared;
        self.next_body += 1;
        locals.extend([
            (2, ValType::I32),
            (1, ValType::F32),
            (1, ValType::F64),
            (1, ValType::V128),
        ]);
        let mut function = Function::new(locals);
        self.charge(&mut function, i64::from(declared / 4));
        for operator in body.get_operators_reader()? {
            self.operator(&mut function, operator?, first)?;
        }
        code.function(&function);
        Ok(())
    }
}

fn name(operator: &Operator<'_>) -> String {
    let text = format!("{operator:?}");
    text.split([' ', '{']).next().unwrap_or_default().to_owned()
}

fn is_vector(name: &str) -> bool {
    let lanes = ["V128", "I8x16", "I16x8", "I32x4", "I64x2", "F32x4", "F64x2"];
    lanes.iter().any(|lane| name.starts_with(lane))
}

/// The part of a name behind the type, if the type is a float's.
fn float_part(name: &str) -> Option<&str> {
    ["F32x4", "F64x2", "F32", "F64"].iter().find_map(|ty| name.strip_prefix(ty))
}

/// Whether the operator's result may be a NaN whose payload is open.
fn makes_nans(name: &str) -> bool {
    let parts = ["Add", "Sub", "Mul", "Div", "Min", "Max", "Sqrt", "Ceil", "Floor", "Trunc"];
    float_part(name).is_some_and(|part| {
        parts.contains(&part)
            || part == "Nearest"
            || part.starts_with("Demote")
            || part.starts_with("Promote")
    })
}

fn cost(name: &str) -> i64 {
    let divides = ["DivS", "DivU", "RemS", "RemU", "Div", "Sqrt"];
    match name {
        "Nop" | "Block" | "Loop" | "Else" | "End" => 0,
        "Call" | "CallIndirect" | "MemoryCopy" | "MemoryFill" => 8,
        "MemoryGrow" => 64,
        _ if divides.iter().any(|part| name.ends_with(part)) => 8,
        _ if is_vector(name) || name.contains("Load") || name.contains("Store") => 2,
        _ if makes_nans(name) => 2,
        _ => 1,
    }
}

fn settle(function: &mut Function, name: &str, first: u32) {
    if !makes_nans(name) {
        return;
    }
    let nan32 = 0x7fc0_0000u128;
    let nan64 = 0x7ff8_0000_0000_0000u128;
    let (kept, nan, equal, choose) = if name.starts_with("F32x4") {
        let lanes = nan32 | nan32 << 32 | nan32 << 64 | nan32 << 96;
        (first + 4, v128(lanes), Instruction::F32x4Eq, Instruction::V128Bitselect)
    } else if name.starts_with("F64x2") {
        (first + 4, v128(nan64 | nan64 << 64), Instruction::F64x2Eq, Instruction::V128Bitselect)
    } else if name.starts_with("F32") {
        let nan = Instruction::F32Const(Ieee32::new(nan32 as u32));
        (first + 2, nan, Instruction::F32Eq, Instruction::Select)
    } else {
        let nan = Instruction::F64Const(Ieee64::new(nan64 as u64));
        (first + 3, nan, Instruction::F64Eq, Instruction::Select)
    };
    function.instruction(&Instruction::LocalTee(kept)).instruction(&nan);
    function.instruction(&Instruction::LocalGet(kept)).instruction(&Instruction::LocalGet(kept));
    function.instruction(&equal).instruction(&choose);
}

fn v128(bits: u128) -> Instruction<'static> {
    Instruction::V128Const(bits.cast_signed())
}
