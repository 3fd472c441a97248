//! The engine on a thread of its own, and what is asked of it.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use commonware_runtime::{Runner as _, Spawner as _, Supervisor as _, tokio as engine};
use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    EntryProof, StartError, Stopped, SubmitError, TransactionId,
    directory::DataDirectory,
    executor::Shared,
    node::{self, Node, Params, Runtime},
    proof,
    publish::Publisher,
};

/// Asks for a proof of the entry of a key at the tip.
pub(crate) struct Question {
    pub(crate) key: Vec<u8>,
    pub(crate) reply: oneshot::Sender<EntryProof>,
}

/// A transaction on its way in.
pub(crate) struct Submission {
    pub(crate) transaction: Bytes,
    pub(crate) reply: oneshot::Sender<Result<TransactionId, SubmitError>>,
}

/// The engine's thread, as the handle knows it.
pub(crate) struct Engine {
    pub(crate) shared: Arc<Shared>,
    pub(crate) questions: mpsc::Sender<Question>,
    pub(crate) shutdown: Arc<Notify>,
    pub(crate) thread: JoinHandle<()>,
}

/// Threads of the runtime. Two, so that a block that takes long to execute stops nobody's votes.
const WORKERS: usize = 2;
/// Questions that wait for the engine.
const QUESTIONS: usize = 64;
/// Time that tasks have to end by themselves.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts the engine on its own thread and waits until it is ready.
pub(crate) fn start(directory: DataDirectory, params: Params) -> Result<Engine, StartError> {
    let (questions, asked) = mpsc::channel(QUESTIONS);
    let (ready, wait) = oneshot::channel();
    let shutdown = Arc::new(Notify::new());
    let inbox = Inbox { asked, shutdown: Arc::clone(&shutdown) };
    let thread = thread::Builder::new().name("ledger".into());
    let thread = thread.spawn(move || run(&directory, params, ready, inbox));
    let thread = thread.map_err(|error| StartError::Config(error.to_string()))?;
    match wait.blocking_recv() {
        Ok(Ok(shared)) => Ok(Engine { shared, questions, shutdown, thread }),
        Ok(Err(error)) => {
            // It has said all it had to say.
            let _ = thread.join();
            Err(error)
        }
        Err(_) => {
            let _ = thread.join();
            Err(Stopped("the engine ended while starting".into()).into())
        }
    }
}

/// The engine's end of what the handle holds.
struct Inbox {
    asked: mpsc::Receiver<Question>,
    shutdown: Arc<Notify>,
}

type Ready = oneshot::Sender<Result<Arc<Shared>, StartError>>;

fn run(directory: &DataDirectory, params: Params, ready: Ready, inbox: Inbox) {
    let config = engine::Config::new()
        .with_worker_threads(WORKERS)
        .with_storage_directory(directory.engine());
    let publisher: OnceLock<Arc<Publisher>> = OnceLock::new();
    let ready = std::sync::Mutex::new(Some(ready));
    let tell = |answer| {
        if let Some(ready) = ready.lock().ok().and_then(|mut ready| ready.take()) {
            // Whoever started us waits for exactly this.
            let _ = ready.send(answer);
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        engine::Runner::new(config).start(|context| async {
            match node::start(context.child("node"), params).await {
                Ok(node) => {
                    publisher.get_or_init(|| Arc::clone(&node.shared.publisher));
                    tell(Ok(Arc::clone(&node.shared)));
                    let reason = serve(node, inbox).await;
                    // Tasks that do not end in time are cut off: nothing is lost by it.
                    let _ = context.stop(0, Some(PATIENCE)).await;
                    reason
                }
                Err(error) => {
                    tell(Err(error.into()));
                    Stopped("the state could not be restored".into())
                }
            }
        })
    }));
    let reason = outcome.unwrap_or_else(|panic| Stopped(message(&*panic)));
    tell(Err(reason.clone().into()));
    if let Some(publisher) = publisher.get() {
        publisher.stop(reason);
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into()));
    text.unwrap_or_else(|| "the engine failed".into())
}

/// Answers questions until told to stop, or until a part of the engine ends.
async fn serve<E: Runtime>(node: Node<E>, mut inbox: Inbox) -> Stopped {
    let Node { shared, marshal, database, tasks } = node;
    let mut tasks: FuturesUnordered<_> = tasks.into_iter().collect();
    loop {
        let question = tokio::select! {
            question = inbox.asked.recv() => question,
            () = inbox.shutdown.notified() => None,
            ended = tasks.next() => {
                return Stopped(format!("a part of the engine ended: {ended:?}"));
            }
        };
        let Some(Question { key, reply }) = question else {
            return Stopped("shut down".into());
        };
        let proof = prove(&shared, &marshal, &database, &key).await;
        // Whoever stopped waiting does not mind.
        let _ = reply.send(proof);
    }
}

/// Proves an entry at the first tip at which database, header and certificate are all at hand.
async fn prove<E: Runtime>(
    shared: &Shared,
    marshal: &crate::engine_types::Marshal,
    database: &crate::engine_types::SharedDatabase<E>,
    key: &[u8],
) -> EntryProof {
    let mut tip = shared.publisher.follow();
    loop {
        let height = tip.borrow_and_update().header.height;
        let height = commonware_consensus::types::Height::new(height);
        let identifier = commonware_consensus::marshal::Identifier::Height(height);
        let block = marshal.get_block(identifier).await;
        let finalization = marshal.get_finalization(height).await;
        if let Some((block, finalization)) = block.zip(finalization) {
            let header = &block.inner().header;
            let database = database.read().await;
            if database.root() == header.state_root {
                return proof::prove(&database, header, &finalization, key).await;
            }
        }
        // The publisher is a field of `shared`, so its channel is open.
        let _ = tip.changed().await;
    }
}

/// Transactions checked together at most.
const BATCH: usize = 256;
/// Transactions that wait to be checked.
const SUBMISSIONS: usize = 1024;

/// Starts the thread that checks transactions, as many together as have arrived meanwhile.
pub(crate) fn start_admission(
    publisher: Arc<Publisher>,
) -> std::io::Result<mpsc::Sender<Submission>> {
    let (sender, mut receiver) = mpsc::channel::<Submission>(SUBMISSIONS);
    thread::Builder::new().name("admission".into()).spawn(move || {
        let mut batch = Vec::with_capacity(BATCH);
        while receiver.blocking_recv_many(&mut batch, BATCH) > 0 {
            let transactions: Vec<Bytes> =
                batch.iter().map(|submission| submission.transaction.clone()).collect();
            let answers = publisher.admit(&transactions);
            for (submission, answer) in batch.drain(..).zip(answers) {
                // Whoever stopped waiting does not mind.
                let _ = submission.reply.send(answer);
            }
        }
    })?;
    Ok(sender)
}
