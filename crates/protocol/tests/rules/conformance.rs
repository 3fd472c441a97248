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
        genesis: 4516cbf8c53e18bd6201695e42398794c21d880e805479dfe1b5551010c3abdf
        parameters: eacf9c9bf336a15b22957417b17de12e5920936bb2665c83b6bafb526d6a7d24
        transaction: 3949e6f4ee6d28d6727eb7e3b7076b1bcb0f34fc95cb8ca29702b1cdb068bd67
        transaction id: afa43700916c6b753f8f34762606e53e3fb179b59c71e6fc5207b04397a23c42
        seal: 2714a868a2ffaec703c18a45a66de3ada4e9482e38e73e3bd615f8f0aef7f455
        job id: 3f995244634b41337010b17a733db7428aa7ac4326c14ea1fdb5ca2357221eca
        events: bc01a69923c36d1265997038aeddfe162c4ab3eb06d37851bf647c9aedfbeedf
        entries: afc3b114c8f23d0cecb91013aac9130643213953a0e015b45055b796beb0338d
        replica seal: cbdef90e2662c6f65809c0849221bfc5d5318cd20a509c488464a4b6cd36610e
        replicated events: 4a9527aaa4813074f85e269b6daafaed71082470681f578901cb40b530705899
        replicated entries: 24d6af6bc2f49a894dd6b3ad0921fc210e66e64ebf64351d7fe5f792065dfb6f
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
