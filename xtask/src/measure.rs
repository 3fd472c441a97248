//! `cargo xtask bench`, `soundness`, `differential` and `scale`: starts what measures, optimised.

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
    start(&["--package", "bench", "--", chore], &passed.arguments)
}

/// Measures speed, and what the rules cost with more and more positions. Whoever passes arguments wants a part of it.
pub(crate) fn bench(passed: &Passed) -> anyhow::Result<ExitCode> {
    let measured = run("bench", passed)?;
    if measured != ExitCode::SUCCESS || !passed.arguments.is_empty() {
        return Ok(measured);
    }
    scale(passed)
}

/// Measures what the rules cost with more and more positions.
pub(crate) fn scale(passed: &Passed) -> anyhow::Result<ExitCode> {
    start(&["--package", "protocol", "--example", "scale", "--"], &passed.arguments)
}

/// Has the C library ask for large pages of memory, and the node's allocator keep those it has: what is measured waits for
/// memory, and they decide for how long.
const LARGE_PAGES: [(&str, &str); 2] =
    [("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"), ("MIMALLOC_PURGE_DELAY", "-1")];

fn start(what: &[&str], arguments: &[String]) -> anyhow::Result<ExitCode> {
    let status = Command::new(cargo())
        .args(["run", "--release"])
        .args(what)
        .args(arguments)
        .envs(LARGE_PAGES)
        .status()
        .context("cannot start cargo")?;
    Ok(ExitCode::from(u8::from(!status.success())))
}
