//! Operators: bonds, exits, offers, weights, jail.

use imbl::OrdMap;

use super::Findings;
use crate::books::Place;
use crate::operators::{Operator, OperatorStatus};
use crate::primitives::{AccountId, Amount, Holdings};
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    let locked = locked_by_operator(state);
    let mut offending = Amount::ZERO;
    for operator in state.operators() {
        let account = operator.account;
        check_bond(state, operator, locked.get(&account), findings);
        findings.require(
            state.exits(account).count() as u64 == u64::from(operator.exits),
            "exits are counted",
            || format!("{account:?} counts {}", operator.exits),
        );
        check_standing(state, operator, findings);
        offending = offending.plus(operator.offence.map_or(Amount::ZERO, |offence| offence.stake));
    }
    let listed = state.roster.keys().eq(state.operators.keys());
    findings.require(listed, "the roster lists the operators", || format!("{:?}", state.roster));
    findings.require(offending == state.clock.offending, "offending stake is a sum", || {
        format!("counted {offending}, kept {}", state.clock.offending)
    });
    check_weights(state, findings);
}

fn locked_by_operator(state: &State) -> OrdMap<AccountId, Holdings> {
    let mut locked: OrdMap<AccountId, Holdings> = OrdMap::new();
    for ((place, asset), amount) in &state.held {
        if let Place::Lock(operator, _) = place {
            locked.entry(*operator).or_default().put(*asset, *amount);
        }
    }
    locked
}

/// Bonded is free plus locked: no lock is backed twice.
fn check_bond(
    state: &State,
    operator: &Operator,
    locked: Option<&Holdings>,
    findings: &mut Findings,
) {
    let account = operator.account;
    let mut parts = locked.cloned().unwrap_or_default();
    for (asset, amount) in state.slices(Place::Bond(account)) {
        parts.put(asset, amount);
    }
    findings.require(parts == operator.bonded, "bonded is free plus locked", || {
        format!("{account:?}: {parts:?} against {:?}", operator.bonded)
    });
}

/// Who may not work is in no index of those who may.
fn check_standing(state: &State, operator: &Operator, findings: &mut Findings) {
    let account = operator.account;
    for (class, offer) in state.offers(account) {
        let listed = state.asks.contains_key(&(class, offer.ask, account));
        let offering = state.is_offering(account, offer);
        findings.require(listed == offering, "asks are the offers that stand", || {
            format!("{account:?} in class {class}: listed {listed}, offering {offering}")
        });
        findings.require(offer.units > 0 || offer.busy > 0, "offers offer or work", || {
            format!("{account:?}")
        });
    }
    let weighed = state.auditors.contains_key(&account);
    findings.require(!weighed || operator.is_active(), "the jailed are drawn for nothing", || {
        format!("{account:?}")
    });
    let tombstoned = operator.status == OperatorStatus::Tombstoned;
    let deserved = operator.reliability.convictions >= state.parameters.convictions_max
        || state.double_signer(account).is_some();
    findings.require(tombstoned == deserved, "tombstones are for good", || {
        format!(
            "{account:?}: {} convictions, tombstoned {tombstoned}",
            operator.reliability.convictions
        )
    });
}

/// Nobody waits while there is a place, or with another weight than its own, but for a pass over the operators that has not
/// come to everybody.
fn check_waiting(state: &State, findings: &mut Findings) {
    let (waiting, passing) = (&state.waiting_weights, state.sweep().is_some());
    let settled = waiting.is_empty() || state.is_full() || passing;
    findings.require(settled, "nobody waits beside a place", || format!("{waiting:?}"));
    let listed = waiting.iter().all(|(account, weight)| {
        let due = state.auditor_weight(*account);
        let seated = state.auditors.contains_key(account);
        let current = passing || *weight == due;
        !seated && current && state.waiting_heaviest.contains_key(&(*weight, *account))
    });
    let right = listed && waiting.len() == state.waiting_heaviest.len();
    findings.require(right, "who waits does so with its weight", || format!("{waiting:?}"));
    let able = state.operators().filter(|operator| {
        let account = operator.account;
        !state.auditor_weight(account).is_zero() && !state.auditors.contains_key(&account)
    });
    let able = able.count();
    let known = passing || able == waiting.len();
    findings.require(known, "who found no place waits", || format!("{able} able"));
}

fn check_weights(state: &State, findings: &mut Findings) {
    let mut buckets = OrdMap::new();
    for (account, weight) in state.validators() {
        let bucket: &mut Amount = buckets.entry(account.0[0]).or_default();
        *bucket = bucket.plus(weight);
        let due = state.auditor_weight(account);
        let current = state.sweep().is_some() || weight == due;
        findings.require(current, "weights follow bonds", || {
            format!("{account:?}: {weight}, due {due}")
        });
    }
    check_waiting(state, findings);
    findings.require(buckets == state.auditor_weights, "weight buckets are sums", || {
        format!("{buckets:?} against {:?}", state.auditor_weights)
    });
    for (class, ask, operator) in state.asks.keys() {
        let offered = state.offer(*operator, *class).is_some_and(|offer| offer.ask == *ask);
        findings.require(offered, "asks belong to offers", || format!("{operator:?} asks {ask}"));
    }
}
