//! A persistent hash table: finds an entry by its key, lists those with a common part, and clones for nothing.
//!
//! A trie over the bits of a hash, eight ways a level, that ends in pages of a few entries side by side. With each page is a
//! byte of each entry's hash, so that finding hardly ever looks at another entry than the right one. That is what counts in a
//! large table, most of which is not in the processor's cache (record 0140).
//!
//! It has no order of its own. Whatever it lists is sorted first, so that nothing decided by the rules can depend on hashes.
//! Those differ from one process to the next: anybody may send money to an account of any name, and with a known seed could
//! choose names that clash. The hash is not a cryptographic one, so a seed that leaked would have to be replaced by a restart.

use std::fmt::{self, Debug};
use std::hash::{BuildHasher, Hash};
use std::hint::black_box;
use std::iter;
use std::mem;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use triomphe::Arc;

use crate::books::{Place, PlaceKind};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, AssetId, JobId, ProgramId};

/// Bits of the hash that one level looks at.
const LEVEL_BITS: u32 = 3;

const FANOUT: usize = 1 << LEVEL_BITS;

/// Entries of a page, unless their hashes are the same to the end: as many as there are marks.
const PAGE_MAX: usize = 8;

/// Bits of a way that come from what entries are listed by. The rest tell those entries apart. With more of them large groups
/// would be further down, with fewer a listing would pass over more of others.
const GROUP_BITS: u32 = 24;

/// Bits of a way that come from the first two parts of a key of three.
const PAIR_BITS: u32 = 39;

/// Bits of the way that there is a level for.
const DEPTH_MAX: u32 = 63;

fn hash(value: &impl Hash) -> u64 {
    SeedableRandomState::with_seed(0, SharedSeed::global_random()).hash_one(value)
}

fn slot(path: u64) -> usize {
    usize::try_from(path % (1 << LEVEL_BITS)).expect("a level looks at a few bits")
}

/// A key, and the part of it that entries are listed by.
pub(crate) trait Key: Clone + Ord {
    /// The part.
    type Group: Hash + Eq;

    fn group(&self) -> &Self::Group;

    /// The way from the root to the key. Keys of a group share the first [`GROUP_BITS`].
    fn path(&self) -> u64;
}

/// A way that begins with some bits of one and goes on with another.
fn joined(first: u64, bits: u32, then: u64) -> u64 {
    (first % (1 << bits)) | (then << bits)
}

/// Keys of which there is one in a group.
macro_rules! single_keys {
    ($($key:ty,)*) => {
        $(impl Key for $key {
            type Group = Self;

            fn group(&self) -> &Self {
                self
            }

            fn path(&self) -> u64 {
                hash(self)
            }
        })*
    };
}

single_keys!(AccountId, JobId, ProgramId, (ClassId, AccountId), (PlaceKind, AssetId),);

/// Keys that are listed by their first part.
macro_rules! grouped_keys {
    ($($group:ty => $member:ty,)*) => {
        $(impl Key for ($group, $member) {
            type Group = $group;

            fn group(&self) -> &$group {
                &self.0
            }

            fn path(&self) -> u64 {
                joined(hash(&self.0), GROUP_BITS, hash(&self.1))
            }
        })*
    };
}

grouped_keys! {
    AccountId => AccountId,
    AccountId => ClassId,
    AccountId => JobId,
    AccountId => u32,
    AccountId => u64,
    JobId => AccountId,
    Place => AssetId,
}

/// The way to where the entries of a pair are.
fn pair_path(pair: (&AccountId, &AccountId)) -> u64 {
    joined(hash(pair.0), GROUP_BITS, hash(pair.1))
}

/// Listed by the first part, and by the first two.
impl Key for (AccountId, AccountId, u64) {
    type Group = AccountId;

    fn group(&self) -> &AccountId {
        &self.0
    }

    fn path(&self) -> u64 {
        joined(pair_path((&self.0, &self.1)), PAIR_BITS, hash(&self.2))
    }
}

/// A table of keys with values: see the module.
#[derive(Clone)]
pub(crate) struct HashTrie<K, V> {
    root: Node<K, V>,
    len: usize,
}

#[derive(Clone)]
enum Node<K, V> {
    Branch(Arc<[Self; FANOUT]>),
    Page(Page<K, V>),
}

#[derive(Clone)]
struct Page<K, V> {
    /// Of each of the first eight entries the last byte of its way, from the lowest.
    marks: u64,
    entries: Arc<[(K, V)]>,
}

/// A key whose value is new, or gone.
pub(crate) type Change<'a, K, V> = (&'a K, Option<&'a V>);

impl<K, V> Default for HashTrie<K, V> {
    fn default() -> Self {
        Self { root: Node::Page(Page { marks: 0, entries: Arc::from_iter([]) }), len: 0 }
    }
}

impl<K: Key, V> HashTrie<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        // Hashing is most of what asking an empty table costs, and many mostly are.
        if self.is_empty() {
            return None;
        }
        let path = key.path();
        let (mut node, mut left) = (&self.root, path);
        loop {
            match node {
                Node::Branch(children) => {
                    node = &children[slot(left)];
                    left >>= LEVEL_BITS;
                }
                Node::Page(page) => return page.find(key, path).map(|at| &page.entries[at].1),
            }
        }
    }

    pub(crate) fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Looks up many keys at once, to no effect but on the processor's cache: at each level it asks the memory for all of
    /// them before it waits for any. `look` looks at a value; of a key that has none, the page that it would go into is read.
    pub(crate) fn read_ahead(&self, keys: &[K], look: impl Fn(&V) -> bool) {
        let mut ways: Vec<_> = keys.iter().map(|key| (&self.root, key.path())).collect();
        let (mut seen, mut depth, mut deeper) = (0, 0, true);
        while mem::take(&mut deeper) {
            for (node, path) in &mut ways {
                if let Node::Branch(children) = *node {
                    seen ^= Arc::count(children);
                    *node = &children[slot(*path >> depth)];
                    deeper = true;
                }
            }
            depth += LEVEL_BITS;
        }
        let mut values = Vec::with_capacity(keys.len());
        for ((node, path), key) in ways.into_iter().zip(keys) {
            if let Node::Page(page) = node {
                match page.find(key, path) {
                    Some(at) => values.push(&page.entries[at].1),
                    None => seen ^= page.entries.iter().filter(|(found, _)| found == key).count(),
                }
            }
        }
        seen ^= values.into_iter().filter(|value| look(value)).count();
        black_box(seen);
    }

    /// The entries of a group, in order of key. Costs what the group has, and hardly more.
    pub(crate) fn group(&self, group: &K::Group) -> Vec<(&K, &V)> {
        self.list(hash(group), GROUP_BITS, |key| key.group() == group)
    }

    /// Entries whose ways have so many bits in common, and that are wanted, in order of key.
    fn list(&self, path: u64, bits: u32, mut wanted: impl FnMut(&K) -> bool) -> Vec<(&K, &V)> {
        let (mut node, mut depth) = (&self.root, 0);
        while let Node::Branch(children) = node
            && depth < bits
        {
            node = &children[slot(path >> depth)];
            depth += LEVEL_BITS;
        }
        let mut entries = Vec::new();
        node.collect(&mut wanted, &mut entries);
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }

    /// Every entry, in order of key. Sorts them: for queries, not for rules.
    pub(crate) fn iter(&self) -> std::vec::IntoIter<(&K, &V)> {
        let mut entries = Vec::with_capacity(self.len);
        self.root.collect(&mut |_| true, &mut entries);
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries.into_iter()
    }

    /// The first entries in order of key that are wanted. Looks at all of them and sorts those: for queries, not for rules.
    pub(crate) fn first(
        &self,
        count: usize,
        mut wanted: impl FnMut(&K, &V) -> bool,
    ) -> Vec<(&K, &V)> {
        let mut entries = Vec::new();
        self.root.collect(&mut |_| true, &mut entries);
        entries.retain(|(key, value)| wanted(key, value));
        if count < entries.len() {
            entries.select_nth_unstable_by_key(count, |(key, _)| *key);
            entries.truncate(count);
        }
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }

    /// Every key, in order. As [`Self::iter`].
    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// Every value, in order of key. As [`Self::iter`].
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<V> HashTrie<(AccountId, AccountId, u64), V> {
    /// How many entries there are of a pair. Costs what the pair has, and hardly more.
    pub(crate) fn count_of_pair(&self, first: AccountId, second: AccountId) -> usize {
        let is_pair = |key: &(_, _, _)| (key.0, key.1) == (first, second);
        self.list(pair_path((&first, &second)), PAIR_BITS, is_pair).len()
    }
}

impl<K: Key, V: Clone> HashTrie<K, V> {
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let path = key.path();
        let page = self.root.page_of(path);
        let at = page.find(key, path)?;
        Some(page.value_mut(at))
    }

    /// The value of a key, which is given one if it has none.
    pub(crate) fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let path = key.path();
        let (page, found) = self.root.page_with_room(&key, path);
        let at = found.unwrap_or_else(|| {
            self.len += 1;
            page.push((key, make()), path)
        });
        page.value_mut(at)
    }

    /// The value of a key, which is given the default if it has none.
    pub(crate) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.get_or_insert_with(key, V::default)
    }

    /// Sets the value of a key and gives the one before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let mut fresh = Some(value);
        let held = self.get_or_insert_with(key, || fresh.take().expect("a value is made once"));
        fresh.map(|value| mem::replace(held, value))
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let path = key.path();
        let page = self.root.page_of(path);
        let at = page.find(key, path)?;
        self.len -= 1;
        Some(page.take(at))
    }
}

impl<K: Key, V: PartialEq> HashTrie<K, V> {
    /// What turns this table into another, in order of key. Costs what differs between the two if one came of the other.
    pub(crate) fn changes<'a>(&'a self, after: &'a Self) -> Vec<Change<'a, K, V>> {
        let mut changes = Vec::new();
        self.root.difference(&after.root, &mut changes);
        changes.sort_unstable_by_key(|(key, _)| *key);
        changes
    }
}

/// The last byte of a way.
fn mark(path: u64) -> u64 {
    path >> 56
}

/// A byte, eight times.
const fn eight_times(byte: u64) -> u64 {
    byte * 0x0101_0101_0101_0101
}

impl<K: Key, V> Page<K, V> {
    fn find(&self, key: &K, path: u64) -> Option<usize> {
        let is_key = |at: &usize| self.entries.get(*at).is_some_and(|(found, _)| found == key);
        // The bytes that are zero, and perhaps some above them, have their highest bit set.
        let differences = self.marks ^ eight_times(mark(path));
        let mut equal = differences.wrapping_sub(eight_times(1)) & !differences & eight_times(0x80);
        while equal != 0 {
            let at = (equal.trailing_zeros() / 8) as usize;
            if is_key(&at) {
                return Some(at);
            }
            equal &= equal - 1;
        }
        (PAGE_MAX..self.entries.len()).find(is_key)
    }
}

impl<K: Key, V: Clone> Page<K, V> {
    /// A value for change. A page that others hold as well is copied.
    fn value_mut(&mut self, at: usize) -> &mut V {
        if !self.entries.is_unique() {
            self.entries = self.entries.iter().cloned().collect();
        }
        let entries = Arc::get_mut(&mut self.entries).expect("nobody else holds it");
        &mut entries[at].1
    }

    /// Adds an entry, and says where it is.
    fn push(&mut self, entry: (K, V), path: u64) -> usize {
        let at = self.entries.len();
        if at < PAGE_MAX {
            self.marks |= mark(path) << (8 * at);
        }
        self.entries = self.entries.iter().cloned().chain(iter::once(entry)).collect();
        at
    }

    fn take(&mut self, at: usize) -> V {
        let (before, after) = (&self.entries[..at], &self.entries[at + 1..]);
        let entries = before.iter().chain(after).cloned().collect();
        let (_, value) = self.entries[at].clone();
        *self = Self::new(entries);
        value
    }

    fn new(entries: Arc<[(K, V)]>) -> Self {
        let marks = entries.iter().take(PAGE_MAX).rev();
        let marks = marks.fold(0, |marks, (key, _)| marks << 8 | mark(key.path()));
        Self { marks, entries }
    }
}

impl<K: Key, V> Node<K, V> {
    fn collect<'a>(
        &'a self,
        wanted: &mut impl FnMut(&K) -> bool,
        entries: &mut Vec<(&'a K, &'a V)>,
    ) {
        match self {
            Self::Branch(children) => {
                children.iter().for_each(|child| child.collect(wanted, entries))
            }
            Self::Page(page) => {
                entries.extend(page.entries.iter().filter(|(k, _)| wanted(k)).map(|(k, v)| (k, v)));
            }
        }
    }
}

impl<K: Key, V: Clone> Node<K, V> {
    /// The page at the end of a way. Nodes on the way that others hold as well are copied.
    fn page_of(&mut self, path: u64) -> &mut Page<K, V> {
        let (mut node, mut left) = (self, path);
        loop {
            match node {
                Self::Branch(children) => {
                    node = &mut Arc::make_mut(children)[slot(left)];
                    left >>= LEVEL_BITS;
                }
                Self::Page(page) => return page,
            }
        }
    }

    /// The page of a key and its place there; if it has none, the page has room for it.
    fn page_with_room(&mut self, key: &K, path: u64) -> (&mut Page<K, V>, Option<usize>) {
        let (mut node, mut depth) = (self, 0);
        loop {
            if let Self::Page(page) = node
                && page.entries.len() >= PAGE_MAX
                && depth < DEPTH_MAX
                && page.find(key, path).is_none()
            {
                *node = Self::split(&page.entries, depth);
            }
            match node {
                Self::Branch(children) => {
                    node = &mut Arc::make_mut(children)[slot(path >> depth)];
                    depth += LEVEL_BITS;
                }
                Self::Page(page) => {
                    let found = page.find(key, path);
                    return (page, found);
                }
            }
        }
    }

    fn split(entries: &[(K, V)], depth: u32) -> Self {
        let mut parts: [Vec<(K, V)>; FANOUT] = Default::default();
        for entry in entries {
            parts[slot(entry.0.path() >> depth)].push(entry.clone());
        }
        Self::Branch(Arc::new(parts.map(|part| Self::Page(Page::new(part.into())))))
    }
}

impl<K: Key, V: PartialEq> Node<K, V> {
    fn difference<'a>(&'a self, after: &'a Self, changes: &mut Vec<Change<'a, K, V>>) {
        match (self, after) {
            (Self::Branch(before), Self::Branch(after)) => {
                if !Arc::ptr_eq(before, after) {
                    for (before, after) in before.iter().zip(after.iter()) {
                        before.difference(after, changes);
                    }
                }
            }
            (Self::Page(before), Self::Page(after))
                if Arc::ptr_eq(&before.entries, &after.entries) => {}
            _ => {
                // One of the two is a page, so this is a few entries with a few others, or a page that was split.
                let (mut before, mut now) = (Vec::new(), Vec::new());
                self.collect(&mut |_| true, &mut before);
                after.collect(&mut |_| true, &mut now);
                let find = |entries: &[(&'a K, &'a V)], key: &K| {
                    entries.iter().find(|(found, _)| *found == key).map(|(_, value)| *value)
                };
                let gone = before.iter().filter(|(key, _)| find(&now, key).is_none());
                changes.extend(gone.map(|(key, _)| (*key, None)));
                let new = now.iter().filter(|(key, value)| find(&before, key) != Some(*value));
                changes.extend(new.map(|(key, value)| (*key, Some(*value))));
            }
        }
    }
}

impl<'a, K: Key, V> IntoIterator for &'a HashTrie<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Key, V: PartialEq> PartialEq for HashTrie<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.changes(other).is_empty()
    }
}

impl<K: Key, V: Eq> Eq for HashTrie<K, V> {}

impl<K: Key + Debug, V: Debug> Debug for HashTrie<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Table = HashTrie<(AccountId, AccountId, u64), u32>;

    /// Few groups of many members, so that pages split below the bits of the group.
    fn key(group: u8, member: u64) -> (AccountId, AccountId, u64) {
        (AccountId([group; 32]), second(member), member)
    }

    fn second(member: u64) -> AccountId {
        AccountId([u8::from(member >= 40); 32])
    }

    /// Keys of one hash and few groups, which no split tells apart.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    struct Clashing(u8);

    impl Key for Clashing {
        type Group = Self;

        fn group(&self) -> &Self {
            self
        }

        fn path(&self) -> u64 {
            u64::from(self.0 % 2) << 60
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Operation {
        Insert(u8, u64, u32),
        Change(u8, u64, u32),
        Remove(u8, u64),
    }

    fn operation() -> impl Strategy<Value = Operation> {
        let (group, member, value) = (0_u8..4, 0_u64..60, 0_u32..4);
        prop_oneof![
            3 => (group.clone(), member.clone(), value.clone()).prop_map(|(g, m, v)| Operation::Insert(g, m, v)),
            1 => (group.clone(), member.clone(), value).prop_map(|(g, m, v)| Operation::Change(g, m, v)),
            2 => (group, member).prop_map(|(g, m)| Operation::Remove(g, m)),
        ]
    }

    fn carry_out(
        table: &mut Table,
        sorted: &mut BTreeMap<(AccountId, AccountId, u64), u32>,
        operation: Operation,
    ) -> Result<(), TestCaseError> {
        match operation {
            Operation::Insert(group, member, value) => {
                let key = key(group, member);
                prop_assert_eq!(table.insert(key, value), sorted.insert(key, value));
            }
            Operation::Change(group, member, value) => {
                let key = key(group, member);
                let (one, other) = (table.get_mut(&key), sorted.get_mut(&key));
                prop_assert_eq!(&one, &other);
                if let (Some(one), Some(other)) = (one, other) {
                    (*one, *other) = (value, value);
                }
                prop_assert_eq!(*table.get_or_default(key), *sorted.entry(key).or_default());
            }
            Operation::Remove(group, member) => {
                let key = key(group, member);
                prop_assert_eq!(table.remove(&key), sorted.remove(&key));
            }
        }
        Ok(())
    }

    proptest! {
        /// It is the standard library's ordered map, to whoever asks; what was cloned stays as it was; and the changes from
        /// the clone are those that there are.
        #[test]
        fn a_hash_trie_is_a_map(
            first in prop::collection::vec(operation(), 0..300),
            then in prop::collection::vec(operation(), 0..100),
        ) {
            let (mut table, mut sorted) = (Table::default(), BTreeMap::new());
            for operation in first {
                carry_out(&mut table, &mut sorted, operation)?;
            }
            let (kept, sorted_kept) = (table.clone(), sorted.clone());
            for operation in then {
                carry_out(&mut table, &mut sorted, operation)?;
            }
            for (table, sorted) in [(&kept, &sorted_kept), (&table, &sorted)] {
                prop_assert_eq!(table.len(), sorted.len());
                prop_assert!(table.iter().eq(sorted.iter()));
                for group in 0..4 {
                    let range = key(group, 0)..=key(group, u64::MAX);
                    table.read_ahead(&[key(group, 0), key(group, 50)], |value| *value > 0);
                    let first = AccountId([group; 32]);
                    prop_assert!(table.group(&first).into_iter().eq(sorted.range(range)));
                    let range = key(group, 40)..=key(group, u64::MAX);
                    let count = table.count_of_pair(first, second(40));
                    prop_assert_eq!(count, sorted.range(range).count());
                }
                prop_assert!(sorted.iter().all(|(key, value)| table.get(key) == Some(value)));
                let first = table.first(7, |_, value| *value > 0).into_iter();
                prop_assert!(first.eq(sorted.iter().filter(|(_, value)| **value > 0).take(7)));
            }
            let changes: BTreeMap<_, _> = kept.changes(&table).into_iter().collect();
            let keys: std::collections::BTreeSet<_> = sorted_kept.keys().chain(sorted.keys()).collect();
            for key in keys {
                let expected = (sorted_kept.get(key) != sorted.get(key)).then(|| sorted.get(key));
                prop_assert_eq!(changes.get(key).copied(), expected);
            }
            prop_assert_eq!(kept == table, sorted_kept == sorted);
        }
    }

    #[test]
    fn keys_of_one_hash_are_told_apart() {
        let mut table = HashTrie::default();
        for number in 0..100 {
            assert_eq!(table.insert(Clashing(number), number), None);
        }
        assert!(table.iter().map(|(_, number)| *number).eq(0..100));
        assert_eq!(table.remove(&Clashing(7)), Some(7));
        assert_eq!((table.len(), table.get(&Clashing(7))), (99, None));
    }

    /// The same entries by another way are the same table.
    #[test]
    fn equality_does_not_look_at_how_it_came_about() {
        let table = |numbers: &mut dyn Iterator<Item = u64>| {
            let mut table = Table::default();
            numbers.for_each(|number| assert_eq!(table.insert(key(0, number), 1), None));
            table
        };
        let mut long = table(&mut (0..500).rev());
        (100..500).for_each(|number| assert_eq!(long.remove(&key(0, number)), Some(1)));
        assert_eq!(long, table(&mut (0..100)));
        assert_ne!(long, table(&mut (1..101)));
    }
}
