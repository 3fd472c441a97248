//! What parent and child say to each other.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::claim::Bounds;
use crate::computation::End;
use crate::engine::Failure;
use crate::hash::Hash;
use crate::tamper::Tamper;
use crate::track::Tracking;
use crate::witness::Wanted;

/// Bytes of a blob in one reply.
pub(super) const CHUNK_BYTES: usize = 1 << 20;

/// Roots in one reply at most.
pub(super) const ROOTS_MAX: usize = 4_096;

/// The one thing a parent says. The input follows it, as bare bytes.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
pub(super) struct Request {
    /// The prepared module.
    pub(super) program: Vec<u8>,
    pub(super) bounds: Bounds,
    pub(super) tracking: Tracking,
    pub(super) input_bytes: u64,
    pub(super) order: Order,
}

/// What is to be done.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
pub(crate) enum Order {
    /// Run to the end.
    Run { tampers: Vec<Tamper> },
    /// Run as far as needed and take evidence.
    Take(Wanted),
    /// Do nothing, and say how confined the child is.
    Report,
}

/// What a child says. Last comes exactly one of `Finished`, `Taken`, `Report` and `Failed`, and the first
/// two are followed by the bytes that they announce.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
pub(super) enum Reply {
    /// The next roots of the trace.
    Roots(Vec<Hash>),
    /// Steps done on the way to a state.
    Steps(u64),
    /// The computation ended; its output follows.
    Finished { end: End, meter: u64, corrupted: bool, output_bytes: u64 },
    /// Evidence was taken; it follows.
    Taken { witness_bytes: u64 },
    /// The next bytes of what was announced.
    Bytes(Vec<u8>),
    /// How confined this process is.
    Report(Confinement),
    /// It could not be done.
    Failed(Failure),
}

/// What a worker found when it tried what it must not be able to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Confinement {
    /// It could not open a file.
    pub no_files: bool,
    /// It could not make a socket.
    pub no_sockets: bool,
    /// It could not start a process.
    pub no_processes: bool,
    /// It could not signal its parent.
    pub no_signals: bool,
    /// It does not run as the superuser.
    pub no_superuser: bool,
    /// Changed pages are found by the kernel; otherwise by comparison, which is slower and as right.
    pub kernel_tracking: bool,
}

impl Confinement {
    /// Whether everything that confines a worker is in force.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.no_files
            && self.no_sockets
            && self.no_processes
            && self.no_signals
            && self.no_superuser
    }
}
