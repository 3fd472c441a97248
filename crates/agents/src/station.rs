//! What every agent needs to work: a node, a key, blobs, a machine, a folder of its own, a voice.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::wire::JobView;
use api::{Client, ClientError, Cursor};
use machine::worker::WorkerConfig;
use protocol::{Content, Parameters};
use tokio::task::JoinSet;
use wallet::Signer;

use crate::account::Account;
use crate::answers::{AnswerError, Answers};
use crate::attempt::Attempt;
use crate::blobs::{BlobError, Blobs};
use crate::demand::{self, Collected};
use crate::notice::{Notices, Role, Voice};
use crate::runner::{RunFailure, Runner};
use crate::stop::Stop;
use crate::view::View;

/// How long an agent waits for something to happen before it looks anyway.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// How long an agent waits after the node did not answer.
const NODE_PAUSE: Duration = Duration::from_millis(500);

/// How long an agent waits before it tries again to get what could not be had.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_millis(300);

/// How long an agent tries one transaction before it looks at the ledger again.
const SEND_PATIENCE: Duration = Duration::from_secs(15);

/// Name of the file of answers in an agent's folder.
const ANSWERS_FILE: &str = "answers";

/// Name of the folder of an agent's own blobs in its folder.
const KEPT_FOLDER: &str = "kept";

/// Name of the folder of a requester's own blobs: another agent of the same account may have the same folder, and clears
/// its own ones.
pub(crate) const REQUESTED_FOLDER: &str = "requested";

/// What an agent is given to work with.
#[derive(Clone)]
pub struct Station {
    /// The node.
    pub client: Client,
    /// The account it works for.
    pub signer: Arc<dyn Signer>,
    /// The blobs everybody shares.
    pub blobs: Blobs,
    /// The child processes that programs run in.
    pub worker: WorkerConfig,
    /// A folder of its own, for one agent at a time. Created if missing.
    pub folder: PathBuf,
    /// Where it says what it does.
    pub notices: Notices,
}

/// Why an agent cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The node does not answer.
    #[error("the node does not answer")]
    Node(#[from] ClientError),
    /// Its answers cannot be read.
    #[error("the agent's answers cannot be used")]
    Answers(#[from] AnswerError),
    /// Its folder cannot be used.
    #[error("the agent's folder cannot be used")]
    Folder(#[from] BlobError),
}

/// What an agent works with, once it is open.
pub(crate) struct Desk {
    pub(crate) account: Account,
    pub(crate) rules: Parameters,
    pub(crate) shared: Blobs,
    /// Its own copies, of which nobody else knows.
    pub(crate) kept: Blobs,
    pub(crate) answers: Answers,
    pub(crate) runner: Arc<Runner>,
    pub(crate) voice: Voice,
}

impl Desk {
    pub(crate) async fn open(station: &Station, role: Role) -> Result<Self, OpenError> {
        let Station { client, signer, blobs, worker, folder, notices } = station.clone();
        let rules = client.genesis().await?.genesis.parameters;
        let account = Account::connect(client.clone(), signer).await?;
        let kept = Blobs::folder(&folder.join(KEPT_FOLDER))?;
        let path = folder.join(ANSWERS_FILE);
        let answers = Answers::open(&path, account.chain(), account.id())?;
        let voice = notices.voice(role, account.id());
        let runner = Arc::new(Runner::new(client, blobs.clone(), kept.clone(), worker));
        let account = account.with_patience(SEND_PATIENCE);
        Ok(Self { account, rules, shared: blobs, kept, answers, runner, voice })
    }

    /// Removes its own copies of inputs that were in sight before and that no job in sight names any more.
    pub(crate) async fn discard_inputs(
        &self,
        before: &mut BTreeMap<Attempt, Content>,
        view: &View,
    ) {
        let in_sight = view.jobs.iter().filter_map(|found| {
            let (attempt, _) = Attempt::of(&found.job)?;
            Some((attempt, found.job.spec.input))
        });
        let now: BTreeMap<Attempt, Content> = in_sight.collect();
        let over = before.values().filter(|input| !now.values().any(|needed| needed == *input));
        for input in over {
            if let Err(error) = self.kept.remove(*input).await {
                self.voice.trouble("removing kept data", &error);
            }
        }
        *before = now;
    }

    /// Reads what was answered on the ledger to the demands of this account for the jobs in sight, and keeps an input
    /// that is whole. Gives the attempts about which there was something.
    pub(crate) async fn collect(
        &self,
        collected: &mut BTreeMap<Attempt, Collected>,
        view: &View,
    ) -> Vec<Attempt> {
        let mut news = Vec::new();
        for found in &view.jobs {
            let Some((attempt, _)) = Attempt::of(&found.job) else { continue };
            if demand::own(found, view.account).is_none() {
                continue;
            }
            let pages = collected.entry(attempt).or_default();
            match pages.collect(self.account.client(), found, view.account).await {
                Ok(true) => {
                    news.push(attempt);
                    self.keep_input(pages, found).await;
                }
                Ok(false) => {}
                Err(error) => self.voice.trouble(format!("collecting for {attempt}"), &error),
            }
        }
        news
    }

    async fn keep_input(&self, collected: &Collected, found: &JobView) {
        let Some(input) = collected.whole(&found.job.spec.input) else { return };
        if let Err(error) = self.kept.put(input).await {
            self.voice.trouble("keeping an input", &error);
        }
    }

    /// Waits until something happens on the ledger behind `seen`, or a while.
    pub(crate) async fn wait(&self, seen: Option<Cursor>, stop: &Stop) {
        let Some(seen) = seen else {
            stop.sleep(NODE_PAUSE).await;
            return;
        };
        let news = self.account.client().events(seen, 1, LOOK_PAUSE);
        let answered = tokio::select! {
            () = stop.stopped() => true,
            news = news => news.is_ok(),
        };
        if !answered {
            stop.sleep(NODE_PAUSE).await;
        }
    }
}

/// The next piece of work that is over. Never, while there is none.
pub(crate) async fn next_of<T: 'static>(works: &mut JoinSet<T>) -> T {
    match works.join_next().await {
        Some(Ok(done)) => done,
        Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        None => std::future::pending().await,
    }
}

/// A failure that is worth another try, after a pause: the next try follows at once.
pub(crate) async fn paused(failure: RunFailure, stop: &Stop) -> RunFailure {
    if failure.is_temporary() {
        stop.sleep(RETRY_PAUSE).await;
    }
    failure
}
