//! The requester: publishes the input, submits the job, follows it to its end, and checks what it got.
//!
//! ```text
//!   program() --> input() --> submit() --> follow() ------------------------> fetch()
//!   registered    published   escrow paid    | answers demands for the input    output and receipt,
//!   if need be                               | demands an output withheld,      checked against the claim
//!                                            | and reads it from the ledger
//! ```
//!
//! Everything can be repeated. A program registered before, an input published before and a job followed
//! before are found as they are; only `submit` creates something each time it succeeds.

mod plan;
mod receipt;

use std::time::Duration;

use api::wire::JobView;
use api::{Client, ClientError};
use bytes::Bytes;
use machine::prepare::{PrepareError, prepare};
use protocol::{
    Action, Claim, Content, DataKind, EndReason, Job, JobId, JobSpec, JobStatus, Parameters,
    ProgramId, Time, job_id,
};

use crate::account::{Account, SendError};
use crate::attempt::Attempt;
use crate::blobs::{BlobError, Blobs};
use crate::demand::{self, CollectError, Pages};
use crate::notice::{News, Role, Voice};
use crate::station::{REQUESTED_FOLDER, Station};
use crate::stop::Stop;

pub use plan::{Deed, Memory, plan};
pub use receipt::{JobReceipt, ReceiptError};

/// The rules' code for a program that is registered already.
const PROGRAM_EXISTS: u16 = 402;

/// How long it waits for something to happen before it looks anyway.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The ledger cannot be read.
    #[error("the ledger cannot be read")]
    Ledger(#[from] ClientError),
    /// What was answered on the ledger cannot be read.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// A transaction was not executed.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The input or output cannot be stored or fetched.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The module is refused before it costs a fee.
    #[error("the module is refused")]
    Module(#[from] PrepareError),
    /// The ledger holds no such job: it never did, or retired it.
    #[error("job {0} is not on the ledger; ended jobs are retired after a while")]
    NoJob(JobId),
    /// The job has no result: it is not over, or ended without one.
    #[error("job {job} has no result: it is {status:?}")]
    NoResult {
        /// Which job.
        job: JobId,
        /// Where it is.
        status: JobStatus,
    },
    /// Told to stop before the job was over.
    #[error("stopped before job {0} was over; it goes on without anybody watching")]
    Stopped(JobId),
}

/// A requester at work.
pub struct Requester {
    account: Account,
    rules: Parameters,
    shared: Blobs,
    /// Its own copies: of inputs, to answer with when the shared store has lost them, and of outputs that nobody handed
    /// out.
    kept: Blobs,
    voice: Voice,
}

/// A result and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The output, checked against the final claim.
    pub output: Bytes,
    /// What shows later, offline, that this is the job's output.
    pub receipt: JobReceipt,
}

impl Requester {
    /// Opens a requester.
    ///
    /// # Errors
    /// The node does not answer, or its folder cannot be used.
    pub async fn open(station: &Station) -> Result<Self, RequestError> {
        let Station { client, signer, blobs: shared, folder, notices, .. } = station.clone();
        let rules = client.genesis().await?.genesis.parameters;
        let account = Account::connect(client, signer).await?;
        let kept = Blobs::folder(&folder.join(REQUESTED_FOLDER))?;
        let voice = notices.voice(Role::Requester, account.id());
        Ok(Self { account, rules, shared, kept, voice })
    }

    /// The account it sends from.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The name of the program built from `source`, which is registered unless it was.
    ///
    /// # Errors
    /// The module is refused, or the transaction is not executed.
    pub async fn program(&self, source: &[u8]) -> Result<ProgramId, RequestError> {
        let prepared = prepare(source)?;
        let program = ProgramId(prepared.id().0);
        if self.account.client().program(program).await?.is_none() {
            let action = Action::RegisterProgram { source: source.to_vec().into() };
            match self.account.send(action).await {
                Err(error) if error.rejection() == Some(PROGRAM_EXISTS) => {}
                sent => {
                    sent?;
                }
            }
        }
        self.voice.say(News::ProgramReady { program });
        Ok(program)
    }

    /// Publishes an input, keeps a copy, and gives its address.
    ///
    /// # Errors
    /// One of the stores does not take it.
    pub async fn input(&self, bytes: Bytes) -> Result<Content, RequestError> {
        self.kept.put(bytes.clone()).await?;
        Ok(self.shared.put(bytes).await?)
    }

    /// Submits a job and pays its maximum price into escrow.
    ///
    /// # Errors
    /// The transaction is not executed; if its fate is unknown, look at the account's jobs before
    /// submitting again.
    pub async fn submit(&self, spec: JobSpec) -> Result<JobId, RequestError> {
        let sent = self.account.send(Action::SubmitJob { spec }).await?;
        let job = job_id(self.account.chain(), self.account.id(), sent.nonce);
        self.voice.say(News::Submitted { job });
        Ok(job)
    }

    /// Follows a job until it is over: answers demands for its input, makes sure of its output while it can
    /// be demanded, and hands every change to `on_change`.
    ///
    /// # Errors
    /// The job is not on the ledger, or it was told to stop. A node that does not answer is waited for.
    pub async fn follow(
        &self,
        job: JobId,
        stop: &Stop,
        mut on_change: impl FnMut(&Job),
    ) -> Result<EndReason, RequestError> {
        let mut memory = Memory::default();
        let mut last: Option<Job> = None;
        while !stop.is_stopped() {
            let Some((found, now)) = self.look(job, stop).await? else { continue };
            if last.as_ref() != Some(&found.job) {
                self.tell(&found.job, last.as_ref());
                on_change(&found.job);
            }
            if let JobStatus::Ended(reason) = found.job.status {
                self.voice.say(News::Ended { job, reason });
                return Ok(reason);
            }
            if let Err(error) = self.collect(&found, &mut memory).await {
                self.voice.trouble(format!("collecting for job {job}"), &error);
            }
            for deed in plan(&found, self.account.id(), now, &memory, &self.rules) {
                self.perform(&found, deed, &mut memory).await;
            }
            last = Some(found.job);
            self.wait(stop).await;
        }
        Err(RequestError::Stopped(job))
    }

    /// The result of a job that ended well, checked.
    ///
    /// # Errors
    /// There is no result, or the output cannot be had or is not what was claimed.
    pub async fn fetch(&self, job: JobId) -> Result<Fetched, RequestError> {
        let (receipt, claim) = result(self.account.client(), job).await?;
        let output = self.shared.get_or(&self.kept, claim.output).await?;
        Ok(Fetched { output, receipt })
    }

    /// The job and the time; nothing if the node did not answer this time.
    async fn look(&self, job: JobId, stop: &Stop) -> Result<Option<(JobView, Time)>, RequestError> {
        let client = self.account.client();
        let read = async {
            let now = client.status().await?.time;
            Ok::<_, ClientError>((now, client.job(job).await?))
        };
        match read.await {
            Ok((now, Some(found))) => Ok(Some((found, now))),
            Ok((_, None)) => Err(RequestError::NoJob(job)),
            Err(error) if error.is_temporary() => {
                self.voice.trouble("reading the ledger", &error);
                stop.sleep(LOOK_PAUSE).await;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn wait(&self, stop: &Stop) {
        let client = self.account.client();
        let news = async {
            let cursor = client.status().await?.cursor;
            client.events(cursor, 1, LOOK_PAUSE).await
        };
        tokio::select! {
            () = stop.stopped() => {}
            news = news => if news.is_err() {
                stop.sleep(LOOK_PAUSE).await;
            },
        }
    }

    fn tell(&self, job: &Job, last: Option<&Job>) {
        let stage = |job: &Job| (job.status, job.attempts);
        if last.map(stage) != Some(stage(job)) {
            let Job { id, status, attempts, .. } = *job;
            self.voice.say(News::Stage { job: id, status, attempts });
        }
    }

    async fn perform(&self, found: &JobView, deed: Deed, memory: &mut Memory) {
        let done = match deed {
            Deed::AnswerInput(demander) => self.answer_input(found, demander).await,
            Deed::Secure(content) => self.secure(found, content, memory).await,
            Deed::DemandOutput(pages) => self.demand_output(found, pages).await,
        };
        if let Err(error) = done {
            self.voice.trouble(format!("{deed:?}"), &error);
        }
    }

    /// Answers on the ledger, and hands the input out once more: whoever demands it could not get it.
    async fn answer_input(
        &self,
        found: &JobView,
        demander: protocol::AccountId,
    ) -> Result<(), RequestError> {
        let Some(open) = found.demands.iter().find(|open| open.demander == demander) else {
            return Ok(());
        };
        let input = self.kept.get_or(&self.shared, found.job.spec.input).await?;
        self.shared.put(input.clone()).await?;
        let pages = demand::answer(&input, &open.demand);
        let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        let job = found.job.id;
        self.account.send(Action::AnswerDemand { job, demander, pages }).await?;
        let attempt = Attempt { job, number: found.job.attempts };
        self.voice.say(News::Answered { attempt, pages: count });
        Ok(())
    }

    /// Reads what was answered on the ledger. An output that is whole is kept, and handed out in the provider's stead.
    async fn collect(&self, found: &JobView, memory: &mut Memory) -> Result<(), RequestError> {
        let Some((attempt, assignment)) = Attempt::of(&found.job) else { return Ok(()) };
        let Some(output) = assignment.claim.map(|claim| claim.output) else { return Ok(()) };
        let collected = memory.collected.entry(attempt).or_default();
        collected.collect(self.account.client(), found, self.account.id()).await?;
        if !memory.secured.contains(&output)
            && let Some(bytes) = collected.whole(&output)
        {
            self.kept.put(bytes.clone()).await?;
            memory.secured.insert(output);
            self.shared.put(bytes).await?;
        }
        Ok(())
    }

    async fn secure(
        &self,
        found: &JobView,
        content: Content,
        memory: &mut Memory,
    ) -> Result<(), RequestError> {
        match self.shared.get_or(&self.kept, content).await {
            Ok(_) => {
                memory.secured.insert(content);
            }
            Err(error) if !error.is_unavailable() => return Err(error.into()),
            Err(_) if memory.missing.insert(content) => {
                let attempt = Attempt { job: found.job.id, number: found.job.attempts };
                self.voice.say(News::Unavailable { attempt, data: DataKind::Output });
            }
            Err(_) => {}
        }
        Ok(())
    }

    async fn demand_output(&self, found: &JobView, pages: Pages) -> Result<(), RequestError> {
        let (job, data) = (found.job.id, DataKind::Output);
        let (first_page, count) = (pages.first, pages.count);
        self.account.send(Action::DemandData { job, data, first_page, pages: count }).await?;
        let attempt = Attempt { job, number: found.job.attempts };
        self.voice.say(News::Demanded { attempt, data, first_page, pages: count });
        Ok(())
    }
}

/// The result of a job that ended well, checked. Needs no key.
///
/// # Errors
/// There is no result, or the output cannot be had or is not what was claimed.
pub async fn fetch(client: &Client, blobs: &Blobs, job: JobId) -> Result<Fetched, RequestError> {
    let (receipt, claim) = result(client, job).await?;
    let output = blobs.get(claim.output).await?;
    Ok(Fetched { output, receipt })
}

/// The claim that stood, and the receipt that holds it.
async fn result(client: &Client, job: JobId) -> Result<(JobReceipt, Claim), RequestError> {
    let chain = client.status().await?.chain;
    let found = client.job(job).await?.ok_or(RequestError::NoJob(job))?;
    let status = found.job.status;
    let proof = client.job_proof(job).await?.ok_or(RequestError::NoJob(job))?;
    let receipt = JobReceipt { chain, job: found.job, proof: proof.to_vec().into() };
    let claim = receipt.claim().ok_or(RequestError::NoResult { job, status })?;
    Ok((receipt, claim))
}
