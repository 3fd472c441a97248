//! The parent: start a child, feed it, listen, believe nothing, end it.

use std::io::{self, BufReader, Read, Write};
use std::ops::ControlFlow;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::frame;
use super::message::{CHUNK_BYTES, Confinement, Order, ROOTS_MAX, Reply, Request};
use super::{MARKER, WorkerConfig};
use crate::claim::Bounds;
use crate::computation::End;
use crate::engine::Failure;
use crate::execution::Execution;
use crate::hash::Hash;
use crate::limits::{PAGES_PER_STEP_MAX, PROOF_BYTES_MAX};
use crate::state::trapped;
use crate::witness::Witness;

/// Bytes of a child's standard error that are kept.
const STDERR_BYTES_MAX: u64 = 4 << 10;

/// Replies that wait to be looked at; a child that is faster than its parent waits.
const REPLIES_WAITING: usize = 4;

/// How often the one who asked can say stop while nothing happens.
const TICK: Duration = Duration::from_millis(100);

/// Why a run yielded nothing. A trap is not among these: it is a result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The worker could not be started.
    #[error("cannot start the worker")]
    Spawn(#[source] io::Error),
    /// The worker says that its host failed it.
    #[error("the worker could not run the program")]
    Failed(#[source] Failure),
    /// The worker took too long and was killed.
    #[error("the worker was killed after {0:?}")]
    Late(Duration),
    /// The one who asked wanted no more.
    #[error("stopped by request")]
    Stopped,
    /// The worker ended without an answer: a limit, a crash of the engine, or worse.
    #[error("the worker ended without an answer ({how}): {stderr}")]
    Died {
        /// By which signal or with which status.
        how: String,
        /// The beginning of what it said.
        stderr: String,
    },
    /// The worker said something that no honest worker says.
    #[error("the worker broke the protocol: {0}")]
    Hostile(&'static str),
}

/// What a parent wants done.
pub(crate) struct Errand<'a> {
    pub(crate) program: &'a [u8],
    pub(crate) input: &'a [u8],
    pub(crate) bounds: &'a Bounds,
}

/// Something done.
pub(crate) enum Outcome {
    Ran(Execution),
    Took(Witness),
    Reported(Confinement),
}

/// Told how many steps are done; may stop the run.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

impl Errand<'_> {
    /// Does it in a child of its own.
    pub(crate) fn run(
        &self,
        config: &WorkerConfig,
        order: Order,
        progress: Progress<'_>,
    ) -> Result<Outcome, RunError> {
        let mut worker = Worker::spawn(config, self.bounds)?;
        let request = Request {
            program: self.program.to_vec(),
            bounds: *self.bounds,
            tracking: config.tracking,
            input_bytes: self.input.len() as u64,
            order,
        };
        std::thread::scope(|scope| {
            // Ended before the scope waits for its threads, whatever happens here.
            let mut worker = worker.end_on_drop();
            let pipes = worker.pipes()?;
            let said = Listeners::start(scope, pipes, &request, self.input);
            let heard = self.listen(config, &said.replies, progress);
            let status = worker.end();
            let stderr = said.stderr.join().unwrap_or_default();
            heard.map_err(|silence| silence.explain(config, status, stderr))
        })
    }

    fn listen(
        &self,
        config: &WorkerConfig,
        replies: &Receiver<io::Result<Reply>>,
        progress: Progress<'_>,
    ) -> Result<Outcome, Silence> {
        let deadline = Instant::now() + config.wall_max;
        let mut heard = Heard::new(self.bounds);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Silence::Late);
            }
            match replies.recv_timeout(left.min(TICK)) {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Silence::Dead),
                Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(Silence::Hostile("it sent no frame"));
                }
                Ok(Err(_)) => return Err(Silence::Dead),
                Ok(Ok(reply)) => {
                    if let Some(outcome) = heard.hear(reply)? {
                        return Ok(outcome);
                    }
                }
            }
            if progress(heard.steps()).is_break() {
                return Err(Silence::Stopped);
            }
        }
    }
}

/// Why there is no outcome.
enum Silence {
    Late,
    Stopped,
    Dead,
    Failed(Failure),
    Hostile(&'static str),
}

impl Silence {
    fn explain(
        self,
        config: &WorkerConfig,
        status: Option<ExitStatus>,
        stderr: String,
    ) -> RunError {
        match self {
            Self::Late => RunError::Late(config.wall_max),
            Self::Stopped => RunError::Stopped,
            Self::Failed(failure) => RunError::Failed(failure),
            Self::Hostile(what) => RunError::Hostile(what),
            Self::Dead => RunError::Died { how: how(status), stderr },
        }
    }
}

fn how(status: Option<ExitStatus>) -> String {
    let Some(status) = status else { return "unknown".to_owned() };
    match status.signal() {
        Some(libc::SIGXCPU) => "it used all its processor time".to_owned(),
        Some(libc::SIGABRT) => "it gave up, most likely out of the memory it may use".to_owned(),
        Some(signal) => format!("signal {signal}"),
        None => status.to_string(),
    }
}

/// What has been heard so far, all of it within what was asked for.
struct Heard<'a> {
    bounds: &'a Bounds,
    roots: Vec<Hash>,
    steps: u64,
    /// What was announced, and how many of its bytes.
    announced: Option<(Announced, u64)>,
    bytes: Vec<u8>,
}

enum Announced {
    Output { end: End, meter: u64, corrupted: bool },
    Witness,
}

impl<'a> Heard<'a> {
    const fn new(bounds: &'a Bounds) -> Self {
        Self { bounds, roots: Vec::new(), steps: 0, announced: None, bytes: Vec::new() }
    }

    fn steps(&self) -> u64 {
        self.steps.max((self.roots.len() as u64).saturating_sub(1))
    }

    fn hear(&mut self, reply: Reply) -> Result<Option<Outcome>, Silence> {
        match (reply, &self.announced) {
            (Reply::Failed(failure), _) => Err(Silence::Failed(failure)),
            (Reply::Report(report), None) => Ok(Some(Outcome::Reported(report))),
            (Reply::Roots(roots), None) => self.roots(&roots),
            (Reply::Steps(steps), None) => {
                self.steps = steps.min(self.bounds.steps_max);
                Ok(None)
            }
            (Reply::Finished { end, meter, corrupted, output_bytes }, None) => {
                self.check_end(end, output_bytes)?;
                self.announce(Announced::Output { end, meter, corrupted }, output_bytes)
            }
            (Reply::Taken { witness_bytes }, None) => {
                if witness_bytes > PROOF_BYTES_MAX as u64 {
                    return Err(Silence::Hostile("its evidence is too long"));
                }
                self.announce(Announced::Witness, witness_bytes)
            }
            (Reply::Bytes(bytes), Some((_, size))) => {
                let fits = (self.bytes.len() + bytes.len()) as u64 <= *size;
                if bytes.len() > CHUNK_BYTES || !fits {
                    return Err(Silence::Hostile("it sent more than it announced"));
                }
                self.bytes.extend(bytes);
                self.complete()
            }
            _ => Err(Silence::Hostile("it spoke out of turn")),
        }
    }

    fn roots(&mut self, roots: &[Hash]) -> Result<Option<Outcome>, Silence> {
        let count = (self.roots.len() + roots.len()) as u64;
        if roots.len() > ROOTS_MAX || count > self.bounds.steps_max.saturating_add(1) {
            return Err(Silence::Hostile("it made more steps than allowed"));
        }
        self.roots.extend(roots);
        Ok(None)
    }

    fn check_end(&self, end: End, output_bytes: u64) -> Result<(), Silence> {
        let steps = (self.roots.len() as u64).checked_sub(1);
        let right = match end {
            End::Done => steps.is_some_and(|steps| steps > 0),
            End::Trapped { step, .. } => {
                steps == Some(step)
                    && self.roots.last() == Some(&trapped(step))
                    && output_bytes == 0
            }
        };
        if right && output_bytes <= self.bounds.output_bytes {
            Ok(())
        } else {
            Err(Silence::Hostile("its end contradicts its steps or the bounds"))
        }
    }

    fn announce(&mut self, what: Announced, size: u64) -> Result<Option<Outcome>, Silence> {
        self.announced = Some((what, size));
        self.complete()
    }

    fn complete(&mut self) -> Result<Option<Outcome>, Silence> {
        let whole = |(_, size): &mut (Announced, u64)| *size == self.bytes.len() as u64;
        let Some((what, _)) = self.announced.take_if(whole) else { return Ok(None) };
        let bytes = std::mem::take(&mut self.bytes);
        Ok(Some(match what {
            Announced::Output { end, meter, corrupted } => {
                let roots = std::mem::take(&mut self.roots);
                Outcome::Ran(Execution::new(roots, bytes, end, meter, corrupted))
            }
            Announced::Witness => Outcome::Took(readable(&bytes)?),
        }))
    }
}

fn readable(bytes: &[u8]) -> Result<Witness, Silence> {
    let witness: Witness =
        borsh::from_slice(bytes).map_err(|_| Silence::Hostile("its evidence is unreadable"))?;
    if witness.memory.pages.len() > PAGES_PER_STEP_MAX as usize + 1 {
        return Err(Silence::Hostile("its evidence has too many pages"));
    }
    Ok(witness)
}

/// The three pipes of a child.
struct Pipes {
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
}

/// Threads that move bytes, so that neither side can make the other wait.
struct Listeners<'scope> {
    replies: Receiver<io::Result<Reply>>,
    stderr: ScopedJoinHandle<'scope, String>,
}

impl<'scope> Listeners<'scope> {
    fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        pipes: Pipes,
        request: &'env Request,
        input: &'env [u8],
    ) -> Self {
        let Pipes { stdin, stdout, stderr } = pipes;
        // A child that stops reading is noticed by the deadline.
        scope.spawn(move || drop(feed(stdin, request, input)));
        let (sender, replies) = sync_channel(REPLIES_WAITING);
        scope.spawn(move || relay(stdout, &sender));
        Self { replies, stderr: scope.spawn(move || beginning(stderr)) }
    }
}

fn feed(mut stdin: ChildStdin, request: &Request, input: &[u8]) -> io::Result<()> {
    frame::write(&mut stdin, request, frame::REQUEST_BYTES_MAX)?;
    stdin.write_all(input)
}

fn relay(stdout: ChildStdout, to: &SyncSender<io::Result<Reply>>) {
    let mut from = BufReader::new(stdout);
    loop {
        let reply = frame::read(&mut from, frame::REPLY_BYTES_MAX);
        let over = reply.is_err();
        if to.send(reply).is_err() || over {
            return;
        }
    }
}

fn beginning(mut stderr: ChildStderr) -> String {
    let mut kept = Vec::new();
    // What cannot be read is not there.
    let _ = stderr.by_ref().take(STDERR_BYTES_MAX).read_to_end(&mut kept);
    let _ = io::copy(&mut stderr, &mut io::sink());
    String::from_utf8_lossy(&kept).trim().to_owned()
}

/// A child process.
struct Worker(Child);

impl Worker {
    fn spawn(config: &WorkerConfig, bounds: &Bounds) -> Result<Self, RunError> {
        // The program's memory, its copies for comparing and for evidence, the output, the rest.
        let program_bytes = bounds.memory_bytes.saturating_mul(3);
        let data_bytes =
            program_bytes.saturating_add(bounds.output_bytes).saturating_add(config.host_bytes_max);
        let child = Command::new(&config.executable)
            .arg(MARKER)
            .arg(data_bytes.to_string())
            .arg(config.cpu_max.as_secs().max(1).to_string())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        child.map(Self).map_err(RunError::Spawn)
    }

    fn end_on_drop(&mut self) -> Ended<'_> {
        Ended(&mut self.0)
    }
}

/// A child that is killed and reaped at the latest when this goes.
struct Ended<'a>(&'a mut Child);

impl Ended<'_> {
    fn pipes(&mut self) -> Result<Pipes, RunError> {
        let Child { stdin, stdout, stderr, .. } = &mut *self.0;
        match (stdin.take(), stdout.take(), stderr.take()) {
            (Some(stdin), Some(stdout), Some(stderr)) => Ok(Pipes { stdin, stdout, stderr }),
            _ => Err(RunError::Spawn(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Ends the child; its status, if it had already ended by itself.
    fn end(&mut self) -> Option<ExitStatus> {
        let killed = self.0.kill();
        let status = self.0.wait().ok();
        killed.ok().and(status)
    }
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
