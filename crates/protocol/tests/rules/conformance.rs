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
        genesis: ff82d3c5494fe18ae86602ea8d0e5fec71e5ff0ee48b9a1807e82d171cfe645a
        parameters: 6d2d009c8d3817912449496d17ba4ce49e994b4f3e1e58ff22dd74c2ba23345f
        transaction: d6cfb6dce38e7573c2503066dc27bbeacac80e8976c32da4a6aa63121d27bddb
        transaction id: 934119c6fa7b81578bc4c3374274c52f3ba4b3d7e3359117f9feb2afe8f00b9d
        seal: 869923304c33ec42143b79478a36501b5314661ad54961eb4adf71ea158aafd2
        job id: 2486a9163eebcde74f74339a64f230f7e13f06a021ffc74a7e8b4fc875db9eab
        events: fe082f29e6d26af27e36963f28c5d2255c984b24a1a89654caa5b9cb412331ba
        entries: bed5c205b60cbf9c5ddab8151e749e95f2d1584a38dacb92f98ccfba61ec79fb
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
