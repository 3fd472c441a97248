//! The settings of every part of the engine, chosen for a small node: little memory, little disk.

use std::{
    num::{NonZeroU64, NonZeroUsize},
    sync::Arc,
    time::Duration,
};

use commonware_broadcast::buffered;
use commonware_codec::FixedSize as _;
use commonware_consensus::{
    marshal::{self, core::Floor as MarshalFloor, resolver::p2p as backfill},
    simplex::{
        self,
        config::{Floor, ForwardPolicy, SkipBudget, SkipPolicy},
        elector::RoundRobin,
    },
    types::{Epoch, FixedEpocher, ViewDelta},
};
use commonware_cryptography::{
    Digested, Sha256, Signer as _,
    certificate::{ConstantProvider, Verifier as _},
};
use commonware_glue::stateful::{
    Config as StatefulConfig, PruneConfig, SyncPlan,
    db::{SyncEngineConfig, p2p as operations},
    probe,
};
use commonware_p2p::{authenticated::lookup::Oracle, max_message_size};
use commonware_runtime::{
    Quota,
    buffer::paged::{CacheRef, page_size},
};
use commonware_storage::{
    archive::prunable, mmr, qmdb::any::ordered::fixed::Operation, translator::EightCap,
};
use commonware_utils::{NZDuration, NZU32, NZU64, NZUsize};

use crate::{
    Limits,
    block::{Block, BlockCfg},
    committee::Committee,
    engine_types::{
        Blocks, Chunk, Database, Deferred, Digest, Marshal, PublicKey, Scheme, Sequential,
    },
    executor::{Executor, Shared},
    node::{Params, Runtime},
    store,
};

/// One epoch: the set of validators is static in this version.
pub(crate) const EPOCHS: FixedEpocher = FixedEpocher::new(NZU64!(u64::MAX));
/// Messages that wait in an actor's mailbox. The engine sizes memory by it.
pub(crate) const MAILBOX: NonZeroUsize = NZUsize!(128);
/// Messages a peer may send on one channel in a second.
pub(crate) const QUOTA: Quota = Quota::per_second(NZU32!(256));
/// Views behind the last final one whose votes and blocks the engine keeps.
const VIEWS_KEPT: ViewDelta = ViewDelta::new(64);
/// Final blocks the engine keeps for peers that fall behind. [`crate::history`] keeps more.
const BLOCKS_KEPT: usize = 512;
/// Final blocks executed before the first of them is durable in the database.
const PENDING_BLOCKS: NonZeroUsize = NZUsize!(4);
/// Blocks in one file of the engine's own archives.
const BLOCKS_PER_FILE: NonZeroU64 = NZU64!(256);
/// Buffers of the engine's journals.
const BUFFER: NonZeroUsize = NZUsize!(1 << 16);
/// Pages of 4 KiB in the page cache: 16 MiB.
const CACHED_PAGES: NonZeroUsize = NZUsize!(4096);
/// Database operations in one message to a joining validator.
const SYNC_OPERATIONS: NonZeroU64 = NZU64!(1024);
/// Peers have this long to answer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
/// Then somebody else is asked after this long.
const FETCH_RETRY: Duration = Duration::from_millis(100);
/// A leader may be late by this much beyond the pause it is allowed.
const LEADER_SLACK: Duration = Duration::from_secs(2);

/// The bytes of the largest message any part sends. The network panics at a larger one.
pub(crate) fn largest_message(committee: &Committee, limits: Limits) -> u32 {
    let members = u32::try_from(committee.members().len()).expect("a committee is small");
    max_message_size(&[
        simplex::max_payload_size::<Scheme, Digest>(members),
        marshal::max_payload_size::<Blocks, Scheme>(members, &BlockCfg(limits)),
        probe::max_payload_size::<Blocks, Scheme>(members),
        operations::max_payload_size::<mmr::Family, Digest>(
            SYNC_OPERATIONS,
            Operation::<mmr::Family, Digest, Chunk>::SIZE,
        ),
    ])
}

/// What the settings of the parts are made from.
pub(crate) struct Settings {
    pub(crate) params: Params,
    pub(crate) scheme: Scheme,
    pub(crate) shared: Arc<Shared>,
    pub(crate) oracle: Oracle<PublicKey>,
    pub(crate) page_cache: CacheRef,
}

/// A page cache of the size all parts share.
pub(crate) fn page_cache() -> CacheRef {
    CacheRef::new(page_size(4096), CACHED_PAGES)
}

impl Settings {
    fn me(&self) -> PublicKey {
        self.params.identity.vote.public_key()
    }

    fn partition(&self, name: &str) -> String {
        format!("{}{name}", self.params.prefix)
    }

    pub(crate) fn provider(&self) -> ConstantProvider<Scheme, Epoch> {
        ConstantProvider::new(self.scheme.clone())
    }

    pub(crate) fn backfill(
        &self,
    ) -> backfill::Config<PublicKey, Oracle<PublicKey>, Oracle<PublicKey>> {
        backfill::Config {
            public_key: self.me(),
            peer_provider: self.oracle.clone(),
            blocker: self.oracle.clone(),
            mailbox_size: MAILBOX,
            fetch_timeout: NZDuration!(FETCH_TIMEOUT),
            fetch_retry_delay: FETCH_RETRY,
            priority_requests: false,
            priority_responses: false,
        }
    }

    pub(crate) fn broadcast(
        &self,
    ) -> buffered::Config<PublicKey, BlockCfg, Oracle<PublicKey>, Sequential> {
        buffered::Config {
            public_key: self.me(),
            mailbox_size: MAILBOX,
            deque_size: 8,
            priority: false,
            codec_config: BlockCfg(self.params.limits),
            peer_provider: self.oracle.clone(),
            strategy: Sequential,
        }
    }

    /// An archive of the engine: certificates or blocks by height.
    pub(crate) fn archive<C>(&self, name: &str, codec_config: C) -> prunable::Config<EightCap, C> {
        prunable::Config {
            translator: EightCap,
            metadata_partition: self.partition(&format!("{name}-metadata")),
            key_partition: self.partition(&format!("{name}-key")),
            key_page_cache: self.page_cache.clone(),
            value_partition: self.partition(&format!("{name}-value")),
            compression: None,
            codec_config,
            items_per_section: BLOCKS_PER_FILE,
            key_write_buffer: BUFFER,
            value_write_buffer: BUFFER,
            replay_buffer: BUFFER,
        }
    }

    /// How certificates of this committee are decoded.
    pub(crate) fn certificates(&self) -> usize {
        Scheme::certificate_codec_config(&self.scheme)
    }

    pub(crate) fn probe<E: Runtime>(
        &self,
        context: E,
    ) -> probe::Config<E, ConstantProvider<Scheme, Epoch>, Sequential, PublicKey, Oracle<PublicKey>>
    {
        probe::Config {
            context,
            provider: self.provider(),
            strategy: Sequential,
            mailbox_size: MAILBOX,
            blocker: self.oracle.clone(),
            minimum_epoch: Epoch::zero(),
            retry_timeout: NZDuration!(FETCH_RETRY),
        }
    }

    pub(crate) fn marshal(
        &self,
        start: marshal::Start<Scheme, Digest, Digested<Block>>,
    ) -> marshal::Config<
        ConstantProvider<Scheme, Epoch>,
        FixedEpocher,
        Sequential,
        Block,
        Digested<Block>,
    > {
        marshal::Config {
            provider: self.provider(),
            epocher: EPOCHS,
            start,
            partition_prefix: self.partition("marshal"),
            mailbox_size: MAILBOX,
            view_retention: VIEWS_KEPT,
            prunable_items_per_section: BLOCKS_PER_FILE,
            page_cache: self.page_cache.clone(),
            replay_buffer: BUFFER,
            key_write_buffer: BUFFER,
            value_write_buffer: BUFFER,
            block_codec_config: BlockCfg(self.params.limits),
            max_repair: NZUsize!(16),
            max_pending_acks: PENDING_BLOCKS,
            strategy: Sequential,
        }
    }

    pub(crate) fn operations<E: Runtime>(
        &self,
    ) -> operations::Config<PublicKey, Oracle<PublicKey>, Oracle<PublicKey>, Database<E>> {
        operations::Config {
            peer_provider: self.oracle.clone(),
            blocker: self.oracle.clone(),
            database: None,
            mailbox_size: MAILBOX,
            me: Some(self.me()),
            fetch_timeout: NZDuration!(FETCH_TIMEOUT),
            fetch_retry_delay: FETCH_RETRY,
            max_serve_ops: SYNC_OPERATIONS,
            priority_requests: false,
            priority_responses: false,
        }
    }

    pub(crate) fn stateful<E: Runtime, R>(
        &self,
        marshal: (Marshal, MarshalFloor),
        plan: SyncPlan<E, Scheme, Blocks>,
        resolvers: R,
    ) -> StatefulConfig<E, Executor, Blocks, R, Sequential> {
        StatefulConfig {
            application: Executor(Arc::clone(&self.shared)),
            db_config: store::config(&self.params.prefix, self.page_cache.clone()),
            provider: (),
            marshal,
            mailbox_size: MAILBOX,
            plan,
            resolvers,
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
        }
    }

    /// Consensus. The leader's timeout covers the pause between empty blocks: a validator that
    /// pauses is not a dead one.
    pub(crate) fn simplex<E: Runtime>(
        &self,
        automaton: Deferred<E>,
        genesis: Digest,
    ) -> Simplex<E> {
        let leader_timeout = self.params.pacing.idle + LEADER_SLACK;
        simplex::Config {
            scheme: self.scheme.clone(),
            elector: RoundRobin::<Sha256>::default(),
            blocker: self.oracle.clone(),
            automaton: automaton.clone(),
            relay: automaton.clone(),
            reporter: automaton,
            strategy: Sequential,
            partition: self.partition("simplex"),
            mailbox_size: MAILBOX,
            epoch: Epoch::zero(),
            floor: Floor::Genesis(genesis),
            replay_buffer: BUFFER,
            write_buffer: BUFFER,
            page_cache: self.page_cache.clone(),
            leader_timeout,
            certification_timeout: leader_timeout * 2,
            timeout_retry: leader_timeout,
            view_retention: VIEWS_KEPT,
            skip: SkipPolicy::Enabled {
                timeout: leader_timeout * 4,
                budget: SkipBudget::Participants,
            },
            fetch_timeout: NZDuration!(FETCH_TIMEOUT),
            fetch_retry_delay: FETCH_RETRY,
            forward: ForwardPolicy::Disabled,
            // Votes are evidence: they are kept until their round is.
            track_historical_votes: true,
        }
    }
}

/// The settings of consensus on the runtime `E`.
pub(crate) type Simplex<E> = simplex::Config<
    Scheme,
    RoundRobin<Sha256>,
    Oracle<PublicKey>,
    Digest,
    Deferred<E>,
    Deferred<E>,
    Deferred<E>,
    Sequential,
>;
