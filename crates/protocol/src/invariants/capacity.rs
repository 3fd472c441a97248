//! Capacity: who may be drawn is in the dense table, records count what is there, offers keep to what is proven.

use super::Findings;
use crate::capacity::Uptime;
use crate::primitives::AccountId;
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    check_watched(state, findings);
    for (operator, record) in &state.uptimes {
        check_record(state, *operator, record, findings);
    }
    check_devices(state, findings);
    check_rounds(state, findings);
    for ((operator, class), offer) in &state.offers {
        // How much of what is proven may be offered votes can change; more than that nobody offers.
        let limit = state.offer_limit(*operator, *class);
        let proven = state.capacity(*operator, *class).proven;
        findings.require(
            limit.is_none() || offer.units <= proven,
            "offers keep to what is proven",
            || format!("{operator:?} offers {} of class {class}, proven {proven}", offer.units),
        );
    }
    for (operator, accuracy) in &state.accuracies {
        let known = state.operator(*operator).is_some();
        let past = accuracy.epoch <= state.clock.epoch;
        findings.require(known && past, "accuracy is an operator's past", || {
            format!("{operator:?}: {accuracy:?}")
        });
    }
}

/// The table is dense and names exactly those who may be drawn, each once.
fn check_watched(state: &State, findings: &mut Findings) {
    for (place, (key, operator)) in state.watched.iter().enumerate() {
        let record = state.uptime_record(*operator);
        let known = record.is_some_and(|record| record.place == Some(*key));
        findings.require(known && place as u64 == u64::from(*key), "draws find everybody", || {
            format!("{operator:?} at {key}, counted {place}")
        });
    }
}

fn check_record(state: &State, operator: AccountId, record: &Uptime, findings: &mut Findings) {
    let watched = record.place.is_some();
    findings.require(watched == state.should_watch(operator), "whoever may be drawn is", || {
        format!("{operator:?}: {record:?}")
    });
    let overdue = record.draw.is_some_and(|draw| draw.answer_by < state.clock.now);
    findings.require(watched || overdue || record.draw.is_none(), "the drawn may be drawn", || {
        format!("{operator:?}: {record:?}")
    });
    let devices = state.devices(operator).count() as u64;
    findings.require(devices == u64::from(record.devices), "devices are counted", || {
        format!("{operator:?}: {devices} against {}", record.devices)
    });
    let sound = record.history.iter().all(|past| past.tally.answered <= past.tally.drawn)
        && record.tally.answered <= record.tally.drawn
        && record.epoch <= state.clock.epoch;
    findings.require(sound, "records are sound", || format!("{operator:?}: {record:?}"));
}

fn check_devices(state: &State, findings: &mut Findings) {
    for ((operator, id), device) in &state.devices {
        let settled = state.capacities.contains_key(&(device.class, *operator));
        let proven = state.class(device.class).is_some_and(|class| class.challenge.is_some());
        let counted = state.uptimes.contains_key(operator);
        findings.require(settled && proven && counted, "devices are challenged", || {
            format!("{id:?} of {operator:?}: {device:?}")
        });
    }
    for ((class, operator), capacity) in &state.capacities {
        let since = capacity.failing_since.is_some();
        findings.require(since == (capacity.failures > 0), "failures have a beginning", || {
            format!("{operator:?} in class {class}: {capacity:?}")
        });
    }
}

fn check_rounds(state: &State, findings: &mut Findings) {
    for (class, round) in &state.rounds {
        let ordered = round.before <= round.opened && round.opened <= round.answer_by;
        let past = round.height <= state.clock.height && round.epoch <= state.clock.epoch;
        let cursor = round.settled_to.is_none() || !round.settled;
        findings.require(ordered && past && cursor, "rounds are in order", || {
            format!("class {class}: {round:?}")
        });
    }
    for ((operator, id), measurement) in &state.measurements {
        let device = state.device(*operator, *id);
        let round = device.and_then(|device| state.round(device.class));
        let open = round.is_some_and(|round| !round.settled && round.epoch == measurement.epoch);
        let answered = device.and_then(|device| device.answered) == Some(measurement.epoch);
        findings.require(open && answered, "measurements belong to a round", || {
            format!("{id:?} of {operator:?}: {measurement:?}")
        });
        let own = measurement.observations.iter().any(|one| one.observer == *operator);
        findings.require(!own, "nobody measures itself", || {
            format!("{id:?} of {operator:?}: {measurement:?}")
        });
    }
}
