//! The HTTP interface of a node: wire types, server, event stream and client.
//!
//! Reads are public; the only way to write is a signed transaction, so no server holds a user's
//! key. JSON under `/v1`, except where bytes are bytes; amounts are strings. The types of the
//! protocol travel in the protocol's own JSON form, [`wire`] adds what only the wire needs.
//!
//! ```text
//!  agents, command line                                   node
//!  +--------+   HTTP on loopback   +--------------------------------+
//!  | Client | -------------------> | connections -> guards -> routes| -> Backend (trait)
//!  +--------+   JSON, SSE          +--------------------------------+
//! ```
//!
//! # What it must never know
//!
//! A rule. Whatever needs one is asked of the [`Backend`], which asks the protocol.
//!
//! # Invariants
//!
//! * Every answer that is not a success is a [`Problem`]: a stable code, what is wrong, what to do.
//! * Everything a peer can make the server hold or wait for is bounded by a constant in [`limits`];
//!   what exceeds one is refused with the code that says so.
//! * Submitting the same bytes again is harmless, so every request can be repeated.
//! * Answers speak of final blocks only; nothing in them is ever taken back.
//! * The event stream is the same for everybody, and [`Cursor`]s into it stay valid across
//!   restarts.

mod backend;
mod client;
mod cursor;
pub mod limits;
mod problem;
mod server;
pub mod wire;

pub use backend::{Backend, JobFilter};
pub use client::{Client, ClientError, EventStream};
pub use cursor::{Cursor, InvalidCursor};
pub use problem::{Code, Problem};
pub use server::{BindError, ENDPOINTS, Endpoint, Server, ServerConfig};
