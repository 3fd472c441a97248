//! A process that is killed while it answers has not forgotten one answer that it acknowledged.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use protocol::{AccountId, ChainId, Claim, Content, Hash, JobId};
use wallet::answers::{Answer, AnswerStore, AnswersError, Duty, Question};

/// Tells the test binary, started by itself, to be the process that is killed.
const STORE_VARIABLE: &str = "EARNEST_TEST_ANSWER_STORE";

/// How often the process is started, killed and looked after.
const ROUNDS: usize = 8;

fn open(path: &Path) -> AnswerStore {
    AnswerStore::open(path, ChainId([1; 32]), AccountId([2; 32])).unwrap()
}

fn hash(number: usize) -> Hash {
    Hash::of("test", &(number as u64))
}

fn question(number: usize) -> Question {
    Question { duty: Duty::Result, job: JobId(hash(number).0), attempt: 1 }
}

fn answer(number: usize) -> Answer {
    let output = Content { root: hash(number + 1), size: number as u64 };
    let claim = Claim { output, trace: output, meter: number as u64 };
    Answer { commitment: hash(number + 2), salt: hash(number + 3), claim }
}

/// Answers questions and says so, one line each, until it is killed.
fn answer_for_ever(path: &Path) -> ! {
    let mut store = open(path);
    for number in store.len().. {
        store.record(question(number), answer(number)).unwrap();
        println!("acknowledged {number}");
    }
    unreachable!("there is always another number")
}

fn start(path: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "no_acknowledged_answer_is_lost_to_a_kill", "--nocapture"])
        .env(STORE_VARIABLE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for `lines` acknowledgements, kills without warning, and returns the last number read.
fn kill_after(mut child: Child, lines: usize) -> usize {
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut acknowledged =
        output.by_ref().filter_map(|l| l.strip_prefix("acknowledged ")?.parse().ok());
    let seen = acknowledged.by_ref().take(lines).last().expect("the process answers");
    child.kill().unwrap();
    child.wait().unwrap();
    // What was still in the pipe was acknowledged too.
    acknowledged.last().unwrap_or(seen)
}

#[test]
fn no_acknowledged_answer_is_lost_to_a_kill() {
    if let Some(path) = env::var_os(STORE_VARIABLE) {
        answer_for_ever(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers");
    for round in 1..=ROUNDS {
        let last = kill_after(start(&path), round * 3);
        let mut store = open(&path);
        assert!(store.len() > last, "round {round}: {} answers, {last} seen", store.len());
        for number in 0..store.len() {
            assert_eq!(store.get(&question(number)), Some(&answer(number)));
        }
        let other = store.record(question(last), answer(last + 1));
        assert!(matches!(other, Err(AnswersError::Conflict { .. })));
    }
}
