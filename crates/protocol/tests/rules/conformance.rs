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
        genesis: 5308d55cbf75999164ce28fe2f88b4dbed46dcfdbc6508a92784c6365e4b2e2d
        parameters: 6bf93e6977fb0763cfc6b138b758b0acf8ebb09fa2df90b02ee3ee524e960827
        transaction: 61be440038b349e542519032e42740b5c4039b6a8c317ba09bd9933b56965676
        transaction id: 7357b4ea001945755cb347c7d87af260f530faad9515546a238fd9acbb7b88f4
        seal: 7bf199a9fa0f105f2cbf5c5a0e97b94061d92a708948b30e3134ccad3099fd1b
        job id: 800ddf72018b6b7abc01b271bbcb42506748c6a59abfb222821c48934eee0052
        events: 1b583a2ec09d40aefc9ea5d5198cda4016160472f3e2dc62edc45815911b38af
        entries: 5f60e6e9fdbd80309f9c60478c5a32b8a7e6f7c562667e14a2e55674c4101471
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
