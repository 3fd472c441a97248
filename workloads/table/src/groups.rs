//! The groups: found by their key, aggregated in place.

use crate::sketch::Sketch;
use guest::limits::PAGE_BYTES;
use guest::{Chunks, mix};

/// Most groups of a run.
pub(crate) const GROUPS_MAX: usize = 65_536;

/// Places of the first index; a power of two.
const PLACES_MIN: usize = 1_024;

/// Groups kept in one piece of memory.
const CHUNK_GROUPS: usize = 64;

/// What is known of one group.
pub(crate) struct Group {
    pub(crate) key: Box<[u8]>,
    pub(crate) rows: u64,
    /// The last step that touched it.
    step: u64,
}

/// What is known of one column of one group.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    pub(crate) count: u64,
    pub(crate) sum: i128,
    pub(crate) least: i64,
    pub(crate) most: i64,
    pub(crate) sketch: Sketch,
}

impl Column {
    /// Adds a value; its histogram is kept only if quantiles are wanted.
    pub(crate) fn add(&mut self, value: i64, sketched: bool) {
        self.least = if self.count == 0 { value } else { self.least.min(value) };
        self.most = if self.count == 0 { value } else { self.most.max(value) };
        self.count += 1;
        self.sum += i128::from(value);
        if sketched {
            self.sketch.add(value);
        }
    }
}

/// All groups, in order of first appearance.
pub(crate) struct Groups {
    /// A place holds the upper half of the key's hash and the group's number plus one; zero if it is free. Places are a
    /// power of two, at most half full; a taken place sends one on to the next.
    index: Vec<u64>,
    groups: Chunks<Group>,
    columns: Chunks<Column>,
    /// Columns in each group.
    width: usize,
    /// Bytes in everything but the index.
    bytes: usize,
    step: u64,
    touched_in_step: usize,
}

impl Groups {
    pub(crate) fn new(width: usize) -> Self {
        Self {
            index: vec![0; PLACES_MIN],
            groups: Chunks::new(CHUNK_GROUPS),
            columns: Chunks::new(CHUNK_GROUPS * width),
            width,
            bytes: 0,
            step: 0,
            touched_in_step: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.groups.len()
    }

    pub(crate) fn get(&self, group: usize) -> Option<(&Group, impl Iterator<Item = &Column>)> {
        let columns =
            (0..self.width).filter_map(move |at| self.columns.get(group * self.width + at));
        Some((self.groups.get(group)?, columns))
    }

    /// Begins a step: no group has been touched in it.
    pub(crate) const fn begin_step(&mut self) {
        self.step += 1;
        self.touched_in_step = 0;
    }

    /// Whether a step that goes on could touch more pages than it may: see [`Self::group_pages`].
    pub(crate) fn step_is_full(&self, pages_max: usize) -> bool {
        self.is_large(pages_max) && self.touched_in_step * self.group_pages() >= pages_max
    }

    /// Where a step that visits groups from one on ends: it visits at least one, touches no more pages than it may, and
    /// reads about so many bytes at most.
    pub(crate) fn visit_end(&self, first: usize, pages_max: usize, bytes_max: usize) -> usize {
        let groups_max =
            if self.is_large(pages_max) { pages_max / self.group_pages() } else { GROUPS_MAX };
        let last = self.len().min(first + groups_max.max(1));
        let mut bytes = 0;
        let fits = |group: &usize| {
            let before = bytes;
            bytes += self.group_bytes(*group);
            before < bytes_max
        };
        first + (first..last).take_while(fits).count()
    }

    /// Bytes of everything about one group.
    fn group_bytes(&self, group: usize) -> usize {
        let Some((record, columns)) = self.get(group) else { return 0 };
        let columns = columns.map(|column| size_of::<Column>() + column.sketch.bytes());
        record.key.len() + size_of::<Group>() + columns.sum::<usize>()
    }

    fn is_large(&self, pages_max: usize) -> bool {
        self.bytes / PAGE_BYTES >= pages_max
    }

    /// Pages that a visit to one group may touch: its record (across a page's end), its key, its place in the index, its
    /// aggregates (across a page's end), and for each column its histogram, which may be moved.
    const fn group_pages(&self) -> usize {
        6 + self.width * 2
    }

    /// The group of a key, which is made if it is new and there is room. Counts one row for it.
    pub(crate) fn enter(&mut self, key: &[u8]) -> Option<usize> {
        let hash = hash(key);
        let number = match self.find(hash, key) {
            Ok(number) => number,
            Err(place) => self.insert(place, hash, key)?,
        };
        let group = self.groups.get_mut(number)?;
        group.rows += 1;
        if group.step != self.step {
            group.step = self.step;
            self.touched_in_step += 1;
        }
        Some(number)
    }

    /// Adds a value to a column of a group.
    pub(crate) fn add(&mut self, group: usize, column: usize, value: i64, sketched: bool) {
        if let Some(column) = self.columns.get_mut(group * self.width + column) {
            let before = column.sketch.bytes();
            column.add(value, sketched);
            self.bytes += column.sketch.bytes() - before;
        }
    }

    /// The number of a key's group, or the free place where it belongs.
    fn find(&self, hash: u64, key: &[u8]) -> Result<usize, usize> {
        let mask = self.index.len() - 1;
        let mut place = first_place(hash, mask);
        loop {
            let entry = self.index[place];
            let Some(number) = number(entry) else { return Err(place) };
            let is_it = upper(entry) == upper(hash);
            if is_it && self.groups.get(number).is_some_and(|group| *group.key == *key) {
                return Ok(number);
            }
            place = (place + 1) & mask;
        }
    }

    fn insert(&mut self, place: usize, hash: u64, key: &[u8]) -> Option<usize> {
        if self.groups.len() == GROUPS_MAX {
            return None;
        }
        let number = self.groups.push(Group { key: key.into(), rows: 0, step: 0 });
        for _ in 0..self.width {
            self.columns.push(Column::default());
        }
        self.bytes += key.len() + size_of::<Group>() + self.width * size_of::<Column>();
        self.index[place] = upper(hash) | (number as u64 + 1);
        if self.groups.len() * 2 > self.index.len() {
            self.grow();
        }
        Some(number)
    }

    /// Doubles the index. It holds enough of each hash to find the new places without looking at the groups.
    fn grow(&mut self) {
        let mask = self.index.len() * 2 - 1;
        let entries = std::mem::replace(&mut self.index, vec![0; mask + 1]);
        for entry in entries.into_iter().filter(|&entry| entry != 0) {
            let mut place = first_place(entry, mask);
            while self.index[place] != 0 {
                place = (place + 1) & mask;
            }
            self.index[place] = entry;
        }
    }
}

const UPPER: u64 = 0xffff_ffff_0000_0000;

const fn upper(value: u64) -> u64 {
    value & UPPER
}

/// The group's number in an entry, if it is taken.
fn number(entry: u64) -> Option<usize> {
    usize::try_from(entry & !UPPER).ok()?.checked_sub(1)
}

/// Where to look first: by the upper half of the hash, which the index keeps.
fn first_place(hash: u64, mask: usize) -> usize {
    usize::try_from(hash >> 32).unwrap_or(0) & mask
}

/// A key's hash. Whoever wants collisions can have them, and pays for the longer run.
fn hash(key: &[u8]) -> u64 {
    let (words, rest) = key.as_chunks();
    let mut tail = [0; 8];
    tail[..rest.len()].copy_from_slice(rest);
    let mut hash = key.len() as u64;
    for word in words.iter().chain([&tail]) {
        hash = mix(hash ^ u64::from_le_bytes(*word)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    }
    mix(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_key_finds_its_group_again_through_growth() {
        let mut groups = Groups::new(1);
        let mut expected = BTreeMap::new();
        for at in 0..20_000u64 {
            let key = (mix(at) % 5_000).to_string();
            let number = groups.enter(key.as_bytes()).expect("there is room");
            let next = expected.len();
            assert_eq!(*expected.entry(key).or_insert(next), number);
        }
        assert_eq!(groups.len(), expected.len());
        let rows: u64 = (0..groups.len()).filter_map(|at| Some(groups.get(at)?.0.rows)).sum();
        assert_eq!(rows, 20_000);
    }

    #[test]
    fn there_is_an_end_to_groups() {
        let mut groups = Groups::new(1);
        assert!((0..GROUPS_MAX).all(|at| groups.enter(&at.to_le_bytes()) == Some(at)));
        assert_eq!(groups.enter(b"one more"), None);
        assert_eq!(groups.enter(&5usize.to_le_bytes()), Some(5));
    }

    #[test]
    fn a_step_is_full_only_when_there_are_many_groups_and_many_were_touched() {
        let mut groups = Groups::new(2);
        groups.begin_step();
        for at in 0..2_000u64 {
            groups.enter(&at.to_le_bytes());
        }
        assert!(groups.step_is_full(41) && !groups.step_is_full(10_000));
        groups.begin_step();
        // Ten pages a group.
        (0..4u64).for_each(|at| assert!(groups.enter(&at.to_le_bytes()).is_some()));
        assert!(!groups.step_is_full(41));
        assert!(groups.enter(&4u64.to_le_bytes()).is_some() && groups.step_is_full(41));
    }

    #[test]
    fn a_visit_ends_by_pages_and_by_bytes_but_not_before_it_began() {
        let mut groups = Groups::new(2);
        (0..2_000usize).for_each(|at| assert_eq!(groups.enter(&at.to_le_bytes()), Some(at)));
        let each = groups.group_bytes(0);
        assert_eq!(groups.visit_end(0, 10_000, usize::MAX), 2_000);
        assert_eq!(groups.visit_end(100, 41, usize::MAX), 104);
        assert_eq!(groups.visit_end(100, 10_000, 3 * each), 103);
        assert_eq!(groups.visit_end(100, 1, 1), 101);
        assert_eq!(groups.visit_end(1_999, 10_000, usize::MAX), 2_000);
    }
}
