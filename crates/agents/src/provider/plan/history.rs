//! Random lives of a provider: killed between any two things it does, on a machine that may compute
//! something else each time. Whatever happens, one question gets one answer.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use protocol::{ChainId, Hash, JobStatus, Parameters};
use wallet::answers::Duty;

use super::{Deed, Memory, Policy, plan};
use crate::answers::Answers;
use crate::attempt::Attempt;
use crate::testing::{claim, job_at, me, other, view};

/// Something that happens to the provider or around it.
#[derive(Clone, Debug)]
enum Moment {
    /// It looks, plans and does the first so many of its deeds; a run ends with this result.
    Work { deeds: usize, result: u8 },
    /// It is killed and started again.
    Crash,
    /// The ledger moves on to another stage, perhaps of another attempt, perhaps somebody else's.
    Ledger { stage: usize, attempt: u32, is_mine: bool },
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        5 => (0..4usize, 0..3u8).prop_map(|(deeds, result)| Moment::Work { deeds, result }),
        2 => Just(Moment::Crash),
        3 => (0..6usize, 1..3u32, prop::bool::weighted(0.8))
            .prop_map(|(stage, attempt, is_mine)| Moment::Ledger { stage, attempt, is_mine }),
    ]
}

const STAGES: [JobStatus; 6] = [
    JobStatus::Assigned,
    JobStatus::Assigned,
    JobStatus::Committed,
    JobStatus::Revealing,
    JobStatus::AuditRevealing,
    JobStatus::Window,
];

/// A provider's process, its disk, and everything it ever sent.
struct Life<'a> {
    path: &'a Path,
    answers: Answers,
    memory: Memory,
    committed: BTreeMap<Attempt, Hash>,
    revealed: BTreeMap<Attempt, Hash>,
    /// Commitments of one attempt that differed. None, if all is well.
    contradictions: Vec<Attempt>,
}

fn open(path: &Path) -> Answers {
    Answers::open(path, ChainId([8; 32]), me()).unwrap()
}

impl<'a> Life<'a> {
    fn begin(path: &'a Path) -> Self {
        let nothing = BTreeMap::new();
        Self {
            path,
            answers: open(path),
            memory: Memory::default(),
            committed: nothing.clone(),
            revealed: nothing,
            contradictions: Vec::new(),
        }
    }

    /// Everything in memory is lost; the disk stays. The file is closed before it is opened again.
    fn crash(self) -> Self {
        let Self { path, answers, committed, revealed, contradictions, .. } = self;
        drop(answers);
        Self { committed, revealed, contradictions, ..Self::begin(path) }
    }

    fn recall(&mut self, attempt: Attempt) {
        if let Some(answer) = self.answers.get(Duty::Result, attempt) {
            self.memory.answered.insert(attempt, answer.claim);
        }
    }

    fn perform(&mut self, deed: Deed, result: u8) {
        match deed {
            Deed::Run(attempt) => {
                if self.answers.give(Duty::Result, attempt, claim(result)).is_ok() {
                    self.recall(attempt);
                    self.memory.lost.remove(&attempt);
                }
            }
            Deed::Commit(attempt) => {
                let answer = self.answers.get(Duty::Result, attempt).unwrap();
                let first = *self.committed.entry(attempt).or_insert(answer.commitment);
                if first != answer.commitment {
                    self.contradictions.push(attempt);
                }
            }
            Deed::Reveal(attempt) => {
                let answer = self.answers.get(Duty::Result, attempt).unwrap();
                let opened =
                    protocol::seal(attempt.job, attempt.number, me(), answer.salt, &answer.claim);
                self.revealed.insert(attempt, opened);
            }
            Deed::Publish(attempt) => {
                // Now and then the kept copies turn out to be gone.
                let set =
                    if result == 0 { &mut self.memory.lost } else { &mut self.memory.published };
                set.insert(attempt);
            }
            Deed::Offer(_) | Deed::Unjail | Deed::DemandInput(..) | Deed::Answer(..) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_life_answers_one_question_twice(
        history in proptest::collection::vec(moment(), 1..40)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers");
        let mut life = Life::begin(&path);
        let mut job = job_at(JobStatus::Assigned, me());
        for moment in history {
            match moment {
                Moment::Crash => life = life.crash(),
                Moment::Ledger { stage, attempt, is_mine } => {
                    job = job_at(STAGES[stage], if is_mine { me() } else { other() });
                    job.job.attempts = attempt;
                }
                Moment::Work { deeds, result } => {
                    life.recall(Attempt { job: job.job.id, number: job.job.attempts });
                    let view = view(vec![job.clone()]);
                    let rules = Parameters::default();
                    let planned = plan(&view, &life.memory, &Policy::default(), &rules);
                    planned.into_iter().take(deeds).for_each(|deed| life.perform(deed, result));
                }
            }
        }
        prop_assert_eq!(&life.contradictions, &[]);
        for (attempt, opened) in &life.revealed {
            if let Some(commitment) = life.committed.get(attempt) {
                prop_assert_eq!(commitment, opened);
            }
        }
    }
}
