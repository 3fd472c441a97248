//! The folder: whose it is, what is in it, and going on after a stop.

use std::fs;

use api::{BindError, ServerConfig};
use node::{FileError, GENESIS_FILE, NETWORK_FILE, NetworkFile, Node, NodeConfig, StartError};
use protocol::{Action, Amount, Genesis, Parameters, STABLE};

use crate::network::{Network, Person, config, genesis};

#[tokio::test]
async fn a_node_goes_on_where_it_stopped() {
    let (from, to) = (Person::new(1), Person::new(2));
    let mut network = Network::start(&[&from]).await;
    let transfer = || Action::Transfer { to: to.account(), asset: STABLE, amount: Amount::new(3) };
    network.must(&from, transfer()).await;
    let account = network.client.account(from.account()).await.expect("answers");
    let supply = network.exact_supply().await;
    let height = network.client.status().await.expect("answers").height;
    let page = network.client.events(Default::default(), 100, Default::default()).await;
    let events = page.expect("answers").events;
    for _ in 0..2 {
        network.restart().await;
        assert_eq!(network.client.account(from.account()).await.expect("answers"), account);
        assert_eq!(network.exact_supply().await, supply);
        assert!(network.client.status().await.expect("answers").height >= height);
        let page = network.client.events(Default::default(), 100, Default::default()).await;
        let kept = page.expect("answers").events;
        assert_eq!(kept[..events.len()], events);
    }
    network.must(&from, transfer()).await;
    assert_eq!(network.balance(&to, STABLE).await, Amount::new(6));
    let folder = network.stop().await;
    // What was written is enough to start it without being told anything.
    let node = Node::start(NodeConfig::open(folder.path()).expect("written")).await;
    let node = node.expect("its own folder");
    let account = node.client().account(to.account()).await.expect("answers");
    assert_eq!(account.balances.of(STABLE), Amount::new(6));
    node.shutdown().await;
}

#[tokio::test]
async fn the_folder_says_how_to_reach_the_node() {
    let network = Network::start(&[]).await;
    let file = NetworkFile::read(network.folder.path()).expect("written");
    assert_eq!(file.chain, network.chain);
    assert_eq!(format!("{}/", file.api), network.client.url());
    assert!(file.blobs.is_dir());
    network.stop().await;
}

#[tokio::test]
async fn two_nodes_do_not_share_a_folder() {
    let network = Network::start(&[]).await;
    let before = fs::read(network.folder.path().join(NETWORK_FILE)).expect("written");
    let second = NodeConfig::open(network.folder.path()).expect("written");
    let error = Node::start(second).await.err().expect("the folder is taken");
    assert!(matches!(error, StartError::Ledger(ledger::StartError::DirectoryInUse(_))), "{error}");
    let after = fs::read(network.folder.path().join(NETWORK_FILE)).expect("still there");
    assert_eq!(after, before, "the second node touched nothing");
    network.client.status().await.expect("the first one runs on");
    network.stop().await;
}

#[tokio::test]
async fn an_occupied_port_is_said_and_leaves_the_folder_free() {
    let network = Network::start(&[]).await;
    let port = network.client.url().trim_end_matches('/').rsplit(':').next().expect("a port");
    let port = port.parse().expect("a number");
    let folder = tempfile::tempdir().expect("a folder");
    let taken = NodeConfig { api: ServerConfig::loopback(port), ..config(&folder, genesis(&[])) };
    let error = Node::start(taken).await.err().expect("the port is taken");
    assert!(matches!(error, StartError::Api(BindError::InUse(_))), "{error}");
    assert!(error.to_string().contains("choose another port"), "{error}");
    let node = Node::start(config(&folder, genesis(&[]))).await.expect("the folder is free");
    node.shutdown().await;
    network.stop().await;
}

#[tokio::test]
async fn the_folder_of_another_network_is_refused() {
    let network = Network::start(&[]).await;
    let folder = network.stop().await;
    let other = Genesis { chain_name: "other".into(), ..genesis(&[]) };
    let error = Node::start(config(&folder, other)).await.err().expect("another network");
    assert!(matches!(error, StartError::OtherNetwork { .. }), "{error}");
    fs::remove_file(folder.path().join(GENESIS_FILE)).expect("there");
    let other = Genesis { chain_name: "other".into(), ..genesis(&[]) };
    let error = Node::start(config(&folder, other)).await.err().expect("another network");
    let refused = matches!(error, StartError::Ledger(ledger::StartError::OtherNetwork { .. }));
    assert!(refused, "{error}");
}

#[tokio::test]
async fn a_genesis_that_could_not_be_carried_out_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |parameters: Parameters| Genesis { parameters, ..genesis(&[]) };
    let steps = with(Parameters { steps_max: 10_000_000, ..genesis(&[]).parameters });
    let judge = with(Parameters { judge_units_max: 1, ..genesis(&[]).parameters });
    let faulty = with(Parameters { unbonding_ms: 1, ..genesis(&[]).parameters });
    let start = async |genesis| Node::start(config(&folder, genesis)).await.err().expect("refused");
    assert!(matches!(start(steps).await, StartError::Beyond { parameter: "steps_max", .. }));
    assert!(matches!(start(judge).await, StartError::CannotJudge { .. }));
    assert!(matches!(start(faulty).await, StartError::Genesis(_)));
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
    let missing = NodeConfig::open(folder.path()).expect_err("nothing there");
    assert!(matches!(missing, FileError::Missing(_)), "{missing}");
}
