//! A program natively, in the machine, and with commitments.

use anyhow::{Context, Result, ensure};
use machine::local::{self, Options};
use machine::prepare::prepare;
use machine::track::Tracking;
use machine::{Bounds, Execution, Program};

use crate::clock::Samples;
use crate::programs::Name;

/// One program, measured. Everything in milliseconds of processor time.
pub(super) struct Running {
    pub(super) name: Name,
    pub(super) steps: u64,
    pub(super) meter: u64,
    pub(super) input_bytes: usize,
    /// The same source, compiled for this processor by the same compiler.
    pub(super) native: Samples,
    /// Compiling the prepared module, instantiating it and placing the input.
    pub(super) start: Samples,
    /// All steps in the machine, metered, without commitments and without `start`.
    pub(super) metered: Samples,
    /// The same with a commitment to every state, pages found by the kernel where it can.
    pub(super) committed: Samples,
    /// The same with pages found by comparison.
    pub(super) shadow: Samples,
    /// Checking and rewriting the source module.
    pub(super) prepare: Samples,
}

impl Running {
    /// Milliseconds of one step without commitments.
    pub(super) fn step_ms(&self) -> f64 {
        self.metered.min() / self.steps.max(1) as f64
    }

    /// Milliseconds that the commitment to one state takes.
    pub(super) fn commitment_ms(&self) -> f64 {
        (self.committed.min() - self.metered.min()) / self.steps.max(1) as f64
    }
}

/// Options of a run that only runs.
fn plain(tracking: Option<Tracking>) -> Options {
    Options { tracking, ..Options::default() }
}

/// Measures all of them in turns, so that what disturbs one disturbs its neighbours too.
pub(super) fn measure(name: Name, input: &[u8], repetitions: usize) -> Result<Running> {
    let program = prepare(name.module()).context("the module is no step program")?;
    let mut running = Running {
        name,
        steps: 0,
        meter: 0,
        input_bytes: input.len(),
        native: Samples::default(),
        start: Samples::default(),
        metered: Samples::default(),
        committed: Samples::default(),
        shadow: Samples::default(),
        prepare: Samples::default(),
    };
    let mut whole = [Samples::default(), Samples::default(), Samples::default()];
    let tracking = [None, Some(Tracking::Auto), Some(Tracking::Shadow)];
    for _ in 0..repetitions {
        running.prepare.measure(|| prepare(name.module())).context("it was prepared before")?;
        let output = running.native.measure(|| name.native(input));
        running.start.measure(|| start_only(&program, input))?;
        for (samples, tracking) in whole.iter_mut().zip(tracking) {
            let run = samples.measure(|| run(&program, input, tracking))?;
            ensure!(run.output == output, "{}: machine and native differ", name.text());
            running.meter = run.claim.meter;
            running.steps = running.steps.max(run.steps());
        }
    }
    let start = running.start.min();
    [running.metered, running.committed, running.shadow] = whole.map(|whole| whole.without(start));
    Ok(running)
}

fn run(program: &Program, input: &[u8], tracking: Option<Tracking>) -> Result<Execution> {
    Ok(local::run(program, input, &Bounds::default(), &plain(tracking))?)
}

/// Ends in the first step, which may use a single unit.
fn start_only(program: &Program, input: &[u8]) -> Result<Execution> {
    let bounds = Bounds { meter_per_step: 1, ..Bounds::default() };
    Ok(local::run(program, input, &bounds, &plain(None))?)
}
