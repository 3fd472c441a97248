//! The loop: place the input, step, commit, until the program is done or traps.

use std::io::Read;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::claim::Bounds;
use crate::engine::{Called, Engine, Failure, TrapReason};
use crate::hash::Hash;
use crate::image::{Placement, output_region};
use crate::limits::{MEMORY_DEPTH, PAGE_BYTES};
use crate::prepare::Program;
use crate::state::{Header, Status, trapped};
use crate::tamper::Tamper;
use crate::track::{Tracker, Tracking};
use crate::tree::{Node, Tree, leaf};

/// How a computation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum End {
    /// The program said that it is done.
    Done,
    /// A step trapped. That is a result like any other: it can be claimed, checked and paid.
    Trapped {
        /// Which step, counted from 1; 0 is a program that could not start.
        step: u64,
        /// Why, for people.
        reason: TrapReason,
    },
}

/// Everything that decides what a computation is, and how it is watched.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    pub(crate) program: &'a Program,
    pub(crate) bounds: &'a Bounds,
    /// None: no commitments, for benches.
    pub(crate) tracking: Option<Tracking>,
    pub(crate) tampers: &'a [Tamper],
}

/// An input that is read once, in order.
pub(crate) struct Input<'a> {
    pub(crate) size: u64,
    pub(crate) reader: &'a mut (dyn Read + Send),
}

/// A computation between two steps.
pub(crate) struct Computation<'a, E> {
    task: Task<'a>,
    engine: E,
    tracker: Option<Tracker>,
    tree: Tree,
    step: u64,
    status: Status,
    meter: u64,
    corrupted: bool,
}

/// Where a computation is after a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reached {
    /// The state's root, if the run commits to its states.
    pub(crate) root: Option<Hash>,
    /// Whether and how this is the end.
    pub(crate) end: Option<End>,
}

impl Reached {
    /// A trap in a step.
    pub(crate) fn trapped(step: u64, reason: TrapReason) -> Self {
        Self { root: Some(trapped(step)), end: Some(End::Trapped { step, reason }) }
    }
}

/// How a call of `step`, the `step`th, changes a state that had used `meter` units. Consensus.
///
/// # Errors
///
/// Why the step is a trap.
pub(crate) fn settle(
    called: Called,
    step: u64,
    meter: u64,
    bounds: &Bounds,
) -> Result<(Status, u64), TrapReason> {
    let (value, left) = match called {
        Called::Trapped(reason) => return Err(reason),
        Called::Returned { value, left } => (value, left),
    };
    // Units are charged before they are checked, so a step can return in debt.
    let left = u64::try_from(left).map_err(|_| TrapReason::Meter)?;
    let used = bounds.meter_per_step.checked_sub(left).ok_or(TrapReason::Meter)?;
    let meter = meter.checked_add(used).ok_or(TrapReason::Meter)?;
    if meter > bounds.meter_max {
        return Err(TrapReason::Meter);
    }
    match value {
        0 if step >= bounds.steps_max => Err(TrapReason::Steps),
        0 => Ok((Status::Running, meter)),
        1 => Ok((Status::Done, meter)),
        _ => Err(TrapReason::Return),
    }
}

impl<'a, E: Engine> Computation<'a, E> {
    /// Places the input and commits to the first state.
    ///
    /// The placement must be the one of this program, input and bounds.
    pub(crate) fn start(
        task: Task<'a>,
        mut engine: E,
        placement: Placement,
        input: Input<'_>,
    ) -> Result<(Self, Reached), Failure> {
        place(&mut engine, task.program, placement, input)?;
        let mut computation = Self {
            tracker: None,
            tree: Tree::new(MEMORY_DEPTH),
            step: 0,
            status: Status::Running,
            meter: 0,
            corrupted: false,
            task,
            engine,
        };
        computation.tamper(&[]);
        if let Some(tracking) = task.tracking {
            computation.tracker = Some(Tracker::start(tracking, &computation.engine)?);
        }
        let root = computation.commit()?;
        Ok((computation, Reached { root, end: None }))
    }

    /// Runs the next step.
    pub(crate) fn advance(&mut self) -> Result<Reached, Failure> {
        let number = self.step + 1;
        let before = self.copy_if_needed(number);
        let called = self.engine.call(self.step, self.task.bounds.meter_per_step)?;
        match settle(called, number, self.meter, self.task.bounds) {
            Err(reason) => Ok(Reached::trapped(number, reason)),
            Ok((status, meter)) => {
                (self.step, self.status, self.meter) = (number, status, meter);
                self.tamper(&before);
                let root = self.commit()?;
                Ok(Reached { root, end: (status == Status::Done).then_some(End::Done) })
            }
        }
    }

    fn due(&self, step: u64) -> impl Iterator<Item = &'a Tamper> + use<'a, E> {
        self.task.tampers.iter().filter(move |tamper| tamper.after_step == step)
    }

    fn copy_if_needed(&self, step: u64) -> Vec<u8> {
        let needed = self.due(step).any(Tamper::needs_before);
        if needed { self.engine.memory().to_vec() } else { Vec::new() }
    }

    fn tamper(&mut self, before: &[u8]) {
        for tamper in self.due(self.step) {
            let output = self.output_place().map(|(start, _)| start);
            self.corrupted |= tamper.apply(&mut self.engine, output, before);
        }
    }

    fn commit(&mut self) -> Result<Option<Hash>, Failure> {
        let Some(tracker) = &mut self.tracker else { return Ok(None) };
        let memory = self.engine.memory();
        let changed = tracker.changed(memory)?;
        let pages = memory.as_chunks::<PAGE_BYTES>().0;
        let hashed = |page: u32| Some((u64::from(page), leaf(pages.get(page as usize)?)));
        let leaves: Vec<Node> = changed.into_iter().filter_map(hashed).collect();
        self.tree.update(&leaves);
        Ok(Some(self.header()?.root()))
    }

    /// The state's header. Its memory root is only right if the run commits to its states.
    pub(crate) fn header(&mut self) -> Result<Header, Failure> {
        Ok(Header {
            step: self.step,
            status: self.status,
            meter: self.meter,
            memory_bytes: self.engine.memory().len() as u64,
            memory_root: self.tree.root(),
            globals: self.engine.globals()?,
        })
    }

    fn output_place(&self) -> Option<(u64, u64)> {
        let memory = self.engine.memory();
        let cell = memory.get(self.task.program.manifest().output_cell as usize..)?;
        output_region(*cell.first_chunk()?, memory.len() as u64, self.task.bounds)
    }

    /// The output, as the output cell names it now.
    pub(crate) fn output(&self) -> &[u8] {
        let place = self.output_place().and_then(|(start, size)| {
            let start = usize::try_from(start).ok()?;
            self.engine.memory().get(start..start + usize::try_from(size).ok()?)
        });
        place.unwrap_or(&[])
    }

    /// Whole memory.
    pub(crate) fn memory(&self) -> &[u8] {
        self.engine.memory()
    }

    /// The tree over memory.
    pub(crate) const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Units used by all steps that ended.
    pub(crate) const fn meter(&self) -> u64 {
        self.meter
    }

    /// Whether a tampering changed anything.
    pub(crate) const fn corrupted(&self) -> bool {
        self.corrupted
    }
}

fn place(
    engine: &mut impl Engine,
    program: &Program,
    placement: Placement,
    input: Input<'_>,
) -> Result<(), Failure> {
    engine.grow_to(placement.memory_bytes)?;
    let manifest = program.manifest();
    let size = usize::try_from(input.size).map_err(|_| Failure::HostMemory)?;
    let offset = usize::try_from(placement.offset).map_err(|_| Failure::HostMemory)?;
    let target = engine.memory_mut().get_mut(offset..).and_then(|rest| rest.get_mut(..size));
    let read = input.reader.read_exact(target.ok_or(Failure::HostMemory)?);
    read.map_err(|error| Failure::Input(error.to_string()))?;
    let cell = engine.memory_mut().get_mut(manifest.input_cell as usize..);
    let cell = cell.and_then(|rest| rest.first_chunk_mut::<8>());
    *cell.ok_or(Failure::missing("its input cell"))? = placement.cell(input.size);
    Ok(())
}
