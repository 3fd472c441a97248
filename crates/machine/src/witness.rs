//! What is taken from a re-execution to show one thing about one state.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::computation::{Computation, Input, Task};
use crate::engine::{Called, Engine, Failure, Interpreter, Jit, Optimise, Variant};
use crate::image::{Placement, output_region};
use crate::limits::PAGE_BYTES;
use crate::opening::Opening;
use crate::state::Header;
use crate::tree::Shape;

/// One state and some pages of its memory.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Witness {
    /// The preimage of the state's root.
    pub header: Header,
    /// Pages of its memory; none open nothing.
    pub memory: Opening,
}

/// What a witness is to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Wanted {
    /// What the `step`th step touches: the state before it, and those pages.
    Step(u64),
    /// That this is the state after `step` steps.
    State(u64),
    /// What the output cell says after `step` steps, and one page of the output if there is an index.
    Output(u64, Option<u32>),
}

impl Wanted {
    /// The number of steps that lead to the state in question.
    const fn steps(self) -> u64 {
        match self {
            Self::Step(step) => step.saturating_sub(1),
            Self::State(step) | Self::Output(step, _) => step,
        }
    }
}

/// Re-runs a computation to the state in question and takes what is wanted from it.
///
/// # Errors
///
/// Beside failures of the host: if there is no such state.
pub(crate) fn take(
    task: Task<'_>,
    input: Input<'_>,
    wanted: Wanted,
    mut progress: impl FnMut(u64) -> Result<(), Failure>,
) -> Result<Witness, Failure> {
    const NO_STATE: Failure = Failure::missing("the state that was asked for");
    let placement =
        Placement::of(task.program.manifest(), input.size, task.bounds).ok_or(NO_STATE)?;
    let engine = Jit::new(task.program, Optimise::Speed)?;
    let (mut computation, mut reached) = Computation::start(task, engine, placement, input)?;
    for step in 0..wanted.steps() {
        progress(step)?;
        if reached.end.is_some() {
            return Err(NO_STATE);
        }
        reached = computation.advance()?;
    }
    let header = computation.header()?;
    let ended = reached.end.is_some() && matches!(wanted, Wanted::Step(_));
    if ended || header.step != wanted.steps() {
        return Err(NO_STATE);
    }
    let pages = match wanted {
        Wanted::Step(_) => touched(task, &computation, &header)?,
        Wanted::State(_) => Vec::new(),
        Wanted::Output(_, page) => output_pages(task, computation.memory(), page),
    };
    let shape = Shape::memory(header.memory_bytes);
    let memory = Opening::new(computation.tree(), shape, computation.memory(), &pages);
    Ok(Witness { header, memory })
}

/// Runs one step on a copy of the state, in the interpreter, to see what it touches.
pub(crate) fn touched<E: Engine>(
    task: Task<'_>,
    computation: &Computation<'_, E>,
    header: &Header,
) -> Result<Vec<u32>, Failure> {
    let pages_max = task.bounds.pages_per_step;
    let mut interpreter = Interpreter::new(task.program, Variant::Touch { pages_max })?;
    interpreter.grow_to(header.memory_bytes)?;
    interpreter.memory_mut().copy_from_slice(computation.memory());
    interpreter.set_globals(&header.globals)?;
    let _: Called = interpreter.call(header.step, task.bounds.meter_per_step)?;
    Ok(interpreter.touched().0)
}

/// The page of the output cell, and that of one page of the output.
fn output_pages(task: Task<'_>, memory: &[u8], page: Option<u32>) -> Vec<u32> {
    let cell = task.program.manifest().output_cell;
    let mut pages = vec![page_of(u64::from(cell))];
    let named = memory.get(cell as usize..).and_then(|rest| rest.first_chunk());
    let region = named.and_then(|cell| output_region(*cell, memory.len() as u64, task.bounds));
    if let (Some((start, _)), Some(page)) = (region, page) {
        pages.push(page_of(start).saturating_add(page));
    }
    pages.sort_unstable();
    pages.dedup();
    pages
}

/// The page of an address.
pub(crate) fn page_of(address: u64) -> u32 {
    u32::try_from(address / PAGE_BYTES as u64).unwrap_or(u32::MAX)
}
