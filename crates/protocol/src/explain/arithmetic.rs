//! Settlements and locks as sentences with the numbers in them.

use super::Dollars;
use crate::event::{Settlement, Split};
use crate::jobs::{Job, LockQuote};
use crate::market::{Pricing, rate_floor};

/// How a lock was computed, line by line.
pub fn lock(quote: &LockQuote) -> Vec<String> {
    let LockQuote { audit_rate, detection, margin, native_haircut, bounty_max, .. } = *quote;
    let [price, saving, harm, insured] =
        [quote.price, quote.saving, quote.harm, quote.insured].map(Dollars);
    let [honesty, insurance, required] =
        [quote.honesty, quote.insurance, quote.required].map(Dollars);
    let token = Dollars(quote.native_price);
    vec![
        format!(
            "honesty: ({margin} x ({saving} saving + {harm} harm) / ({audit_rate} audited x {detection} detected) - {price} price) / (100 % - {bounty_max} bounty) = {honesty}"
        ),
        format!(
            "insurance: what leaves {insured} for the requester after burn and bounty = {insurance}"
        ),
        format!("lock: the larger of the two = {required}"),
        format!("native tokens count at {token} each less {native_haircut}"),
    ]
}

/// How the price of a job's current or final attempt came about, line by line; nothing for a job without one.
pub fn job_price(job: &Job) -> Vec<String> {
    let Some(assignment) = &job.assignment else { return Vec::new() };
    let spec = &job.spec;
    let [ask, price, most] = [assignment.ask, assignment.quote.price, spec.price_max].map(Dollars);
    let charged = |rate| {
        format!(
            "price: {} x {} metered units / 10^9, rounded up, at most {most} = {price}",
            Dollars(rate),
            spec.meter_max
        )
    };
    match assignment.pricing {
        Pricing::Own => vec![
            format!("every ask that could take the job got one: the provider's own ask, {ask}"),
            charged(assignment.ask),
        ],
        Pricing::Uniform { rejected, quality } => vec![
            format!("first ask left without a job: {} per quality", Dollars(rejected)),
            format!(
                "the provider's quality is {quality}: {}",
                Dollars(rate_floor(rejected, quality))
            ),
            charged(rate_floor(rejected, quality)),
        ],
        Pricing::Fallback { missed, able, premium } => vec![
            format!("price: that of {missed}, which missed its deadline, {price}"),
            format!(
                "drawn by the block's beacon among the {able} asks up to it that could take the job"
            ),
            format!("on top, once its result stands: {} out of that lock", Dollars(premium)),
        ],
        Pricing::Offered { waited_ms } => vec![format!(
            "taken by hand after {waited_ms} of {} ms, when the offer had risen to {price} of at most {most}",
            spec.wait_ms
        )],
    }
}

/// How a price was divided, line by line.
pub fn settlement(settlement: &Settlement) -> Vec<String> {
    let Settlement { price, provider, audit, insurance, take, credit, unspent } = *settlement;
    let [price, provider, audit, insurance] = [price, provider, audit, insurance].map(Dollars);
    let [take, paid, unspent] = [take, credit, unspent].map(Dollars);
    let mut lines = vec![
        format!(
            "price {price} = provider {provider} + audit pot {audit} + insurance {insurance} + protocol {take}"
        ),
        format!("returned to the requester: {unspent}"),
    ];
    if !credit.is_zero() {
        lines.insert(1, format!("and {paid} that the requester's credit pays, returned to it"));
    }
    lines
}

/// How a slash was divided.
pub fn split(split: &Split) -> String {
    let Split { asset, taken, bounty, victim, premium, insurance, burned } = *split;
    format!(
        "{taken} {asset} = bounty {bounty} + requester {victim} + fallback {premium} + insurance {insurance} + burned {burned}"
    )
}
