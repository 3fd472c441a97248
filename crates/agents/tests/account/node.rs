//! A node that answers submissions as a script says.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::wire::{
    AccessView, AccountView, BallotView, BlockView, DeviceView, EventPage, Foresight, GenesisView,
    JobExplanation, JobView, OperatorView, Outcome, Page, ParameterView, PriceView, ProgramView,
    ProposalView, Receipt, Rejected, StandingView, Status, SupplyView, TransactionState,
    TransactionView, UndelegationName,
};
use api::{Backend, Client, Code, Cursor, JobFilter, Problem, Server, ServerConfig};
use bytes::Bytes;
use protocol::{
    AccountId, ChainId, Class, ClassId, DelegationView, DeviceId, Hash, Height, Holdings, JobId,
    Nonce, ProgramId, SignedTransaction, Time, UndelegationView,
};
use tokio::sync::watch;

/// Where the chain is, all the time.
pub(crate) const HEIGHT: u64 = 10;

/// Said where the account's test would need more of a node than it uses.
const NOT_ASKED: &str = "an account does not ask for it";

fn nothing<T>() -> Page<T> {
    Page { items: Vec::new(), next: None }
}

type Answer = Result<TransactionState, Problem>;

fn executed(outcome: Outcome) -> Answer {
    let receipt = Receipt { id: Hash([7; 32]), height: Height(HEIGHT), index: 0, outcome };
    Ok(TransactionState::Final(receipt))
}

/// It was executed and did what it says.
pub(crate) fn accepted() -> Answer {
    executed(Outcome::Accepted)
}

/// The rules refused it.
pub(crate) fn rejected(code: u16, name: &str) -> Answer {
    let (name, message) = (name.to_owned(), "refused by the rules".to_owned());
    executed(Outcome::Rejected(Rejected { code, name, message }))
}

/// The node did not take it.
pub(crate) fn refused(code: Code) -> Answer {
    Err(Problem::new(code, "as the script says"))
}

/// It waits.
pub(crate) fn pending() -> Answer {
    Ok(TransactionState::Pending { id: Hash([7; 32]) })
}

/// What the node does and saw.
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    seen: Mutex<Vec<SignedTransaction>>,
    nonce: AtomicU64,
    refusals_use_nonces: AtomicBool,
    heads: watch::Sender<u64>,
}

impl Script {
    fn next(&self) -> Answer {
        let next = self
            .answers
            .lock()
            .expect("no test panics while it holds this")
            .pop_front()
            .expect("the script goes on");
        let used = match &next {
            Ok(TransactionState::Final(receipt)) => receipt.is_accepted(),
            Ok(TransactionState::Pending { .. }) => false,
            Err(_) => self.refusals_use_nonces.load(Ordering::SeqCst),
        };
        self.nonce.fetch_add(u64::from(used), Ordering::SeqCst);
        next
    }
}

/// A server over a script.
pub(crate) struct Node {
    script: Arc<Script>,
    server: Server,
}

impl Node {
    pub(crate) async fn start(nonce: u64, answers: Vec<Answer>) -> Self {
        let script = Arc::new(Script {
            answers: Mutex::new(answers.into()),
            seen: Mutex::default(),
            nonce: AtomicU64::new(nonce),
            refusals_use_nonces: AtomicBool::new(false),
            heads: watch::channel(HEIGHT).0,
        });
        let server = Server::start(ServerConfig::loopback(0), Arc::clone(&script)).await;
        Self { script, server: server.expect("a free port") }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.server.url()).expect("its own address")
    }

    pub(crate) fn seen(&self) -> Vec<SignedTransaction> {
        self.script.seen.lock().expect("no test panics while it holds this").clone()
    }

    pub(crate) fn advance_nonce_when_refused(&self) {
        self.script.refusals_use_nonces.store(true, Ordering::SeqCst);
    }

    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

impl Backend for Script {
    fn status(&self) -> Status {
        Status {
            network: "script".into(),
            chain: ChainId([3; 32]),
            height: Height(HEIGHT),
            time: Time(1_000),
            cursor: Cursor::default(),
            version: "0".into(),
        }
    }

    fn genesis(&self) -> GenesisView {
        unreachable!("{NOT_ASKED}")
    }

    async fn submit(&self, transaction: Bytes, _wait: Duration) -> Answer {
        let signed = borsh::from_slice(&transaction).expect("a transaction");
        self.seen.lock().expect("no test panics while it holds this").push(signed);
        self.next()
    }

    async fn transaction(&self, _id: Hash, _wait: Duration) -> Answer {
        self.next()
    }

    fn foresee(&self, _transaction: &[u8]) -> Result<Foresight, Problem> {
        unreachable!("{NOT_ASKED}")
    }

    async fn events(&self, after: Cursor, _limit: usize) -> Result<EventPage, Problem> {
        Ok(EventPage { events: Vec::new(), next: after })
    }

    async fn block(&self, _height: Height) -> Result<Option<BlockView>, Problem> {
        Ok(None)
    }

    async fn transactions(
        &self,
        _height: Height,
        _after: Option<u64>,
        _limit: usize,
    ) -> Result<Option<Page<TransactionView>>, Problem> {
        Ok(None)
    }

    async fn signed_bytes(&self, _height: Height, _index: u64) -> Result<Option<Bytes>, Problem> {
        Ok(None)
    }

    async fn job_proof(&self, _job: JobId) -> Result<Option<Bytes>, Problem> {
        Ok(None)
    }

    fn heads(&self) -> watch::Receiver<u64> {
        self.heads.subscribe()
    }

    fn account(&self, account: AccountId) -> AccountView {
        let nonce = Nonce(self.nonce.load(Ordering::SeqCst));
        AccountView { account, nonce, balances: Holdings::default() }
    }

    fn operators(&self, _after: Option<AccountId>, _limit: usize) -> Page<OperatorView> {
        nothing()
    }

    fn operator(&self, _account: AccountId) -> Option<OperatorView> {
        None
    }

    fn jobs(&self, _filter: &JobFilter, _after: Option<JobId>, _limit: usize) -> Page<JobView> {
        nothing()
    }

    fn job(&self, _job: JobId) -> Option<JobView> {
        None
    }

    fn explain(&self, _job: JobId) -> Option<JobExplanation> {
        None
    }

    fn program(&self, _program: ProgramId) -> Option<ProgramView> {
        None
    }

    fn module(&self, _program: ProgramId) -> Option<Bytes> {
        None
    }

    fn access(&self, _account: AccountId) -> AccessView {
        unreachable!("{NOT_ASKED}")
    }

    fn delegations(
        &self,
        _delegator: AccountId,
        _after: Option<AccountId>,
        _limit: usize,
    ) -> Page<DelegationView> {
        nothing()
    }

    fn delegation(&self, _delegator: AccountId, _operator: AccountId) -> Option<DelegationView> {
        None
    }

    fn undelegations(
        &self,
        _delegator: AccountId,
        _after: Option<UndelegationName>,
        _limit: usize,
    ) -> Page<UndelegationView> {
        nothing()
    }

    fn standing(&self, _operator: AccountId) -> Option<StandingView> {
        None
    }

    fn devices(
        &self,
        _operator: AccountId,
        _after: Option<DeviceId>,
        _limit: usize,
    ) -> Page<DeviceView> {
        nothing()
    }

    fn price(&self) -> PriceView {
        unreachable!("{NOT_ASKED}")
    }

    fn parameters(&self, _after: Option<&str>, _limit: usize) -> Page<ParameterView> {
        nothing()
    }

    fn parameter(&self, _name: &str) -> Option<ParameterView> {
        None
    }

    fn classes(&self, _after: Option<ClassId>, _limit: usize) -> Page<Class> {
        nothing()
    }

    fn proposals(&self, _after: Option<u64>, _limit: usize) -> Page<ProposalView> {
        nothing()
    }

    fn proposal(&self, _proposal: u64) -> Option<ProposalView> {
        None
    }

    fn ballots(
        &self,
        _proposal: u64,
        _after: Option<AccountId>,
        _limit: usize,
    ) -> Page<BallotView> {
        nothing()
    }

    fn supply(&self) -> Vec<SupplyView> {
        Vec::new()
    }
}
