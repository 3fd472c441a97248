//! Leases side by side: every record, what operators ask, and what the open epoch would come to.

use protocol::{
    Amount, EpochVerdict, JobId, Lease as Record, LeaseStatus, Probe as Listed, State,
    Tenure as Kept, Time,
};

use super::Differences;
use crate::rules::{Lease, Model, Probe, Tenure};

pub(super) fn compare(state: &State, model: &Model, found: &mut Differences) {
    found.same(|| "leases".into(), state.leases().count(), model.leases.all.len());
    for record in state.leases() {
        match model.leases.all.get(&record.id) {
            Some(lease) => compare_lease(state, model, record, lease, found),
            None => found.0.push(format!("the model has no lease {:?}", record.id)),
        }
    }
    for class in model.classes.keys() {
        let asks = state.lease_asks(*class).map(|(account, ask)| (ask.units(), account));
        let what = || format!("asks for leases of {class}");
        found.same(what, asks.collect::<Vec<_>>(), model.leasing(*class));
        for operator in model.operators.keys() {
            let ask = state.lease_ask(*operator, *class).map(Amount::units);
            let kept = model.leases.asks.get(&(*operator, *class)).copied();
            found.same(|| format!("ask of {operator:?} for leases"), ask, kept);
        }
    }
}

fn compare_lease(
    state: &State,
    model: &Model,
    record: &Record,
    lease: &Lease,
    found: &mut Differences,
) {
    let id = record.id;
    let of = |what: &str| format!("{what} of lease {id:?}");
    found.same(|| of("requester"), record.requester, lease.requester);
    found.same(|| of("specification"), &record.spec, &lease.spec);
    found.same(|| of("status"), record.status, lease.status());
    found.same(|| of("deadline"), (record.deadline.0, record.timer), lease.deadline);
    let place = Some(lease.place).filter(|_| lease.status() == LeaseStatus::Waiting);
    found.same(|| of("place"), record.queued, place);
    let looked = record.looked.map(|(ask, account)| (ask.units(), account));
    found.same(|| of("last ask met"), looked, lease.met);
    let times = (record.requested, record.ended);
    let expected = (Time(lease.requested), lease.ended.map(|(at, _)| Time(at)));
    found.same(|| of("request and end"), times, expected);
    match (&record.tenure, &lease.tenure) {
        (Some(kept), Some(tenure)) => compare_tenure(state, model, id, kept, tenure, found),
        (kept, tenure) => found.same(|| of("tenure"), kept.is_some(), tenure.is_some()),
    }
}

fn compare_tenure(
    state: &State,
    model: &Model,
    id: JobId,
    kept: &Kept,
    tenure: &Tenure,
    found: &mut Differences,
) {
    let of = |what: &str| format!("{what} of lease {id:?}");
    let facts = (kept.provider, kept.ask.units(), kept.pricing, kept.price.units());
    let expected = (tenure.provider, tenure.ask, tenure.pricing, tenure.price);
    found.same(|| of("price"), facts, expected);
    let facts = (kept.started.0, kept.terms, kept.last + 1, kept.notice_by);
    let expected = (tenure.started, tenure.terms, tenure.epochs, tenure.notice_by);
    found.same(|| of("term"), facts, expected);
    let locked: Vec<_> = kept.locked.iter().map(|(asset, held)| (asset, held.units())).collect();
    let expected = tenure.locked.iter().map(|(asset, units)| (*asset, *units)).collect();
    found.same(|| of("lock"), locked, expected);
    found.same(|| of("debt"), kept.owed.units(), left_of_lock(model, tenure));
    found.same(|| of("judged epochs"), &kept.judged, &tenure.judged);
    let runs = model.leases.row.iter().position(|other| *other == id);
    found.same(|| of("place in the row"), kept.place.map(u64::from), runs.map(|at| at as u64));
    if runs.is_none() {
        return;
    }
    found.same(|| of("open epoch"), kept.standing(), model.verdict(tenure));
    let unpaid = u128::from(tenure.epochs) - tenure.judged.len() as u128;
    found.same(|| of("escrow"), kept.unjudged_price().units(), tenure.price * unpaid);
    let epoch_ms = state.parameters().epoch_ms;
    let expected = model.open_probes(id).into_iter().map(|probe| listed(probe, tenure, epoch_ms));
    found.same(|| of("open probes"), kept.probes.clone(), expected.collect());
}

fn listed(probe: &Probe, tenure: &Tenure, epoch_ms: u64) -> Listed {
    let epoch = tenure.epoch_of(probe.drawn, epoch_ms);
    let Probe { challenge, observer, drawn, .. } = *probe;
    let epoch = u32::try_from(epoch).expect("leases are short");
    let receipt = probe.is_answered() && probe.report() != Some(true);
    Listed { challenge, observer, epoch, drawn: Time(drawn), reported: probe.report(), receipt }
}

/// What a lock is for: what it was taken for, less the penalty of every missed epoch past the grace.
pub(super) fn left_of_lock(model: &Model, tenure: &Tenure) -> u128 {
    let missed = tenure.judged.iter().filter(|one| one.verdict == EpochVerdict::Missed).count();
    let grace = usize::try_from(tenure.terms.grace).expect("it is small");
    (0..missed.saturating_sub(grace))
        .fold(tenure.lock, |left, _| left - model.portion_ceil(left, tenure.terms.penalty))
}
