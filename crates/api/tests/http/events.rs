//! The event stream: long polls, server-sent events, resuming, limits, shutting down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::scripted::{Scripted, serve};
use api::{Client, Code, Cursor, limits};

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(20);

async fn heights(client: &Client, after: Cursor, limit: usize, wait: Duration) -> Vec<u64> {
    let page = client.events(after, limit, wait).await.expect("answers");
    page.events.iter().map(|record| record.cursor.height).collect()
}

#[tokio::test]
async fn pages_follow_each_other() {
    let backend = Scripted::new();
    let (server, client) = serve(&backend).await;
    (0..5).for_each(|_| backend.happen());
    let first = client.events(Cursor::default(), 2, Duration::ZERO).await.expect("answers");
    assert_eq!(first.events.len(), 2);
    assert_eq!(heights(&client, first.next, 10, Duration::ZERO).await, [3, 4, 5]);
    server.stop().await;
}

#[tokio::test]
async fn a_long_poll_ends_with_the_first_event_or_with_its_time() {
    let backend = Scripted::new();
    let (server, client) = serve(&backend).await;
    let began = Instant::now();
    assert!(heights(&client, Cursor::default(), 10, SHORT).await.is_empty());
    assert!(began.elapsed() >= SHORT);
    let waiting = tokio::spawn(async move {
        let began = Instant::now();
        (heights(&client, Cursor::default(), 10, LONG).await, began.elapsed())
    });
    tokio::time::sleep(SHORT).await;
    backend.happen();
    let (heights, took) = waiting.await.expect("no panic");
    assert_eq!(heights, [1]);
    assert!(took < LONG / 2, "{took:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_stream_gives_every_event_once_also_across_restarts() {
    let backend = Scripted::new();
    let (server, client) = serve(&backend).await;
    let mut stream = client.follow(Cursor::default());
    for height in 1..=3 {
        backend.happen();
        let record = stream.next().await.expect("answers").expect("goes on");
        assert_eq!(record.cursor.height, height);
    }
    let address = server.address();
    server.stop().await;
    assert_eq!(stream.next().await.expect("a clean end"), None);
    assert!(stream.next().await.expect_err("nobody there").is_temporary());
    backend.happen();
    let config = api::ServerConfig { address, host_names: Vec::new() };
    let server = api::Server::start(config, Arc::clone(&backend)).await.expect("free again");
    let record = stream.next().await.expect("answers").expect("goes on");
    assert_eq!(record.cursor.height, 4);
    assert_eq!(stream.cursor(), record.cursor);
    server.stop().await;
}

#[tokio::test]
async fn streams_are_limited_and_their_places_come_back() {
    let backend = Scripted::new();
    let (server, client) = serve(&backend).await;
    backend.happen();
    let mut streams = Vec::new();
    for _ in 0..limits::STREAMS_MAX {
        let mut stream = client.follow(Cursor::default());
        stream.next().await.expect("there is room");
        streams.push(stream);
    }
    let mut late = client.follow(Cursor::default());
    assert_eq!(late.next().await.expect_err("no room").code(), Some(Code::Busy));
    // Reading other things is not affected.
    assert!(client.status().await.is_ok());
    streams.clear();
    backend.happen();
    let until = Instant::now() + LONG;
    while late.next().await.is_err() {
        assert!(Instant::now() < until, "the places were never given back");
        tokio::time::sleep(SHORT).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn stopping_ends_polls_and_streams_at_once() {
    let backend = Scripted::new();
    let (server, client) = serve(&backend).await;
    let polling = client.clone();
    let poll = tokio::spawn(async move { heights(&polling, Cursor::default(), 1, LONG).await });
    let stream = tokio::spawn(async move { client.follow(Cursor::default()).next().await });
    tokio::time::sleep(SHORT * 2).await;
    let began = Instant::now();
    server.stop().await;
    assert!(began.elapsed() < limits::SHUTDOWN_TIMEOUT, "{:?}", began.elapsed());
    assert!(poll.await.expect("no panic").is_empty());
    assert_eq!(stream.await.expect("no panic").expect("a clean end"), None);
}
