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
        genesis: a984657fafe183336a26c618ecd33304f28f826a6e7202d09296cb3501b57521
        parameters: 67ab34647c6d1fb88356f0f7e38361b12b8e303864e0e19bf69596daf9110fda
        transaction: 04c7600e2ebc66a802989eeaf5b2e644b798ef0417988e78c5f59ca15e188a52
        transaction id: f7b9e246cc1b9fd970f0d7c219fa21d4695105dd1eb3f637b421eb0555672cb1
        seal: 42b3c99468b5e69f9ef3d722b9ea65e257a4349f34ede4b336598971a1635556
        job id: 5beff5f3381fe3194bb4e26ebc9f05fa4b68eeecba0292745fa7bb70a085c4f3
        events: 8c9e410f5f9181a919f351caa142c9ad84bef755faa16b0fdfbc2a67795b5c80
        entries: e857c467c171cf7f63a5947daed4067fe21bdb1c28329f773627280b90582aaf
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
