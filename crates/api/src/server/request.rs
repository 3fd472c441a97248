//! Reading requests: every failure is a [`Problem`].

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde::de::DeserializeOwned;

use crate::limits;
use crate::problem::{Code, Problem};

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).expect("codes have valid statuses");
        (status, Json(self)).into_response()
    }
}

/// The parameters behind the question mark.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(value)| Self(value)).map_err(|error| Problem::malformed(error.body_text()))
    }
}

/// The one variable part of a path: the name of something.
pub(super) struct Named<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Named<T>
where
    T: FromStr<Err: fmt::Display>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = text.map_err(|error| Problem::malformed(error.body_text()))?;
        text.parse().map(Self).map_err(Problem::malformed)
    }
}

/// The two variable parts of a path: something, and something in it.
pub(super) struct Both<T, U>(pub(super) T, pub(super) U);

impl<T, U, S> FromRequestParts<S> for Both<T, U>
where
    T: FromStr<Err: fmt::Display>,
    U: FromStr<Err: fmt::Display>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let both = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((first, second)) = both.map_err(|error| Problem::malformed(error.body_text()))?;
        let first = first.parse().map_err(Problem::malformed)?;
        Ok(Self(first, second.parse().map_err(Problem::malformed)?))
    }
}

/// The body of a submission: bytes, declared as such, within the limit, in time.
pub(super) async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let declared = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    if declared != mime::BYTES.as_bytes() {
        let found = String::from_utf8_lossy(declared);
        let message = format!("a transaction is {}, not {found:?}", mime::BYTES);
        return Err(Problem::new(Code::UnsupportedMediaType, message));
    }
    let read = tokio::time::timeout(limits::REQUEST_TIMEOUT, collect(body)).await;
    read.unwrap_or_else(|_| {
        let seconds = limits::REQUEST_TIMEOUT.as_secs();
        Err(Problem::new(Code::TooSlow, format!("the body took longer than {seconds} seconds")))
    })
}

/// Media types of this API.
pub(crate) mod mime {
    /// Borsh and modules.
    pub(crate) const BYTES: &str = "application/octet-stream";
}

async fn collect(body: Body) -> Result<Bytes, Problem> {
    let mut collected = BytesMut::new();
    let mut length = 0_usize;
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk =
            chunk.map_err(|error| Problem::malformed(format!("the body broke off: {error}")))?;
        length = length.saturating_add(chunk.len());
        if length <= limits::BODY_BYTES_MAX {
            collected.extend_from_slice(&chunk);
        } else if length > limits::BODY_BYTES_DRAINED_MAX {
            break;
        }
    }
    if length > limits::BODY_BYTES_MAX {
        let message = format!("a body has at most {} bytes", limits::BODY_BYTES_MAX);
        return Err(Problem::new(Code::BodyTooLarge, message));
    }
    Ok(collected.freeze())
}

/// How many items a page is to have, within the limit.
pub(super) fn page_size(wished: Option<usize>) -> Result<usize, Problem> {
    match wished {
        None => Ok(limits::PAGE_ITEMS_DEFAULT),
        Some(items) if (1..=limits::PAGE_ITEMS_MAX).contains(&items) => Ok(items),
        Some(items) => Err(Problem::malformed(format!(
            "limit is {items}; a page has 1 to {} items",
            limits::PAGE_ITEMS_MAX
        ))),
    }
}

/// How long to wait, cut to the limit.
pub(super) fn wait_time(wished_ms: Option<u64>, otherwise: Duration) -> Duration {
    wished_ms.map_or(otherwise, Duration::from_millis).min(limits::WAIT_MAX)
}
