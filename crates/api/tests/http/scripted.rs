//! A backend whose answers a test decides, behind a real server on a real socket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::wire::{
    AccessView, AccountView, BallotView, BlockView, DeviceView, EventPage, EventRecord, Foresight,
    GenesisView, JobExplanation, JobView, OperatorView, Outcome, Page, ParameterView, PriceView,
    ProgramView, ProposalView, StandingView, Status, SupplyView, TransactionState, TransactionView,
    UndelegationName,
};
use api::{Backend, Client, Code, Cursor, JobFilter, Problem, Server, ServerConfig};
use bytes::Bytes;
use protocol::{
    AccountId, Amendment, Amount, AssetDefinition, Ballot, ChainId, Class, ClassId, DelegationView,
    DeviceId, Epoch, EpochEvent, Event, Genesis, Hash, Height, Holdings, Intake, JobId, Nonce,
    Parameters, ProgramId, Proposal, Rejection, Stage, Tally, Time, UndelegationView,
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

/// Numbers of the open proposals.
pub(crate) const PROPOSALS: [u64; 3] = [3, 5, 8];

fn proposal(id: u64) -> ProposalView {
    let tally = Tally { all: Amount::new(9), ..Tally::default() };
    ProposalView {
        proposal: Proposal {
            id,
            proposer: AccountId([8; 32]),
            amendment: Amendment::Parameters { changes: Vec::new() },
            submitted: Time(1),
            stage: Stage::Voting,
            deadline: Time(2),
            timer: 0,
        },
        deposit: Amount::new(7),
        tally,
        outcome: tally.outcome(&Parameters::default()),
        explained: Vec::new(),
    }
}

/// An account that has undelegated from three buckets of one operator; it also has three devices.
pub(crate) const BUSY: AccountId = AccountId([5; 32]);

fn undelegation(bucket: u64) -> UndelegationView {
    UndelegationView { operator: BUSY, bucket, amount: Amount::new(1), release: Time(bucket) }
}

/// The first `limit` items, and what the last of them is called if there are more.
fn cut<T>(all: impl Iterator<Item = (String, T)>, limit: usize) -> Page<T> {
    let mut all: Vec<(String, T)> = all.take(limit + 1).collect();
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| more).map(|(name, _)| name.clone());
    Page { items: all.into_iter().map(|(_, item)| item).collect(), next }
}

fn parameter(name: &str) -> ParameterView {
    let number = Amount::new(1);
    ParameterView {
        name: name.into(),
        value: number,
        unit: "ppm".into(),
        minimum: number,
        maximum: number,
        default: number,
        reason: String::new(),
        fixed: None,
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

    fn foresee(&self, transaction: &[u8]) -> Result<Foresight, Problem> {
        match transaction.len() {
            0 => Err(Problem::malformed("nothing is no transaction")),
            length => {
                let fee = Amount::new(length as u128);
                Ok(Foresight { fee, rejection: Some(Rejection::ZeroAmount) })
            }
        }
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

    fn access(&self, account: AccountId) -> AccessView {
        let (stake, all, credit) = (Amount::new(1), Amount::new(4), Amount::new(2));
        AccessView { account, stake, all, credit, exits: Vec::new(), explained: Vec::new() }
    }

    fn delegations(&self, _: AccountId, _: Option<AccountId>, _: usize) -> Page<DelegationView> {
        Page { items: Vec::new(), next: None }
    }

    fn delegation(&self, _: AccountId, _: AccountId) -> Option<DelegationView> {
        None
    }

    fn undelegations(
        &self,
        delegator: AccountId,
        after: Option<UndelegationName>,
        limit: usize,
    ) -> Page<UndelegationView> {
        let name = |bucket| UndelegationName { operator: BUSY, bucket };
        let there = (1..=3).filter(|bucket| delegator == BUSY && Some(name(*bucket)) > after);
        cut(there.map(|bucket| (name(bucket).to_string(), undelegation(bucket))), limit)
    }

    fn standing(&self, _: AccountId) -> Option<StandingView> {
        None
    }

    fn devices(&self, _: AccountId, _: Option<DeviceId>, _: usize) -> Page<DeviceView> {
        Page { items: Vec::new(), next: None }
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

    fn price(&self) -> PriceView {
        let price = Amount::new(1_000_000);
        let (intake, explained) = (Intake::Open, Vec::new());
        PriceView { price, collateral: price, reported: None, intake, explained }
    }

    fn parameters(&self, after: Option<&str>, limit: usize) -> Page<ParameterView> {
        let names = ["fee_base", "margin", "saving"].into_iter();
        let behind = names.filter(|name| after.is_none_or(|after| *name > after));
        cut(behind.map(|name| (name.to_owned(), parameter(name))), limit)
    }

    fn parameter(&self, name: &str) -> Option<ParameterView> {
        (name == "margin").then(|| parameter(name))
    }

    fn classes(&self, after: Option<ClassId>, limit: usize) -> Page<Class> {
        let behind = Class::seed().into_iter().filter(|class| Some(class.id) > after);
        cut(behind.map(|class| (class.id.to_string(), class)), limit)
    }

    fn proposals(&self, after: Option<u64>, limit: usize) -> Page<ProposalView> {
        let behind = PROPOSALS.into_iter().filter(|id| Some(*id) > after);
        cut(behind.map(|id| (id.to_string(), proposal(id))), limit)
    }

    fn proposal(&self, number: u64) -> Option<ProposalView> {
        PROPOSALS.contains(&number).then(|| proposal(number))
    }

    fn ballots(&self, _: u64, after: Option<AccountId>, limit: usize) -> Page<BallotView> {
        let voters = (1..=3).map(|number| AccountId([number; 32]));
        let behind = voters.filter(|validator| Some(*validator) > after);
        let ballot =
            |validator| BallotView { validator, ballot: Ballot::For, weight: Amount::new(3) };
        cut(behind.map(|validator| (validator.to_string(), ballot(validator))), limit)
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
