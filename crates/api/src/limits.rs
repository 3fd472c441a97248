//! Every bound of the API, in one place. Nothing a peer sends allocates or waits beyond these.

use std::time::Duration;

/// Bytes of a request body. A transaction is the only body there is; the ledger has the last word
/// on how long one may be, and this is above it so that its own error is the one people read.
pub const BODY_BYTES_MAX: usize = 8 << 20;

/// Bytes of a body that is too long anyway which are still read and thrown away, so that a client
/// that only listens after it has sent everything reads the answer and not a broken connection.
pub const BODY_BYTES_DRAINED_MAX: usize = 32 << 20;

/// Bytes of the head of a request: its line and its headers. A longer one is answered with 431.
pub const HEAD_BYTES_MAX: usize = 16 << 10;

/// Headers of a request.
pub const HEADERS_MAX: usize = 64;

/// How long a request's head may take to arrive, and how long a kept connection may be idle.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a request may take in all, on top of the waiting it asked for.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections open at once. Further ones wait in the operating system's queue.
pub const CONNECTIONS_MAX: usize = 1_024;

/// Reads in work at once; further ones are told to come back.
pub const READS_MAX: usize = 256;

/// Submissions at once, each until its receipt. Apart from long polls, so that listeners never
/// keep a transaction out.
pub const SUBMISSIONS_MAX: usize = 256;

/// Blocks being read at once. Each is read whole, whatever part of it was asked for.
pub const BLOCKS_MAX: usize = 16;

/// Long polls at once.
pub const POLLS_MAX: usize = 384;

/// Event streams open at once.
pub const STREAMS_MAX: usize = 128;

/// The longest a request may wait for something to happen. Longer wishes are cut to this.
pub const WAIT_MAX: Duration = Duration::from_secs(30);

/// How long a submission waits for its receipt unless it says otherwise.
pub const WAIT_DEFAULT: Duration = Duration::from_secs(15);

/// Items of one page of a list. Larger wishes are refused, so that nobody mistakes a cut for an end.
pub const PAGE_ITEMS_MAX: usize = 1_000;

/// Items of one page of a list unless the request says otherwise.
pub const PAGE_ITEMS_DEFAULT: usize = 100;

/// Events that a stream reads from the ledger at a time.
pub const STREAM_BATCH: usize = 256;

/// How often an idle event stream sends a comment, so that a dead peer is noticed.
pub const STREAM_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a server that was told to stop waits for the requests in work.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of one response that a client reads before it gives up on the server.
pub const RESPONSE_BYTES_MAX: usize = 32 << 20;

/// Bytes of one event of a stream that a client reads before it gives up on the server.
pub const STREAM_EVENT_BYTES_MAX: usize = 1 << 20;

/// How long a client waits for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a client keeps an idle connection: less than [`HEAD_TIMEOUT`], so that it is the client
/// that closes it and no request is lost in between.
pub const IDLE_CONNECTION: Duration = Duration::from_secs(15);
