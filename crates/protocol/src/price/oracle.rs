//! From slot to slot: who may report, what the reports agree on, who was far off.

use std::cmp::Reverse;

use crate::books::{Movement, Place, Pot, Why};
use crate::event::{CollateralEvent, PriceEvent, Split};
use crate::penalties::split;
use crate::price::median::distance;
use crate::price::{Misses, Oracle, Report, median_deviation, weighted_median};
use crate::primitives::{AccountId, Amount, AssetId};
use crate::step::Step;

/// Begins, ends or goes on with reporting, as the parameters say.
pub(crate) fn turn_slot(step: &mut Step<'_>) {
    let reported = step.state.parameters.oracle_slot_ms > 0;
    match step.state.oracle().copied() {
        None if reported => begin(step),
        Some(_) if !reported => stop(step),
        Some(oracle) if step.now() >= oracle.until => next_slot(step, oracle),
        _ => {}
    }
}

/// Reporting begins at the governed price, as if it had just been agreed.
fn begin(step: &mut Step<'_>) {
    let (now, price) = (step.now(), step.state.parameters.native_price);
    step.state.note_price(now, price);
    let oracle =
        Oracle { slot: 0, until: now, price, collateral: price, agreed: now, halted_until: None };
    step.emit(PriceEvent::PriceSourceSet { reported: true, price });
    open_slot(step, oracle);
}

/// Reporting ends: the governed price counts, and nothing of the reports stays.
fn stop(step: &mut Step<'_>) {
    step.state.oracle = Default::default();
    step.state.reports = Default::default();
    step.state.prices = Default::default();
    step.state.misses = Default::default();
    step.state.revalue();
    let price = step.state.parameters.native_price;
    step.emit(PriceEvent::PriceSourceSet { reported: false, price });
}

fn next_slot(step: &mut Step<'_>, mut oracle: Oracle) {
    if let Some(closed) = oracle.slot.checked_sub(1) {
        settle(step, &mut oracle, closed);
    }
    oracle.slot = oracle.slot.checked_add(1).expect("64 bits outlast the network");
    open_slot(step, oracle);
}

/// Opens a slot: the heaviest validators may report in it, each with the weight it has now.
fn open_slot(step: &mut Step<'_>, mut oracle: Oracle) {
    let parameters = step.parameters();
    let most = usize::try_from(parameters.reporters_max).unwrap_or(usize::MAX);
    let mut heaviest: Vec<(AccountId, Amount)> = step.state.validators().collect();
    heaviest.sort_unstable_by_key(|(account, weight)| (Reverse(*weight), *account));
    heaviest.truncate(most);
    for (account, weight) in &heaviest {
        let report = Report { weight: *weight, ..Report::default() };
        step.state.reports.insert((oracle.slot, *account), report);
    }
    oracle.until = step.now().plus_ms(parameters.oracle_slot_ms);
    step.state.oracle.insert((), oracle);
    step.emit(PriceEvent::PriceSlotBegan {
        slot: oracle.slot,
        validators: u32::try_from(heaviest.len()).expect("entitled validators are limited"),
        until: oracle.until,
    });
}

/// Closes the openings of a slot: a median if enough was opened, and fines for whoever was far from it.
fn settle(step: &mut Step<'_>, oracle: &mut Oracle, slot: u64) {
    let reports: Vec<(AccountId, Report)> =
        step.state.reports(slot).map(|(account, report)| (account, *report)).collect();
    for (account, _) in &reports {
        step.state.reports.remove(&(slot, *account));
    }
    let revealed: Vec<(AccountId, Amount, Amount)> = reports
        .iter()
        .filter_map(|(account, report)| Some((*account, report.price?, report.weight)))
        .collect();
    let values: Vec<_> = revealed.iter().map(|(_, price, weight)| (*price, *weight)).collect();
    let entitled: Amount = reports.iter().map(|(_, report)| report.weight).sum();
    let opened: Amount = values.iter().map(|(_, weight)| *weight).sum();
    let enough = opened >= entitled.portion_ceil(step.state.parameters.report_quorum);
    match weighted_median(&values).filter(|_| enough) {
        None => step.emit(PriceEvent::PriceNotAgreed { slot, opened, entitled }),
        Some(median) => {
            let deviation = median_deviation(&values, median);
            agree(step, oracle, slot, median);
            punish_misses(step, slot, median, deviation, &revealed);
        }
    }
}

/// Takes over an agreed price: its rise is limited, its fall is not, and a deep fall stops new locks.
fn agree(step: &mut Step<'_>, oracle: &mut Oracle, slot: u64, median: Amount) {
    let (now, parameters) = (step.now(), step.parameters());
    // Rounded up: a price of a few micro-dollars must be able to rise at all.
    let highest = oracle.price.plus(oracle.price.portion_ceil(parameters.price_rise_max));
    let price = median.min(highest);
    step.state.note_price(now, price);
    let average = step.state.average_price_floor(now).unwrap_or(price);
    let collateral = price.min(average.max(Amount::new(1)));
    if collateral != oracle.collateral {
        step.state.revalue();
    }
    (oracle.price, oracle.collateral, oracle.agreed) = (price, collateral, now);
    // It counts from here on, also for whoever is fined in this slot.
    step.state.oracle.insert((), *oracle);
    step.emit(PriceEvent::PriceAgreed { slot, median, price, average, collateral });
    trip(step, oracle);
}

/// The breaker: far below the high of the window, new locks stay stopped from now on for as long as it says.
fn trip(step: &mut Step<'_>, oracle: &mut Oracle) {
    let (now, parameters) = (step.now(), step.parameters());
    let high = step.state.highest_price().unwrap_or(oracle.price);
    if oracle.price > high.portion_floor(parameters.breaker_fall.complement()) {
        return;
    }
    let halted = oracle.halted_until.is_some_and(|until| now < until);
    let until = now.plus_ms(parameters.breaker_ms);
    oracle.halted_until = Some(until);
    if !halted {
        step.emit(CollateralEvent::IntakeHalted { price: oracle.price, high, until });
    }
}

/// Counts who was further from the median than honest sources are, and fines whoever it happens to too often.
fn punish_misses(
    step: &mut Step<'_>,
    slot: u64,
    median: Amount,
    deviation: Amount,
    revealed: &[(AccountId, Amount, Amount)],
) {
    let parameters = step.parameters();
    let usual = deviation.scaled_ceil(parameters.report_deviations.into(), 1);
    let tolerance = median.portion_ceil(parameters.report_tolerance).max(usual);
    // A slot is at least one of its epoch, however long it is.
    let slots = (parameters.epoch_ms / parameters.oracle_slot_ms.max(1)).max(1);
    let allowed = Amount::new(slots.into()).portion_floor(parameters.report_allowance).units();
    for (validator, price, _) in revealed {
        if distance(*price, median) <= tolerance {
            continue;
        }
        let count = count_miss(step, *validator);
        let (validator, price) = (*validator, *price);
        step.emit(PriceEvent::ReportMissed { slot, validator, price, median, tolerance, count });
        if u128::from(count) > allowed {
            fine(step, validator, slot);
        }
    }
}

fn count_miss(step: &mut Step<'_>, validator: AccountId) -> u64 {
    let epoch = step.state.clock.epoch;
    let count = step.state.misses(validator).saturating_add(1);
    step.state.misses.insert(validator, Misses { epoch, count });
    count
}

/// Takes the fine from what no job has locked, asset by asset: part to insurance, the rest burned.
fn fine(step: &mut Step<'_>, validator: AccountId, slot: u64) {
    let parameters = step.parameters();
    let bonded: Vec<(AssetId, Amount)> = step.operator_mut(validator).bonded.iter().collect();
    let from = Place::Bond(validator);
    for (asset, amount) in bonded {
        let taken = amount.portion_ceil(parameters.report_fine).min(step.state.held(from, asset));
        let split = split(&parameters, asset, taken, false, Amount::ZERO);
        let Split { insurance, burned, .. } = split;
        let parts = [
            (Place::Pot(Pot::Insurance), insurance, Why::SlashInsurance),
            (Place::Burned, burned, Why::SlashBurn),
        ];
        for (to, amount, why) in parts {
            step.shift(Movement { from, to, asset, amount, why, job: None });
        }
        step.operator_mut(validator).bonded.take(asset, taken);
        step.emit(PriceEvent::ReportFined { slot, validator, split });
    }
    step.state.reweigh(validator);
    step.review(validator);
}
