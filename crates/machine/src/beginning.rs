//! The beginning of a blob that nobody hands out whole.
//!
//! Whoever has a result of its own needs no more of another one than the first page in which they differ: what
//! lies before it is its own, and the siblings of that page stand for what lies behind it.

use crate::content::Content;
use crate::hash::Hash;
use crate::limits::PAGE_BYTES;
use crate::opening::Opening;
use crate::tree::{Tree, leaf, padded};

/// The first pages of a blob, proven to be so, and what it takes to open them.
#[derive(Clone, Debug)]
pub struct Beginning {
    content: Content,
    bytes: Vec<u8>,
    tree: Tree,
}

impl Beginning {
    /// The beginning of `content` that is `before` and then `page`, without the padding if it is the last one.
    ///
    /// `siblings` are those of a proof of that page alone. None unless all of it together leads to the root of
    /// `content`, and `before` is a whole number of pages.
    #[must_use]
    pub fn new(content: Content, before: &[u8], page: &[u8], siblings: &[Hash]) -> Option<Self> {
        let rest = content.size.checked_sub(before.len() as u64)?;
        let used = rest.min(PAGE_BYTES as u64);
        if !before.len().is_multiple_of(PAGE_BYTES) || page.len() as u64 != used {
            return None;
        }
        let pages = before.chunks(PAGE_BYTES).chain([page]);
        let leaves: Vec<Hash> = pages.map(|page| leaf(&padded(page))).collect();
        let tree = Tree::beginning(content.shape(), &leaves, siblings)?;
        let bytes = [before, page].concat();
        (tree.root() == content.root).then_some(Self { content, bytes, tree })
    }

    /// Which blob's.
    #[must_use]
    pub const fn content(&self) -> Content {
        self.content
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Opens pages that are known, ascending and distinct, of the whole blob.
    #[must_use]
    pub(crate) fn open(&self, pages: &[u32]) -> Opening {
        Opening::new(&self.tree, self.content.shape(), &self.bytes, pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Shape;

    fn blob(size: usize) -> Vec<u8> {
        (1..=251).cycle().take(size).collect()
    }

    fn of(bytes: &[u8], index: usize) -> Option<Beginning> {
        let shape = Shape::content(bytes.len() as u64);
        let siblings = Tree::of_content(bytes).prove(shape, &[index as u64]);
        let (before, rest) = bytes.split_at(index * PAGE_BYTES);
        let page = &rest[..rest.len().min(PAGE_BYTES)];
        Beginning::new(Content::of(bytes), before, page, &siblings)
    }

    #[test]
    fn known_pages_open_the_whole_blob() {
        let bytes = blob(5 * PAGE_BYTES + 7);
        for last in 0..6u32 {
            let known = of(&bytes, last as usize).expect("true pages");
            for first in last.saturating_sub(1)..=last {
                let pages: Vec<u32> = (first..=last).collect();
                assert_eq!(known.open(&pages), Content::open(&bytes, &pages));
            }
        }
    }

    #[test]
    fn other_pages_and_lengths_are_no_beginning() {
        let bytes = blob(3 * PAGE_BYTES);
        let content = Content::of(&bytes);
        let siblings = Tree::of_content(&bytes).prove(content.shape(), &[1]);
        let (before, page) = (&bytes[..PAGE_BYTES], &bytes[PAGE_BYTES..2 * PAGE_BYTES]);
        assert!(Beginning::new(content, before, page, &siblings).is_some());
        assert!(Beginning::new(content, &before[1..], page, &siblings).is_none());
        assert!(Beginning::new(content, before, &page[1..], &siblings).is_none());
        assert!(Beginning::new(content, page, page, &siblings).is_none());
        assert!(Beginning::new(content, before, before, &siblings).is_none());
        let shorter = Content { size: 100, ..content };
        assert!(Beginning::new(shorter, before, page, &siblings).is_none());
        let huge = Content { size: u64::MAX, ..content };
        assert!(Beginning::new(huge, before, page, &siblings).is_none());
    }
}
