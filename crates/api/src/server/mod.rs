//! The server: routes over a [`Backend`], behind the guards.

mod accept;
mod blocks;
mod governance;
mod guard;
mod request;
mod routes;
mod staking;
mod stream;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::backend::Backend;
use crate::limits;

pub use routes::{ENDPOINTS, Endpoint};

/// Where a server listens and which names it answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// The address to listen on. Port 0 takes any free one.
    pub address: SocketAddr,
    /// Host names that requests may carry, besides `localhost` and numeric addresses.
    pub host_names: Vec<String>,
}

impl ServerConfig {
    /// Listens on this machine only, on the given port.
    pub fn loopback(port: u16) -> Self {
        Self { address: SocketAddr::from(([127, 0, 0, 1], port)), host_names: Vec::new() }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody listens there.
    #[error(
        "the API address {0} is in use, probably by another node: stop it, or choose another port (0 takes any free one)"
    )]
    InUse(SocketAddr),
    /// The operating system refuses the address.
    #[error(
        "the API address {address} cannot be used: choose an address of this machine and a port above 1023"
    )]
    Refused {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
}

/// What all requests share.
struct Shared<B> {
    backend: Arc<B>,
    stop: watch::Receiver<bool>,
    streams: Arc<Semaphore>,
}

/// A running server. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts to serve. When this returns, requests are answered.
    ///
    /// # Errors
    ///
    /// The address is occupied or not ours.
    pub async fn start<B: Backend>(
        config: ServerConfig,
        backend: Arc<B>,
    ) -> Result<Self, BindError> {
        let asked = config.address;
        let refused = |source| BindError::Refused { address: asked, source };
        let listener = TcpListener::bind(asked).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse(asked),
            _ => refused(error),
        })?;
        let address = listener.local_addr().map_err(refused)?;
        let (stop, stopped) = watch::channel(false);
        let router = router(backend, config.host_names.into(), stopped.clone());
        let task = tokio::spawn(accept::serve(listener, router, stopped));
        Ok(Self { address, stop, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for clients, to be handed to [`crate::Client::new`].
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more requests, ends streams and long polls, lets the rest finish.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the server did not end well");
        }
    }
}

fn router<B: Backend>(
    backend: Arc<B>,
    host_names: Arc<[String]>,
    stop: watch::Receiver<bool>,
) -> Router {
    let streams = Arc::new(Semaphore::new(limits::STREAMS_MAX));
    routes::all(Arc::new(Shared { backend, stop, streams }), host_names)
}
