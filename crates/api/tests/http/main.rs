//! The server and the client against each other, over real sockets.

mod events;
mod json;
mod requests;
mod scripted;
