//! Settlements and locks as sentences with the numbers in them.

use crate::event::{Settlement, Split};
use crate::jobs::{Job, LockQuote};
use crate::market::{Pricing, rate_floor};

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

/// How the price of a job's current or final attempt came about, line by line; nothing for a job without one.
pub fn job_price(job: &Job) -> Vec<String> {
    let Some(assignment) = &job.assignment else { return Vec::new() };
    let (ask, price, spec) = (assignment.ask, assignment.quote.price, &job.spec);
    let charged = |rate| {
        format!(
            "price: {rate} x {} metered units / 10^9, rounded up, at most {} = {price} micro-dollars",
            spec.meter_max, spec.price_max
        )
    };
    match assignment.pricing {
        Pricing::Own => vec![
            format!("every ask that could take the job got one: the provider's own ask, {ask}"),
            charged(ask),
        ],
        Pricing::Uniform { rejected, quality } => vec![
            format!("first ask left without a job: {rejected} per quality"),
            format!("the provider's quality is {quality}: {}", rate_floor(rejected, quality)),
            charged(rate_floor(rejected, quality)),
        ],
        Pricing::Offered { waited_ms } => vec![format!(
            "taken by hand after {waited_ms} of {} ms, when the offer had risen to {price} of at most {} micro-dollars",
            spec.wait_ms, spec.price_max
        )],
    }
}

/// How a price was divided, line by line.
pub fn settlement(settlement: &Settlement) -> Vec<String> {
    let Settlement { price, provider, audit, insurance, take, credit, unspent } = *settlement;
    let mut lines = vec![
        format!(
            "price {price} = provider {provider} + audit pot {audit} + insurance {insurance} + protocol {take}"
        ),
        format!("returned to the requester: {unspent}"),
    ];
    if !credit.is_zero() {
        lines.insert(1, format!("and {credit} that the requester's credit pays, returned to it"));
    }
    lines
}

/// How a slash was divided.
pub fn split(split: &Split) -> String {
    let Split { asset, taken, bounty, victim, insurance, burned } = *split;
    format!(
        "{taken} {asset} = bounty {bounty} + requester {victim} + insurance {insurance} + burned {burned}"
    )
}
