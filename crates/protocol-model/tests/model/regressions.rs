//! Histories on which the two once disagreed, as the workload told them.

use std::path::Path;

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

/// What the fuzzer kept, because each reaches what the others do not.
#[test]
fn what_the_fuzzer_found_agrees() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let entries = std::fs::read_dir(corpus).expect("the corpus is part of the repository");
    let mut histories = 0;
    for entry in entries {
        let path = entry.expect("it can be read").path();
        let bytes = std::fs::read(&path).expect("it can be read");
        if let Err(failure) = explore_bytes(&bytes) {
            panic!("{}: {failure}", path.display());
        }
        histories += 1;
    }
    assert!(histories > 0, "the corpus is empty");
}
