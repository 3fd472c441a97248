//! Who may depend on whom, and on what.

use toml::{Table, Value};

use super::{
    Problem, Repository,
    repository::{Dependency, Package},
};

/// Our crates, and which of our crates each may depend on. `ARCHITECTURE.md` says why.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("machine", &[]),
    ("protocol", &[]),
    ("protocol-model", &["protocol"]),
    ("ledger", &[]),
    ("wallet", &["protocol"]),
    ("api", &["protocol"]),
    ("node", &["api", "ledger", "machine", "protocol"]),
    ("agents", &["api", "machine", "protocol", "wallet"]),
    ("guest", &[]),
    ("infer", &["guest", "train"]),
    ("nbody", &["guest"]),
    ("table", &["guest"]),
    ("train", &["guest"]),
    ("conformance", &["guest", "infer", "nbody", "table", "train"]),
    ("earnest", EVERYTHING),
    ("bench", EVERYTHING),
    ("xtask", &["guest"]),
];

/// The rooms and programs that the outermost crates put together.
const EVERYTHING: &[&str] = &[
    "agents", "api", "guest", "infer", "ledger", "machine", "nbody", "node", "protocol", "table",
    "train", "wallet",
];

/// Packages of others that only certain rooms may know, by the beginning of their name.
const ROOMS: &[(&str, &[&str])] = &[
    ("commonware", &["ledger"]),
    ("wasmtime", &["machine"]),
    ("wasmi", &["machine"]),
    ("wasmparser", &["machine"]),
    ("wasm-encoder", &["machine"]),
    ("axum", &["api"]),
    ("reqwest", &["api"]),
    ("object_store", &["agents"]),
    ("age", &["wallet"]),
    ("bip39", &["wallet"]),
    ("clap", &["bench", "earnest", "xtask"]),
    ("anyhow", &["bench", "earnest", "xtask"]),
    ("tokio", &["agents", "api", "earnest", "ledger", "node"]),
];

/// Packages whose exact version decides results, or whose releases break, by the beginning of their name.
const EXACT: &[&str] = &["commonware", "wasm", "wat"];

/// The document that gives the reasons.
const REASONS: &str = "docs/dependencies.md";

/// Between our crates, only the agreed dependencies exist. Tests may look further.
pub(super) fn directions(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.packages {
        let Some((_, allowed)) = DIRECTIONS.iter().find(|(name, _)| *name == package.name) else {
            let what = "a new crate: give it its place in xtask/src/tidy/dependencies.rs";
            problems.push(Problem::new(&package.folder, what));
            continue;
        };
        for dependency in shipped(package) {
            let ours = DIRECTIONS.iter().any(|(name, _)| *name == dependency.name);
            if ours && !allowed.contains(&dependency.name.as_str()) {
                let what = format!("{} must not depend on {}", package.name, dependency.name);
                problems.push(Problem::new(&package.folder, what));
            }
        }
    }
    problems
}

/// Engines, servers and cryptography are known only where they belong.
pub(super) fn rooms(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.packages {
        for dependency in shipped(package) {
            let rule = ROOMS.iter().find(|(start, _)| belongs(&dependency.name, start));
            if rule.is_some_and(|(_, rooms)| !rooms.contains(&package.name.as_str())) {
                let what = format!("{} must not know {}", package.name, dependency.name);
                problems.push(Problem::new(&package.folder, what));
            }
        }
    }
    problems
}

/// A dependency that no source of the crate names is removed.
pub(super) fn unused(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.packages {
        let folder = format!("{}/", package.folder);
        let sources = repository.ending(".rs").filter(|file| file.path.starts_with(&folder));
        let sources: Vec<&str> = sources.map(|file| file.text.as_str()).collect();
        for dependency in &package.dependencies {
            let name = dependency.name.replace('-', "_");
            if !sources.iter().any(|source| names(source, &name)) {
                let what = format!("{} is not used; remove it", dependency.name);
                problems.push(Problem::new(format!("{folder}Cargo.toml"), what));
            }
        }
    }
    problems
}

/// Every package of others that the workspace names has a row with its reason, and every row a package.
pub(super) fn documented(repository: &Repository) -> Vec<Problem> {
    let rows = repository.text(REASONS).lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<&str> = rows.filter_map(|row| Some(row.split_once('`')?.0)).collect();
    let used: Vec<String> = foreign(repository).into_iter().map(|(name, _)| name).collect();
    let mut problems = Vec::new();
    for name in used.iter().filter(|name| !rows.iter().any(|row| covers(row, name))) {
        problems.push(Problem::new(REASONS, format!("says nothing of `{name}`")));
    }
    for row in rows.iter().filter(|row| !used.iter().any(|name| covers(row, name))) {
        problems.push(Problem::new(REASONS, format!("`{row}` is no dependency any more")));
    }
    problems
}

/// Versions on which a result depends are written with `=`.
pub(super) fn pinned(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, version) in foreign(repository) {
        let exact = EXACT.iter().any(|start| name.starts_with(start));
        if exact && !version.starts_with('=') {
            problems.push(Problem::new("Cargo.toml", format!("write `{name}` with \"=\"")));
        }
        if version.is_empty() || version.contains('*') {
            problems.push(Problem::new("Cargo.toml", format!("`{name}` has no version")));
        }
    }
    problems
}

/// Packages of others that the workspace names, with their versions.
fn foreign(repository: &Repository) -> Vec<(String, String)> {
    let manifest: Table = repository.text("Cargo.toml").parse().unwrap_or_default();
    let dependencies = manifest.get("workspace").and_then(|w| w.get("dependencies"));
    let dependencies = dependencies.and_then(Value::as_table).into_iter().flatten();
    let others = dependencies.filter(|(_, value)| value.get("path").is_none());
    others
        .map(|(name, value)| {
            let version = value.as_str().or_else(|| value.get("version")?.as_str());
            (name.clone(), version.unwrap_or_default().to_owned())
        })
        .collect()
}

fn shipped(package: &Package) -> impl Iterator<Item = &Dependency> {
    package.dependencies.iter().filter(|dependency| !dependency.dev)
}

/// Whether a package is `start` or one of its family: `tokio` and `tokio-util`, not `agenda` for `age`.
fn belongs(name: &str, start: &str) -> bool {
    name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// Whether a row speaks of a package; `name-*` speaks of a family.
fn covers(row: &str, name: &str) -> bool {
    row.strip_suffix('*').map_or(row == name, |start| name.starts_with(start))
}

/// Whether a source names a crate, as a whole word.
fn names(source: &str, name: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    source.match_indices(name).any(|(place, _)| {
        let before = source[..place].chars().next_back();
        let after = source[place + name.len()..].chars().next();
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}

#[cfg(test)]
mod tests;
