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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{REFUSED, Refusal, outcome};

    /// Copies its input byte by byte, and refuses an `x`.
    struct Copier {
        at: usize,
    }

    impl Program for Copier {
        fn start(input: &[u8]) -> Result<Self, Refusal> {
            if input.is_empty() {
                return Err(Refusal::new("nothing to copy"));
            }
            Ok(Self { at: 0 })
        }

        fn step(&mut self, input: &[u8], output: &mut Output) -> Result<Progress, Refusal> {
            let Some(byte) = input.get(self.at) else { return Ok(Progress::Done) };
            if *byte == b'x' {
                return Err(Refusal::about("this must not be copied", input));
            }
            output.extend(&[*byte]);
            self.at += 1;
            Ok(Progress::Continue)
        }
    }

    #[test]
    fn starting_and_finishing_are_steps() {
        let mut run = NativeRun::<Copier>::new(b"ab");
        let lengths: Vec<usize> = (0..4)
            .map(|step| {
                assert_eq!(run.step() == Progress::Done, step == 3);
                run.output().len()
            })
            .collect();
        assert_eq!(lengths, [0, 1, 2, 2]);
        assert_eq!(outcome(run.output()), Ok(b"ab".as_slice()));
    }

    #[test]
    fn a_refusal_at_any_time_is_the_whole_output() {
        assert_eq!(run_native::<Copier>(b""), [REFUSED, b"nothing to copy"].concat());
        let output = run_native::<Copier>(b"abx\xff");
        let refusal = outcome(&output).expect_err("it was refused");
        assert_eq!(refusal.message(), "this must not be copied: abx\u{fffd}");
    }
}
