//! Measuring on a machine that others use too.

use std::time::{Duration, Instant};

/// Processor time of this thread where the system tells it (so that a busy machine does not spoil the figures), else the
/// time that passed.
pub(crate) struct Stopwatch(Instant, Option<u64>);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now(), Self::processor_ns())
    }

    fn processor_ns() -> Option<u64> {
        let figures = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        figures.split(' ').next()?.parse().ok()
    }

    pub(crate) fn elapsed(&self) -> Duration {
        match (self.1, Self::processor_ns()) {
            (Some(before), Some(after)) => Duration::from_nanos(after - before),
            _ => self.0.elapsed(),
        }
    }
}

/// What a piece of work yields, and how long it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let watch = Stopwatch::start();
    let value = work();
    (value, watch.elapsed())
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
