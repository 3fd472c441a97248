//! Pages with the proof that a root commits to them.

use std::collections::BTreeMap;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::hash::Hash;
use crate::limits::PAGE_BYTES;
use crate::tree::{Node, Page, Shape, Tree, ZERO_PAGE, leaf, root_of};

/// Zeros inside a page that are worth a new run: a run's header takes as many bytes.
const RUN_GAP: usize = 4;

/// A page without its runs of zeros.
///
/// A sequence of runs, each two little-endian `u16` (zeros to skip, bytes that follow) and those bytes.
/// There is one encoding of each page: runs are split exactly where four or more zeros stand.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PackedPage(Vec<u8>);

impl fmt::Debug for PackedPage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PackedPage({} bytes)", self.0.len())
    }
}

impl PackedPage {
    /// Packs a page.
    #[must_use]
    pub fn pack(page: &Page) -> Self {
        let mut packed = Vec::new();
        let mut end = 0;
        while let Some((start, stop)) = next_run(page, end) {
            for length in [start - end, stop - start] {
                let length = u16::try_from(length).expect("a page has 4096 bytes");
                packed.extend_from_slice(&length.to_le_bytes());
            }
            packed.extend_from_slice(&page[start..stop]);
            end = stop;
        }
        Self(packed)
    }

    /// The page, if this is the one encoding of it.
    #[must_use]
    pub fn unpack(&self) -> Option<Page> {
        let mut page = ZERO_PAGE;
        let (mut place, mut rest) = (0usize, self.0.as_slice());
        while !rest.is_empty() {
            let (skip, after) = rest.split_first_chunk::<2>()?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let start = place.checked_add(usize::from(u16::from_le_bytes(*skip)))?;
            let length = usize::from(u16::from_le_bytes(*length));
            let end = start.checked_add(length)?;
            page.get_mut(start..end)?.copy_from_slice(after.get(..length)?);
            (place, rest) = (end, &after[length..]);
        }
        (Self::pack(&page) == *self).then_some(page)
    }
}

/// The next stretch from `from` on that starts and ends with a byte other than zero and holds no gap.
fn next_run(page: &Page, from: usize) -> Option<(usize, usize)> {
    let start = from + page[from..].iter().position(|byte| *byte != 0)?;
    let mut stop = start + 1;
    for (place, byte) in page.iter().enumerate().skip(start + 1) {
        if *byte != 0 {
            stop = place + 1;
        } else if place - stop + 1 >= RUN_GAP {
            break;
        }
    }
    Some((start, stop))
}

/// Some pages of a tree and the siblings that lead from them to its root.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Opening {
    /// Pages by index, ascending.
    pub pages: Vec<(u32, PackedPage)>,
    /// What [`root_of`] needs beside them.
    pub siblings: Vec<Hash>,
}

/// Pages by index.
pub type Pages = BTreeMap<u32, Box<Page>>;

impl Opening {
    /// Opens pages, ascending and distinct, of `bytes`, of which `tree` is the tree.
    #[must_use]
    pub fn new(tree: &Tree, shape: Shape, bytes: &[u8], pages: &[u32]) -> Self {
        let leaves: Vec<u64> = pages.iter().copied().map(u64::from).collect();
        let packed = pages.iter().map(|index| (*index, PackedPage::pack(&page_at(bytes, *index))));
        Self { pages: packed.collect(), siblings: tree.prove(shape, &leaves) }
    }

    /// The pages, if they are at most `pages_max`, well-formed and what `root` commits to.
    #[must_use]
    pub fn verify(&self, shape: Shape, root: &Hash, pages_max: usize) -> Option<Pages> {
        if self.pages.len() > pages_max {
            return None;
        }
        let unpacked =
            self.pages.iter().map(|(index, page)| Some((*index, Box::new(page.unpack()?))));
        let unpacked: Vec<(u32, Box<Page>)> = unpacked.collect::<Option<_>>()?;
        // The proof itself refuses repeated and unordered pages, so nothing is lost in the map.
        let proven = root_of(shape, leaves(&unpacked), &self.siblings)?;
        (proven == *root).then(|| unpacked.into_iter().collect())
    }
}

fn leaves(pages: &[(u32, Box<Page>)]) -> Vec<Node> {
    pages.iter().map(|(index, page)| (u64::from(*index), leaf(page))).collect()
}

/// The page of an index, padded with zeros, also beyond the end.
#[must_use]
pub fn page_at(bytes: &[u8], index: u32) -> Page {
    let start = (index as usize).saturating_mul(PAGE_BYTES).min(bytes.len());
    crate::tree::padded(&bytes[start..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sparse() -> impl Strategy<Value = Page> {
        let run = (0usize..PAGE_BYTES, proptest::collection::vec(any::<u8>(), 1..64));
        proptest::collection::vec(run, 0..20).prop_map(|runs| {
            let mut page = ZERO_PAGE;
            for (start, bytes) in runs {
                let end = (start + bytes.len()).min(PAGE_BYTES);
                page[start..end].copy_from_slice(&bytes[..end - start]);
            }
            page
        })
    }

    #[test]
    fn a_zero_page_takes_nothing() {
        assert_eq!(PackedPage::pack(&ZERO_PAGE), PackedPage(vec![]));
    }

    #[test]
    fn a_full_page_takes_four_bytes_more() {
        assert_eq!(PackedPage::pack(&[9; PAGE_BYTES]).0.len(), PAGE_BYTES + 4);
    }

    #[test]
    fn other_encodings_of_a_page_are_refused() {
        let split = PackedPage([&[0, 0, 1, 0, 5][..], &[0, 0, 1, 0, 6]].concat());
        let trailing = PackedPage(vec![0, 0, 2, 0, 5, 0]);
        let beyond = PackedPage(vec![255, 255, 1, 0, 5]);
        let short = PackedPage(vec![0, 0, 9, 0, 5]);
        for bad in [split, trailing, beyond, short, PackedPage(vec![1])] {
            assert_eq!(bad.unpack(), None, "{bad:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn packing_loses_nothing(page in sparse()) {
            prop_assert_eq!(PackedPage::pack(&page).unpack(), Some(page));
        }

        #[test]
        fn what_unpacks_is_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let packed = PackedPage(bytes);
            if let Some(page) = packed.unpack() {
                prop_assert_eq!(PackedPage::pack(&page), packed);
            }
        }

        #[test]
        fn an_opening_yields_its_pages(
            size in 1usize..60_000,
            chosen in proptest::collection::btree_set(0u32..14, 1..6),
        ) {
            let bytes: Vec<u8> = (0..size).map(|place| u8::try_from(place % 241).expect("it is small")).collect();
            let shape = Shape::content(size as u64);
            let pages: Vec<u32> = chosen.into_iter().filter(|page| u64::from(*page) < shape.present).collect();
            prop_assume!(!pages.is_empty());
            let tree = Tree::of_content(&bytes);
            let opening = Opening::new(&tree, shape, &bytes, &pages);
            let opened = opening.verify(shape, &tree.root(), 6).expect("it was just made");
            prop_assert_eq!(opened.keys().copied().collect::<Vec<_>>(), pages.clone());
            for (index, page) in opened {
                prop_assert_eq!(*page, page_at(&bytes, index));
            }
            prop_assert_eq!(opening.verify(shape, &tree.root(), pages.len() - 1), None);
            prop_assert_eq!(opening.verify(shape, &zero_root(), 6), None);
        }
    }

    fn zero_root() -> Hash {
        Hash([3; 32])
    }
}
