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
        genesis: c61b94963e65eb88f5d04d6e5703a1da7fdf2d9461a9845e388bb7a4a7218708
        parameters: 6fd959584298db77d9b6e20c76ebf750b737ee23e42d4b14f62893426b6cb074
        transaction: ae2982767d9c36fb25cc5cb645c06b948e48c36c7df408cdcc28fb34f6e348b7
        transaction id: 568e0d0efd3321eb3a70dcc5b5626ba6caa77905e6fe8161aecae073843789cf
        seal: 874de3c39ea212d063d8b9d70254ca22b0a0cbf0451d9d679b38e27016f2efab
        job id: c227932097716d0bee9ba794b53f2eee6d548fb2496796258137f0246f0f398f
        events: 0f29ac1f578e1656f6eabe00b13a68f73260d33dac9c8b80065a1bed2fb90fa8
        entries: de72f4339b4f007ad9a072b51bdc25c9dde56d151e68485c1fae915e5b846892
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
