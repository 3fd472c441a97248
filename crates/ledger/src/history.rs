//! The past on disk: every final block with its results and events.
//!
//! One task owns the archive. A block is appended, and durable, before anybody is told that it is
//! final. Appending a block again after a crash changes nothing.

use bytes::{BufMut, Bytes};
use commonware_codec::{
    Buf, DecodeExt as _, Encode as _, EncodeSize, Error as CodecError, RangeCfg, Read,
    ReadExt as _, Write,
};
use commonware_runtime::{Handle, Metrics, Spawner, buffer::paged::CacheRef};
use commonware_storage::{
    Context as Storage,
    archive::{Archive as _, Identifier, prunable},
    translator::EightCap,
};
use commonware_utils::{NZU64, NZUsize};
use tokio::sync::{mpsc, oneshot};

use crate::{
    BlockOutcome, ReadError, Stopped, TransactionResult,
    block::{Block, Header},
    engine_types::Digest,
    node::Params,
};

/// A block as the archive holds it. The header stays encoded until somebody asks: decoding it
/// checks a point on a curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) height: u64,
    pub(crate) time: u64,
    pub(crate) timestamp: u64,
    header: Bytes,
    pub(crate) transactions: Vec<Bytes>,
    results: Vec<Bytes>,
    pub(crate) events: Vec<Bytes>,
}

impl Record {
    fn of(block: &Block, outcome: &BlockOutcome) -> Self {
        let header = &block.header;
        Self {
            height: header.height,
            time: header.time,
            timestamp: header.timestamp,
            header: header.encode(),
            transactions: block.transactions.clone(),
            results: outcome.results.iter().map(encode_result).collect(),
            events: outcome.events.iter().map(|event| event.clone().into()).collect(),
        }
    }

    /// The block's header.
    pub(crate) fn header(&self) -> Header {
        Header::decode(self.header.clone()).expect("the archive holds what was encoded")
    }

    /// The results, in the order of the transactions.
    pub(crate) fn results(&self) -> Vec<TransactionResult> {
        self.results.iter().map(decode_result).collect()
    }
}

fn encode_result(result: &TransactionResult) -> Bytes {
    match result {
        TransactionResult::Accepted => Bytes::new(),
        TransactionResult::Rejected { code, text } => {
            [&code.to_le_bytes(), text.as_bytes()].concat().into()
        }
    }
}

fn decode_result(bytes: &Bytes) -> TransactionResult {
    match bytes.split_first_chunk::<4>() {
        None => TransactionResult::Accepted,
        Some((code, text)) => TransactionResult::Rejected {
            code: u32::from_le_bytes(*code),
            text: String::from_utf8_lossy(text).into_owned(),
        },
    }
}

impl Write for Record {
    fn write(&self, buf: &mut impl BufMut) {
        self.height.write(buf);
        self.time.write(buf);
        self.timestamp.write(buf);
        self.header.write(buf);
        self.transactions.write(buf);
        self.results.write(buf);
        self.events.write(buf);
    }
}

impl EncodeSize for Record {
    fn encode_size(&self) -> usize {
        let numbers = self.height.encode_size() * 3;
        let lists = [&self.transactions, &self.results, &self.events].map(EncodeSize::encode_size);
        numbers + self.header.encode_size() + lists.iter().sum::<usize>()
    }
}

impl Read for Record {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        // Only this crate wrote here, and every record carries a checksum: no limits.
        let any = || RangeCfg::from(..);
        Ok(Self {
            height: u64::read(buf)?,
            time: u64::read(buf)?,
            timestamp: u64::read(buf)?,
            header: Bytes::read_cfg(buf, &any())?,
            transactions: Vec::read_cfg(buf, &(any(), any()))?,
            results: Vec::read_cfg(buf, &(any(), any()))?,
            events: Vec::read_cfg(buf, &(any(), any()))?,
        })
    }
}

type Archive<E> = prunable::Archive<EightCap, E, Digest, Record>;

enum Request {
    Append { digest: Digest, record: Box<Record>, durable: oneshot::Sender<()> },
    Read { from: u64, max: usize, reply: oneshot::Sender<Result<Vec<Record>, ReadError>> },
}

/// Asks the task that owns the archive.
#[derive(Clone)]
pub(crate) struct Recorder(mpsc::Sender<Request>);

impl Recorder {
    /// Appends a final block; returns when it is durable. `false` means that the node is stopping.
    pub(crate) async fn append(&self, block: &Block, outcome: &BlockOutcome) -> bool {
        let (durable, wait) = oneshot::channel();
        let digest = block.header.digest();
        let record = Box::new(Record::of(block, outcome));
        let sent = self.0.send(Request::Append { digest, record, durable }).await;
        sent.is_ok() && wait.await.is_ok()
    }

    /// Reads at most `max` consecutive blocks from height `from` on; fewer at the end.
    pub(crate) async fn read(&self, from: u64, max: usize) -> Result<Vec<Record>, ReadError> {
        let stopped = || Stopped("shutting down".into());
        let (reply, wait) = oneshot::channel();
        let request = Request::Read { from, max, reply };
        self.0.send(request).await.map_err(|_| stopped())?;
        wait.await.map_err(|_| stopped())?
    }
}

/// An answer stops growing here: whoever wants more asks again.
const ANSWER_BYTES: usize = 32 << 20;

/// Requests that wait for the archive; each is answered before its asker continues.
const REQUESTS: usize = 64;

/// Blocks in one file. Files stay open, so they must not become many.
const BLOCKS_PER_FILE: u64 = 1 << 16;

/// Opens the archive and starts its task.
pub(crate) async fn start<E: Storage + Spawner + Metrics>(
    context: E,
    params: &Params,
    page_cache: CacheRef,
) -> (Recorder, Handle<()>) {
    let prefix = &params.prefix;
    let config = prunable::Config {
        translator: EightCap,
        metadata_partition: format!("{prefix}history-metadata"),
        key_partition: format!("{prefix}history-key"),
        key_page_cache: page_cache,
        value_partition: format!("{prefix}history-value"),
        compression: None,
        codec_config: (),
        items_per_section: NZU64!(BLOCKS_PER_FILE),
        key_write_buffer: NZUsize!(4096),
        value_write_buffer: NZUsize!(65536),
        replay_buffer: NZUsize!(65536),
    };
    let archive = Archive::init(context.child("archive"), config).await;
    let archive = archive.expect("the history must open; a storage error is fatal");
    let (sender, receiver) = mpsc::channel(REQUESTS);
    let retained = params.retained_blocks;
    let task = context.spawn(move |_| serve(archive, receiver, retained));
    (Recorder(sender), task)
}

async fn serve<E: Storage>(
    mut archive: Archive<E>,
    mut requests: mpsc::Receiver<Request>,
    retained: Option<u64>,
) {
    while let Some(request) = requests.recv().await {
        match request {
            Request::Append { digest, record, durable } => {
                archive = append(archive, digest, &record, retained).await;
                // The asker is gone only when the node is stopping.
                let _ = durable.send(());
            }
            Request::Read { from, max, reply } => {
                let _ = reply.send(read(&archive, from, max).await);
            }
        }
    }
}

async fn append<E: Storage>(
    archive: Archive<E>,
    digest: Digest,
    record: &Record,
    retained: Option<u64>,
) -> Archive<E> {
    let archive = archive.put_sync(record.height, digest, record).await;
    let archive = archive.expect("a final block must be stored; a storage error is fatal");
    match retained {
        Some(retained) if record.height.is_multiple_of(BLOCKS_PER_FILE) => {
            let oldest = record.height.saturating_sub(retained);
            archive.prune(oldest).await.expect("a storage error is fatal")
        }
        _ => archive,
    }
}

async fn read<E: Storage>(
    archive: &Archive<E>,
    from: u64,
    max: usize,
) -> Result<Vec<Record>, ReadError> {
    let Some(oldest) = archive.first_index() else { return Ok(Vec::new()) };
    // Blocks start at 1.
    let from = from.max(1);
    if from < oldest {
        return Err(ReadError::Pruned { height: from, oldest });
    }
    let (mut records, mut bytes) = (Vec::new(), 0);
    for height in (from..=u64::MAX).take(max) {
        let record = archive.get(Identifier::Index(height)).await;
        match record.expect("the history must be readable; a storage error is fatal") {
            Some(record) if bytes < ANSWER_BYTES => {
                bytes += record.encode_size();
                records.push(record);
            }
            _ => break,
        }
    }
    Ok(records)
}
