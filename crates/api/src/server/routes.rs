//! Every endpoint, as data and as code.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware, routing};
use protocol::{AccountId, Hash, JobId, ProgramId};
use serde::Deserialize;

use super::guard::{self, Lane};
use super::request::{Named, Parameters, mime, page_size, read_body, wait_time};
use super::{Shared, blocks, governance, staking, stream};
use crate::backend::{Backend, JobFilter};
use crate::cursor::Cursor;
use crate::limits;
use crate::problem::{Code, Problem};
use crate::wire::{
    AccountView, EventPage, GenesisView, JobExplanation, JobView, OperatorView, Page, ProgramView,
    Status, SupplyView, TransactionState,
};

/// One endpoint, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with `{}` around its variable part.
    pub path: &'static str,
    /// Parameters behind the question mark.
    pub query: &'static str,
    /// What it answers.
    pub answer: &'static str,
}

/// Every endpoint.
pub const ENDPOINTS: &[Endpoint] = &[
    endpoint("GET", "/", "", "this list, as plain text"),
    endpoint("GET", "/v1/status", "", "height, network time and the end of the event stream"),
    endpoint(
        "GET",
        "/v1/genesis",
        "",
        "what the chain started from: its id, parameters, assets, classes",
    ),
    endpoint(
        "POST",
        "/v1/transactions",
        "wait=final|none",
        "takes a signed transaction (borsh, application/octet-stream); answers with its receipt",
    ),
    endpoint(
        "POST",
        "/v1/transactions/foresee",
        "",
        "what would become of an unsigned transaction (borsh, application/octet-stream) if it were executed now",
    ),
    endpoint("GET", "/v1/transactions/{id}", "wait_ms=", "what became of a transaction"),
    endpoint(
        "GET",
        "/v1/events",
        "after=CURSOR&limit=&wait_ms=",
        "a page of events, waiting for the first if asked to",
    ),
    endpoint(
        "GET",
        "/v1/events/stream",
        "after=CURSOR",
        "server-sent events; resumes behind Last-Event-ID",
    ),
    endpoint("GET", "/v1/blocks/{height}", "", "a final block, without what is in it"),
    endpoint(
        "GET",
        "/v1/blocks/{height}/transactions",
        "after=&limit=",
        "the transactions of a final block, without their bodies",
    ),
    endpoint(
        "GET",
        "/v1/blocks/{height}/transactions/{index}",
        "",
        "the signed bytes of one of them (borsh)",
    ),
    endpoint("GET", "/v1/accounts/{account}", "", "balances and the next nonce of an account"),
    endpoint(
        "GET",
        "/v1/accounts/{account}/access",
        "",
        "an account's access stake: turns, credit, what is on its way out",
    ),
    endpoint(
        "GET",
        "/v1/accounts/{account}/delegations",
        "after=OPERATOR&limit=",
        "what an account has delegated: worth, what is due, what cannot leave and until when",
    ),
    endpoint(
        "GET",
        "/v1/accounts/{account}/delegations/{operator}",
        "",
        "what an account has delegated to one operator",
    ),
    endpoint(
        "GET",
        "/v1/accounts/{account}/undelegations",
        "after=OPERATOR-BUCKET&limit=",
        "what an account has undelegated and is not paid out yet",
    ),
    endpoint("GET", "/v1/operators", "after=&limit=", "all operators"),
    endpoint(
        "GET",
        "/v1/operators/{account}",
        "",
        "an operator: bond, duties, offers, exits, reliability",
    ),
    endpoint(
        "GET",
        "/v1/operators/{account}/standing",
        "",
        "its pool, commission, commitment, cover, seats, weights, uptime, capacity, accuracy",
    ),
    endpoint("GET", "/v1/operators/{account}/devices", "after=&limit=", "an operator's devices"),
    endpoint(
        "GET",
        "/v1/jobs",
        "account=&open=true|false&after=&limit=",
        "jobs; of one account: those it requested, runs or audits",
    ),
    endpoint("GET", "/v1/jobs/{job}", "", "a job with its demands for data"),
    endpoint(
        "GET",
        "/v1/jobs/{job}/explain",
        "",
        "why a job is where it is, and what would move it",
    ),
    endpoint(
        "GET",
        "/v1/jobs/{job}/proof",
        "",
        "a proof that the ledger has this record of the job, as bytes",
    ),
    endpoint("GET", "/v1/programs/{program}", "", "a program, without its module"),
    endpoint("GET", "/v1/programs/{program}/module", "", "the prepared module, as bytes"),
    endpoint("GET", "/v1/supply", "", "the supply equation of every asset"),
    endpoint(
        "GET",
        "/v1/price",
        "",
        "what a native token counts for, and whether jobs are assigned",
    ),
    endpoint(
        "GET",
        "/v1/parameters",
        "after=NAME&limit=",
        "the rules' parameters in force: value, unit, bounds, default, reason",
    ),
    endpoint("GET", "/v1/parameters/{name}", "", "one parameter"),
    endpoint("GET", "/v1/classes", "after=&limit=", "the resource classes in force"),
    endpoint(
        "GET",
        "/v1/proposals",
        "after=&limit=",
        "proposals that are voted on or wait for their time, with the weights",
    ),
    endpoint("GET", "/v1/proposals/{number}", "", "one of them"),
    endpoint("GET", "/v1/proposals/{number}/ballots", "after=&limit=", "who votes how on it"),
];

const fn endpoint(
    method: &'static str,
    path: &'static str,
    query: &'static str,
    answer: &'static str,
) -> Endpoint {
    Endpoint { method, path, query, answer }
}

/// The whole service.
pub(super) fn all<B: Backend>(shared: Arc<Shared<B>>, host_names: Arc<[String]>) -> Router {
    let lane =
        |requests, wait| middleware::from_fn_with_state(Lane::new(requests, wait), guard::admit);
    let reads = reads().merge(staking::routes()).merge(governance::routes());
    let reads = reads.layer(lane(limits::READS_MAX, Duration::ZERO));
    let blocks = blocks::routes().layer(lane(limits::BLOCKS_MAX, Duration::ZERO));
    let submissions = submissions().layer(lane(limits::SUBMISSIONS_MAX, limits::WAIT_MAX));
    let polls = polls().layer(lane(limits::POLLS_MAX, limits::WAIT_MAX));
    Router::new()
        .merge(reads)
        .merge(blocks)
        .merge(submissions)
        .merge(polls)
        .route("/v1/events/stream", get(event_stream::<B>))
        .fallback(no_endpoint)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(host_names, guard::host))
        .layer(middleware::from_fn(guard::headers))
        .with_state(shared)
}

/// Endpoints that ask a backend.
pub(super) type Routes<B> = Router<Arc<Shared<B>>>;

fn reads<B: Backend>() -> Routes<B> {
    Router::new()
        .route("/", get(index))
        .route("/v1/status", get(status::<B>))
        .route("/v1/genesis", get(genesis::<B>))
        .route("/v1/accounts/{account}", get(account::<B>))
        .route("/v1/operators", get(operators::<B>))
        .route("/v1/operators/{account}", get(operator::<B>))
        .route("/v1/jobs", get(jobs::<B>))
        .route("/v1/jobs/{job}", get(job::<B>))
        .route("/v1/jobs/{job}/explain", get(explain::<B>))
        .route("/v1/programs/{program}", get(program::<B>))
        .route("/v1/programs/{program}/module", get(module::<B>))
        .route("/v1/supply", get(supply::<B>))
}

fn submissions<B: Backend>() -> Routes<B> {
    Router::new()
        .route("/v1/transactions", routing::post(submit::<B>))
        .route("/v1/transactions/foresee", routing::post(governance::foresee::<B>))
}

fn polls<B: Backend>() -> Routes<B> {
    Router::new()
        .route("/v1/transactions/{id}", get(transaction::<B>))
        .route("/v1/events", get(events::<B>))
}

/// The backend, as a handler takes it.
pub(super) type Backed<B> = State<Arc<Shared<B>>>;
/// What a handler answers with.
pub(super) type Answer<T> = Result<Json<T>, Problem>;

async fn index() -> String {
    let mut text = String::from("Earnest API, version 1. Amounts are strings of base units.\n\n");
    for Endpoint { method, path, query, answer } in ENDPOINTS {
        let query = if query.is_empty() { Cow::Borrowed("") } else { format!("?{query}").into() };
        text.push_str(&format!("{method:<5}{path}{query}\n     {answer}\n"));
    }
    text
}

async fn no_endpoint() -> Problem {
    Problem::new(Code::NoEndpoint, "there is nothing at this path")
}

async fn wrong_method() -> Problem {
    Problem::new(Code::MethodNotAllowed, "this path does not take this method")
}

async fn status<B: Backend>(State(shared): Backed<B>) -> Json<Status> {
    Json(shared.backend.status())
}

async fn genesis<B: Backend>(State(shared): Backed<B>) -> Json<GenesisView> {
    Json(shared.backend.genesis())
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WaitFor {
    #[default]
    Final,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submission {
    #[serde(default)]
    wait: WaitFor,
}

async fn submit<B: Backend>(
    State(shared): Backed<B>,
    Parameters(Submission { wait }): Parameters<Submission>,
    headers: HeaderMap,
    body: Body,
) -> Answer<TransactionState> {
    let bytes = read_body(&headers, body).await?;
    let wait = match wait {
        WaitFor::Final => limits::WAIT_DEFAULT,
        WaitFor::None => Duration::ZERO,
    };
    shared.backend.submit(bytes, wait).await.map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patience {
    wait_ms: Option<u64>,
}

async fn transaction<B: Backend>(
    State(shared): Backed<B>,
    Named(id): Named<Hash>,
    Parameters(Patience { wait_ms }): Parameters<Patience>,
) -> Answer<TransactionState> {
    let wait = wait_time(wait_ms, Duration::ZERO);
    shared.backend.transaction(id, wait).await.map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    #[serde(default)]
    after: Cursor,
    limit: Option<usize>,
    wait_ms: Option<u64>,
}

async fn events<B: Backend>(
    State(shared): Backed<B>,
    Parameters(query): Parameters<EventQuery>,
) -> Answer<EventPage> {
    let wait = wait_time(query.wait_ms, Duration::ZERO);
    stream::poll(&shared, query.after, page_size(query.limit)?, wait).await.map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    #[serde(default)]
    after: Cursor,
}

async fn event_stream<B: Backend>(
    State(shared): Backed<B>,
    Parameters(StreamQuery { after }): Parameters<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = match headers.get("last-event-id").map(|id| id.to_str()) {
        None => after,
        Some(id) => id.unwrap_or_default().parse().map_err(Problem::malformed)?,
    };
    let room = Arc::clone(&shared.streams).try_acquire_owned().map_err(|_| guard::busy())?;
    Ok(stream::follow(shared, after, room))
}

async fn account<B: Backend>(
    State(shared): Backed<B>,
    Named(account): Named<AccountId>,
) -> Json<AccountView> {
    Json(shared.backend.account(account))
}

/// A page of what is named by account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountQuery {
    pub(super) after: Option<AccountId>,
    pub(super) limit: Option<usize>,
}

async fn operators<B: Backend>(
    State(shared): Backed<B>,
    Parameters(query): Parameters<AccountQuery>,
) -> Answer<Page<OperatorView>> {
    Ok(Json(shared.backend.operators(query.after, page_size(query.limit)?)))
}

async fn operator<B: Backend>(
    State(shared): Backed<B>,
    Named(account): Named<AccountId>,
) -> Answer<OperatorView> {
    let found = shared.backend.operator(account);
    found.map(Json).ok_or_else(|| Problem::not_found("operator", account))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JobQuery {
    account: Option<AccountId>,
    open: Option<bool>,
    after: Option<JobId>,
    limit: Option<usize>,
}

async fn jobs<B: Backend>(
    State(shared): Backed<B>,
    Parameters(query): Parameters<JobQuery>,
) -> Answer<Page<JobView>> {
    let filter = JobFilter { account: query.account, open: query.open };
    Ok(Json(shared.backend.jobs(&filter, query.after, page_size(query.limit)?)))
}

async fn job<B: Backend>(State(shared): Backed<B>, Named(job): Named<JobId>) -> Answer<JobView> {
    shared.backend.job(job).map(Json).ok_or_else(|| no_job(job))
}

pub(super) fn no_job(job: JobId) -> Problem {
    Problem::not_found("job", job)
        .with_remedy("check the id; jobs that ended long ago leave the state, their events stay")
}

async fn explain<B: Backend>(
    State(shared): Backed<B>,
    Named(job): Named<JobId>,
) -> Answer<JobExplanation> {
    shared.backend.explain(job).map(Json).ok_or_else(|| no_job(job))
}

async fn program<B: Backend>(
    State(shared): Backed<B>,
    Named(program): Named<ProgramId>,
) -> Answer<ProgramView> {
    let found = shared.backend.program(program);
    found.map(Json).ok_or_else(|| Problem::not_found("program", program))
}

async fn module<B: Backend>(
    State(shared): Backed<B>,
    Named(program): Named<ProgramId>,
) -> Result<Response, Problem> {
    let found = shared.backend.module(program);
    let module = found.ok_or_else(|| Problem::not_found("program", program))?;
    Ok(([(header::CONTENT_TYPE, mime::BYTES)], module).into_response())
}

async fn supply<B: Backend>(State(shared): Backed<B>) -> Json<Vec<SupplyView>> {
    Json(shared.backend.supply())
}
