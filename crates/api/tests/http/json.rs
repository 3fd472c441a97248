//! The forms on the wire, pinned: programs of others depend on them.

use std::collections::BTreeMap;

use api::Cursor;
use api::wire::{
    AccessExitView, AccessView, AccountView, BallotView, CapacityView, CoverView, DemandName,
    DeviceView, EventPage, EventRecord, Explained, Foresight, JobExplanation, Obstacle, OfferView,
    Outcome, Page, ParameterView, PriceView, ProposalView, Receipt, Rejected, ReportedView,
    StandingView, Status, SupplyView, TransactionState, TransactionView, Unassigned, UptimeView,
};
use expect_test::{Expect, expect};
use protocol::{
    AccessExit, AccountId, Amendment, Amount, AssetId, Ballot, Band, BooksEvent, Capacity, ChainId,
    ClassId, Commission, Commitment, DelegationView, Device, DeviceId, DrawTally, Epoch, Event,
    Hash, Height, Holdings, Hop, Intake, JobId, JobStatus, NATIVE, Nonce, Offer,
    Outcome as Verdict, ParameterChange, Place, PlaceKind, PoolView, Ppm, Proposal, Raise,
    Rejection, STABLE, Stage, Tally, Time, UndelegationView, Why,
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

fn account(byte: u8) -> AccountId {
    AccountId([byte; 32])
}

fn amount(units: u128) -> Amount {
    Amount::new(units)
}

const COMMITMENT: Commitment = Commitment {
    amount: Amount::new(50),
    bonus: Ppm(250_000),
    until: Time(900),
    timer: 4,
    seen: Amount::new(1),
};

#[test]
fn access_stakes_and_delegations() {
    let exit = AccessExit { began: Time(5), release: Time(9) };
    pin(
        &AccessView {
            account: account(1),
            stake: amount(100),
            all: amount(400),
            credit: amount(7),
            exits: vec![AccessExitView { number: 3, amount: amount(10), exit }],
            explained: vec!["turns: ...".into()],
        },
        expect![[r#"
            {
              "account": "0101010101010101010101010101010101010101010101010101010101010101",
              "stake": "100",
              "all": "400",
              "credit": "7",
              "exits": [
                {
                  "number": 3,
                  "amount": "10",
                  "began": 5,
                  "release": 9
                }
              ],
              "explained": [
                "turns: ..."
              ]
            }"#]],
    );
    let hop =
        Hop { source: account(3), bucket: 8, part: amount(20), shares: amount(21), generation: 0 };
    pin(
        &DelegationView {
            delegator: account(1),
            operator: account(2),
            shares: amount(100),
            free: amount(29),
            worth: amount(99),
            free_worth: amount(28),
            fees_due: amount(6),
            bonus_due: amount(0),
            commitment: Some(COMMITMENT),
            hop: Some(hop),
            hop_until: Some(Time(800)),
        },
        expect![[r#"
            {
              "delegator": "0101010101010101010101010101010101010101010101010101010101010101",
              "operator": "0202020202020202020202020202020202020202020202020202020202020202",
              "shares": "100",
              "free": "29",
              "worth": "99",
              "free_worth": "28",
              "fees_due": "6",
              "bonus_due": "0",
              "commitment": {
                "amount": "50",
                "bonus": 250000,
                "until": 900,
                "timer": 4,
                "seen": "1"
              },
              "hop": {
                "source": "0303030303030303030303030303030303030303030303030303030303030303",
                "bucket": 8,
                "part": "20",
                "shares": "21",
                "generation": 0
              },
              "hop_until": 800
            }"#]],
    );
    pin(
        &UndelegationView {
            operator: account(2),
            bucket: 8,
            amount: amount(20),
            release: Time(800),
        },
        expect![[r#"
            {
              "operator": "0202020202020202020202020202020202020202020202020202020202020202",
              "bucket": 8,
              "amount": "20",
              "release": 800
            }"#]],
    );
}

#[test]
fn a_pool() {
    let percent = |percent: u32| Ppm(percent * 10_000);
    let to = Commission { rewards: percent(8), fees: percent(10) };
    pin(
        &PoolView {
            operator: account(2),
            own: amount(500),
            tokens: amount(900),
            room: amount(3_600),
            shares: amount(910),
            bonus: amount(12),
            commission: Commission { rewards: percent(5), ..to },
            raise: Some(Raise { to, from: Epoch(20), step: percent(1) }),
            fees_held: amount(6),
            committed: Some(COMMITMENT),
        },
        expect![[r#"
            {
              "operator": "0202020202020202020202020202020202020202020202020202020202020202",
              "own": "500",
              "tokens": "900",
              "room": "3600",
              "shares": "910",
              "bonus": "12",
              "commission": {
                "rewards": 50000,
                "fees": 100000
              },
              "raise": {
                "to": {
                  "rewards": 80000,
                  "fees": 100000
                },
                "from": 20,
                "step": 10000
              },
              "fees_held": "6",
              "committed": {
                "amount": "50",
                "bonus": 250000,
                "until": 900,
                "timer": 4,
                "seen": "1"
              }
            }"#]],
    );
}

#[test]
fn an_uptime_record_and_a_device() {
    pin(
        &UptimeView {
            devices: 2,
            draws: DrawTally { drawn: 48, answered: 47 },
            share: Some(Ppm(979_166)),
            factor: Some(Ppm(833_326)),
            epoch: DrawTally { drawn: 3, answered: 3 },
            answer_by: None,
            credit_ms: 900_000,
            maintenance: None,
        },
        expect![[r#"
            {
              "devices": 2,
              "draws": {
                "drawn": 48,
                "answered": 47
              },
              "share": 979166,
              "factor": 833326,
              "epoch": {
                "drawn": 3,
                "answered": 3
              },
              "answer_by": null,
              "credit_ms": 900000,
              "maintenance": null
            }"#]],
    );
    let device = Device {
        class: ClassId::CPU,
        units: 10,
        registered: Height(7),
        answered: Some(Epoch(3)),
        passed: true,
    };
    pin(
        &DeviceView { id: DeviceId([6; 32]), device },
        expect![[r#"
        {
          "id": "0606060606060606060606060606060606060606060606060606060606060606",
          "class": 0,
          "units": 10,
          "registered": 7,
          "answered": 3,
          "passed": true
        }"#]],
    );
}

#[test]
fn what_a_stake_carries() {
    let capacity = Capacity { epoch: Some(Epoch(3)), proven: 10, failures: 0, failing_since: None };
    let accuracy = "(0 right + 10) / ...".into();
    pin(
        &StandingView {
            operator: account(2),
            epoch: Epoch(4),
            pool: None,
            committed: Some(COMMITMENT),
            cover: CoverView {
                band: Band::Amber,
                owed: amount(10),
                lockable: amount(9),
                call_until: Some(Time(700)),
            },
            seats: 1,
            vote_weight: amount(375),
            reward_weight: amount(1_412),
            uptime: None,
            capacities: vec![CapacityView { class: ClassId::CPU, offer_limit: 8, capacity }],
            accuracy: Ppm(500_000),
            explained: Explained { accuracy, ..Explained::default() },
        },
        expect![[r#"
            {
              "operator": "0202020202020202020202020202020202020202020202020202020202020202",
              "epoch": 4,
              "pool": null,
              "committed": {
                "amount": "50",
                "bonus": 250000,
                "until": 900,
                "timer": 4,
                "seen": "1"
              },
              "cover": {
                "band": "amber",
                "owed": "10",
                "lockable": "9",
                "call_until": 700
              },
              "seats": 1,
              "vote_weight": "375",
              "reward_weight": "1412",
              "uptime": null,
              "capacities": [
                {
                  "class": 0,
                  "offer_limit": 8,
                  "epoch": 3,
                  "proven": 10,
                  "failures": 0,
                  "failing_since": null
                }
              ],
              "accuracy": 500000,
              "explained": {
                "seats": [],
                "cover": [],
                "uptime": [],
                "capacity": [],
                "accuracy": "(0 right + 10) / ..."
              }
            }"#]],
    );
}

#[test]
fn votes_and_parameters() {
    let tally = Tally { approve: amount(5), oppose: amount(1), spam: amount(0), all: amount(9) };
    let changes = vec![ParameterChange { name: "margin".into(), value: amount(1_500_000) }];
    pin(
        &ProposalView {
            proposal: Proposal {
                id: 12,
                proposer: account(1),
                amendment: Amendment::Parameters { changes },
                submitted: Time(100),
                stage: Stage::Voting,
                deadline: Time(700),
                timer: 13,
            },
            deposit: amount(1_000),
            tally,
            outcome: Verdict::Rejected,
            explained: vec!["for 5 of 9".into()],
        },
        expect![[r#"
            {
              "proposal": {
                "id": 12,
                "proposer": "0101010101010101010101010101010101010101010101010101010101010101",
                "amendment": {
                  "kind": "parameters",
                  "changes": [
                    {
                      "name": "margin",
                      "value": "1500000"
                    }
                  ]
                },
                "submitted": 100,
                "stage": "voting",
                "deadline": 700,
                "timer": 13
              },
              "deposit": "1000",
              "tally": {
                "approve": "5",
                "oppose": "1",
                "spam": "0",
                "all": "9"
              },
              "outcome": "rejected",
              "explained": [
                "for 5 of 9"
              ]
            }"#]],
    );
    let stage = Stage::Accepted(tally);
    assert_eq!(
        serde_json::to_value(stage).expect("plain")["accepted"]["approve"],
        serde_json::json!("5")
    );
    let ballot = Ballot::Against;
    pin(
        &BallotView { validator: account(3), ballot, weight: amount(1) },
        expect![[r#"
        {
          "validator": "0303030303030303030303030303030303030303030303030303030303030303",
          "ballot": "against",
          "weight": "1"
        }"#]],
    );
    pin(
        &ParameterView {
            name: "margin".into(),
            value: amount(1_250_000),
            unit: "ppm".into(),
            minimum: amount(1_000_000),
            maximum: amount(10_000_000),
            default: amount(1_250_000),
            reason: "a buffer".into(),
            fixed: None,
        },
        expect![[r#"
            {
              "name": "margin",
              "value": "1250000",
              "unit": "ppm",
              "minimum": "1000000",
              "maximum": "10000000",
              "default": "1250000",
              "reason": "a buffer",
              "fixed": null
            }"#]],
    );
}

#[test]
fn the_price_and_what_the_rules_would_say() {
    let reported = ReportedView {
        slot: 4,
        until: Time(480),
        agreed: Time(240),
        high: amount(1_200_000),
        entitled: 3,
        committed: 1,
    };
    pin(
        &PriceView {
            price: amount(900_000),
            collateral: amount(850_000),
            reported: Some(reported),
            intake: Intake::Halted(Time(900)),
            explained: vec!["price: ...".into()],
        },
        expect![[r#"
            {
              "price": "900000",
              "collateral": "850000",
              "reported": {
                "slot": 4,
                "until": 480,
                "agreed": 240,
                "high": "1200000",
                "entitled": 3,
                "committed": 1
              },
              "intake": {
                "halted": 900
              },
              "explained": [
                "price: ..."
              ]
            }"#]],
    );
    let rejection = Rejection::DelegationCap { amount: amount(9), room: amount(4) };
    pin(
        &Foresight { fee: amount(2_000), rejection: Some(rejection) },
        expect![[r#"
        {
          "fee": "2000",
          "rejection": {
            "reason": "delegation_cap",
            "amount": "9",
            "room": "4"
          }
        }"#]],
    );
}
