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
        genesis: 28f80c8e15e82cb7c771c7ef1d32547f32fad970969e31aa6ea83e9bd5077c87
        parameters: a1209e9413b9a5666ad2dd836de9d087c1fdbf6526d5afb30dcf6d669af9efd9
        transaction: eb961e7c5e9019e69623631d321e179f884716bd373fc29e513c3caf6eb26d72
        transaction id: a254873d61933c930275252d713b0b5537b3e0e87235494f9beacea23abc7d09
        seal: a6eec50b25b8237ba81d4f60638e1ee0aeb5a76c026887df8f3bb58d7310beed
        job id: 8bf1829753c19ed323a40e232cfd1feb5d18cc9510518e981dd486a0c1fd618b
        events: 845a194aa365619001daa1407c2937029bc22da5af9dbfd77e849e794d3635a9
        entries: 770bfd166b7b80ac925df52b76b67428f44630efc5a126b5a1750d679d2e1ec2
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
