//! Registration, duties, ownership.

use std::sync::Arc;

use crate::event::{OperatorEvent, PenaltyEvent};
use crate::operators::{Operator, OperatorStatus, Reliability};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Holdings};
use crate::rejection::Rejection;
use crate::step::Step;
use crate::transaction::Duties;

pub(crate) fn register(
    step: &mut Step<'_>,
    sender: AccountId,
    duties: Duties,
) -> Result<(), Rejection> {
    if step.state.operator(sender).is_some() {
        return Err(Rejection::AlreadyAnOperator { account: sender });
    }
    check_room(step, duties)?;
    let operator = Operator {
        account: sender,
        owner: sender,
        nominee: None,
        duties,
        status: OperatorStatus::Active,
        bonded: Holdings::default(),
        exits: 0,
        reliability: Reliability::default(),
        offence: None,
        registered: step.now(),
        pool: None,
        rank: None,
        earnings: Vec::new(),
    };
    step.state.operators.insert(sender, Arc::new(operator));
    step.state.roster.insert(sender, ());
    step.emit(OperatorEvent::OperatorRegistered { operator: sender, duties });
    Ok(())
}

pub(crate) fn set_duties(
    step: &mut Step<'_>,
    sender: AccountId,
    duties: Duties,
) -> Result<(), Rejection> {
    let operator = step.operator(sender)?;
    let (gains, leaves) = (
        duties.validator && !operator.duties.validator,
        operator.duties.provider && !duties.provider,
    );
    if gains {
        check_room(step, duties)?;
    }
    if leaves {
        withdraw_offers(step, sender)?;
    }
    step.operator_mut(sender).duties = duties;
    step.state.reweigh(sender);
    step.state.rewatch(sender);
    step.emit(OperatorEvent::DutiesSet { operator: sender, duties });
    Ok(())
}

fn check_room(step: &Step<'_>, duties: Duties) -> Result<(), Rejection> {
    let limit = step.state.parameters.validators_max;
    if duties.validator && step.state.is_full() {
        return Err(Rejection::TooManyValidators { limit });
    }
    Ok(())
}

/// Withdraws every offer, unless one is at work.
fn withdraw_offers(step: &mut Step<'_>, operator: AccountId) -> Result<(), Rejection> {
    let busy = step.state.offers(operator).map(|(_, offer)| offer.busy).sum();
    if busy > 0 {
        return Err(Rejection::DutyOpen { busy });
    }
    let classes: Vec<ClassId> = step.state.offers(operator).map(|(class, _)| class).collect();
    for class in classes {
        step.state.change_offer(operator, class, |_| None);
    }
    Ok(())
}

pub(crate) fn nominate(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    owner: AccountId,
) -> Result<(), Rejection> {
    let current = step.operator(operator)?.owner;
    if current != sender {
        return Err(Rejection::NotOwner { operator, owner: current });
    }
    step.operator_mut(operator).nominee = Some(owner);
    step.emit(OperatorEvent::OwnerNominated { operator, owner });
    Ok(())
}

pub(crate) fn accept(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
) -> Result<(), Rejection> {
    if step.operator(operator)?.nominee != Some(sender) {
        return Err(Rejection::NotNominated { operator });
    }
    let record = step.operator_mut(operator);
    record.owner = sender;
    record.nominee = None;
    step.emit(OperatorEvent::OwnerAccepted { operator, owner: sender });
    Ok(())
}

pub(crate) fn unjail(step: &mut Step<'_>, sender: AccountId) -> Result<(), Rejection> {
    match step.operator(sender)?.status {
        OperatorStatus::Active => return Err(Rejection::NotJailed),
        OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
        OperatorStatus::Jailed(until) if step.now() < until => {
            return Err(Rejection::InJail { until });
        }
        OperatorStatus::Jailed(_) => {}
    }
    step.operator_mut(sender).status = OperatorStatus::Active;
    step.state.reindex(sender);
    step.emit(PenaltyEvent::Unjailed { operator: sender });
    Ok(())
}
