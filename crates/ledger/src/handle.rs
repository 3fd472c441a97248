//! The face of a running ledger: no type of the engine, no lifetime, cheap to clone.

use std::{
    fmt,
    marker::PhantomData,
    net::TcpListener,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    Application, ChainId, Config, Cursor, EntryProof, EventPage, EventRecord, FinalBlock,
    ReadError, Receipt, StartError, Status, Stopped, SubmitError, Tip, TransactionId, Trust,
    WaitError,
    committee::Committee,
    directory::{DataDirectory, vote_key},
    erased::{Erased, Rules, downcast_shared},
    executor::Shared,
    history::Record,
    node::Params,
    runtime::{self, Question, Submission},
    view::BlockHeader,
};

/// Starts ledgers.
pub struct Ledger;

impl Ledger {
    /// Starts a network of one validator: opens or creates the data directory, rebuilds the state,
    /// executes again what was final and not yet in the database, and goes on.
    ///
    /// Blocks the calling thread until that is done.
    ///
    /// # Errors
    ///
    /// See [`StartError`]; nothing runs then.
    pub fn start<A: Application>(
        config: Config,
        application: A,
    ) -> Result<LedgerHandle<A>, StartError> {
        validate(&config)?;
        let rules: Arc<dyn Rules> = Arc::new(Erased(Arc::new(application)));
        let chain = rules.chain();
        let directory = DataDirectory::open(&config.directory, &chain, &config.limits)?;
        let identity = directory.identity.clone();
        let vote_key = vote_key(&identity);
        let params = Params {
            rules,
            committee: Committee::new(chain, vec![identity.member(config.listen)]),
            identity,
            listen: config.listen,
            limits: config.limits,
            pacing: config.pacing,
            mempool: config.mempool,
            retained_blocks: config.retained_blocks,
            prefix: String::new(),
        };
        let engine = runtime::start(directory, params)?;
        let submissions = runtime::start_admission(Arc::clone(&engine.shared.publisher));
        let submissions = submissions.map_err(|error| StartError::Config(error.to_string()))?;
        let inner = Inner {
            shared: engine.shared,
            questions: engine.questions,
            shutdown: engine.shutdown,
            submissions,
            thread: Mutex::new(Some(engine.thread)),
            chain,
            vote_key,
        };
        Ok(LedgerHandle { inner: Arc::new(inner), application: PhantomData })
    }
}

fn validate(config: &Config) -> Result<(), StartError> {
    let invalid = |text: &str| Err(StartError::Config(text.into()));
    let limits = config.limits;
    if limits.transaction_bytes == 0 || limits.block_transactions == 0 {
        return invalid("limits of zero allow nothing");
    }
    if limits.block_bytes < limits.transaction_bytes {
        return invalid("a block must have room for the largest transaction");
    }
    if limits.clock_step_ms_max == 0 {
        return invalid("a clock step of zero stops network time");
    }
    if config.pacing.busy > config.pacing.idle {
        return invalid("the busy interval is longer than the idle one");
    }
    // The engine can only panic about this, so it is asked first.
    let listen = TcpListener::bind(config.listen);
    listen.map_err(|source| StartError::Listen { address: config.listen, source })?;
    Ok(())
}

struct Inner {
    shared: Arc<Shared>,
    questions: mpsc::Sender<Question>,
    shutdown: Arc<Notify>,
    submissions: mpsc::Sender<Submission>,
    thread: Mutex<Option<JoinHandle<()>>>,
    chain: ChainId,
    vote_key: [u8; 32],
}

/// A running ledger. Clones are handles of the same one; when the last is dropped, it stops.
pub struct LedgerHandle<A> {
    inner: Arc<Inner>,
    application: PhantomData<fn() -> A>,
}

impl<A> Clone for LedgerHandle<A> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), application: PhantomData }
    }
}

impl<A> fmt::Debug for LedgerHandle<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LedgerHandle").finish_non_exhaustive()
    }
}

/// Blocks read from disk at once.
const READ_BLOCKS: usize = 256;
/// Blocks that one answer about events looks through.
const SCAN_BLOCKS: u64 = 4096;

impl<A: Application> LedgerHandle<A> {
    /// Checks a transaction and lets it wait for a block. An `Ok` is a promise of nothing but
    /// that: [`LedgerHandle::wait`] says when it is final and durable.
    ///
    /// # Errors
    ///
    /// Why it was not taken.
    pub async fn submit(
        &self,
        transaction: impl Into<Bytes>,
    ) -> Result<TransactionId, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let submission = Submission { transaction: transaction.into(), reply };
        let sent = self.inner.submissions.send(submission).await;
        sent.map_err(|_| self.why_stopped())?;
        if let Some(stopped) = self.inner.shared.publisher.stopped() {
            return Err(stopped.into());
        }
        answer.await.map_err(|_| self.why_stopped())?
    }

    /// Waits until a submitted transaction is final and durable.
    ///
    /// # Errors
    ///
    /// Why there will be no receipt.
    pub async fn wait(&self, id: &TransactionId) -> Result<Receipt, WaitError> {
        self.inner.shared.publisher.wait(id).await
    }

    /// The receipt of a recently executed transaction.
    pub fn receipt(&self, id: &TransactionId) -> Option<Receipt> {
        self.inner.shared.publisher.receipt(id)
    }

    /// Whether a transaction waits for a block.
    pub fn is_waiting(&self, id: &TransactionId) -> bool {
        self.inner.shared.waiting.contains(id)
    }

    /// The last final block and the state after it.
    pub fn tip(&self) -> Tip<A::State> {
        let tip = self.inner.shared.publisher.tip();
        Tip { header: tip.header, state: downcast_shared::<A>(tip.state) }
    }

    /// Waits until the last final block is at least at `height`.
    ///
    /// # Errors
    ///
    /// The ledger stopped before.
    pub async fn reach(&self, height: u64) -> Result<Tip<A::State>, Stopped> {
        let publisher = &self.inner.shared.publisher;
        let mut tip = publisher.follow();
        tokio::select! {
            biased;
            // The publisher lives as long as this handle, so its channel is open.
            _ = tip.wait_for(|tip| tip.header.height >= height) => Ok(self.tip()),
            stopped = publisher.until_stopped() => Err(stopped),
        }
    }

    /// Events from a place in the stream on, at most `max`; what is there already.
    ///
    /// # Errors
    ///
    /// The place is no longer kept, or the ledger stopped.
    pub async fn events(&self, from: Cursor, max: usize) -> Result<EventPage, ReadError> {
        let mut page = EventPage { events: Vec::new(), next: from };
        let last = from.height.saturating_add(SCAN_BLOCKS);
        while page.events.len() < max && page.next.height < last {
            let records = self.inner.shared.recorder.read(page.next.height, READ_BLOCKS).await?;
            if records.is_empty() {
                break;
            }
            for record in &records {
                take_events(&mut page, record, max);
                if page.events.len() >= max {
                    break;
                }
            }
        }
        Ok(page)
    }

    /// Like [`LedgerHandle::events`], but waits until there is at least one.
    ///
    /// # Errors
    ///
    /// The place is no longer kept, or the ledger stopped.
    pub async fn next_events(&self, from: Cursor, max: usize) -> Result<EventPage, ReadError> {
        let mut from = from;
        loop {
            let page = self.events(from, max).await?;
            if !page.events.is_empty() || max == 0 {
                return Ok(page);
            }
            if page.next == from {
                self.reach(from.height.max(1)).await?;
            }
            from = page.next;
        }
    }

    /// A final block; `None` if there is none at this height yet, or at height 0.
    ///
    /// # Errors
    ///
    /// It is no longer kept, or the ledger stopped.
    pub async fn block(&self, height: u64) -> Result<Option<FinalBlock>, ReadError> {
        if height == 0 {
            return Ok(None);
        }
        let records = self.inner.shared.recorder.read(height, 1).await?;
        Ok(records.into_iter().next().map(final_block))
    }

    /// Proves an entry, or its absence, at the last final height.
    ///
    /// # Errors
    ///
    /// The ledger stopped.
    pub async fn prove(&self, key: &[u8]) -> Result<EntryProof, Stopped> {
        let (reply, answer) = oneshot::channel();
        let question = Question { key: key.into(), reply };
        self.inner.questions.send(question).await.map_err(|_| self.why_stopped())?;
        answer.await.map_err(|_| self.why_stopped())
    }

    /// What a verifier of this network's proofs must know.
    pub fn trust(&self) -> Trust {
        let members = self.inner.shared.committee.members().iter();
        let vote_keys = members.map(|member| {
            let mut key = [0; 32];
            key.copy_from_slice(&member.vote);
            key
        });
        Trust { chain: self.inner.chain, vote_keys: vote_keys.collect() }
    }

    /// How the node is.
    pub fn status(&self) -> Status {
        let shared = &self.inner.shared;
        let (waiting_transactions, waiting_bytes) = shared.waiting.load();
        Status {
            header: shared.publisher.tip().header,
            waiting_transactions,
            waiting_bytes,
            validators: shared.committee.members().len(),
            vote_key: self.inner.vote_key,
            stopped: shared.publisher.stopped().map(|stopped| stopped.0),
        }
    }

    /// Returns when the ledger has stopped, with the reason.
    pub async fn stopped(&self) -> Stopped {
        self.inner.shared.publisher.until_stopped().await
    }

    /// Stops the ledger and waits until its directory is free again. Blocks the calling thread,
    /// usually for some milliseconds. Everything acknowledged is on disk before and after.
    pub fn shutdown(&self) {
        self.inner.shutdown();
    }

    fn why_stopped(&self) -> Stopped {
        let stopped = self.inner.shared.publisher.stopped();
        stopped.unwrap_or_else(|| Stopped("shutting down".into()))
    }
}

impl Inner {
    fn shutdown(&self) {
        self.shutdown.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic inside was already told to everybody as the reason for stopping.
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn take_events(page: &mut EventPage, record: &Record, max: usize) {
    let start = if page.next.height == record.height { page.next.index } else { 0 };
    let skip = usize::try_from(start).unwrap_or(usize::MAX);
    let room = max - page.events.len();
    let events = (start..).zip(record.events.iter().skip(skip)).take(room);
    page.events.extend(events.map(|(index, bytes)| EventRecord {
        cursor: Cursor { height: record.height, index },
        time: record.time,
        timestamp: record.timestamp,
        bytes: bytes.clone(),
    }));
    let taken = page.events.last().map(|event| event.cursor.next());
    let next = taken
        .filter(|next| next.height == record.height)
        .unwrap_or(Cursor { height: record.height, index: start });
    let done = next.index >= record.events.len() as u64;
    page.next = if done { Cursor::at(record.height + 1) } else { next };
}

fn final_block(record: Record) -> FinalBlock {
    FinalBlock {
        header: BlockHeader::of(&record.header()),
        results: record.results(),
        transactions: record.transactions,
        events: record.events,
    }
}
