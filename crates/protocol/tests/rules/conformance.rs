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
        genesis: 67c7943462be43d7d1d1951e99e6514b503420d284980fc1039437d24aa053b2
        parameters: 2389796466f7c0eb2acab4a63a83248264bb2802a7bd1d90cfac4b1014508ed3
        transaction: 467e17997a90758ca9e2b1c8a7615cf940500deccf5640275c25c1b91dc6973a
        transaction id: d3c6ddc2ccd2e8d2e67a3e621a6b0e65f3b14de0b0f33bd40719dddf3815a87d
        seal: 7d528349ee53d591c7b66f5c7e2ea683c5a3948e00c054a61c6189da98023517
        job id: 327c7ed8fc7cac2b18339a9709dfd967f55f14bfa49a3e9d4fceabebe9cdf299
        events: 59b25ce8a05bd27de085858dbb213ed0d11c0f60d4640e6067f559d0fba1d019
        entries: e0370fdbf56f0dd15a52f5c97e5378d9cc79308fe7f7c237ccda92c7c9f2bf75
        replica seal: 92c1d102c36a2fa0655781546f962f0cb9ae15d64917ab137ebccb736a45c0a7
        replicated events: dadf4f6fb8bbc2c8cd5e0a6f78f5c17c9889bc5d29bc35bb381161d2327b9af8
        replicated entries: a7a71967dd14f95e4fe2a191b6af67efaa4d1d42ec5de602c8dc127a80765dbe
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
