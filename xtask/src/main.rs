//! Chores of the repository, run as `cargo xtask <chore>`.
//!
//! One file per chore. This crate builds in seconds and depends on none of the rooms; chores that need the
//! machine or minutes live in the crate `bench` and are only started from here.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

mod fuzz;
mod guests;
mod measure;
mod model;
mod tidy;

/// Chores of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Checks what neither the compiler, clippy nor rustfmt check.
    Tidy,
    /// Builds the programs' modules and puts them beside their sources.
    Guests(guests::Arguments),
    /// Measures speed: programs natively, in the machine, committed; judging; the rules.
    Bench(measure::Passed),
    /// Measures what the rules cost with many positions: `--sizes N,M`, `--count N`, `--blocks N`.
    Scale(measure::Passed),
    /// Corrupts runs at random and checks that every corruption, and no honest run, is convicted.
    Soundness(measure::Passed),
    /// Runs random programs on every engine and checks that all agree.
    Differential(measure::Passed),
    /// Sets the rules against their second opinion: `--ops N`, `--seed S`, `--jobs J`.
    Model(measure::Passed),
    /// The same on bytes that coverage guides; needs a C++ compiler. Takes libFuzzer's flags, `-max_total_time=60`.
    Fuzz(measure::Passed),
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().chore {
        Chore::Tidy => tidy::run(),
        Chore::Guests(arguments) => guests::run(&arguments),
        Chore::Bench(passed) => measure::bench(&passed),
        Chore::Scale(passed) => measure::scale(&passed),
        Chore::Soundness(passed) => measure::run("soundness", &passed),
        Chore::Differential(passed) => measure::run("differential", &passed),
        Chore::Model(passed) => model::run(&passed),
        Chore::Fuzz(passed) => fuzz::run(&passed),
    }
}

/// The cargo that started this, or the one on the path.
fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The folder of the repository: the one above this crate's.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the crate is a folder of the repository").to_path_buf()
}
