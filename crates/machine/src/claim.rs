//! What somebody says a computation did, and within which bounds it was to be done.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::content::Content;
use crate::hash::Hash;
use crate::limits;

/// The result that somebody stands for. Anybody can check it from public data.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, BorshDeserialize,
)]
pub struct Claim {
    /// The output; empty if the computation trapped.
    pub output: Content,
    /// The roots `r0 || r1 || .. || rn` of all states.
    pub trace: Content,
    /// Metered units of all steps that ended without a trap.
    pub meter: u64,
}

impl Claim {
    /// The number `n` of the last state, if the trace has a whole number of roots and at least one.
    #[must_use]
    pub const fn steps(&self) -> Option<u64> {
        let root = Hash::BYTES as u64;
        if self.trace.size.is_multiple_of(root) {
            (self.trace.size / root).checked_sub(1)
        } else {
            None
        }
    }
}

/// What a computation may use. Part of the question: other bounds, other answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Bounds {
    /// Steps; a program that wants more traps in the last one.
    pub steps_max: u64,
    /// Metered units of all steps together; a program that uses more traps in the step that does.
    pub meter_max: u64,
    /// Metered units of one step; a step that uses more traps.
    pub meter_per_step: u64,
    /// Pages of 4 KiB that one step may read or write; more is the author's fault.
    pub pages_per_step: u32,
    /// Bytes of memory a program may declare as its maximum; one that declares more traps at once.
    pub memory_bytes: u64,
    /// Bytes of output; a larger one counts as none.
    pub output_bytes: u64,
}

impl Bounds {
    /// Whether every bound is within the machine's own limits and lets something happen.
    #[must_use]
    pub const fn are_valid(&self) -> bool {
        1 <= self.steps_max
            && self.steps_max <= limits::STEPS_MAX
            && 1 <= self.meter_max
            && self.meter_max <= limits::METER_MAX
            && 1 <= self.meter_per_step
            && self.meter_per_step <= limits::METER_PER_STEP_MAX
            && 1 <= self.pages_per_step
            && self.pages_per_step <= limits::PAGES_PER_STEP_MAX
            && self.memory_bytes <= limits::MEMORY_BYTES_MAX
            && self.output_bytes <= limits::CONTENT_BYTES_MAX
    }
}

impl Default for Bounds {
    /// What a network starts with: steps of about ten milliseconds, judged in about half a second.
    fn default() -> Self {
        Self {
            steps_max: 1 << 20,
            meter_max: limits::METER_MAX,
            meter_per_step: 200_000_000,
            pages_per_step: 1_024,
            memory_bytes: 256 << 20,
            output_bytes: 64 << 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(size: u64) -> Option<u64> {
        let trace = Content { size, ..Content::empty() };
        Claim { output: Content::empty(), trace, meter: 0 }.steps()
    }

    #[test]
    fn steps_follow_from_the_size_of_the_trace() {
        assert_eq!(
            [0, 31, 32, 33, 64, 96].map(steps),
            [None, None, Some(0), None, Some(1), Some(2)]
        );
    }

    #[test]
    fn the_default_is_valid_and_each_bound_is_checked() {
        let good = Bounds::default();
        assert!(good.are_valid());
        let bad = [
            Bounds { steps_max: 0, ..good },
            Bounds { steps_max: limits::STEPS_MAX + 1, ..good },
            Bounds { meter_max: 0, ..good },
            Bounds { meter_max: limits::METER_MAX + 1, ..good },
            Bounds { meter_per_step: 0, ..good },
            Bounds { meter_per_step: limits::METER_PER_STEP_MAX + 1, ..good },
            Bounds { pages_per_step: 0, ..good },
            Bounds { pages_per_step: limits::PAGES_PER_STEP_MAX + 1, ..good },
            Bounds { memory_bytes: limits::MEMORY_BYTES_MAX + 1, ..good },
            Bounds { output_bytes: limits::CONTENT_BYTES_MAX + 1, ..good },
        ];
        assert!(bad.iter().all(|bounds| !bounds.are_valid()));
    }
}
