//! A small application to try the ledger with: everybody has a counter.
//!
//! A transaction adds to its sender's counter, or stores a blob under the sender's name. There are
//! no signatures: whoever writes a sender's name is believed.

use std::collections::BTreeMap;

use bytes::Bytes;
use imbl::{OrdMap, ordmap::DiffItem};
use ledger::{
    Admission, Application, BlockContext, BlockOutcome, ChainId, Change, Entry, Refusal,
    RestoreError, Sender, TransactionResult,
};

/// Code of the only refusal: the bytes are not a transaction.
pub(crate) const MALFORMED: u32 = 1;
/// Code of the only rejection: adding zero.
pub(crate) const ZERO: u32 = 2;

/// A transaction before it is bytes.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    /// Whose counter.
    pub(crate) sender: Sender,
    /// Place among the sender's transactions.
    pub(crate) nonce: u64,
    /// Last height.
    pub(crate) expires: u64,
    /// Declared work.
    pub(crate) work: u64,
    /// What to add to the counter.
    pub(crate) amount: u64,
    /// What to store, unless empty.
    pub(crate) blob: Vec<u8>,
}

impl Transaction {
    /// Adds one.
    pub(crate) fn one(sender: Sender, nonce: u64) -> Self {
        Self { sender, nonce, expires: u64::MAX, work: 0, amount: 1, blob: Vec::new() }
    }

    /// As bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let numbers = [self.nonce, self.expires, self.work, self.amount];
        let numbers = numbers.iter().flat_map(|number| number.to_le_bytes());
        self.sender.iter().copied().chain(numbers).chain(self.blob.iter().copied()).collect()
    }

    /// From bytes.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (sender, rest) = bytes.split_first_chunk::<32>()?;
        let (numbers, blob) = rest.split_first_chunk::<32>()?;
        let mut numbers = numbers
            .chunks_exact(8)
            .map(|part| u64::from_le_bytes(part.try_into().expect("chunks of eight")));
        Some(Self {
            sender: *sender,
            nonce: numbers.next()?,
            expires: numbers.next()?,
            work: numbers.next()?,
            amount: numbers.next()?,
            blob: blob.into(),
        })
    }
}

/// A sender's nonce and counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    /// Transactions so far.
    pub(crate) nonce: u64,
    /// Sum so far.
    pub(crate) total: u64,
}

/// Everybody's counters and blobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Counters by sender.
    pub(crate) counters: OrdMap<Sender, Counter>,
    /// Blobs by sender.
    pub(crate) blobs: OrdMap<Sender, Vec<u8>>,
    /// Network time of the last block.
    pub(crate) time: u64,
}

/// The rules.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    /// Distinguishes networks.
    pub(crate) chain: u8,
}

/// Key of a counter's entry.
pub(crate) fn counter_key(sender: &Sender) -> Vec<u8> {
    [b"c", &sender[..]].concat()
}

/// Key of a blob's entry.
pub(crate) fn blob_key(sender: &Sender) -> Vec<u8> {
    [b"b", &sender[..]].concat()
}

/// Value of a counter's entry.
pub(crate) fn counter_value(counter: &Counter) -> Vec<u8> {
    [counter.nonce.to_le_bytes(), counter.total.to_le_bytes()].concat()
}

impl Application for Counters {
    type State = State;

    fn chain(&self) -> ChainId {
        [self.chain; 32]
    }

    fn genesis(&self) -> State {
        let mut state = State::default();
        state.counters.insert([0; 32], Counter { nonce: 0, total: 1_000 });
        state
    }

    fn check(&self, transactions: &[&[u8]]) -> Vec<Result<Admission, Refusal>> {
        let malformed = || Refusal { code: MALFORMED, text: "not a transaction".into() };
        let check = |bytes: &&[u8]| {
            let transaction = Transaction::decode(bytes).ok_or_else(malformed)?;
            let Transaction { sender, nonce, expires, work, .. } = transaction;
            Ok(Admission { sender, nonce, expires, work })
        };
        transactions.iter().map(check).collect()
    }

    fn nonce(&self, state: &State, sender: &Sender) -> u64 {
        state.counters.get(sender).map_or(0, |counter| counter.nonce)
    }

    fn execute(
        &self,
        state: &mut State,
        block: &BlockContext,
        transactions: &[Bytes],
    ) -> BlockOutcome {
        let mut outcome = BlockOutcome::default();
        state.time = block.time;
        for bytes in transactions {
            let transaction = Transaction::decode(bytes).expect("admitted");
            let result = apply(state, transaction, &mut outcome.events);
            outcome.results.push(result);
        }
        outcome
    }

    fn changes(&self, before: Option<&State>, after: &State) -> Vec<Change> {
        let nothing = State::default();
        let start = before.unwrap_or(&nothing);
        let mut changes = BTreeMap::new();
        for item in start.counters.diff(&after.counters) {
            let (key, value) = changed(item);
            changes.insert(counter_key(key), value.map(counter_value));
        }
        for item in start.blobs.diff(&after.blobs) {
            let (key, value) = changed(item);
            changes.insert(blob_key(key), value.cloned());
        }
        if before.is_none_or(|before| before.time != after.time) {
            changes.insert(b"time".into(), Some(after.time.to_le_bytes().into()));
        }
        changes.into_iter().collect()
    }

    fn restore(&self, entries: &mut dyn Iterator<Item = Entry>) -> Result<State, RestoreError> {
        let mut state = State::default();
        for (key, value) in entries {
            restore(&mut state, &key, value)
                .ok_or_else(|| RestoreError(format!("entry {key:?}")))?;
        }
        Ok(state)
    }
}

fn apply(
    state: &mut State,
    transaction: Transaction,
    events: &mut Vec<Vec<u8>>,
) -> TransactionResult {
    let Transaction { sender, amount, blob, .. } = transaction;
    let counter = state.counters.entry(sender).or_default();
    counter.nonce += 1;
    if amount == 0 {
        return TransactionResult::Rejected { code: ZERO, text: "adds nothing".into() };
    }
    counter.total = counter.total.saturating_add(amount);
    events.push([&sender[..], &counter.total.to_le_bytes()].concat());
    if blob.len() == 1 {
        state.blobs.remove(&sender);
    } else if !blob.is_empty() {
        state.blobs.insert(sender, blob);
    }
    TransactionResult::Accepted
}

fn changed<'a, V>(item: DiffItem<'a, 'a, Sender, V>) -> (&'a Sender, Option<&'a V>) {
    match item {
        DiffItem::Add(key, value) => (key, Some(value)),
        DiffItem::Update { new: (key, value), .. } => (key, Some(value)),
        DiffItem::Remove(key, _) => (key, None),
    }
}

fn restore(state: &mut State, key: &[u8], value: Vec<u8>) -> Option<()> {
    let number = |part: &[u8]| Some(u64::from_le_bytes(part.try_into().ok()?));
    match key.split_first()? {
        (b'c', sender) => {
            let (nonce, total) = value.split_at_checked(8)?;
            let counter = Counter { nonce: number(nonce)?, total: number(total)? };
            state.counters.insert(sender.try_into().ok()?, counter);
        }
        (b'b', sender) => {
            state.blobs.insert(sender.try_into().ok()?, value);
        }
        (b't', _) => state.time = number(&value)?,
        _ => return None,
    }
    Some(())
}
