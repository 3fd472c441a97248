//! Pinned hashes of encodings. A change here is a change of what is signed, hashed or stored: a new version of the chain.

use expect_test::expect;
use protocol::*;

use crate::villains;
use crate::world::*;

fn line(name: &str, value: &impl borsh::BorshSerialize) -> String {
    format!("{name}: {}\n", Hash::of("conformance", value))
}

#[test]
fn encodings_are_pinned() {
    let (world, job) = villains::wrong_step();
    let transaction = world.transaction(REQUESTER, Action::SubmitJob { spec: crate::life::spec() });
    let claim = world.truth(job);
    let mut text = String::new();
    text += &line("genesis", &genesis(Parameters::default()));
    text += &line("parameters", &Parameters::default());
    text += &line("transaction", &transaction);
    text += &format!("transaction id: {}\n", transaction.id());
    text += &format!("seal: {}\n", seal(job, 1, PROVIDERS[0], SALT, &claim));
    text += &format!("job id: {job}\n");
    text += &line("events", &world.events);
    text += &line("entries", &world.state.entries());
    expect![[r#"
        genesis: 8a3193d7322c47b8d04d16a52a9d587ee40b88b2d03e224b73f110e5a8e692dd
        parameters: 87e481da28fb8351c69f3973a82731fa6fa709d3e97ba9bed7186ebbe68b72ab
        transaction: 72017017c0c514d8a465dfd0e0de59186bdae2b2003266bd098be1064c55aea4
        transaction id: 79f9f0a16a0c58deff7cd79a69a836758747c4a68ed6bc7483b3b53f9026a5d4
        seal: 080097f8bf6476de23be2aa338a8d95e37590ecc476ac25187797f1d479d87e9
        job id: 1bed08f418236ff9c51cf848231fb795ef85b201b0924cc2af12f58b85c745ed
        events: 962acdb5ea6f72ffb090eaa30289a694a454a8961b1d1eca19fff9c5ced9ad51
        entries: ef60bf954e05b67024225d351df19f5b69a97006ee1d2fd766e02fe870a367a5
    "#]]
    .assert_eq(&text);
}

#[test]
fn malformed_entries_are_refused() {
    let import = |key: &[u8], value: &[u8]| State::from_entries([(key, value)]);
    assert!(matches!(import(&[], &[]), Err(ImportFault::UnknownTable { .. })));
    assert!(matches!(import(&[200], &[]), Err(ImportFault::UnknownTable { .. })));
    assert!(matches!(import(&[2], &[1]), Err(ImportFault::Malformed { .. })));
    assert!(matches!(import(&[5, 1], &[0; 24]), Err(ImportFault::Malformed { .. })));
    assert!(matches!(import(&[2, 0], &[0; 48]), Err(ImportFault::Malformed { .. })));
}

#[test]
fn an_old_entry_with_trailing_bytes_is_refused() {
    let state = World::staked().state;
    for (key, mut value) in state.entries() {
        value.push(0);
        assert!(State::from_entries([(key, value)]).is_err());
    }
}
