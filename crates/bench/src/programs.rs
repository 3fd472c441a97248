//! The four programs and what they are run on.

use anyhow::{Context, Result};
use clap::ValueEnum;

/// One of the four programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Name {
    /// Trains a small neural network.
    Training,
    /// A star cluster under its own gravity.
    Simulation,
    /// Aggregates a CSV file.
    Data,
    /// Classifies samples with a quantised network.
    Inference,
}

/// How much work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Size {
    /// A part of a step.
    Tiny,
    /// A few steps.
    Small,
    /// What the demo runs: about two seconds natively.
    Full,
}

impl Name {
    /// As it is printed.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Simulation => "simulation",
            Self::Data => "data",
            Self::Inference => "inference",
        }
    }

    /// The module as built.
    pub(crate) const fn module(self) -> &'static [u8] {
        match self {
            Self::Training => train::MODULE,
            Self::Simulation => nbody::MODULE,
            Self::Data => table::MODULE,
            Self::Inference => infer::MODULE,
        }
    }

    /// Runs the same source natively; returns the output.
    pub(crate) fn native(self, input: &[u8]) -> Vec<u8> {
        match self {
            Self::Training => guest::run_native::<train::Train>(input),
            Self::Simulation => guest::run_native::<nbody::NBody>(input),
            Self::Data => guest::run_native::<table::Table>(input),
            Self::Inference => guest::run_native::<infer::Infer>(input),
        }
    }

    /// An input; another seed is another input of the same size.
    pub(crate) fn input(self, size: Size, seed: u64) -> Result<Vec<u8>> {
        match self {
            Self::Training => {
                Ok(train::encode(&training(size, seed), &train::Dataset::wine_quality()))
            }
            Self::Simulation => Ok(simulation(size, seed).encode()),
            Self::Data => Ok(table::Query::weather().encode(&table::weather(rows(size), seed))),
            Self::Inference => inference(size, seed),
        }
    }
}

/// The programs that were asked for; none are all.
pub(crate) fn chosen(names: &[Name]) -> &[Name] {
    if names.is_empty() { Name::value_variants() } else { names }
}

fn training(size: Size, seed: u64) -> train::Setup {
    let demo = train::Setup::demo(seed);
    match size {
        Size::Tiny => train::Setup { hidden: [8, 4], epochs: 1, ..demo },
        Size::Small => train::Setup { epochs: 3, ..demo },
        Size::Full => demo,
    }
}

fn simulation(size: Size, seed: u64) -> nbody::Setup {
    let demo = nbody::Setup::demo(seed);
    match size {
        Size::Tiny => nbody::Setup { bodies: 24, time_steps: 40, frames: 8, ..demo },
        Size::Small => nbody::Setup { bodies: 256, time_steps: 120, frames: 12, ..demo },
        Size::Full => demo,
    }
}

fn rows(size: Size) -> usize {
    match size {
        Size::Tiny => 200,
        Size::Small => 16_000,
        Size::Full => table::DEMO_ROWS,
    }
}

/// Quantises a network that is trained here first: a short training unless the demo's is wanted.
fn inference(size: Size, seed: u64) -> Result<Vec<u8>> {
    let data = train::Dataset::wine_quality();
    let training = match size {
        Size::Full => train::Setup::demo(seed),
        Size::Tiny | Size::Small => train::Setup { epochs: 1, ..train::Setup::demo(seed) },
    };
    let output = Name::Training.native(&train::encode(&training, &data));
    let report = train::Report::decode(&output).context("the network could not be trained")?;
    if size == Size::Full {
        return Ok(infer::demo(&report, &data, seed));
    }
    let network = infer::Network::quantise(&report.model, (0..data.len()).map(|row| data.row(row)));
    let (rows, copies) = if size == Size::Tiny { (4, 2) } else { (200, 60) };
    let features: Vec<_> =
        (0..rows).map(|row| network.features(&report.model, data.row(row))).collect();
    let smoothing = infer::Smoothing { copies, ..infer::Smoothing::demo(seed) };
    Ok(infer::encode(&network, smoothing, &features, &data.labels[..rows]))
}
