//! Histories on which the two once disagreed, as the workload told them.

use protocol_model::words::*;
use protocol_model::{explore_bytes, replay};

/// The text of a failure is the body of a test: this one is kept so that it goes on compiling.
#[test]
fn a_told_history_replays() {
    let history = [
        Send {
            sender: 4,
            envelope: Proper,
            call: RegisterOperator { provider: true, validator: false },
        },
        Send {
            sender: 4,
            envelope: Proper,
            call: Bond { operator: 4, asset: 1, units: 600_000_000 },
        },
        Send { sender: 4, envelope: Proper, call: SetOffer { class: 0, units: 1, ask: 1_000_000 } },
        Send {
            sender: 4,
            envelope: Nonce(-1),
            call: SetOffer { class: 0, units: 1, ask: 1_000_000 },
        },
        Block { after_ms: 10, beacon: 7 },
        Send {
            sender: 1,
            envelope: Proper,
            call: Challenge { job: 1, accused: Auditor, ruled: ForAccused, units: 10, bytes: 9 },
        },
    ];
    replay(3, &history);
}

/// Bytes, as a fuzzer chooses them, drive the same generator.
#[test]
fn bytes_make_histories_too() {
    for start in 0_u8..8 {
        let bytes: Vec<u8> = (0..4_000_u32)
            .map(|n| {
                let mixed = (n + 1).wrapping_mul(2_654_435_761).wrapping_add(u32::from(start) << 9);
                mixed.to_be_bytes()[1] ^ start
            })
            .collect();
        if let Err(failure) = explore_bytes(&bytes) {
            panic!("{failure}");
        }
    }
}
/// A declared harm of all the money there can be, beside an open lock: adding the two up stopped the rules.
#[test]
fn seed_1002080_operation_269() {
    let history = [
        Send {
            sender: 1,
            envelope: Proper,
            call: RegisterProgram { sound: true, number: 1, bytes: 2 },
        },
        Send {
            sender: 4,
            envelope: Proper,
            call: RegisterOperator { provider: true, validator: false },
        },
        Send {
            sender: 4,
            envelope: Proper,
            call: Bond { operator: 4, asset: 0, units: 400000000000 },
        },
        Send { sender: 4, envelope: Proper, call: SetOffer { class: 0, units: 4, ask: 1000001 } },
        Send { sender: 4, envelope: Proper, call: SetLeaseAsk { class: 0, ask: Some(3000001) } },
        Send {
            sender: 7,
            envelope: Proper,
            call: RegisterOperator { provider: true, validator: false },
        },
        Send {
            sender: 7,
            envelope: Proper,
            call: Bond { operator: 7, asset: 1, units: 2000000000 },
        },
        Send { sender: 7, envelope: Proper, call: SetOffer { class: 0, units: 1, ask: 1000000 } },
        Send {
            sender: 3,
            envelope: Proper,
            call: SubmitJob {
                label: 3,
                wanted: Wanted {
                    program: 1,
                    input_bytes: 20000,
                    class: 0,
                    steps: 10,
                    meter: 3333333333,
                    memory: 65536,
                    run_ms: 50,
                    wait_ms: 40,
                    price: 22000000,
                    harm: 0,
                    insured: 0,
                    replicas: 0,
                },
            },
        },
        Block { after_ms: 40, beacon: 7722174720822341940 },
        Block { after_ms: 7, beacon: 11387317870638493157 },
        Block { after_ms: 10, beacon: 389806365107753160 },
        Block { after_ms: 3, beacon: 18205133153576767833 },
        Block { after_ms: 7, beacon: 18021055313936989237 },
        Block { after_ms: 13, beacon: 11131135121930372773 },
        Block { after_ms: 11, beacon: 13773979869990380822 },
        Send {
            sender: 4,
            envelope: Proper,
            call: CommitResult { job: 3, claimed: Plain(0), salt: 0 },
        },
        Block { after_ms: 0, beacon: 11398582879584321431 },
        Send {
            sender: 4,
            envelope: Proper,
            call: RevealResult { job: 3, claimed: Plain(0), salt: 0 },
        },
        Send {
            sender: 1,
            envelope: Proper,
            call: RequestLease {
                label: 33,
                leased: Leased {
                    service_bytes: 0,
                    class: 0,
                    units: 1,
                    epochs: 3,
                    price: 9000000,
                    wait_ms: 1400,
                },
            },
        },
        Block { after_ms: 441, beacon: 4137037706593874115 },
        Send {
            sender: 3,
            envelope: Proper,
            call: SubmitJob {
                label: 36,
                wanted: Wanted {
                    program: 1,
                    input_bytes: 20000,
                    class: 0,
                    steps: 10,
                    meter: 10000000000,
                    memory: 65536,
                    run_ms: 500,
                    wait_ms: 1400,
                    price: 20000000,
                    harm: 79228162514264337593543950336,
                    insured: 5000000,
                    replicas: 0,
                },
            },
        },
        Block { after_ms: 3, beacon: 9065260385950519560 },
    ];
    replay(1002080, &history);
}
