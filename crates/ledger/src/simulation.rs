//! The whole ledger in the simulated world: one seed, one history.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use commonware_runtime::{
    Clock as _, Runner as _, Spawner as _, Supervisor as _,
    deterministic::{self, FaultConfig},
};
use commonware_utils::Probability;
use futures::{StreamExt as _, stream::FuturesUnordered};
use rand::Rng as _;

use crate::{
    Application as _, Limits, MempoolLimits, Pacing, Receipt, Sender,
    committee::{Committee, Identity},
    counters::{Counters, State, Transaction},
    erased::{Erased, downcast},
    executor::Shared,
    node::{self, Node, Params},
};

type World = deterministic::Context;

fn identities(count: u8) -> Vec<Identity> {
    (1..=count).map(|index| Identity::derive(&[index; 32])).collect()
}

fn address(index: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 3_000 + u16::try_from(index).expect("few")))
}

/// What validator `index` of `count` is started with.
fn params(index: usize, count: u8) -> Params {
    let identities = identities(count);
    let members = (0..).zip(&identities).map(|(index, one)| one.member(address(index)));
    let committee = Committee::new(Counters::default().chain(), members.collect());
    Params {
        rules: Arc::new(Erased(Arc::new(Counters::default()))),
        committee,
        identity: identities[index].clone(),
        listen: address(index),
        limits: Limits { transaction_bytes: 1 << 16, block_bytes: 1 << 18, ..Limits::default() },
        pacing: Pacing { idle: Duration::from_millis(500), busy: Duration::from_millis(10) },
        mempool: MempoolLimits::default(),
        retained_blocks: None,
        prefix: format!("validator-{index}-"),
    }
}

async fn start(context: World, index: usize, count: u8) -> Node<World> {
    node::start(context, params(index, count)).await.expect("the state is readable")
}

async fn execute(shared: &Shared, transaction: &Transaction) -> Option<Receipt> {
    let bytes = Bytes::from(transaction.encode());
    let id = shared.publisher.admit(&[bytes]).remove(0).ok()?;
    shared.publisher.wait(&id).await.ok()
}

fn nonce(shared: &Shared, sender: &Sender) -> u64 {
    let tip = shared.publisher.tip();
    Counters::default().nonce(downcast::<Counters>(&tip.state), sender)
}

/// Ten transactions on one validator; returns the checksum of all that happened.
fn checksum(seed: u64) -> String {
    let config = deterministic::Config::default().with_seed(seed);
    deterministic::Runner::new(config).start(|context| async move {
        let node = start(context.child("node"), 0, 1).await;
        for nonce in 0..10 {
            let receipt = execute(&node.shared, &Transaction::one([1; 32], nonce)).await;
            assert!(receipt.is_some());
        }
        context.auditor().state()
    })
}

#[test]
fn one_seed_is_one_history() {
    assert_eq!(checksum(7), checksum(7));
    assert_ne!(checksum(7), checksum(8), "the checksum covers what the seed decides");
}

/// The same wiring with four validators: every one executes everything and gets the same blocks.
#[test]
fn four_validators_agree() {
    let config =
        deterministic::Config::default().with_seed(3).with_timeout(Some(Duration::from_secs(120)));
    deterministic::Runner::new(config).start(|context| async move {
        let mut nodes = Vec::new();
        for index in 0..4 {
            nodes.push(start(context.child("node").with_attribute("index", index), index, 4).await);
        }
        let mut height = 0;
        for (sender, node) in (1..).zip(&nodes) {
            for nonce in 0..3 {
                let transaction = Transaction::one([sender; 32], nonce);
                let receipt = execute(&node.shared, &transaction).await.expect("final");
                height = height.max(receipt.height);
            }
        }
        let mut states = Vec::new();
        for node in &nodes {
            let mut tip = node.shared.publisher.follow();
            let tip = tip.wait_for(|tip| tip.header.height >= height).await.expect("open");
            states.push(downcast::<Counters>(&tip.state).counters.clone());
        }
        assert!(states.windows(2).all(|pair| pair[0] == pair[1]));
        let mut histories = Vec::new();
        for node in &nodes {
            let length = usize::try_from(height).expect("short");
            histories.push(node.shared.recorder.read(1, length).await.expect("kept"));
        }
        assert_eq!(histories[0].len() as u64, height);
        assert!(histories.windows(2).all(|pair| pair[0] == pair[1]));
    });
}

/// What everybody was promised: the highest final nonce of each sender.
type Promises = Arc<Mutex<BTreeMap<Sender, u64>>>;

async fn add_forever(shared: Arc<Shared>, sender: Sender, promises: Promises) {
    let mut next = nonce(&shared, &sender);
    loop {
        let size = 2 + usize::try_from(next * 331 % 1_500).expect("short");
        let transaction = Transaction { blob: vec![7; size], ..Transaction::one(sender, next) };
        if execute(&shared, &transaction).await.is_none() {
            return;
        }
        promises.lock().expect("no panic while locked").insert(sender, next);
        next += 1;
    }
}

/// Everything promised is there, once, and nothing else than a prefix of what was sent.
async fn keep_promises(shared: &Shared, promises: &Promises) {
    let tip = shared.publisher.tip();
    let state: &State = downcast::<Counters>(&tip.state);
    for (sender, last) in promises.lock().expect("no panic while locked").iter() {
        let counter = state.counters.get(sender).expect("a promise");
        assert!(counter.nonce > *last, "lost {last}, found {}", counter.nonce);
        assert_eq!(counter.total, counter.nonce, "each transaction counts once");
    }
    let (mut events, mut from) = (0, 1);
    loop {
        let records = shared.recorder.read(from, 64).await.expect("kept");
        let Some(last) = records.last() else { break };
        from = last.height + 1;
        let shown = records.iter().filter(|record| record.height <= tip.header.height);
        events += shown.map(|record| record.events.len() as u64).sum::<u64>();
    }
    let executed: u64 = state.counters.values().map(|counter| counter.nonce).sum();
    assert_eq!(events, executed, "each transaction has its event");
}

/// What happened over several lives.
#[derive(Default)]
struct Lives {
    /// The node started and found everything promised.
    started: u32,
    /// A part of it failed before it was cut off.
    failed: u32,
}

/// One life of a node: it starts, keeps its promises, works, and is cut off.
async fn live(context: World, promises: Promises, lives: Arc<Mutex<Lives>>) {
    let node = start(context.child("node"), 0, 1).await;
    keep_promises(&node.shared, &promises).await;
    lives.lock().expect("no panic while locked").started += 1;
    for sender in 1..4 {
        let adder = add_forever(Arc::clone(&node.shared), [sender; 32], Arc::clone(&promises));
        context.child("adder").spawn(move |_| adder);
    }
    let mut tasks: FuturesUnordered<_> = node.tasks.into_iter().collect();
    if tasks.next().await.is_some() {
        lives.lock().expect("no panic while locked").failed += 1;
    }
}

/// Cuts a node off twelve times; returns what happened and how many transactions were promised.
fn crash_repeatedly(seed: u64, faults: FaultConfig) -> (Lives, u64) {
    let promises = Promises::default();
    let lives = Arc::new(Mutex::new(Lives::default()));
    let config = deterministic::Config::default()
        .with_seed(seed)
        .with_catch_panics(true)
        .with_storage_fault_config(faults);
    let mut runner = deterministic::Runner::new(config);
    for _ in 0..LIVES {
        let (promises, lives) = (Arc::clone(&promises), Arc::clone(&lives));
        let ((), checkpoint) = runner.start_and_recover(|mut context| async move {
            let child = context.child("life");
            child.spawn(move |context| live(context, promises, lives));
            let until = 50 + context.next_u64() % 1_500;
            context.sleep(Duration::from_millis(until)).await;
        });
        runner = checkpoint.into();
    }
    let promised = promises.lock().expect("ended").values().map(|last| last + 1).sum();
    let lives = std::mem::take(&mut *lives.lock().expect("ended"));
    (lives, promised)
}

const LIVES: u32 = 12;

#[test]
fn a_cut_at_any_moment_loses_nothing_acknowledged() {
    for seed in 0..3 {
        let (lives, promised) = crash_repeatedly(seed, FaultConfig::default());
        assert_eq!(lives.started, LIVES, "it always starts again");
        assert_eq!(lives.failed, 0, "nothing fails by itself");
        assert!(promised > 20, "it worked in between: {promised}");
    }
}

/// With a disk that sometimes refuses to sync, the node stops rather than lie.
#[test]
fn a_failing_disk_loses_nothing_acknowledged() {
    let mut disturbed = 0;
    for seed in 0..3 {
        let rate = Probability::new(1, 500).expect("at most one");
        let (lives, promised) = crash_repeatedly(seed, FaultConfig::default().sync(rate));
        disturbed += lives.failed + (LIVES - lives.started);
        assert!(promised > 10, "it worked in between: {promised}");
    }
    assert!(disturbed > 3, "the disk did fail: {disturbed}");
}
