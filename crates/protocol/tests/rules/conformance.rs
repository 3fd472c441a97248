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
        genesis: bc49a0ad4c9b0aa4a7bfc7d621304c2308f50dc0dbd868e4ccbd9895f3f01cc3
        parameters: 1a26f81ade6b9ef0e41a3010ba1c0469d4f90757c7dbbc8dae812eaef6e62023
        transaction: d825960bbb9f39fce6729b1ddac12d04928da25f3b3c37064d283b668d4fe07f
        transaction id: 1a6fbc65aed4ef6a1f7272033ed82666643eb67b79b4d10bd6528174fc78b2f7
        seal: e7ef426614cd10fe14a339a47d980e66e714b6ab5a07d5d5a6fe25f7d0b90a3e
        job id: 5ae9a19282ad15e3100e2b3bd239cb48d18d278225d12b9a2a542c9e290af5c4
        events: 4db85434411503352df6c64d3041f6d9b0252b954e7ecfb2bc0b0b91d705eafe
        entries: dda5c4d3a478231cfa4c90b5d56cf0613fe9b7034cf9078ecbb309f6d757f90f
        replica seal: a94b721adadd8a3f7ac701a04d771d4cc5b271785a5451713ad34086ae01d3d2
        replicated events: 81397f07cf6bc5ca306b98acb8f0a963cde26e62dd78a0550a3bb4f8eb5cd7da
        replicated entries: 4da88e80ce47362e08ad2ecf19c7212b230f5da7f4827af1d0556ae4a74f6714
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
