//! Does building the sources give the checked-in modules, and do these hold nothing of the machine that built them?

use guest::module;
use std::path::Path;
use std::{env, fs};

/// Each program's package and its checked-in module.
const MODULES: [(&str, &[u8]); 4] = [
    ("infer", infer::MODULE),
    ("nbody", nbody::MODULE),
    ("table", table::MODULE),
    ("train", train::MODULE),
];

/// The version line of the compiler that built the modules.
const COMPILER: &str = include_str!("../../compiler.txt");

/// Where the workspace is, and where intermediate files may go.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn building_the_sources_gives_the_checked_in_bytes() {
    let compiler = module::compiler().expect("tests are run by cargo, which has a compiler");
    if !module::target_is_installed() || compiler != COMPILER.trim() {
        println!("SKIP: needs the target {} and {}", module::TARGET, COMPILER.trim());
        return;
    }
    for (package, expected) in MODULES {
        let built = module::build(root(), package, Path::new(env!("CARGO_TARGET_TMPDIR")))
            .unwrap_or_else(|error| panic!("{package}: {error}"));
        assert!(built == expected, "{package}: run `cargo xtask guests`");
    }
}

#[test]
fn modules_are_small_and_tell_nothing_of_where_they_were_built() {
    let home = env::var("HOME").unwrap_or_default();
    let root = fs::canonicalize(root()).expect("the workspace is there");
    let places = [home, root.to_string_lossy().into_owned(), ".cargo".into(), ".rustup".into()];
    for (package, bytes) in MODULES {
        assert!(
            bytes.starts_with(b"\0asm") && bytes.len() < 100_000,
            "{package}: {} bytes",
            bytes.len()
        );
        for place in places.iter().filter(|place| place.len() > 1) {
            let is_there = bytes.windows(place.len()).any(|window| window == place.as_bytes());
            assert!(!is_there, "{package} holds {place}");
        }
    }
}
