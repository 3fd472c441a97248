//! The forms on the wire, pinned: programs of others depend on them.

use std::collections::BTreeMap;

use api::Cursor;
use api::wire::{
    AccountView, DemandName, EventPage, EventRecord, JobExplanation, Obstacle, OfferView, Outcome,
    Page, Receipt, Rejected, Status, SupplyView, TransactionState, TransactionView, Unassigned,
};
use expect_test::{Expect, expect};
use protocol::{
    AccountId, Amount, AssetId, BooksEvent, ChainId, ClassId, Event, Hash, Height, Holdings, JobId,
    JobStatus, NATIVE, Nonce, Offer, Place, PlaceKind, STABLE, Time, Why,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn pin<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, form: Expect) {
    let json = serde_json::to_string_pretty(value).expect("it has a form");
    form.assert_eq(&json);
    assert_eq!(&serde_json::from_str::<T>(&json).expect("its own form"), value);
}

fn receipt(outcome: Outcome) -> TransactionState {
    let id = Hash([0xab; 32]);
    TransactionState::Final(Receipt { id, height: Height(7), index: 2, outcome })
}

#[test]
fn transactions_of_a_block() {
    pin(
        &TransactionView {
            index: 2,
            id: Hash([0xab; 32]),
            sender: AccountId([1; 32]),
            nonce: Nonce(7),
            bytes: 300,
            answers: Some(DemandName { job: JobId([2; 32]), demander: AccountId([3; 32]) }),
            outcome: Outcome::Accepted,
        },
        expect![[r#"
        {
          "index": 2,
          "id": "abababababababababababababababababababababababababababababababab",
          "sender": "0101010101010101010101010101010101010101010101010101010101010101",
          "nonce": 7,
          "bytes": 300,
          "answers": {
            "job": "0202020202020202020202020202020202020202020202020202020202020202",
            "demander": "0303030303030303030303030303030303030303030303030303030303030303"
          },
          "outcome": "accepted"
        }"#]],
    );
}

#[test]
fn transactions() {
    pin(
        &TransactionState::Pending { id: Hash([1; 32]) },
        expect![[r#"
        {
          "state": "pending",
          "id": "0101010101010101010101010101010101010101010101010101010101010101"
        }"#]],
    );
    pin(
        &receipt(Outcome::Accepted),
        expect![[r#"
        {
          "state": "final",
          "id": "abababababababababababababababababababababababababababababababab",
          "height": 7,
          "index": 2,
          "outcome": "accepted"
        }"#]],
    );
    let rejected = Rejected { code: 200, name: "ZeroAmount".into(), message: "no".into() };
    pin(
        &receipt(Outcome::Rejected(rejected)),
        expect![[r#"
        {
          "state": "final",
          "id": "abababababababababababababababababababababababababababababababab",
          "height": 7,
          "index": 2,
          "outcome": {
            "rejected": {
              "code": 200,
              "name": "ZeroAmount",
              "message": "no"
            }
          }
        }"#]],
    );
}

#[test]
fn events() {
    let account = AccountId([0x11; 32]);
    let event = Event::Books(BooksEvent::Moved {
        from: Place::Account(account),
        to: Place::Lock(account, JobId([0x22; 32])),
        asset: NATIVE,
        amount: Amount::new(u128::MAX),
        why: Why::Lock,
        job: None,
    });
    let cursor = Cursor { height: 3, index: 1 };
    let events = vec![EventRecord { cursor, time: Time(1_500), event }];
    pin(
        &EventPage { events, next: cursor },
        expect![[r#"
        {
          "events": [
            {
              "cursor": "3-1",
              "time": 1500,
              "event": {
                "kind": "moved",
                "from": {
                  "account": "1111111111111111111111111111111111111111111111111111111111111111"
                },
                "to": {
                  "lock": [
                    "1111111111111111111111111111111111111111111111111111111111111111",
                    "2222222222222222222222222222222222222222222222222222222222222222"
                  ]
                },
                "asset": 0,
                "amount": "340282366920938463463374607431768211455",
                "why": "lock",
                "job": null
              }
            }
          ],
          "next": "3-1"
        }"#]],
    );
}

#[test]
fn lists_and_accounts() {
    let balances =
        Holdings::from_iter([(STABLE, Amount::new(5)), (AssetId(9), Amount::new(1 << 90))]);
    let account = AccountView { account: AccountId([3; 32]), nonce: Nonce(4), balances };
    pin(
        &Page { items: vec![account], next: Some("03".into()) },
        expect![[r#"
        {
          "items": [
            {
              "account": "0303030303030303030303030303030303030303030303030303030303030303",
              "nonce": 4,
              "balances": [
                [
                  1,
                  "5"
                ],
                [
                  9,
                  "1237940039285380274899124224"
                ]
              ]
            }
          ],
          "next": "03"
        }"#]],
    );
    let offer = Offer { units: 2, busy: 1, ask: Amount::new(500) };
    pin(
        &OfferView { class: ClassId::GPU, offer },
        expect![[r#"
        {
          "class": 1,
          "units": 2,
          "busy": 1,
          "ask": "500"
        }"#]],
    );
}

#[test]
fn the_state_of_the_chain() {
    let status = Status {
        network: "devnet".into(),
        chain: ChainId([7; 32]),
        height: Height(9),
        time: Time(10_000),
        cursor: Cursor { height: 10, index: 0 },
        version: "0.1.0".into(),
    };
    pin(
        &status,
        expect![[r#"
        {
          "network": "devnet",
          "chain": "0707070707070707070707070707070707070707070707070707070707070707",
          "height": 9,
          "time": 10000,
          "cursor": "10-0",
          "version": "0.1.0"
        }"#]],
    );
    let places = [(PlaceKind::Accounts, Amount::new(6)), (PlaceKind::AuditFees, Amount::new(1))];
    let supply = SupplyView {
        asset: STABLE,
        symbol: "USD".into(),
        decimals: 6,
        minted: Amount::new(10),
        burned: Amount::new(3),
        places: BTreeMap::from(places),
        accounted: Amount::new(7),
        exact: true,
    };
    pin(
        &supply,
        expect![[r#"
        {
          "asset": 1,
          "symbol": "USD",
          "decimals": 6,
          "minted": "10",
          "burned": "3",
          "places": {
            "accounts": "6",
            "audit_fees": "1"
          },
          "accounted": "7",
          "exact": true
        }"#]],
    );
    let obstacles = vec![Obstacle { reason: "all units are busy".into(), offers: 2 }];
    let advice = "wait for a unit".into();
    let explanation = JobExplanation {
        job: JobId([5; 32]),
        status: JobStatus::Open,
        now: Time(3),
        deadline: Some(Time(8)),
        who: None,
        awaited: "a provider".into(),
        otherwise: "the job ends".into(),
        unassigned: Some(Unassigned { offers: 2, willing: 0, obstacles, advice }),
        lock: vec!["lock: 5 micro-dollars".into()],
    };
    expect![[r#"
        awaited, within 5 ms: a provider
        otherwise: the job ends
        of 2 offers, 0 would take it
        2: all units are busy
        what would help: wait for a unit
        lock: 5 micro-dollars"#]]
    .assert_eq(&explanation.lines().join("\n"));
    pin(
        &explanation,
        expect![[r#"
        {
          "job": "0505050505050505050505050505050505050505050505050505050505050505",
          "status": "open",
          "now": 3,
          "deadline": 8,
          "who": null,
          "awaited": "a provider",
          "otherwise": "the job ends",
          "unassigned": {
            "offers": 2,
            "willing": 0,
            "obstacles": [
              {
                "reason": "all units are busy",
                "offers": 2
              }
            ],
            "advice": "wait for a unit"
          },
          "lock": [
            "lock: 5 micro-dollars"
          ]
        }"#]],
    );
}
