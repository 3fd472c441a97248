//! Content addresses, and the claim a provider makes about a run.

use borsh::{BorshDeserialize, BorshSerialize};

use super::Hash;

/// Bytes in a page, the leaf of a content tree.
pub const PAGE_BYTES: u64 = 4_096;

/// Bytes of one state root in a trace.
pub const ROOT_BYTES: u64 = 32;

/// The address of any blob: the root of its Merkle tree over 4 KiB pages, and its length.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Content {
    /// Merkle root over the pages.
    pub root: Hash,
    /// Length in bytes.
    pub size: u64,
}

impl Content {
    /// Number of 4 KiB pages, the last one perhaps partly used.
    pub const fn pages(&self) -> u64 {
        self.size.div_ceil(PAGE_BYTES)
    }
}

/// What a provider (or an auditor) says a run produced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Claim {
    /// The output; empty after a trap.
    pub output: Content,
    /// The state roots r0..rn, 32 bytes each, published as content like any blob.
    pub trace: Content,
    /// Metered units used in total.
    pub meter: u64,
}

impl Claim {
    /// Number of steps, or `None` if the trace is not a whole number of roots or has none.
    pub const fn steps(&self) -> Option<u64> {
        if self.trace.size == 0 || !self.trace.size.is_multiple_of(ROOT_BYTES) {
            return None;
        }
        Some(self.trace.size / ROOT_BYTES - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_steps_count_at_the_edges() {
        let content = |size| Content { root: Hash::default(), size };
        for (size, pages) in
            [(0, 0), (1, 1), (4_095, 1), (4_096, 1), (4_097, 2), (u64::MAX, 1 << 52)]
        {
            assert_eq!(content(size).pages(), pages, "{size}");
        }
        let claim = |size| Claim { trace: content(size), ..Claim::default() };
        for (size, steps) in [(0, None), (31, None), (32, Some(0)), (33, None), (64, Some(1))] {
            assert_eq!(claim(size).steps(), steps, "{size}");
        }
    }
}
