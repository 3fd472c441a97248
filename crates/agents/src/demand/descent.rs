//! Finding the first page in which a withheld result differs from one's own, with few demands.
//!
//! ```text
//!                     root: differs                    a page comes with its path, and the path shows both
//!                    /              \                  children of every node above the page. Whoever has a
//!            left: differs?      right: else           tree of its own sees in which child the first
//!            /       \            /       \            difference is, and asks for pages below that one.
//!         ...         page | page         ...
//!                     asked for
//! ```
//!
//! The two pages on both sides of the middle of a subtree decide two levels whatever was committed to: that of the middle,
//! and the one below it. When what is left fits into one demand, all of it is demanded. The pages before the first
//! difference need not be asked for: they are one's own.

use std::collections::BTreeMap;

use machine::beginning::Beginning;
use machine::hash::{Domain, Hash};
use machine::tree::{Shape, Tree, leaf, padded, zero};
use protocol::Content;

use super::Pages;
use super::collect::PageMap;
use crate::content::{PAGE, siblings, to_machine};

/// What a comparison came to.
#[derive(Debug)]
pub(crate) enum Look {
    /// They are the same blob, this one.
    Same(Vec<u8>),
    /// Here is the claimed one up to the first page that differs.
    Differs(Box<Beginning>),
    /// These pages must be seen first.
    Ask(Pages),
}

/// Compares `mine` with the claimed blob `content`, of which `pages` were seen. Lengths are made equal before: `mine` is cut,
/// or goes on with zeros.
pub(crate) fn compare(
    mut mine: Vec<u8>,
    content: &Content,
    pages: &PageMap,
    pages_max: u32,
) -> Look {
    mine.resize(usize::try_from(content.size).unwrap_or(usize::MAX), 0);
    let shape = Shape::content(content.size);
    let own = Tree::of_content(&mine);
    if own.root().0 == content.root.0 {
        return Look::Same(mine);
    }
    let seen = Seen::of(shape, pages);
    match seen.first_difference(&own) {
        Err(node) => Look::Ask(stretch(shape, node, pages_max)),
        Ok(index) => match known(&mine, content, index, pages) {
            Some(known) => Look::Differs(Box::new(known)),
            None => Look::Ask(Pages { first: index, count: 1 }),
        },
    }
}

fn known(mine: &[u8], content: &Content, index: u64, pages: &PageMap) -> Option<Beginning> {
    let page = pages.get(&index)?;
    let before = mine.get(..usize::try_from(index).ok()?.checked_mul(PAGE)?)?;
    Beginning::new(to_machine(content), before, page.bytes.as_slice(), &siblings(page))
}

/// A node of a tree: its level, counted from the leaves, and its place there.
type Node = (u32, u64);

/// The nodes of a claimed tree that its pages and their paths show.
struct Seen {
    shape: Shape,
    nodes: BTreeMap<Node, Hash>,
}

impl Seen {
    fn of(shape: Shape, pages: &PageMap) -> Self {
        let mut seen = Self { shape, nodes: BTreeMap::new() };
        for page in pages.values() {
            seen.climb(page.index, leaf(&padded(page.bytes.as_slice())), &siblings(page));
        }
        seen
    }

    /// Notes a leaf and everything that its path shows.
    fn climb(&mut self, index: u64, leaf: Hash, path: &[Hash]) {
        let mut given = path.iter().copied();
        let mut hash = leaf;
        for level in 0..self.shape.height {
            let at = index >> level;
            self.nodes.insert((level, at), hash);
            let beside = at ^ 1;
            let sibling = if self.shape.implied(level, beside) {
                zero(level)
            } else {
                // Pages are taken only with a path that leads to the root.
                let Some(sibling) = given.next() else { return };
                self.nodes.insert((level, beside), sibling);
                sibling
            };
            let (left, right) = if at & 1 == 0 { (hash, sibling) } else { (sibling, hash) };
            hash = Domain::Node.hash_pair(&left, &right);
        }
    }

    /// The first leaf that differs from one's own, given that the roots do; or the node below which it is, if its children
    /// were not seen.
    fn first_difference(&self, own: &Tree) -> Result<u64, Node> {
        let (mut level, mut index) = (self.shape.height, 0);
        while level > 0 {
            let (below, left) = (level - 1, index * 2);
            // Beyond the end both are zero, so the difference is on the left.
            let only_left = self.shape.implied(below, left + 1);
            let goes_left = match self.nodes.get(&(below, left)) {
                _ if only_left => true,
                Some(seen) => *seen != own.node(below, left),
                None => return Err((level, index)),
            };
            (level, index) = (below, if goes_left { left } else { left + 1 });
        }
        Ok(index)
    }
}

/// The pages that decide most about what lies below a node.
fn stretch(shape: Shape, (level, index): Node, pages_max: u32) -> Pages {
    let first = index << level;
    let end = (first + (1 << level)).min(shape.present);
    match u32::try_from(end - first) {
        Ok(count) if count <= pages_max => Pages { first, count },
        // Both children have pages, or the descent would have gone on to the left one.
        _ => Pages { first: first + (1 << (level - 1)) - 1, count: 2 },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::{DataKind, Parameters};

    use super::*;
    use crate::content::address;
    use crate::demand::{Collected, answer};
    use crate::testing::{demand, me};

    fn blob(size: usize) -> Vec<u8> {
        (1..=251).cycle().take(size).collect()
    }

    /// Demands until the first differing page is known; gives it and the number of demands.
    fn descend(mine: &[u8], claimed: &[u8], pages_max: u32) -> (Beginning, u64) {
        let content = address(claimed);
        let mut collected = Collected::default();
        for demands in 0..100 {
            match compare(mine.to_vec(), &content, &collected.pages(&content), pages_max) {
                Look::Same(_) => panic!("they differ"),
                Look::Differs(known) => return (*known, demands),
                Look::Ask(pages) => {
                    assert!(pages.count <= pages_max && pages.end() <= content.pages());
                    let mut asked = demand(me(), DataKind::Trace, content).demand;
                    asked.first_page = pages.first;
                    asked.owed = (0..pages.count).map(|_| true).collect();
                    for page in answer(claimed, &asked) {
                        collected.take(&[content], page);
                    }
                }
            }
        }
        panic!("it never ends");
    }

    /// What the rules say is enough for blobs of so many pages.
    fn enough(pages: u64, pages_max: u32) -> u64 {
        let memory_max = pages * PAGE as u64;
        let demand_pages_max = pages_max;
        Parameters { steps_max: 1, memory_max, demand_pages_max, ..Parameters::default() }
            .demands_to_differing_page()
    }

    #[test]
    fn the_same_blob_takes_no_demand_also_as_the_beginning_of_another() {
        let bytes = blob(20_000);
        for size in [0, 1, 4_096, 12_345, 20_000] {
            let claimed = address(&bytes[..size]);
            let look = compare(bytes.clone(), &claimed, &PageMap::new(), 2);
            assert!(matches!(look, Look::Same(found) if found == bytes[..size]), "{size}");
        }
        let zeros = [&bytes[..], &[0; 5_000]].concat();
        let look = compare(bytes, &address(&zeros), &PageMap::new(), 2);
        assert!(matches!(look, Look::Same(found) if found == zeros));
    }

    #[test]
    fn what_fits_into_one_demand_is_demanded_whole() {
        let mine = blob(3 * PAGE);
        let mut claimed = mine.clone();
        claimed[2 * PAGE] ^= 1;
        let look = compare(mine.clone(), &address(&claimed), &PageMap::new(), 3);
        assert!(matches!(look, Look::Ask(Pages { first: 0, count: 3 })), "{look:?}");
        let (known, demands) = descend(&mine, &claimed, 3);
        assert_eq!((known.bytes().len(), demands), (3 * PAGE, 1));
    }

    #[test]
    fn every_place_of_the_first_difference_is_found_in_time() {
        let pages = 67;
        let mine = blob(pages * PAGE);
        for page in 0..pages {
            let mut claimed = mine.clone();
            claimed[page * PAGE + 5..].fill(0);
            for pages_max in [2, 4, 16, 67] {
                let (known, demands) = descend(&mine, &claimed, pages_max);
                assert_eq!(known.bytes(), &claimed[..(page + 1) * PAGE]);
                let enough = enough(pages as u64, pages_max);
                assert!(demands <= enough, "page {page}, {pages_max} at once: {demands}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn whatever_was_claimed_its_first_difference_is_found(
            mine in 0..300_000_usize,
            claimed in 1..300_000_usize,
            changes in prop::collection::vec((any::<prop::sample::Index>(), 1..255_u8), 1..6),
            pages_max in 2..40_u32,
        ) {
            let mine = blob(mine);
            let mut claimed = blob(claimed);
            for (place, change) in changes {
                let place = place.index(claimed.len());
                claimed[place] ^= change;
            }
            let mut resized = mine.clone();
            resized.resize(claimed.len(), 0);
            prop_assume!(resized != claimed);
            let (known, demands) = descend(&mine, &claimed, pages_max);
            let pages = resized.chunks(PAGE).zip(claimed.chunks(PAGE));
            let first = pages.take_while(|(mine, claimed)| mine == claimed).count();
            let end = claimed.len().min((first + 1) * PAGE);
            prop_assert_eq!(known.bytes(), &claimed[..end]);
            let pages = address(&claimed).pages();
            prop_assert!(demands <= enough(pages, pages_max), "{} of {} pages", demands, pages);
        }
    }
}
