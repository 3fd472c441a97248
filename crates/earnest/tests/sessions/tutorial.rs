//! The tutorial, carried out to the letter: its files, its commands, and what they answer.

use std::path::Path;
use std::process::Command;

use crate::document::{Document, Part};
use crate::normal::normal;
use crate::shell::{Said, Shell, repository};

/// Whether modules can be built here.
fn has_target() -> bool {
    let asked = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", "wasm32-unknown-unknown"])
        .current_dir(repository())
        .output();
    let folder = asked.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    folder.is_some_and(|folder| Path::new(folder.trim()).exists())
}

/// The text with every number replaced: how many steps a module takes is the compiler's affair.
fn shape(text: &str) -> String {
    let text = normal(text, Path::new("/nowhere"));
    let mut shape = String::new();
    for letter in text.chars() {
        let number = letter.is_ascii_digit();
        if !(number && shape.ends_with('0')) {
            shape.push(if number { '0' } else { letter });
        }
    }
    shape
}

fn carry_out(shell: &mut Shell, commands: &str) -> String {
    let mut answers = String::new();
    for command in commands.lines() {
        let command = match command {
            "earnest devnet up" => {
                "earnest devnet up --port $PORT >../devnet.log 2>&1 &\nuntil grep -q offers ../devnet.log; do sleep 0.1; done"
            }
            "earnest provider run mine --ask 0.01" => {
                "earnest provider run mine --ask 0.01 >../mine.log 2>&1 &\nuntil grep -q working ../mine.log; do sleep 0.1; done"
            }
            command => command,
        };
        let Said { stdout, stderr, exit } = shell.run(command);
        assert_eq!(exit, "0", "{command}\n{stdout}{stderr}");
        answers.push_str(&stdout);
    }
    answers
}

#[test]
fn tutorial() {
    if !has_target() {
        println!("SKIP the tutorial: the target wasm32-unknown-unknown is not installed");
        return;
    }
    let text = std::fs::read_to_string(repository().join("docs/tutorial.md")).unwrap();
    let mut shell = Shell::start();
    let mut answers = String::new();
    let mut compared = 0;
    for part in Document::parse(&text).0 {
        let Part::Block { mark, text, file } = part else { continue };
        match (mark.as_str(), file) {
            ("sh", None) if text.contains("git clone") => {
                carry_out(&mut shell, "ln -s $REPOSITORY earnest");
            }
            ("sh", None) => answers = carry_out(&mut shell, &text),
            ("text", None) => {
                assert_eq!(shape(&answers), shape(&text), "as the tutorial has it:\n{answers}");
                compared += 1;
            }
            (_, Some(file)) => shell.write(&format!("mean/{file}"), text.as_bytes()),
            (_, None) => {}
        }
    }
    assert!(compared >= 4, "the tutorial shows what commands answer");
    carry_out(&mut shell, "earnest job run --wallet me\ngrep committed ../mine.log");
}
