//! The typed client: what agents and the command line use.

mod error;
mod governance;
mod staking;
mod stream;

use std::fmt::Display;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use protocol::{AccountId, Hash, Height, JobId, ProgramId, SignedTransaction};
use reqwest::{Method, RequestBuilder, Response, Url, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::backend::JobFilter;
use crate::cursor::Cursor;
use crate::limits;
use crate::problem::Problem;
use crate::wire::{
    AccountView, BlockView, EventPage, GenesisView, JobExplanation, JobView, OperatorView, Page,
    ProgramView, Receipt, Status, SupplyView, TransactionState, TransactionView,
};

pub use error::ClientError;
pub use stream::EventStream;

/// A connection to a node. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    /// A client of the node at `url`, such as `http://127.0.0.1:7575`. Connects when first used.
    ///
    /// # Errors
    ///
    /// `url` is not an `http` address.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let invalid = || ClientError::InvalidAddress(url.to_owned());
        let base = Url::parse(url).map_err(|_| invalid())?;
        if base.scheme() != "http" || base.cannot_be_a_base() {
            return Err(invalid());
        }
        let http = reqwest::Client::builder()
            .connect_timeout(limits::CONNECT_TIMEOUT)
            .pool_idle_timeout(limits::IDLE_CONNECTION)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        let http = http.map_err(|source| ClientError::unreachable(&base, source))?;
        Ok(Self { http, base })
    }

    /// The address of the node.
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// How far the chain is.
    ///
    /// # Errors
    ///
    /// As for every request: see [`ClientError`].
    pub async fn status(&self) -> Result<Status, ClientError> {
        self.get("v1/status", &()).await
    }

    /// What the chain started from.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn genesis(&self) -> Result<GenesisView, ClientError> {
        self.get("v1/genesis", &()).await
    }

    /// Submits a transaction and waits until it is final or will never be. Rejection by the rules
    /// is a receipt, not an error. Submitting the same transaction again is harmless: after any
    /// error, do that to learn what became of it.
    ///
    /// # Errors
    ///
    /// It was not taken, was dropped, or the node does not answer: see [`ClientError`].
    pub async fn submit(&self, transaction: &SignedTransaction) -> Result<Receipt, ClientError> {
        let bytes = borsh::to_vec(transaction).expect("writing to memory does not fail");
        let mut state = self.submit_bytes(bytes.into(), true).await?;
        loop {
            match state {
                TransactionState::Final(receipt) => return Ok(receipt),
                TransactionState::Pending { id } => {
                    state = self.transaction(id, limits::WAIT_DEFAULT).await?;
                }
            }
        }
    }

    /// Submits the bytes of a signed transaction, whatever they are; waits for its receipt, a while,
    /// if `wait` says so.
    ///
    /// # Errors
    ///
    /// It was not taken or was dropped, or the node does not answer: see [`ClientError`].
    pub async fn submit_bytes(
        &self,
        transaction: Bytes,
        wait: bool,
    ) -> Result<TransactionState, ClientError> {
        let request = self
            .request(Method::POST, "v1/transactions")
            .query(&[("wait", if wait { "final" } else { "none" })])
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(transaction);
        self.json(request, limits::WAIT_DEFAULT).await
    }

    /// What became of the transaction of this name, waiting at most so long until it is final.
    ///
    /// # Errors
    ///
    /// It is unknown or was dropped, or the node does not answer: see [`ClientError`].
    pub async fn transaction(
        &self,
        id: Hash,
        wait: Duration,
    ) -> Result<TransactionState, ClientError> {
        let request = self.request(Method::GET, &format!("v1/transactions/{id}"));
        self.json(request.query(&[("wait_ms", milliseconds(wait))]), wait).await
    }

    /// A final block, if there is one at this height.
    ///
    /// # Errors
    ///
    /// It is no longer kept, or as for every request: see [`ClientError`].
    pub async fn block(&self, Height(height): Height) -> Result<Option<BlockView>, ClientError> {
        self.find("v1/blocks", height, "").await
    }

    /// At most `limit` transactions of a final block behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// As for [`Client::block`].
    pub async fn transactions(
        &self,
        Height(height): Height,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Option<Page<TransactionView>>, ClientError> {
        optional(self.page(&format!("v1/blocks/{height}/transactions"), after, limit).await)
    }

    /// The signed bytes of one transaction of a final block, if it has one at this place. Their hash is the
    /// transaction's name; what they say was checked when the block was made.
    ///
    /// # Errors
    ///
    /// As for [`Client::block`].
    pub async fn signed_bytes(
        &self,
        Height(height): Height,
        index: u64,
    ) -> Result<Option<Bytes>, ClientError> {
        let path = format!("v1/blocks/{height}/transactions/{index}");
        optional(self.bytes(self.request(Method::GET, &path), Duration::ZERO).await)
    }

    /// At most `limit` events from `after` on, waiting at most so long for the first one. The
    /// default cursor is the beginning; [`Status::cursor`] is the end.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn events(
        &self,
        after: Cursor,
        limit: usize,
        wait: Duration,
    ) -> Result<EventPage, ClientError> {
        let query = [
            ("after", after.to_string()),
            ("limit", limit.to_string()),
            ("wait_ms", milliseconds(wait).to_string()),
        ];
        self.json(self.request(Method::GET, "v1/events").query(&query), wait).await
    }

    /// The events from `after` on, without end. Connects when first read.
    pub fn follow(&self, after: Cursor) -> EventStream {
        EventStream::new(self.clone(), after)
    }

    /// Balances and the next nonce of an account.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn account(&self, account: AccountId) -> Result<AccountView, ClientError> {
        self.get(&format!("v1/accounts/{account}"), &()).await
    }

    /// At most `limit` operators behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn operators(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<OperatorView>, ClientError> {
        self.page("v1/operators", after, limit).await
    }

    /// One operator, if there is such a one.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn operator(&self, account: AccountId) -> Result<Option<OperatorView>, ClientError> {
        self.find("v1/operators", account, "").await
    }

    /// At most `limit` jobs behind `after`, a page's `next`.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn jobs(
        &self,
        filter: &JobFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<JobView>, ClientError> {
        let account = filter.account.map(|account| account.to_string());
        let open = filter.open.map(|open| open.to_string());
        let limit = Some(limit.to_string());
        let after = after.map(ToOwned::to_owned);
        let query = [("account", account), ("open", open), ("after", after), ("limit", limit)];
        self.get("v1/jobs", &query).await
    }

    /// Every job that matches, page by page.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn all_jobs(&self, filter: &JobFilter) -> Result<Vec<JobView>, ClientError> {
        let mut jobs = Vec::new();
        let mut after = None;
        loop {
            let page = self.jobs(filter, after.as_deref(), limits::PAGE_ITEMS_DEFAULT).await?;
            jobs.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(jobs);
            }
        }
    }

    /// One job, if the state holds it.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn job(&self, job: JobId) -> Result<Option<JobView>, ClientError> {
        self.find("v1/jobs", job, "").await
    }

    /// A proof that the ledger has its present record of a job, if the state holds the job. It is checked by whoever
    /// knows the network's validators.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn job_proof(&self, job: JobId) -> Result<Option<Bytes>, ClientError> {
        let request = self.request(Method::GET, &format!("v1/jobs/{job}/proof"));
        optional(self.bytes(request, Duration::ZERO).await)
    }

    /// Why a job is where it is, if the state holds it.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn explain(&self, job: JobId) -> Result<Option<JobExplanation>, ClientError> {
        self.find("v1/jobs", job, "/explain").await
    }

    /// One program, if it is registered.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn program(&self, program: ProgramId) -> Result<Option<ProgramView>, ClientError> {
        self.find("v1/programs", program, "").await
    }

    /// The prepared module of a program, if it is registered. Check that its hash is the program's
    /// name before trusting it.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn module(&self, program: ProgramId) -> Result<Option<Bytes>, ClientError> {
        let request = self.request(Method::GET, &format!("v1/programs/{program}/module"));
        optional(self.bytes(request, Duration::ZERO).await)
    }

    /// The supply equation of every asset.
    ///
    /// # Errors
    ///
    /// See [`ClientError`].
    pub async fn supply(&self) -> Result<Vec<SupplyView>, ClientError> {
        self.get("v1/supply", &()).await
    }

    async fn find<T: DeserializeOwned>(
        &self,
        folder: &str,
        name: impl Display,
        part: &str,
    ) -> Result<Option<T>, ClientError> {
        optional(self.get(&format!("{folder}/{name}{part}"), &()).await)
    }

    /// A page of a list.
    async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<T>, ClientError> {
        self.get(path, &[("after", after), ("limit", Some(&limit.to_string()))]).await
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &(impl Serialize + ?Sized),
    ) -> Result<T, ClientError> {
        self.json(self.request(Method::GET, path).query(query), Duration::ZERO).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(path);
        self.http.request(method, url)
    }

    async fn json<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        wait: Duration,
    ) -> Result<T, ClientError> {
        let bytes = self.bytes(request, wait).await?;
        serde_json::from_slice(&bytes).map_err(|source| ClientError::Unexpected { source })
    }

    async fn bytes(&self, request: RequestBuilder, wait: Duration) -> Result<Bytes, ClientError> {
        // The server's own limits come first, so that its words are what people read.
        let request = request.timeout(wait + limits::REQUEST_TIMEOUT * 2);
        let response = self.send(request).await?;
        let succeeded = response.status().is_success();
        let body = self.body(response).await?;
        if succeeded { Ok(body) } else { Err(refusal(&body)) }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        request.send().await.map_err(|source| ClientError::unreachable(&self.base, source))
    }

    async fn body(&self, mut response: Response) -> Result<Bytes, ClientError> {
        let mut body = BytesMut::new();
        let broken = |source| ClientError::unreachable(&self.base, source);
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > limits::RESPONSE_BYTES_MAX {
                return Err(ClientError::TooLong { limit: limits::RESPONSE_BYTES_MAX });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn refusal(body: &[u8]) -> ClientError {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => ClientError::Refused(problem),
        Err(source) => ClientError::Unexpected { source },
    }
}

fn optional<T>(found: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
