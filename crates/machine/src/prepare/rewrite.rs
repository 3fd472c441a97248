//! From a checked source module to a prepared one.

use wasm_encoder::{BlockType, ConstExpr, ExportKind, FuncType, Function, GlobalType, ValType};
use wasmparser::ExternalKind;

use super::code::Code;
use super::emit::{Added, Plan};
use super::parts::Parts;
use super::source::Source;
use super::{
    ABI_SECTION, ABI_VERSION, DEPTH_EXPORT, INPUT_EXPORT, Limit, MANIFEST_SECTION, MEMORY_EXPORT,
    METER_EXPORT, Manifest, OUTPUT_EXPORT, PrepareError, STEP_EXPORT, global_export, interface,
    lazy, meter,
};
use crate::limits;

/// Rewrites a module.
///
/// # Errors
///
/// If a limit is exceeded that shows only now.
pub(super) fn rewrite(source: &Source<'_>, manifest: &Manifest) -> Result<Vec<u8>, PrepareError> {
    let mut parts = Parts::of(source)?;
    let added = Added {
        meter: parts.add_global(mutable(ValType::I64), ConstExpr::i64_const(0)),
        depth: parts.add_global(mutable(ValType::I32), ConstExpr::i32_const(0)),
    };
    for (function, body) in (0u32..).zip(&source.bodies) {
        let code = Code::decode(source, body, function)?;
        let body = self::function(source, &mut parts, &code, added)?;
        parts.bodies.push(body);
    }
    let step = add_step(source, &mut parts, added)?;
    export(source, &mut parts, step, added);
    parts.customs.push((ABI_SECTION.to_owned(), ABI_VERSION.to_vec()));
    parts.customs.push((MANIFEST_SECTION.to_owned(), encode_manifest(manifest)));
    let bytes = parts.encode();
    Limit::PreparedBytes.check(bytes.len(), limits::MODULE_BYTES_MAX, None)?;
    Ok(bytes)
}

fn mutable(val_type: ValType) -> GlobalType {
    GlobalType { val_type, mutable: true, shared: false }
}

fn encode_manifest(manifest: &Manifest) -> Vec<u8> {
    borsh::to_vec(manifest).expect("writing to a vector cannot fail")
}

fn function(
    source: &Source<'_>,
    parts: &mut Parts,
    code: &Code<'_>,
    added: Added,
) -> Result<Function, PrepareError> {
    let at = Some(code.function);
    Limit::Locals.check(code.locals.len(), limits::LOCALS_MAX, at)?;
    let analysis = lazy::analyse(source, code)?;
    Limit::Operands.check(analysis.operands_max, limits::OPERANDS_MAX, at)?;
    let charges = meter::charges(code);
    let body = body_type(source, parts, code.function);
    let function = Plan { code, analysis, charges, body, added }.emit()?;
    let bytes = function.byte_len();
    Limit::PreparedFunctionBytes.check(bytes, limits::PREPARED_FUNCTION_BYTES_MAX, at)?;
    Ok(function)
}

/// The type of a block that gives what the function gives.
fn body_type(source: &Source<'_>, parts: &mut Parts, function: u32) -> BlockType {
    let own = source.functions.get(function as usize).and_then(|ty| parts.types.get(*ty as usize));
    let results = own.map_or(Vec::new(), |ty| ty.results().to_vec());
    match results.as_slice() {
        [] => BlockType::Empty,
        [one] => BlockType::Result(*one),
        _ => BlockType::FunctionType(parts.intern(FuncType::new([], results))),
    }
}

/// Adds the exported `step`: the program's own, and a trap if it has used more than it was given.
fn add_step(source: &Source<'_>, parts: &mut Parts, added: Added) -> Result<u32, PrepareError> {
    let own = interface::check_step(source)?;
    let ty = parts.intern(FuncType::new([ValType::I64], [ValType::I32]));
    let mut step = Function::new([]);
    let mut sink = step.instructions();
    sink.local_get(0).call(own);
    sink.global_get(added.meter).i64_const(0).i64_lt_s();
    sink.if_(BlockType::Empty).unreachable().end().end();
    Ok(parts.add_function(ty, step))
}

/// Exports what the host needs and nothing else.
fn export(source: &Source<'_>, parts: &mut Parts, step: u32, added: Added) {
    parts.export(MEMORY_EXPORT, ExportKind::Memory, 0);
    parts.export(STEP_EXPORT, ExportKind::Func, step);
    for cell in [INPUT_EXPORT, OUTPUT_EXPORT] {
        if let Some(global) = source.export(cell, ExternalKind::Global) {
            parts.export(cell, ExportKind::Global, global);
        }
    }
    for (index, global) in source.globals.iter().enumerate() {
        if global.ty.mutable {
            let place = u32::try_from(index).unwrap_or(u32::MAX);
            parts.export(&global_export(index), ExportKind::Global, place);
        }
    }
    parts.export(METER_EXPORT, ExportKind::Global, added.meter);
    parts.export(DEPTH_EXPORT, ExportKind::Global, added.depth);
}
