//! A network in a folder of its own, and agents that work on it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agents::Station;
use agents::account::Account;
use agents::auditor::{self, Auditor};
use agents::blobs::Blobs;
use agents::notice::Notices;
use agents::provider::{self, Provider, Standing};
use agents::requester::Requester;
use agents::stop::{Stop, StopSwitch};
use api::Cursor;
use ledger::Pacing;
use machine::worker::WorkerConfig;
use node::presets::{self, Funding};
use node::{Node, NodeConfig};
use protocol::{
    AccountId, Action, Amount, AssetId, ClassId, Duties, Event, Genesis, Job, JobId, JobKind,
    JobSpec, NATIVE, Parameters,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use wallet::{LocalSigner, Seed, Signer};

/// How long anything in these tests may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// Events read at once; no test makes more.
const EVENTS_MAX: usize = 1_000;

/// The keys of everybody: whose number is whose key.
pub(crate) fn signer(number: u8) -> Arc<dyn Signer> {
    Arc::new(LocalSigner::new(&Seed::new([number; 32])))
}

/// The account of a number.
pub(crate) fn account(number: u8) -> AccountId {
    signer(number).account()
}

/// Counts as far as its input says, and a sum in each step: as many steps as one likes.
const COUNTER: &str = r#"(module
  (@custom "earnest.abi" "\01\00\00\00")
  (memory (export "memory") 1 4)
  (global (export "earnest_input") i32 (i32.const 16))
  (global (export "earnest_output") i32 (i32.const 32))
  (func (export "step") (param $i i64) (result i32)
    (i64.store (i32.const 8192) (i64.add (i64.load (i32.const 8192)) (local.get $i)))
    (i32.store (i32.const 32) (i32.const 8192))
    (i32.store (i32.const 36) (i32.const 8))
    (i64.ge_u (i64.add (local.get $i) (i64.const 1)) (i64.load (i32.load (i32.const 16))))))"#;

/// The requester's number.
pub(crate) const REQUESTER: u8 = 100;

/// A running network with agents.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) node: Node,
    pub(crate) notices: Notices,
    switch: StopSwitch,
    pub(crate) stop: Stop,
    agents: Vec<JoinHandle<()>>,
}

impl World {
    /// A network of one node on which a challenge may be made for so long.
    pub(crate) async fn start(challenge_ms: u64) -> Self {
        Self::start_with(|parameters| parameters.challenge_ms = challenge_ms).await
    }

    /// A network of one node with some parameters changed.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Parameters)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let everybody = (1..=9).chain([REQUESTER]);
        let funded: Vec<_> =
            everybody.map(|number| Funding::whole(account(number), 10_000, 1_000)).collect();
        let genesis = presets::demo(&funded);
        let mut parameters = genesis.parameters.clone();
        change(&mut parameters);
        let genesis = Genesis { parameters, ..genesis };
        let pacing = Pacing { idle: Duration::from_millis(50), busy: Duration::from_millis(5) };
        let config = NodeConfig { pacing, ..NodeConfig::new(folder.path().join("node"), genesis) };
        let node = Node::start(config).await.expect("a new network");
        let (switch, stop) = StopSwitch::new();
        Self { folder, node, notices: Notices::default(), switch, stop, agents: Vec::new() }
    }

    pub(crate) fn station(&self, number: u8) -> Station {
        Station {
            client: self.node.client(),
            signer: signer(number),
            blobs: Blobs::folder(&self.node.network().blobs).expect("a folder"),
            worker: WorkerConfig::of(PathBuf::from(env!("CARGO_BIN_EXE_agents-worker"))),
            folder: self.folder.path().join(format!("agent-{number}")),
            notices: self.notices.clone(),
        }
    }

    /// Makes an account an operator with a bond.
    async fn register(&self, number: u8, duties: Duties) {
        let account = Account::connect(self.node.client(), signer(number)).await.expect("answers");
        let (operator, asset) = (account.id(), NATIVE);
        let amount = Amount::new(5_000_000_000_000);
        let send = async |action| account.send(action).await.expect("accepted");
        send(Action::RegisterOperator { duties: Duties::default() }).await;
        send(Action::Bond { operator, asset, amount }).await;
        send(Action::SetDuties { duties }).await;
    }

    /// Registers a provider and lets it work. The lower its number the lower its ask.
    pub(crate) async fn provider(&mut self, number: u8, conduct: provider::Conduct) {
        self.register(number, Duties { provider: true, validator: false }).await;
        self.work_as_provider(number, conduct).await;
        self.until_offered(number).await;
    }

    /// Starts a provider that was stopped.
    pub(crate) async fn restart_provider(&mut self, number: u8) {
        self.work_as_provider(number, provider::Conduct::Honest).await;
    }

    async fn work_as_provider(&mut self, number: u8, conduct: provider::Conduct) {
        let ask = Amount::new(1_000_000 + u128::from(number));
        let offers = vec![Standing { class: ClassId::CPU, units: 2, ask }];
        let policy = provider::Policy { offers, ..provider::Policy::default() };
        let provider = Provider::open(&self.station(number), policy, conduct).await.expect("opens");
        self.agents.push(tokio::spawn(provider.run(self.stop.clone())));
    }

    async fn until_offered(&self, number: u8) {
        let client = self.node.client();
        let is_offered = async || {
            let operator = client.operator(account(number)).await.expect("answers");
            operator.is_some_and(|operator| !operator.offers.is_empty()).then_some(())
        };
        until("an offer stands", is_offered).await;
    }

    /// Registers an auditor and lets it work.
    pub(crate) async fn auditor(
        &mut self,
        number: u8,
        watch: auditor::Watch,
        conduct: auditor::Conduct,
    ) {
        self.register(number, Duties { provider: false, validator: true }).await;
        self.work_as_auditor(number, watch, conduct).await;
    }

    /// Lets an account that is no operator watch everything.
    pub(crate) async fn watcher(&mut self, number: u8) {
        self.work_as_auditor(number, auditor::Watch::All, auditor::Conduct::Honest).await;
    }

    async fn work_as_auditor(
        &mut self,
        number: u8,
        watch: auditor::Watch,
        conduct: auditor::Conduct,
    ) {
        let policy = auditor::Policy { watch, ..auditor::Policy::default() };
        let auditor = Auditor::open(&self.station(number), policy, conduct).await.expect("opens");
        self.agents.push(tokio::spawn(auditor.run(self.stop.clone())));
    }

    pub(crate) async fn requester(&self) -> Requester {
        Requester::open(&self.station(REQUESTER)).await.expect("answers")
    }

    /// Registers the simulation, publishes an input and submits the job.
    pub(crate) async fn submit(&self, requester: &Requester) -> JobId {
        self.submit_in(requester, 60_000).await
    }

    /// The same, giving a provider so many milliseconds to commit.
    pub(crate) async fn submit_in(&self, requester: &Requester, run_ms: u64) -> JobId {
        let spec = JobSpec { run_ms, ..self.spec(requester).await };
        requester.submit(spec).await.expect("accepted")
    }

    /// Registers the counter and submits a job of many tiny steps.
    pub(crate) async fn submit_steps(&self, requester: &Requester, steps: u64) -> JobId {
        let counter = wat::parse_str(COUNTER).expect("well-formed");
        let program = requester.program(&counter).await.expect("admitted");
        let input = requester.input(steps.to_le_bytes().to_vec().into()).await.expect("stored");
        let spec = JobSpec { program, input, steps_max: steps, ..self.spec(requester).await };
        requester.submit(spec).await.expect("accepted")
    }

    async fn spec(&self, requester: &Requester) -> JobSpec {
        let program = requester.program(nbody::MODULE).await.expect("admitted");
        let input = requester.input(input().into()).await.expect("stored");
        JobSpec {
            program,
            input,
            class: ClassId::CPU,
            steps_max: 1_000,
            meter_max: 1_000_000_000,
            memory_max: 1 << 30,
            run_ms: 60_000,
            wait_ms: 60_000,
            price_max: Amount::new(2_000_000),
            harm: Amount::ZERO,
            insured: Amount::ZERO,
            kind: JobKind::Proven,
        }
    }

    pub(crate) async fn job(&self, job: JobId) -> Job {
        self.node.client().job(job).await.expect("answers").expect("submitted").job
    }

    /// Waits until a job satisfies something.
    pub(crate) async fn until_job(&self, job: JobId, what: &str, is: impl Fn(&Job) -> bool) -> Job {
        until(what, async || Some(self.job(job).await).filter(|job| is(job))).await
    }

    /// Waits for an event.
    pub(crate) async fn until_event<T>(&self, what: &str, find: impl Fn(&Event) -> Option<T>) -> T {
        until(what, async || self.events().await.iter().find_map(&find)).await
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        let client = self.node.client();
        let (mut events, mut after) = (Vec::new(), Cursor::default());
        loop {
            let page = client.events(after, EVENTS_MAX, Duration::ZERO).await.expect("answers");
            if page.events.is_empty() {
                return events;
            }
            events.extend(page.events.into_iter().map(|record| record.event));
            after = page.next;
        }
    }

    pub(crate) async fn balance(&self, number: u8, asset: AssetId) -> Amount {
        let view = self.node.client().account(account(number)).await.expect("answers");
        view.balances.of(asset)
    }

    /// Tells every agent to stop and waits until they have.
    pub(crate) async fn rest(&mut self) {
        self.switch.stop();
        for agent in self.agents.drain(..) {
            agent.await.expect("no agent panics");
        }
        (self.switch, self.stop) = StopSwitch::new();
    }

    /// Stops everything; the books must balance.
    pub(crate) async fn end(mut self) {
        self.rest().await;
        let supply = self.node.client().supply().await.expect("answers");
        assert!(supply.iter().all(|asset| asset.exact), "{supply:?}");
        self.node.shutdown().await;
    }
}

/// Asks until there is an answer.
async fn until<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A small star cluster: a handful of steps.
pub(crate) fn input() -> Vec<u8> {
    nbody::Setup { bodies: 64, time_steps: 2_000, frames: 4, ..nbody::Setup::demo(7) }.encode()
}
