//! A document with commands in it: prose, files to write, and consoles to replay.
//!
//! Everything is Markdown. A block is a file if the line before it begins with a name in backticks
//! and ends with a colon (`` `job.toml`: ``), and a console if it is marked `console`; modules in text (`*.wat`) are written
//! built, as `*.wasm`. In a console, lines that begin with `$ ` are commands; what follows is
//! their output, with `! ` before each line of standard error and `[exit N]` unless that is 0.

/// A document, in order.
#[derive(Debug)]
pub(crate) struct Document(pub(crate) Vec<Part>);

/// A part of a document.
#[derive(Debug)]
pub(crate) enum Part {
    /// A line that is shown as it is.
    Prose(String),
    /// A block of text with what is written after its fence.
    Block { mark: String, text: String, file: Option<String> },
    /// Commands, one after the other.
    Console(Vec<Exchange>),
}

/// A command and what it answers.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) command: String,
    pub(crate) answer: String,
}

const FENCE: &str = "```";

impl Document {
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut lines = text.lines();
        let mut named = None;
        while let Some(line) = lines.next() {
            let Some(mark) = line.strip_prefix(FENCE) else {
                if !line.is_empty() {
                    named = file_named(line);
                }
                parts.push(Part::Prose(line.to_owned()));
                continue;
            };
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != FENCE).collect();
            parts.push(match mark {
                "console" => Part::Console(exchanges(&inside)),
                mark => {
                    let text = inside.iter().map(|line| format!("{line}\n")).collect();
                    Part::Block { mark: mark.to_owned(), text, file: named.take() }
                }
            });
        }
        Self(parts)
    }

    pub(crate) fn render(&self) -> String {
        self.0.iter().map(Part::render).collect()
    }
}

impl Part {
    fn render(&self) -> String {
        match self {
            Self::Prose(line) => format!("{line}\n"),
            Self::Block { mark, text, .. } => format!("{FENCE}{mark}\n{text}{FENCE}\n"),
            Self::Console(exchanges) => {
                let inside: String = exchanges
                    .iter()
                    .map(|Exchange { command, answer }| format!("$ {command}\n{answer}"))
                    .collect();
                format!("{FENCE}console\n{inside}{FENCE}\n")
            }
        }
    }
}

/// The file of a line like `` `name` does this: ``.
fn file_named(line: &str) -> Option<String> {
    let (name, rest) = line.strip_prefix('`')?.split_once('`')?;
    rest.ends_with(':').then(|| name.to_owned())
}

fn exchanges(lines: &[&str]) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        match (line.strip_prefix("$ "), exchanges.last_mut()) {
            (Some(command), _) => {
                exchanges.push(Exchange { command: command.to_owned(), answer: String::new() });
                goes_on = command.ends_with('\\');
            }
            (None, Some(last)) if goes_on => {
                last.command.push('\n');
                last.command.push_str(line);
                goes_on = line.ends_with('\\');
            }
            (None, Some(last)) => {
                last.answer.push_str(line);
                last.answer.push('\n');
            }
            (None, None) => panic!("a console begins with a command, not with {line:?}"),
        }
    }
    exchanges
}
