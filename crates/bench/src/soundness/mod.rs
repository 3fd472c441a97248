//! Soundness at full count: liars are always convicted, honest ones never.
//!
//! Two kinds of cases over the four programs. In the first a result is corrupted at random; an auditor who has
//! executed the program looks at what was published and proves what is wrong, and the judge must convict, of
//! exactly the fault that comes first. In the second the result is honest, and whoever accuses it has evidence
//! that is true, stolen or mangled; the judge must dismiss it. Now and then the honest one simply runs the
//! program again on another engine, and the auditor must find nothing.
//!
//! Cases come from two generators that share no code: the machine's own [`Trial`], which corrupts states and
//! running programs from within, and the modules here, which have what everybody has.
//!
//! A case depends on the seed and its own number alone, so that each can be repeated alone.

mod corrupt;
mod mangle;
mod report;
mod subject;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use machine::Verdict;
use machine::local::{self, Backend, Options};
use machine::soundness::Trial;
use machine::track::Tracking;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::Format;
use crate::programs::{self, Name};
use crate::stage::Stage;
use report::{Outcome, Report};
use subject::{KINDS, Subject};

/// What `bench soundness` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Cases of each of the two kinds.
    #[arg(long, default_value_t = 1_000)]
    count: u64,
    /// Everything random follows from it and the number of the case.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first case: with `--count 1`, repeats that case alone.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Only these programs. Cases of the same number differ from those over all programs.
    #[arg(long = "program", value_enum)]
    programs: Vec<Name>,
    /// Threads; none: as many as there are processors.
    #[arg(long)]
    threads: Option<usize>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    output: Format,
}

/// The two sides that can be wronged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Side {
    /// A liar, who must be convicted.
    Liar,
    /// An honest one, who must not.
    Honest,
}

/// Where a case comes from.
#[derive(Clone, Copy)]
enum Source {
    /// [`Trial::lie`] or [`Trial::mangle`].
    Trial,
    /// The same, by running the program once more.
    Run,
    /// This module.
    Published,
}

/// How often each source is drawn.
const SOURCES: [(Source, u32); 3] =
    [(Source::Trial, 45), (Source::Run, 5), (Source::Published, 50)];

/// Runs the cases and says whether all ended as they must.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let report = try_all(arguments)?;
    report.print(arguments.output);
    Ok(ExitCode::from(u8::from(report.misses() > 0)))
}

fn try_all(arguments: &Arguments) -> Result<Report> {
    let subjects = subjects(arguments)?;
    let report = Mutex::new(Report::new(arguments.seed, &arguments.programs));
    let stage = Mutex::new(Stage::new(2 * arguments.count));
    let next = AtomicU64::new(0);
    let work = || {
        let mut bench = Bench::new(&subjects, arguments.seed);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= 2 * arguments.count {
                return;
            }
            let side = if number.is_multiple_of(2) { Side::Liar } else { Side::Honest };
            let number = arguments.first + number / 2;
            let outcome = bench.case(side, number);
            let mut report = report.lock().expect("nothing panics while it reports");
            report.add(side, number, outcome);
            let mut stage = stage.lock().expect("nothing panics while it reports");
            stage.say(report.headline());
            stage.advance();
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        (0..arguments.threads.unwrap_or(threads)).for_each(|_| drop(scope.spawn(work)));
    });
    stage.into_inner().expect("nothing panics while it reports").finish();
    Ok(report.into_inner().expect("nothing panics while it reports"))
}

/// One honest computation of each kind for each program.
fn subjects(arguments: &Arguments) -> Result<Vec<Subject>> {
    let names = programs::chosen(&arguments.programs);
    let all = names.iter().flat_map(|name| KINDS.map(|(kind, _)| (*name, kind)));
    all.map(|(name, kind)| Subject::new(name, kind, arguments.seed)).collect()
}

/// What one thread works with.
struct Bench<'a> {
    subjects: &'a [Subject],
    trials: Vec<Option<Trial<'a>>>,
    seed: u64,
}

/// What was done, and what is wrong with the verdict if anything.
type Ended = (String, Option<String>);

impl<'a> Bench<'a> {
    fn new(subjects: &'a [Subject], seed: u64) -> Self {
        Self { subjects, trials: subjects.iter().map(|_| None).collect(), seed }
    }

    /// Tries one case. A panic is a miss like any other.
    fn case(&mut self, side: Side, number: u64) -> Outcome {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(2 * number + u64::from(side == Side::Honest));
        let kind = corrupt::draw(&KINDS, &mut rng);
        let of_kind = |index: &usize| self.subjects.get(*index).is_some_and(|it| it.kind == kind);
        let candidates: Vec<usize> = (0..self.subjects.len()).filter(of_kind).collect();
        let index = *candidates.choose(&mut rng).expect("there is one of each kind");
        let Subject { name, kind, .. } = self.subjects[index];
        let tried = catch_unwind(AssertUnwindSafe(|| match corrupt::draw(&SOURCES, &mut rng) {
            Source::Published => self.published(side, index, &mut rng),
            Source::Trial => self.trial(side, index, &mut rng),
            Source::Run => self.run(side, index, &mut rng),
        }));
        let (what, miss) = match tried {
            Ok(Ok(ended)) => ended,
            Ok(Err(error)) => ("Error".to_owned(), Some(format!("{error:#}"))),
            Err(_) => ("Panic".to_owned(), Some("it panicked".to_owned())),
        };
        Outcome { name, kind, what, miss }
    }

    fn published(&self, side: Side, index: usize, rng: &mut ChaCha8Rng) -> Result<Ended> {
        match side {
            Side::Liar => liar(&self.subjects[index], self.subjects, rng),
            Side::Honest => honest(&self.subjects[index], self.subjects, rng),
        }
    }

    /// The machine's trial of a computation, at a place that follows from the case alone.
    fn at(&mut self, index: usize, rng: &mut ChaCha8Rng) -> Result<&mut Trial<'a>> {
        let trial = match self.trials[index].take() {
            Some(trial) => trial,
            None => self.subjects[index].trial(self.seed)?,
        };
        let trial = self.trials[index].insert(trial);
        trial.reseed(rng.random());
        Ok(trial)
    }

    fn trial(&mut self, side: Side, index: usize, rng: &mut ChaCha8Rng) -> Result<Ended> {
        let trial = self.at(index, rng)?;
        let (what, tried) = match side {
            Side::Liar => ("trial: lie", trial.lie().map(drop)),
            Side::Honest => ("trial: mangled proof", trial.mangle().map(drop)),
        };
        Ok((what.into(), tried.err().map(|violation| violation.to_string())))
    }

    fn run(&mut self, side: Side, index: usize, rng: &mut ChaCha8Rng) -> Result<Ended> {
        if side == Side::Honest {
            return run_again(&self.subjects[index], rng);
        }
        let trial = self.at(index, rng)?;
        loop {
            // A corruption may fall where it changes nothing.
            match trial.tampered_run() {
                Ok(None) => {}
                tried => {
                    let miss = tried.err().map(|violation| violation.to_string());
                    return Ok(("trial: corrupted run".into(), miss));
                }
            }
        }
    }
}

fn liar(subject: &Subject, others: &[Subject], rng: &mut ChaCha8Rng) -> Result<Ended> {
    let (corruption, forged) = corrupt::corrupt(subject, others, rng);
    let what = format!("{corruption:?}");
    let Some(proof) = subject.accuse(&forged)? else {
        return Ok((what, Some("the auditor finds nothing".into())));
    };
    let verdict = subject.judge(&forged.claim, &proof.to_bytes());
    let expected = corrupt::expected(subject, &forged).map(Verdict::Guilty);
    let miss = (Some(verdict) != expected).then(|| format!("{verdict:?}, expected {expected:?}"));
    Ok((what, miss))
}

fn honest(subject: &Subject, others: &[Subject], rng: &mut ChaCha8Rng) -> Result<Ended> {
    let mangling = corrupt::draw(&mangle::MANGLINGS, rng);
    let proof = mangle::accusation(mangling, subject, others, rng)?;
    let verdict = subject.judge(&subject.honest.claim, &proof);
    let dismissed = matches!(verdict, Verdict::Dismissed(_));
    Ok((format!("{mangling:?}"), (!dismissed).then(|| format!("{verdict:?}"))))
}

/// An honest one may run on whatever it likes.
fn run_again(subject: &Subject, rng: &mut ChaCha8Rng) -> Result<Ended> {
    let backend = match rng.random_range(0..5) {
        0 => Backend::Interpreted,
        1 | 2 => Backend::Unoptimised,
        _ => Backend::Compiled,
    };
    let tracking = if rng.random() { Tracking::Auto } else { Tracking::Shadow };
    let options = Options { backend, tracking: Some(tracking), tampers: Vec::new() };
    let run = local::run(&subject.program, &subject.input, &subject.bounds, &options)?;
    let trace = run.trace_bytes();
    let published = subject::Published { claim: run.claim, trace, output: run.output };
    let found = subject.accuse(&published)?;
    let miss = found.map(|_| format!("a run by {backend:?}, {tracking:?} is accused"));
    Ok(("honest run".into(), miss))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(first: u64, count: u64) -> Arguments {
        let programs = vec![Name::Simulation, Name::Data];
        Arguments { count, seed: 5, first, programs, threads: Some(2), output: Format::Text }
    }

    #[test]
    fn some_cases_end_as_they_must_and_each_can_be_repeated_alone() {
        let together = try_all(&arguments(0, 6)).unwrap();
        assert_eq!((together.misses(), together.cases().values().sum::<u64>()), (0, 12));
        let mut alone = std::collections::BTreeMap::new();
        for number in 0..6 {
            for (case, count) in try_all(&arguments(number, 1)).unwrap().cases() {
                *alone.entry(case.clone()).or_insert(0) += count;
            }
        }
        assert_eq!(&alone, together.cases());
    }
}
