//! Manifests: one place for versions, lints and metadata.

use toml::{Table, Value};

use super::{Problem, Repository};

/// Fields that every package takes from the workspace.
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

/// Folders whose name is not their crate's, and the crate's.
const OTHER_NAMES: &[(&str, &str)] = &[("workloads/sdk", "guest")];

/// Every package inherits its metadata, lints and versions, and describes itself.
pub(super) fn manifests(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.packages {
        let path = format!("{}/Cargo.toml", package.folder);
        match repository.text(&path).parse::<Table>() {
            Ok(manifest) => {
                problems.extend(faults(&manifest).into_iter().map(|what| Problem::new(&path, what)))
            }
            Err(e) => problems.push(Problem::new(&path, format!("not valid TOML: {e}"))),
        }
    }
    problems
}

fn faults(manifest: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    let package = manifest.get("package");
    for field in INHERITED {
        if !package.and_then(|package| package.get(field)).is_some_and(from_workspace) {
            faults.push(format!("`{field}` is not taken from the workspace"));
        }
    }
    if package.and_then(|package| package.get("description")).is_none() {
        faults.push("has no description".to_owned());
    }
    if !manifest.get("lints").is_some_and(from_workspace) {
        faults.push("does not use the lints of the workspace".to_owned());
    }
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let dependencies = manifest.get(section).and_then(Value::as_table).into_iter().flatten();
        let own = dependencies.filter(|(_, value)| !from_workspace(value));
        faults.extend(own.map(|(name, _)| format!("`{name}` has a version of its own")));
    }
    faults
}

fn from_workspace(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// A crate is found in the folder of its name.
pub(super) fn folders(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.packages {
        let last = package.folder.rsplit('/').next().unwrap_or_default();
        let other = OTHER_NAMES.iter().find(|(folder, _)| *folder == package.folder);
        let expected = other.map_or(last, |(_, name)| name);
        if package.name != expected {
            let what = format!("the crate {:?} should be named {expected:?}", package.name);
            problems.push(Problem::new(&package.folder, what));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [package]
        name = "a"
        description = "An example."
        version.workspace = true
        edition.workspace = true
        rust-version.workspace = true
        license.workspace = true
        publish.workspace = true
        [lints]
        workspace = true
        [dependencies]
        b.workspace = true
        c = { workspace = true, features = ["d"] }
    "#;

    fn check(text: &str) -> Vec<String> {
        let repository = Repository::of(&[("crates/a/Cargo.toml", text)]);
        let repository = repository.with("a", "crates/a", &[]);
        manifests(&repository).into_iter().map(|problem| problem.what).collect()
    }

    #[test]
    fn a_manifest_takes_everything_from_the_workspace() {
        assert_eq!(check(GOOD), [""; 0]);
    }

    #[test]
    fn each_departure_is_named() {
        let cases = [
            (
                "edition.workspace = true",
                "edition = \"2021\"",
                "`edition` is not taken from the workspace",
            ),
            ("description = \"An example.\"", "", "has no description"),
            ("[lints]\n        workspace = true", "", "does not use the lints of the workspace"),
            ("b.workspace = true", "b = \"1\"", "`b` has a version of its own"),
        ];
        for (from, to, fault) in cases {
            assert!(GOOD.contains(from));
            assert_eq!(check(&GOOD.replace(from, to)), [fault]);
        }
        assert!(check("[package").iter().any(|fault| fault.starts_with("not valid TOML")));
    }

    #[test]
    fn folders_carry_the_name_of_their_crate() {
        let named = |name, folder| folders(&Repository::default().with(name, folder, &[])).len();
        assert_eq!(named("a", "crates/a"), 0);
        assert_eq!(named("guest", "workloads/sdk"), 0);
        assert_eq!(named("b", "crates/a"), 1);
        assert_eq!(named("sdk", "workloads/sdk"), 1);
    }
}
