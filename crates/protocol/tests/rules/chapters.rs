//! The chapters that answer for others' failures and numbers name tests, and those tests exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Classes of failures that the table of known failures has a row for.
const CLASSES: u32 = 83;

fn chapter(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Names of all functions of this crate and its tests.
fn functions() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    let text: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let after = text.split("fn ").skip(1);
    after.map(|rest| rest.split(['(', '<']).next().unwrap_or_default().to_owned()).collect()
}

/// A sentence in code is the name of a test; shorter names are parameters and fields.
#[test]
fn every_test_that_a_chapter_names_exists() {
    let functions = functions();
    let mut named = 0;
    for file in ["peers.md", "known-failures.md", "incentives.md"] {
        let text = chapter(file);
        for name in text.split('`').skip(1).step_by(2) {
            let sentence = name.matches('_').count() >= 3 && !name.contains(['/', '.', ' ']);
            if sentence {
                named += 1;
                assert!(functions.contains(name), "{file} names {name}");
            }
        }
    }
    assert!(named > 50, "only {named} names were found");
}

#[test]
fn every_class_of_failure_has_a_row() {
    let text = chapter("known-failures.md");
    let mut rows = BTreeSet::new();
    for cell in text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()) {
        for item in cell.split(", ") {
            let bounds: Vec<u32> = item.split('-').filter_map(|bound| bound.parse().ok()).collect();
            if let (Some(first), Some(last)) = (bounds.first(), bounds.last()) {
                rows.extend(*first..=*last);
            }
        }
    }
    let missing: Vec<u32> = (1..=CLASSES).filter(|class| !rows.contains(class)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
