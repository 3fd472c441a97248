//! What keeps a ledger from starting, each with its own error.

#[allow(dead_code, reason = "others use more of it")]
#[path = "../examples/counters/application.rs"]
mod application;

use std::{fs, net::TcpListener, path::Path};

use application::Counters;
use ledger::{Config, Ledger, Limits, StartError};

fn start(config: Config, chain: u8) -> Result<ledger::LedgerHandle<Counters>, StartError> {
    Ledger::start(config, Counters { chain })
}

#[test]
fn one_node_works_in_a_directory() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = Config::embedded(directory.path());
    let first = start(config.clone(), 0).expect("starts");
    let second = start(config.clone(), 0);
    assert!(matches!(second, Err(StartError::DirectoryInUse(_))), "{second:?}");
    first.shutdown();
    start(config, 0).expect("free again");
}

#[test]
fn a_directory_belongs_to_one_network() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = Config::embedded(directory.path());
    start(config.clone(), 0).expect("starts").shutdown();

    let other = start(config.clone(), 1);
    assert!(matches!(other, Err(StartError::OtherNetwork { .. })), "{other:?}");
    let limits = Limits { block_work: 1, ..Limits::default() };
    let other = start(Config { limits, ..config.clone() }, 0);
    assert!(matches!(other, Err(StartError::OtherLimits(_))), "{other:?}");

    fs::write(directory.path().join("ledger"), "earnest ledger 999\n").expect("written");
    let other = start(config.clone(), 0);
    assert!(matches!(other, Err(StartError::OtherFormat { .. })), "{other:?}");
    fs::remove_file(directory.path().join("ledger")).expect("removed");
    let other = start(config, 0);
    assert!(matches!(other, Err(StartError::OtherFormat { .. })), "{other:?}");
}

#[test]
fn a_lost_or_mangled_key_is_not_replaced() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = Config::embedded(directory.path());
    start(config.clone(), 0).expect("starts").shutdown();
    let key = directory.path().join("validator.key");
    let text = fs::read_to_string(&key).expect("there");

    fs::write(&key, &text[..20]).expect("written");
    let mangled = start(config.clone(), 0);
    assert!(matches!(mangled, Err(StartError::Directory { .. })), "{mangled:?}");
    fs::remove_file(&key).expect("removed");
    let lost = start(config.clone(), 0);
    assert!(matches!(lost, Err(StartError::Directory { .. })), "{lost:?}");
    fs::write(&key, "ab".repeat(32)).expect("written");
    let other = start(config.clone(), 0);
    assert!(matches!(other, Err(StartError::OtherValidator(_))), "{other:?}");
    fs::write(&key, text).expect("written");
    start(config, 0).expect("the right key is back");
}

#[test]
fn an_unusable_directory_or_address_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    fs::write(&file, "occupied").expect("written");
    for path in [file.as_path(), Path::new("/proc/nowhere")] {
        let refused = start(Config::embedded(path), 0);
        assert!(matches!(refused, Err(StartError::Directory { .. })), "{refused:?}");
    }
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let listen = taken.local_addr().expect("bound");
    let config = Config { listen, ..Config::embedded(directory.path().join("data")) };
    let refused = start(config, 0);
    assert!(matches!(refused, Err(StartError::Listen { .. })), "{refused:?}");
}

#[test]
fn senseless_limits_are_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let limits = Limits { block_bytes: 10, transaction_bytes: 20, ..Limits::default() };
    let config = Config { limits, ..Config::embedded(directory.path()) };
    let refused = start(config, 0);
    assert!(matches!(refused, Err(StartError::Config(_))), "{refused:?}");
}
