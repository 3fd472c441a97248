//! Entries of any size as fixed-size records, and back.
//!
//! The database holds fixed-size values, because only those can be sent to a joining validator
//! operation by operation. An entry becomes one *head* and as many *tails* as it needs:
//!
//! ```text
//! record      key length (u16) | key | value
//! head        0 | record length (u32) | record[..]       at H("entry", key)
//! tail i      1 | record[..]                             at H("chunk", place of the head, i)
//! ```
//!
//! All integers are little-endian; the rest of the last piece is zero. The key is inside, so the
//! whole set of entries can be rebuilt from the database alone.

use std::collections::HashMap;

use crate::{
    Change, Entry, MAX_KEY_BYTES, MAX_VALUE_BYTES,
    engine_types::{Chunk, Digest},
    hash,
};

/// Bytes of one record: most entries of an account-like state fit in one.
pub(crate) const CHUNK_BYTES: usize = 192;

const HEAD: u8 = 0;
const TAIL: u8 = 1;
const HEAD_BYTES: usize = CHUNK_BYTES - 5;
const TAIL_BYTES: usize = CHUNK_BYTES - 1;

/// Where the head of the entry of `key` is.
pub(crate) fn head_place(key: &[u8]) -> Digest {
    hash::digest("earnest ledger 1 entry", &[key])
}

/// Where tail `index` (from 1) of the entry whose head is at `head` is.
pub(crate) fn tail_place(head: &Digest, index: u32) -> Digest {
    hash::digest("earnest ledger 1 chunk", &[head, &index.to_le_bytes()])
}

/// Number of tails of a record of `bytes` bytes.
pub(crate) fn tails(bytes: usize) -> u32 {
    let beyond = bytes.saturating_sub(HEAD_BYTES).div_ceil(TAIL_BYTES);
    u32::try_from(beyond).expect("a record is bounded by the longest key and value")
}

/// One write to the database.
pub(crate) type Write = (Digest, Option<Chunk>);

/// How many tails each entry has that has any. Cloned with every block.
pub(crate) type LargeEntries = imbl::OrdMap<[u8; 32], u32>;

/// Turns changes of entries into writes of records, and keeps `large` true to them.
///
/// # Panics
///
/// An application that hands over a longer key or value than it promised has a bug that must not
/// reach the disk.
pub(crate) fn writes(changes: Vec<Change>, large: &mut LargeEntries) -> Vec<Write> {
    let mut writes = Vec::with_capacity(changes.len());
    for (key, value) in changes {
        write_entry(&key, value.as_deref(), large, &mut writes);
    }
    writes
}

fn write_entry(
    key: &[u8],
    value: Option<&[u8]>,
    large: &mut LargeEntries,
    writes: &mut Vec<Write>,
) {
    let head = head_place(key);
    let before = large.get(&hash::raw(&head)).copied().unwrap_or(0);
    let pieces = value.map(|value| split(key, value)).unwrap_or_default();
    let after = u32::try_from(pieces.len()).expect("bounded record").saturating_sub(1);
    if pieces.is_empty() {
        writes.push((head, None));
    }
    for (index, piece) in (0..).zip(pieces) {
        let place = if index == 0 { head } else { tail_place(&head, index) };
        writes.push((place, Some(Chunk::new(piece))));
    }
    writes.extend((after + 1..=before).map(|index| (tail_place(&head, index), None)));
    match after {
        0 => large.remove(&hash::raw(&head)),
        _ => large.insert(hash::raw(&head), after),
    };
}

fn split(key: &[u8], value: &[u8]) -> Vec<[u8; CHUNK_BYTES]> {
    assert!(key.len() <= MAX_KEY_BYTES && value.len() <= MAX_VALUE_BYTES, "entry over its limit");
    let key_bytes = u16::try_from(key.len()).expect("limited above");
    let record = [&key_bytes.to_le_bytes(), key, value].concat();
    let (first, rest) = record.split_at(record.len().min(HEAD_BYTES));
    let length = u32::try_from(record.len()).expect("limited above");

    let mut head = [0; CHUNK_BYTES];
    head[0] = HEAD;
    head[1..5].copy_from_slice(&length.to_le_bytes());
    head[5..5 + first.len()].copy_from_slice(first);
    let mut pieces = vec![head];
    pieces.extend(rest.chunks(TAIL_BYTES).map(|part| {
        let mut tail = [0; CHUNK_BYTES];
        tail[0] = TAIL;
        tail[1..=part.len()].copy_from_slice(part);
        tail
    }));
    pieces
}

/// The records of a database contradict each other: it was not written by this crate, or the
/// disk lies.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database's records do not form entries: {0}")]
pub(crate) struct Malformed(&'static str);

/// Length of the record that starts in this head.
pub(crate) fn record_bytes(head: &[u8]) -> Result<usize, Malformed> {
    let length = head.get(1..5).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    match (head.first(), length) {
        (Some(&HEAD), Some(length)) => {
            let length = usize::try_from(length).map_err(|_| Malformed("length"))?;
            let longest = 2 + MAX_KEY_BYTES + MAX_VALUE_BYTES;
            if (2..=longest).contains(&length) { Ok(length) } else { Err(Malformed("length")) }
        }
        _ => Err(Malformed("a head was expected")),
    }
}

/// Puts an entry together from its head and its tails in order.
pub(crate) fn join<'a>(
    head: &[u8],
    tails: impl Iterator<Item = &'a [u8]>,
) -> Result<Entry, Malformed> {
    let length = record_bytes(head)?;
    let mut record = Vec::with_capacity(length + CHUNK_BYTES);
    record.extend_from_slice(head.get(5..CHUNK_BYTES).ok_or(Malformed("short head"))?);
    for tail in tails {
        if tail.first() != Some(&TAIL) || tail.len() != CHUNK_BYTES {
            return Err(Malformed("a tail was expected"));
        }
        record.extend_from_slice(&tail[1..]);
    }
    if record.len() < length || record[length..].iter().any(|byte| *byte != 0) {
        return Err(Malformed("padding"));
    }
    record.truncate(length);
    let key_bytes = usize::from(u16::from_le_bytes([record[0], record[1]]));
    let value = record.split_off((2 + key_bytes).min(length));
    if record.len() != 2 + key_bytes {
        return Err(Malformed("key length"));
    }
    Ok((record.split_off(2), value))
}

/// Rebuilds all entries, in ascending order of keys, from all records of a database, in any
/// order; and the sizes of the large ones.
pub(crate) fn entries(
    records: impl Iterator<Item = (Digest, Chunk)>,
) -> Result<(Vec<Entry>, LargeEntries), Malformed> {
    let (heads, others): (Vec<_>, Vec<_>) = records.partition(|(_, chunk)| chunk[0] == HEAD);
    let others: HashMap<Digest, Chunk> = others.into_iter().collect();
    let mut used = 0;
    let mut large = LargeEntries::new();
    let mut entries = Vec::with_capacity(heads.len());
    for (place, head) in heads {
        let count = tails(record_bytes(&head)?);
        let parts = (1..=count)
            .map(|index| others.get(&tail_place(&place, index)).ok_or(Malformed("a lost tail")))
            .collect::<Result<Vec<_>, _>>()?;
        used += parts.len();
        let entry = join(&head, parts.into_iter().map(|part| &part[..]))?;
        if head_place(&entry.0) != place {
            return Err(Malformed("a misplaced entry"));
        }
        if count > 0 {
            large.insert(hash::raw(&place), count);
        }
        entries.push(entry);
    }
    if used != others.len() {
        return Err(Malformed("a tail without a head"));
    }
    entries.sort_unstable();
    Ok((entries, large))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn apply(database: &mut BTreeMap<Digest, Chunk>, writes: Vec<Write>) {
        for (place, chunk) in writes {
            match chunk {
                Some(chunk) => database.insert(place, chunk),
                None => database.remove(&place),
            };
        }
    }

    fn change() -> impl Strategy<Value = Change> {
        let key = proptest::collection::vec(0..3u8, 0..3);
        let length = prop_oneof![0..4usize, HEAD_BYTES - 6..HEAD_BYTES + 3, 300..1200usize];
        (key, proptest::option::of((length, any::<u8>())))
            .prop_map(|(key, value)| (key, value.map(|(length, byte)| vec![byte; length])))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is written, shrunk, grown and removed, the records say exactly what is there.
        #[test]
        fn records_are_the_entries(blocks in proptest::collection::vec(
            proptest::collection::vec(change(), 0..6), 1..8,
        )) {
            let (mut database, mut model) = (BTreeMap::new(), BTreeMap::new());
            let mut large = LargeEntries::new();
            for changes in blocks {
                for (key, value) in &changes {
                    match value {
                        Some(value) => model.insert(key.clone(), value.clone()),
                        None => model.remove(key),
                    };
                }
                apply(&mut database, writes(changes, &mut large));
                let (found, sizes) = entries(database.clone().into_iter()).expect("well-formed");
                prop_assert_eq!(found, model.clone().into_iter().collect::<Vec<_>>());
                prop_assert_eq!(&sizes, &large);
            }
        }

        /// Records from a stranger are an error or an entry, never a panic.
        #[test]
        fn strange_records_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let head = &bytes[..bytes.len().min(CHUNK_BYTES)];
            let _ = join(head, bytes.chunks(CHUNK_BYTES).skip(1));
        }
    }

    #[test]
    fn a_lost_or_foreign_record_is_noticed() {
        let mut large = LargeEntries::new();
        let written = writes(vec![(b"key".to_vec(), Some(vec![7; 1000]))], &mut large);
        let records: Vec<_> =
            written.into_iter().filter_map(|(place, chunk)| Some((place, chunk?))).collect();
        for missing in 0..records.len() {
            let mut some = records.clone();
            some.remove(missing);
            assert!(entries(some.into_iter()).is_err(), "record {missing} is not missed");
        }
        let mut moved = records;
        moved[0].0 = head_place(b"elsewhere");
        assert!(entries(moved.into_iter()).is_err());
    }
}
