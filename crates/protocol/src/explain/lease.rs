//! Why a lease has no provider, what it costs, and why an epoch of it was not paid.

use std::collections::BTreeMap;

use crate::explain::Dollars;
use crate::leases::{
    EpochJudged, EpochVerdict, Lease, LeaseEnd, LeaseFit, LeaseStatus, Tenure, fit, lease_price,
};
use crate::market::Candidate;
use crate::parameters::Parameters;
use crate::price::Intake;
use crate::primitives::{Amount, JobId};
use crate::state::State;

/// What so many units cost for so many epochs at an ask, and what their provider locks.
pub fn lease_cost(parameters: &Parameters, units: u32, epochs: u32, ask: Amount) -> String {
    let price = lease_price(parameters, units, ask);
    let whole = price.scaled_ceil(epochs.into(), 1);
    let lock = price.portion_ceil(parameters.lease_lock);
    format!(
        "{units} x {} = {} an epoch, x {epochs} = {} in escrow; its provider locks {}",
        Dollars(ask),
        Dollars(price),
        Dollars(whole),
        Dollars(lock),
    )
}

/// Where a lease stands and why, line by line; nothing for one that is not there. Looks at every offer while it waits, so
/// it is for people asking, not for the rules.
pub fn lease(state: &State, lease: JobId) -> Vec<String> {
    let Some(lease) = state.lease(lease) else { return Vec::new() };
    let mut lines = match lease.status {
        LeaseStatus::Waiting => waiting(state, lease),
        LeaseStatus::Running => Vec::new(),
        LeaseStatus::Ended(reason) => vec![ended(reason).into()],
    };
    if let Some(tenure) = &lease.tenure {
        lines.extend(served(state, lease, tenure));
    }
    lines
}

fn waiting(state: &State, lease: &Lease) -> Vec<String> {
    let (mut willing, mut obstacles, mut cheapest) = (0_u64, BTreeMap::new(), None);
    for (provider, ask) in state.lease_asks(lease.spec.class) {
        let offer = state.offer(provider, lease.spec.class).expect("asks belong to offers");
        let candidate = Candidate::at(state, provider, offer, ask);
        let price = lease_price(state.parameters(), lease.spec.units, ask);
        let found = fit(state, lease, &candidate, price);
        if let LeaseFit::TooDear(price) = found {
            cheapest = Some(cheapest.map_or(price, |cheapest: Amount| cheapest.min(price)));
        }
        match because(&found) {
            Some(reason) => *obstacles.entry(reason).or_insert(0_u64) += 1,
            None => willing += 1,
        }
    }
    let asks = willing + obstacles.values().sum::<u64>();
    let mut lines = vec![format!(
        "waits for a provider until {}, {} an epoch at most: {willing} of {asks} asks would take it",
        lease.deadline,
        Dollars(lease.spec.price_max),
    )];
    let text = |(reason, count)| format!("{count} do not: {reason}");
    lines.extend(obstacles.into_iter().map(text));
    lines.extend(
        cheapest.filter(|_| willing == 0).map(|price| {
            format!("the cheapest of those too dear wants {} an epoch", Dollars(price))
        }),
    );
    if state.intake() != Intake::Open {
        lines.push(
            "no lease begins while the price of collateral is stale or has fallen far".into(),
        );
    }
    lines
}

/// Why an ask does not take a lease, if it does not.
const fn because(found: &LeaseFit) -> Option<&'static str> {
    Some(match found {
        LeaseFit::Takes(..) => return None,
        LeaseFit::TooDear(_) => "too dear",
        LeaseFit::CannotLock(_) => "not enough free bond for the lock",
        LeaseFit::Unbacked => "the bond does not back so many units",
        LeaseFit::TooSmall => "not so many units free",
        LeaseFit::Related => "belongs with the requester",
        LeaseFit::Thin => "the bond would be thin",
    })
}

fn served(state: &State, lease: &Lease, tenure: &Tenure) -> Vec<String> {
    let (provider, price) = (tenure.provider, Dollars(tenure.price));
    let epochs = u64::from(tenure.last) + 1;
    let paid = tenure.judged.iter().filter(|one| one.verdict.is_paid()).count();
    let mut lines = vec![format!(
        "{provider} serves it at {price} an epoch for {epochs} epochs: {} judged, {paid} paid",
        tenure.judged.len(),
    )];
    let unpaid = tenure.judged.iter().enumerate().filter(|(_, one)| !one.verdict.is_paid());
    lines.extend(unpaid.map(|(epoch, one)| format!("epoch {epoch} {}", count(tenure, one))));
    if lease.status == LeaseStatus::Running {
        let epoch = tenure.open_epoch();
        let standing = count(tenure, &tenure.standing());
        let until = tenure.judged_after(epoch, state.parameters().epoch_ms);
        lines.push(format!("epoch {epoch}, judged after {until}, so far {standing}"));
    }
    lines
}

fn count(tenure: &Tenure, one: &EpochJudged) -> String {
    let EpochJudged { drawn, heard, answered, verdict } = *one;
    let least = tenure.terms.answers_min;
    let probes = format!("{drawn} probes, {heard} spoken of, {answered} answered");
    match verdict {
        EpochVerdict::Accepted => format!("paid: the requester signed for it ({probes})"),
        EpochVerdict::Served => format!("paid: {probes}, {least} are enough"),
        EpochVerdict::Missed => format!("not paid: {probes}, less than {least}"),
        EpochVerdict::Unproven => {
            format!("not paid: nobody signed for it or spoke of it ({probes})")
        }
    }
}

const fn ended(reason: LeaseEnd) -> &'static str {
    match reason {
        LeaseEnd::Completed => "over: all its epochs have been judged",
        LeaseEnd::NoticeGiven => "over: notice was given",
        LeaseEnd::Cancelled => "over: the requester took it back, and has everything back",
        LeaseEnd::NoProvider => "over: no provider in time, and the requester has everything back",
        LeaseEnd::Unserved => "over: too many epochs in a row were missed, the rest was returned",
        LeaseEnd::ProviderBarred => {
            "over: its provider may not work any more, the rest was returned"
        }
    }
}
