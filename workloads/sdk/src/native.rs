//! The same source as an ordinary native program: for tests, and as the baseline of benchmarks.

use crate::program::Run;
use crate::{Output, Program, Progress};

/// A run of a program outside any machine, one step at a time.
pub struct NativeRun<'a, P> {
    run: Run<P>,
    input: &'a [u8],
    output: Output,
}

impl<'a, P: Program> NativeRun<'a, P> {
    /// A run that has not begun.
    #[must_use]
    pub const fn new(input: &'a [u8]) -> Self {
        Self { run: Run::Fresh, input, output: Output::new() }
    }

    /// Does one step: exactly what one call of the module's `step` does.
    pub fn step(&mut self) -> Progress {
        self.run.advance(self.input, &mut self.output)
    }

    /// What the program has written so far.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        self.output.as_bytes()
    }
}

/// Runs a program to its end and returns its output. A refusal is an output too: see [`outcome`](crate::outcome).
#[must_use]
pub fn run_native<P: Program>(input: &[u8]) -> Vec<u8> {
    let mut run = NativeRun::<P>::new(input);
    while run.step() == Progress::Continue {}
    run.output().to_vec()
}
