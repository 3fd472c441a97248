//! Measuring on a machine that others use too.
//!
//! Processor time of this process, not the clock on the wall, and several repetitions in turns: whatever
//! disturbs the machine for a while disturbs both sides of a ratio. The minimum says what the code takes, the
//! median how far the machine lets one see that.

use cpu_time::ProcessTime;

/// What a piece of work yields, and the processor time it took, in milliseconds.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = ProcessTime::now();
    let value = work();
    (value, start.elapsed().as_secs_f64() * 1e3)
}

/// Repeated measurements of one thing, in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// Measures a piece of work once more.
    pub(crate) fn measure<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (value, taken) = timed(work);
        self.0.push(taken);
        value
    }

    /// Adds a measurement.
    pub(crate) fn push(&mut self, taken: f64) {
        self.0.push(taken);
    }

    /// The least; 0 of none.
    pub(crate) fn min(&self) -> f64 {
        self.0.iter().copied().reduce(f64::min).unwrap_or(0.0)
    }

    /// The largest; 0 of none.
    pub(crate) fn max(&self) -> f64 {
        self.0.iter().copied().reduce(f64::max).unwrap_or(0.0)
    }

    /// The middle one, the upper of two; 0 of none.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    }

    /// Each repetition of this in relation to the same repetition of another.
    pub(crate) fn over(&self, baseline: &Self) -> Self {
        Self(self.0.iter().zip(&baseline.0).map(|(one, other)| one / other).collect())
    }

    /// Each repetition of this and the same repetition of another together.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one + other).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64]) -> Samples {
        Samples(values.to_vec())
    }

    #[test]
    fn minimum_median_and_maximum() {
        let some = samples(&[3.0, 1.0, 2.0, 9.0, 2.5]);
        assert_eq!((some.min(), some.median(), some.max()), (1.0, 2.5, 9.0));
        assert_eq!(samples(&[]).median(), 0.0);
    }

    #[test]
    fn ratios_and_sums_are_of_the_same_repetition() {
        let ratios = samples(&[4.0, 9.0]).over(&samples(&[2.0, 3.0]));
        assert_eq!((ratios.min(), ratios.max()), (2.0, 3.0));
        assert_eq!(samples(&[4.0, 9.0]).plus(&samples(&[1.0, 1.0])).min(), 5.0);
    }
}
