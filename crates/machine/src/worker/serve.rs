//! The child: confine, read one request, do it, end.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::confine::{self, Limits};
use super::frame;
use super::message::{CHUNK_BYTES, Order, ROOTS_MAX, Reply, Request};
use crate::computation::{Input, Task};
use crate::engine::Failure;
use crate::hash::Hash;
use crate::local::{Backend, drive, on_big_stack};
use crate::prepare::Program;
use crate::track::Tracking;
use crate::witness::take;

/// How often a child says how far it is, at most.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Exit status of a child that could not even confine itself.
const UNCONFINED: i32 = 3;

/// Exit status of a child that could not say what it had to say.
const UNHEARD: i32 = 4;

/// Does one request from standard input and ends the process.
pub(super) fn serve(limits: Limits) -> ! {
    let status = match confine::give_up(limits) {
        Ok(tracking) => on_big_stack(|| Ok(confined(tracking))).unwrap_or_else(failed),
        Err(problem) => unconfined(&problem),
    };
    std::process::exit(status)
}

/// Says that not even the thread for the work could be had.
fn failed(failure: Failure) -> i32 {
    let said = Teller::new().say(&Reply::Failed(failure));
    if said.is_ok() { 0 } else { UNHEARD }
}

fn unconfined(problem: &str) -> i32 {
    // There is nobody else to tell, and nothing to do about it.
    let _ = writeln!(io::stderr(), "the worker cannot confine itself: {problem}");
    UNCONFINED
}

fn confined(tracking: Tracking) -> i32 {
    if let Err(problem) = confine::filter_system_calls() {
        return unconfined(&problem);
    }
    let mut input = io::stdin();
    let mut teller = Teller::new();
    let answered = frame::read::<Request>(&mut input, frame::REQUEST_BYTES_MAX)
        .map_err(|error| Failure::Input(error.to_string()))
        .and_then(|request| answer(&request, tracking, &mut input, &mut teller));
    match answered.or_else(|failure| teller.say(&Reply::Failed(failure))) {
        Ok(()) => 0,
        Err(_) => UNHEARD,
    }
}

fn answer(
    request: &Request,
    able: Tracking,
    input: &mut (dyn Read + Send),
    teller: &mut Teller,
) -> Result<(), Failure> {
    if matches!(request.order, Order::Report) {
        return teller.say(&Reply::Report(confine::report(able)));
    }
    let program = Program::from_prepared(request.program.clone())
        .map_err(|error| Failure::Refused(error.to_string()))?;
    let tracking = if request.tracking == Tracking::Auto { able } else { request.tracking };
    let input = Input { size: request.input_bytes, reader: input };
    let (program, bounds) = (&program, &request.bounds);
    match &request.order {
        Order::Report => Ok(()),
        Order::Run { tampers } => {
            let task = Task { program, bounds, tracking: Some(tracking), tampers };
            run(task, input, teller)
        }
        Order::Take(wanted) => {
            let task = Task { program, bounds, tracking: Some(tracking), tampers: &[] };
            let witness = take(task, input, *wanted, |steps| teller.steps(steps))?;
            let bytes = borsh::to_vec(&witness).map_err(|_| Failure::HostMemory)?;
            teller.say(&Reply::Taken { witness_bytes: bytes.len() as u64 })?;
            teller.bytes(&bytes)
        }
    }
}

fn run(task: Task<'_>, input: Input<'_>, teller: &mut Teller) -> Result<(), Failure> {
    let finished = drive(task, input, Backend::Compiled, &mut |root| match teller.root(root) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    })?;
    teller.flush()?;
    teller.say(&Reply::Finished {
        end: finished.end,
        meter: finished.meter,
        corrupted: finished.corrupted,
        output_bytes: finished.output.len() as u64,
    })?;
    teller.bytes(&finished.output)
}

/// Tells the parent, seldom enough not to slow the work.
struct Teller {
    to: io::Stdout,
    roots: Vec<Hash>,
    last: Instant,
}

impl Teller {
    fn new() -> Self {
        Self { to: io::stdout(), roots: Vec::new(), last: Instant::now() }
    }

    fn say(&mut self, reply: &Reply) -> Result<(), Failure> {
        let mut to = self.to.lock();
        let said = frame::write(&mut to, reply, frame::REPLY_BYTES_MAX).and_then(|()| to.flush());
        said.map_err(|_| Failure::Stopped)
    }

    fn is_time(&mut self) -> bool {
        let now = Instant::now();
        let is_time = now.duration_since(self.last) >= TELL_EVERY;
        if is_time {
            self.last = now;
        }
        is_time
    }

    fn root(&mut self, root: Option<Hash>) -> Result<(), Failure> {
        self.roots.extend(root);
        if self.roots.len() >= ROOTS_MAX || self.is_time() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let roots = std::mem::take(&mut self.roots);
        self.say(&Reply::Roots(roots))
    }

    fn steps(&mut self, steps: u64) -> Result<(), Failure> {
        if self.is_time() { self.say(&Reply::Steps(steps)) } else { Ok(()) }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        bytes.chunks(CHUNK_BYTES).try_for_each(|chunk| self.say(&Reply::Bytes(chunk.to_vec())))
    }
}
