//! One step again, on the pages that were shown.

use super::Dismissal;
use crate::claim::Bounds;
use crate::computation::settle;
use crate::engine::{Called, Engine, Failure, Interpreter, Variant};
use crate::hash::Hash;
use crate::image::memory_max;
use crate::limits::PAGE_BYTES;
use crate::opening::Pages;
use crate::prepare::Program;
use crate::state::{Header, Status, trapped};
use crate::tree::{Node, Shape, leaf, root_of};
use crate::witness::Witness;

/// What a step turned out to do.
pub(super) enum Replayed {
    /// It leads to this root.
    Root(Hash),
    /// It touches more pages than allowed.
    TooManyPages,
}

/// Runs the step after a state, which the caller has checked to be the one that a root stands for.
///
/// Memory taken: that of the state, at most `bounds.memory_bytes`, given back on return.
pub(super) fn replay(
    program: &Program,
    bounds: &Bounds,
    witness: &Witness,
) -> Result<Replayed, Dismissal> {
    let header = &witness.header;
    let manifest = program.manifest();
    // A program that the bounds do not admit never starts, so no state of it can be anybody's.
    let admitted = memory_max(manifest) <= bounds.memory_bytes;
    if !admitted || header.status != Status::Running || !header.fits(manifest) {
        return Err(Dismissal::State);
    }
    let pages = shown(witness, bounds)?;
    let pages_max = bounds.pages_per_step;
    let mut engine =
        Interpreter::new(program, Variant::Touch { pages_max }).map_err(|error| dismiss(&error))?;
    let called = run(&mut engine, header, &pages, bounds).map_err(|error| dismiss(&error))?;
    let (touched, too_many) = engine.touched();
    if let Some(page) = touched.into_iter().find(|page| !pages.contains_key(page)) {
        return Err(Dismissal::NotShown(page));
    }
    if too_many {
        return Ok(Replayed::TooManyPages);
    }
    next_root(&mut engine, called, witness, &pages, bounds).map(Replayed::Root)
}

/// The pages of a witness. One more than may be touched is allowed: it shows that there is one.
fn shown(witness: &Witness, bounds: &Bounds) -> Result<Pages, Dismissal> {
    let shape = Shape::memory(witness.header.memory_bytes);
    if witness.memory.pages.is_empty() && witness.memory.siblings.is_empty() {
        return Ok(Pages::new());
    }
    let pages_max = bounds.pages_per_step as usize + 1;
    let pages = witness.memory.verify(shape, &witness.header.memory_root, pages_max);
    pages.ok_or(Dismissal::Memory)
}

fn run(
    engine: &mut Interpreter,
    header: &Header,
    pages: &Pages,
    bounds: &Bounds,
) -> Result<Called, Failure> {
    engine.grow_to(header.memory_bytes)?;
    let memory = engine.memory_mut().as_chunks_mut::<PAGE_BYTES>().0;
    for (index, page) in pages {
        // A page beyond memory is one that the step will grow into: zero, as its proof showed.
        if let Some(place) = memory.get_mut(*index as usize) {
            *place = **page;
        }
    }
    engine.set_globals(&header.globals)?;
    engine.call(header.step, bounds.meter_per_step)
}

fn next_root(
    engine: &mut Interpreter,
    called: Called,
    witness: &Witness,
    pages: &Pages,
    bounds: &Bounds,
) -> Result<Hash, Dismissal> {
    let header = &witness.header;
    let step = header.step.checked_add(1).ok_or(Dismissal::State)?;
    let Ok((status, meter)) = settle(called, step, header.meter, bounds) else {
        return Ok(trapped(step));
    };
    let memory = engine.memory();
    Ok(Header {
        step,
        status,
        meter,
        memory_bytes: memory.len() as u64,
        memory_root: next_memory_root(memory, witness, pages)?,
        globals: engine.globals().map_err(|error| dismiss(&error))?,
    }
    .root())
}

/// The same siblings lead from the changed pages to the changed root.
fn next_memory_root(memory: &[u8], witness: &Witness, pages: &Pages) -> Result<Hash, Dismissal> {
    if pages.is_empty() {
        return Ok(witness.header.memory_root);
    }
    let memory = memory.as_chunks::<PAGE_BYTES>().0;
    let now = pages.iter().map(|(index, page)| {
        (u64::from(*index), leaf(memory.get(*index as usize).unwrap_or(page)))
    });
    let shape = Shape::memory(witness.header.memory_bytes);
    let root = root_of(shape, now.collect::<Vec<Node>>(), &witness.memory.siblings);
    root.ok_or(Dismissal::Memory)
}

/// What an engine's failure means for a proof.
///
/// All but one follow from the module and the proof alone. The exception is a host without memory: its
/// verdict would not be everybody's, so it gives none, exactly as if any other allocation had failed.
pub(super) fn dismiss(failure: &Failure) -> Dismissal {
    if *failure == Failure::HostMemory {
        let layout = std::alloc::Layout::new::<[u8; PAGE_BYTES]>();
        std::alloc::handle_alloc_error(layout);
    }
    Dismissal::Engine
}
