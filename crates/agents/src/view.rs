//! What an agent knows of the ledger: the present, read anew each time.
//!
//! An agent never remembers where a job was. It reads where it *is*, so a restart, a missed event or an
//! outage needs no special case.

use api::wire::{JobView, OperatorView, Status};
use api::{Client, ClientError, Cursor, JobFilter};
use protocol::{AccountId, ChainId, Height, Job, JobId, Time};

/// Jobs an agent looks at in one round. More wait for the next rounds: those in sight end sooner or later.
pub const JOBS_MAX: usize = 2_000;

/// Jobs asked for in one request.
const PAGE_JOBS: usize = 100;

/// Whose jobs an agent looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those that its account requested, runs or audits.
    #[default]
    Own,
    /// Every job that is not over.
    Everybody,
}

/// The ledger as one account needs to see it, at one moment or a few blocks around it.
///
/// The parts are read one after the other, so a later part may be newer. Nothing depends on them being
/// of one block: whatever was read is final, and a deed that is no longer due is refused harmlessly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Whose view.
    pub account: AccountId,
    /// The chain.
    pub chain: ChainId,
    /// Height of the last final block.
    pub height: Height,
    /// Network time of that block, in milliseconds.
    pub now: Time,
    /// The end of the event stream when it was read: what happens behind it is news.
    pub cursor: Cursor,
    /// The account's record as an operator, if it is one.
    pub operator: Option<OperatorView>,
    /// The jobs in sight, with the demands for their data.
    pub jobs: Vec<JobView>,
}

impl View {
    /// Reads the ledger.
    ///
    /// # Errors
    /// The node does not answer, or not as a node does.
    pub async fn read(
        client: &Client,
        account: AccountId,
        scope: Scope,
    ) -> Result<Self, ClientError> {
        let Status { chain, height, time, cursor, .. } = client.status().await?;
        let operator = client.operator(account).await?;
        let account_filter = (scope == Scope::Own).then_some(account);
        let filter = JobFilter { account: account_filter, open: Some(true) };
        let jobs = read_jobs(client, &filter).await?;
        Ok(Self { account, chain, height, now: time, cursor, operator, jobs })
    }

    /// A job in sight.
    #[must_use]
    pub fn job(&self, job: JobId) -> Option<&JobView> {
        self.jobs.iter().find(|view| view.job.id == job)
    }

    /// Whether what the job waits for could still be in time in the next block.
    #[must_use]
    pub fn is_in_time(&self, job: &Job) -> bool {
        job.deadline.is_none_or(|deadline| self.now <= deadline)
    }
}

async fn read_jobs(client: &Client, filter: &JobFilter) -> Result<Vec<JobView>, ClientError> {
    let mut jobs = Vec::new();
    let mut after = None;
    while jobs.len() < JOBS_MAX {
        let page = client.jobs(filter, after.as_deref(), PAGE_JOBS).await?;
        jobs.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(jobs)
}
