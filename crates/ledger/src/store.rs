//! The authenticated database: how it is laid out, and how the state is read back from it.

use commonware_runtime::{Spawner, buffer::paged::CacheRef};
use commonware_storage::{
    Context as Storage, journal::contiguous::fixed::Config as LogConfig,
    mmr::full::Config as TreeConfig, qmdb::current::FixedConfig, translator::EightCap,
};
use commonware_utils::{NZU64, NZUsize};
use futures::TryStreamExt as _;

use crate::{
    RestoreError,
    chunks::{self, LargeEntries},
    engine_types::{Database, Sequential},
    erased::{Rules, State},
    executor::marked_height,
};

/// Operations in one file of the log (16 MiB) and nodes in one file of the tree (8 MiB): whole
/// files go away when everything in them is superseded.
const OPERATIONS_PER_FILE: u64 = 1 << 16;
const NODES_PER_FILE: u64 = 1 << 18;

/// Configuration of the database.
pub(crate) fn config(prefix: &str, page_cache: CacheRef) -> FixedConfig<EightCap, Sequential> {
    FixedConfig {
        merkle_config: TreeConfig {
            journal_partition: format!("{prefix}state-tree"),
            metadata_partition: format!("{prefix}state-tree-pins"),
            items_per_blob: NZU64!(NODES_PER_FILE),
            write_buffer: NZUsize!(1 << 16),
            replay_buffer: NZUsize!(1 << 16),
            strategy: Sequential,
            page_cache: page_cache.clone(),
        },
        journal_config: LogConfig {
            partition: format!("{prefix}state-log"),
            items_per_blob: NZU64!(OPERATIONS_PER_FILE),
            page_cache,
            write_buffer: NZUsize!(1 << 16),
            replay_buffer: NZUsize!(1 << 16),
        },
        grafted_metadata_partition: format!("{prefix}state-bitmap"),
        translator: EightCap,
        init_cache: Some(NZUsize!(1024)),
        init_buffer: NZUsize!(1 << 20),
        init_concurrency: (),
    }
}

/// What the database says: the height it stands at, and the state there.
pub(crate) struct Loaded {
    pub(crate) height: u64,
    pub(crate) state: State,
    pub(crate) large: LargeEntries,
}

/// Reads the whole state.
pub(crate) async fn load<E: Storage + Spawner>(
    database: &Database<E>,
    rules: &dyn Rules,
) -> Result<Loaded, RestoreError> {
    let unreadable = |error: &dyn std::fmt::Display| RestoreError(error.to_string());
    let mark = database.get_metadata().await.map_err(|error| unreadable(&error))?;
    let Some(height) = mark.as_ref().map(marked_height) else {
        return Ok(Loaded { height: 0, state: rules.genesis(), large: LargeEntries::new() });
    };
    let records = database.stream_range(..);
    let records: Vec<_> = records.try_collect().await.map_err(|error| unreadable(&error))?;
    let (entries, large) =
        chunks::entries(records.into_iter()).map_err(|error| unreadable(&error))?;
    let state = rules.restore(&mut entries.into_iter())?;
    Ok(Loaded { height, state, large })
}
