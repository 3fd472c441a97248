//! Running a job's program in the machine: fetch, check, run in a confined child, never on this thread.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use api::{Client, ClientError};
use bytes::Bytes;
use machine::beginning::Beginning;
use machine::claim::Bounds;
use machine::execution::Execution;
use machine::fraud::{AccuseError, FraudProof, Seen};
use machine::prepare::{PrepareError, Program};
use machine::tamper::Tamper;
use machine::worker::{RunError, WorkerConfig};
use machine::{Machine, no_progress};
use protocol::{Claim, Job, ProgramId};

use crate::blobs::{BlobError, Blobs};
use crate::content::{bounds, claim_to_machine};
use crate::stop::Stop;

/// Programs kept parsed. A program is at most a few megabytes.
const PROGRAMS_MAX: usize = 16;

/// Least time between two reports of progress.
const PROGRESS_PAUSE: Duration = Duration::from_millis(200);

/// Why a run gave nothing. A trap is not among these: it is a result.
#[derive(Debug, thiserror::Error)]
pub enum RunFailure {
    /// The input could not be had.
    #[error("the input cannot be had")]
    Input(#[source] BlobError),
    /// The program could not be read from the ledger.
    #[error("the program cannot be read from the ledger")]
    Ledger(#[source] ClientError),
    /// The ledger has no such program.
    #[error("there is no program {0} on the ledger")]
    NoProgram(ProgramId),
    /// What the node sent is not the program it was asked for.
    #[error("the node sent something else for program {0}")]
    WrongProgram(ProgramId),
    /// The program was prepared by another version of the machine.
    #[error("the program does not fit this version of the machine")]
    Unfit(#[source] PrepareError),
    /// The machine failed, not the program.
    #[error("the machine failed")]
    Machine(#[source] RunError),
}

impl RunFailure {
    /// Whether the input is not there, or something else is.
    #[must_use]
    pub const fn is_starved(&self) -> bool {
        matches!(self, Self::Input(error) if error.is_unavailable())
    }

    /// Whether it was stopped by request.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        matches!(self, Self::Machine(RunError::Stopped))
    }

    /// Whether it may work a moment later, without anybody doing anything about it.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Ledger(error) => error.is_temporary(),
            Self::Input(_) => true,
            _ => self.is_stopped(),
        }
    }
}

/// What a job's run needs, fetched and checked.
#[derive(Clone, Debug)]
pub struct Case {
    program: Arc<Program>,
    input: Bytes,
    bounds: Bounds,
}

/// A claimed blob, as far as it can be had.
#[derive(Debug)]
pub enum Claimed {
    /// All of it.
    Whole(Bytes),
    /// Up to the first page that differs from what is right.
    Beginning(Box<Beginning>),
}

impl Claimed {
    fn seen(&self) -> Seen<'_> {
        match self {
            Self::Whole(bytes) => Seen::Whole(bytes),
            Self::Beginning(known) => Seen::Beginning(known),
        }
    }
}

/// Fetches what runs need and runs it.
#[derive(Debug)]
pub struct Runner {
    client: Client,
    shared: Blobs,
    /// The agent's own copies, which are looked at first.
    kept: Blobs,
    machine: Machine,
    programs: Mutex<BTreeMap<ProgramId, Arc<Program>>>,
}

impl Runner {
    /// A runner with such workers.
    #[must_use]
    pub fn new(client: Client, shared: Blobs, kept: Blobs, worker: WorkerConfig) -> Self {
        Self { client, shared, kept, machine: Machine::new(worker), programs: Mutex::default() }
    }

    /// Fetches what a job's run needs.
    ///
    /// # Errors
    /// See [`RunFailure`].
    pub async fn fetch(&self, job: &Job) -> Result<Case, RunFailure> {
        let program = self.program(job.spec.program).await?;
        let input = self.kept.get_or(&self.shared, job.spec.input).await;
        let input = input.map_err(RunFailure::Input)?;
        Ok(Case { program, input, bounds: bounds(job.spec.steps_max, job.spec.meter_max) })
    }

    /// Fetches what a job's run needs, and keeps a copy of the input: whoever disputes the result later runs the job
    /// once more, and the store may have lost it by then.
    ///
    /// # Errors
    /// See [`RunFailure`].
    pub async fn fetch_to_keep(&self, job: &Job) -> Result<Case, RunFailure> {
        let case = self.fetch(job).await?;
        self.kept.put(case.input.clone()).await.map_err(RunFailure::Input)?;
        Ok(case)
    }

    /// Runs a case, corrupting it on the way if there are tampers. `on_steps` hears now and then how many
    /// steps are done.
    ///
    /// # Errors
    /// See [`RunFailure`].
    pub async fn run(
        &self,
        case: Case,
        tampers: Vec<Tamper>,
        stop: Stop,
        on_steps: impl FnMut(u64) + Send + 'static,
    ) -> Result<Execution, RunFailure> {
        let machine = self.machine.clone();
        let mut progress = throttled(stop, on_steps);
        let run = blocking(move || {
            let Case { program, input, bounds } = case;
            machine.run_tampered(&program, &input, &bounds, &tampers, &mut progress)
        });
        run.await.map_err(RunFailure::Machine)
    }

    /// Finds and proves what is wrong with a claim, given an honest run. The proof has been re-checked in
    /// the interpreter.
    ///
    /// # Errors
    /// The evidence could not be taken, or the claimed blobs are not those claimed.
    pub async fn prove_fault(
        &self,
        case: Case,
        honest: Arc<Execution>,
        claim: Claim,
        trace: Claimed,
        output: Claimed,
    ) -> Result<Option<FraudProof>, AccuseError<RunError>> {
        let machine = self.machine.clone();
        let proof = blocking(move || {
            let Case { program, input, bounds } = case;
            let claimed = (&claim_to_machine(&claim), trace.seen(), output.seen());
            machine.prove_fault(&program, &input, &bounds, &honest, claimed)
        });
        proof.await
    }

    /// Takes true evidence about one step of an honest run.
    ///
    /// # Errors
    /// The machine's failure.
    pub async fn prove_step(
        &self,
        case: Case,
        step: u64,
    ) -> Result<machine::witness::Witness, RunFailure> {
        let machine = self.machine.clone();
        let witness = blocking(move || {
            let Case { program, input, bounds } = case;
            let wanted = machine::witness::Wanted::Step(step);
            machine.witness(&program, &input, &bounds, wanted, &mut no_progress)
        });
        witness.await.map_err(RunFailure::Machine)
    }

    async fn program(&self, id: ProgramId) -> Result<Arc<Program>, RunFailure> {
        if let Some(program) = self.programs().get(&id) {
            return Ok(Arc::clone(program));
        }
        let module = self.client.module(id).await.map_err(RunFailure::Ledger)?;
        let module = module.ok_or(RunFailure::NoProgram(id))?;
        let program = Program::from_prepared(module.to_vec()).map_err(RunFailure::Unfit)?;
        if program.id().0 != id.0 {
            return Err(RunFailure::WrongProgram(id));
        }
        let program = Arc::new(program);
        let mut programs = self.programs();
        if programs.len() >= PROGRAMS_MAX {
            programs.pop_first();
        }
        programs.insert(id, Arc::clone(&program));
        Ok(program)
    }

    fn programs(&self) -> std::sync::MutexGuard<'_, BTreeMap<ProgramId, Arc<Program>>> {
        self.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what blocks on a thread that may, and passes a panic on.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn throttled(stop: Stop, mut on_steps: impl FnMut(u64)) -> impl FnMut(u64) -> ControlFlow<()> {
    let mut told: Option<(Instant, u64)> = None;
    move |steps| {
        if stop.is_stopped() {
            return ControlFlow::Break(());
        }
        let is_due =
            told.is_none_or(|(at, before)| before != steps && at.elapsed() >= PROGRESS_PAUSE);
        if is_due {
            told = Some((Instant::now(), steps));
            on_steps(steps);
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::StopSwitch;

    #[test]
    fn progress_is_told_at_once_then_now_and_then_until_stopped() {
        let (switch, stop) = StopSwitch::new();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&heard);
        let mut progress = throttled(stop, move |steps| listener.lock().unwrap().push(steps));
        for steps in 0..50 {
            assert!(progress(steps).is_continue());
        }
        assert_eq!(*heard.lock().unwrap(), [0]);
        std::thread::sleep(PROGRESS_PAUSE);
        assert!(progress(50).is_continue());
        assert!(progress(51).is_continue());
        assert_eq!(*heard.lock().unwrap(), [0, 50]);
        switch.stop();
        assert!(progress(52).is_break());
    }
}
