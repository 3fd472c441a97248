//! Which pages of memory a step changed.
//!
//! Two ways, one answer. The kernel can mark written pages ([`uffd`]): it costs in proportion to what is
//! written. Where it cannot, a copy is kept and compared ([`shadow`]): portable, and in proportion to
//! the memory. Either may name a page that did not change; neither may miss one that did. Roots are
//! therefore equal, and only the time differs.

mod shadow;
mod uffd;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::engine::{Engine, Failure};

/// How changed pages are to be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, BorshSerialize, BorshDeserialize)]
pub enum Tracking {
    /// By the kernel if it can, else by comparison.
    #[default]
    Auto,
    /// By the kernel, or not at all.
    Kernel,
    /// By comparison with a copy.
    Shadow,
}

impl Tracking {
    /// Whether this kernel can mark written pages for this process; tried out, not guessed.
    #[must_use]
    pub fn kernel_is_able() -> bool {
        uffd::Userfault::probe()
    }
}

impl Tracking {
    /// Tries the kernel's way out and opens what it takes, for a process that will soon be unable to
    /// open anything. Says whether it will work then.
    pub(crate) fn keep_for_later() -> bool {
        Self::kernel_is_able() && uffd::keep_descriptors().is_ok()
    }
}

/// The `ioctl` requests that tracking makes once its descriptors are open.
pub(crate) const SYSTEM_CALLS: [u64; 2] = [uffd::UFFDIO_REGISTER, uffd::PAGEMAP_SCAN];

/// Finds changed pages, one way or the other.
pub(crate) enum Tracker {
    Shadow(shadow::Shadow),
    Kernel(uffd::Userfault),
}

impl Tracker {
    /// Starts to track the memory of an engine. The first answer names every page that is not zero.
    pub(crate) fn start(tracking: Tracking, engine: &impl Engine) -> Result<Self, Failure> {
        let shadow = || Ok(Self::Shadow(shadow::Shadow::default()));
        if tracking == Tracking::Shadow {
            return shadow();
        }
        let kernel = engine.fixed_place().ok_or_else(|| "memory may move".to_owned());
        let kernel = kernel.and_then(|(address, bytes)| uffd::Userfault::watch(address, bytes));
        match (kernel, tracking) {
            (Ok(kernel), _) => Ok(Self::Kernel(kernel)),
            (Err(_), Tracking::Auto) => shadow(),
            (Err(reason), _) => Err(Failure::Tracking(reason)),
        }
    }

    /// Pages that may have changed since the last call, ascending.
    pub(crate) fn changed(&mut self, memory: &[u8]) -> Result<Vec<u32>, Failure> {
        match self {
            Self::Shadow(shadow) => Ok(shadow.changed(memory)),
            Self::Kernel(kernel) => kernel.changed(memory.len()).map_err(Failure::Tracking),
        }
    }
}
