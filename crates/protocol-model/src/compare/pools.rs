//! Pools, their delegators, what is leaving, promises, seats.

use std::collections::BTreeSet;

use protocol::{AccountId, DelegationView, NATIVE, Place, PoolView, STABLE, State};

use super::Differences;
use crate::rules::Model;

pub(super) fn compare(state: &State, model: &Model, found: &mut Differences) {
    for operator in model.operators.keys() {
        let (view, pool) = (state.pool(*operator), model.pool(*operator));
        found.same(|| format!("open pool of {operator:?}"), view.is_some(), pool.is_some());
        if let Some(view) = view {
            compare_pool(model, &view, found);
        }
        let weight = state.reward_weight(*operator).units();
        let expected = model.reward_weight(*operator);
        found.same(|| format!("weight of {operator:?}"), weight, expected);
        let promise = promise(state, *operator, *operator);
        let expected = model.commitment(*operator, *operator);
        found.same(|| format!("commitment of {operator:?}"), promise, expected);
    }
    let known = model.delegators();
    for (delegator, operator) in &known {
        compare_undelegations(state, model, (*delegator, *operator), found);
    }
    let delegators: BTreeSet<AccountId> = known.iter().map(|(delegator, _)| *delegator).collect();
    for delegator in delegators {
        let views: Vec<_> = state.delegations(delegator).collect();
        let expected = model.delegated.stakes.keys().filter(|(who, _)| *who == delegator).count();
        found.same(|| format!("delegations of {delegator:?}"), views.len(), expected);
        for view in views {
            compare_delegation(state, model, &view, found);
        }
    }
    let seats: Vec<_> = state.seats().collect();
    let expected = model.delegated.seats.iter().map(|(account, seats)| (*account, *seats));
    found.same(|| "seats".into(), seats, expected.collect());
}

fn compare_pool(model: &Model, view: &PoolView, found: &mut Differences) {
    let operator = view.operator;
    let who = |what: &str| format!("{what} of the pool of {operator:?}");
    let Some(pool) = model.pool(operator) else { return };
    let units = [view.own, view.tokens, view.room, view.shares, view.bonus, view.fees_held];
    let expected = [
        model.bonded(operator, NATIVE),
        model.tokens(operator),
        model.room(operator),
        model.all_shares(operator),
        model.all_extra(operator),
        model.books.held(Place::PoolIncome(operator), STABLE),
    ];
    let units = units.map(protocol::Amount::units);
    found.same(|| who("own bond, tokens, room, shares, bonus, fees"), units, expected);
    found.same(|| who("commission"), view.commission, model.commission(pool));
    found.same(|| who("raise"), view.raise, model.set_and_raise(pool).1);
}

fn compare_delegation(
    state: &State,
    model: &Model,
    view: &DelegationView,
    found: &mut Differences,
) {
    let (delegator, operator) = (view.delegator, view.operator);
    let who = |what: &str| format!("{what} of {delegator:?} with {operator:?}");
    if !model.delegated.stakes.contains_key(&(delegator, operator)) {
        found.0.push(format!("the model does not know the {}", who("delegation")));
        return;
    }
    let shares = model.shares(delegator, operator);
    let (fees, bonus) = model.income_due(delegator, operator);
    let told = [view.shares, view.free, view.worth, view.fees_due, view.bonus_due];
    let free = if shares == 0 { 0 } else { model.free_shares(delegator, operator) };
    let expected = [shares, free, model.worth_of_shares(operator, shares), fees, bonus];
    let told = told.map(protocol::Amount::units);
    found.same(|| who("shares, free ones, worth, fees, bonus"), told, expected);
    let hop = model.hop(delegator, operator).map(|(hop, _)| hop);
    found.same(|| who("hop"), view.hop, hop);
    let promise = promise(state, delegator, operator);
    found.same(|| who("commitment"), promise, model.commitment(delegator, operator));
}

/// A commitment without its reading of the accumulator, which the model does not have.
fn promise(state: &State, staker: AccountId, operator: AccountId) -> Option<(u128, u32, u64, u64)> {
    let commitment = state.commitment(staker, operator)?;
    let (amount, bonus) = (commitment.amount.units(), commitment.bonus.0);
    Some((amount, bonus, commitment.until.0, commitment.timer))
}

fn compare_undelegations(
    state: &State,
    model: &Model,
    (delegator, operator): (AccountId, AccountId),
    found: &mut Differences,
) {
    let views = state.undelegations(delegator).filter(|view| view.operator == operator);
    let told = views.map(|view| (view.bucket, view.amount.units(), view.release.0));
    let expected = model.undelegations(delegator, operator);
    let what = || format!("undelegations of {delegator:?} from {operator:?}");
    found.same(what, told.collect(), expected);
}
