//! How a provider behaves. All but one are dishonest, and exist to show what becomes of them.

mod answers_on_ledger_only;
mod silent;
mod withhold_data;
mod wrong_step;

use machine::tamper::Tamper;
use protocol::Job;

use super::plan::Deed;

pub use wrong_step::WrongStep;

/// How a provider behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Conduct {
    /// Does what was planned.
    #[default]
    Honest,
    /// Corrupts one step of a run and stands by the result.
    WrongStep(WrongStep),
    /// Takes jobs and never commits.
    Silent,
    /// Commits and reveals, publishes nothing and answers no demand.
    WithholdData,
    /// Corrupts one step, publishes nothing, and answers every demand on the ledger.
    AnswersOnLedgerOnly(WrongStep),
}

impl Conduct {
    /// What is done of what was planned.
    pub(super) fn amend(&self, deeds: Vec<Deed>) -> Vec<Deed> {
        match self {
            Self::Honest | Self::WrongStep(_) => deeds,
            Self::Silent => silent::amend(deeds),
            Self::WithholdData => withhold_data::amend(deeds),
            Self::AnswersOnLedgerOnly(_) => answers_on_ledger_only::amend(deeds),
        }
    }

    /// Whether whoever demands data finds them in the store afterwards.
    pub(super) const fn hands_out(&self) -> bool {
        !matches!(self, Self::AnswersOnLedgerOnly(_))
    }

    /// What is corrupted in a run of this job.
    pub(super) fn tampers(&self, job: &Job) -> Vec<Tamper> {
        match self {
            Self::WrongStep(wrong) | Self::AnswersOnLedgerOnly(wrong) => wrong.tampers(job),
            Self::Honest | Self::Silent | Self::WithholdData => Vec::new(),
        }
    }

    /// What was corrupted, in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::WrongStep(wrong) | Self::AnswersOnLedgerOnly(wrong) => wrong.describe(),
            Self::Honest | Self::Silent | Self::WithholdData => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use machine::tamper::{Edit, Place};

    use super::*;
    use crate::testing::{ATTEMPT, job_view, other};

    const EVERY: [Deed; 6] = [
        Deed::Unjail,
        Deed::Run(ATTEMPT),
        Deed::Commit(ATTEMPT),
        Deed::Publish(ATTEMPT),
        Deed::Reveal(ATTEMPT),
        Deed::Answer(ATTEMPT, other()),
    ];

    #[test]
    fn each_conduct_leaves_out_what_it_is_named_after() {
        let left = |conduct: Conduct| conduct.amend(EVERY.to_vec());
        let [unjail, run, commit, publish, reveal, answer] = EVERY;
        assert_eq!(left(Conduct::Honest), EVERY);
        assert_eq!(left(Conduct::Silent), [unjail, publish, reveal, answer]);
        assert_eq!(left(Conduct::WithholdData), [unjail, run, commit, reveal]);
        let wrong = WrongStep::new(1, Place::ChangedWord { index: 0 });
        let conduct = Conduct::AnswersOnLedgerOnly(wrong);
        assert!(Conduct::Honest.hands_out() && !conduct.hands_out());
        assert_eq!(left(conduct), [unjail, run, commit, reveal, answer]);
    }

    #[test]
    fn a_sign_is_flipped_in_the_programs_it_is_meant_for() {
        let job = job_view().job;
        let wrong = WrongStep::new(7, Place::ChangedWord { index: 3 });
        let [tamper] = &Conduct::WrongStep(wrong.clone()).tampers(&job)[..] else { panic!() };
        assert_eq!(tamper.after_step, 7);
        assert_eq!(tamper.edit, Edit::Xor(vec![0, 0, 0, 0x80]));
        let same = wrong.clone().only(job.spec.program);
        assert_eq!(same.tampers(&job).len(), 1);
        let other = wrong.only(protocol::ProgramId([77; 32]));
        assert_eq!(other.tampers(&job).len(), 0);
        assert!(Conduct::Honest.tampers(&job).is_empty());
    }
}
