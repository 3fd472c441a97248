//! The event stream: pages by long poll, or server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::Shared;
use crate::backend::Backend;
use crate::cursor::Cursor;
use crate::limits;
use crate::problem::Problem;
use crate::wire::{EventPage, EventRecord};

/// Reads a page of events, waiting for the first one until `wait` has passed.
pub(super) async fn poll<B: Backend>(
    shared: &Shared<B>,
    after: Cursor,
    limit: usize,
    wait: Duration,
) -> Result<EventPage, Problem> {
    let deadline = Instant::now() + wait;
    let mut listener = Listener::new(shared);
    let mut from = after;
    loop {
        let page = shared.backend.events(from, limit).await?;
        let at_the_end = page.next == from;
        from = page.next;
        if !page.events.is_empty() || Instant::now() >= deadline {
            return Ok(page);
        }
        let news = tokio::time::timeout_at(deadline, listener.news());
        if at_the_end && !matches!(news.await, Ok(true)) {
            return Ok(page);
        }
    }
}

/// Wakes when there may be new events, and says when there will be none.
struct Listener {
    heads: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
}

impl Listener {
    fn new<B: Backend>(shared: &Shared<B>) -> Self {
        let mut heads = shared.backend.heads();
        // What is final by now is read by the first look, which comes after this.
        heads.mark_unchanged();
        Self { heads, stop: shared.stop.clone() }
    }

    /// Waits for another final block; false if the server stops.
    async fn news(&mut self) -> bool {
        tokio::select! {
            changed = self.heads.changed() => changed.is_ok(),
            _ = self.stop.changed() => false,
        }
    }
}

/// Answers with a stream of everything behind `after`, without end.
pub(super) fn follow<B: Backend>(
    shared: Arc<Shared<B>>,
    after: Cursor,
    room: OwnedSemaphorePermit,
) -> Response {
    let listener = Listener::new(&shared);
    let follower = Follower {
        shared,
        listener,
        next: after,
        ready: VecDeque::new(),
        done: false,
        _room: room,
    };
    let keep_alive = KeepAlive::new().interval(limits::STREAM_KEEP_ALIVE);
    Sse::new(follower.into_stream()).keep_alive(keep_alive).into_response()
}

struct Follower<B> {
    shared: Arc<Shared<B>>,
    listener: Listener,
    next: Cursor,
    ready: VecDeque<EventRecord>,
    done: bool,
    _room: OwnedSemaphorePermit,
}

impl<B: Backend> Follower<B> {
    fn into_stream(self) -> impl Stream<Item = Result<Sent, Infallible>> {
        stream::unfold(self, |mut follower| async move {
            let sent = follower.next_sent().await?;
            Some((Ok(sent), follower))
        })
    }

    async fn next_sent(&mut self) -> Option<Sent> {
        if self.done {
            return None;
        }
        match self.next_record().await {
            Ok(record) => Some(record_sent(&record?)),
            Err(problem) => {
                self.done = true;
                Some(problem_sent(&problem))
            }
        }
    }

    async fn next_record(&mut self) -> Result<Option<EventRecord>, Problem> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                return Ok(Some(record));
            }
            let page = self.shared.backend.events(self.next, limits::STREAM_BATCH).await?;
            let at_the_end = page.next == self.next;
            self.next = page.next;
            self.ready.extend(page.events);
            if at_the_end && !self.listener.news().await {
                return Ok(None);
            }
        }
    }
}

fn record_sent(record: &EventRecord) -> Sent {
    let data = serde_json::to_string(record).expect("records have string keys only");
    Sent::default().id(record.cursor.to_string()).data(data)
}

fn problem_sent(problem: &Problem) -> Sent {
    let data = serde_json::to_string(problem).expect("problems have string keys only");
    Sent::default().event("problem").data(data)
}
