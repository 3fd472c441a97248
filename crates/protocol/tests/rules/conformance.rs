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
        genesis: 93a7acda27a1dfb00bbafc1dd4f308d79a2dd6c97fd04b0faed713a46bbf05f8
        parameters: 8657a22a46fae635fb741267d1e4625112a62ae5b62f08ff5d90921d8e0fda50
        transaction: 0b6d874105b6eb4fb8cdc47e4235fec3cbb6039ae4579420eb5aad7661f33b52
        transaction id: 5293975b543b6a489caed3883cefa308018cbf728217211ae2ac8e8d414a9a04
        seal: 815d7009160c620e62756452d0942a0b42eaeb35bbeae24f75b568907369c2c5
        job id: 84f72a0cdfe3c3fb33a6682136e1e0733b894d8267bd1687f8da0fb552b68b27
        events: 70fa35b647fb28467af6b50c63505263ee5c7b14817250eac987c56b7abf7dc6
        entries: 7b671702ff10a3d43fd6f1c28491c136e0524a782eb031c8bfd6173067c946ac
        replica seal: 8076c4ee1f1841a80aad6b15fbe577f2371126d826347e95d29ac0cf08597e27
        replicated events: 8f9fccdfc05ab83b82961441058bd60c4f38cacd54bdda03f407f1ecf6c50287
        replicated entries: c943ce1fac2c32bd742446db5e3429861aa896f634d4bf4f8cc4b3c4e65faf63
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
