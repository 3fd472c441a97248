//! Who runs replicas.

use crate::event::ReplicatedEvent;
use crate::primitives::AccountId;
use crate::rejection::Rejection;
use crate::step::Step;

/// Notes whether an operator is drawn for replicas.
pub(crate) fn run_replicas(
    step: &mut Step<'_>,
    sender: AccountId,
    willing: bool,
) -> Result<(), Rejection> {
    step.operator(sender)?;
    if willing {
        step.state.replicators.insert(sender, ());
    } else {
        step.state.replicators.remove(&sender);
    }
    step.emit(ReplicatedEvent::ReplicasOffered { operator: sender, willing });
    Ok(())
}
