//! A prepared module and what it is called.

use borsh::BorshDeserialize;
use wasmparser::ExternalKind;

use super::source::Source;
use super::{
    DEPTH_EXPORT, GlobalKind, GlobalSlot, INPUT_EXPORT, Limit, MANIFEST_SECTION, METER_EXPORT,
    Manifest, Mismatch, OUTPUT_EXPORT, PrepareError, VERSION, interface, screen, touch,
};
use crate::hash::{Domain, Hash};
use crate::limits;

/// Exports of every prepared module besides its globals: memory, step and the two cells.
const FIXED_EXPORTS: usize = 4;

/// A prepared module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    id: Hash,
    bytes: Vec<u8>,
    manifest: Manifest,
}

impl Program {
    /// Takes bytes that [`prepare`](super::prepare) has made, on this machine or another.
    ///
    /// Checks that they are a valid module of the pinned features whose contents agree with its
    /// manifest. It cannot check that the code was instrumented: that is what the identity is for, and
    /// why a ledger prepares sources itself.
    ///
    /// # Errors
    ///
    /// If they are not valid, exceed [`limits::MODULE_BYTES_MAX`] or contradict their manifest.
    pub fn from_prepared(bytes: Vec<u8>) -> Result<Self, PrepareError> {
        Limit::PreparedBytes.check(bytes.len(), limits::MODULE_BYTES_MAX, None)?;
        screen::validate(&bytes)?;
        let manifest = read_manifest(&Source::parse(&bytes)?)?;
        Ok(Self { id: Domain::Program.hash(&bytes), bytes, manifest })
    }

    /// The program's identity: the hash of its bytes.
    #[must_use]
    pub const fn id(&self) -> Hash {
        self.id
    }

    /// The prepared module.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the module says about itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The same program, which also records the pages that it touches: see rule 6 of the
    /// [specification](super).
    #[must_use]
    pub fn touch_variant(&self) -> Vec<u8> {
        touch::variant(&self.bytes, &self.manifest)
            .expect("the bytes have been validated, and every operator of the pinned list is known")
    }
}

fn read_manifest(source: &Source<'_>) -> Result<Manifest, PrepareError> {
    let mut sections = source.sections(MANIFEST_SECTION);
    let (Some(encoded), None) = (sections.next(), sections.next()) else {
        return Err(PrepareError::NotPrepared(Mismatch::Manifest));
    };
    let manifest = Manifest::try_from_slice(encoded)
        .map_err(|_| PrepareError::NotPrepared(Mismatch::Manifest))?;
    interface::check_abi(source)?;
    interface::check_step(source)?;
    let (initial, maximum) = interface::memory_pages(source)?;
    interface::check_segments(source, initial)?;
    let input = source.exported_address(INPUT_EXPORT);
    let output = source.exported_address(OUTPUT_EXPORT);
    let fits = |cell| interface::cell_fits(cell, initial);
    let agreements = [
        (manifest.version == VERSION, Mismatch::Version),
        (
            manifest.initial_memory_pages == initial && manifest.maximum_memory_pages == maximum,
            Mismatch::Memory,
        ),
        (
            input == Some(manifest.input_cell)
                && output == Some(manifest.output_cell)
                && fits(manifest.input_cell)
                && fits(manifest.output_cell),
            Mismatch::Cells,
        ),
        (globals_agree(source, &manifest), Mismatch::Globals),
        (source.exports.len() == FIXED_EXPORTS + manifest.globals.len(), Mismatch::Exports),
    ];
    match agreements.into_iter().find(|(agrees, _)| !agrees) {
        Some((_, mismatch)) => Err(PrepareError::NotPrepared(mismatch)),
        None => Ok(manifest),
    }
}

/// Every mutable global must be in the manifest, in order, exported under the name it has there.
fn globals_agree(source: &Source<'_>, manifest: &Manifest) -> bool {
    let mutable = source.globals.iter().enumerate().filter(|(_, global)| global.ty.mutable);
    let exported = |index: usize, slot: &GlobalSlot| {
        let found = source.export(&slot.export_name, ExternalKind::Global);
        found.is_some_and(|found| found as usize == index)
    };
    let is = |slot: Option<&GlobalSlot>, name, kind| {
        slot.is_some_and(|slot| slot.export_name == name && slot.kind == kind)
    };
    mutable.clone().count() == manifest.globals.len()
        && mutable.zip(&manifest.globals).all(|((index, global), slot)| {
            exported(index, slot) && GlobalKind::of(global.ty.content_type) == Some(slot.kind)
        })
        && is(manifest.meter_slot(), METER_EXPORT, GlobalKind::I64)
        && is(manifest.depth_slot(), DEPTH_EXPORT, GlobalKind::I32)
}
