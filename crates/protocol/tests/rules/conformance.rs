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
        genesis: b7a1efa2d19a5769295c07863322a68a74b8ad16aff35edbf09f60d57ea4a978
        parameters: 22fe84f3bbdd702985eacc067b298cc5c4ed7a745e8a5e1ff8b98f9c274204ae
        transaction: a0fe96429d905400b5e4a0e9b3ecffc42967f395edbed473b737470f1dc3c2e9
        transaction id: 2ca0c046e0c63e04097c426811f12d55e568a750106db3899308e97cb89693d1
        seal: 682139dee7b1b10148504ee6b9e61311b991929fb828257d70b02d66fb1c4a16
        job id: 6de7d8547b96d86b774aed38625a8d1cd20aad30cb4b7a3615dc371116b3b71e
        events: ce80c4f4bd2bd195cc84fbdad56e68e3e11295a41cc3e22294fb98ea398b842c
        entries: f4cb67271b12f69e447fcb950b444b8510c6ad5a44107a7fb2275b39fa5601e3
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
