//! Settlements and locks as sentences with the numbers in them.

use crate::event::{Settlement, Split};
use crate::jobs::LockQuote;

/// How a lock was computed, line by line.
pub fn lock(quote: &LockQuote) -> Vec<String> {
    let LockQuote { price, saving, harm, insured, audit_rate, detection, margin, honesty, .. } =
        *quote;
    let LockQuote { insurance, required, native_price, native_haircut, bounty_max, .. } = *quote;
    vec![
        format!(
            "honesty: ({margin} x ({saving} saving + {harm} harm) / ({audit_rate} audited x {detection} detected) - {price} price) / (100 % - {bounty_max} bounty) = {honesty}"
        ),
        format!(
            "insurance: what leaves {insured} for the requester after burn and bounty = {insurance}"
        ),
        format!("lock: the larger of the two = {required} micro-dollars"),
        format!("native tokens count at {native_price} micro-dollars each less {native_haircut}"),
    ]
}

/// How a price was divided, line by line.
pub fn settlement(settlement: &Settlement) -> Vec<String> {
    let Settlement { price, provider, audit, insurance, take, unspent } = *settlement;
    vec![
        format!(
            "price {price} = provider {provider} + audit pot {audit} + insurance {insurance} + protocol {take}"
        ),
        format!("returned to the requester: {unspent}"),
    ]
}

/// How a slash was divided.
pub fn split(split: &Split) -> String {
    let Split { asset, taken, bounty, victim, insurance, burned } = *split;
    format!(
        "{taken} {asset} = bounty {bounty} + requester {victim} + insurance {insurance} + burned {burned}"
    )
}
