//! The reported price side by side.

use protocol::{Amount, State, Time};

use super::Differences;
use crate::rules::Model;

pub(super) fn compare(state: &State, model: &Model, found: &mut Differences) {
    let collateral = Amount::new(model.collateral_price());
    found.same(|| "collateral price".into(), state.collateral_price(), collateral);
    found.same(|| "intake".into(), state.intake(), model.intake());
    let (Some(oracle), Some(expected)) = (state.oracle(), &model.oracle) else {
        found.same(|| "reports".into(), state.oracle().is_some(), model.oracle.is_some());
        return;
    };
    let slot = (oracle.slot, oracle.until.0);
    found.same(|| "slot".into(), slot, (expected.slot, expected.until));
    let latest = (oracle.agreed.0, oracle.price.units());
    found.same(|| "price".into(), latest, expected.latest());
    let halted = expected.halted_until.map(Time);
    found.same(|| "breaker".into(), oracle.halted_until, halted);
    let prices = state.prices().map(|(at, price)| (at.0, price.units()));
    found.same(|| "prices".into(), prices.collect::<Vec<_>>(), expected.agreed.clone());
    let slots = [oracle.slot.checked_sub(1), Some(oracle.slot)].into_iter().flatten();
    let reports = slots.flat_map(|slot| {
        state.reports(slot).map(move |(account, report)| {
            let price = report.price.map(Amount::units);
            ((slot, account), report.weight.units(), report.commitment, price)
        })
    });
    let expected_reports = expected.reports.iter();
    let expected_reports =
        expected_reports.map(|(key, one)| (*key, one.weight, one.commitment, one.price));
    found.same(|| "reports".into(), reports.collect::<Vec<_>>(), expected_reports.collect());
    for operator in model.operators.keys() {
        let missed = expected.missed(model.epoch(), *operator);
        found.same(|| format!("misses of {operator:?}"), state.misses(*operator), missed);
    }
}
