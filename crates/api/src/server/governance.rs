//! The rules' numbers, how they change, the price, and what the rules would say to a transaction.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use protocol::{Class, ClassId};
use serde::Deserialize;

use super::request::{Named, Parameters, page_size, read_body};
use super::routes::{AccountQuery, Answer, Backed, Routes};
use crate::backend::Backend;
use crate::problem::Problem;
use crate::wire::{BallotView, Foresight, Page, ParameterView, PriceView, ProposalView};

/// The endpoints about the rules.
pub(super) fn routes<B: Backend>() -> Routes<B> {
    Router::new()
        .route("/v1/price", get(price::<B>))
        .route("/v1/parameters", get(parameters::<B>))
        .route("/v1/parameters/{name}", get(parameter::<B>))
        .route("/v1/classes", get(classes::<B>))
        .route("/v1/proposals", get(proposals::<B>))
        .route("/v1/proposals/{number}", get(proposal::<B>))
        .route("/v1/proposals/{number}/ballots", get(ballots::<B>))
}

/// What the rules would say. Beside the submissions, because it takes a body like them.
pub(super) async fn foresee<B: Backend>(
    State(shared): Backed<B>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Foresight> {
    let bytes = read_body(&headers, body).await?;
    shared.backend.foresee(&bytes).map(Json)
}

async fn price<B: Backend>(State(shared): Backed<B>) -> Json<PriceView> {
    Json(shared.backend.price())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParameterQuery {
    after: Option<String>,
    limit: Option<usize>,
}

async fn parameters<B: Backend>(
    State(shared): Backed<B>,
    Parameters(query): Parameters<ParameterQuery>,
) -> Answer<Page<ParameterView>> {
    Ok(Json(shared.backend.parameters(query.after.as_deref(), page_size(query.limit)?)))
}

async fn parameter<B: Backend>(
    State(shared): Backed<B>,
    Named(name): Named<String>,
) -> Answer<ParameterView> {
    let found = shared.backend.parameter(&name);
    let missing = || {
        let shown: String = name.chars().take(80).collect();
        Problem::not_found("parameter", shown).with_remedy("GET /v1/parameters lists all of them")
    };
    found.map(Json).ok_or_else(missing)
}

/// A page of what is numbered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberQuery<N> {
    after: Option<N>,
    limit: Option<usize>,
}

async fn classes<B: Backend>(
    State(shared): Backed<B>,
    Parameters(query): Parameters<NumberQuery<u16>>,
) -> Answer<Page<Class>> {
    Ok(Json(shared.backend.classes(query.after.map(ClassId), page_size(query.limit)?)))
}

async fn proposals<B: Backend>(
    State(shared): Backed<B>,
    Parameters(query): Parameters<NumberQuery<u64>>,
) -> Answer<Page<ProposalView>> {
    Ok(Json(shared.backend.proposals(query.after, page_size(query.limit)?)))
}

fn no_proposal(number: u64) -> Problem {
    Problem::not_found("open proposal", number)
        .with_remedy("check the number; what became of an ended proposal is told in its events")
}

async fn proposal<B: Backend>(
    State(shared): Backed<B>,
    Named(number): Named<u64>,
) -> Answer<ProposalView> {
    shared.backend.proposal(number).map(Json).ok_or_else(|| no_proposal(number))
}

async fn ballots<B: Backend>(
    State(shared): Backed<B>,
    Named(number): Named<u64>,
    Parameters(query): Parameters<AccountQuery>,
) -> Answer<Page<BallotView>> {
    shared.backend.proposal(number).ok_or_else(|| no_proposal(number))?;
    Ok(Json(shared.backend.ballots(number, query.after, page_size(query.limit)?)))
}
