//! Lengths at their limits, and the ratchet in both directions.

use super::*;

/// A function of so many lines.
fn function(name: &str, lines: usize) -> String {
    format!("fn {name}() {{\n{}}}\n", "    x();\n".repeat(lines - 2))
}

fn places(check: fn(&Repository) -> Vec<Problem>, files: &[(&str, &str)]) -> Vec<String> {
    check(&Repository::of(files)).into_iter().map(|problem| problem.place).collect()
}

#[test]
fn a_function_may_have_so_many_lines_and_no_more() {
    let at = function("f", FUNCTION_LINES_MAX);
    let over = format!("//! Doc.\n{}", function("f", FUNCTION_LINES_MAX + 1));
    assert_eq!(places(functions, &[("a.rs", &at)]), [""; 0]);
    assert_eq!(places(functions, &[("a.rs", &over)]), ["a.rs:2"]);
}

#[test]
fn methods_and_defaults_of_traits_count_too() {
    let long = function("f", FUNCTION_LINES_MAX + 1);
    for text in [format!("impl A {{\n{long}}}"), format!("trait A {{\n{long}}}")] {
        assert_eq!(places(functions, &[("a.rs", &text)]), ["a.rs:2"]);
    }
}

#[test]
fn tests_may_be_longer() {
    let long = function("f", FUNCTION_LINES_MAX + 1);
    let test = format!("#[test]\n{long}");
    let module = format!("#[cfg(test)]\nmod tests {{\n{long}}}");
    assert_eq!(places(functions, &[("a.rs", &test), ("b.rs", &module)]), [""; 0]);
    assert_eq!(places(functions, &[("x/tests/a.rs", &long), ("x/tests.rs", &long)]), [""; 0]);
    let too_long = format!("#[test]\n{}", function("f", TEST_LINES_MAX + 1));
    assert_eq!(places(functions, &[("a.rs", &too_long)]), ["a.rs:2"]);
}

#[test]
fn the_ratchet_excuses_exactly_what_it_names_and_only_shrinks() {
    let over = function("f", 80);
    let with = |ratchet: &str| places(functions, &[("a.rs", &over), (RATCHET, ratchet)]);
    assert_eq!(with("function a.rs f 80\n"), [""; 0]);
    assert_eq!(with("function a.rs f 79\n"), ["a.rs:1"]);
    assert_eq!(with("function a.rs f 81\n"), ["a.rs:1"]);
    assert_eq!(with("function a.rs f 80\nfunction a.rs g 90\n"), [RATCHET]);
    assert_eq!(with("file a.rs 80\n"), ["a.rs:1"]);
}

#[test]
fn a_file_counts_without_blanks_comments_and_tests() {
    let code = "fn f() {}\n".repeat(FILE_LINES_MAX);
    let rest = "\n// Comment.\n#[cfg(test)]\nmod tests {\n    fn f() {}\n}\n";
    // The attribute of the test module is part of it.
    assert_eq!(places(files, &[("a.rs", &format!("{code}{rest}"))]), [""; 0]);
    assert_eq!(places(files, &[("a.rs", &format!("{code}fn g() {{}}\n{rest}"))]), ["a.rs"]);
    assert_eq!(places(files, &[("a/tests.rs", &format!("{code}fn g() {{}}\n"))]), [""; 0]);
}

#[test]
fn modules_begin_with_documentation() {
    let room = "crates/a/src/lib.rs";
    assert_eq!(places(module_docs, &[("a.rs", "//! Doc.\n"), ("b.rs", "fn f() {}\n")]), ["b.rs"]);
    assert_eq!(places(module_docs, &[(room, &"//! Doc.\n".repeat(9))]), [room]);
    assert_eq!(places(module_docs, &[(room, &"//! Doc.\n".repeat(10))]), [""; 0]);
}

#[test]
fn a_file_that_is_not_rust_is_a_problem() {
    assert_eq!(places(functions, &[("a.rs", "fn {")]), ["a.rs"]);
}

#[test]
fn figures_leave_tests_out() {
    let text = format!("{}#[test]\n{}", function("f", 5), function("t", 50));
    let repository = Repository::of(&[("a.rs", &text)]);
    assert!(figures(&repository).starts_with("functions: 1 of them, lines p50 5 p90 5 longest 5;"));
}
