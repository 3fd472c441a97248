//! Uptime, capacity and accuracy as sentences with the numbers in them.

use crate::parameters::ClassId;
use crate::primitives::AccountId;
use crate::state::State;

/// What an operator's uptime record says, line by line; nothing for whoever never had a device.
pub fn uptime(state: &State, operator: AccountId) -> Vec<String> {
    let Some(record) = state.uptime_record(operator) else { return Vec::new() };
    let parameters = state.parameters();
    let epochs = parameters.record_epochs;
    let all = state.uptime_over(operator, epochs);
    let share = all.share().map_or("nothing drawn yet".into(), |share| share.to_string());
    let (missed, allowed) = (state.uptime_over(operator, 1).missed(), parameters.uptime_misses_max);
    let down = record.history.iter().filter(|past| past.down).count();
    let penalised = record.history.iter().filter(|past| past.penalised).count();
    let (grace, credit_ms) = (parameters.downtime_grace, record.credit_ms);
    vec![
        format!("answered {} of {} draws in {epochs} epochs: {share}", all.answered, all.drawn),
        format!("this epoch: {missed} missed, the promise allows {allowed}"),
        format!("promise broken in {down} epochs, {grace} are free; {penalised} cost bond"),
        format!("maintenance that may be declared: {credit_ms} ms"),
    ]
}

/// How much an operator may offer in a class, and why, line by line.
pub fn capacity(state: &State, operator: AccountId, class: ClassId) -> Vec<String> {
    let Some(limit) = state.offer_limit(operator, class) else {
        return vec![format!(
            "capacity of class {class} is not proven: the bond alone limits offers"
        )];
    };
    let capacity = state.capacity(operator, class);
    let (share, most) = (state.parameters().offer_share, state.parameters().capacity_failures_max);
    let proven = match capacity.epoch {
        Some(epoch) => format!("{} units proven in the round of epoch {epoch}", capacity.proven),
        None => "no round is over in which a device had to answer".into(),
    };
    vec![
        format!("{proven}; {share} of them may be offered, at least one: {limit}"),
        format!("{} rounds failed in a row, {most} are a misrepresentation", capacity.failures),
    ]
}

/// How an operator's accuracy comes about.
pub fn accuracy(state: &State, operator: AccountId) -> String {
    let (parameters, epoch) = (state.parameters(), state.clock().epoch);
    let record = state.accuracy_record(operator).faded(parameters, epoch);
    let (prior, weight) = (parameters.accuracy_prior, parameters.accuracy_fail_weight);
    let count = |parts: u64| format!("{}.{:06}", parts / 1_000_000, parts % 1_000_000);
    let (passed, failed) = (count(record.passed), count(record.failed));
    let mean = state.accuracy(operator);
    format!(
        "({passed} right + {prior}) / ({passed} right + {weight} x {failed} wrong + 2 x {prior}) = {mean}"
    )
}
