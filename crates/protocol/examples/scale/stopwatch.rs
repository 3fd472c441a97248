//! Measuring on a machine that others use too.

use std::time::Duration;

use cpu_time::ThreadTime;

/// What a piece of work yields, and the processor time of this thread that it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = ThreadTime::now();
    let value = work();
    (value, start.elapsed())
}

/// Milliseconds: the middle one of many, and the worst.
#[derive(Default)]
pub(crate) struct Spans(Vec<f64>);

impl Spans {
    pub(crate) fn push(&mut self, span: Duration) {
        self.0.push(span.as_secs_f64() * 1e3);
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    }

    pub(crate) fn worst(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }

    pub(crate) fn total(&self) -> f64 {
        self.0.iter().sum()
    }
}
