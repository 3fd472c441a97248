//! Running in this very process: for the child process that does nothing else, for benches and tests.
//!
//! A hostile module can make a compiler take minutes and gigabytes. Who runs programs of strangers uses
//! [`Machine`](crate::Machine), which does this in a confined child.

use std::ops::ControlFlow;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::claim::Bounds;
use crate::computation::{Computation, End, Input, Reached, Task};
use crate::engine::{
    Engine, Failure, Interpreter, Jit, Optimise, TrapReason, Variant, WASM_STACK_BYTES,
};
use crate::execution::Execution;
use crate::hash::Hash;
use crate::image::Placement;
use crate::prepare::Program;
use crate::state::trapped;
use crate::tamper::Tamper;
use crate::track::Tracking;
use crate::witness::{Wanted, Witness, take};

/// Stack of the thread that runs compiled code: what the code may take, and the host's share.
const THREAD_STACK_BYTES: usize = WASM_STACK_BYTES + (32 << 20);

/// What runs the steps. All yield the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize)]
pub enum Backend {
    /// Compiled, optimised for speed.
    #[default]
    Compiled,
    /// Compiled without optimisation.
    Unoptimised,
    /// Interpreted, as the judge does.
    Interpreted,
}

/// How to run. Results do not depend on it, save that without commitments there is no trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// What runs the steps.
    pub backend: Backend,
    /// How changed pages are found; none: no commitments at all.
    pub tracking: Option<Tracking>,
    /// Dishonesty on purpose.
    pub tampers: Vec<Tamper>,
}

impl Default for Options {
    fn default() -> Self {
        Self { backend: Backend::default(), tracking: Some(Tracking::Auto), tampers: Vec::new() }
    }
}

/// Runs a program in this process.
///
/// # Errors
///
/// Only if the host fails; a trap is a result.
pub fn run(
    program: &Program,
    input: &[u8],
    bounds: &Bounds,
    options: &Options,
) -> Result<Execution, Failure> {
    run_with(program, input, bounds, options, || ())
}

/// Runs a program in this process, and says when each state is reached: the first when the program is
/// compiled and its input placed, then one after each step. For whoever measures time.
///
/// # Errors
///
/// As [`run`].
pub fn run_with(
    program: &Program,
    input: &[u8],
    bounds: &Bounds,
    options: &Options,
    mut on_state: impl FnMut() + Send,
) -> Result<Execution, Failure> {
    let task = Task { program, bounds, tracking: options.tracking, tampers: &options.tampers };
    let mut trace = Vec::new();
    let mut reader = input;
    let source = Input { size: input.len() as u64, reader: &mut reader };
    let finished = on_big_stack(|| {
        drive(task, source, options.backend, &mut |root| {
            trace.extend(root);
            on_state();
            ControlFlow::Continue(())
        })
    })?;
    let Finished { end, meter, output, corrupted } = finished;
    Ok(Execution::new(trace, output, end, meter, corrupted))
}

/// Takes evidence in this process.
///
/// # Errors
///
/// If the host fails or there is no such state.
pub fn witness(
    program: &Program,
    input: &[u8],
    bounds: &Bounds,
    wanted: Wanted,
) -> Result<Witness, Failure> {
    let task = Task { program, bounds, tracking: Some(Tracking::Auto), tampers: &[] };
    let mut reader = input;
    let source = Input { size: input.len() as u64, reader: &mut reader };
    on_big_stack(|| take(task, source, wanted, |_| Ok(())))
}

/// Compiled code needs more stack than threads usually have.
pub(crate) fn on_big_stack<T: Send>(
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES);
        let thread = thread.spawn_scoped(scope, work).map_err(|_| Failure::HostMemory)?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What a run yields beside its roots.
pub(crate) struct Finished {
    pub(crate) end: End,
    pub(crate) meter: u64,
    pub(crate) output: Vec<u8>,
    pub(crate) corrupted: bool,
}

/// Told of each state as it is reached; may stop the run.
pub(crate) type OnState<'a> = &'a mut (dyn FnMut(Option<Hash>) -> ControlFlow<()> + Send);

/// Runs a computation to its end.
pub(crate) fn drive(
    task: Task<'_>,
    input: Input<'_>,
    backend: Backend,
    on_state: OnState<'_>,
) -> Result<Finished, Failure> {
    let Some(placement) = Placement::of(task.program.manifest(), input.size, task.bounds) else {
        let end = End::Trapped { step: 0, reason: TrapReason::Start };
        tell(on_state, Some(trapped(0)))?;
        return Ok(Finished { end, meter: 0, output: Vec::new(), corrupted: false });
    };
    match backend {
        Backend::Compiled => {
            let engine = Jit::new(task.program, Optimise::Speed)?;
            to_the_end(Computation::start(task, engine, placement, input)?, on_state)
        }
        Backend::Unoptimised => {
            let engine = Jit::new(task.program, Optimise::Nothing)?;
            to_the_end(Computation::start(task, engine, placement, input)?, on_state)
        }
        Backend::Interpreted => {
            let engine = Interpreter::new(task.program, Variant::Plain)?;
            to_the_end(Computation::start(task, engine, placement, input)?, on_state)
        }
    }
}

fn to_the_end<E: Engine>(
    (mut computation, mut reached): (Computation<'_, E>, Reached),
    on_state: OnState<'_>,
) -> Result<Finished, Failure> {
    loop {
        tell(on_state, reached.root)?;
        if let Some(end) = reached.end {
            let output = if end == End::Done { computation.output().to_vec() } else { Vec::new() };
            let (meter, corrupted) = (computation.meter(), computation.corrupted());
            return Ok(Finished { end, meter, output, corrupted });
        }
        reached = computation.advance()?;
    }
}

fn tell(on_state: OnState<'_>, root: Option<Hash>) -> Result<(), Failure> {
    match on_state(root) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Failure::Stopped),
    }
}
