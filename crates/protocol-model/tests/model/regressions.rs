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
