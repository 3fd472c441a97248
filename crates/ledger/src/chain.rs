//! The in-memory states: one for the last final block, one for each block not yet final.
//!
//! Nothing here touches the disk. On finalisation everything that does not descend from the final
//! block goes away; on a restart the base comes from the database and the rest is executed again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::watch;

use crate::{
    BlockContext, BlockOutcome, Limits,
    block::{Header, outcome_root},
    chunks::{self, LargeEntries, Write},
    engine_types::Digest,
    erased::{Rules, State},
};

/// A block's header and everything that executing it gave.
#[derive(Clone)]
pub(crate) struct Executed {
    pub(crate) header: Header,
    pub(crate) digest: Digest,
    pub(crate) state: State,
    pub(crate) large: LargeEntries,
    pub(crate) outcome: Arc<BlockOutcome>,
}

/// What executing a block gave, before its root is known.
pub(crate) struct Execution {
    pub(crate) state: State,
    pub(crate) large: LargeEntries,
    pub(crate) outcome: BlockOutcome,
    pub(crate) outcome_root: Digest,
    pub(crate) writes: Vec<Write>,
}

/// The tree of executed blocks above and including the last final one.
pub(crate) struct Chain {
    blocks: Mutex<HashMap<Digest, Arc<Executed>>>,
    loaded: watch::Sender<bool>,
}

impl Chain {
    /// A chain whose base is not loaded yet.
    pub(crate) fn new() -> Self {
        Self { blocks: Mutex::default(), loaded: watch::Sender::new(false) }
    }

    /// Sets the base. Whoever waits in [`Chain::get`] continues.
    pub(crate) fn load(&self, base: Executed) {
        self.insert(base);
        self.loaded.send_replace(true);
    }

    /// The executed block with this digest, once the base is loaded; `None` if it is unknown.
    pub(crate) async fn get(&self, digest: &Digest) -> Option<Arc<Executed>> {
        let mut loaded = self.loaded.subscribe();
        loaded.wait_for(|loaded| *loaded).await.ok()?;
        self.lock().get(digest).cloned()
    }

    /// Remembers an executed block.
    pub(crate) fn insert(&self, executed: Executed) {
        self.lock().insert(executed.digest, Arc::new(executed));
    }

    /// Makes a block the base: forgets all others up to its height. `None` if it is unknown.
    pub(crate) fn finalize(&self, digest: &Digest) -> Option<Arc<Executed>> {
        let mut blocks = self.lock();
        let base = blocks.get(digest).cloned()?;
        blocks.retain(|other, block| other == digest || block.header.height > base.header.height);
        Some(base)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Arc<Executed>>> {
        // Every critical section is a single map operation: a poisoned map is still whole.
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Executes a block on its parent: a pure function, on the caller's thread.
pub(crate) fn execute(
    rules: &dyn Rules,
    parent: &Executed,
    context: &BlockContext,
    transactions: &[Bytes],
) -> Execution {
    let (state, outcome) = rules.execute(&parent.state, context, transactions);
    // The database starts empty: block 1 writes genesis and what it changed.
    let before = (parent.header.height > 0).then_some(&parent.state);
    let mut large = parent.large.clone();
    let writes = chunks::writes(rules.changes(before, &state), &mut large);
    let outcome_root = outcome_root(&outcome);
    Execution { state, large, outcome, outcome_root, writes }
}

/// The most that a timestamp may run ahead of its parent's, in milliseconds. After an outage the
/// wall clock in the headers catches up by this much each block.
pub(crate) const TIMESTAMP_STEP_MS_MAX: u64 = 60_000;

/// The timestamp and network time of a child proposed at `now` (milliseconds since 1970).
pub(crate) fn clocks(parent: &Header, now: u64, limits: &Limits) -> (u64, u64) {
    let latest = parent.timestamp.saturating_add(TIMESTAMP_STEP_MS_MAX);
    // Genesis has no timestamp of its own.
    let latest = if parent.height == 0 { u64::MAX } else { latest };
    let timestamp = now.clamp(parent.timestamp, latest);
    (timestamp, network_time(parent, timestamp, limits))
}

/// Network time of a child with this timestamp: it follows the wall clock, at most
/// [`Limits::clock_step_ms_max`] a block, so that it stands still while the network does.
pub(crate) fn network_time(parent: &Header, timestamp: u64, limits: &Limits) -> u64 {
    let step = timestamp.saturating_sub(parent.timestamp).min(limits.clock_step_ms_max);
    let step = if parent.height == 0 { 0 } else { step };
    parent.time.saturating_add(step)
}

/// Whether a child's clocks are the ones its timestamp and its parent imply.
pub(crate) fn clocks_hold(parent: &Header, child: &Header, limits: &Limits) -> bool {
    clocks(parent, child.timestamp, limits) == (child.timestamp, child.time)
}

#[cfg(test)]
mod tests {
    use commonware_cryptography::Signer as _;
    use commonware_storage::mmr::Location;
    use commonware_utils::non_empty_range;

    use super::*;
    use crate::{block, committee::Identity};

    const LIMITS: Limits = Limits {
        transaction_bytes: 10,
        block_bytes: 10,
        block_transactions: 1,
        block_work: 0,
        clock_step_ms_max: 500,
    };

    fn header(height: u64, timestamp: u64, time: u64) -> Header {
        let first = Identity::derive(&[1; 32]).vote.public_key();
        let root = crate::hash::digest("test", &[]);
        let range = non_empty_range!(Location::new(0), Location::new(1));
        let empty = commonware_storage::qmdb::sync::Target::new(root, range);
        let mut header = block::genesis(&[0; 32], &LIMITS, &[], first, &empty).header;
        (header.height, header.timestamp, header.time) = (height, timestamp, time);
        header
    }

    #[test]
    fn network_time_follows_the_wall_clock_and_stops_with_the_network() {
        let genesis = header(0, 0, 0);
        assert_eq!(clocks(&genesis, 1_700_000_000_000, &LIMITS), (1_700_000_000_000, 0));
        let parent = header(7, 10_000, 40);
        assert_eq!(clocks(&parent, 10_300, &LIMITS), (10_300, 340));
        assert_eq!(clocks(&parent, 11_000, &LIMITS), (11_000, 540), "at most one step");
        assert_eq!(clocks(&parent, 9_000, &LIMITS), (10_000, 40), "never backwards");
        let late = 10_000 + TIMESTAMP_STEP_MS_MAX;
        assert_eq!(clocks(&parent, 90_000_000, &LIMITS), (late, 540), "catches up in steps");
    }

    #[test]
    fn a_child_with_other_clocks_is_refused() {
        let parent = header(7, 10_000, 40);
        let holds = |timestamp, time| clocks_hold(&parent, &header(8, timestamp, time), &LIMITS);
        assert!(holds(10_300, 340) && holds(10_000, 40));
        assert!(!holds(10_300, 341) && !holds(9_999, 40));
        assert!(holds(10_000 + TIMESTAMP_STEP_MS_MAX, 540));
        assert!(!holds(10_001 + TIMESTAMP_STEP_MS_MAX, 540));
    }
}
