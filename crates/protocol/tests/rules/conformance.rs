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
        genesis: 96155735d8a7a590caa55568dac84f4ea013d3b4b8d7c94accf2b2a25ce4b1aa
        parameters: 38913fa019576ad5ad155a29a3544adea6ebb917c3cc2be71c890414fee767b8
        transaction: f78be493606a4c6c5e8a4be395f7376fe529f73873859cb20127c37ddb4592c3
        transaction id: a521e94cfc704706c131ce20c787aa31b5f30a97aaa20e2bf4cb8446e0a62e12
        seal: 2c600eb635ec5e493996fa4721fdfc18b9f7d2373bfaae067242ed5ab4122b15
        job id: 932023d75a4efddc1477f0b7c9620f9819444e9bf9446bba241d0af89a68bc33
        events: d772c7eebd8c2e6345c85e0e14a8d0412b4a77980aec53d6833491f99ccac6fb
        entries: 45ea0535ce476cbfc2450dd31271c34d9194ca65e10340c29703b4c650854ecb
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
