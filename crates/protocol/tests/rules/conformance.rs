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
        genesis: cbb9587fce3f12e5646fe1c9f2218038151f0cc21a54295cd8759b13c528347b
        parameters: 0a255dce87e6056530aba8fc6c5e83e52380f6a9f8ea417ca628f6105c8d33e1
        transaction: 1984a6fc95ecb4ecfebfab752aabac3688389decbc2a15be8a2775d3dd3fbbb9
        transaction id: 44fdc434fe8c28e5c4033325c3ac0bc4cd249860790a7a8715b479af76467ea0
        seal: 0c76750fc1963b4670bbc50410e7a55397449f315160d6e2478abccfe091329c
        job id: f86ef11fa2f42ab8ff006fa9db99001531cef0f394608eb59ba6480da89dfb64
        events: aea8282b25c4939126ecf90c2a111c863bcc6a970a654918b7022c2d86b46fd4
        entries: da80f60046259827f2ee940ba9c2367926b55ca71d02fdd0a89f79be1112c7fb
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
