//! Size and documentation of Rust sources.

use std::collections::BTreeMap;

use proc_macro2::Span;
use syn::{
    Attribute, Block, ImplItemFn, ItemFn, ItemMod, Signature, TraitItemFn,
    visit::{self, Visit},
};

use super::{Problem, Repository, repository::TextFile};

/// Longest function, in lines from its name to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// The same for tests, which may list many cases.
const TEST_LINES_MAX: usize = 100;

/// Longest file, in lines that are neither empty nor comments nor tests.
const FILE_LINES_MAX: usize = 450;

/// Longest file of tests.
const TEST_FILE_LINES_MAX: usize = 800;

/// Least lines of `//!` at the start of a room's `lib.rs`: what for, what it must never know, how it works.
const ROOM_DOC_LINES_MIN: usize = 10;

/// What is too long and known to be, as `function FILE NAME LINES` or `file FILE LINES`, one a line. It may
/// only shrink: an entry that is no longer needed, or larger than needed, is a problem too.
const RATCHET: &str = "xtask/ratchet.txt";

/// A function as it stands in a file.
struct Function {
    name: String,
    line: usize,
    lines: usize,
    test: bool,
}

/// No function is longer than it may be.
pub(super) fn functions(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut long = BTreeMap::new();
    for file in repository.ending(".rs") {
        let found = match parse(file) {
            Ok(found) => found,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        for function in found.functions {
            let limit = if function.test { TEST_LINES_MAX } else { FUNCTION_LINES_MAX };
            if function.lines > limit {
                let key = format!("function {} {}", file.path, function.name);
                let place = format!("{}:{}", file.path, function.line);
                long.insert(key, (place, function.lines, limit));
            }
        }
    }
    problems.extend(against_ratchet(repository, "function ", &long));
    problems
}

/// No file is longer than it may be.
pub(super) fn files(repository: &Repository) -> Vec<Problem> {
    let mut long = BTreeMap::new();
    for (file, lines) in sizes(repository) {
        let limit = if is_test_file(&file.path) { TEST_FILE_LINES_MAX } else { FILE_LINES_MAX };
        if lines > limit {
            long.insert(format!("file {}", file.path), (file.path.clone(), lines, limit));
        }
    }
    against_ratchet(repository, "file ", &long)
}

/// Every file begins with `//!`; the `lib.rs` of a room says a good deal there.
pub(super) fn module_docs(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in repository.ending(".rs") {
        let lines = file.text.lines().take_while(|line| line.starts_with("//!")).count();
        let room = file.path.starts_with("crates/") && file.path.ends_with("/src/lib.rs");
        let least = if room { ROOM_DOC_LINES_MIN } else { 1 };
        if lines < least {
            let what = format!("begins with {lines} lines of `//!`, needs at least {least}");
            problems.push(Problem::new(&file.path, what));
        }
    }
    problems
}

/// A line of figures on how long functions and files are, tests aside.
pub(super) fn figures(repository: &Repository) -> String {
    let parsed = repository.ending(".rs").filter_map(|file| parse(file).ok());
    let functions = parsed.flat_map(|found| found.functions).filter(|function| !function.test);
    let functions = functions.map(|function| function.lines).collect();
    let files = sizes(repository).filter(|(file, _)| !is_test_file(&file.path));
    let files = files.map(|(_, lines)| lines).collect();
    format!("functions: {}; files: {}", spread(functions), spread(files))
}

fn spread(mut lines: Vec<usize>) -> String {
    lines.sort_unstable();
    let at =
        |percent: usize| lines.get(lines.len().saturating_sub(1) * percent / 100).unwrap_or(&0);
    format!("{} of them, lines p50 {} p90 {} longest {}", lines.len(), at(50), at(90), at(100))
}

/// Compares what is too long with the list of what is known to be. `long` maps an entry's name to its
/// place, its lines and its limit.
fn against_ratchet(
    repository: &Repository,
    kind: &str,
    long: &BTreeMap<String, (String, usize, usize)>,
) -> Vec<Problem> {
    let text = repository.text(RATCHET).lines().filter(|line| line.starts_with(kind));
    let known: BTreeMap<_, _> = text.filter_map(|line| line.rsplit_once(' ')).collect();
    let mut problems = Vec::new();
    for (entry, (place, lines, limit)) in long {
        if known.get(entry.as_str()) != Some(&lines.to_string().as_str()) {
            let what = format!("{lines} lines, at most {limit} is allowed; split it");
            problems.push(Problem::new(place, what));
        }
    }
    for entry in known.keys().filter(|entry| !long.contains_key(**entry)) {
        problems.push(Problem::new(RATCHET, format!("{entry:?} is no longer needed; remove it")));
    }
    problems
}

fn sizes(repository: &Repository) -> impl Iterator<Item = (&TextFile, usize)> {
    repository.ending(".rs").filter_map(|file| Some((file, code_lines(file)?)))
}

/// Lines of code of a file, without the modules that are compiled for tests only.
fn code_lines(file: &TextFile) -> Option<usize> {
    let found = parse(file).ok()?;
    let in_tests = |number: usize| found.test_modules.iter().any(|lines| lines.contains(&number));
    let is_code = |line: &str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let numbered = file.text.lines().zip(1..);
    Some(numbered.filter(|(line, number)| is_code(line) && !in_tests(*number)).count())
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/benches/")
}

/// What is found in one file.
#[derive(Default)]
struct Found {
    functions: Vec<Function>,
    test_modules: Vec<std::ops::RangeInclusive<usize>>,
    in_test: bool,
}

fn parse(file: &TextFile) -> Result<Found, Problem> {
    let parsed = syn::parse_file(&file.text);
    let parsed = parsed.map_err(|e| Problem::new(&file.path, format!("not valid Rust: {e}")))?;
    let mut found = Found { in_test: is_test_file(&file.path), ..Found::default() };
    found.visit_file(&parsed);
    Ok(found)
}

impl Found {
    fn add(&mut self, attributes: &[Attribute], signature: &Signature, block: &Block) {
        let line = line_of(signature.fn_token.span);
        let end = line_of(block.brace_token.span.close());
        let test = self.in_test || attributes.iter().any(|a| a.path().is_ident("test"));
        let name = signature.ident.to_string();
        self.functions.push(Function { name, line, lines: end - line + 1, test });
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.add(&item.attrs, &item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.add(&item.attrs, &item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.attrs, &item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let outer = self.in_test;
        let cfg_test = item.attrs.iter().find(|attribute| is_cfg_test(attribute));
        if let (Some(attribute), Some((brace, _))) = (cfg_test, &item.content) {
            let first = line_of(attribute.pound_token.span);
            self.test_modules.push(first..=line_of(brace.span.close()));
            self.in_test = true;
        }
        visit::visit_item_mod(self, item);
        self.in_test = outer;
    }
}

fn line_of(span: Span) -> usize {
    span.start().line
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    let argument = attribute.path().is_ident("cfg").then(|| attribute.parse_args::<syn::Path>());
    matches!(argument, Some(Ok(path)) if path.is_ident("test"))
}

#[cfg(test)]
mod tests;
