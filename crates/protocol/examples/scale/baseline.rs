//! What a sorted map of the standard library does in the same time.

use std::collections::BTreeMap;

use protocol::load::account;
use protocol::{AccountId, Amount, Nonce};

use crate::stopwatch::timed;

/// How often a second a map of so many accounts, with a value as large as an account's, finds two and replaces a third.
pub(crate) fn per_second(size: u64, count: u64) -> f64 {
    let value = (Nonce(0), Amount::ZERO);
    let mut map: BTreeMap<AccountId, (Nonce, Amount)> =
        (0..size).map(|n| (account(n), value)).collect();
    let keys: Vec<AccountId> = (0..3 * count).map(|n| account(n * 7_919 % size)).collect();
    let (found, span) = timed(|| {
        keys.chunks_exact(3)
            .filter(|keys| {
                let seen = map.contains_key(&keys[0]) && map.contains_key(&keys[1]);
                seen && map.insert(keys[2], value).is_some()
            })
            .count()
    });
    assert_eq!(found as u64, count, "every key is there");
    count as f64 / span.as_secs_f64()
}
