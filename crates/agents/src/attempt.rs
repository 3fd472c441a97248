//! The unit of work: one provider's attempt at one job, seen from either side of it.

use std::fmt;

use protocol::{Assignment, Job, JobId};

/// One attempt at one job. What is computed, committed to, revealed and challenged belongs to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt {
    /// Which job.
    pub job: JobId,
    /// Which attempt at it, counted from one.
    pub number: u32,
}

impl Attempt {
    /// The current attempt of a job and its assignment, if it has one.
    #[must_use]
    pub fn of(job: &Job) -> Option<(Self, &Assignment)> {
        let attempt = Self { job: job.id, number: job.attempts };
        job.assignment.as_ref().map(|assignment| (attempt, assignment))
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attempt {} at job {}", self.number, self.job)
    }
}
