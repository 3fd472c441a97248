//! Stakes: access, delegations, what operators' stakes carry, devices.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use protocol::{AccountId, DelegationView, DeviceId, UndelegationView};
use serde::Deserialize;

use super::request::{Both, Named, Parameters, page_size};
use super::routes::{AccountQuery, Answer, Backed, Routes};
use crate::backend::Backend;
use crate::problem::Problem;
use crate::wire::{AccessView, DeviceView, Page, StandingView};

/// The endpoints about stakes.
pub(super) fn routes<B: Backend>() -> Routes<B> {
    Router::new()
        .route("/v1/accounts/{account}/access", get(access::<B>))
        .route("/v1/accounts/{account}/delegations", get(delegations::<B>))
        .route("/v1/accounts/{account}/delegations/{operator}", get(delegation::<B>))
        .route("/v1/accounts/{account}/undelegations", get(undelegations::<B>))
        .route("/v1/operators/{account}/standing", get(standing::<B>))
        .route("/v1/operators/{account}/devices", get(devices::<B>))
}

async fn access<B: Backend>(
    State(shared): Backed<B>,
    Named(account): Named<AccountId>,
) -> Json<AccessView> {
    Json(shared.backend.access(account))
}

async fn delegations<B: Backend>(
    State(shared): Backed<B>,
    Named(account): Named<AccountId>,
    Parameters(query): Parameters<AccountQuery>,
) -> Answer<Page<DelegationView>> {
    Ok(Json(shared.backend.delegations(account, query.after, page_size(query.limit)?)))
}

async fn delegation<B: Backend>(
    State(shared): Backed<B>,
    Both(account, operator): Both<AccountId, AccountId>,
) -> Answer<DelegationView> {
    let found = shared.backend.delegation(account, operator);
    let missing = || Problem::not_found("delegation", format!("of {account} with {operator}"));
    found.map(Json).ok_or_else(missing)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UndelegationQuery {
    after: Option<String>,
    limit: Option<usize>,
}

async fn undelegations<B: Backend>(
    State(shared): Backed<B>,
    Named(account): Named<AccountId>,
    Parameters(query): Parameters<UndelegationQuery>,
) -> Answer<Page<UndelegationView>> {
    let after = query.after.map(|after| after.parse()).transpose().map_err(Problem::malformed)?;
    Ok(Json(shared.backend.undelegations(account, after, page_size(query.limit)?)))
}

async fn standing<B: Backend>(
    State(shared): Backed<B>,
    Named(account): Named<AccountId>,
) -> Answer<StandingView> {
    let found = shared.backend.standing(account);
    found.map(Json).ok_or_else(|| Problem::not_found("operator", account))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceQuery {
    after: Option<DeviceId>,
    limit: Option<usize>,
}

async fn devices<B: Backend>(
    State(shared): Backed<B>,
    Named(account): Named<AccountId>,
    Parameters(query): Parameters<DeviceQuery>,
) -> Answer<Page<DeviceView>> {
    Ok(Json(shared.backend.devices(account, query.after, page_size(query.limit)?)))
}
