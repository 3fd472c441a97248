//! The one hash of this crate: BLAKE3, keyed by what is being hashed.
//!
//! Every use has its own [`Domain`], so that no leaf can pass for a node, no node for a state and no
//! state for a trap. A domain's key is `derive_key(name, "")`, computed once.

use std::fmt;
use std::sync::LazyLock;

use borsh::{BorshDeserialize, BorshSerialize};

/// A 32-byte BLAKE3 digest: of a page, of a subtree, of a state, of a program.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// How many bytes a hash has.
    pub const BYTES: usize = 32;

    /// The digest as bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hash({self})")
    }
}

/// What a hash is of. Two domains never share a digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Domain {
    /// A prepared module: the identity of a program.
    Program,
    /// One page of 4 KiB: a leaf of a tree.
    Leaf,
    /// Two children of a tree.
    Node,
    /// The header of a state between two steps.
    State,
    /// A computation that trapped, with the step at which it did.
    Trapped,
}

impl Domain {
    fn hasher(self) -> &'static blake3::Hasher {
        &HASHERS[self as usize]
    }

    /// Hashes `bytes` in this domain.
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> Hash {
        let mut hasher = self.hasher().clone();
        hasher.update(bytes);
        Hash(*hasher.finalize().as_bytes())
    }

    /// Hashes two digests, left before right, in this domain.
    #[must_use]
    pub fn hash_pair(self, left: &Hash, right: &Hash) -> Hash {
        let mut both = [0u8; 64];
        both[..32].copy_from_slice(&left.0);
        both[32..].copy_from_slice(&right.0);
        self.hash(&both)
    }
}

/// One keyed hasher per domain, in the order of the enum.
static HASHERS: LazyLock<[blake3::Hasher; 5]> = LazyLock::new(|| {
    [
        "earnest machine v1 program",
        "earnest machine v1 tree leaf",
        "earnest machine v1 tree node",
        "earnest machine v1 state",
        "earnest machine v1 trapped",
    ]
    .map(|name| blake3::Hasher::new_keyed(&blake3::derive_key(name, b"")))
});

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAINS: [Domain; 5] =
        [Domain::Program, Domain::Leaf, Domain::Node, Domain::State, Domain::Trapped];

    #[test]
    fn domains_never_share_a_digest() {
        let mut digests: Vec<Hash> = DOMAINS.iter().map(|domain| domain.hash(b"same")).collect();
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), DOMAINS.len());
    }

    #[test]
    fn a_pair_is_the_hash_of_both_in_order() {
        let (left, right) = (Hash([1; 32]), Hash([2; 32]));
        let joined = [left.0, right.0].concat();
        assert_eq!(Domain::Node.hash_pair(&left, &right), Domain::Node.hash(&joined));
        assert_ne!(Domain::Node.hash_pair(&left, &right), Domain::Node.hash_pair(&right, &left));
    }

    #[test]
    fn digests_are_pinned() {
        expect_test::expect!["4966041e7b213e7b7b6fafe3594159d338ad71b0f1a5f9fc7b4820bdb9a7f925"]
            .assert_eq(&Domain::Leaf.hash(&[0; 4096]).to_string());
    }
}
