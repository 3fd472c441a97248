//! A backend whose answers a test decides, behind a real server on a real socket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::wire::{
    AccountView, BlockView, EventPage, EventRecord, GenesisView, JobExplanation, JobView,
    OperatorView, Outcome, Page, ProgramView, Status, SupplyView, TransactionState,
    TransactionView,
};
use api::{Backend, Client, Code, Cursor, JobFilter, Problem, Server, ServerConfig};
use bytes::Bytes;
use protocol::{
    AccountId, AssetDefinition, ChainId, Class, Epoch, EpochEvent, Event, Genesis, Hash, Height,
    Holdings, JobId, Nonce, Parameters, ProgramId, Time,
};
use tokio::sync::watch;

/// Transactions of every block: the one with index `n` has `n + 1` bytes.
pub(crate) const TRANSACTIONS: u64 = 3;

fn size(index: u64) -> usize {
    usize::try_from(index).expect("few") + 1
}

fn transaction(index: u64) -> TransactionView {
    TransactionView {
        index,
        id: Hash([7; 32]),
        sender: AccountId([8; 32]),
        nonce: Nonce(index),
        bytes: size(index) as u64,
        answers: None,
        outcome: Outcome::Accepted,
    }
}

/// A ledger of one event per block.
pub(crate) struct Scripted {
    events: Mutex<Vec<EventRecord>>,
    heads: watch::Sender<u64>,
}

impl Scripted {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { events: Mutex::default(), heads: watch::Sender::new(0) })
    }

    fn stands_at(&self, Height(height): Height) -> bool {
        (1..=*self.heads.borrow()).contains(&height)
    }

    /// Finalises a block in which an epoch begins.
    pub(crate) fn happen(&self) {
        let mut events = self.events.lock().expect("no test panics inside");
        let height = events.len() as u64 + 1;
        let event = Event::Epoch(EpochEvent::EpochBegan { epoch: Epoch(height) });
        events.push(EventRecord { cursor: Cursor { height, index: 1 }, time: Time(height), event });
        self.heads.send_replace(height);
    }
}

impl Backend for Scripted {
    fn status(&self) -> Status {
        Status {
            network: "scripted".into(),
            chain: ChainId([1; 32]),
            height: Height(*self.heads.borrow()),
            time: Time(0),
            cursor: Cursor::default(),
            version: "0".into(),
        }
    }

    fn genesis(&self) -> GenesisView {
        let genesis = Genesis {
            chain_name: "scripted".into(),
            start: Time(0),
            parameters: Parameters::default(),
            assets: AssetDefinition::seed(None),
            classes: Class::seed(),
            balances: Vec::new(),
            pots: Vec::new(),
        };
        GenesisView { chain: genesis.chain_id(), genesis }
    }

    async fn submit(&self, bytes: Bytes, _: Duration) -> Result<TransactionState, Problem> {
        match bytes.first() {
            None => Err(Problem::new(Code::TransactionRefused, "nothing is no transaction")),
            Some(first) => Ok(TransactionState::Pending { id: Hash([*first; 32]) }),
        }
    }

    async fn transaction(&self, id: Hash, _: Duration) -> Result<TransactionState, Problem> {
        Err(Problem::not_found("transaction", id))
    }

    async fn events(&self, after: Cursor, limit: usize) -> Result<EventPage, Problem> {
        let all = self.events.lock().expect("no test panics inside");
        let behind = all.iter().filter(|record| record.cursor > after);
        let events: Vec<_> = behind.take(limit).cloned().collect();
        let next = events.last().map_or(after, |record| record.cursor);
        Ok(EventPage { events, next })
    }

    async fn block(&self, height: Height) -> Result<Option<BlockView>, Problem> {
        Ok(self.stands_at(height).then_some(BlockView {
            height,
            id: Hash([2; 32]),
            parent: Hash([1; 32]),
            time: Time(height.0),
            timestamp: 0,
            state_root: Hash([3; 32]),
            transactions_root: Hash([4; 32]),
            transactions: TRANSACTIONS,
            events: 1,
        }))
    }

    async fn transactions(
        &self,
        height: Height,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Option<Page<TransactionView>>, Problem> {
        let behind = (0..TRANSACTIONS).filter(|index| Some(*index) > after);
        let items: Vec<_> = behind.take(limit).map(transaction).collect();
        let last = items.last().map(|last| last.index + 1);
        let next = last.filter(|next| *next < TRANSACTIONS).map(|next| (next - 1).to_string());
        Ok(self.stands_at(height).then_some(Page { items, next }))
    }

    async fn signed_bytes(&self, height: Height, index: u64) -> Result<Option<Bytes>, Problem> {
        let is_there = self.stands_at(height) && index < TRANSACTIONS;
        Ok(is_there.then(|| Bytes::from(vec![7; size(index)])))
    }

    async fn job_proof(&self, job: JobId) -> Result<Option<Bytes>, Problem> {
        Ok((job == JobId([1; 32])).then(|| Bytes::from_static(b"proof")))
    }

    fn heads(&self) -> watch::Receiver<u64> {
        self.heads.subscribe()
    }

    fn account(&self, account: AccountId) -> AccountView {
        AccountView { account, nonce: Nonce(0), balances: Holdings::default() }
    }

    fn operators(&self, _: Option<AccountId>, _: usize) -> Page<OperatorView> {
        Page { items: Vec::new(), next: None }
    }

    fn operator(&self, _: AccountId) -> Option<OperatorView> {
        None
    }

    fn jobs(&self, _: &JobFilter, _: Option<JobId>, _: usize) -> Page<JobView> {
        Page { items: Vec::new(), next: None }
    }

    fn job(&self, _: JobId) -> Option<JobView> {
        None
    }

    fn explain(&self, _: JobId) -> Option<JobExplanation> {
        None
    }

    fn program(&self, _: ProgramId) -> Option<ProgramView> {
        None
    }

    fn module(&self, _: ProgramId) -> Option<Bytes> {
        None
    }

    fn supply(&self) -> Vec<SupplyView> {
        Vec::new()
    }
}

/// A server of its own on a free port, and a client of it.
pub(crate) async fn serve(backend: &Arc<Scripted>) -> (Server, Client) {
    let server = Server::start(ServerConfig::loopback(0), Arc::clone(backend)).await;
    let server = server.expect("there is always a free port");
    let client = Client::new(&server.url()).expect("its own address");
    (server, client)
}
