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
        genesis: bd421e1f9c517df1e88d83caf9ef94faad984c84af4d6178dbde610bf39657b2
        parameters: c833c3e86dd803dcc854591eb6c2e87d95126dd3edaf4987401075b4b90126c4
        transaction: 5feb4108da9d9b834f41ecbe6cd63f8f3648c16028a53f5c7762b3387ffe25dc
        transaction id: cff8f9bed381c099bf5ec4d053ea64cac2595fbca7ed6299d5cf3235adccb383
        seal: d70aa666d0e646f50f0ca6d995fca66245ae18a367e29d2a4568ef245577be39
        job id: b3c0d61950a06c7240472899f1bec31f6f9a550af9d85cea41c5ffcdb6774b63
        events: a25d8b204391d561327190c10585f0ab43847875834f1e26345a1f3b7b7ef45f
        entries: 692e6ee96c5d9d2c5b5ebf2c6dd11c27788152ef8a77a423df6652d2ead5c91b
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
