//! The same roots, whatever runs the steps and however changed pages are found.

use anyhow::{Context, Result};
use machine::local::{self, Backend, Options};
use machine::prepare::prepare;
use machine::track::Tracking;
use machine::{Bounds, Hash};

use super::SEED;
use crate::clock::timed;
use crate::programs::{Name, Size};

/// What each engine made of one program, on an input of a few steps.
pub(super) struct Agreement {
    pub(super) name: Name,
    pub(super) steps: u64,
    /// Engine, trace, and milliseconds with compilation.
    pub(super) traces: Vec<(&'static str, Hash, f64)>,
}

impl Agreement {
    /// Whether all have the same trace.
    pub(super) fn agree(&self) -> bool {
        self.traces.windows(2).all(|pair| pair[0].1 == pair[1].1)
    }
}

const ENGINES: [(&str, Backend, Tracking); 4] = [
    ("optimised", Backend::Compiled, Tracking::Auto),
    ("optimised, pages by comparison", Backend::Compiled, Tracking::Shadow),
    ("not optimised", Backend::Unoptimised, Tracking::Auto),
    ("interpreted", Backend::Interpreted, Tracking::Shadow),
];

/// Runs a program on each.
pub(super) fn compare(name: Name) -> Result<Agreement> {
    let program = prepare(name.module()).context("the module is no step program")?;
    let input = name.input(Size::Small, SEED)?;
    let mut agreement = Agreement { name, steps: 0, traces: Vec::new() };
    for (engine, backend, tracking) in ENGINES {
        let options = Options { backend, tracking: Some(tracking), tampers: Vec::new() };
        let (run, taken) = timed(|| local::run(&program, &input, &Bounds::default(), &options));
        let run = run?;
        agreement.steps = run.steps();
        agreement.traces.push((engine, run.claim.trace.root, taken));
    }
    Ok(agreement)
}
