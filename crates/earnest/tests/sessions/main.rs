//! Sessions: documents whose commands are replayed against the real binary and real networks.
//!
//! Each document beside this file is read, its files are written, its commands are run in a folder of
//! their own, and what they answer is compared with what the document says, word for word, ids and times
//! apart. `UPDATE_EXPECT=1` writes into the document what was answered.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod document;
mod normal;
mod shell;
mod tutorial;

use std::path::Path;

use document::{Document, Exchange, Part};
use shell::Shell;

/// Replays a document.
fn replay(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sessions").join(name);
    let mut document = Document::parse(&std::fs::read_to_string(&path).unwrap());
    let mut shell = Shell::start();
    for part in &mut document.0 {
        match part {
            Part::Prose(_) | Part::Block { file: None, .. } => {}
            Part::Block { file: Some(name), text, .. } => write(&shell, name, text),
            Part::Console(exchanges) => {
                for Exchange { command, answer } in exchanges {
                    *answer = shell.answer(command);
                    println!("$ {command}\n{answer}");
                }
            }
        }
    }
    expect_test::expect_file![path].assert_eq(&document.render());
}

/// Writes a file of a document; a module in text is written built.
fn write(shell: &Shell, name: &str, text: &str) {
    match name.strip_suffix(".wat") {
        Some(name) => shell.write(&format!("{name}.wasm"), &wat::parse_str(text).unwrap()),
        None => shell.write(name, text.as_bytes()),
    }
}

#[test]
fn keys() {
    replay("keys.md");
}

#[test]
fn programs() {
    replay("programs.md");
}

#[test]
fn story() {
    replay("story.md");
}

#[test]
fn staking() {
    replay("staking.md");
}

#[test]
fn governance() {
    replay("governance.md");
}

#[test]
fn crash() {
    replay("crash.md");
}

#[test]
fn trouble() {
    replay("trouble.md");
}
