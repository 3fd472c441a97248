//! What concerns replicas, in plain numbers.

use protocol::{Action, Answer, Hash};

use super::{Call, Claimed, Resolver};
use crate::rules::sealed_output;

/// What a validator finds that runs a job itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in protocol::Answer")]
pub enum Found {
    Output(Claimed),
    Withheld,
    Undecidable,
}

impl Resolver<'_> {
    pub(super) fn replica_action(&self, call: &Call) -> Action {
        let output = |job, claimed| self.claim(job, claimed).output;
        match *call {
            Call::CommitReplica { job, claimed, salt } => {
                let (output, salt) = (output(job, claimed), Hash([salt; 32]));
                let commitment = sealed_output(self.job(job), self.sender, salt, &output);
                Action::CommitReplica { job: self.job(job), commitment }
            }
            Call::RevealReplica { job, claimed, salt } => {
                let (output, salt) = (output(job, claimed), Hash([salt; 32]));
                Action::RevealReplica { job: self.job(job), output, salt }
            }
            Call::RunReplicas { willing } => Action::RunReplicas { willing },
            Call::AppealJob { job } => Action::AppealJob { job: self.job(job) },
            Call::VoteAppeal { job, found } => {
                let answer = match found {
                    Found::Output(claimed) => Answer::Output(output(job, claimed)),
                    Found::Withheld => Answer::Withheld,
                    Found::Undecidable => Answer::Undecidable,
                };
                Action::VoteAppeal { job: self.job(job), answer }
            }
            _ => self.lease_action(call),
        }
    }
}
