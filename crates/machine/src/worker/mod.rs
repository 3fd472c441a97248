//! The child process in which programs of strangers run.
//!
//! ```text
//!   parent                                   child (confined, see `confine`)
//!     | spawn: no environment, three pipes      |
//!     |---- request: module, bounds, order ---->|
//!     |---- input, bare bytes ----------------->| compile, place the input
//!     |<--- roots, roots, roots ----------------| step, commit
//!     |<--- finished, output bytes -------------|
//!     | kill, reap                              x
//! ```
//!
//! The parent trusts nothing that the child says: every frame, count and size is checked against what
//! was asked for, and standard error is kept only as far as a bound. The child has no file, no socket, no
//! other process and bounded memory and time; when it is late it is killed. One that lies about roots can
//! only make its owner's claim wrong.
//!
//! Any program can be the worker: it calls [`serve_if_requested`] first thing in `main`.

mod confine;
mod frame;
mod message;
mod parent;
mod serve;

use std::path::PathBuf;
use std::time::Duration;

pub use message::Confinement;
pub(crate) use message::Order;
pub use parent::RunError;
pub(crate) use parent::{Errand, Outcome};

use crate::track::Tracking;

/// The argument by which a process knows that it is to be a worker.
const MARKER: &str = "earnest-machine-worker-v1";

/// If this process was started as a worker, serves and never returns. To be called first in `main`.
pub fn serve_if_requested() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(MARKER) {
        return;
    }
    let mut number = || arguments.next().and_then(|argument| argument.parse().ok());
    match (number(), number()) {
        (Some(data_bytes), Some(cpu_seconds)) => {
            serve::serve(confine::Limits { data_bytes, cpu_seconds })
        }
        _ => std::process::exit(2),
    }
}

/// How to run a worker. None of it changes a result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkerConfig {
    /// An executable that calls [`serve_if_requested`].
    pub executable: PathBuf,
    /// How changed pages are found.
    pub tracking: Tracking,
    /// After how long a worker is killed.
    pub wall_max: Duration,
    /// Processor time after which the kernel kills a worker.
    pub cpu_max: Duration,
    /// Memory for compiling and everything else that is not the program's, in bytes.
    pub host_bytes_max: u64,
}

impl WorkerConfig {
    /// A worker that is this very executable, with an hour and 1 GiB.
    ///
    /// # Errors
    ///
    /// If the path of the executable cannot be found out.
    pub fn of_this_executable() -> std::io::Result<Self> {
        Ok(Self::of(std::env::current_exe()?))
    }

    /// A worker that is another executable, with an hour and 1 GiB.
    #[must_use]
    pub const fn of(executable: PathBuf) -> Self {
        Self {
            executable,
            tracking: Tracking::Auto,
            wall_max: Duration::from_hours(1),
            cpu_max: Duration::from_hours(1),
            host_bytes_max: 1 << 30,
        }
    }
}
