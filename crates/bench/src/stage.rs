//! What is shown while something takes long.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often a line is written where a bar cannot be drawn.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// A bar on standard error, with what is being done; a line now and then if that is no terminal.
pub(crate) struct Stage {
    bar: ProgressBar,
    written: Option<Instant>,
}

impl Stage {
    /// Begins something of so many parts.
    pub(crate) fn new(length: u64) -> Self {
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}");
        let style = style.expect("the template is a constant and well-formed");
        let written = (!std::io::stderr().is_terminal()).then(Instant::now);
        Self { bar: ProgressBar::new(length).with_style(style), written }
    }

    /// Says what is being done.
    pub(crate) fn say(&mut self, what: impl Into<String>) {
        self.bar.set_message(what.into());
    }

    /// One part is done.
    pub(crate) fn advance(&mut self) {
        self.bar.inc(1);
        if let Some(written) = &mut self.written
            && written.elapsed() >= LINE_EVERY
        {
            *written = Instant::now();
            let (done, of) = (self.bar.position(), self.bar.length().unwrap_or(0));
            eprintln!("{} s: {done}/{of} {}", self.bar.elapsed().as_secs(), self.bar.message());
        }
    }

    /// All is done.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
