//! Asking for leases, and offering to serve them.

use std::sync::Arc;

use crate::books::{Movement, Place, Why};
use crate::event::LeaseEvent;
use crate::leases::{Lease, LeaseEnd, LeaseSpec, LeaseStatus, lease_id};
use crate::operators::check_may_offer;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, JobId, Nonce, STABLE};
use crate::rejection::{Bound, Rejection};
use crate::state::{State, Task};
use crate::step::Step;

/// Sets what a unit of the sender's offer in a class costs per epoch of a lease; with none it takes no leases, since
/// running jobs does not mean being there for somebody all day.
pub(crate) fn set_ask(
    step: &mut Step<'_>,
    sender: AccountId,
    class: ClassId,
    ask: Option<Amount>,
) -> Result<(), Rejection> {
    check_may_offer(step.operator(sender)?)?;
    step.state.class(class).ok_or(Rejection::UnknownClass { class })?;
    if let Some(ask) = ask {
        Bound::Ask.check(ask, Amount::new(1), step.state.parameters.ask_max)?;
    }
    step.state.change_lease_ask(sender, class, ask);
    step.emit(LeaseEvent::LeaseAskSet { operator: sender, class, ask });
    Ok(())
}

pub(crate) fn request(
    step: &mut Step<'_>,
    sender: AccountId,
    nonce: Nonce,
    spec: &LeaseSpec,
) -> Result<(), Rejection> {
    check_spec(step.state, spec)?;
    let lease = lease_id(step.state.chain.id, sender, nonce);
    let (from, to) = (Place::Account(sender), Place::Escrow(lease));
    let amount = spec.price_max.scaled_ceil(spec.epochs.into(), 1);
    step.pay(Movement { from, to, asset: STABLE, amount, why: Why::Escrow, job: Some(lease) })?;
    let (requested, queued) = (step.now(), step.next_sequence());
    let wait_until = requested.plus_ms(spec.wait_ms);
    let record = Lease {
        id: lease,
        requester: sender,
        spec: spec.clone(),
        requested,
        status: LeaseStatus::Waiting,
        deadline: wait_until,
        timer: step.set_timer(wait_until, Task::Lease(lease)),
        queued: Some(queued),
        looked: None,
        tenure: None,
        ended: None,
    };
    let before = step.state.leases.insert(lease, Arc::new(record));
    assert!(before.is_none(), "a nonce is used once, so is a lease's name");
    step.state.lease_queue.insert(queued, lease);
    let (requester, spec) = (sender, spec.clone());
    step.emit(LeaseEvent::LeaseRequested { lease, requester, spec, wait_until });
    Ok(())
}

fn check_spec(state: &State, spec: &LeaseSpec) -> Result<(), Rejection> {
    let (class, parameters) = (spec.class, &state.parameters);
    state.class(class).ok_or(Rejection::UnknownClass { class })?;
    let counts = [
        (Bound::Units, spec.units.into(), 1, parameters.units_max.into()),
        (Bound::Epochs, spec.epochs.into(), 1, parameters.lease_epochs_max.into()),
        (Bound::Input, spec.service.size, 0, parameters.input_bytes_max),
        (Bound::Wait, spec.wait_ms, 1, parameters.wait_ms_max),
    ];
    for (bound, value, minimum, maximum) in counts {
        let plain = |number: u64| Amount::new(number.into());
        bound.check(plain(value), plain(minimum), plain(maximum))?;
    }
    let most = Amount::SUPPLY_MAX.scaled_floor(1, spec.epochs.into());
    Bound::Price.check(spec.price_max, parameters.price_min, most)
}

/// Takes back a lease that waits for a provider.
pub(crate) fn cancel(
    step: &mut Step<'_>,
    sender: AccountId,
    lease: JobId,
) -> Result<(), Rejection> {
    let Lease { requester, status, .. } = *step.lease(lease)?;
    if requester != sender {
        return Err(Rejection::NotLeaseParty { lease });
    }
    if status != LeaseStatus::Waiting {
        return Err(Rejection::WrongLeaseStage { status });
    }
    step.end_lease(lease, LeaseEnd::Cancelled);
    Ok(())
}
