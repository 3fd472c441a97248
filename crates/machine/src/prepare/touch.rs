//! The touch variant: a prepared module that also records which pages of memory it reads and writes.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    BlockType, ConstExpr, ExportKind, FuncType, Function, GlobalType, InstructionSink, MemArg,
    MemoryType, ValType,
};
use wasmparser::{ExternalKind, FunctionBody, Operator};

use super::access::{self, Access};
use super::parts::Parts;
use super::source::Source;
use super::{Manifest, PrepareError, TOUCHED_CAP_EXPORT, TOUCHED_COUNT_EXPORT, TOUCHED_EXPORT};
use crate::limits;

/// log2 of [`limits::PAGE_BYTES`].
const PAGE_LOG2: i32 = limits::PAGE_BYTES.trailing_zeros().cast_signed();
/// The memory that records: one byte per page of memory 0.
const TOUCHED_MEMORY: u32 = 1;

/// Derives the touch variant of a prepared module.
///
/// # Errors
///
/// If the module does not decode.
pub(super) fn variant(prepared: &[u8], manifest: &Manifest) -> Result<Vec<u8>, PrepareError> {
    let source = Source::parse(prepared)?;
    let mut parts = Parts::of(&source)?;
    let number = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    let count = parts.add_global(number, ConstExpr::i32_const(0));
    let cap = parts.add_global(number, ConstExpr::i32_const(i32::MAX));
    parts.memories.push(touched_memory(manifest));
    // The helper comes after all functions of the program.
    let range = u32::try_from(source.functions.len()).unwrap_or(u32::MAX);
    for (function, body) in (0u32..).zip(&source.bodies) {
        parts.bodies.push(instrument(&source, body, function, range)?);
    }
    let ty = parts.intern(FuncType::new([ValType::I32, ValType::I32], []));
    parts.add_function(ty, touch_range(count, cap));
    for export in &source.exports {
        parts.export(export.name, kind(export.kind), export.index);
    }
    parts.export(TOUCHED_EXPORT, ExportKind::Memory, TOUCHED_MEMORY);
    parts.export(TOUCHED_COUNT_EXPORT, ExportKind::Global, count);
    parts.export(TOUCHED_CAP_EXPORT, ExportKind::Global, cap);
    Ok(parts.encode())
}

fn kind(kind: ExternalKind) -> ExportKind {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        ExternalKind::Tag => ExportKind::Tag,
    }
}

/// One byte for every page that memory 0 can ever have.
fn touched_memory(manifest: &Manifest) -> MemoryType {
    let bytes_max = u64::from(manifest.maximum_memory_pages) * limits::WASM_PAGE_BYTES;
    let size = (bytes_max >> PAGE_LOG2).div_ceil(limits::WASM_PAGE_BYTES);
    MemoryType {
        minimum: size,
        maximum: Some(size),
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

/// Bytes of the record are accessed like any others, at the page's number.
const RECORD: MemArg = MemArg { offset: 0, align: 0, memory_index: TOUCHED_MEMORY };

/// `(start, bytes)`: records every page of a range that is known to lie in memory, and traps when the
/// count passes the cap.
fn touch_range(count: u32, cap: u32) -> Function {
    const START: u32 = 0;
    const BYTES: u32 = 1;
    const LAST: u32 = 2;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut sink = function.instructions();
    sink.local_get(BYTES).i32_eqz().if_(BlockType::Empty).return_().end();
    sink.local_get(START).local_get(BYTES).i32_add().i32_const(1).i32_sub();
    sink.i32_const(PAGE_LOG2).i32_shr_u().local_set(LAST);
    sink.local_get(START).i32_const(PAGE_LOG2).i32_shr_u().local_set(START);
    sink.loop_(BlockType::Empty);
    sink.local_get(START).i32_load8_u(RECORD).i32_eqz().if_(BlockType::Empty);
    sink.local_get(START).i32_const(1).i32_store8(RECORD);
    sink.global_get(count).i32_const(1).i32_add().global_set(count);
    sink.global_get(count).global_get(cap).i32_gt_u();
    sink.if_(BlockType::Empty).unreachable().end().end();
    sink.local_get(START).i32_const(1).i32_add().local_tee(START);
    sink.local_get(LAST).i32_le_u().br_if(0).end().end();
    function
}

fn instrument(
    source: &Source<'_>,
    body: &FunctionBody<'_>,
    function: u32,
    range: u32,
) -> Result<Function, PrepareError> {
    let parameters = source.function_type(function).map_or(0, |ty| ty.params().len());
    let mut locals = Vec::new();
    for run in body.get_locals_reader()? {
        let (count, ty) = run?;
        let ty = RoundtripReencoder.val_type(ty)?;
        locals.extend(std::iter::repeat_n(ty, count as usize));
    }
    let first = u32::try_from(parameters + locals.len()).unwrap_or(u32::MAX);
    locals.extend(Kept::TYPES);
    let mut instrumented = Function::new_with_locals_types(locals);
    let mut writer = Writer { function: &mut instrumented, kept: Kept { first }, range };
    for operator in body.get_operators_reader()? {
        writer.operator(&operator?)?;
    }
    Ok(instrumented)
}

/// Locals in which operands are kept while an access is made.
#[derive(Clone, Copy)]
struct Kept {
    first: u32,
}

impl Kept {
    const TYPES: [ValType; 7] = [
        ValType::I32,
        ValType::I32,
        ValType::I32,
        ValType::I64,
        ValType::F32,
        ValType::F64,
        ValType::V128,
    ];

    const fn address(self) -> u32 {
        self.first
    }

    const fn length(self) -> u32 {
        self.first + 1
    }

    const fn value(self, ty: wasmparser::ValType) -> u32 {
        self.first
            + match ty {
                wasmparser::ValType::I64 => 3,
                wasmparser::ValType::F32 => 4,
                wasmparser::ValType::F64 => 5,
                wasmparser::ValType::V128 => 6,
                wasmparser::ValType::I32 | wasmparser::ValType::Ref(_) => 2,
            }
    }
}

struct Writer<'f> {
    function: &'f mut Function,
    kept: Kept,
    range: u32,
}

impl Writer<'_> {
    fn sink(&mut self) -> InstructionSink<'_> {
        self.function.instructions()
    }

    fn operator(&mut self, operator: &Operator<'_>) -> Result<(), PrepareError> {
        if let Some(access) = access::scalar(operator) {
            return self.access(operator, access);
        }
        match operator {
            Operator::MemoryFill { .. } => self.bulk(operator, false),
            Operator::MemoryCopy { .. } => self.bulk(operator, true),
            _ => self.copy(operator),
        }
    }

    fn copy(&mut self, operator: &Operator<'_>) -> Result<(), PrepareError> {
        self.function.instruction(&RoundtripReencoder.instruction(operator.clone())?);
        Ok(())
    }

    /// The access itself comes first: if it is out of bounds it traps as it would have, and if it is
    /// not, nothing below can overflow, since addresses end at 1 GiB.
    fn access(&mut self, operator: &Operator<'_>, access: Access) -> Result<(), PrepareError> {
        let address = self.kept.address();
        if let Some(ty) = access.above {
            let value = self.kept.value(ty);
            self.sink().local_set(value).local_tee(address).local_get(value);
        } else {
            self.sink().local_tee(address);
        }
        self.copy(operator)?;
        self.record(access);
        Ok(())
    }

    /// Looks at the record of the first and the last byte; calls the helper if either page is new.
    fn record(&mut self, access: Access) {
        let (address, range) = (self.kept.address(), self.range);
        let offset = u32::try_from(access.memarg.offset).unwrap_or(u32::MAX).cast_signed();
        let bytes = access.bytes.cast_signed();
        let mut sink = self.sink();
        sink.local_get(address);
        if offset != 0 {
            sink.i32_const(offset).i32_add().local_tee(address);
        }
        sink.i32_const(PAGE_LOG2).i32_shr_u().i32_load8_u(RECORD);
        if bytes > 1 {
            sink.local_get(address).i32_const(bytes - 1).i32_add();
            sink.i32_const(PAGE_LOG2).i32_shr_u().i32_load8_u(RECORD).i32_and();
        }
        sink.i32_eqz().if_(BlockType::Empty);
        sink.local_get(address).i32_const(bytes).call(range).end();
    }

    fn bulk(&mut self, operator: &Operator<'_>, reads: bool) -> Result<(), PrepareError> {
        let (to, length) = (self.kept.address(), self.kept.length());
        let from = self.kept.value(wasmparser::ValType::I32);
        let range = self.range;
        self.sink()
            .local_set(length)
            .local_set(from)
            .local_tee(to)
            .local_get(from)
            .local_get(length);
        self.copy(operator)?;
        self.sink().local_get(to).local_get(length).call(range);
        if reads {
            self.sink().local_get(from).local_get(length).call(range);
        }
        Ok(())
    }
}
