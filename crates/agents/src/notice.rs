//! What agents say about what they do, typed, for whoever shows it to people.

use std::time::Duration;

use bytes::Bytes;
use protocol::{
    AccountId, Accused, Amount, Claim, ClassId, DataKind, EndReason, Epoch, Hash, JobId, JobStatus,
    ProgramId,
};
use tokio::sync::broadcast;

use crate::attempt::Attempt;

/// Notices kept for a listener that does not keep up. It loses the oldest and is told how many.
const CAPACITY: usize = 4_096;

/// Which agent speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A provider.
    Provider,
    /// An auditor.
    Auditor,
    /// A requester.
    Requester,
}

/// Something an agent did, saw or could not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// In which role.
    pub role: Role,
    /// For which account.
    pub account: AccountId,
    /// What.
    pub news: News,
}

/// What there is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The agent works.
    Started,
    /// The agent has stopped and left nothing half done.
    Stopped,
    /// A standing offer was set; none left if there are no units.
    Offered {
        /// In which class.
        class: ClassId,
        /// Jobs at once.
        units: u32,
        /// Micro-dollars per 10^9 metered units.
        ask: Amount,
    },
    /// After too many failures the agent takes on nothing more.
    GaveUp {
        /// How many failures.
        failures: u64,
    },
    /// The account left jail.
    Unjailed,
    /// A validator showed that it is there.
    Attended {
        /// In which epoch.
        epoch: Epoch,
        /// In which part of it.
        session: u32,
    },
    /// A program is being run.
    Running {
        /// For which attempt.
        attempt: Attempt,
    },
    /// A program has come this far.
    Progress {
        /// For which attempt.
        attempt: Attempt,
        /// Steps done.
        steps: u64,
        /// Most steps the job allows.
        steps_max: u64,
    },
    /// A program has ended.
    Ran {
        /// For which attempt.
        attempt: Attempt,
        /// What it did.
        claim: Claim,
        /// How long it took.
        took: Duration,
    },
    /// A conduct changed one step of a run.
    Corrupted {
        /// Of which attempt.
        attempt: Attempt,
        /// What exactly.
        how: String,
    },
    /// A program could not be run.
    RunFailed {
        /// For which attempt.
        attempt: Attempt,
        /// Why.
        reason: String,
    },
    /// A sealed commitment is final.
    Committed {
        /// To which attempt.
        attempt: Attempt,
        /// The commitment.
        commitment: Hash,
    },
    /// A claim was opened.
    Revealed {
        /// Of which attempt.
        attempt: Attempt,
        /// The claim.
        claim: Claim,
    },
    /// Output and trace lie in the blob store.
    Published {
        /// Of which attempt.
        attempt: Attempt,
    },
    /// Data of a job cannot be had from the blob store.
    Unavailable {
        /// Of which attempt.
        attempt: Attempt,
        /// Which data.
        data: DataKind,
    },
    /// Data was demanded on the ledger.
    Demanded {
        /// Of which attempt.
        attempt: Attempt,
        /// Which data.
        data: DataKind,
        /// First page.
        first_page: u64,
        /// How many pages.
        pages: u32,
    },
    /// A demand was answered on the ledger.
    Answered {
        /// Of which attempt.
        attempt: Attempt,
        /// How many pages.
        pages: u32,
    },
    /// The agent's own run agrees with the revealed claim.
    Confirmed {
        /// Of which attempt.
        attempt: Attempt,
    },
    /// The agent's own run disagrees with a revealed claim.
    Disagreed {
        /// Of which attempt.
        attempt: Attempt,
        /// Whose claim.
        accused: Accused,
    },
    /// A fault was found, and the interpreter agrees that it is one.
    FaultFound {
        /// In which attempt.
        attempt: Attempt,
        /// Whose claim.
        accused: Accused,
        /// What kind of fault, and where.
        fault: String,
        /// Which step, if the proof is of a step.
        step: Option<u64>,
        /// The evidence, as it goes into the challenge.
        evidence: Bytes,
    },
    /// The challenge was accepted by the ledger.
    Challenged {
        /// Against which attempt.
        attempt: Attempt,
        /// Whose claim.
        accused: Accused,
    },
    /// A program can be named by jobs.
    ProgramReady {
        /// Its name.
        program: ProgramId,
    },
    /// A job was submitted.
    Submitted {
        /// Its name.
        job: JobId,
    },
    /// A job has reached another stage of its life.
    Stage {
        /// Which job.
        job: JobId,
        /// Where it is now.
        status: JobStatus,
        /// Attempts begun.
        attempts: u32,
    },
    /// A job is over.
    Ended {
        /// Which job.
        job: JobId,
        /// Why.
        reason: EndReason,
    },
    /// Something did not work and will be tried again.
    Trouble {
        /// What was being done.
        doing: String,
        /// Why it did not work, causes included.
        reason: String,
    },
}

/// Where agents say what they do. Cheap to clone; nobody has to listen.
#[derive(Clone, Debug)]
pub struct Notices(broadcast::Sender<Notice>);

impl Default for Notices {
    fn default() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }
}

impl Notices {
    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Notice> {
        self.0.subscribe()
    }

    /// The voice of one agent.
    #[must_use]
    pub fn voice(&self, role: Role, account: AccountId) -> Voice {
        Voice { notices: self.clone(), role, account }
    }
}

/// One agent's voice.
#[derive(Clone, Debug)]
pub struct Voice {
    notices: Notices,
    role: Role,
    account: AccountId,
}

impl Voice {
    /// Says something to whoever listens, and to the log.
    pub fn say(&self, news: News) {
        match &news {
            News::Trouble { doing, reason } => tracing::warn!(role = ?self.role, doing, reason),
            News::Progress { .. } => tracing::trace!(role = ?self.role, ?news),
            _ => tracing::info!(role = ?self.role, ?news),
        }
        // Nobody listening is no error.
        let _ = self.notices.0.send(Notice { role: self.role, account: self.account, news });
    }

    /// Says that something did not work, with all its causes.
    pub fn trouble(&self, doing: impl Into<String>, error: &dyn std::error::Error) {
        self.say(News::Trouble { doing: doing.into(), reason: causes(error) });
    }
}

/// An error and everything behind it, in one line.
#[must_use]
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    text
}
