//! The state as entries: table byte and borsh key to borsh value. What the ledger stores and proves.

use std::fmt::Debug;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use crate::jobs::Job;
use crate::primitives::JobId;
use crate::state::State;
use crate::state::hash_trie::{HashTrie, Key};

/// One entry: key bytes (the first is the table) and value bytes.
pub type Entry = (Vec<u8>, Vec<u8>);

/// Why entries are not a state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    /// A key whose first byte names no table, or with no first byte.
    #[error("entry {key} belongs to no table")]
    UnknownTable {
        /// The key in hexadecimal digits.
        key: String,
    },
    /// A key or value that does not decode to the end.
    #[error("entry {key} does not decode")]
    Malformed {
        /// The key in hexadecimal digits.
        key: String,
    },
}

fn table_key<K: BorshSerialize>(table: u8, key: &K) -> Vec<u8> {
    let mut bytes = vec![table];
    key.serialize(&mut bytes).expect("writing to memory never fails");
    bytes
}

fn encode<V: BorshSerialize>(value: &V) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to memory never fails")
}

/// What every table can do with its entries.
trait Table {
    fn export(&self, table: u8, entries: &mut Vec<Entry>);
    fn difference(&self, after: &Self, table: u8, changes: &mut Vec<(Vec<u8>, Option<Vec<u8>>)>);
    fn import(&mut self, key: &[u8], value: &[u8]) -> Option<()>;
}

impl<K, V> Table for OrdMap<K, V>
where
    K: Ord + Clone + Debug + BorshSerialize + BorshDeserialize,
    V: Clone + PartialEq + Debug + BorshSerialize + BorshDeserialize,
{
    fn export(&self, table: u8, entries: &mut Vec<Entry>) {
        entries.extend(self.iter().map(|(key, value)| (table_key(table, key), encode(value))));
    }

    fn difference(&self, after: &Self, table: u8, changes: &mut Vec<(Vec<u8>, Option<Vec<u8>>)>) {
        changes.extend(self.diff(after).map(|item| match item {
            DiffItem::Add(key, value) | DiffItem::Update { new: (key, value), .. } => {
                (table_key(table, key), Some(encode(value)))
            }
            DiffItem::Remove(key, _) => (table_key(table, key), None),
        }));
    }

    fn import(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let key = K::try_from_slice(key).ok()?;
        self.insert(key, V::try_from_slice(value).ok()?);
        Some(())
    }
}

impl<K, V> Table for HashTrie<K, V>
where
    K: Key + BorshSerialize + BorshDeserialize,
    V: Clone + PartialEq + BorshSerialize + BorshDeserialize,
{
    fn export(&self, table: u8, entries: &mut Vec<Entry>) {
        entries.extend(self.iter().map(|(key, value)| (table_key(table, key), encode(value))));
    }

    fn difference(&self, after: &Self, table: u8, changes: &mut Vec<(Vec<u8>, Option<Vec<u8>>)>) {
        let changed = self.changes(after).into_iter();
        changes.extend(changed.map(|(key, value)| (table_key(table, key), value.map(encode))));
    }

    fn import(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let key = K::try_from_slice(key).ok()?;
        self.insert(key, V::try_from_slice(value).ok()?);
        Some(())
    }
}

/// A table of one value, under the empty key. The default value has no entry.
#[derive(Clone, Debug, PartialEq)]
struct Single<'a, V>(&'a V);

impl<V: PartialEq + BorshSerialize> Single<'_, V> {
    fn difference(&self, after: &V, table: u8, changes: &mut Vec<(Vec<u8>, Option<Vec<u8>>)>) {
        if self.0 != after {
            changes.push((vec![table], Some(encode(after))));
        }
    }
}

/// The table bytes. Stable for ever: a table that is dropped leaves a gap.
macro_rules! tables {
    ($($byte:literal $table:ident,)*) => {
        /// Every table byte with the name of its table.
        pub const TABLES: &[(u8, &str)] =
            &[(0, "chain"), (1, "parameters"), (2, "clock"), $(($byte, stringify!($table)),)*];

        impl State {
            fn export_tables(&self, entries: &mut Vec<Entry>) {
                $(Table::export(&self.$table, $byte, entries);)*
            }

            fn difference_tables(&self, after: &Self, changes: &mut Vec<(Vec<u8>, Option<Vec<u8>>)>) {
                $(Table::difference(&self.$table, &after.$table, $byte, changes);)*
            }

            fn import_entry(&mut self, table: u8, key: &[u8], value: &[u8]) -> Result<Option<()>, ()> {
                match table {
                    0 => Ok(import_single(&mut self.chain, key, value)),
                    1 => Ok(import_single(&mut self.parameters, key, value)),
                    2 => Ok(import_single(&mut self.clock, key, value)),
                    $($byte => Ok(Table::import(&mut self.$table, key, value)),)*
                    _ => Err(()),
                }
            }
        }
    };
}

tables! {
    3 assets,
    4 classes,
    5 accounts,
    6 held,
    7 totals,
    8 operators,
    9 exits,
    10 offers,
    11 asks,
    12 auditors,
    13 auditor_weights,
    14 programs,
    15 jobs,
    16 open,
    17 cursors,
    18 draws,
    19 demands,
    20 timers,
    50 offered,
    51 flows,
    52 turns,
    53 lanes,
    54 ask_cursors,
    55 access,
    56 access_exits,
    57 access_epochs,
    58 waiting_weights,
    59 waiting_heaviest,
    60 devices,
    61 uptimes,
    62 watched,
    63 rounds,
    64 capacities,
    65 measurements,
    66 accuracies,
    31 delegations,
    32 buckets,
    33 undelegations,
    35 commitments,
    36 ruins,
    37 ranks,
    39 seats,
    40 oracle,
    41 reports,
    42 prices,
    43 misses,
    44 liabilities,
    45 exposures,
    46 sweep,
    47 collateral,
    48 proposals,
    49 ballots,
    70 replications,
    71 votes,
    72 tallies,
    73 replicators,
    90 leases,
    91 lease_rates,
    92 lease_asks,
    93 lease_queue,
    94 lease_cursor,
    95 leased,
    81 reward_pools,
    82 epoch_starts,
    83 double_signers,
    84 roster,
}

fn import_single<V: BorshDeserialize>(single: &mut V, key: &[u8], value: &[u8]) -> Option<()> {
    *single = if key.is_empty() { V::try_from_slice(value).ok()? } else { return None };
    Some(())
}

/// The table byte of jobs.
const JOBS: u8 = 15;

/// The key of a job's entry.
pub fn job_key(job: JobId) -> Vec<u8> {
    table_key(JOBS, &job)
}

/// The entry of a job, byte for byte as the state has it: what a proof of the job proves.
pub fn job_entry(job: &Job) -> Entry {
    (job_key(job.id), encode(job))
}

impl State {
    /// Every entry of the state, table by table, in order of key within each.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = vec![
            (vec![0], encode(&self.chain)),
            (vec![1], encode(&self.parameters)),
            (vec![2], encode(&self.clock)),
        ];
        self.export_tables(&mut entries);
        entries
    }

    /// What turns the entries of `self` into those of `after`: a new value, or `None` where a key is gone.
    /// Costs what changed, not what is there.
    pub fn changes(&self, after: &Self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let mut changes = Vec::new();
        if !Arc::ptr_eq(&self.chain, &after.chain) {
            Single(&self.chain).difference(&after.chain, 0, &mut changes);
        }
        if !Arc::ptr_eq(&self.parameters, &after.parameters) {
            Single(&self.parameters).difference(&after.parameters, 1, &mut changes);
        }
        Single(&self.clock).difference(&after.clock, 2, &mut changes);
        self.difference_tables(after, &mut changes);
        changes
    }

    /// The state that has these entries. Order does not matter.
    ///
    /// # Errors
    /// [`ImportFault`] on the first entry that belongs to no table or does not decode. Whether the result keeps
    /// the rules is for the invariants to say.
    pub fn from_entries<K, V>(
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ImportFault>
    where
        K: AsRef<[u8]>,
        V: AsRef<[u8]>,
    {
        let mut state = Self::default();
        for (key, value) in entries {
            state.import(key.as_ref(), value.as_ref())?;
        }
        Ok(state)
    }

    fn import(&mut self, key: &[u8], value: &[u8]) -> Result<(), ImportFault> {
        let named = || hex::encode(&key[..key.len().min(64)]);
        let unknown = || ImportFault::UnknownTable { key: named() };
        let (table, rest) = key.split_first().ok_or_else(unknown)?;
        let imported = self.import_entry(*table, rest, value).map_err(|()| unknown())?;
        imported.ok_or_else(|| ImportFault::Malformed { key: named() })
    }
}
