//! `cargo xtask model`: starts the crate `protocol-model`, optimised.

use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::{cargo, measure::Passed};

/// Builds and runs the second opinion for as many operations as asked.
pub(crate) fn run(passed: &Passed) -> anyhow::Result<ExitCode> {
    let status = Command::new(cargo())
        .args(["run", "--release", "--package", "protocol-model", "--"])
        .args(&passed.arguments)
        .status()
        .context("cannot start cargo")?;
    Ok(ExitCode::from(u8::from(!status.success())))
}
