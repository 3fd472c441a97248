//! What a program's steps cost, and what its author should change.
//!
//! ```no_run
//! # struct Sum;
//! # impl guest::Program for Sum {
//! #     fn start(_: &[u8]) -> Result<Self, guest::Refusal> { Ok(Self) }
//! #     fn step(&mut self, _: &[u8], _: &mut guest::Output) -> Result<guest::Progress, guest::Refusal> {
//! #         Ok(guest::Progress::Done)
//! #     }
//! # }
//! # let input = [];
//! println!("{}", guest::measure::native::<Sum>(&input));
//! ```
//!
//! Natively only time can be measured. A machine that runs the module knows the metered units and the touched
//! pages as well: it fills in the same [`Report`].

use crate::limits::{METER_MAX, PAGES_MAX, STEP_NANOS_TARGET};
use crate::{NativeRun, Program, Progress};
use std::fmt;
use std::time::Instant;

/// What one step cost, as far as known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepCost {
    /// Time, in nanoseconds.
    pub nanos: Option<u64>,
    /// Metered units.
    pub meter: Option<u64>,
    /// Pages read or written.
    pub pages: Option<u64>,
}

/// The costs of all steps of one run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One entry for each step, in order.
    pub steps: Vec<StepCost>,
}

/// One thing to change about a program's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// This step exceeds the metered units a step may use; the run would trap there.
    TooMuchWork {
        /// Index of the step that used most.
        step: usize,
        /// What it used.
        meter: u64,
    },
    /// This step touches more pages than a step may; the job would be void.
    TooManyPages {
        /// Index of the step that touched most.
        step: usize,
        /// What it touched.
        pages: u64,
    },
    /// Within the limits as far as known, but five times longer than the target: a judge would be slow.
    TooLong {
        /// Index of the longest step.
        step: usize,
        /// Its time.
        nanos: u64,
    },
    /// Most steps are ten times shorter than the target: committing costs more than it need.
    TooShort {
        /// The median step's time.
        nanos: u64,
    },
}

/// Runs a program natively and times its steps.
#[must_use]
pub fn native<P: Program>(input: &[u8]) -> Report {
    let mut run = NativeRun::<P>::new(input);
    let mut report = Report::default();
    loop {
        let began = Instant::now();
        let progress = run.step();
        let nanos = u64::try_from(began.elapsed().as_nanos()).ok();
        report.steps.push(StepCost { nanos, ..StepCost::default() });
        if progress == Progress::Done {
            return report;
        }
    }
}

impl Report {
    /// What to change, most urgent first. Nothing if all is well.
    #[must_use]
    pub fn advice(&self) -> Vec<Advice> {
        let work = self.worst(|cost| cost.meter).filter(|&(_, meter)| meter > METER_MAX);
        let pages = self.worst(|cost| cost.pages).filter(|&(_, pages)| pages > PAGES_MAX);
        let long =
            self.worst(|cost| cost.nanos).filter(|&(_, nanos)| nanos > 5 * STEP_NANOS_TARGET);
        let short = self.median(|cost| cost.nanos).filter(|&nanos| self.is_chopped(nanos));
        [
            work.map(|(step, meter)| Advice::TooMuchWork { step, meter }),
            pages.map(|(step, pages)| Advice::TooManyPages { step, pages }),
            long.map(|(step, nanos)| Advice::TooLong { step, nanos }),
            short.map(|nanos| Advice::TooShort { nanos }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The sum of one kind of cost.
    #[must_use]
    pub fn total(&self, kind: impl Fn(&StepCost) -> Option<u64>) -> u64 {
        self.steps.iter().filter_map(kind).sum()
    }

    /// The median of one kind of cost, if it is known of any step.
    #[must_use]
    pub fn median(&self, kind: impl Fn(&StepCost) -> Option<u64>) -> Option<u64> {
        let mut costs: Vec<u64> = self.steps.iter().filter_map(kind).collect();
        costs.sort_unstable();
        costs.get(costs.len() / 2).copied()
    }

    /// The step with the highest cost of one kind, and that cost.
    #[must_use]
    pub fn worst(&self, kind: impl Fn(&StepCost) -> Option<u64>) -> Option<(usize, u64)> {
        let known = self.steps.iter().enumerate();
        known.filter_map(|(step, cost)| Some((step, kind(cost)?))).max_by_key(|&(_, cost)| cost)
    }

    /// Whether a long run is cut into pieces that are far too small.
    fn is_chopped(&self, median_nanos: u64) -> bool {
        self.steps.len() > 20 && median_nanos < STEP_NANOS_TARGET / 10
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooMuchWork { step, meter } => write!(
                formatter,
                "step {step} uses {meter} metered units, the limit is {METER_MAX}: do a {}th of it in a step",
                meter.div_ceil(METER_MAX)
            ),
            Self::TooManyPages { step, pages } => write!(
                formatter,
                "step {step} touches {pages} pages, the limit is {PAGES_MAX}: take smaller blocks, reserve \
                 buffers at their final size, keep growing lists in `Chunks`"
            ),
            Self::TooLong { step, nanos } => write!(
                formatter,
                "step {step} takes {:.1} ms, the target is {:.0} ms: do less in a step",
                millis(nanos),
                millis(STEP_NANOS_TARGET)
            ),
            Self::TooShort { nanos } => write!(
                formatter,
                "half of the steps take less than {:.3} ms, the target is {:.0} ms: do about {} times more in a \
                 step, unless that touches too many pages",
                millis(nanos),
                millis(STEP_NANOS_TARGET),
                STEP_NANOS_TARGET / nanos.max(1)
            ),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} steps", self.steps.len())?;
        self.line(formatter, "ms", |cost| cost.nanos, 1e6)?;
        self.line(formatter, "million units", |cost| cost.meter, 1e6)?;
        self.line(formatter, "pages", |cost| cost.pages, 1.0)?;
        for advice in self.advice() {
            writeln!(formatter, "{advice}")?;
        }
        Ok(())
    }
}

impl Report {
    #[allow(clippy::cast_precision_loss, reason = "figures for people")]
    fn line(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        unit: &str,
        kind: impl Fn(&StepCost) -> Option<u64> + Copy,
        scale: f64,
    ) -> fmt::Result {
        let (Some(median), Some((step, worst))) = (self.median(kind), self.worst(kind)) else {
            return Ok(());
        };
        let [total, median, worst] =
            [self.total(kind), median, worst].map(|cost| cost as f64 / scale);
        writeln!(
            formatter,
            "  {unit}: total {total:.1}, median {median:.3}, most {worst:.3} (step {step})"
        )
    }
}

#[allow(clippy::cast_precision_loss, reason = "figures for people")]
fn millis(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(costs: &[(u64, u64, u64)]) -> Report {
        let cost = |&(nanos, meter, pages): &(u64, u64, u64)| StepCost {
            nanos: Some(nanos),
            meter: Some(meter),
            pages: Some(pages),
        };
        Report { steps: costs.iter().map(cost).collect() }
    }

    #[test]
    fn well_sized_steps_need_no_advice() {
        let report = report(&[(STEP_NANOS_TARGET, METER_MAX, PAGES_MAX); 30]);
        assert_eq!(report.advice(), []);
    }

    #[test]
    fn each_excess_is_named_with_its_step() {
        let mut costs = [(STEP_NANOS_TARGET, METER_MAX, PAGES_MAX); 30];
        costs[3].1 += 1;
        costs[4].2 += 1;
        costs[5].0 *= 6;
        let report = report(&costs);
        assert_eq!(
            report.advice(),
            [
                Advice::TooMuchWork { step: 3, meter: METER_MAX + 1 },
                Advice::TooManyPages { step: 4, pages: PAGES_MAX + 1 },
                Advice::TooLong { step: 5, nanos: 6 * STEP_NANOS_TARGET },
            ]
        );
        assert!(report.to_string().contains("step 4 touches 1025 pages"));
    }

    #[test]
    fn a_long_run_of_tiny_steps_is_chopped_and_a_short_one_is_not() {
        assert_eq!(report(&[(1_000, 1, 1); 30]).advice(), [Advice::TooShort { nanos: 1_000 }]);
        assert_eq!(report(&[(1_000, 1, 1); 5]).advice(), []);
    }
}
