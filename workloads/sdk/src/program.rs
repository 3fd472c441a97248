//! The trait a step program implements, and how it refuses bad input.

use crate::Output;
use std::borrow::Cow;

/// A program cut into steps. Its value is everything it keeps between two steps, besides its output.
pub trait Program: Sized {
    /// Begins: checks the input's header and lays out the work. This is the first step, so it obeys the limits
    /// of any other: it must not read the whole of a large input.
    ///
    /// # Errors
    /// The input is not what this program takes.
    fn start(input: &[u8]) -> Result<Self, Refusal>;

    /// Does the next part of the work. `input` is the same in every step. What is in `output` when the step
    /// returns [`Progress::Done`] is the result of the run.
    ///
    /// # Errors
    /// Something later in the input turns out not to be what this program takes.
    fn step(&mut self, input: &[u8], output: &mut Output) -> Result<Progress, Refusal>;
}

/// Whether there is more to do after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Call `step` again.
    Continue,
    /// The output is complete.
    Done,
}

/// What every output of a refused run begins with. No program's ordinary output may begin so.
pub const REFUSED: &[u8] = b"refused: ";

/// Why a program would not process its input. The run ends properly, and its output is [`REFUSED`] followed by
/// this message: whoever pays for the run learns what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(Cow<'static, str>);

impl Refusal {
    /// Refuses with a message for the person who made the input.
    #[must_use]
    pub const fn new(message: &'static str) -> Self {
        Self(Cow::Borrowed(message))
    }

    /// Refuses, naming the part of the input that is to blame.
    #[must_use]
    pub fn about(message: &str, part: &[u8]) -> Self {
        let part = String::from_utf8_lossy(part);
        Self(Cow::Owned([message, ": ", &part].concat()))
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the program refused its input: {}", self.0)
    }
}

impl std::error::Error for Refusal {}

/// Tells a refused run's output from any other's, which it hands back unchanged.
///
/// # Errors
/// The output of a run whose program refused its input.
pub fn outcome(output: &[u8]) -> Result<&[u8], Refusal> {
    match output.strip_prefix(REFUSED) {
        None => Ok(output),
        Some(message) => Err(Refusal(Cow::Owned(String::from_utf8_lossy(message).into_owned()))),
    }
}

/// A program at any point of its run: what the exported `step` and the native driver both advance.
pub(crate) enum Run<P> {
    Fresh,
    Running(P),
}

impl<P: Program> Run<P> {
    /// One step: the first one starts the program, every later one advances it.
    pub(crate) fn advance(&mut self, input: &[u8], output: &mut Output) -> Progress {
        self.try_advance(input, output).unwrap_or_else(|refusal| {
            output.clear();
            output.extend(REFUSED);
            output.extend(refusal.message().as_bytes());
            Progress::Done
        })
    }

    fn try_advance(&mut self, input: &[u8], output: &mut Output) -> Result<Progress, Refusal> {
        match self {
            Self::Fresh => {
                *self = Self::Running(P::start(input)?);
                Ok(Progress::Continue)
            }
            Self::Running(program) => program.step(input, output),
        }
    }
}
