//! A program natively, in the machine, and with commitments.
//!
//! A run in the machine has two parts, measured apart: what comes before the first step (compiling the prepared
//! module, instantiating it, placing the input, and committing to the first state, which hashes the whole input) and
//! the steps. Compiling depends on the program alone; a job pays for it once however long it is.

use anyhow::{Context, Result, ensure};
use cpu_time::ProcessTime;
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
    /// The same source, compiled for this processor by the same compiler, in this process.
    pub(super) native: Samples,
    /// In the machine, metered, without commitments.
    pub(super) metered: Parts,
    /// The same with a commitment to every state, pages found by the kernel where it can.
    pub(super) committed: Parts,
    /// The same with pages found by comparison.
    pub(super) shadow: Parts,
    /// Checking and rewriting the source module.
    pub(super) prepare: Samples,
}

/// A run in the machine.
#[derive(Default)]
pub(super) struct Parts {
    /// Up to the first state.
    pub(super) start: Samples,
    /// All steps.
    pub(super) steps: Samples,
}

impl Parts {
    /// Both parts of each repetition.
    pub(super) fn whole(&self) -> Samples {
        self.start.plus(&self.steps)
    }
}

impl Running {
    /// Milliseconds of one step without commitments.
    pub(super) fn step_ms(&self) -> f64 {
        self.metered.steps.min() / self.steps.max(1) as f64
    }

    /// Milliseconds that the commitment to one state takes, the first one apart.
    pub(super) fn commitment_ms(&self) -> f64 {
        (self.committed.steps.min() - self.metered.steps.min()) / self.steps.max(1) as f64
    }

    /// Milliseconds that the commitment to the first state takes; none if that drowns in the noise of compiling.
    pub(super) fn first_commitment_ms(&self) -> f64 {
        (self.committed.start.min() - self.metered.start.min()).max(0.0)
    }

    /// All commitments and all steps: everything that grows with the job.
    pub(super) fn committed_ms(&self) -> f64 {
        self.committed.steps.min() + self.first_commitment_ms()
    }
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
        metered: Parts::default(),
        committed: Parts::default(),
        shadow: Parts::default(),
        prepare: Samples::default(),
    };
    for _ in 0..repetitions {
        running.prepare.measure(|| prepare(name.module())).context("it was prepared before")?;
        let output = running.native.measure(|| name.native(input));
        for (parts, tracking) in [
            (&mut running.metered, None),
            (&mut running.committed, Some(Tracking::Auto)),
            (&mut running.shadow, Some(Tracking::Shadow)),
        ] {
            let run = run(&program, input, tracking, parts)?;
            ensure!(run.output == output, "{}: machine and native differ", name.text());
            running.meter = run.claim.meter;
            running.steps = running.steps.max(run.steps());
        }
    }
    Ok(running)
}

fn run(
    program: &Program,
    input: &[u8],
    tracking: Option<Tracking>,
    parts: &mut Parts,
) -> Result<Execution> {
    let options = Options { tracking, ..Options::default() };
    let (begun, mut first) = (ProcessTime::now(), None);
    let run = local::run_with(program, input, &Bounds::default(), &options, || {
        first.get_or_insert_with(ProcessTime::now);
    })?;
    let ended = ProcessTime::now();
    let first = first.context("a run has a first state")?;
    let milliseconds = |from, to: ProcessTime| to.duration_since(from).as_secs_f64() * 1e3;
    parts.start.push(milliseconds(begun, first));
    parts.steps.push(milliseconds(first, ended));
    Ok(run)
}
