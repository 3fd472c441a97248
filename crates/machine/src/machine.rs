//! The face: run, take evidence, find what is wrong, each in a confined child.

use std::ops::ControlFlow;

use crate::claim::{Bounds, Claim};
use crate::content::Content;
use crate::execution::Execution;
use crate::fraud::{AccuseError, FraudProof, Seen, accuse_seen};
use crate::prepare::Program;
use crate::tamper::Tamper;
use crate::witness::{Wanted, Witness};
use crate::worker::{Confinement, Errand, Order, Outcome, RunError, WorkerConfig};

/// Runs programs of strangers, each run in a child process of its own.
///
/// Calls block until the child is done. They can be made from several threads at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Machine {
    config: WorkerConfig,
}

/// Told every now and then how many steps are done; `Break` stops the run.
pub type Progress<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

/// Does not care how far it is.
pub fn no_progress(_steps: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

impl Machine {
    /// A machine with such workers.
    #[must_use]
    pub const fn new(config: WorkerConfig) -> Self {
        Self { config }
    }

    /// Runs a program on an input to its end.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the host or the worker. A trap is no error but a result.
    pub fn run(
        &self,
        program: &Program,
        input: &[u8],
        bounds: &Bounds,
        progress: Progress<'_>,
    ) -> Result<Execution, RunError> {
        self.run_tampered(program, input, bounds, &[], progress)
    }

    /// Runs a program and corrupts it on the way: see [`crate::tamper`].
    ///
    /// # Errors
    ///
    /// As [`Machine::run`].
    pub fn run_tampered(
        &self,
        program: &Program,
        input: &[u8],
        bounds: &Bounds,
        tampers: &[Tamper],
        progress: Progress<'_>,
    ) -> Result<Execution, RunError> {
        let errand = Errand { program: program.bytes(), input, bounds };
        match errand.run(&self.config, Order::Run { tampers: tampers.to_vec() }, progress)? {
            Outcome::Ran(execution) => Ok(execution),
            _ => Err(UNASKED),
        }
    }

    /// Re-runs a computation as far as needed and takes evidence from it.
    ///
    /// # Errors
    ///
    /// As [`Machine::run`], and if there is no such state.
    pub fn witness(
        &self,
        program: &Program,
        input: &[u8],
        bounds: &Bounds,
        wanted: Wanted,
        progress: Progress<'_>,
    ) -> Result<Witness, RunError> {
        let errand = Errand { program: program.bytes(), input, bounds };
        match errand.run(&self.config, Order::Take(wanted), progress)? {
            Outcome::Took(witness) => Ok(witness),
            _ => Err(UNASKED),
        }
    }

    /// Takes the evidence about one step, counted from 1: the state before it and what it touches.
    ///
    /// # Errors
    ///
    /// As [`Machine::witness`].
    pub fn prove_step(
        &self,
        program: &Program,
        input: &[u8],
        bounds: &Bounds,
        step: u64,
    ) -> Result<Witness, RunError> {
        self.witness(program, input, bounds, Wanted::Step(step), &mut no_progress)
    }

    /// Does everything that an auditor does: re-executes, compares the whole trace, and proves the first
    /// thing that is wrong, if any.
    ///
    /// # Errors
    ///
    /// See [`AccuseError`]; the claim's trace is needed, and its output if nothing else is wrong.
    pub fn find_fault(
        &self,
        program: &Program,
        input: &[u8],
        bounds: &Bounds,
        claimed: (&Claim, &[u8], &[u8]),
        progress: Progress<'_>,
    ) -> Result<Option<FraudProof>, AccuseError<RunError>> {
        let honest = self.run(program, input, bounds, progress).map_err(AccuseError::Evidence)?;
        let (claim, trace, output) = claimed;
        let claimed = (claim, Seen::Whole(trace), Seen::Whole(output));
        self.prove_fault(program, input, bounds, &honest, claimed)
    }

    /// Like [`Machine::find_fault`], for an auditor who has executed already, and perhaps has not seen all that was
    /// claimed.
    ///
    /// # Errors
    ///
    /// As [`Machine::find_fault`].
    pub fn prove_fault(
        &self,
        program: &Program,
        input: &[u8],
        bounds: &Bounds,
        honest: &Execution,
        claimed: (&Claim, Seen<'_>, Seen<'_>),
    ) -> Result<Option<FraudProof>, AccuseError<RunError>> {
        let content = Content::of(input);
        accuse_seen((program, &content, bounds), honest, claimed, |wanted| {
            self.witness(program, input, bounds, wanted, &mut no_progress)
        })
    }

    /// Starts a worker and lets it try what it must not be able to do.
    ///
    /// # Errors
    ///
    /// As [`Machine::run`].
    pub fn confinement(&self) -> Result<Confinement, RunError> {
        let errand = Errand { program: &[], input: &[], bounds: &Bounds::default() };
        match errand.run(&self.config, Order::Report, &mut no_progress)? {
            Outcome::Reported(report) => Ok(report),
            _ => Err(UNASKED),
        }
    }
}

/// An answer to another question.
const UNASKED: RunError = RunError::Hostile("it answered another question");
