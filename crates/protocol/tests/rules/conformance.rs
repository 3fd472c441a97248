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
    let (world, job) = crate::appeals::overturned();
    let output = Content { root: Hash([1; 32]), size: 100 };
    text += &format!("replica seal: {}\n", seal_output(job, PROVIDERS[0], SALT, &output));
    text += &line("replicated events", &world.events);
    text += &line("replicated entries", &world.state.entries());
    expect![[r#"
        genesis: 87938bf0ec3de5d1d8cf4f09696df734572dab2b18aa395246c081e9ab0d80c7
        parameters: f652cd96071654396541318d475f44f09c6e3ed353dfa7e17ab53b5dc4e3ec1e
        transaction: d879a09d163bf2031ac7b36ad0807574314a4110ef1ae44234ecc841cea6ca5a
        transaction id: af9171cbb5ce4f1572e500a3115d62ceb0a1e8beb0650c8e47efbcdda78005e1
        seal: a437f77a09c79f887cb22ba13068a94f6b35b38b5d204416d69040c949eff9f8
        job id: 06eba9abe91b14cdd53b582696eda543d7e8792e3c4ec7045998f38f1db52039
        events: dccd6d064624fe2a6658e90c11800a6048b2ff1f3e7f77b3cf44e005330b4498
        entries: cec9f1b255280448461e99ae39a7ddf1349adf806cc46d0a6d6d4752fe2819b4
        replica seal: f8249de5d119ad9c804cacddd0c42791bb7ca2423d83eae6179c46226a848b9b
        replicated events: 2e6247acb0331aceaa529c621b2e56843460e3025e8abdfbd82dc1c798487a7a
        replicated entries: 1905c751685ccc4a24a96f5a8658eb0dc968dfde54dbb42d7b4567777b8f72a8
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
