//! Real processes, killed for real. What was acknowledged must be there afterwards.
//!
//! `LEDGER_KILLS` raises the number of kills of the one long test.

#[allow(dead_code, reason = "others use more of it")]
#[path = "../examples/counters/application.rs"]
mod application;

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};

use application::{Counters, State};
use futures::executor::block_on;
use ledger::{Config, Cursor, Ledger};

/// Highest acknowledged nonce of each sender.
type Acknowledged = BTreeMap<u8, u64>;

/// The example next to this test's own binary.
fn counters() -> PathBuf {
    let own = env::current_exe().expect("a running binary has a path");
    let built = own.ancestors().nth(2).expect("tests are two folders deep");
    let name = format!("counters{}", env::consts::EXE_SUFFIX);
    let path = built.join("examples").join(name);
    assert!(path.exists(), "{} is not built: run `cargo build --examples`", path.display());
    path
}

fn run(program: &mut Command) -> (Child, JoinHandle<Acknowledged>) {
    let mut child = program.stdout(Stdio::piped()).spawn().expect("the example starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let reader = thread::spawn(move || {
        let mut acknowledged = Acknowledged::new();
        // A line cut in the middle by the kill is not an acknowledgement.
        for line in lines.map_while(Result::ok) {
            if let ["ack", sender, nonce] = line.split(' ').collect::<Vec<_>>()[..] {
                let number = |text: &str| text.parse().expect("a number");
                acknowledged.insert(sender.parse().expect("a number"), number(nonce));
            }
        }
        acknowledged
    });
    (child, reader)
}

/// Opens the ledger again and compares; returns what everybody reached.
fn inspect(directory: &Path, acknowledged: &Acknowledged) -> State {
    let ledger = Ledger::start(Config::embedded(directory), Counters::default()).expect("restarts");
    let state = (*ledger.tip().state).clone();
    for (sender, last) in acknowledged {
        let counter = state.counters.get(&[*sender; 32]).expect("acknowledged");
        assert!(counter.nonce > *last, "lost {last} of {sender}; found {}", counter.nonce);
        assert_eq!(counter.total, counter.nonce, "each transaction counts once");
    }
    let executed: u64 = state.counters.values().map(|counter| counter.nonce).sum();
    assert_eq!(events(&ledger), executed, "each transaction has its event, once");
    ledger.shutdown();
    state
}

fn events(ledger: &ledger::LedgerHandle<Counters>) -> u64 {
    let (mut from, mut count) = (Cursor::default(), 0);
    loop {
        let page = block_on(ledger.events(from, 1_000)).expect("kept");
        count += page.events.len() as u64;
        if page.next == from {
            return count;
        }
        from = page.next;
    }
}

#[test]
fn a_kill_loses_nothing_acknowledged() {
    let kills = env::var("LEDGER_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let directory = tempfile::tempdir().expect("a directory");
    let mut acknowledged = Acknowledged::new();
    for round in 0..kills {
        let mut program = Command::new(counters());
        program.arg(directory.path()).arg("4");
        if round % 2 == 1 {
            program.arg("large");
        }
        let (mut child, reader) = run(&mut program);
        let pause = 700 + rand::random::<u64>() % 1_300;
        thread::sleep(Duration::from_millis(pause));
        child.kill().expect("it runs until it is killed");
        child.wait().expect("it is dead");
        acknowledged.extend(reader.join().expect("reads"));
        inspect(directory.path(), &acknowledged);
    }
    assert!(acknowledged.values().sum::<u64>() > 0, "something was acknowledged in between");
}

/// A disk that takes no more: the node stops, says so, and has lost nothing.
#[cfg(unix)]
#[test]
fn a_full_disk_stops_the_node_and_loses_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut program = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 512; exec \"$0\" \"$1\" 2 large";
    program.arg("-c").arg(script).arg(counters()).arg(directory.path());
    let (child, reader) = run(program.stderr(Stdio::piped()));
    let output = child.wait_with_output().expect("it ends by itself");
    let acknowledged = reader.join().expect("reads");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "a node that cannot write must not go on");
    assert!(said.contains("Stopped"), "it says that it stopped: {said}");
    assert!(!acknowledged.is_empty(), "it worked before");
    inspect(directory.path(), &acknowledged);
}
