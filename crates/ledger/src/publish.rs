//! Tells everybody what became final: the tip, receipts, and whoever waits for one.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::{oneshot, watch};

use crate::{
    Limits, Receipt, Stopped, SubmitError, TransactionId, WaitError,
    block::size,
    chain::Executed,
    erased::{Rules, State},
    history::Record,
    pool::Waiting,
    view::BlockHeader,
};

/// The last final block and the state after it.
#[derive(Clone)]
pub(crate) struct FinalTip {
    pub(crate) header: BlockHeader,
    pub(crate) state: State,
}

/// Receipts kept in memory: about 10 MB.
const RECEIPTS: usize = 1 << 16;

type Answer = Result<Receipt, WaitError>;

#[derive(Default)]
struct Inbox {
    receipts: HashMap<TransactionId, Receipt>,
    order: VecDeque<TransactionId>,
    waiters: HashMap<TransactionId, Vec<oneshot::Sender<Answer>>>,
}

/// The meeting point of the engine, which publishes, and the handle, which asks.
pub(crate) struct Publisher {
    rules: Arc<dyn Rules>,
    limits: Limits,
    waiting: Arc<Waiting>,
    tip: watch::Sender<FinalTip>,
    stopped: watch::Sender<Option<Stopped>>,
    inbox: Mutex<Inbox>,
}

impl Publisher {
    /// Starts at a known tip.
    pub(crate) fn new(
        rules: Arc<dyn Rules>,
        limits: Limits,
        waiting: Arc<Waiting>,
        tip: FinalTip,
    ) -> Self {
        Self {
            rules,
            limits,
            waiting,
            tip: watch::Sender::new(tip),
            stopped: watch::Sender::new(None),
            inbox: Mutex::default(),
        }
    }

    /// Starts over from the state found on disk.
    pub(crate) fn load(&self, base: &Executed) {
        self.tip.send_replace(FinalTip {
            header: BlockHeader::of(&base.header),
            state: base.state.clone(),
        });
    }

    /// Remembers receipts of a block found on disk.
    pub(crate) fn recall(&self, record: &Record) {
        let results = record.results();
        let transactions = (0..).zip(&record.transactions).zip(results);
        let receipts = transactions.map(|((index, bytes), result)| Receipt {
            id: TransactionId::of(bytes),
            height: record.height,
            index,
            result,
        });
        self.lock().keep_all(receipts);
    }

    /// A block is final and durable. The tip goes first, so that whoever has a receipt sees its
    /// effect. The rest is one moment to whoever asks for receipts: the pool forgets before they
    /// are told, so that what has a receipt waits no more, and at every moment a transaction that
    /// was taken is found somewhere.
    pub(crate) fn publish(&self, executed: &Executed, transactions: &[Bytes]) {
        self.load(executed);
        let height = executed.header.height;
        let transactions = (0..).zip(transactions).zip(&executed.outcome.results);
        let receipts = transactions.map(|((index, bytes), result)| Receipt {
            id: TransactionId::of(bytes),
            height,
            index,
            result: result.clone(),
        });
        let mut inbox = self.lock();
        let dropped =
            self.waiting.advance(height, |sender| self.rules.nonce(&executed.state, sender));
        inbox.keep_all(receipts);
        for (id, reason) in dropped {
            if !inbox.receipts.contains_key(&id) {
                inbox.answer(&id, &Err(WaitError::Dropped(reason)));
            }
        }
    }

    /// Checks transactions together and takes those that may wait.
    pub(crate) fn admit(&self, transactions: &[Bytes]) -> Vec<Result<TransactionId, SubmitError>> {
        let tip = self.tip();
        let short = |bytes: &&Bytes| bytes.len() <= size(self.limits.transaction_bytes);
        let checked: Vec<&[u8]> =
            transactions.iter().filter(short).map(|bytes| &bytes[..]).collect();
        let mut answers = self.rules.check(&checked).into_iter();
        let admit = |bytes: &Bytes| {
            if !short(&bytes) {
                let limit = self.limits.transaction_bytes;
                return Err(SubmitError::TooLong { found: bytes.len(), limit });
            }
            let admission = answers.next().expect("one answer for each checked transaction")?;
            let limit = self.limits.block_work;
            if admission.work > limit {
                return Err(SubmitError::TooMuchWork { found: admission.work, limit });
            }
            let next = self.rules.nonce(&tip.state, &admission.sender);
            self.waiting.admit(bytes.clone(), admission, next, tip.header.height)
        };
        transactions.iter().map(admit).collect()
    }

    /// The last final block.
    pub(crate) fn tip(&self) -> FinalTip {
        self.tip.borrow().clone()
    }

    /// Follows the last final block.
    pub(crate) fn follow(&self) -> watch::Receiver<FinalTip> {
        self.tip.subscribe()
    }

    /// The receipt of a recent transaction.
    pub(crate) fn receipt(&self, id: &TransactionId) -> Option<Receipt> {
        self.lock().receipts.get(id).cloned()
    }

    /// Waits for a receipt.
    pub(crate) async fn wait(&self, id: &TransactionId) -> Answer {
        let (sender, mut receiver) = oneshot::channel();
        {
            let mut inbox = self.lock();
            if let Some(receipt) = inbox.receipts.get(id) {
                return Ok(receipt.clone());
            }
            if let Some(stopped) = &*self.stopped.borrow() {
                return Err(stopped.clone().into());
            }
            inbox.waiters.entry(*id).or_default().push(sender);
        }
        // Whoever is not in the pool now was never there, or is answered before the inbox can be
        // looked at again: see `publish`.
        if !self.waiting.contains(id) {
            let mut inbox = self.lock();
            let answer = receiver.try_recv();
            receiver.close();
            inbox.forget_closed(id);
            return answer.unwrap_or(Err(WaitError::Unknown));
        }
        receiver.await.unwrap_or_else(|_| Err(self.why_stopped().into()))
    }

    /// Nothing will be published any more.
    pub(crate) fn stop(&self, reason: Stopped) {
        self.stopped.send_if_modified(|stopped| {
            let first = stopped.is_none();
            stopped.get_or_insert(reason);
            first
        });
        self.lock().waiters.clear();
    }

    /// Why the node stopped, if it did.
    pub(crate) fn stopped(&self) -> Option<Stopped> {
        self.stopped.borrow().clone()
    }

    /// Returns when the node has stopped.
    pub(crate) async fn until_stopped(&self) -> Stopped {
        let mut stopped = self.stopped.subscribe();
        // The sender is a field of this very object, so it cannot be gone.
        let _ = stopped.wait_for(Option::is_some).await;
        self.why_stopped()
    }

    fn why_stopped(&self) -> Stopped {
        self.stopped().unwrap_or_else(|| Stopped("shutting down".into()))
    }

    fn lock(&self) -> MutexGuard<'_, Inbox> {
        // Each critical section leaves the maps whole at every step.
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    fn keep_all(&mut self, receipts: impl Iterator<Item = Receipt>) {
        for receipt in receipts {
            self.keep(receipt);
        }
    }

    fn keep(&mut self, receipt: Receipt) {
        let id = receipt.id;
        self.answer(&id, &Ok(receipt.clone()));
        if self.receipts.insert(id, receipt).is_none() {
            self.order.push_back(id);
        }
        if self.order.len() > RECEIPTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.receipts.remove(&oldest);
        }
    }

    fn answer(&mut self, id: &TransactionId, answer: &Answer) {
        for waiter in self.waiters.remove(id).into_iter().flatten() {
            // Whoever stopped waiting does not mind.
            let _ = waiter.send(answer.clone());
        }
    }

    fn forget_closed(&mut self, id: &TransactionId) {
        if let Some(waiters) = self.waiters.get_mut(id) {
            waiters.retain(|waiter| !waiter.is_closed());
            if waiters.is_empty() {
                self.waiters.remove(id);
            }
        }
    }
}
