//! The address of every blob: inputs, outputs, traces.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::hash::{Domain, Hash};
use crate::limits::PAGE_BYTES;
use crate::opening::{Opening, Pages};
use crate::tree::{Shape, Tree, leaf, padded, zero};

/// A blob by what is in it: the root of the tree over its pages, and its size.
///
/// The last page is padded with zeros; the padding is implied, so one blob has one address and a root
/// over anything else cannot be opened at its end.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, BorshDeserialize,
)]
pub struct Content {
    /// Root of the tree of natural height over the pages.
    pub root: Hash,
    /// Bytes.
    pub size: u64,
}

impl Content {
    /// The address of a blob held in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = ContentHasher::new();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The address of nothing: no bytes, one page of zeros.
    #[must_use]
    pub fn empty() -> Self {
        Self { root: zero(0), size: 0 }
    }

    /// Whether these bytes are what is addressed.
    #[must_use]
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        self.size == bytes.len() as u64 && *self == Self::of(bytes)
    }

    /// The shape of the tree under the root.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        Shape::content(self.size)
    }

    /// How many pages there are; at least one.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        self.shape().present
    }

    /// Opens pages, ascending and distinct, of the blob `bytes`.
    #[must_use]
    pub fn open(bytes: &[u8], pages: &[u32]) -> Opening {
        let shape = Shape::content(bytes.len() as u64);
        Opening::new(&Tree::of_content(bytes), shape, bytes, pages)
    }

    /// The pages of an opening, if there are at most `pages_max` and this address commits to them.
    ///
    /// The last page must end in zeros behind the blob's end.
    #[must_use]
    pub fn check(&self, opening: &Opening, pages_max: usize) -> Option<Pages> {
        let pages = opening.verify(self.shape(), &self.root, pages_max)?;
        let padding = pages.iter().all(|(index, page)| {
            let start = u64::from(*index) * PAGE_BYTES as u64;
            let used = usize::try_from(self.size.saturating_sub(start)).unwrap_or(PAGE_BYTES);
            page[used.min(PAGE_BYTES)..].iter().all(|byte| *byte == 0)
        });
        padding.then_some(pages)
    }
}

/// The root of the tree over a blob's pages: [`Content::of`] without the size.
#[must_use]
pub fn content_root(bytes: &[u8]) -> Hash {
    Content::of(bytes).root
}

/// Computes an address from bytes that arrive piece by piece, holding one page and one path.
#[derive(Clone, Debug, Default)]
pub struct ContentHasher {
    size: u64,
    partial: Vec<u8>,
    /// Roots of complete subtrees with their heights, highest first, as a binary counter.
    path: Vec<(u32, Hash)>,
}

impl ContentHasher {
    /// A hasher that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = PAGE_BYTES - self.partial.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.partial.extend_from_slice(now);
            if self.partial.len() == PAGE_BYTES {
                self.end_page();
            }
            bytes = later;
        }
    }

    fn end_page(&mut self) {
        let mut carry = (0, leaf(&padded(&self.partial)));
        self.partial.clear();
        while let Some((height, left)) = self.path.last().copied()
            && height == carry.0
        {
            self.path.pop();
            carry = (height + 1, Domain::Node.hash_pair(&left, &carry.1));
        }
        self.path.push(carry);
    }

    /// The address of all bytes seen.
    #[must_use]
    pub fn finish(mut self) -> Content {
        if !self.partial.is_empty() || self.size == 0 {
            self.end_page();
        }
        let height = Shape::content(self.size).height;
        let (mut at, mut root) = self.path.pop().unwrap_or((0, zero(0)));
        while let Some((level, left)) = self.path.pop() {
            root = padded_to(root, at, level);
            root = Domain::Node.hash_pair(&left, &root);
            at = level + 1;
        }
        Content { root: padded_to(root, at, height), size: self.size }
    }
}

/// The subtree of height `to` that begins with one of height `from` and goes on with zeros.
fn padded_to(root: Hash, from: u32, to: u32) -> Hash {
    (from..to).fold(root, |root, level| Domain::Node.hash_pair(&root, &zero(level)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_has_the_address_of_one_zero_page() {
        assert_eq!(Content::of(&[]), Content::empty());
        assert_eq!(Content::of(&[0]).root, Content::empty().root);
        assert_ne!(Content::of(&[0]), Content::empty());
    }

    #[test]
    fn a_root_over_other_padding_opens_nowhere_near_it() {
        // Three pages, and a fourth that ought to be implied but is not zero.
        let mut bytes = vec![1u8; 3 * PAGE_BYTES];
        let honest = Content::of(&bytes);
        bytes.resize(4 * PAGE_BYTES, 1);
        let padded = Content { root: content_root(&bytes), size: honest.size };
        let opening = Content::open(&bytes, &[2]);
        assert_eq!(padded.check(&opening, 1), None);
        let trimmed = Opening { siblings: opening.siblings[1..].to_vec(), ..opening };
        assert_eq!(padded.check(&trimmed, 1), None);
    }

    #[test]
    fn a_last_page_with_a_tail_is_not_opened() {
        let long = vec![1u8; PAGE_BYTES];
        let short = Content { root: content_root(&long), size: 100 };
        assert_eq!(short.check(&Content::open(&long, &[0]), 1), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn streaming_gives_the_root_of_the_tree(
            size in 0usize..70_000,
            cuts in proptest::collection::vec(1usize..9_000, 1..20),
        ) {
            let bytes: Vec<u8> = (0..size).map(|place| u8::try_from(place % 253).expect("it is small")).collect();
            let mut hasher = ContentHasher::new();
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                hasher.update(now);
                rest = later;
            }
            let content = hasher.finish();
            prop_assert_eq!(content.root, Tree::of_content(&bytes).root());
            prop_assert!(content.is_of(&bytes));
        }
    }
}
