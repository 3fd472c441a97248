//! What the guest interface demands of a valid module, and the manifest that follows from it.

use wasmparser::{DataKind, ElementItems, ElementKind, ExternalKind, ValType};

use super::source::{Source, constant_address};
use super::{
    ABI_SECTION, ABI_VERSION, DEPTH_EXPORT, GlobalKind, GlobalSlot, INPUT_EXPORT, MEMORY_EXPORT,
    METER_EXPORT, Manifest, OUTPUT_EXPORT, PrepareError, RESERVED_PREFIX, Required, STEP_EXPORT,
    SegmentKind, VERSION, global_export,
};
use crate::limits;

/// Bytes of a cell: a pointer and a length.
const CELL_BYTES: u64 = 8;

/// Checks a source module against the interface and derives its manifest.
///
/// # Errors
///
/// What is missing, wrong, reserved or out of bounds.
pub(super) fn check(source: &Source<'_>) -> Result<Manifest, PrepareError> {
    check_names(source)?;
    check_abi(source)?;
    let (initial, maximum) = memory_pages(source)?;
    check_step(source)?;
    let input_cell = cell(source, INPUT_EXPORT, Required::InputCell, initial)?;
    let output_cell = cell(source, OUTPUT_EXPORT, Required::OutputCell, initial)?;
    check_segments(source, initial)?;
    let globals = slots(source);
    Ok(Manifest {
        version: VERSION,
        initial_memory_pages: initial,
        maximum_memory_pages: maximum,
        input_cell,
        output_cell,
        meter: globals.len() - 2,
        depth: globals.len() - 1,
        globals,
    })
}

fn check_names(source: &Source<'_>) -> Result<(), PrepareError> {
    let exports = source.exports.iter().map(|export| export.name);
    let sections = source.customs.iter().map(wasmparser::CustomSectionReader::name);
    let reserved = |name: &&str| name.starts_with(RESERVED_PREFIX);
    match exports.chain(sections.filter(|name| *name != ABI_SECTION)).find(reserved) {
        Some(name) => Err(PrepareError::ReservedName(name.to_owned())),
        None => Ok(()),
    }
}

/// The section must be there once, with the one version there is.
pub(super) fn check_abi(source: &Source<'_>) -> Result<(), PrepareError> {
    let mut sections = source.sections(ABI_SECTION);
    match (sections.next(), sections.next()) {
        (None, _) => Err(PrepareError::Missing(Required::Abi)),
        (Some(version), None) if version == ABI_VERSION => Ok(()),
        _ => Err(PrepareError::Wrong { required: Required::Abi }),
    }
}

/// Initial and maximum size of the exported memory, in pages of 64 KiB.
pub(super) fn memory_pages(source: &Source<'_>) -> Result<(u32, u32), PrepareError> {
    require(source, Required::Memory)?;
    let exported = source.export(MEMORY_EXPORT, ExternalKind::Memory) == Some(0);
    let memory = source.memories.first().filter(|_| exported);
    let memory = memory.ok_or(PrepareError::Wrong { required: Required::Memory })?;
    let maximum = memory.maximum.ok_or(PrepareError::Missing(Required::MemoryMaximum))?;
    let pages =
        |size| u32::try_from(size).map_err(|_| PrepareError::Wrong { required: Required::Memory });
    Ok((pages(memory.initial)?, pages(maximum)?))
}

/// `step` must be exported as `(i64) -> i32`.
pub(super) fn check_step(source: &Source<'_>) -> Result<u32, PrepareError> {
    require(source, Required::Step)?;
    let function = source.export(STEP_EXPORT, ExternalKind::Func);
    let right = |function: &u32| {
        source
            .function_type(*function)
            .is_some_and(|ty| ty.params() == [ValType::I64] && ty.results() == [ValType::I32])
    };
    function.filter(right).ok_or(PrepareError::Wrong { required: Required::Step })
}

fn require(source: &Source<'_>, what: Required) -> Result<(), PrepareError> {
    let found = source.exports.iter().any(|export| export.name == what.name());
    if found { Ok(()) } else { Err(PrepareError::Missing(what)) }
}

fn cell(
    source: &Source<'_>,
    name: &str,
    what: Required,
    initial_pages: u32,
) -> Result<u32, PrepareError> {
    require(source, what)?;
    let address = source.exported_address(name).ok_or(PrepareError::Wrong { required: what })?;
    if cell_fits(address, initial_pages) {
        Ok(address)
    } else {
        Err(PrepareError::Wrong { required: what })
    }
}

/// Whether a cell is aligned, within the initial memory and within one page of 4 KiB: so that one page
/// is evidence of what it says.
pub(super) fn cell_fits(address: u32, initial_pages: u32) -> bool {
    let page_bytes = limits::PAGE_BYTES as u64;
    let address = u64::from(address);
    let end = address + CELL_BYTES;
    address.is_multiple_of(4)
        && end <= u64::from(initial_pages) * limits::WASM_PAGE_BYTES
        && address / page_bytes == (end - 1) / page_bytes
}

/// Every active segment must fit, so that instantiation cannot fail.
pub(super) fn check_segments(source: &Source<'_>, initial_pages: u32) -> Result<(), PrepareError> {
    let memory_bytes = u64::from(initial_pages) * limits::WASM_PAGE_BYTES;
    for (index, segment) in source.data.clone().into_iter().flatten().enumerate() {
        let segment = segment?;
        let start = match &segment.kind {
            DataKind::Active { offset_expr, .. } => constant_address(offset_expr),
            DataKind::Passive => None,
        };
        fits(start, segment.data.len(), memory_bytes, SegmentKind::Data, index)?;
    }
    let elements = source.tables.first().map_or(0, |table| table.initial);
    for (index, segment) in source.elements.clone().into_iter().flatten().enumerate() {
        let segment = segment?;
        let start = match &segment.kind {
            ElementKind::Active { offset_expr, .. } => constant_address(offset_expr),
            ElementKind::Passive | ElementKind::Declared => None,
        };
        let count = match &segment.items {
            ElementItems::Functions(functions) => functions.count(),
            ElementItems::Expressions(_, expressions) => expressions.count(),
        };
        fits(start, count as usize, elements, SegmentKind::Element, index)?;
    }
    Ok(())
}

fn fits(
    start: Option<u32>,
    length: usize,
    space: u64,
    kind: SegmentKind,
    index: usize,
) -> Result<(), PrepareError> {
    let end = start.and_then(|start| u64::from(start).checked_add(u64::try_from(length).ok()?));
    if end.is_some_and(|end| end <= space) {
        return Ok(());
    }
    Err(PrepareError::SegmentOutOfBounds { kind, index })
}

/// The slots of all mutable globals of a source module, and of the two that preparation adds.
fn slots(source: &Source<'_>) -> Vec<GlobalSlot> {
    let own = source.globals.iter().enumerate().filter(|(_, global)| global.ty.mutable);
    let own = own.filter_map(|(index, global)| {
        let kind = GlobalKind::of(global.ty.content_type)?;
        Some(GlobalSlot { export_name: global_export(index), kind })
    });
    let added = [(METER_EXPORT, GlobalKind::I64), (DEPTH_EXPORT, GlobalKind::I32)];
    let added = added.map(|(name, kind)| GlobalSlot { export_name: name.to_owned(), kind });
    own.chain(added).collect()
}
