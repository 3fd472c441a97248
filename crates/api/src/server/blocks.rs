//! What is read from the disk: final blocks, the transactions in them, and proofs of what is recorded.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use protocol::{Height, JobId};
use serde::Deserialize;

use super::request::{Both, Named, Parameters, mime, page_size};
use super::routes::{Answer, Backed, Routes, no_job};
use crate::backend::Backend;
use crate::problem::Problem;
use crate::wire::{BlockView, Page, TransactionView};

/// The endpoints that read the disk.
pub(super) fn routes<B: Backend>() -> Routes<B> {
    Router::new()
        .route("/v1/blocks/{height}", get(block::<B>))
        .route("/v1/blocks/{height}/transactions", get(transactions::<B>))
        .route("/v1/blocks/{height}/transactions/{index}", get(signed_bytes::<B>))
        .route("/v1/jobs/{job}/proof", get(job_proof::<B>))
}

async fn block<B: Backend>(
    State(shared): Backed<B>,
    Named(height): Named<u64>,
) -> Answer<BlockView> {
    let found = shared.backend.block(Height(height)).await?;
    found.map(Json).ok_or_else(|| no_block(height))
}

fn no_block(height: u64) -> Problem {
    Problem::not_found("block", height)
        .with_remedy("the first block has height 1, the last one the height of GET /v1/status")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransactionQuery {
    after: Option<u64>,
    limit: Option<usize>,
}

async fn transactions<B: Backend>(
    State(shared): Backed<B>,
    Named(height): Named<u64>,
    Parameters(query): Parameters<TransactionQuery>,
) -> Answer<Page<TransactionView>> {
    let limit = page_size(query.limit)?;
    let found = shared.backend.transactions(Height(height), query.after, limit).await?;
    found.map(Json).ok_or_else(|| no_block(height))
}

async fn signed_bytes<B: Backend>(
    State(shared): Backed<B>,
    Both(height, index): Both<u64, u64>,
) -> Result<Response, Problem> {
    let found = shared.backend.signed_bytes(Height(height), index).await?;
    let missing = || Problem::not_found("transaction", format!("{index} of block {height}"));
    let bytes = found.ok_or_else(missing)?;
    Ok(([(header::CONTENT_TYPE, mime::BYTES)], bytes).into_response())
}

async fn job_proof<B: Backend>(
    State(shared): Backed<B>,
    Named(job): Named<JobId>,
) -> Result<Response, Problem> {
    let proof = shared.backend.job_proof(job).await?.ok_or_else(|| no_job(job))?;
    Ok(([(header::CONTENT_TYPE, mime::BYTES)], proof).into_response())
}
