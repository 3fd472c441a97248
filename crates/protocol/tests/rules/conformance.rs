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
        genesis: 3e55a96c27990bc402507a17e5755c107896bd4c39fcdea542c6fa9d6f52f413
        parameters: f7844f957a3d476585eb8a1d380ddb2e4da1ff8288b85664da050d4b80133f68
        transaction: 697ff5ba20c863ab52cf9789840f093b2e447b201a592dd93671c5ede45a18bc
        transaction id: b773ee625909b0172991b69dda9645b0cc62ff761ad6e26629ed55108e6af5c9
        seal: 3cfdf1c453436763a7060112de5e8ff92115db8e12875c8589a06f060c212a54
        job id: c5597298bf937c5ceeb0de023b8f59613350d5f8d849b82f8d4dd395612f95ee
        events: 9cea02f358141db4e6bbf7f2292fd163a67700998c596aa20abd2091365f823c
        entries: 5a7bdb34e3cf2fb12560cd51c9e8e7720a625e328e899897eb7b409f48f2f159
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
