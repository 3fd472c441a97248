//! Access: turns, tags, credits, exits.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::access::{Flow, Queue};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount};
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    check_turns(state, findings);
    check_accounts(state, findings);
}

/// Who has a job waiting stands once, where its stake and its tags put it, and nobody else stands.
fn check_turns(state: &State, findings: &mut Findings) {
    let waiting: BTreeSet<(ClassId, AccountId)> =
        state.open.keys().map(|(class, account, _)| (*class, *account)).collect();
    for (class, queue, tag, lot, account) in state.turns.keys() {
        let flow = state.flows.get(&(*class, *account)).copied().unwrap_or_default();
        let stands = flow.turn == Some((*queue, *tag, *lot));
        let waits = waiting.contains(&(*class, *account));
        let placed = is_placed(state, *class, *account, &flow, *queue);
        let right = stands && placed && waits == (*queue != Queue::Resting);
        findings.require(right, "turns are of those who wait", || {
            format!("{account:?} in class {class}: {queue:?}, {flow:?}")
        });
    }
    let stand =
        |(class, account): &(ClassId, AccountId)| state.flows.contains_key(&(*class, *account));
    findings.require(waiting.iter().all(stand), "who waits has a turn", || format!("{waiting:?}"));
    check_flows(state, findings);
}

/// What is remembered of requesters agrees with the lanes and the stakes.
fn check_flows(state: &State, findings: &mut Findings) {
    let mut stakes: BTreeMap<ClassId, Amount> = BTreeMap::new();
    for ((class, account), flow) in &state.flows {
        let sum = stakes.entry(*class).or_default();
        *sum = sum.plus(flow.stake);
        let rests = flow.turn.is_some_and(|(queue, ..)| queue == Queue::Resting);
        let counts = rests || flow.start.is_some();
        let stake = if counts { state.access_stake(*account) } else { Amount::ZERO };
        findings.require(flow.stake == stake, "weights are stakes", || {
            format!("{account:?} in class {class}: {flow:?}, stake {stake}")
        });
        let known = flow.finished <= state.lanes(*class).latest;
        findings.require(known && flow.turn.is_some(), "flows wait or rest", || {
            format!("{account:?} in class {class}: {flow:?}")
        });
    }
    findings.require(state.turns.len() == state.flows.len(), "who stands stands once", || {
        format!("{} turns, {} flows", state.turns.len(), state.flows.len())
    });
    for (class, lanes) in &state.lanes {
        let sum = stakes.remove(class).unwrap_or_default();
        findings.require(lanes.active == sum, "active stake is a sum", || {
            format!("class {class}: {}, counted {sum}", lanes.active)
        });
    }
}

fn is_placed(state: &State, class: ClassId, account: AccountId, flow: &Flow, queue: Queue) -> bool {
    let staked = !state.access_stake(account).is_zero();
    let time = state.lanes(class).time;
    match (queue, flow.start) {
        (Queue::Arrived, start) => !staked && start.is_none(),
        (Queue::Eligible, Some(start)) => staked && start <= time,
        // It becomes eligible when the next turn is given.
        (Queue::Pending, Some(start)) => staked && start >= flow.finished,
        (Queue::Resting, start) => start.is_none(),
        (Queue::Eligible | Queue::Pending, None) => false,
    }
}

fn check_accounts(state: &State, findings: &mut Findings) {
    let mut exits: BTreeMap<AccountId, u32> = BTreeMap::new();
    for (account, _) in state.access_exits.keys() {
        *exits.entry(*account).or_default() += 1;
    }
    for (account, access) in &state.access {
        let open = exits.remove(account).unwrap_or(0);
        findings.require(open == access.exits, "access exits are counted", || {
            format!("{account:?} counts {}, has {open}", access.exits)
        });
        let held = !state.access_stake(*account).is_zero() || !access.credit.is_zero() || open > 0;
        findings.require(held, "access records are of somebody", || format!("{account:?}"));
    }
    findings.require(exits.is_empty(), "access exits have accounts", || format!("{exits:?}"));
}
