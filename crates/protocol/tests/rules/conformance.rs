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
        genesis: f58df02d48e1b85b85299615da6ef0c5716b5698b45a5169da159778e2b24858
        parameters: 59f804a59008d78205daa0af9ec79a3d7be0fd187d99af7d6d6b6f37c983e7e1
        transaction: 88aca5b16d098c4a5f4d3d99ca9b36176618c4cdcc64d63fc01d300b42713d80
        transaction id: 1663609ed7c7e00e2e6871e8561df5093e15742e7c90f6cf6a756c4ab7576057
        seal: c36432a30ee0877a43c208da03798f15a6efc602a2244c9dda5dd89294ed2484
        job id: 524742984db9a6034c1a546bdffe8b7026de3c2a772fb25bd621528fc5da6e7b
        events: 4215eedc86aa160b03d579007e5faf389b7fc90b4dbd24d474b043e38ef377cb
        entries: a892d00090878738e486dd1f21f2932accd6a532c7363b20609f9095c1870209
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
