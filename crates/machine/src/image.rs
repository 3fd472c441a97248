//! The first state, from public data alone.
//!
//! The first memory is what the module's data segments say, the input behind it in one aligned subtree,
//! and the input's place and length in the input cell. So the first root follows from the prepared
//! module and the input's *address*; nobody needs the input to know it.

use std::collections::BTreeMap;

use wasmparser::{ConstExpr, DataKind, ExternalKind, Operator, Parser, Payload};

use crate::claim::Bounds;
use crate::content::Content;
use crate::engine::Failure;
use crate::hash::Hash;
use crate::limits::{MEMORY_DEPTH, PAGE_BYTES, WASM_PAGE_BYTES};
use crate::prepare::{Manifest, Program};
use crate::state::{Header, Status, trapped};
use crate::tree::{Node, Page, ZERO_PAGE, climb, leaf, zero};

/// Where the input goes and how large memory is with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Placement {
    /// Address: a multiple of the size of the input's subtree.
    pub(crate) offset: u64,
    /// Bytes of memory in the first state.
    pub(crate) memory_bytes: u64,
}

/// Bytes that a program's memory can grow to.
pub(crate) fn memory_max(manifest: &Manifest) -> u64 {
    u64::from(manifest.maximum_memory_pages) * WASM_PAGE_BYTES
}

impl Placement {
    /// Places an input of `size` bytes, or says that this program cannot start within these bounds.
    pub(crate) fn of(manifest: &Manifest, size: u64, bounds: &Bounds) -> Option<Self> {
        let initial = u64::from(manifest.initial_memory_pages) * WASM_PAGE_BYTES;
        let maximum = memory_max(manifest);
        if maximum > bounds.memory_bytes || size > maximum || !bounds.are_valid() {
            return None;
        }
        let subtree = size.max(PAGE_BYTES as u64).next_power_of_two();
        let offset = initial.next_multiple_of(subtree);
        let memory_bytes = initial.max((offset + size).next_multiple_of(WASM_PAGE_BYTES));
        (memory_bytes <= maximum).then_some(Self { offset, memory_bytes })
    }

    /// What the input cell says: address and length, little-endian.
    pub(crate) fn cell(&self, size: u64) -> [u8; 8] {
        let number = |value: u64| u32::try_from(value).expect("memory ends at 1 GiB").to_le_bytes();
        let mut cell = [0; 8];
        cell[..4].copy_from_slice(&number(self.offset));
        cell[4..].copy_from_slice(&number(size));
        cell
    }
}

/// Where the output is, if the cell names a place: page-aligned, within memory and the bounds.
///
/// Anything else names nothing, and so does a length of zero: the output is empty.
pub(crate) fn output_region(
    cell: [u8; 8],
    memory_bytes: u64,
    bounds: &Bounds,
) -> Option<(u64, u64)> {
    let [p0, p1, p2, p3, l0, l1, l2, l3] = cell;
    let start = u64::from(u32::from_le_bytes([p0, p1, p2, p3]));
    let size = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
    let aligned = start.is_multiple_of(PAGE_BYTES as u64);
    let inside = start + size <= memory_bytes && size <= bounds.output_bytes;
    (aligned && inside && size > 0).then_some((start, size))
}

/// The root of the first state, or of the trap that a program which cannot start is.
pub(crate) fn first_root(
    program: &Program,
    input: &Content,
    bounds: &Bounds,
) -> Result<Hash, Failure> {
    let Some(placement) = Placement::of(program.manifest(), input.size, bounds) else {
        return Ok(trapped(0));
    };
    let Image { mut pages, globals } = Image::of(program)?;
    write(&mut pages, program.manifest().input_cell, &placement.cell(input.size));
    let leaves = pages.iter().map(|(index, page)| (u64::from(*index), leaf(page)));
    Ok(Header {
        step: 0,
        status: Status::Running,
        meter: 0,
        memory_bytes: placement.memory_bytes,
        memory_root: root_with(leaves.collect(), input, &placement),
        globals,
    }
    .root())
}

/// The root of a memory of some leaves and, behind them, the subtree of the input.
fn root_with(leaves: Vec<Node>, input: &Content, placement: &Placement) -> Hash {
    const COMPLETE: &str = "every sibling is given";
    let zeros = |level, _| Some(zero(level));
    let height = input.shape().height;
    let mut nodes = climb(leaves, 0..height, zeros).expect(COMPLETE);
    nodes.push(((placement.offset / PAGE_BYTES as u64) >> height, input.root));
    let top = climb(nodes, height..MEMORY_DEPTH, zeros).expect(COMPLETE);
    top.first().map_or_else(|| zero(MEMORY_DEPTH), |(_, root)| *root)
}

/// What instantiating a module yields: the same for every engine.
struct Image {
    pages: BTreeMap<u32, Box<Page>>,
    globals: Vec<u128>,
}

impl Image {
    fn of(program: &Program) -> Result<Self, Failure> {
        const UNREADABLE: Failure = Failure::missing("a readable image");
        let mut pages = BTreeMap::new();
        let mut values = Vec::new();
        let mut exports = BTreeMap::new();
        for payload in Parser::new(0).parse_all(program.bytes()) {
            match payload.map_err(|_| UNREADABLE)? {
                Payload::DataSection(section) => {
                    for data in section {
                        let data = data.map_err(|_| UNREADABLE)?;
                        let DataKind::Active { offset_expr, .. } = data.kind else { continue };
                        let start =
                            constant(&offset_expr).and_then(|bits| u32::try_from(bits).ok());
                        write(&mut pages, start.ok_or(UNREADABLE)?, data.data);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        values.push(constant(&global.map_err(|_| UNREADABLE)?.init_expr));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.map_err(|_| UNREADABLE)?;
                        if export.kind == ExternalKind::Global {
                            exports.insert(export.name, export.index as usize);
                        }
                    }
                }
                _ => {}
            }
        }
        let value = |name: &str| values.get(*exports.get(name)?).copied().flatten();
        let names = crate::engine::state_globals(program);
        let globals = names.into_iter().map(|(name, _)| value(name).ok_or(UNREADABLE));
        Ok(Self { pages, globals: globals.collect::<Result<_, _>>()? })
    }
}

/// The bits of a constant expression of one number.
fn constant(expression: &ConstExpr<'_>) -> Option<u128> {
    let mut operators = expression.get_operators_reader();
    let value = match operators.read().ok()? {
        Operator::I32Const { value } => value.cast_unsigned().into(),
        Operator::I64Const { value } => value.cast_unsigned().into(),
        Operator::F32Const { value } => value.bits().into(),
        Operator::F64Const { value } => value.bits().into(),
        Operator::V128Const { value } => u128::from_le_bytes(*value.bytes()),
        _ => return None,
    };
    matches!(operators.read(), Ok(Operator::End)).then_some(value)
}

fn write(pages: &mut BTreeMap<u32, Box<Page>>, start: u32, bytes: &[u8]) {
    let (mut address, mut rest) = (start as usize, bytes);
    while !rest.is_empty() {
        let (page, offset) = (address / PAGE_BYTES, address % PAGE_BYTES);
        let (now, later) = rest.split_at((PAGE_BYTES - offset).min(rest.len()));
        let page = u32::try_from(page).expect("memory ends at 1 GiB");
        let page = pages.entry(page).or_insert_with(|| Box::new(ZERO_PAGE));
        page[offset..offset + now.len()].copy_from_slice(now);
        (address, rest) = (address + now.len(), later);
    }
}
