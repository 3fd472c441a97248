//! One question, one answer: claims that were, or are about to be, committed to.
//!
//! The commitment to a claim leaves only after its salt and claim are on the disk. Whoever is killed in
//! between finds them there and sends the same commitment; whoever computed something else meanwhile is
//! told so and sends nothing.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use protocol::{AccountId, ChainId, Claim, Hash, seal};
use wallet::answers::{Answer, AnswerStore, AnswersError, Duty, Question};

use crate::attempt::Attempt;

/// Why no answer can be given.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The store cannot be used, or refuses.
    #[error(transparent)]
    Store(#[from] AnswersError),
    /// Another claim was committed to before. The program, the machine or the disk is not to be trusted.
    #[error("{attempt} was answered with another claim before; nothing is sent")]
    Contradiction {
        /// Of which attempt.
        attempt: Attempt,
    },
}

/// The answers one account has given on one chain, on disk.
#[derive(Debug)]
pub struct Answers {
    account: AccountId,
    store: Mutex<AnswerStore>,
}

impl Answers {
    /// Opens the answers of `account` on `chain`, creating the file if there is none.
    ///
    /// # Errors
    /// The file is another account's, damaged, or in use by another agent.
    pub fn open(path: &Path, chain: ChainId, account: AccountId) -> Result<Self, AnswerError> {
        let store = AnswerStore::open(path, chain, account)?;
        Ok(Self { account, store: Mutex::new(store) })
    }

    /// The answer given before, if any.
    #[must_use]
    pub fn get(&self, duty: Duty, attempt: Attempt) -> Option<Answer> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.get(&question(duty, attempt)).cloned()
    }

    /// Answers with `claim`, or confirms that this was the answer. When it returns, the answer is on disk
    /// and its commitment may leave.
    ///
    /// # Errors
    /// [`AnswerError::Contradiction`] if another claim was the answer; the disk's failure.
    pub fn give(&self, duty: Duty, attempt: Attempt, claim: Claim) -> Result<Answer, AnswerError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let question = question(duty, attempt);
        if let Some(given) = store.get(&question) {
            let same = given.claim == claim;
            return if same {
                Ok(given.clone())
            } else {
                Err(AnswerError::Contradiction { attempt })
            };
        }
        let answer = self.sealed(attempt, claim, Hash(rand::random()));
        store.record(question, answer.clone())?;
        Ok(answer)
    }

    fn sealed(&self, attempt: Attempt, claim: Claim, salt: Hash) -> Answer {
        let commitment = seal(attempt.job, attempt.number, self.account, salt, &claim);
        Answer { commitment, salt, claim }
    }
}

fn question(duty: Duty, attempt: Attempt) -> Question {
    Question { duty, job: attempt.job, attempt: attempt.number }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use protocol::{Content, JobId};

    use super::*;

    const ACCOUNT: AccountId = AccountId([7; 32]);
    const CHAIN: ChainId = ChainId([1; 32]);

    fn attempt(job: u8, number: u32) -> Attempt {
        Attempt { job: JobId([job; 32]), number }
    }

    fn claim(kind: u8) -> Claim {
        let content = |size| Content { root: Hash([kind; 32]), size };
        Claim { output: content(9), trace: content(64), meter: kind.into() }
    }

    #[test]
    fn an_answer_survives_and_the_same_claim_gets_the_same_salt() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers");
        let first = {
            let answers = Answers::open(&path, CHAIN, ACCOUNT).unwrap();
            assert_eq!(answers.get(Duty::Result, attempt(1, 1)), None);
            answers.give(Duty::Result, attempt(1, 1), claim(5)).unwrap()
        };
        let answers = Answers::open(&path, CHAIN, ACCOUNT).unwrap();
        assert_eq!(answers.get(Duty::Result, attempt(1, 1)), Some(first.clone()));
        assert_eq!(answers.give(Duty::Result, attempt(1, 1), claim(5)).unwrap(), first);
        let refused = answers.give(Duty::Result, attempt(1, 1), claim(6));
        assert!(matches!(refused, Err(AnswerError::Contradiction { .. })));
    }

    #[test]
    fn duties_attempts_and_jobs_are_questions_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let answers = Answers::open(&folder.path().join("a"), CHAIN, ACCOUNT).unwrap();
        let questions = [
            (Duty::Result, attempt(1, 1)),
            (Duty::Result, attempt(1, 2)),
            (Duty::Result, attempt(2, 1)),
            (Duty::Audit, attempt(1, 1)),
        ];
        for (kind, (duty, attempt)) in (0..).zip(questions) {
            answers.give(duty, attempt, claim(kind)).unwrap();
        }
        for (kind, (duty, attempt)) in (0..).zip(questions) {
            assert_eq!(answers.get(duty, attempt).unwrap().claim, claim(kind));
        }
    }

    #[test]
    fn the_commitment_is_the_one_the_rules_will_check() {
        let folder = tempfile::tempdir().unwrap();
        let answers = Answers::open(&folder.path().join("a"), CHAIN, ACCOUNT).unwrap();
        let answer = answers.give(Duty::Audit, attempt(3, 2), claim(1)).unwrap();
        let sealed = seal(JobId([3; 32]), 2, ACCOUNT, answer.salt, &answer.claim);
        assert_eq!(answer.commitment, sealed);
    }

    /// One moment in an agent's life.
    #[derive(Clone, Debug)]
    enum Moment {
        /// It computed this claim, whatever it computed before, and would commit to it.
        Answer { audit: bool, job: u8, number: u32, kind: u8 },
        /// It is killed and started again, the last bytes it wrote being half there.
        Crash { torn: usize },
    }

    fn moment() -> impl Strategy<Value = Moment> {
        let answer = (any::<bool>(), 0..3u8, 1..3u32, 0..3u8)
            .prop_map(|(audit, job, number, kind)| Moment::Answer { audit, job, number, kind });
        prop_oneof![3 => answer, 1 => (0..FRAME_BYTES).prop_map(|torn| Moment::Crash { torn })]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_history_with_crashes_commits_twice_to_one_question(
            history in proptest::collection::vec(moment(), 1..24)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("answers");
            let mut answers = Answers::open(&path, CHAIN, ACCOUNT).unwrap();
            let mut sent = BTreeMap::new();
            for moment in history {
                match moment {
                    Moment::Answer { audit, job, number, kind } => {
                        let duty = if audit { Duty::Audit } else { Duty::Result };
                        let attempt = attempt(job, number);
                        if let Ok(answer) = answers.give(duty, attempt, claim(kind)) {
                            let first = *sent.entry((duty, attempt)).or_insert(answer.commitment);
                            prop_assert_eq!(first, answer.commitment);
                        }
                    }
                    Moment::Crash { torn } => {
                        drop(answers);
                        tear(&path, torn);
                        answers = Answers::open(&path, CHAIN, ACCOUNT).unwrap();
                    }
                }
            }
        }
    }

    /// Bytes of one answer in the store: head, body and check.
    const FRAME_BYTES: usize = 8 + 189 + 32;

    /// Leaves the beginning of a next frame behind, as a crash in the middle of a write does.
    fn tear(path: &Path, torn: usize) {
        use std::io::Write;
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        let length = 189u32;
        let mut frame = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
        frame.resize(FRAME_BYTES, 9);
        file.write_all(&frame[..torn]).unwrap();
    }
}
