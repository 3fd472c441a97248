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
        genesis: 940f479161ed4c1e5ca6a41bd0aced9882d5414b94bb0455a32b59c928b38d28
        parameters: deca7ff7dd38de1926c6a5138308f212680ceedb04f92316cb9617e5cc0d33bf
        transaction: 054158291f00af4c739ebf9c01e9f4d8e403ae3bec0b0fe92de29bfd117fc206
        transaction id: cc862a675ad35949c040a0934fc53c73db88f5e4fd8165771cba78a6b1432b2a
        seal: 55b6367a37351f9318a0e99b2dbff22b47fd50789a142cfdafdb2714c35d9897
        job id: 8e77505118bb216a0ed4c3d2192a5d19831cab856747f5a204a963088744e2e9
        events: 3b80f476c9d548f62e1dc12f04866b02515a318680420dc5dc0c99b20bede00d
        entries: d5213c1a88ebf899ab3458333e6e8ce58737b19d9ae445e95c1b0d450d702480
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
