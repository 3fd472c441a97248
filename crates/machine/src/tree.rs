//! The one Merkle tree of this crate: 4 KiB pages, binary, with implied zeros.
//!
//! A tree has a [`Shape`]: a height, and how many of its leaves are *present*. Leaves beyond those are
//! pages of zeros, and so every subtree that lies wholly beyond them is known to everybody: it is never
//! part of a proof, and a proof that would need another value there cannot be made. That is what makes a
//! padded root worthless to a liar: it opens nowhere near the padding.
//!
//! Memory has height [`MEMORY_DEPTH`](crate::limits::MEMORY_DEPTH) whatever its size, so that growing
//! changes no position. Content has its natural height.

use std::sync::LazyLock;

use crate::hash::{Domain, Hash};
use crate::limits::{MEMORY_DEPTH, PAGE_BYTES};

/// One leaf: 4 KiB.
pub type Page = [u8; PAGE_BYTES];

/// The page that every absent leaf is.
pub const ZERO_PAGE: Page = [0; PAGE_BYTES];

/// Heights for which the zero subtree is cached; no tree is higher.
const HEIGHTS: usize = 33;

static ZEROS: LazyLock<[Hash; HEIGHTS]> = LazyLock::new(|| {
    let mut zeros = [Domain::Leaf.hash(&ZERO_PAGE); HEIGHTS];
    for height in 1..HEIGHTS {
        zeros[height] = Domain::Node.hash_pair(&zeros[height - 1], &zeros[height - 1]);
    }
    zeros
});

/// The root of a subtree of zeros of a height of at most 32.
#[must_use]
pub fn zero(height: u32) -> Hash {
    ZEROS[height as usize]
}

/// The hash of one page.
#[must_use]
pub fn leaf(page: &Page) -> Hash {
    // Most pages of a fresh memory are zero, and comparing is eight times faster than hashing.
    if *page == ZERO_PAGE { zero(0) } else { Domain::Leaf.hash(page) }
}

/// Copies up to a page of bytes into a page, the rest zero.
#[must_use]
pub fn padded(bytes: &[u8]) -> Page {
    let mut page = ZERO_PAGE;
    let length = bytes.len().min(PAGE_BYTES);
    page[..length].copy_from_slice(&bytes[..length]);
    page
}

/// How high a tree is and how many of its leaves are present.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Levels above the leaves: the tree has room for `2^height` leaves.
    pub height: u32,
    /// Leaves that may be other than zero.
    pub present: u64,
}

impl Shape {
    /// The shape of a memory of so many bytes.
    #[must_use]
    pub const fn memory(bytes: u64) -> Self {
        Self { height: MEMORY_DEPTH, present: bytes.div_ceil(PAGE_BYTES as u64) }
    }

    /// The shape of a content of so many bytes: its natural height, and at least one page.
    #[must_use]
    pub const fn content(bytes: u64) -> Self {
        let pages = bytes.div_ceil(PAGE_BYTES as u64);
        let present = if pages == 0 { 1 } else { pages };
        Self { height: present.next_power_of_two().trailing_zeros(), present }
    }

    /// Whether a node lies wholly beyond the present leaves.
    #[must_use]
    pub const fn implied(self, level: u32, index: u64) -> bool {
        index >= self.present.div_ceil(1 << level)
    }
}

/// A node of one level: where it is and what it is.
pub type Node = (u64, Hash);

/// Combines the nodes of one level, ascending and distinct, into their ancestors `levels` higher.
///
/// `sibling` is asked, in ascending order level by level, for every node that is needed and not given;
/// if it has none, there is no answer.
pub fn climb(
    mut nodes: Vec<Node>,
    levels: std::ops::Range<u32>,
    mut sibling: impl FnMut(u32, u64) -> Option<Hash>,
) -> Option<Vec<Node>> {
    for level in levels {
        nodes = parents(&nodes, |index| sibling(level, index))?;
    }
    Some(nodes)
}

fn parents(nodes: &[Node], mut sibling: impl FnMut(u64) -> Option<Hash>) -> Option<Vec<Node>> {
    let mut above = Vec::with_capacity(nodes.len());
    let mut rest = nodes;
    while let [(index, hash), tail @ ..] = rest {
        let (left, right);
        match tail {
            [(next, other), after @ ..] if index & 1 == 0 && *next == index + 1 => {
                (left, right, rest) = (*hash, *other, after);
            }
            _ => {
                let other = sibling(index ^ 1)?;
                (left, right) = if index & 1 == 0 { (*hash, other) } else { (other, *hash) };
                rest = tail;
            }
        }
        above.push((index >> 1, Domain::Node.hash_pair(&left, &right)));
    }
    Some(above)
}

/// The root that a set of leaves and its siblings, a multiproof in the order of [`climb`], lead to.
///
/// None when the leaves are not ascending and distinct within the tree, when the siblings are too few or
/// too many, or when the tree is higher than any there is.
#[must_use]
pub fn root_of(shape: Shape, leaves: Vec<Node>, siblings: &[Hash]) -> Option<Hash> {
    if shape.height as usize >= HEIGHTS || !ascending(shape, &leaves) {
        return None;
    }
    let mut given = siblings.iter();
    let top = climb(leaves, 0..shape.height, |level, index| {
        if shape.implied(level, index) { Some(zero(level)) } else { given.next().copied() }
    })?;
    match (top.as_slice(), given.next()) {
        ([(0, root)], None) => Some(*root),
        _ => None,
    }
}

fn ascending(shape: Shape, leaves: &[Node]) -> bool {
    leaves.is_sorted_by(|one, two| one.0 < two.0)
        && leaves.last().is_some_and(|(index, _)| *index < 1 << shape.height)
}

/// All nodes of a tree, kept so that changing `c` leaves costs at most `c * height` hashes.
///
/// Levels are stored as far as they were ever set; what lies beyond is zero.
#[derive(Clone, Debug)]
pub struct Tree {
    height: u32,
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// A tree of zeros.
    #[must_use]
    pub fn new(height: u32) -> Self {
        Self { height, levels: vec![Vec::new(); height as usize + 1] }
    }

    /// The tree over a content.
    #[must_use]
    pub fn of_content(bytes: &[u8]) -> Self {
        let mut tree = Self::new(Shape::content(bytes.len() as u64).height);
        let pages = bytes.chunks(PAGE_BYTES).map(|chunk| leaf(&padded(chunk)));
        let leaves: Vec<Node> = (0u64..).zip(pages).collect();
        tree.update(&leaves);
        tree
    }

    /// As much of a tree as its first leaves and the siblings of the last of them tell: everything that is
    /// needed to open any of these leaves.
    ///
    /// `siblings` are those of a proof of the last leaf alone. None if there is no leaf, if there are more than
    /// the shape has, or if the siblings contradict the leaves or are too few or too many.
    #[must_use]
    pub fn beginning(shape: Shape, leaves: &[Hash], siblings: &[Hash]) -> Option<Self> {
        let last = (leaves.len() as u64).checked_sub(1)?;
        if shape.height as usize >= HEIGHTS || last >= shape.present {
            return None;
        }
        let mut tree = Self::new(shape.height);
        let known: Vec<Node> = (0u64..).zip(leaves.iter().copied()).collect();
        tree.update(&known);
        let mut given = siblings.iter().copied();
        for level in 0..shape.height {
            let index = last >> level;
            let beside = index ^ 1;
            if !shape.implied(level, beside) {
                let sibling = given.next()?;
                if beside > index {
                    tree.store(level, &[(beside, sibling)]);
                } else if tree.node(level, beside) != sibling {
                    return None;
                }
            }
            let (left, right) = (tree.node(level, index & !1), tree.node(level, index | 1));
            tree.store(level + 1, &[(index >> 1, Domain::Node.hash_pair(&left, &right))]);
        }
        given.next().is_none().then_some(tree)
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.node(self.height, 0)
    }

    /// A node; level 0 are the leaves.
    #[must_use]
    pub fn node(&self, level: u32, index: u64) -> Hash {
        let stored = self.levels.get(level as usize);
        let position = usize::try_from(index).unwrap_or(usize::MAX);
        stored.and_then(|nodes| nodes.get(position)).copied().unwrap_or_else(|| zero(level))
    }

    /// Sets leaves, ascending and distinct, and every node above them. Unchanged ones cost nothing.
    pub fn update(&mut self, leaves: &[Node]) {
        let changed = leaves.iter().filter(|(index, hash)| self.node(0, *index) != *hash);
        let mut nodes: Vec<Node> = changed.copied().collect();
        self.store(0, &nodes);
        for level in 0..self.height {
            let above = parents(&nodes, |index| Some(self.node(level, index)));
            nodes = above.expect("a tree has every sibling");
            self.store(level + 1, &nodes);
        }
    }

    fn store(&mut self, level: u32, nodes: &[Node]) {
        let Some((last, _)) = nodes.last() else { return };
        let stored = &mut self.levels[level as usize];
        let needed = usize::try_from(*last).expect("a tree has at most 2^32 leaves") + 1;
        if stored.len() < needed {
            stored.resize(needed, zero(level));
        }
        for (index, hash) in nodes {
            stored[usize::try_from(*index).expect("not beyond the last")] = *hash;
        }
    }

    /// The siblings that open a set of leaves, ascending and distinct, for a tree with so many present.
    #[must_use]
    pub fn prove(&self, shape: Shape, leaves: &[u64]) -> Vec<Hash> {
        let nodes = leaves.iter().map(|index| (*index, self.node(0, *index))).collect();
        let mut siblings = Vec::new();
        let climbed = climb(nodes, 0..self.height, |level, index| {
            let hash = self.node(level, index);
            if !shape.implied(level, index) {
                siblings.push(hash);
            }
            Some(hash)
        });
        climbed.expect("a tree has every sibling");
        siblings
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, without any caching: recursion over all `2^height` pages.
    fn naive(bytes: &[u8], height: u32) -> Hash {
        if height == 0 {
            return Domain::Leaf.hash(&padded(bytes));
        }
        let half = (PAGE_BYTES << (height - 1)).min(bytes.len());
        let (left, right) = bytes.split_at(half);
        Domain::Node.hash_pair(&naive(left, height - 1), &naive(right, height - 1))
    }

    #[test]
    fn content_has_its_natural_height() {
        let shapes = [0, 1, 4096, 4097, 3 * 4096, 4 * 4096, 4 * 4096 + 1].map(Shape::content);
        let heights = shapes.map(|shape| (shape.height, shape.present));
        assert_eq!(heights, [(0, 1), (0, 1), (0, 1), (1, 2), (2, 3), (2, 4), (3, 5)]);
    }

    #[test]
    fn no_leaves_prove_nothing() {
        assert_eq!(root_of(Shape::memory(65_536), vec![], &[]), None);
    }

    #[test]
    fn a_tree_of_any_claimed_size_is_looked_at_without_panic() {
        for size in [1 << 44, 1 << 45, u64::MAX - 1, u64::MAX] {
            let siblings = vec![zero(0); 64];
            let one = vec![(0, zero(0))];
            let last = vec![(u64::from(u32::MAX), zero(0))];
            for leaves in [one, last] {
                let shape = Shape::content(size);
                for count in 0..64 {
                    let root = root_of(shape, leaves.clone(), &siblings[..count]);
                    assert_ne!(root, Some(Hash::default()));
                }
            }
        }
        assert_eq!(root_of(Shape::content(u64::MAX), vec![(0, zero(0))], &[]), None);
    }

    #[test]
    fn unsorted_repeated_and_outside_leaves_prove_nothing() {
        let shape = Shape::content(4 * 4096);
        let leaf = |index| (index, zero(0));
        for bad in [vec![leaf(1), leaf(0)], vec![leaf(1), leaf(1)], vec![leaf(4)]] {
            let enough = vec![zero(0); 8];
            for count in 0..8 {
                assert_eq!(root_of(shape, bad.clone(), &enough[..count]), None);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_tree_is_what_the_definition_says(
            bytes in proptest::collection::vec(prop_oneof![3 => Just(0u8), 1 => any::<u8>()], 0..40_000)
        ) {
            let tree = Tree::of_content(&bytes);
            prop_assert_eq!(tree.root(), naive(&bytes, tree.height));
        }

        #[test]
        fn updates_are_as_good_as_building_anew(
            edits in proptest::collection::vec((0usize..20, any::<u8>()), 1..30)
        ) {
            let mut bytes = vec![7u8; 20 * PAGE_BYTES];
            let mut tree = Tree::of_content(&bytes);
            for (page, value) in edits {
                bytes[page * PAGE_BYTES] = value;
                let changed = leaf(&padded(&bytes[page * PAGE_BYTES..][..PAGE_BYTES]));
                tree.update(&[(page as u64, changed)]);
            }
            prop_assert_eq!(tree.root(), Tree::of_content(&bytes).root());
        }

        #[test]
        fn the_beginning_of_a_tree_opens_what_the_whole_does(
            size in 1usize..90_000,
            last in any::<prop::sample::Index>(),
            flip in any::<prop::sample::Index>(),
        ) {
            let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            let shape = Shape::content(size as u64);
            let whole = Tree::of_content(&bytes);
            let last = last.index(usize::try_from(shape.present).unwrap()) as u64;
            let leaves: Vec<Hash> = (0..=last).map(|index| whole.node(0, index)).collect();
            let siblings = whole.prove(shape, &[last]);
            let known = Tree::beginning(shape, &leaves, &siblings).expect("true siblings");
            prop_assert_eq!(known.root(), whole.root());
            for index in 0..=last {
                prop_assert_eq!(known.prove(shape, &[index]), whole.prove(shape, &[index]));
            }
            prop_assert!(Tree::beginning(shape, &leaves, &[&siblings[..], &[zero(0)]].concat()).is_none());
            if !siblings.is_empty() {
                prop_assert!(Tree::beginning(shape, &leaves, &siblings[1..]).is_none());
                let mut wrong = siblings.clone();
                wrong[flip.index(siblings.len())].0[0] ^= 1;
                let wrong = Tree::beginning(shape, &leaves, &wrong).map(|tree| tree.root());
                prop_assert_ne!(wrong, Some(whole.root()));
            }
            prop_assert!(Tree::beginning(shape, &[], &siblings).is_none());
        }

        #[test]
        fn a_proof_opens_exactly_its_pages(
            size in 1usize..90_000,
            chosen in proptest::collection::btree_set(0u64..22, 1..8),
            flip in any::<prop::sample::Index>(),
        ) {
            let bytes: Vec<u8> = (0..size).map(|place| u8::try_from(place % 251).expect("it is small")).collect();
            let shape = Shape::content(size as u64);
            let tree = Tree::of_content(&bytes);
            let leaves: Vec<u64> = chosen.into_iter().filter(|index| *index < shape.present).collect();
            prop_assume!(!leaves.is_empty());
            let siblings = tree.prove(shape, &leaves);
            let nodes: Vec<Node> = leaves.iter().map(|index| (*index, tree.node(0, *index))).collect();
            prop_assert_eq!(root_of(shape, nodes.clone(), &siblings), Some(tree.root()));

            let mut wrong = nodes.clone();
            wrong[flip.index(nodes.len())].1.0[0] ^= 1;
            prop_assert_ne!(root_of(shape, wrong, &siblings), Some(tree.root()));
            let mut longer = siblings.clone();
            longer.push(zero(0));
            prop_assert_eq!(root_of(shape, nodes.clone(), &longer), None);
            if !siblings.is_empty() {
                prop_assert_eq!(root_of(shape, nodes, &siblings[1..]), None);
            }
        }
    }
}
