//! `cargo xtask fuzz`: looks for histories on which the rules and their second opinion disagree, guided by coverage.
//!
//! Does what `cargo fuzz run histories --sanitizer none` does, with the compiler that is there. The rules have no unsafe
//! code, so a sanitizer would find nothing.

use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};

use crate::{cargo, measure::Passed, root};

/// What has the compiler count the edges that a run takes.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Longest input in bytes; a decision takes one or eight.
const BYTES_MAX: &str = "-max_len=4096";

/// Builds and runs the fuzzer on what it has found before; arguments go to libFuzzer.
pub(crate) fn run(passed: &Passed) -> anyhow::Result<ExitCode> {
    let (fuzz, target) = (root().join("fuzz"), root().join("target/fuzz"));
    let corpus = target.join("corpus");
    std::fs::create_dir_all(&corpus)
        .with_context(|| format!("cannot make {}", corpus.display()))?;
    // With a target named, build scripts are not instrumented.
    let status = Command::new(cargo())
        .args(["run", "--release", "--locked", "--target", &host()?])
        .arg("--manifest-path")
        .arg(fuzz.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .arg("--")
        .args([&corpus, &fuzz.join("corpus")])
        .arg(BYTES_MAX)
        .args(&passed.arguments)
        .env("RUSTFLAGS", INSTRUMENTED)
        .current_dir(&target)
        .status()
        .context("cannot start cargo")?;
    Ok(ExitCode::from(u8::from(!status.success())))
}

/// The triple of this machine.
fn host() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    ensure!(host.is_some(), "rustc -vV does not say for which machine it is");
    Ok(host.unwrap_or_default().into())
}
