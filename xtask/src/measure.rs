//! `cargo xtask bench`, `soundness` and `differential`: starts the crate `bench`, optimised.

use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::cargo;

/// Arguments that the chore itself reads.
#[derive(clap::Args)]
pub(crate) struct Passed {
    /// Passed on as they are; `--help` after `--` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<String>,
}

/// Builds and runs one chore of the crate `bench`.
pub(crate) fn run(chore: &str, passed: &Passed) -> anyhow::Result<ExitCode> {
    let status = Command::new(cargo())
        .args(["run", "--release", "--package", "bench", "--", chore])
        .args(&passed.arguments)
        .status()
        .context("cannot start cargo")?;
    Ok(ExitCode::from(u8::from(!status.success())))
}
