//! Proposing and verifying blocks: where the engine meets the rules.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_cryptography::Digestible as _;
use commonware_glue::stateful::{
    Application as Stateful, Finality, Input, Proposed,
    db::{DatabaseSet, Unmerkleized as _},
};
use commonware_runtime::{Clock, Spawner};
use commonware_storage::{Context as Storage, qmdb::sync::Target};
use commonware_utils::non_empty_range;
use futures::StreamExt as _;
use tracing::{debug, warn};

use crate::{
    BlockContext, Limits, Sender, beacon,
    block::{Block, Header, transactions_root},
    chain::{self, Chain, Executed, Execution},
    chunks,
    committee::{Committee, Identity},
    engine_types::{Chunk, Context, Digest, Scheme, SharedDatabase},
    erased::Rules,
    history::Recorder,
    pool::Waiting,
    publish::Publisher,
};

type Unmerkleized<E> = <SharedDatabase<E> as DatabaseSet<E>>::Unmerkleized;
type Merkleized<E> = <SharedDatabase<E> as DatabaseSet<E>>::Merkleized;

/// What proposing, verifying and finalising share.
pub(crate) struct Shared {
    pub(crate) rules: Arc<dyn Rules>,
    pub(crate) limits: Limits,
    pub(crate) chain: Chain,
    pub(crate) genesis: Block,
    pub(crate) committee: Committee,
    pub(crate) identity: Identity,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) recorder: Recorder,
}

/// Runs blocks for the engine. A clone is a pointer.
#[derive(Clone)]
pub(crate) struct Executor(pub(crate) Arc<Shared>);

/// Milliseconds since 1970 on the runtime's clock.
pub(crate) fn now_ms(clock: &impl Clock) -> u64 {
    let since = clock.current().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Executor {
    fn block_context(&self, parent: &Header, child: &Clocks) -> BlockContext {
        BlockContext {
            height: parent.height + 1,
            time: child.time,
            timestamp: child.timestamp,
            beacon: child.beacon,
        }
    }

    fn run(&self, parent: &Executed, clocks: &Clocks, transactions: &[Bytes]) -> Execution {
        let context = self.block_context(&parent.header, clocks);
        chain::execute(&*self.0.rules, parent, &context, transactions)
    }

    /// The transactions that fit in the next block on `parent`.
    fn select(&self, parent: &Executed) -> Vec<Bytes> {
        let nonce = |sender: &Sender| self.0.rules.nonce(&parent.state, sender);
        self.0.waiting.select(parent.header.height + 1, &self.0.limits, nonce)
    }

    /// Everything a vote depends on, except the result of executing.
    fn holds(&self, parent: &Executed, block: &Block) -> Result<(), &'static str> {
        let header = &block.header;
        let height = parent.header.height.checked_add(1);
        if height != Some(header.height) {
            return Err("height");
        }
        if !chain::clocks_hold(&parent.header, header, &self.0.limits) {
            return Err("clock");
        }
        let key = self.0.committee.beacon_key(&header.context.leader).ok_or("leader")?;
        let before = parent.header.beacon_value();
        if !beacon::verify(key, &before, header.height, &header.beacon) {
            return Err("beacon");
        }
        self.admissible(parent, block)
    }

    /// Whether each transaction is well-formed, in its sender's order, unexpired, and the work of
    /// all together allowed.
    fn admissible(&self, parent: &Executed, block: &Block) -> Result<(), &'static str> {
        let bytes: Vec<&[u8]> = block.transactions.iter().map(|bytes| &bytes[..]).collect();
        let mut next = HashMap::new();
        let mut work: u64 = 0;
        for admission in self.0.rules.check(&bytes) {
            let admission = admission.map_err(|_| "transaction")?;
            let expected = next
                .entry(admission.sender)
                .or_insert_with(|| self.0.rules.nonce(&parent.state, &admission.sender));
            if admission.nonce != *expected || admission.expires < block.header.height {
                return Err("nonce or expiry");
            }
            *expected += 1;
            work = work.checked_add(admission.work).ok_or("work")?;
        }
        if work > self.0.limits.block_work { Err("work") } else { Ok(()) }
    }
}

/// The outside world as a block knows it.
struct Clocks {
    timestamp: u64,
    time: u64,
    beacon: [u8; 32],
}

async fn merkleize<E: Storage + Spawner>(
    mut batches: Unmerkleized<E>,
    height: u64,
    writes: Vec<chunks::Write>,
) -> Merkleized<E> {
    for (place, chunk) in writes {
        batches = batches.write(place, chunk);
    }
    let merkleized = batches.with_metadata(height_mark(height)).merkleize().await;
    merkleized.expect("the database must take what the rules changed; a storage error is fatal")
}

/// The height at which the database stands, as its commits carry it.
pub(crate) fn height_mark(height: u64) -> Chunk {
    let mut mark = [0; chunks::CHUNK_BYTES];
    mark[..8].copy_from_slice(&height.to_le_bytes());
    Chunk::new(mark)
}

/// Reads what [`height_mark`] wrote.
pub(crate) fn marked_height(mark: &Chunk) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&mark[..8]);
    u64::from_le_bytes(bytes)
}

impl<E: Storage + Spawner + Clock> Stateful<E> for Executor {
    type SigningScheme = Scheme;
    type Context = Context;
    type Block = Block;
    type Databases = SharedDatabase<E>;
    type Captured = ();
    type Provider = ();
    type Input = ();

    fn sync_targets(block: &Block) -> Target<commonware_storage::mmr::Family, Digest> {
        Target::new(block.header.operations_root, block.header.operations.clone())
    }

    async fn genesis(&mut self) -> Block {
        self.0.genesis.clone()
    }

    async fn propose(
        &mut self,
        (runtime, context): (E, Context),
        ancestry: impl Ancestry<Block>,
        batches: Unmerkleized<E>,
        _input: Input<(), ()>,
    ) -> Option<Proposed<Self, E>> {
        let parent = Box::pin(ancestry).next().await?;
        let parent = self.0.chain.get(&parent.digest()).await?;
        let height = parent.header.height + 1;
        let signature = self.0.identity.beacon.sign(&parent.header.beacon_value(), height);
        let (timestamp, time) = chain::clocks(&parent.header, now_ms(&runtime), &self.0.limits);
        let clocks = Clocks { timestamp, time, beacon: beacon::value(&signature) };
        let transactions = self.select(&parent);
        let Execution { state, large, outcome, outcome_root, writes } =
            self.run(&parent, &clocks, &transactions);
        let merkleized = merkleize::<E>(batches, height, writes).await;
        let header = Header {
            context,
            height,
            timestamp,
            time,
            state_root: merkleized.root(),
            operations_root: merkleized.ops_root(),
            operations: operations::<E>(&merkleized),
            outcome_root,
            transactions_root: transactions_root(&transactions),
            beacon: signature,
        };
        let digest = header.digest();
        let outcome = Arc::new(outcome);
        self.0.chain.insert(Executed { header: header.clone(), digest, state, large, outcome });
        debug!(height, transactions = transactions.len(), "proposed");
        Some(Proposed { block: Block { header, transactions }, merkleized })
    }

    async fn process(
        &mut self,
        (runtime, _context): (E, Context),
        ancestry: impl Ancestry<Block>,
        batches: Unmerkleized<E>,
        finality: Finality,
    ) -> Option<Merkleized<E>> {
        let block = ancestry.peek()?.clone();
        let (digest, block) = (block.digest(), block.inner_shared());
        let header = &block.header;
        let parent = self.0.chain.get(&header.parent()).await?;
        if finality == Finality::Candidate {
            if let Err(reason) = self.holds(&parent, &block) {
                warn!(height = header.height, reason, "refused a block");
                return None;
            }
            wait_until(&runtime, header.timestamp).await;
        }
        let clocks = Clocks {
            timestamp: header.timestamp,
            time: header.time,
            beacon: header.beacon_value(),
        };
        let Execution { state, large, outcome, outcome_root, writes } =
            self.run(&parent, &clocks, &block.transactions);
        let merkleized = merkleize::<E>(batches, header.height, writes).await;
        // The engine compares the log's root only; proofs start from the database's.
        if merkleized.root() != header.state_root || outcome_root != header.outcome_root {
            warn!(height = header.height, "refused a block: another result");
            return None;
        }
        let (header, outcome) = (header.clone(), Arc::new(outcome));
        self.0.chain.insert(Executed { header, digest, state, large, outcome });
        Some(merkleized)
    }

    async fn capture(
        &mut self,
        _context: (E, Context),
        _block: &Block,
        _batches: &Merkleized<E>,
        _readers: <SharedDatabase<E> as DatabaseSet<E>>::Readers,
    ) {
    }

    /// The block is final and its transactions are durable: the engine delivers no block before
    /// its own archive is. Its events are made durable here, then everybody hears of it.
    async fn finalized(
        &mut self,
        _context: (E, Context),
        block: &Block,
        (): (),
        _readers: <SharedDatabase<E> as DatabaseSet<E>>::Readers,
    ) {
        let digest = block.header.digest();
        let executed = self.0.chain.finalize(&digest).expect("a final block was executed");
        if !self.0.recorder.append(block, &executed.outcome).await {
            // Returning would let the engine take the block for done, and its events would be lost.
            // Unreturned, it is delivered again by the next start.
            std::future::pending::<()>().await;
        }
        self.0.publisher.publish(&executed, &block.transactions);
    }
}

fn operations<E: Storage + Spawner>(
    merkleized: &Merkleized<E>,
) -> commonware_utils::range::NonEmptyRange<crate::engine_types::Location> {
    non_empty_range!(merkleized.sync_boundary(), merkleized.bounds().tip.size)
}

/// Waits until this timestamp has come here, too. [`chain::clocks_hold`] bounds how long.
async fn wait_until(clock: &impl Clock, timestamp: u64) {
    let ahead = timestamp.saturating_sub(now_ms(clock));
    if ahead > 0 {
        clock.sleep(Duration::from_millis(ahead)).await;
    }
}
