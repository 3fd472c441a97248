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
        genesis: 7167eee1d43042a529ca6caa5f0c084c7b68083f6ae6b232d780632f93fa8301
        parameters: 87da0ef6856a212b9ecf41dc153f77f5f621724a1219dcddb24d7cf286a25439
        transaction: 1aefa2a54d936d204968f304a92a4fc8209b1c65bb3490e93fbd3f8f8c3fd126
        transaction id: e7194d94c87ea29d2604ddf3ed145c54da3f4720b2d33468a55893e77119ab91
        seal: c1387882ec08923f1e4e1fb1a972821ea58f381c1ac04f63c6732f2832eb4de9
        job id: ab82056919b68581a7bfe5cbf615fa4917c898bce992700afcee8a177d63899d
        events: 352defb56f9e12ee55e15c00ddb40e57c8f9a07551dadbe7ffd1efe4be151c8c
        entries: b39a2ad136d10a5624e461205cdf510eb20f0aa1cf4b6d3dc17b5c74721cd8c0
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
