//! Stakes as the API shows them.

use api::wire::{
    AccessExitView, AccessView, CapacityView, CoverView, DeviceView, Explained, Page, StandingView,
    UndelegationName, UptimeView,
};
use protocol::{
    AccountId, DelegationView, DeviceId, NATIVE, Operator, PlaceKind, State, UndelegationView,
    explain, uptime_factor,
};

use crate::backend::page;

/// An account's access stake.
pub(crate) fn access(state: &State, account: AccountId) -> AccessView {
    let exits = state.access_exits(account);
    let exit = |(number, exit, amount)| AccessExitView { number, amount, exit };
    AccessView {
        account,
        stake: state.access_stake(account),
        all: state.total(PlaceKind::Access, NATIVE),
        credit: state.access_credit(account),
        exits: exits.map(exit).collect(),
        explained: explain::access(state, account),
    }
}

/// An account's delegations behind the one with an operator.
pub(crate) fn delegations(
    state: &State,
    delegator: AccountId,
    after: Option<AccountId>,
    limit: usize,
) -> Page<DelegationView> {
    let views: Vec<DelegationView> = state
        .delegations(delegator)
        .filter(|view| Some(view.operator) > after)
        .take(limit.saturating_add(1))
        .collect();
    page(views.iter(), limit, |view| view.operator, DelegationView::clone)
}

/// An account's undelegations behind one.
pub(crate) fn undelegations(
    state: &State,
    delegator: AccountId,
    after: Option<UndelegationName>,
    limit: usize,
) -> Page<UndelegationView> {
    let name =
        |view: &UndelegationView| UndelegationName { operator: view.operator, bucket: view.bucket };
    let behind = state.undelegations(delegator).filter(|view| Some(name(view)) > after);
    page(behind, limit, |view| name(&view), |view| view)
}

/// An operator's devices behind one.
pub(crate) fn devices(
    state: &State,
    operator: AccountId,
    after: Option<DeviceId>,
    limit: usize,
) -> Page<DeviceView> {
    let behind = state.devices(operator).filter(|(id, _)| Some(*id) > after);
    page(behind, limit, |(id, _)| id, |(id, device)| DeviceView { id, device })
}

/// What an operator's stake carries.
pub(crate) fn standing(state: &State, operator: AccountId) -> Option<StandingView> {
    let record = state.operator(operator)?;
    Some(StandingView {
        operator,
        epoch: state.clock().epoch,
        pool: state.pool(operator),
        committed: state.commitment(operator, operator),
        cover: cover(state, record),
        seats: state.seats_of(operator),
        vote_weight: state.validator_weight(operator),
        reward_weight: state.reward_weight(operator),
        uptime: uptime(state, operator),
        capacities: capacities(state, operator),
        accuracy: state.accuracy(operator),
        explained: explained(state, operator),
    })
}

fn cover(state: &State, record: &Operator) -> CoverView {
    let exposure = state.exposure(record.account);
    CoverView {
        band: state.band(record.account),
        owed: exposure.map(|exposure| exposure.owed).unwrap_or_default(),
        lockable: state.bond_value(&record.bonded),
        call_until: exposure.and_then(|exposure| exposure.call).map(|call| call.until),
    }
}

fn uptime(state: &State, operator: AccountId) -> Option<UptimeView> {
    let record = state.uptime_record(operator)?;
    let parameters = state.parameters();
    let share = state.uptime(operator);
    Some(UptimeView {
        devices: record.devices,
        draws: state.uptime_over(operator, parameters.record_epochs),
        share,
        factor: share.map(|share| uptime_factor(parameters, share)),
        epoch: state.uptime_over(operator, 1),
        answer_by: record.draw.map(|draw| draw.answer_by),
        credit_ms: record.credit_ms,
        maintenance: record.maintenance,
    })
}

fn capacities(state: &State, operator: AccountId) -> Vec<CapacityView> {
    let view = |class: &protocol::Class| {
        let capacity = state.capacity(operator, class.id);
        let offer_limit = state.offer_limit(operator, class.id)?;
        let known = capacity.epoch.is_some() || offer_limit > 0;
        known.then_some(CapacityView { class: class.id, offer_limit, capacity })
    };
    state.classes().filter_map(view).collect()
}

fn explained(state: &State, operator: AccountId) -> Explained {
    let of_class = |view: CapacityView| explain::capacity(state, operator, view.class);
    Explained {
        seats: explain::seats(state, operator).unwrap_or_default(),
        cover: explain::cover(state, operator).unwrap_or_default(),
        uptime: explain::uptime(state, operator),
        capacity: capacities(state, operator).into_iter().flat_map(of_class).collect(),
        accuracy: explain::accuracy(state, operator),
    }
}
