//! Each rule on dependencies, kept and broken.

use super::*;

fn whats(problems: Vec<Problem>) -> Vec<String> {
    problems.into_iter().map(|problem| problem.what).collect()
}

fn one(name: &str, dependencies: &[&str]) -> Repository {
    Repository::default().with(name, &format!("crates/{name}"), dependencies)
}

#[test]
fn rules_know_neither_machine_nor_ledger() {
    assert_eq!(whats(directions(&one("protocol", &["borsh", "imbl"]))), [""; 0]);
    let wrong = whats(directions(&one("protocol", &["machine", "ledger"])));
    assert_eq!(
        wrong,
        ["protocol must not depend on machine", "protocol must not depend on ledger"]
    );
}

#[test]
fn tests_may_look_further() {
    assert_eq!(whats(directions(&one("agents", &["api", "node dev"]))), [""; 0]);
    assert_eq!(whats(directions(&one("agents", &["node"]))).len(), 1);
}

#[test]
fn a_new_crate_needs_its_place() {
    assert!(whats(directions(&one("novel", &[])))[0].starts_with("a new crate"));
}

#[test]
fn engines_stay_in_their_rooms() {
    assert_eq!(whats(rooms(&one("ledger", &["commonware-runtime", "tokio"]))), [""; 0]);
    assert_eq!(whats(rooms(&one("machine", &["wasmtime", "wasmi", "agenda"]))), [""; 0]);
    let wrong = whats(rooms(&one("protocol", &["tokio", "commonware-codec", "wasmi", "age dev"])));
    assert_eq!(wrong.len(), 3);
}

#[test]
fn a_dependency_is_named_by_some_source() {
    let source = "use some_crate::x;\nfn f() { other::g() }\n";
    let repository = Repository::of(&[("crates/a/src/lib.rs", source)]);
    let repository = repository.with("a", "crates/a", &["some-crate", "other dev", "the"]);
    assert_eq!(whats(unused(&repository)), ["the is not used; remove it"]);
}

#[test]
fn reasons_and_dependencies_match() {
    let manifest =
        "[workspace.dependencies]\na = \"1\"\nb-x = { version = \"1\" }\nours = { path = \"x\" }\n";
    let with = |reasons: &str| {
        whats(documented(&Repository::of(&[("Cargo.toml", manifest), (REASONS, reasons)])))
    };
    assert_eq!(with("| `a` | why |\n| `b-*` | why |\n"), [""; 0]);
    assert_eq!(with("| `a` | why |\n"), ["says nothing of `b-x`"]);
    assert_eq!(with("| `a` |\n| `b-x` |\n| `c` |\n"), ["`c` is no dependency any more"]);
}

#[test]
fn what_decides_results_is_pinned() {
    let with = |line: &str| {
        let manifest = format!("[workspace.dependencies]\n{line}\n");
        whats(pinned(&Repository::of(&[("Cargo.toml", &manifest)])))
    };
    assert_eq!(with("wasmi = \"=2.0.0\""), [""; 0]);
    assert_eq!(with("serde = \"1\""), [""; 0]);
    assert_eq!(with("wasmi = { version = \"2.0.0\" }"), ["write `wasmi` with \"=\""]);
    assert_eq!(with("commonware-codec = \"1\""), ["write `commonware-codec` with \"=\""]);
    assert_eq!(with("serde = \"*\""), ["`serde` has no version"]);
}
