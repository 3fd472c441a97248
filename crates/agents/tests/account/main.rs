//! One account's transactions against a node that misbehaves, over a real socket.

mod node;

use std::sync::Arc;
use std::time::Duration;

use agents::account::{Account, SendError};
use api::Code;
use protocol::{AccountId, Action, Amount, NATIVE, Nonce};
use wallet::{LocalSigner, Seed};

use crate::node::{Node, accepted, pending, refused, rejected};

fn transfer(units: u128) -> Action {
    Action::Transfer { to: AccountId([9; 32]), asset: NATIVE, amount: Amount::new(units) }
}

async fn account(node: &Node) -> Account {
    let signer = Arc::new(LocalSigner::new(&Seed::new([1; 32])));
    let account = Account::connect(node.client(), signer).await.expect("answers");
    account.with_patience(Duration::from_secs(5))
}

#[tokio::test]
async fn an_accepted_transaction_is_sent_once_with_the_next_nonce() {
    let node = Node::start(7, vec![accepted()]).await;
    let sent = account(&node).await.send(transfer(1)).await.expect("accepted");
    assert_eq!(sent.nonce, Nonce(7));
    let [seen] = &node.seen()[..] else { panic!("{:?}", node.seen()) };
    assert_eq!((seen.transaction.nonce, &seen.transaction.action), (Nonce(7), &transfer(1)));
    assert!(seen.transaction.expiry.0 > node::HEIGHT);
    assert!(seen.clone().verify().is_ok());
}

#[tokio::test]
async fn whatever_leaves_its_fate_open_is_answered_with_the_same_bytes() {
    let open = [Code::Busy, Code::LedgerFull, Code::SenderFull, Code::TimedOut, Code::Stopped];
    let mut script: Vec<_> = open.map(refused).into();
    script.extend([pending(), refused(Code::NotFound), accepted()]);
    let node = Node::start(0, script).await;
    account(&node).await.send(transfer(1)).await.expect("accepted in the end");
    let seen = node.seen();
    assert!(seen.len() > open.len());
    assert!(seen.iter().all(|signed| *signed == seen[0]), "another transaction was signed");
}

#[tokio::test]
async fn what_can_no_longer_be_executed_is_signed_anew() {
    let dead =
        [Code::TransactionExpired, Code::TransactionDropped, Code::NonceUsed, Code::NonceTaken];
    for code in dead {
        let node = Node::start(3, vec![refused(code), accepted()]).await;
        // Somebody else used the nonce meanwhile.
        node.advance_nonce_when_refused();
        let sent = account(&node).await.send(transfer(1)).await.expect("accepted in the end");
        assert_eq!(sent.nonce, Nonce(4), "{code}");
    }
    // Executed too late or out of order: not charged, so it is worth another signature.
    for (code, name) in [(102, "Expired"), (104, "BadNonce")] {
        let node = Node::start(3, vec![rejected(code, name), accepted()]).await;
        account(&node).await.send(transfer(1)).await.expect("accepted in the end");
        assert_eq!(node.seen().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn the_rules_reason_comes_back_typed() {
    let node = Node::start(0, vec![rejected(202, "InsufficientBalance")]).await;
    let error = account(&node).await.send(transfer(1)).await.expect_err("rejected");
    assert_eq!(error.rejection(), Some(202));
    assert!(
        matches!(&error, SendError::Rejected { reason } if reason.name == "InsufficientBalance")
    );
    assert_eq!(node.seen().len(), 1);
}

#[tokio::test]
async fn what_the_ledger_never_takes_is_not_tried_again() {
    for code in [Code::TransactionRefused, Code::TransactionTooLong, Code::TooMuchWork] {
        let node = Node::start(0, vec![refused(code)]).await;
        let error = account(&node).await.send(transfer(1)).await.expect_err("refused");
        assert!(matches!(&error, SendError::Refused(problem) if problem.code == code), "{error}");
        assert_eq!(node.seen().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn after_its_patience_the_fate_is_said_to_be_unknown() {
    let node = Node::start(0, vec![refused(Code::LedgerFull); 200]).await;
    let account = account(&node).await.with_patience(Duration::from_millis(300));
    let error = account.send(transfer(1)).await.expect_err("never taken");
    assert!(matches!(error, SendError::Unknown(_)), "{error}");
    let node_is_gone = node.stop().await;
    let error = account.send(transfer(1)).await.expect_err("nobody there");
    assert!(matches!(error, SendError::Unread(_)), "{error} {node_is_gone:?}");
}

#[tokio::test]
async fn two_at_once_take_their_turns() {
    let node = Node::start(0, vec![accepted(), accepted(), accepted()]).await;
    let account = account(&node).await;
    let sends = (1..=3).map(|units| account.send(transfer(units)));
    let sent = futures::future::join_all(sends).await;
    let mut nonces: Vec<_> = sent.into_iter().map(|sent| sent.expect("accepted").nonce.0).collect();
    nonces.sort_unstable();
    assert_eq!(nonces, [0, 1, 2]);
}
