//! Results on standard output, everything else on standard error.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

/// A table for people: header and rows; columns whose header ends in `>` are aligned right.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(|name| name.trim_end_matches('>').to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    for (index, name) in header.iter().enumerate() {
        if let (true, Some(column)) = (name.ends_with('>'), table.column_mut(index)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Prints one line of a result.
pub(crate) fn line(text: impl std::fmt::Display) -> Result<()> {
    tolerate_closed_pipe(writeln!(io::stdout().lock(), "{text}"))
}

/// Says something to people on standard error. Whether anybody can hear it changes nothing.
pub(crate) fn say(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints a result as one JSON document.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string_pretty(value)?)
}

/// `earnest ... | head` closes the pipe: the reader has what it wants, nothing went wrong.
fn tolerate_closed_pipe(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("the result cannot be written"),
    }
}

/// How a line is meant, shown in colour on terminals that take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// One of many.
    Plain,
    /// Somebody gets what is due.
    Good,
    /// Somebody loses what is due.
    Bad,
}

impl Tone {
    /// The text for standard error; plain if that is no terminal or `NO_COLOR` is set.
    pub(crate) fn paint(self, text: &str) -> String {
        let code = match self {
            Self::Plain => return text.to_owned(),
            Self::Good => "32",
            Self::Bad => "31",
        };
        if !colours() {
            return text.to_owned();
        }
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Whether standard error is for eyes that see colours.
fn colours() -> bool {
    let unset = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    io::stderr().is_terminal() && unset("NO_COLOR") && !dumb
}
