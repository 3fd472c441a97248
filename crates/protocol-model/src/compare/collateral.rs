//! Bands, margin calls and admitted collateral side by side. What an operator owes is counted from the jobs under way.

use protocol::{AccountId, Band, JobStatus, State};

use super::Differences;
use super::leases::left_of_lock;
use crate::rules::Model;

pub(super) fn compare(state: &State, model: &Model, found: &mut Differences) {
    let pass = model.pass.map(|pass| (pass.after, pass.again));
    let kept = state.sweep().map(|sweep| (sweep.after, sweep.again));
    found.same(|| "pass over the operators".into(), kept, pass);
    let admitted = state.collaterals().map(|(asset, terms)| (asset, *terms));
    found.same(|| "admitted collateral".into(), admitted.collect(), model.admitted.clone());
    for operator in model.operators.keys() {
        compare_cover(state, model, *operator, found);
    }
}

fn compare_cover(state: &State, model: &Model, operator: AccountId, found: &mut Differences) {
    let of = |what: &str| format!("{what} of {operator:?}");
    found.same(|| of("band"), state.band(operator), model.band(operator));
    let exposure = state.exposure(operator);
    let owed = exposure.map_or(0, |exposure| exposure.owed.units());
    found.same(|| of("debt"), owed, model.owed(operator));
    found.same(|| of("open locks"), owed, open_locks(model, operator));
    let kept = exposure.map_or((Band::Green, None), |exposure| {
        (exposure.band, exposure.call.map(|call| (call.until.0, call.timer)))
    });
    let thin = model.thin.get(&operator);
    let expected =
        thin.map_or((Band::Green, None), |thin| (thin.band, Some((thin.until, thin.number))));
    found.same(|| of("band last seen and margin call"), kept, expected);
}

/// The locks of an operator, as provider, as auditor or as a replica of jobs under way.
fn open_locks(model: &Model, operator: AccountId) -> u128 {
    let mut open = 0;
    for job in model.jobs.values().filter(|job| job.is_alive()) {
        let replicas = job.replicated.replicas.iter();
        let ours = replicas.filter(|one| one.provider == operator && one.end.is_none());
        open += ours.map(|one| one.quote.required.units()).sum::<u128>();
        let Some(attempt) = job.attempt() else { continue };
        if attempt.provider == operator && job.status != JobStatus::Open {
            open += attempt.quote.required.units();
        }
        let audit = attempt.audit().filter(|audit| audit.auditor == operator);
        open += audit.filter(|audit| audit.is_open()).map_or(0, |audit| audit.lock);
    }
    let served = model.leases.all.values().filter(|lease| lease.served_by() == Some(operator));
    let tenures = served.filter_map(|lease| lease.tenure.as_ref());
    open + tenures.map(|tenure| left_of_lock(model, tenure)).sum::<u128>()
}
