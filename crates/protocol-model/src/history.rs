//! Whole histories: made from a seed, run to the first disagreement, made smaller, told as a test.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::chance::Chance;
use crate::coverage::Coverage;
use crate::operation::Operation;
use crate::run::{Disagreement, Run, Strides};
use crate::workload::Workload;

/// Histories replayed at most while one is made smaller.
const REPLAYS_MAX: u32 = 5_000;

/// Longest history made from bytes.
const BYTES_OPERATIONS_MAX: usize = 10_000;

/// Begins a history, as often as it is replayed.
pub(crate) type Start<'a> = &'a dyn Fn(Strides) -> Run;

/// A history on which the rules and the model disagree.
pub struct Failure {
    /// The seed, which also draws the parameters.
    pub seed: u64,
    /// Number of the operation after which they disagree.
    pub at: usize,
    /// On what.
    pub what: String,
    /// The smallest history found that ends in a disagreement.
    pub smallest: Vec<Operation>,
    /// On what they disagree at its end.
    pub smallest_what: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, at, what, smallest, smallest_what } = self;
        writeln!(f, "seed {seed}, operation {at}: {what}\n")?;
        writeln!(f, "{} operations are enough: {smallest_what}\n", smallest.len())?;
        writeln!(f, "#[test]\nfn seed_{seed}_operation_{at}() {{")?;
        writeln!(f, "    use protocol_model::words::*;")?;
        writeln!(f, "    let history = [")?;
        for operation in smallest {
            writeln!(f, "        {operation:?},")?;
        }
        writeln!(f, "    ];\n    protocol_model::replay({seed}, &history);\n}}")
    }
}

/// Makes and runs the history of a seed; says what it reached.
///
/// # Errors
/// The first [`Failure`], made as small as could be done in reasonable time.
pub fn explore(seed: u64, operations: usize, strides: Strides) -> Result<Coverage, Box<Failure>> {
    let start = |strides| Run::new(seed, strides);
    let driven = drive(Chance::Seed(seed), operations, start(strides));
    driven.map_err(|broken| Box::new(minimise(seed, *broken, &start)))
}

/// The same with decisions taken from bytes, until they are used up.
///
/// # Errors
/// As [`explore`].
pub fn explore_bytes(bytes: &[u8]) -> Result<Coverage, Box<Failure>> {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let seed = u64::from(*first);
    let start = |strides| Run::new(seed, strides);
    let driven = drive(Chance::Bytes(rest), BYTES_OPERATIONS_MAX, start(Strides::CLOSE));
    driven.map_err(|broken| Box::new(minimise(seed, *broken, &start)))
}

/// A history up to its first disagreement, and what that is on.
pub(crate) struct Broken {
    history: Vec<Operation>,
    what: Disagreement,
}

/// Invents a history and runs it, to its end or to the first disagreement.
pub(crate) fn drive(
    chance: Chance<'_>,
    operations: usize,
    mut run: Run,
) -> Result<Coverage, Box<Broken>> {
    let mut workload = Workload::new(chance, &run);
    let mut history = Vec::with_capacity(operations);
    while history.len() < operations && !workload.is_over() {
        let operation = workload.next(&run);
        history.push(operation);
        if let Err(what) = attempt(&mut run, &operation) {
            return Err(Box::new(Broken { history, what }));
        }
    }
    Ok(run.coverage)
}

/// Runs a history that once ended in a disagreement, with every check after every operation.
///
/// # Panics
/// If the rules and the model disagree.
pub fn replay(seed: u64, history: &[Operation]) {
    if let Some((at, what)) = first_disagreement(&|strides| Run::new(seed, strides), history) {
        panic!("operation {at}, {:?}: {what}", history[at]);
    }
}

/// A panic in either is a disagreement as well.
fn attempt(run: &mut Run, operation: &Operation) -> Result<(), Disagreement> {
    let performed = catch_unwind(AssertUnwindSafe(|| run.perform(operation)));
    performed.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

fn first_disagreement(start: Start<'_>, history: &[Operation]) -> Option<(usize, Disagreement)> {
    let mut run = start(Strides::CLOSE);
    let performed = history.iter().map(|operation| attempt(&mut run, operation));
    performed.enumerate().find_map(|(at, outcome)| Some((at, outcome.err()?)))
}

/// Leaves out operations, many at first and then one by one, as long as a disagreement remains.
pub(crate) fn minimise(seed: u64, broken: Broken, start: Start<'_>) -> Failure {
    let Broken { mut history, what } = broken;
    let at = history.len() - 1;
    let mut smallest_what = what.clone();
    let (mut chunk, mut replays) = (history.len().div_ceil(2), 0);
    while chunk > 0 && replays < REPLAYS_MAX {
        let mut from = 0;
        let before = history.len();
        while from < history.len() && replays < REPLAYS_MAX {
            let mut shorter = history.clone();
            shorter.drain(from..(from + chunk).min(history.len()));
            replays += 1;
            match first_disagreement(start, &shorter) {
                Some((last, still)) => {
                    shorter.truncate(last + 1);
                    (history, smallest_what) = (shorter, still);
                }
                None => from += chunk,
            }
        }
        if chunk > 1 || history.len() == before {
            chunk /= 2;
        }
    }
    Failure { seed, at, what, smallest: history, smallest_what }
}
