//! Measurements that take minutes: speed against named baselines, soundness at full count, engines against each
//! other.
//!
//! Started by `cargo xtask bench`, `soundness` and `differential`, always in release. A crate of its own, so
//! that the daily chores in `xtask` build in seconds and never wait for the machine. Results go to standard
//! output, as tables or as JSON; progress goes to standard error.

mod clock;
mod differential;
mod programs;
mod soundness;
mod speed;
mod stage;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Speed and soundness.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Measures speed: programs natively, in the machine, committed; judging; the rules.
    Bench(speed::Arguments),
    /// Corrupts runs at random and checks that every corruption, and no honest run, is convicted.
    Soundness(soundness::Arguments),
    /// Runs random programs on every engine and checks that all agree.
    Differential(differential::Arguments),
}

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables.
    Text,
    /// One JSON document.
    Json,
}

fn main() -> anyhow::Result<ExitCode> {
    // The machine starts this executable again as its confined child.
    machine::worker::serve_if_requested();
    match Arguments::parse().chore {
        Chore::Bench(arguments) => speed::run(&arguments),
        Chore::Soundness(arguments) => soundness::run(&arguments),
        Chore::Differential(arguments) => differential::run(&arguments),
    }
}
