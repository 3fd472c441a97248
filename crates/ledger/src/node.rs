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

use std::{net::SocketAddr, sync::Arc};

use commonware_broadcast::buffered;
use commonware_codec::CodecShared;
use commonware_consensus::{
    marshal::{
        self,
        core::{Actor as MarshalActor, Floor as MarshalFloor},
        resolver::p2p as backfill,
    },
    simplex,
};
use commonware_cryptography::{Digested, Digestible as _};
use commonware_glue::stateful::{
    Stateful, SyncPlan,
    db::{DatabaseSet, p2p as operations},
    probe::Probe,
};
use commonware_runtime::{Clock, Handle, Metrics, Network, Resolver, Spawner, Storage};
use commonware_storage::{
    archive::{Archive as _, prunable},
    mmr,
    translator::EightCap,
};
use rand::CryptoRng;
use tokio::sync::watch;

use crate::{
    Limits, MempoolLimits, Pacing, RestoreError,
    block::{self, Block, BlockCfg},
    chain::{Chain, Executed},
    committee::{Committee, Identity},
    engine_types::{
        Blocks, Database, Deferred, Digest, Mailbox, Marshal, PublicKey, SharedDatabase,
    },
    erased::Rules,
    executor::Shared,
    history::{self, Recorder},
    network::{self, Channel},
    pacing::Paced,
    pool::Waiting,
    publish::{FinalTip, Publisher},
    settings::{EPOCHS, Settings, page_cache},
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
    let (channels, oracle) = network::connect(&context, &params);
    let page_cache = page_cache();
    let (recorder, history) =
        history::start(context.child("history"), &params, page_cache.clone()).await;
    let shared = share(&params, genesis, recorder);
    let settings = Settings { params, scheme, shared, oracle, page_cache };
    let mut assembly = Assembly { context, settings, tasks: vec![channels.task, history] };
    let (marshal, database) = assembly.assemble(channels.order, channels.execution).await?;
    let Assembly { settings, tasks, .. } = assembly;
    Ok(Node { shared: settings.shared, marshal, database, tasks })
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

/// A node being put together.
struct Assembly<E> {
    context: E,
    settings: Settings,
    tasks: Vec<Handle<()>>,
}

impl<E: Runtime> Assembly<E> {
    /// The order matters: each part is started before those that call it.
    async fn assemble(
        &mut self,
        order: network::Order<E>,
        execution: network::Execution<E>,
    ) -> Result<(Marshal, SharedDatabase<E>), RestoreError> {
        let genesis = self.settings.shared.genesis.clone();
        let genesis_digest = genesis.digest();
        let resolver =
            backfill::init(self.child("backfill"), self.settings.backfill(), execution.backfill);
        let buffer = self.broadcast(execution.broadcast);
        let certificates = self.settings.certificates();
        let finalizations = self.archive("finalizations", certificates).await;
        let limits = BlockCfg(self.settings.params.limits);
        let blocks = self.archive::<Arc<Block>>("blocks", limits).await;
        let known = finalizations.last_index();
        let plan = SyncPlan::init(self.child("plan"), &self.settings.params.prefix).await;
        let start = plan.marshal_start(Digested::precomputed(genesis, genesis_digest));
        let (marshal_actor, marshal, floor): (_, Marshal, MarshalFloor) =
            MarshalActor::<_, Blocks, _, _, _, _, _>::init(
                self.child("marshal"),
                finalizations,
                blocks,
                self.settings.marshal(start),
            )
            .await;
        self.probe(execution.probe, &marshal);
        let (operations, resolvers) =
            operations::Actor::<_, PublicKey, _, _, mmr::Family, Database<E>>::new(
                self.child("operations"),
                self.settings.operations(),
            );
        self.tasks.push(operations.start(execution.operations));
        let config = self.settings.stateful((marshal.clone(), floor), plan, resolvers);
        let (stateful, mailbox): (_, Mailbox<E>) = Stateful::new(self.child("stateful"), config);

        // Asked before the first final block arrives, since executing that one waits for the
        // state, which is read from the database.
        let mut database = Box::pin(mailbox.subscribe_databases());
        assert!(futures::poll!(&mut database).is_pending(), "nothing is started yet");
        self.tasks.push(marshal_actor.start(mailbox.clone(), buffer, resolver));
        self.tasks.push(stateful.start());
        let database = database.await;
        let shared = Arc::clone(&self.settings.shared);
        load(&shared, &database, &marshal).await?;
        catch_up(&shared, known).await;
        self.consensus(order, &mailbox, &marshal, genesis_digest);
        Ok((marshal, database))
    }

    fn child(&self, name: &'static str) -> E {
        self.context.child(name)
    }

    fn broadcast(&mut self, channel: Channel<E>) -> buffered::Mailbox<PublicKey, Block> {
        let config = self.settings.broadcast();
        let (engine, mailbox) = buffered::Engine::new(self.child("broadcast"), config);
        self.tasks.push(engine.start(channel));
        mailbox
    }

    async fn archive<V: CodecShared>(
        &self,
        name: &'static str,
        codec_config: V::Cfg,
    ) -> prunable::Archive<EightCap, E, Digest, V> {
        let config = self.settings.archive(name, codec_config);
        let archive = prunable::Archive::init(self.child(name), config).await;
        archive.expect("an archive must open; a storage error is fatal")
    }

    fn probe(&mut self, channel: Channel<E>, marshal: &Marshal) {
        let config = self.settings.probe(self.child("probe"));
        let (probe, mailbox) = Probe::new(config);
        self.tasks.push(probe.start(channel));
        mailbox.attach(marshal.clone());
    }

    fn consensus(
        &mut self,
        order: network::Order<E>,
        mailbox: &Mailbox<E>,
        marshal: &Marshal,
        genesis: Digest,
    ) {
        let shared = Arc::clone(&self.settings.shared);
        let paced = Paced::new(mailbox.clone(), shared, self.settings.params.pacing);
        let deferred: Deferred<E> =
            Deferred::new(self.child("deferred"), paced, marshal.clone(), EPOCHS);
        let config = self.settings.simplex(deferred, genesis);
        let engine = simplex::Engine::new(self.child("simplex"), config);
        self.tasks.push(engine.start(order.votes, order.certificates, order.resolver));
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
