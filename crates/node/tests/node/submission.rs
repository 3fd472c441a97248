//! Transactions, good and bad. A bad one gets its documented error and changes nothing.

use api::wire::{AccountView, Outcome, Receipt, TransactionState};
use api::{Client, ClientError, Code};
use protocol::{
    Action, Amount, BooksEvent, Event, Height, NATIVE, Nonce, Place, Rejection, STABLE,
    SignedTransaction, Transaction, Why,
};

use crate::network::{Network, Person};

fn transfer(to: &Person, units: u128) -> Action {
    Action::Transfer { to: to.account(), asset: STABLE, amount: Amount::new(units) }
}

fn code<T: std::fmt::Debug>(result: Result<T, ClientError>) -> Code {
    let error = result.expect_err("refused");
    error.code().unwrap_or_else(|| panic!("not a refusal: {error}"))
}

fn rejection(receipt: &Receipt) -> u16 {
    match &receipt.outcome {
        Outcome::Rejected(rejected) => rejected.code,
        Outcome::Accepted => panic!("accepted: {receipt:?}"),
    }
}

async fn account(client: &Client, person: &Person) -> AccountView {
    client.account(person.account()).await.expect("answers")
}

async fn post(client: &Client, bytes: Vec<u8>) -> Result<TransactionState, ClientError> {
    client.submit_bytes(bytes.into(), true).await
}

#[tokio::test]
async fn a_transfer_arrives_and_is_told() {
    let (from, to) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&from]).await;
    let start = network.client.status().await.expect("answers").cursor;
    let before = network.balance(&from, STABLE).await;
    network.must(&from, transfer(&to, 7)).await;
    assert_eq!(network.balance(&to, STABLE).await, Amount::new(7));
    assert_eq!(network.balance(&from, STABLE).await, before.minus(Amount::new(7)));
    let mut stream = network.client.follow(start);
    let told = loop {
        let record = stream.next().await.expect("answers").expect("goes on");
        if let Event::Books(BooksEvent::Moved { from, to, amount, why: Why::Transfer, .. }) =
            record.event
        {
            break (from, to, amount);
        }
    };
    let expected = (Place::Account(from.account()), Place::Account(to.account()), Amount::new(7));
    assert_eq!(told, expected);
    network.exact_supply().await;
    network.stop().await;
}

#[tokio::test]
async fn the_first_events_mint_what_genesis_gives_out() {
    let person = Person::new(1);
    let network = Network::start(&[&person]).await;
    let page = network.client.events(Default::default(), 3, std::time::Duration::from_secs(20));
    let page = page.await.expect("answers");
    for (record, asset) in page.events.iter().zip([NATIVE, STABLE]) {
        let to = Place::Account(person.account());
        let minted = matches!(&record.event, Event::Books(BooksEvent::Moved { from: Place::Unissued, to: place, asset: of, .. })
            if *place == to && *of == asset);
        assert!(minted, "{record:?}");
    }
    network.stop().await;
}

#[tokio::test]
async fn submitting_again_gives_the_same_receipt_and_moves_nothing() {
    let (from, to) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&from]).await;
    let signed = network.signed(&from, transfer(&to, 5)).await;
    let (first, second) =
        tokio::join!(network.client.submit(&signed), network.client.submit(&signed));
    let first = first.expect("taken");
    assert_eq!(second.expect("known"), first);
    assert_eq!(network.client.submit(&signed).await.expect("executed"), first);
    assert_eq!(network.balance(&to, STABLE).await, Amount::new(5));
    let state = network.client.transaction(first.id, Default::default()).await.expect("known");
    assert_eq!(state, TransactionState::Final(first));
    network.stop().await;
}

#[tokio::test]
async fn what_is_not_a_transaction_of_this_chain_is_refused() {
    let (from, to) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&from]).await;
    let before = account(&network.client, &from).await;
    let good = network.signed(&from, transfer(&to, 5)).await;
    let bytes = borsh::to_vec(&good).expect("in memory");
    let mut forged = good.clone();
    forged.signature[0] ^= 1;
    let another = SignedTransaction {
        transaction: Transaction { action: transfer(&to, 500), ..good.transaction.clone() },
        signature: good.signature,
    };
    let elsewhere =
        from.sign(Transaction { chain: protocol::ChainId([9; 32]), ..good.transaction.clone() });
    let encode = |signed: &SignedTransaction| borsh::to_vec(signed).expect("in memory");
    for (name, bad) in [
        ("nothing", Vec::new()),
        ("garbage", b"garbage".to_vec()),
        ("zeros", vec![0; 200]),
        ("ones", vec![255; 200]),
        ("cut off", bytes[..bytes.len() - 1].to_vec()),
        ("with a tail", [&bytes[..], &[0]].concat()),
        ("forged", encode(&forged)),
        ("changed", encode(&another)),
        ("elsewhere", encode(&elsewhere)),
    ] {
        assert_eq!(code(post(&network.client, bad).await), Code::TransactionRefused, "{name}");
    }
    let huge = vec![0; api::limits::BODY_BYTES_MAX];
    assert_eq!(code(post(&network.client, huge).await), Code::TransactionTooLong);
    let huge = vec![0; api::limits::BODY_BYTES_MAX + 1];
    assert_eq!(code(post(&network.client, huge).await), Code::BodyTooLarge);
    assert_eq!(account(&network.client, &from).await, before);
    network.exact_supply().await;
    network.stop().await;
}

#[tokio::test]
async fn nonce_and_expiry_are_looked_at_before_anything_is_taken() {
    let (from, to) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&from]).await;
    network.must(&from, transfer(&to, 1)).await;
    let before = account(&network.client, &from).await;
    let good = network.signed(&from, transfer(&to, 5)).await.transaction;
    let submit =
        async |transaction: Transaction| network.client.submit(&from.sign(transaction)).await;
    let used = Transaction { nonce: Nonce(0), ..good.clone() };
    assert_eq!(code(submit(used).await), Code::NonceUsed);
    let ahead = Transaction { nonce: Nonce(1_000_000), ..good.clone() };
    assert_eq!(code(submit(ahead).await), Code::NonceTooHigh);
    let late = Transaction { expiry: Height(0), ..good.clone() };
    assert_eq!(code(submit(late).await), Code::TransactionExpired);
    let eternal = Transaction { expiry: Height(u64::MAX), ..good.clone() };
    assert_eq!(code(submit(eternal).await), Code::TransactionRefused);
    assert_eq!(account(&network.client, &from).await, before);
    // Two that contend for one nonce: the first one waits for its predecessor, the second is told.
    let next = Nonce(good.nonce.0 + 1);
    let waits = from.sign(Transaction { nonce: next, ..good.clone() });
    let waits =
        network.client.submit_bytes(borsh::to_vec(&waits).expect("in memory").into(), false);
    assert!(matches!(waits.await, Ok(TransactionState::Pending { .. })));
    let contends = Transaction { nonce: next, action: transfer(&to, 6), ..good };
    assert_eq!(code(submit(contends).await), Code::NonceTaken);
    network.stop().await;
}

#[tokio::test]
async fn who_cannot_pay_the_fee_is_told_before_a_block() {
    let (rich, poor) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&rich]).await;
    assert_eq!(code(network.send(&poor, transfer(&rich, 1)).await), Code::CannotPayFee);
    assert_eq!(account(&network.client, &poor).await.nonce, Nonce(0));
    network.stop().await;
}

#[tokio::test]
async fn what_the_rules_reject_costs_its_fee_and_does_nothing_else() {
    let (from, to) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&from]).await;
    let stable = network.balance(&from, STABLE).await;
    let supply = network.exact_supply().await;
    let zero = Rejection::ZeroAmount.code();
    for (units, expected) in [(0, zero), (u128::MAX, 201), (stable.units() + 1, 202)] {
        let before = account(&network.client, &from).await;
        let receipt = network.send(&from, transfer(&to, units)).await.expect("taken");
        assert_eq!(rejection(&receipt), expected, "{receipt:?}");
        let after = account(&network.client, &from).await;
        assert_eq!(after.nonce, Nonce(before.nonce.0 + 1));
        assert_eq!(after.balances.of(STABLE), stable);
        assert!(after.balances.of(NATIVE) < before.balances.of(NATIVE), "the fee is paid");
    }
    assert_eq!(network.balance(&to, STABLE).await, Amount::ZERO);
    let after = network.exact_supply().await;
    assert!(supply.iter().zip(&after).all(|(a, b)| (a.minted, a.burned) == (b.minted, b.burned)));
    network.stop().await;
}

#[tokio::test]
async fn many_at_once_are_all_executed_in_order() {
    let (from, to) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&from]).await;
    let first = network.signed(&from, transfer(&to, 1)).await.transaction;
    let submissions = (0..200).rev().map(|ahead| {
        let nonce = Nonce(first.nonce.0 + ahead);
        let signed = from.sign(Transaction { nonce, ..first.clone() });
        let client = network.client.clone();
        tokio::spawn(async move { client.submit(&signed).await.expect("taken").is_accepted() })
    });
    let submissions: Vec<_> = submissions.collect();
    for submission in submissions {
        assert!(submission.await.expect("no panic"));
    }
    assert_eq!(network.balance(&to, STABLE).await, Amount::new(200));
    network.exact_supply().await;
    network.stop().await;
}

#[tokio::test]
async fn what_can_no_longer_pay_its_fee_is_over_with_its_receipt() {
    let (from, to) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&from]).await;
    let native = network.balance(&from, NATIVE).await;
    // Leaves the sender with less than the fee of what is submitted in the same breath.
    let amount = native.minus(Amount::new(4_000));
    let drain = Action::Transfer { to: to.account(), asset: NATIVE, amount };
    let drain = network.signed(&from, drain).await;
    let behind = Transaction {
        nonce: Nonce(drain.transaction.nonce.0 + 1),
        action: transfer(&to, 1),
        ..drain.transaction.clone()
    };
    let behind = from.sign(behind);
    let waits = borsh::to_vec(&behind).expect("in memory").into();
    let waits = network.client.submit_bytes(waits, false).await.expect("taken");
    assert!(matches!(waits, TransactionState::Pending { .. }));
    assert!(network.client.submit(&drain).await.expect("taken").is_accepted());
    let receipt = network.client.submit(&behind).await.expect("executed");
    assert_eq!(rejection(&receipt), 106);
    // Its nonce is used: nobody can have it executed later, and it holds up nobody.
    assert_eq!(account(&network.client, &from).await.nonce.0, behind.transaction.nonce.0 + 1);
    let height = network.client.status().await.expect("answers").height;
    network
        .must(&to, Action::Transfer { to: from.account(), asset: NATIVE, amount: Amount::new(1) })
        .await;
    assert_eq!(network.client.submit(&behind).await.expect("executed"), receipt, "{height}");
    network.stop().await;
}
