//! `cargo xtask model`: sets the rules against the model for as many operations as asked, history after history; or on
//! the histories that files of bytes make.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use protocol_model::{Coverage, Strides, explore, explore_bytes};

/// Operations of one history: enough for everything to happen, few enough for records to stay short.
const HISTORY_OPERATIONS: usize = 600;

/// Histories between two lines of progress.
const PROGRESS_HISTORIES: u64 = 500;

fn main() -> ExitCode {
    let outcome = arguments().and_then(|task| match task {
        Task::Seeds { operations, first, jobs } => Ok(run(operations, first, jobs)),
        Task::Bytes(path) => replay(&path).map_err(|e| format!("{}: {e}", path.display())),
    });
    outcome.unwrap_or_else(|problem| {
        eprintln!(
            "{problem}\nusage: cargo xtask model [--ops N] [--seed S] [--jobs J] | --bytes FILE-OR-FOLDER"
        );
        ExitCode::FAILURE
    })
}

enum Task {
    /// So many operations, from a seed on, by so many threads.
    Seeds { operations: u64, first: u64, jobs: usize },
    /// The histories of a file, or of every file in a folder.
    Bytes(PathBuf),
}

fn arguments() -> Result<Task, String> {
    let (mut operations, mut first) = (1_000_000, 1);
    let mut jobs = thread::available_parallelism().map_or(1, NonZero::get);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        if name == "--bytes" {
            return Ok(Task::Bytes(value.into()));
        }
        let number: u64 =
            value.replace('_', "").parse().map_err(|e| format!("{name} {value}: {e}"))?;
        match name.as_str() {
            "--ops" => operations = number,
            "--seed" => first = number,
            "--jobs" => jobs = usize::try_from(number.max(1)).map_err(|e| e.to_string())?,
            _ => return Err(format!("{name} is unknown")),
        }
    }
    Ok(Task::Seeds { operations, first, jobs })
}

/// Runs the histories that bytes make, in order of name; says which of them ends in a disagreement, and how.
fn replay(path: &Path) -> std::io::Result<ExitCode> {
    let mut files = vec![path.to_path_buf()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
        files = entries.collect::<std::io::Result<_>>()?;
        files.sort();
    }
    for file in &files {
        if let Err(failure) = explore_bytes(&std::fs::read(file)?) {
            println!("{}: {failure}", file.display());
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("{} histories: the rules and the model agree", files.len());
    Ok(ExitCode::SUCCESS)
}

/// Runs the histories from a seed on, several at a time, until so many operations are done or two opinions differ.
fn run(operations: u64, first: u64, jobs: usize) -> ExitCode {
    let end = first + operations.div_ceil(HISTORY_OPERATIONS as u64);
    let (began, next) = (Instant::now(), AtomicU64::new(first));
    let (coverage, failure) = (Mutex::new(Coverage::default()), Mutex::new(None));
    let work = || {
        let lock = "no worker panics";
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end || failure.lock().expect(lock).is_some() {
                break;
            }
            match explore(seed, HISTORY_OPERATIONS, Strides::WIDE) {
                Ok(reached) => coverage.lock().expect(lock).add(&reached),
                Err(found) => *failure.lock().expect(lock) = Some(found),
            }
            if (seed - first + 1).is_multiple_of(PROGRESS_HISTORIES) || seed + 1 == end {
                progress((seed - first + 1) * HISTORY_OPERATIONS as u64, operations, began);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(work);
        }
    });
    if let Some(failure) = failure.into_inner().expect("no worker panics") {
        println!("{failure}");
        return ExitCode::FAILURE;
    }
    report(&coverage.into_inner().expect("no worker panics"), first, end)
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
