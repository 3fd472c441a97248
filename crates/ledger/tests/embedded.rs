//! One validator in the real world: real disk, real sockets, real threads.

#[allow(dead_code, reason = "others use more of it")]
#[path = "../examples/counters/application.rs"]
mod application;

use std::time::Duration;

use application::{Counters, Transaction, blob_key, counter_key, counter_value};
use futures::executor::block_on;
use ledger::{
    Application as _, Config, Cursor, Ledger, LedgerHandle, Pacing, SubmitError, TransactionResult,
};

fn config(directory: &tempfile::TempDir) -> Config {
    let pacing = Pacing { idle: Duration::from_millis(200), busy: Duration::from_millis(5) };
    Config { pacing, ..Config::embedded(directory.path()) }
}

fn start(directory: &tempfile::TempDir) -> LedgerHandle<Counters> {
    Ledger::start(config(directory), Counters::default()).expect("starts")
}

fn execute(ledger: &LedgerHandle<Counters>, transaction: &Transaction) -> ledger::Receipt {
    block_on(async {
        let id = ledger.submit(transaction.encode()).await.expect("taken");
        ledger.wait(&id).await.expect("final")
    })
}

#[test]
fn transactions_become_final_and_survive_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let ledger = start(&directory);
    let receipt = execute(&ledger, &Transaction::one([1; 32], 0));
    assert_eq!(receipt.result, TransactionResult::Accepted);
    let nothing = Transaction { amount: 0, ..Transaction::one([1; 32], 1) };
    let rejected = execute(&ledger, &nothing);
    let code = application::ZERO;
    assert_eq!(rejected.result, TransactionResult::Rejected { code, text: "adds nothing".into() });
    let large = Transaction { blob: vec![9; 100_000], ..Transaction::one([2; 32], 0) };
    execute(&ledger, &large);
    let before = ledger.tip();
    let events = block_on(ledger.events(Cursor::default(), 100)).expect("read");
    assert_eq!(events.events.len(), 2);
    ledger.shutdown();

    let ledger = start(&directory);
    let after = ledger.tip();
    assert!(after.header.height >= before.header.height);
    assert_eq!(after.state.counters, before.state.counters);
    assert_eq!(after.state.blobs, before.state.blobs);
    assert_eq!(after.state.counters[&[0; 32]].total, 1_000, "genesis is in the database");
    let again = block_on(ledger.events(Cursor::default(), 100)).expect("read");
    assert_eq!(again.events, events.events.to_vec());
    assert_eq!(ledger.receipt(&receipt.id), Some(receipt), "receipts are recalled");
    execute(&ledger, &Transaction::one([1; 32], 2));
}

#[test]
fn entries_are_proven_without_a_node() {
    let directory = tempfile::tempdir().expect("a directory");
    let ledger = start(&directory);
    let large = Transaction { blob: vec![9; 3_000], ..Transaction::one([2; 32], 0) };
    execute(&ledger, &large);
    let trust = ledger.trust();
    let prove = |key: &[u8]| block_on(ledger.prove(key)).expect("proven");

    let counter = counter_key(&[2; 32]);
    let proof = prove(&counter);
    let proven = proof.verify(&trust, &counter).expect("holds");
    let expected = counter_value(&ledger.tip().state.counters[&[2; 32]]);
    assert_eq!(proven.value, Some(expected));
    let blob = blob_key(&[2; 32]);
    let proven = prove(&blob).verify(&trust, &blob).expect("holds");
    assert_eq!(proven.value, Some(vec![9; 3_000]));
    let nobody = counter_key(&[3; 32]);
    let absent = prove(&nobody);
    assert_eq!(absent.verify(&trust, &nobody).expect("holds").value, None);

    assert!(proof.verify(&trust, &nobody).is_err(), "a proof is about one key");
    assert!(absent.verify(&trust, &counter).is_err(), "nothing present is absent");
    let other = ledger::Trust { chain: [9; 32], ..trust.clone() };
    assert!(proof.verify(&other, &counter).is_err(), "a proof is of one network");
    let strangers = ledger::Trust { vote_keys: vec![[1; 32]], ..trust.clone() };
    assert!(proof.verify(&strangers, &counter).is_err(), "a proof is of one committee");
    for position in 0..proof.0.len() {
        let mut forged = proof.clone();
        forged.0[position] ^= 1;
        assert!(forged.verify(&trust, &counter).is_err(), "byte {position} does not matter");
    }
}

#[test]
fn refusals_say_why() {
    let directory = tempfile::tempdir().expect("a directory");
    let ledger = start(&directory);
    let submit = |transaction: Transaction| block_on(ledger.submit(transaction.encode()));
    let one = Transaction::one([1; 32], 0);
    let done = execute(&ledger, &one);
    assert!(!ledger.is_waiting(&done.id), "what has a receipt waits no more");

    assert!(matches!(block_on(ledger.submit(vec![1, 2])), Err(SubmitError::Refused(_))));
    let used = submit(one.clone());
    assert!(matches!(used, Err(SubmitError::NonceUsed { found: 0, next: 1 })), "{used:?}");
    let far = submit(Transaction::one([1; 32], 5_000));
    assert!(matches!(far, Err(SubmitError::NonceTooHigh { .. })), "{far:?}");
    let gap = Transaction::one([1; 32], 2);
    let id = submit(gap.clone()).expect("a gap waits");
    assert!(ledger.is_waiting(&id));
    assert_eq!(submit(gap.clone()), Err(SubmitError::Known));
    let taken = submit(Transaction { amount: 5, ..gap });
    assert!(matches!(taken, Err(SubmitError::NonceTaken { nonce: 2 })), "{taken:?}");
    let expired = submit(Transaction { expires: 0, ..Transaction::one([1; 32], 1) });
    assert!(matches!(expired, Err(SubmitError::Expired { .. })), "{expired:?}");
    let heavy = submit(Transaction { work: u64::MAX, ..Transaction::one([1; 32], 1) });
    assert!(matches!(heavy, Err(SubmitError::TooMuchWork { .. })), "{heavy:?}");
    let long = vec![0; 6 << 20];
    assert!(matches!(block_on(ledger.submit(long)), Err(SubmitError::TooLong { .. })));

    execute(&ledger, &Transaction::one([1; 32], 1));
    assert_eq!(
        block_on(ledger.wait(&id)).map(|receipt| receipt.result),
        Ok(TransactionResult::Accepted)
    );
    let counter = Counters::default().nonce(&ledger.tip().state, &[1; 32]);
    assert_eq!(counter, 3);
}
