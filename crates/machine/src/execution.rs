//! What a run yields.

use crate::claim::Claim;
use crate::computation::End;
use crate::content::{Content, ContentHasher};
use crate::hash::Hash;
use crate::trace;

/// A whole computation, with everything that a provider publishes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Execution {
    /// What the provider stands for.
    pub claim: Claim,
    /// The roots of all states, `r0` first.
    pub trace: Vec<Hash>,
    /// The output; empty after a trap.
    pub output: Vec<u8>,
    /// How it ended.
    pub end: End,
    /// Whether a [`Tamper`](crate::tamper::Tamper) changed anything. For the one who tampers: nothing
    /// that is published depends on it.
    pub corrupted: bool,
}

impl Execution {
    /// Puts together what a run yielded and derives the claim from it.
    pub(crate) fn new(
        trace: Vec<Hash>,
        output: Vec<u8>,
        end: End,
        meter: u64,
        corrupted: bool,
    ) -> Self {
        let mut hasher = ContentHasher::new();
        trace.iter().for_each(|root| hasher.update(&root.0));
        let claim = Claim { output: Content::of(&output), trace: hasher.finish(), meter };
        Self { claim, trace, output, end, corrupted }
    }

    /// The number of the last state.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        (self.trace.len() as u64).saturating_sub(1)
    }

    /// The trace as the blob that [`Claim::trace`] is the address of.
    #[must_use]
    pub fn trace_bytes(&self) -> Vec<u8> {
        trace::to_bytes(&self.trace)
    }
}
