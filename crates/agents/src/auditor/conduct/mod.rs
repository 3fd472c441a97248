//! How an auditor behaves. All but one are dishonest, and exist to show what becomes of them.

pub(super) mod false_challenger;
mod lazy;

use protocol::{Claim, Job};

use super::plan::{Deed, Memory};
use crate::view::View;

/// How an auditor behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conduct {
    /// Does what was planned.
    #[default]
    Honest,
    /// Commits to results it never computed.
    Lazy,
    /// Challenges right results with mangled evidence.
    FalseChallenger,
}

impl Conduct {
    /// What is done of what was planned, and what beside it.
    pub(super) fn amend(self, view: &View, memory: &Memory, deeds: Vec<Deed>) -> Vec<Deed> {
        match self {
            Self::Honest => deeds,
            Self::Lazy => lazy::amend(deeds),
            Self::FalseChallenger => false_challenger::amend(view, memory, deeds),
        }
    }

    /// A result that takes no run, if that is how it comes by results.
    pub(super) fn invent(self, job: &Job) -> Option<Claim> {
        match self {
            Self::Lazy => Some(lazy::invent(job)),
            Self::Honest | Self::FalseChallenger => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::JobStatus;

    use super::*;
    use crate::testing::{ATTEMPT, claim, job_at, job_view, me, other, view};

    #[test]
    fn the_lazy_one_accuses_nobody_since_it_knows_nothing() {
        let every = vec![Deed::Run(ATTEMPT), Deed::Commit(ATTEMPT), Deed::Challenge(ATTEMPT)];
        let left = Conduct::Lazy.amend(&view(Vec::new()), &Memory::default(), every);
        assert_eq!(left, [Deed::Run(ATTEMPT), Deed::Commit(ATTEMPT)]);
    }

    #[test]
    fn an_invented_claim_is_possible_and_the_same_each_time() {
        let job = job_view().job;
        let invented = lazy::invent(&job);
        assert_eq!(invented, lazy::invent(&job));
        assert!(invented.steps().unwrap() <= job.spec.steps_max);
        assert!(invented.meter <= job.spec.meter_max);
        assert_eq!(Conduct::Honest.invent(&job), None);
    }

    #[test]
    fn the_false_challenger_accuses_what_it_knows_to_be_right() {
        let planned = |status, result, provider| {
            let view = view(vec![job_at(status, provider)]);
            let results = [(ATTEMPT, claim(result))].into();
            let memory = Memory { results, ..Memory::default() };
            Conduct::FalseChallenger.amend(&view, &memory, Vec::new())
        };
        assert_eq!(planned(JobStatus::Window, 1, other()), [Deed::Challenge(ATTEMPT)]);
        assert_eq!(planned(JobStatus::Window, 2, other()), []);
        assert_eq!(planned(JobStatus::Window, 1, me()), []);
        assert_eq!(planned(JobStatus::AuditRevealing, 1, other()), []);
    }
}
