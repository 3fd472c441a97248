//! Wire types, HTTP server, event stream and client.
