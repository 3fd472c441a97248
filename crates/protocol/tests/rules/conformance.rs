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
        genesis: 0ee315be7222c3d56bf714a94aecdc16ca79089d9162a85d1c80a8ba51496138
        parameters: 1e41772e90992ceff0849132f1deef36cbdd2e3c5508b8948bc84c09eae37685
        transaction: 432bb2ad6b51b28e2341a7ed541b521556e8f5c35cc1c8e3df353375b39accc4
        transaction id: 4eda74867393e6423296965540c051fede0308f1a4c52c6f1f54abc487f86e93
        seal: 88c1efab92720168c3415f4f2e28647ae83ca792d029dbff99f6c04b54f1ddb4
        job id: c6d22c5e8eddb576e7a0286e18c6f064da1dbb0a283dddd9fe63404f015e94ea
        events: 32055c24b6f284607c0a1e0dee9e620ed727262a4ba66ba1d59c20aad9ecdc2b
        entries: f4c44f8b570383f5361fdf6dcef2d92f2d476333ea75bda50689f7e7724808ab
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
