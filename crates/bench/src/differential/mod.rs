//! The same results from every engine, on programs that nobody would write.
//!
//! Whoever works runs compiled code, whoever judges an interpreter, and an honest provider would be convicted
//! by any difference. Programs are made at random, aimed at what interpreters and compilers combine: see
//! [`generate`]. Each is prepared and run compiled, compiled without optimisation, and interpreted; the roots of all
//! states, the outputs, the meters and the ends must be equal. Then the judge looks at one of its steps, with
//! the record of touched pages, and must find it right.
//!
//! A program follows from its number alone, so each can be repeated alone.

mod generate;
mod operators;
mod statements;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use machine::fraud::{Dismissal, FraudProof, StepEvidence};
use machine::local::{self, Backend, Options};
use machine::prepare::prepare;
use machine::track::Tracking;
use machine::witness::Wanted;
use machine::{Bounds, Content, End, Execution, Program, Verdict, judge};

use crate::stage::Stage;

/// What `bench differential` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Programs.
    #[arg(long, default_value_t = 1_000)]
    count: u64,
    /// Number of the first: with `--count 1`, repeats that program alone.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Threads; none: as many as there are processors.
    #[arg(long)]
    threads: Option<usize>,
    /// Writes programs on which engines differ into this folder, as text.
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// What the programs are allowed: they are small, and some never end.
fn bounds() -> Bounds {
    Bounds { meter_per_step: 2_000_000, steps_max: 4, ..Bounds::default() }
}

/// What came of the programs.
#[derive(Default)]
struct Report {
    steps: u64,
    trapped: u64,
    differences: Vec<(u64, String)>,
}

/// Runs the programs and says whether all engines agreed.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let begun = Instant::now();
    let report = compare_all(arguments)?;
    for (number, what) in &report.differences {
        println!("DIFFERENCE {number}: {what}");
        println!("     cargo xtask differential --first {number} --count 1 --keep .");
    }
    println!(
        "programs {} to {}: {} steps, {} programs trapped, {} differences, {:.0} s",
        arguments.first,
        arguments.first + arguments.count,
        report.steps,
        report.trapped,
        report.differences.len(),
        begun.elapsed().as_secs_f64(),
    );
    Ok(ExitCode::from(u8::from(!report.differences.is_empty())))
}

fn compare_all(arguments: &Arguments) -> Result<Report> {
    let report = Mutex::new(Report::default());
    let stage = Mutex::new(Stage::new(arguments.count));
    let next = AtomicU64::new(arguments.first);
    let work = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= arguments.first + arguments.count {
                return Ok(());
            }
            let text = generate::generate(number);
            let compared = catch_unwind(AssertUnwindSafe(|| compare(&text, number)));
            let compared = compared.unwrap_or_else(|_| bail!("an engine panicked"));
            if let (Err(_), Some(folder)) = (&compared, &arguments.keep) {
                std::fs::write(folder.join(format!("{number}.wat")), &text)?;
            }
            let mut report = report.lock().expect("nothing panics while it reports");
            report.add(number, compared);
            let mut stage = stage.lock().expect("nothing panics while it reports");
            stage.say(format!("{} differences", report.differences.len()));
            stage.advance();
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let threads = (0..arguments.threads.unwrap_or(threads)).map(|_| scope.spawn(work));
        let threads: Vec<_> = threads.collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    stage.into_inner().expect("nothing panics while it reports").finish();
    Ok(report.into_inner().expect("nothing panics while it reports"))
}

impl Report {
    fn add(&mut self, number: u64, compared: Result<Execution>) {
        match compared {
            Ok(execution) => {
                self.steps += execution.steps();
                self.trapped += u64::from(execution.end != End::Done);
            }
            Err(error) => self.differences.push((number, format!("{error:#}"))),
        }
    }
}

/// Runs one program on every engine and has one of its steps judged.
fn compare(text: &str, number: u64) -> Result<Execution> {
    let source = wat::parse_str(text).context("the generator wrote what is no module")?;
    let program = prepare(&source).context("the generator wrote what is no step program")?;
    let run = |backend, tracking| {
        let options = Options { backend, tracking: Some(tracking), tampers: Vec::new() };
        local::run(&program, &[], &bounds(), &options)
    };
    let compiled = run(Backend::Compiled, Tracking::Auto)?;
    for backend in [Backend::Unoptimised, Backend::Interpreted] {
        let other = run(backend, Tracking::Shadow)?;
        ensure!(other == compiled, "{backend:?}: {}", difference(&compiled, &other));
    }
    judge_one(&program, &compiled, 1 + number % compiled.steps().max(1))?;
    Ok(compiled)
}

/// What is different, in a few words.
fn difference(one: &Execution, other: &Execution) -> String {
    let roots = one.trace.iter().zip(&other.trace);
    match roots.into_iter().position(|(one, other)| one != other) {
        Some(step) => format!("the state after step {step} ({:?}, {:?})", one.end, other.end),
        None => format!("{:?} and {:?}", one.claim, other.claim),
    }
}

/// The judge's variant of the program, on a witness: the step must be what was claimed.
fn judge_one(program: &Program, execution: &Execution, step: u64) -> Result<()> {
    if execution.steps() == 0 {
        return Ok(());
    }
    // All roots lie in the first page of so short a trace.
    let trace = Content::open(&execution.trace_bytes(), &[0]);
    let witness = local::witness(program, &[], &bounds(), Wanted::Step(step))?;
    let proof = FraudProof::WrongStep(StepEvidence { step, trace, witness });
    let verdict = judge(program, &Content::of(&[]), &bounds(), &execution.claim, &proof);
    let right = verdict == Verdict::Dismissed(Dismissal::Right);
    ensure!(right, "the judge on step {step}: {verdict:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_programs_run_alike_everywhere() {
        let report = compare_all(&Arguments { count: 60, first: 0, threads: Some(2), keep: None });
        let report = report.unwrap();
        assert_eq!(report.differences, []);
        // The generator makes programs that work, and some that trap.
        assert!(report.steps > 120 && (1..30).contains(&report.trapped), "{}", report.trapped);
    }

    #[test]
    fn a_program_follows_from_its_number() {
        assert_eq!(generate::generate(7), generate::generate(7));
        assert_ne!(generate::generate(7), generate::generate(8));
    }
}
