//! The transactions that wait for a block.
//!
//! For each sender a queue by nonce. A transaction whose predecessors are missing waits for them.
//! Bounded for each sender and in total, by number and by bytes. Order of arrival decides who is
//! first, as far as nonces allow.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::{
    Admission, DropReason, Limits, MempoolLimits, Sender, SubmitError, TransactionId, block::size,
};

/// The pool, and a bell that rings when something executable arrives.
pub(crate) struct Waiting {
    pool: Mutex<Pool>,
    bell: Notify,
}

impl Waiting {
    /// An empty pool.
    pub(crate) fn new(limits: MempoolLimits) -> Self {
        Self { pool: Mutex::new(Pool::new(limits)), bell: Notify::new() }
    }

    /// Takes a checked transaction. `next` is its sender's next nonce at `height`, the last final
    /// one.
    pub(crate) fn admit(
        &self,
        bytes: Bytes,
        admission: Admission,
        next: u64,
        height: u64,
    ) -> Result<TransactionId, SubmitError> {
        let id = TransactionId::of(&bytes);
        let executable = {
            let mut pool = self.lock();
            pool.admit(id, bytes, admission, next, height)?;
            pool.executable(&admission, next)
        };
        if executable {
            self.bell.notify_one();
        }
        Ok(id)
    }

    /// Waits until something executable has arrived since the last time this returned.
    pub(crate) async fn arrival(&self) {
        self.bell.notified().await;
    }

    /// Whether a block could execute anything, with these next nonces.
    pub(crate) fn any_executable(&self, height: u64, next: impl FnMut(&Sender) -> u64) -> bool {
        self.lock().any_executable(height, next)
    }

    /// The transactions of the block at `height`, with these next nonces.
    pub(crate) fn select(
        &self,
        height: u64,
        limits: &Limits,
        next: impl FnMut(&Sender) -> u64,
    ) -> Vec<Bytes> {
        self.lock().select(height, limits, next)
    }

    /// Forgets what can no longer be executed after the block at `height`, and says why.
    pub(crate) fn advance(
        &self,
        height: u64,
        next: impl FnMut(&Sender) -> u64,
    ) -> Vec<(TransactionId, DropReason)> {
        self.lock().advance(height, next)
    }

    /// Whether this transaction waits.
    pub(crate) fn contains(&self, id: &TransactionId) -> bool {
        self.lock().places.contains_key(id)
    }

    /// Number and bytes of the transactions that wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        let pool = self.lock();
        (pool.places.len(), pool.bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        // A panic inside is a bug that leaves at worst a transaction half-removed: it then waits
        // for nothing until it expires.
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Entry {
    id: TransactionId,
    bytes: Bytes,
    work: u64,
    expires: u64,
    arrival: u64,
}

#[derive(Default)]
struct Queue {
    entries: BTreeMap<u64, Entry>,
    bytes: usize,
}

struct Pool {
    limits: MempoolLimits,
    queues: BTreeMap<Sender, Queue>,
    places: HashMap<TransactionId, (Sender, u64)>,
    arrivals: BTreeMap<u64, (Sender, u64)>,
    expiries: BTreeSet<(u64, u64)>,
    bytes: usize,
    arrived: u64,
}

impl Pool {
    fn new(limits: MempoolLimits) -> Self {
        Self {
            limits,
            queues: BTreeMap::new(),
            places: HashMap::new(),
            arrivals: BTreeMap::new(),
            expiries: BTreeSet::new(),
            bytes: 0,
            arrived: 0,
        }
    }

    fn admit(
        &mut self,
        id: TransactionId,
        bytes: Bytes,
        admission: Admission,
        next: u64,
        height: u64,
    ) -> Result<(), SubmitError> {
        self.refuse(&id, &bytes, &admission, next, height)?;
        let Admission { sender, nonce, expires, work } = admission;
        let arrival = self.arrived;
        self.arrived += 1;
        self.bytes += bytes.len();
        self.places.insert(id, (sender, nonce));
        self.arrivals.insert(arrival, (sender, nonce));
        self.expiries.insert((expires, arrival));
        let queue = self.queues.entry(sender).or_default();
        queue.bytes += bytes.len();
        queue.entries.insert(nonce, Entry { id, bytes, work, expires, arrival });
        Ok(())
    }

    fn refuse(
        &self,
        id: &TransactionId,
        bytes: &Bytes,
        admission: &Admission,
        next: u64,
        height: u64,
    ) -> Result<(), SubmitError> {
        let Admission { sender, nonce, expires, .. } = *admission;
        if self.places.contains_key(id) {
            return Err(SubmitError::Known);
        }
        if expires <= height {
            return Err(SubmitError::Expired { expires, height });
        }
        if nonce < next {
            return Err(SubmitError::NonceUsed { found: nonce, next });
        }
        let limit = self.limits.transactions_per_sender;
        if usize::try_from(nonce - next).map_or(true, |ahead| ahead >= limit) {
            return Err(SubmitError::NonceTooHigh { found: nonce, next, limit: limit as u64 });
        }
        if let Some(queue) = self.queues.get(&sender) {
            if queue.entries.contains_key(&nonce) {
                return Err(SubmitError::NonceTaken { nonce });
            }
            let waiting = queue.entries.len();
            if waiting >= limit || queue.bytes + bytes.len() > self.limits.bytes_per_sender {
                return Err(SubmitError::SenderFull { waiting });
            }
        }
        let waiting = self.places.len();
        if waiting >= self.limits.transactions || self.bytes + bytes.len() > self.limits.bytes {
            return Err(SubmitError::Full { waiting });
        }
        Ok(())
    }

    /// Whether all predecessors of a waiting transaction are there.
    fn executable(&self, admission: &Admission, next: u64) -> bool {
        self.queues.get(&admission.sender).is_some_and(|queue| {
            let before = queue.entries.range(next..admission.nonce).count();
            before as u64 == admission.nonce.saturating_sub(next)
        })
    }

    fn any_executable(&self, height: u64, mut next: impl FnMut(&Sender) -> u64) -> bool {
        self.queues.iter().any(|(sender, queue)| {
            queue.entries.get(&next(sender)).is_some_and(|entry| entry.expires >= height)
        })
    }

    fn select(
        &self,
        height: u64,
        limits: &Limits,
        mut next: impl FnMut(&Sender) -> u64,
    ) -> Vec<Bytes> {
        let mut filling = Filling::new(height, limits);
        let mut nonces = HashMap::new();
        for (sender, nonce) in self.arrivals.values() {
            let expected = nonces.entry(*sender).or_insert_with(|| next(sender));
            if nonce != expected {
                // Its predecessors come first; it is taken along with the last of them.
                continue;
            }
            let Some(queue) = self.queues.get(sender) else { continue };
            while let Some(entry) = queue.entries.get(expected) {
                if !filling.take(entry) {
                    break;
                }
                *expected += 1;
            }
            if filling.is_full() {
                break;
            }
        }
        filling.chosen
    }

    fn advance(
        &mut self,
        height: u64,
        mut next: impl FnMut(&Sender) -> u64,
    ) -> Vec<(TransactionId, DropReason)> {
        let mut gone = Vec::new();
        while let Some((expires, arrival)) = self.expiries.first().copied() {
            if expires > height {
                break;
            }
            gone.extend(self.arrivals.get(&arrival).map(|place| (*place, DropReason::Expired)));
            self.expiries.remove(&(expires, arrival));
        }
        for (sender, queue) in &self.queues {
            let used = queue.entries.range(..next(sender));
            gone.extend(used.map(|(nonce, _)| ((*sender, *nonce), DropReason::NonceUsed)));
        }
        gone.into_iter()
            .filter_map(|((sender, nonce), reason)| Some((self.remove(&sender, nonce)?, reason)))
            .collect()
    }

    fn remove(&mut self, sender: &Sender, nonce: u64) -> Option<TransactionId> {
        let queue = self.queues.get_mut(sender)?;
        let entry = queue.entries.remove(&nonce)?;
        queue.bytes -= entry.bytes.len();
        if queue.entries.is_empty() {
            self.queues.remove(sender);
        }
        self.bytes -= entry.bytes.len();
        self.places.remove(&entry.id);
        self.arrivals.remove(&entry.arrival);
        self.expiries.remove(&(entry.expires, entry.arrival));
        Some(entry.id)
    }
}

/// A block being filled.
struct Filling<'a> {
    height: u64,
    limits: &'a Limits,
    chosen: Vec<Bytes>,
    bytes: usize,
    work: u64,
    misfits: u32,
}

/// After so many transactions that did not fit, a block counts as full.
const MISFITS_MAX: u32 = 64;

impl<'a> Filling<'a> {
    fn new(height: u64, limits: &'a Limits) -> Self {
        Self { height, limits, chosen: Vec::new(), bytes: 0, work: 0, misfits: 0 }
    }

    fn take(&mut self, entry: &Entry) -> bool {
        let bytes = self.bytes + entry.bytes.len();
        let work = self.work.saturating_add(entry.work);
        let fits = bytes <= size(self.limits.block_bytes)
            && work <= self.limits.block_work
            && self.chosen.len() < size(self.limits.block_transactions);
        if !fits {
            self.misfits += 1;
        }
        if !fits || entry.expires < self.height {
            return false;
        }
        (self.bytes, self.work) = (bytes, work);
        self.chosen.push(entry.bytes.clone());
        true
    }

    fn is_full(&self) -> bool {
        self.misfits >= MISFITS_MAX || self.chosen.len() >= size(self.limits.block_transactions)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const LIMITS: MempoolLimits = MempoolLimits {
        transactions: 12,
        bytes: 120,
        transactions_per_sender: 5,
        bytes_per_sender: 60,
    };

    fn admit(pool: &mut Pool, sender: u8, nonce: u8, size: usize, next: u64) -> Result<(), String> {
        let bytes = Bytes::from([vec![sender, nonce], vec![0; size]].concat());
        let id = TransactionId::of(&bytes);
        let admission = Admission {
            sender: [sender; 32],
            nonce: nonce.into(),
            expires: 100,
            work: size as u64,
        };
        let answer = pool.admit(id, bytes, admission, next, 1);
        answer.map_err(|error| format!("{error:?}"))
    }

    fn names(chosen: &[Bytes]) -> Vec<(u8, u8)> {
        chosen.iter().map(|bytes| (bytes[0], bytes[1])).collect()
    }

    #[test]
    fn arrival_decides_as_far_as_nonces_allow() {
        let mut pool = Pool::new(LIMITS);
        for (sender, nonce) in [(1, 1), (2, 0), (1, 0), (2, 2)] {
            admit(&mut pool, sender, nonce, 1, 0).expect("room");
        }
        let chosen = pool.select(1, &Limits::default(), |_| 0);
        assert_eq!(names(&chosen), [(2, 0), (1, 0), (1, 1)]);
        assert!(pool.any_executable(1, |_| 0));
        assert!(!pool.any_executable(1, |sender| if sender[0] == 1 { 2 } else { 1 }));
    }

    #[test]
    fn a_block_holds_what_its_limits_say() {
        let mut pool = Pool::new(LIMITS);
        for sender in 1..=4 {
            admit(&mut pool, sender, 0, 8, 0).expect("room");
        }
        let limits = Limits::default();
        let count = |limits| pool.select(1, &limits, |_| 0).len();
        assert_eq!(count(Limits { block_transactions: 3, ..limits }), 3);
        assert_eq!(count(Limits { block_bytes: 29, ..limits }), 2);
        assert_eq!(count(Limits { block_work: 8, ..limits }), 1);
        assert_eq!(pool.select(101, &limits, |_| 0).len(), 0, "expired");
    }

    #[test]
    fn what_became_impossible_is_dropped_with_its_reason() {
        let mut pool = Pool::new(LIMITS);
        for nonce in 0..3 {
            admit(&mut pool, 1, nonce, 1, 0).expect("room");
        }
        let dropped = pool.advance(2, |_| 2);
        assert_eq!(dropped.len(), 2);
        assert!(dropped.iter().all(|(_, reason)| *reason == DropReason::NonceUsed));
        let dropped = pool.advance(100, |_| 2);
        assert!(matches!(dropped[..], [(_, DropReason::Expired)]));
        assert!(pool.places.is_empty() && pool.queues.is_empty() && pool.bytes == 0);
        assert!(pool.arrivals.is_empty() && pool.expiries.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// Whatever arrives, no bound is passed, and a block is each sender's next nonces in order.
        #[test]
        fn bounds_hold_and_blocks_are_executable(
            arrivals in proptest::collection::vec((1..4u8, 0..9u8, 0..40usize), 0..60),
            next in 0..4u64,
        ) {
            let mut pool = Pool::new(LIMITS);
            for (sender, nonce, size) in arrivals {
                let _ = admit(&mut pool, sender, nonce, size, next);
                prop_assert!(pool.places.len() <= LIMITS.transactions);
                prop_assert!(pool.bytes <= LIMITS.bytes);
                for queue in pool.queues.values() {
                    prop_assert!(queue.entries.len() <= LIMITS.transactions_per_sender);
                    prop_assert!(queue.bytes <= LIMITS.bytes_per_sender);
                    let ahead = queue.entries.keys().all(|nonce| (next..next + 5).contains(nonce));
                    prop_assert!(ahead);
                }
            }
            let chosen = names(&pool.select(1, &Limits::default(), |_| next));
            for sender in 1..4 {
                let nonces: Vec<u64> = chosen
                    .iter()
                    .filter(|(from, _)| *from == sender)
                    .map(|(_, nonce)| u64::from(*nonce))
                    .collect();
                let expected: Vec<u64> = (next..).take(nonces.len()).collect();
                prop_assert_eq!(nonces, expected);
            }
            let distinct: BTreeSet<_> = chosen.iter().collect();
            prop_assert_eq!(distinct.len(), chosen.len());
            prop_assert_eq!(chosen.is_empty(), !pool.any_executable(1, |_| next));
        }
    }
}
