//! The engine, put together: one wiring for one validator and for many, for the real world and for
//! the simulated one.
//!
//! ```text
//!   lookup network --- votes, certificates, resolver ------> simplex --finality--> marshal
//!        |                                                      |                     |
//!        +--- blocks, backfill, operations, probes             propose, verify   final blocks, in order,
//!                                                               |                durable first
//!                                                            Deferred                 |
//!                                                               |                     v
//!                                                             Paced ----------> Stateful ---> Executor --> rules
//!                                                                                   |             |
//!                                                                                database   history, receipts, tip
//! ```

use std::{net::SocketAddr, sync::Arc, time::Duration};

use commonware_broadcast::buffered;
use commonware_consensus::{
    marshal::{
        self,
        core::{Actor as MarshalActor, Floor as MarshalFloor},
        resolver::p2p as marshal_resolver,
        standard::Deferred,
    },
    simplex::{
        self,
        config::{Floor, ForwardPolicy, SkipBudget, SkipPolicy},
        elector::RoundRobin,
    },
    types::{Epoch, FixedEpocher, ViewDelta},
};
use commonware_cryptography::{
    ChaCha20Poly1305, Digested, Digestible as _, Sha256, Signer as _,
    certificate::{ConstantProvider, Verifier as _},
};
use commonware_glue::stateful::{
    Config as StatefulConfig, PruneConfig, Stateful, SyncPlan,
    db::{DatabaseSet, SyncEngineConfig, p2p as operations_resolver},
    probe::{self, Config as ProbeConfig, Probe},
};
use commonware_p2p::{
    Address, AddressableManager as _,
    authenticated::lookup::{self, Network as Lookup, Oracle, Receiver, Sender},
    max_message_size,
};
use commonware_runtime::{
    Clock, Handle, Metrics, Network, Quota, Resolver, Spawner, Storage,
    buffer::paged::{CacheRef, page_size},
};
use commonware_storage::{
    archive::prunable, mmr, qmdb::any::ordered::fixed::Operation, translator::EightCap,
};
use commonware_stream::{
    cups::{self, Cups},
    sake::{self, Sake},
};
use commonware_utils::{NZDuration, NZU32, NZU64, NZUsize, TryCollect as _, ordered::Map};
use rand::CryptoRng;
use tokio::sync::watch;

use crate::{
    Limits, MempoolLimits, Pacing, RestoreError,
    block::{self, Block, BlockCfg},
    chain::{Chain, Executed},
    committee::{Committee, Identity},
    engine_types::{
        Blocks, Chunk, Database, Digest, Marshal, PublicKey, Scheme, Sequential, SharedDatabase,
    },
    erased::Rules,
    executor::{Executor, Shared},
    history::{self, Recorder},
    pacing::Paced,
    pool::Waiting,
    publish::{FinalTip, Publisher},
    store,
    view::BlockHeader,
};

/// What the engine needs of the world: the real one or the simulated one.
pub(crate) trait Runtime:
    Spawner + Clock + Metrics + Storage + Network + Resolver + CryptoRng
{
}

impl<E: Spawner + Clock + Metrics + Storage + Network + Resolver + CryptoRng> Runtime for E {}

/// Everything a node is started with.
pub(crate) struct Params {
    pub(crate) rules: Arc<dyn Rules>,
    pub(crate) committee: Committee,
    pub(crate) identity: Identity,
    pub(crate) listen: SocketAddr,
    pub(crate) limits: Limits,
    pub(crate) pacing: Pacing,
    pub(crate) mempool: MempoolLimits,
    pub(crate) retained_blocks: Option<u64>,
    /// Before the name of everything stored: several simulated nodes share one disk.
    pub(crate) prefix: String,
}

/// A running node. Dropping it does not stop it: the runtime does.
pub(crate) struct Node<E: Runtime> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) marshal: Marshal,
    pub(crate) database: SharedDatabase<E>,
    pub(crate) tasks: Vec<Handle<()>>,
}

/// One epoch: the set of validators is static in this version.
const EPOCH_BLOCKS: FixedEpocher = FixedEpocher::new(NZU64!(u64::MAX));
/// Messages that wait in an actor's mailbox. The engine sizes memory by it.
const MAILBOX: std::num::NonZeroUsize = NZUsize!(128);
/// Views behind the last final one whose votes and blocks the engine keeps.
const VIEWS_KEPT: u64 = 64;
/// Final blocks the engine keeps to serve others that fall behind. [`crate::history`] keeps all.
const BLOCKS_KEPT: usize = 512;
/// Final blocks handed to the executor before the first is durable in the database.
const PENDING_BLOCKS: std::num::NonZeroUsize = NZUsize!(4);
/// Blocks in one file of the engine's own archives.
const BLOCKS_PER_FILE: std::num::NonZeroU64 = NZU64!(256);
/// Buffers of the engine's journals.
const BUFFER: std::num::NonZeroUsize = NZUsize!(1 << 16);
/// Pages of 4 KiB in the page cache: 16 MiB.
const CACHED_PAGES: std::num::NonZeroUsize = NZUsize!(4096);
/// Messages a peer may send on one channel in a second.
const QUOTA: Quota = Quota::per_second(NZU32!(256));
/// Database operations in one message to a joining validator.
const SYNC_OPERATIONS: std::num::NonZeroU64 = NZU64!(1024);
/// Peers have this long to answer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
/// Then somebody else is asked after this long.
const FETCH_RETRY: Duration = Duration::from_millis(100);

type Channel<E> = (Sender<PublicKey, E>, Receiver<PublicKey>);

/// The seven conversations of a node.
struct Channels<E: Runtime> {
    oracle: Oracle<PublicKey>,
    votes: Channel<E>,
    certificates: Channel<E>,
    resolver: Channel<E>,
    backfill: Channel<E>,
    broadcast: Channel<E>,
    operations: Channel<E>,
    probe: Channel<E>,
    task: Handle<()>,
}

fn largest_message(committee: &Committee, limits: Limits) -> u32 {
    let members = u32::try_from(committee.members().len()).expect("a committee is small");
    max_message_size(&[
        simplex::max_payload_size::<Scheme, Digest>(members),
        marshal::max_payload_size::<Blocks, Scheme>(members, &BlockCfg(limits)),
        probe::max_payload_size::<Blocks, Scheme>(members),
        operations_resolver::max_payload_size::<mmr::Family, Digest>(
            SYNC_OPERATIONS,
            <Operation<mmr::Family, Digest, Chunk> as commonware_codec::FixedSize>::SIZE,
        ),
    ])
}

fn connect<E: Runtime>(context: &E, params: &Params) -> Channels<E> {
    let handshake = Cups::<_, ChaCha20Poly1305>::new(
        Sake {
            signer: params.identity.vote.clone(),
            synchrony_bound: Duration::from_secs(5),
            max_handshake_age: Duration::from_secs(10),
            version: sake::Version::V1,
        },
        cups::Version::V1,
    );
    let members = params.committee.members();
    let peers = std::num::NonZeroUsize::new(members.len()).expect("a committee has members");
    let config = lookup::Config {
        tracked_peer_sets: NZUsize!(1),
        ..lookup::Config::local(
            handshake,
            &params.committee.namespace(),
            params.listen,
            peers,
            largest_message(&params.committee, params.limits),
            MAILBOX,
        )
    };
    let (mut network, mut oracle) = Lookup::new(context.child("network"), config);
    let addresses = members.iter().map(|member| (member.vote.clone(), member.address.into()));
    let addresses: Map<PublicKey, Address> = addresses.try_collect().expect("distinct members");
    oracle.track(0, addresses);
    let mut channel = |id| network.register(id, QUOTA);
    let (votes, certificates, resolver) = (channel(0), channel(1), channel(2));
    let (backfill, broadcast, operations, probe) = (channel(3), channel(4), channel(5), channel(6));
    let task = network.start();
    Channels { oracle, votes, certificates, resolver, backfill, broadcast, operations, probe, task }
}

async fn archive<E: Runtime, V: commonware_codec::CodecShared>(
    context: E,
    name: &str,
    page_cache: CacheRef,
    codec_config: V::Cfg,
) -> prunable::Archive<EightCap, E, Digest, V> {
    let config = prunable::Config {
        translator: EightCap,
        metadata_partition: format!("{name}-metadata"),
        key_partition: format!("{name}-key"),
        key_page_cache: page_cache,
        value_partition: format!("{name}-value"),
        compression: None,
        codec_config,
        items_per_section: BLOCKS_PER_FILE,
        key_write_buffer: BUFFER,
        value_write_buffer: BUFFER,
        replay_buffer: BUFFER,
    };
    let archive = prunable::Archive::init(context, config).await;
    archive.expect("an archive must open; a storage error is fatal")
}

/// Starts a node. Returns once the state is loaded from disk and every block that was final
/// before is executed again.
///
/// # Errors
///
/// The database holds a state that the rules do not understand.
///
/// # Panics
///
/// On any error of storage: the engine must not go on without it.
pub(crate) async fn start<E: Runtime>(context: E, params: Params) -> Result<Node<E>, RestoreError> {
    let scheme = params.committee.signer(&params.identity).expect("a node is a member");
    let genesis = genesis::<E>(&params);
    let page_cache = CacheRef::new(page_size(4096), CACHED_PAGES);
    let channels = connect(&context, &params);
    let (recorder, history_task) =
        history::start(context.child("history"), &params, page_cache.clone()).await;
    let shared = share(&params, genesis.clone(), recorder);
    let parts = Parts { context, params, scheme, shared, page_cache };
    let mut node = parts.assemble(genesis, channels).await?;
    node.tasks.push(history_task);
    Ok(node)
}

fn genesis<E: Runtime>(params: &Params) -> Block {
    let empty = <SharedDatabase<E> as DatabaseSet<E>>::initial_sync_targets();
    block::genesis(
        &params.rules.chain(),
        &params.limits,
        &params.committee.key_bytes(),
        params.committee.members()[0].vote.clone(),
        &empty,
    )
}

fn share(params: &Params, genesis: Block, recorder: Recorder) -> Arc<Shared> {
    let waiting = Arc::new(Waiting::new(params.mempool));
    let tip = FinalTip { header: BlockHeader::of(&genesis.header), state: params.rules.genesis() };
    let rules = Arc::clone(&params.rules);
    let publisher = Publisher::new(rules, params.limits, Arc::clone(&waiting), tip);
    Arc::new(Shared {
        rules: Arc::clone(&params.rules),
        limits: params.limits,
        chain: Chain::new(),
        genesis,
        committee: params.committee.clone(),
        identity: params.identity.clone(),
        waiting,
        publisher: Arc::new(publisher),
        recorder,
    })
}

struct Parts<E> {
    context: E,
    params: Params,
    scheme: Scheme,
    shared: Arc<Shared>,
    page_cache: CacheRef,
}

impl<E: Runtime> Parts<E> {
    /// The order matters: each part is started before the one that calls it.
    async fn assemble(
        self,
        genesis: Block,
        channels: Channels<E>,
    ) -> Result<Node<E>, RestoreError> {
        let Self { context, params, scheme, shared, page_cache } = self;
        let me = params.identity.vote.public_key();
        let oracle = channels.oracle;
        let resolver = marshal_resolver::init(
            context.child("backfill"),
            marshal_resolver::Config {
                public_key: me.clone(),
                peer_provider: oracle.clone(),
                blocker: oracle.clone(),
                mailbox_size: MAILBOX,
                fetch_timeout: NZDuration!(FETCH_TIMEOUT),
                fetch_retry_delay: FETCH_RETRY,
                priority_requests: false,
                priority_responses: false,
            },
            channels.backfill,
        );
        let (broadcast, buffer) = buffered::Engine::new(
            context.child("broadcast"),
            buffered::Config {
                public_key: me.clone(),
                mailbox_size: MAILBOX,
                deque_size: 8,
                priority: false,
                codec_config: BlockCfg(params.limits),
                peer_provider: oracle.clone(),
                strategy: Sequential,
            },
        );
        let broadcast_task = broadcast.start(channels.broadcast);
        let finalizations = archive(
            context.child("finalizations"),
            &format!("{}finalizations", params.prefix),
            page_cache.clone(),
            Scheme::certificate_codec_config(&scheme),
        )
        .await;
        let blocks = archive::<E, Arc<Block>>(
            context.child("blocks"),
            &format!("{}blocks", params.prefix),
            page_cache.clone(),
            BlockCfg(params.limits),
        )
        .await;
        let known = commonware_storage::archive::Archive::last_index(&finalizations);
        let plan = SyncPlan::init(context.child("plan"), &params.prefix).await;
        let provider = ConstantProvider::<Scheme, Epoch>::new(scheme.clone());
        let (probe, probe_mailbox) = Probe::new(ProbeConfig {
            context: context.child("probe"),
            provider: provider.clone(),
            strategy: Sequential,
            mailbox_size: MAILBOX,
            blocker: oracle.clone(),
            minimum_epoch: Epoch::zero(),
            retry_timeout: NZDuration!(FETCH_RETRY),
        });
        let probe_task = probe.start(channels.probe);
        let genesis_digest = genesis.digest();
        let start = plan.marshal_start(Digested::precomputed(genesis, genesis_digest));
        let (marshal_actor, marshal, floor): (_, Marshal, MarshalFloor) =
            MarshalActor::<_, Blocks, _, _, _, _, _>::init(
                context.child("marshal"),
                finalizations,
                blocks,
                marshal::Config {
                    provider,
                    epocher: EPOCH_BLOCKS,
                    start,
                    partition_prefix: format!("{}marshal", params.prefix),
                    mailbox_size: MAILBOX,
                    view_retention: ViewDelta::new(VIEWS_KEPT),
                    prunable_items_per_section: BLOCKS_PER_FILE,
                    page_cache: page_cache.clone(),
                    replay_buffer: BUFFER,
                    key_write_buffer: BUFFER,
                    value_write_buffer: BUFFER,
                    block_codec_config: BlockCfg(params.limits),
                    max_repair: NZUsize!(16),
                    max_pending_acks: PENDING_BLOCKS,
                    strategy: Sequential,
                },
            )
            .await;
        let (operations, operations_mailbox) =
            operations_resolver::Actor::<_, PublicKey, _, _, mmr::Family, Database<E>>::new(
                context.child("operations"),
                operations_resolver::Config {
                    peer_provider: oracle.clone(),
                    blocker: oracle.clone(),
                    database: None,
                    mailbox_size: MAILBOX,
                    me: Some(me),
                    fetch_timeout: NZDuration!(FETCH_TIMEOUT),
                    fetch_retry_delay: FETCH_RETRY,
                    max_serve_ops: SYNC_OPERATIONS,
                    priority_requests: false,
                    priority_responses: false,
                },
            );
        let operations_task = operations.start(channels.operations);
        let (stateful, stateful_mailbox) = Stateful::new(
            context.child("stateful"),
            StatefulConfig {
                application: Executor(Arc::clone(&shared)),
                db_config: store::config(&params.prefix, page_cache.clone()),
                provider: (),
                marshal: (marshal.clone(), floor),
                mailbox_size: MAILBOX,
                plan,
                resolvers: operations_mailbox,
                sync_config: SyncEngineConfig {
                    fetch_batch_size: SYNC_OPERATIONS,
                    apply_batch_size: SYNC_OPERATIONS,
                    max_outstanding_requests: NZUsize!(8),
                },
                prune_config: Some(PruneConfig {
                    maintenance_interval: NZUsize!(64),
                    retained_marshal_blocks: BLOCKS_KEPT,
                    retained_qmdb_blocks: 0,
                }),
                strategy: Sequential,
            },
        );
        let paced = Paced::new(stateful_mailbox.clone(), Arc::clone(&shared), params.pacing);
        let deferred =
            Deferred::new(context.child("deferred"), paced, marshal.clone(), EPOCH_BLOCKS);
        let marshal_task = marshal_actor.start(stateful_mailbox.clone(), buffer, resolver);
        probe_mailbox.attach(marshal.clone());
        let stateful_task = stateful.start();

        let database = stateful_mailbox.subscribe_databases().await;
        load(&shared, &database, &marshal).await?;
        catch_up(&shared, known).await;

        let leader_timeout = params.pacing.idle + Duration::from_secs(2);
        let engine = simplex::Engine::new(
            context.child("simplex"),
            simplex::Config {
                scheme,
                elector: RoundRobin::<Sha256>::default(),
                blocker: oracle,
                automaton: deferred.clone(),
                relay: deferred.clone(),
                reporter: deferred,
                strategy: Sequential,
                partition: format!("{}simplex", params.prefix),
                mailbox_size: MAILBOX,
                epoch: Epoch::zero(),
                floor: Floor::Genesis(genesis_digest),
                replay_buffer: BUFFER,
                write_buffer: BUFFER,
                page_cache,
                leader_timeout,
                certification_timeout: leader_timeout * 2,
                timeout_retry: leader_timeout,
                view_retention: ViewDelta::new(VIEWS_KEPT),
                skip: SkipPolicy::Enabled {
                    timeout: leader_timeout * 4,
                    budget: SkipBudget::Participants,
                },
                fetch_timeout: NZDuration!(FETCH_TIMEOUT),
                fetch_retry_delay: FETCH_RETRY,
                forward: ForwardPolicy::Disabled,
                track_historical_votes: true,
            },
        );
        let engine_task = engine.start(channels.votes, channels.certificates, channels.resolver);
        let tasks = vec![
            channels.task,
            broadcast_task,
            probe_task,
            operations_task,
            marshal_task,
            stateful_task,
            engine_task,
        ];
        Ok(Node { shared, marshal, database, tasks })
    }
}

/// Blocks whose receipts a restarted node remembers.
const RECALLED_BLOCKS: u64 = 1024;

/// Rebuilds the state from the database and makes it the base.
async fn load<E: Runtime>(
    shared: &Arc<Shared>,
    database: &SharedDatabase<E>,
    marshal: &Marshal,
) -> Result<(), RestoreError> {
    let loaded = store::load(&*database.read().await, &*shared.rules).await?;
    let header = match loaded.height {
        0 => shared.genesis.header.clone(),
        height => {
            let height = commonware_consensus::types::Height::new(height);
            let block = marshal.get_block(marshal::Identifier::Height(height)).await;
            let lost = || RestoreError(format!("the block at height {height} is lost"));
            block.ok_or_else(lost)?.inner().header.clone()
        }
    };
    recall(shared, header.height).await;
    let base = Executed {
        digest: header.digest(),
        header,
        state: loaded.state,
        large: loaded.large,
        outcome: Arc::default(),
    };
    if base.header.height > 0 {
        shared.publisher.load(&base);
    }
    shared.chain.load(base);
    Ok(())
}

async fn recall(shared: &Shared, height: u64) {
    let mut from = height.saturating_sub(RECALLED_BLOCKS) + 1;
    while from <= height {
        let records = shared.recorder.read(from, 256).await.unwrap_or_default();
        let Some(last) = records.last() else { return };
        from = last.height + 1;
        for record in records.iter().filter(|record| record.height <= height) {
            shared.publisher.recall(record);
        }
    }
}

/// Waits until everything that was final when the node stopped is executed again.
async fn catch_up(shared: &Shared, known: Option<u64>) {
    let mut tip: watch::Receiver<FinalTip> = shared.publisher.follow();
    let known = known.unwrap_or(0);
    // The publisher is a field of `shared`, so its channel is open.
    let _ = tip.wait_for(|tip| tip.header.height >= known).await;
}
