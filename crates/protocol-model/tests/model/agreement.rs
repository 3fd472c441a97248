//! Histories on which the two must agree, and proof that they go everywhere.

use protocol_model::{Coverage, Strides, explore};

/// Runs so many histories from a seed on; says what they reached.
fn agree(first: u64, histories: u64, operations: usize, strides: Strides) -> Coverage {
    let mut coverage = Coverage::default();
    for seed in first..first + histories {
        match explore(seed, operations, strides) {
            Ok(reached) => coverage.add(&reached),
            Err(failure) => panic!("{failure}"),
        }
    }
    coverage
}

/// Every check after every operation.
#[test]
fn a_few_histories_agree_to_the_last_detail() {
    agree(1_000_000, 20, 400, Strides::CLOSE);
}

/// Whatever the rules can do, the workload makes them do: every action, event, movement, ending, fault, verdict, slash,
/// change of band, amendment and rejection.
#[test]
fn histories_agree_and_reach_everything() {
    let coverage = agree(1, 1_000, 600, Strides::WIDE);
    let gaps = coverage.gaps();
    assert!(gaps.is_empty(), "never reached: {gaps:#?}");
}
