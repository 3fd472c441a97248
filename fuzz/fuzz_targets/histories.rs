//! Looks for histories on which the rules and their second opinion disagree. Run it with `cargo xtask fuzz`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(failure) = protocol_model::explore_bytes(bytes) {
        panic!("{failure}");
    }
});
