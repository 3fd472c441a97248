//! `cargo xtask model`: sets the rules against the model for as many operations as asked, history after history.

use std::process::ExitCode;
use std::time::Instant;

use protocol_model::{Coverage, Strides, explore};

/// Operations of one history: enough for everything to happen, few enough for records to stay short.
const HISTORY_OPERATIONS: usize = 600;

/// Histories between two lines of progress.
const PROGRESS_HISTORIES: u64 = 500;

fn main() -> ExitCode {
    match arguments() {
        Ok((operations, seed)) => run(operations, seed),
        Err(problem) => {
            eprintln!("{problem}\nusage: cargo xtask model [--ops N] [--seed S]");
            ExitCode::FAILURE
        }
    }
}

/// Operations to check, and the first seed.
fn arguments() -> Result<(u64, u64), String> {
    let (mut operations, mut seed) = (1_000_000, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a number"))?;
        let number = value.replace('_', "").parse().map_err(|e| format!("{name} {value}: {e}"))?;
        match name.as_str() {
            "--ops" => operations = number,
            "--seed" => seed = number,
            _ => return Err(format!("{name} is unknown")),
        }
    }
    Ok((operations, seed))
}

fn run(operations: u64, first: u64) -> ExitCode {
    let (began, mut coverage, mut done) = (Instant::now(), Coverage::default(), 0);
    let mut seed = first;
    while done < operations {
        match explore(seed, HISTORY_OPERATIONS, Strides::WIDE) {
            Ok(reached) => coverage.add(&reached),
            Err(failure) => {
                println!("{failure}");
                return ExitCode::FAILURE;
            }
        }
        done += HISTORY_OPERATIONS as u64;
        seed += 1;
        if (seed - first).is_multiple_of(PROGRESS_HISTORIES) {
            progress(done, operations, began);
        }
    }
    progress(done, operations, began);
    report(&coverage, first, seed)
}

fn progress(done: u64, operations: u64, began: Instant) {
    let milliseconds = began.elapsed().as_millis().max(1);
    let pace = u128::from(done) * 1_000 / milliseconds;
    eprintln!("{done} of {operations} operations, {} s, {pace} per second", milliseconds / 1_000);
}

fn report(coverage: &Coverage, first: u64, next: u64) -> ExitCode {
    for (name, count) in coverage.table() {
        println!("{count:>12}  {name}");
    }
    println!("seeds {first} to {}: the rules and the model agree", next - 1);
    let gaps = coverage.gaps();
    if !gaps.is_empty() {
        println!("not reached: {gaps:?}");
    }
    ExitCode::from(u8::from(!gaps.is_empty()))
}
