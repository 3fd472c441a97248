//! What every request passes before it is served: the host it names, room for it, its time limit.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::limits;
use crate::problem::{Code, Problem};

/// Room for one kind of request, shared by all connections.
pub(super) struct Lane {
    permits: Semaphore,
    time: Duration,
}

impl Lane {
    /// A lane for so many requests at once, of which each may wait so long on purpose.
    pub(super) fn new(requests: usize, wait: Duration) -> Arc<Self> {
        let permits = Semaphore::new(requests);
        Arc::new(Self { permits, time: wait + limits::REQUEST_TIMEOUT })
    }
}

/// Serves a request if its lane has room, and ends it when it takes too long.
pub(super) async fn admit(State(lane): State<Arc<Lane>>, request: Request, next: Next) -> Response {
    let Ok(_room) = lane.permits.try_acquire() else {
        return busy().into_response();
    };
    match tokio::time::timeout(lane.time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => late(lane.time).into_response(),
    }
}

/// The answer when there is no room.
pub(super) fn busy() -> Problem {
    Problem::new(Code::Busy, "the node serves as many requests of this kind as it can")
}

fn late(limit: Duration) -> Problem {
    let seconds = limit.as_secs();
    Problem::new(Code::TimedOut, format!("there was no answer within {seconds} seconds"))
}

/// Refuses requests that a page of another site sent here under a name of its own (DNS
/// rebinding): a numeric address cannot be rebound, and other names must be configured.
pub(super) async fn host(
    State(names): State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let named = host_of(request.headers());
    if !names.iter().any(|name| name.eq_ignore_ascii_case(&named)) && !is_local(&named) {
        let message = format!("this server does not answer for the host {named:?}");
        return Problem::new(Code::ForeignHost, message).into_response();
    }
    next.run(request).await
}

fn host_of(headers: &HeaderMap) -> String {
    let value = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let port = value.rfind(':').filter(|colon| value[*colon..].find(']').is_none());
    value[..port.unwrap_or(value.len())].to_owned()
}

fn is_local(host: &str) -> bool {
    let numeric = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || numeric.parse::<IpAddr>().is_ok()
}

/// Headers that every answer carries: nothing is guessed to be a page, nothing is cached.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use axum::{Router, middleware};
    use tokio::net::TcpListener;
    use tokio::sync::watch;

    use super::*;

    /// A server of one path whose answer takes so long; returns its address.
    async fn slow(lane: Lane, takes: Duration, stop: watch::Receiver<bool>) -> String {
        let guard = middleware::from_fn_with_state(Arc::new(lane), admit);
        let answer = move || async move { tokio::time::sleep(takes).await };
        let router = Router::new().route("/", get(answer)).layer(guard);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(super::super::accept::serve(listener, router, stop));
        format!("http://{address}")
    }

    #[tokio::test]
    async fn a_full_lane_sends_requests_away_and_room_comes_back() {
        let (_running, stop) = watch::channel(false);
        let lane = Lane { permits: Semaphore::new(1), time: Duration::from_secs(30) };
        let url = slow(lane, Duration::from_millis(300), stop).await;
        let first = tokio::spawn(reqwest::get(url.clone()));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(reqwest::get(&url).await.expect("answers").status(), 503);
        assert_eq!(first.await.expect("no panic").expect("answers").status(), 200);
        assert_eq!(reqwest::get(&url).await.expect("answers").status(), 200);
    }

    #[tokio::test]
    async fn a_late_answer_is_given_up() {
        let (_running, stop) = watch::channel(false);
        let lane = Lane { permits: Semaphore::new(1), time: Duration::from_millis(20) };
        let url = slow(lane, Duration::from_secs(30), stop).await;
        assert_eq!(reqwest::get(&url).await.expect("answers").status(), 504);
    }

    #[test]
    fn the_host_is_read_without_its_port() {
        for (value, host) in [
            ("localhost:80", "localhost"),
            ("127.0.0.1:8080", "127.0.0.1"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
            ("", ""),
        ] {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(value))]);
            assert_eq!(host_of(&headers), host);
        }
    }

    #[test]
    fn only_names_that_cannot_be_rebound_are_local() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "10.1.2.3", "[::1]", "::1"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example"] {
            assert!(!is_local(host), "{host}");
        }
    }
}
