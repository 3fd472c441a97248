//! Settling a round: what every operator has proven, what that leaves of its offer, and who has misrepresented.

use std::ops::Bound::{Excluded, Included};

use crate::capacity::devices::offerable;
use crate::capacity::{Capacity, Device, Round, transfer};
use crate::event::{CapacityEvent, Fault, OperatorEvent};
use crate::operators::Offer;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, DeviceId};
use crate::state::State;
use crate::step::Step;

/// What a round found about a device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finding {
    Passed,
    /// A wrong answer.
    Wrong,
    /// No answer.
    Silent,
    /// Nobody's fault: the finding of the round before stands.
    Undecided,
}

/// Settles the next operators of a class, as many as a block may.
pub(super) fn settle(step: &mut Step<'_>, class: ClassId, round: Round) {
    let limit = step.state.parameters.capacity_settlements_per_block;
    let budget = usize::try_from(limit).unwrap_or(usize::MAX);
    let first = match round.settled_to {
        Some(settled) => Excluded((class, settled)),
        None => Included((class, AccountId([0; 32]))),
    };
    let last = Included((class, AccountId([255; 32])));
    let turn = step.state.capacities.range((first, last)).take(budget);
    let turn: Vec<AccountId> = turn.map(|((_, operator), _)| *operator).collect();
    for operator in &turn {
        settle_operator(step, class, *operator, &round);
    }
    let settled = turn.len() < budget;
    let settled_to = if settled { None } else { turn.last().copied() };
    step.state.rounds.insert(class, Round { settled_to, settled, ..round });
}

fn settle_operator(step: &mut Step<'_>, class: ClassId, operator: AccountId, round: &Round) {
    let due: Vec<(DeviceId, Device)> =
        step.state.devices(operator).filter(|(_, device)| device.is_due(class, round)).collect();
    let (mut proven, mut wrong, mut silent, mut undecided) = (0_u32, false, false, false);
    for (id, device) in &due {
        let finding = find(step, operator, *id, device, round);
        let passed = match finding {
            Finding::Passed => true,
            Finding::Wrong | Finding::Silent => false,
            Finding::Undecided => device.passed,
        };
        wrong |= finding == Finding::Wrong;
        silent |= finding == Finding::Silent;
        undecided |= finding == Finding::Undecided;
        proven = proven.saturating_add(if passed { device.units } else { 0 });
        step.state.devices.insert((operator, *id), Device { passed, ..*device });
    }
    let active = step.state.operator(operator).is_some_and(|record| record.is_active());
    let failed = active && (wrong || silent && was_there(step.state, operator, round));
    let clean = !due.is_empty() && !wrong && !silent && !undecided;
    let before = step.state.capacity(operator, class);
    let capacity = Capacity { epoch: Some(round.epoch), proven, ..before };
    let capacity = match (failed, clean) {
        (true, _) => Capacity {
            failures: before.failures.saturating_add(1),
            failing_since: before.failing_since.or(Some(round.opened)),
            ..capacity
        },
        (false, true) => Capacity { failures: 0, failing_since: None, ..capacity },
        (false, false) => capacity,
    };
    record(step, class, operator, round, capacity);
}

fn find(
    step: &mut Step<'_>,
    operator: AccountId,
    id: DeviceId,
    device: &Device,
    round: &Round,
) -> Finding {
    let answered = device.answered == Some(round.epoch);
    let excused =
        step.state.uptime_record(operator).is_some_and(|record| record.is_excused(round.opened));
    match step.state.measurements.remove(&(operator, id)) {
        Some(measurement) => match transfer::outcome(&measurement, device.units) {
            Some(true) => Finding::Passed,
            Some(false) => Finding::Wrong,
            None => Finding::Undecided,
        },
        None if answered && device.passed => Finding::Passed,
        None if answered => Finding::Wrong,
        None if excused => Finding::Undecided,
        None => Finding::Silent,
    }
}

/// Whether an operator has answered for its uptime since the round before. Whoever has not is down, which has a penalty
/// of its own; whoever has, and proves nothing, has not got what it claims.
fn was_there(state: &State, operator: AccountId, round: &Round) -> bool {
    let answered = state.uptime_record(operator).and_then(|record| record.answered_at);
    answered.is_some_and(|at| at > round.before)
}

/// Records what a round found, cuts the offer, and punishes the last failure of too many.
fn record(
    step: &mut Step<'_>,
    class: ClassId,
    operator: AccountId,
    round: &Round,
    found: Capacity,
) {
    let Capacity { failures, failing_since, .. } = found;
    let parameters = step.parameters();
    let misrepresented = failures >= parameters.capacity_failures_max;
    let kept =
        if misrepresented { Capacity { epoch: found.epoch, ..Capacity::default() } } else { found };
    let gone = kept.failures == 0
        && !step.state.devices(operator).any(|(_, device)| device.class == class);
    if gone {
        step.state.capacities.remove(&(class, operator));
    } else {
        step.state.capacities.insert((class, operator), kept);
    }
    let (epoch, proven) = (round.epoch, kept.proven);
    step.emit(CapacityEvent::CapacitySettled { operator, class, epoch, proven, failures });
    step.count_capacity(operator, class, epoch, proven);
    cut_offer(step, operator, class);
    if misrepresented {
        let (fault, since) = (Fault::MisrepresentedHardware, failing_since.unwrap_or(round.opened));
        step.slash_duty(operator, fault, parameters.misrepresented_rate, since);
        step.jail_for(operator, fault, parameters.misrepresented_jail_ms);
    }
}

/// Takes back the units of an offer that are no longer proven. Jobs under way go on.
fn cut_offer(step: &mut Step<'_>, operator: AccountId, class: ClassId) {
    let Some(limit) = step.state.offer_limit(operator, class) else { return };
    let Some(offer) = step.state.offer(operator, class).copied() else { return };
    if offer.units <= limit {
        return;
    }
    let (units, ask) = (limit, offer.ask);
    step.state.change_offer(operator, class, |_| {
        (units > 0 || offer.busy > 0).then_some(Offer { units, ..offer })
    });
    step.emit(OperatorEvent::OfferSet { operator, class, units, ask });
}

impl State {
    /// Units an operator may offer in a class: a share of what it last proved, rounded down, but at least one if
    /// anything is proven. `None` where capacity is not proven and the bond alone limits offers.
    pub fn offer_limit(&self, operator: AccountId, class: ClassId) -> Option<u32> {
        self.class(class)?.challenge?;
        Some(offerable(&self.parameters, self.capacity(operator, class).proven))
    }
}
