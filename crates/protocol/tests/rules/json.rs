//! JSON forms: amounts as text, names as hexadecimal digits, and nothing lost on the way.

use expect_test::expect;
use protocol::*;
use serde::de::DeserializeOwned;

use crate::devices::WORKER;
use crate::world::*;
use crate::{
    appeals, capacity, double_signing, governance, prices, rejections, replica_joints, replicated,
    rewards, transfers, uptime, villains,
};

fn round_trip<T: serde::Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

#[test]
fn every_event_record_and_rejection_survives_json() {
    let (world, _) = villains::wrong_step();
    world.events.iter().chain(&villains::silent_auditors().0.events).for_each(round_trip);
    let more = [crate::access::spam().0, crate::market::taken_by_hand().0];
    more.iter().flat_map(|world| &world.events).for_each(round_trip);
    let worlds = [prices::fined(), prices::crash(), governance::void(), governance::enacted()];
    worlds.iter().flat_map(|world| &world.events).for_each(round_trip);
    crate::delegation::slashed().events.iter().for_each(round_trip);
    crate::seats::seated().events.iter().for_each(round_trip);
    world.state.jobs().for_each(round_trip);
    for world in [uptime::downtime(), capacity::misrepresented(), transfers::rebutted()] {
        world.events.iter().for_each(round_trip);
        world.state.devices(WORKER).for_each(|(_, device)| round_trip(&device));
        world.state.uptime_record(WORKER).into_iter().for_each(round_trip);
        world.state.round(ClassId::CPU).into_iter().for_each(round_trip);
    }
    for (world, job) in [
        appeals::overturned(),
        appeals::upheld(),
        replica_joints::undecidable(),
        replicated::undecided(),
    ] {
        world.events.iter().for_each(round_trip);
        world.state.replication(job).into_iter().for_each(round_trip);
        world.state.jobs().for_each(round_trip);
    }
    appeals::refusals().into_iter().for_each(|(_, case)| round_trip(&case()));
    let worlds = [rewards::attended(), rewards::shared(), rewards::forfeited()];
    for world in worlds.into_iter().chain([double_signing::reckoned(), double_signing::delegated()])
    {
        world.events.iter().for_each(round_trip);
        let validators = VALIDATORS.map(|operator| world.state.earnings(operator).to_vec());
        validators.iter().flatten().for_each(round_trip);
        (0..4).filter_map(|epoch| world.state.reward_pool(Epoch(epoch))).for_each(round_trip);
        world.state.double_signer(VALIDATORS[0]).into_iter().for_each(round_trip);
    }
    world.state.operators().for_each(round_trip);
    round_trip(&genesis(Parameters::default()));
    rejections::delegation().into_iter().for_each(|(_, case)| round_trip(&case()));
    rejections::money().into_iter().for_each(|(_, case)| round_trip(&case()));
    rejections::proposals().into_iter().for_each(|(_, case)| round_trip(&case()));
    rejections::rewards().into_iter().for_each(|(_, case)| round_trip(&case()));
    rejections::capacity().into_iter().for_each(|(_, case)| round_trip(&case()));
    let action = Action::Challenge {
        job: JobId([1; 32]),
        accused: Accused::Auditor,
        evidence: vec![1, 2].into(),
    };
    round_trip(&world.transaction(STRANGER, action).with_signature([7; 64]));
}

#[test]
fn amounts_are_text_and_names_are_digits() {
    let moved = Event::Books(BooksEvent::Moved {
        from: Place::Account(STRANGER),
        to: Place::Pot(Pot::Fees),
        asset: NATIVE,
        amount: Amount::new(u128::MAX),
        why: Why::Fee,
        job: None,
    });
    let text = serde_json::to_string_pretty(&moved).unwrap();
    expect![[r#"
        {
          "kind": "moved",
          "from": {
            "account": "0303030303030303030303030303030303030303030303030303030303030303"
          },
          "to": {
            "pot": "fees"
          },
          "asset": 0,
          "amount": "340282366920938463463374607431768211455",
          "why": "fee",
          "job": null
        }"#]]
    .assert_eq(&text);
    let rejection = Rejection::CannotPayFee { fee: amount(5), available: amount(3) };
    expect![[r#"{"reason":"cannot_pay_fee","fee":"5","available":"3"}"#]]
        .assert_eq(&serde_json::to_string(&rejection).unwrap());
}

#[test]
fn parameters_in_a_file_may_be_partial_but_not_misspelt() {
    let partial: Parameters = serde_json::from_str(r#"{"epoch_ms": 5}"#).unwrap();
    assert_eq!(partial, Parameters { epoch_ms: 5, ..Parameters::default() });
    assert!(serde_json::from_str::<Parameters>(r#"{"epoch": 5}"#).is_err());
}
