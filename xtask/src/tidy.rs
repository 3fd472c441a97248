//! `cargo xtask tidy`: what neither the compiler, clippy nor rustfmt check.
//!
//! A check is a function from the repository to a list of problems; [`CHECKS`] is all of them. They read
//! files, never build anything, and take about a second together.

mod dependencies;
mod links;
mod lock;
mod manifests;
mod repository;
mod rust;
mod words;

use std::{fmt, process::ExitCode};

use repository::Repository;

/// Something that is not as it should be, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    /// File, and line where there is one.
    place: String,
    /// What is wrong, and what to do.
    what: String,
}

impl Problem {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

type Check = fn(&Repository) -> Vec<Problem>;

/// Every check, by the name that is printed.
const CHECKS: &[(&str, Check)] = &[
    ("functions are short", rust::functions),
    ("files are short", rust::files),
    ("modules say what they are for", rust::module_docs),
    ("no forbidden words", words::words),
    ("text files are clean", words::whitespace),
    ("manifests follow the house", manifests::manifests),
    ("folders are named after their crates", manifests::folders),
    ("crates depend in the agreed direction", dependencies::directions),
    ("engines stay in their rooms", dependencies::rooms),
    ("no unused dependency", dependencies::unused),
    ("every dependency has a reason", dependencies::documented),
    ("versions that decide results are exact", dependencies::pinned),
    ("the lock file is clean", lock::lock),
    ("links resolve", links::links),
];

/// Runs every check and fails when one found a problem.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let repository = Repository::load()?;
    let mut count = 0;
    for (name, check) in CHECKS {
        let mut problems = check(&repository);
        problems.sort();
        println!("{} {name}", if problems.is_empty() { "ok  " } else { "FAIL" });
        for problem in &problems {
            println!("       {problem}");
        }
        count += problems.len();
    }
    println!("{}", rust::figures(&repository));
    if count > 0 {
        println!("{count} problems");
    }
    Ok(ExitCode::from(u8::from(count > 0)))
}
