//! Counts, bounds, prices and names: the pure formulas.

use crate::jobs::{Job, JobKind, JobSpec};
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, Content, Hash, JobId};
use crate::rejection::{Bound, Rejection};

/// How many of so many replicas have to agree: more than half.
pub const fn quorum(replicas: u32) -> u32 {
    replicas / 2 + 1
}

/// How many replicas a job may come to: `n`, and `2n + 1` after they did not agree.
pub const fn replicas_in_all(replicas: u32) -> u32 {
    replicas.saturating_mul(2).saturating_add(1)
}

/// The most that one replica may be paid: the job's maximum has room for all that may be drawn. Rounded down.
pub fn replica_price_max(spec: &JobSpec) -> Amount {
    let replicas = spec.kind.replicas().unwrap_or_default();
    spec.price_max.scaled_floor(1, replicas_in_all(replicas).into())
}

/// The bond of an appeal: a share of the job's maximum price, rounded up, at least the minimum.
pub fn appeal_bond(parameters: &Parameters, spec: &JobSpec) -> Amount {
    spec.price_max.portion_ceil(parameters.appeal_bond).max(parameters.appeal_bond_min)
}

/// The sealed commitment of `provider` to an output of a replicated job. Who copies it cannot open it.
pub fn seal_output(job: JobId, provider: AccountId, salt: Hash, output: &Content) -> Hash {
    Hash::of("earnest replica commitment v1", &(job, provider, salt, output))
}

/// How many replicas the present round seeks; none for a proven job.
pub(crate) fn needed(job: &Job) -> u32 {
    let replicas = job.spec.kind.replicas().unwrap_or_default();
    let more = replicas_in_all(replicas).saturating_sub(replicas);
    if job.attempts == 0 { replicas } else { more }
}

impl Job {
    /// What a turn of it counts for: its bound of metered units, for each of the replicas it seeks.
    pub(crate) fn work(&self) -> u64 {
        self.spec.meter_max.saturating_mul(needed(self).max(1).into())
    }
}

/// Refuses replicated jobs outside the bounds, and what no comparison can give.
pub(crate) fn check_kind(parameters: &Parameters, spec: &JobSpec) -> Result<(), Rejection> {
    let JobKind::Replicated { replicas } = spec.kind else { return Ok(()) };
    let count = |number: u32| Amount::new(number.into());
    let (least, most) = (count(parameters.replicas_min), count(parameters.replicas_max));
    Bound::Replicas.check(count(replicas), least, most)?;
    let all = replicas_in_all(replicas);
    let least = parameters.price_min.scaled_ceil(all.into(), 1);
    Bound::Price.check(spec.price_max, least, Amount::SUPPLY_MAX)?;
    if spec.insured.is_zero() { Ok(()) } else { Err(Rejection::NotInsurable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_is_more_than_half_and_two_never_fit() {
        for replicas in 1..=63 {
            let quorum = quorum(replicas);
            assert!(2 * quorum > replicas && 2 * (quorum - 1) <= replicas, "{replicas}");
        }
    }

    /// After the escalation the newcomers alone are a quorum, and the first round alone never is.
    #[test]
    fn the_newcomers_can_outvote_the_first_round() {
        for replicas in 1..=31 {
            let quorum = quorum(replicas_in_all(replicas));
            assert_eq!(quorum, replicas + 1);
        }
    }
}
