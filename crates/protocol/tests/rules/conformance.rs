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
        genesis: 6576aa5bba3a8f499022a2cc666ac2800542c2a66fc0693b917afd63fd427fa0
        parameters: 8002142461eb0cbaa9aec240f6ab71e5d71487b236ae6d484c206a7a3ed19ed2
        transaction: 5313c07af1ed5718aabdb7231cdd9a9a059bd9c6b888ea47136a18e1f7987692
        transaction id: 9093cc078bb30a08b4e1d19e6370a128e3a3f21ebb8b0fbf92aa449cbf9096ab
        seal: 31a380e4ed6f5bc0cbd32d5b4f791def975e8b806bced9f1f71769a4eb6adfb3
        job id: 474db88edfa0cc7a39ab18b573992416e9e6606376f9832ad30fc2f243c3a323
        events: 86c86371d6dcd2814e699423a3379876d66776662337d4ed6ef80d28526ce2a0
        entries: 53f0019bf38eecfa4fb4b46b1e336ce89393d9f5effe9bf415a7e09021fc47bf
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
