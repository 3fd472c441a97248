//! Being away by leave.

use crate::capacity::Maintenance;
use crate::event::CapacityEvent;
use crate::operators::OperatorStatus;
use crate::primitives::{AccountId, Amount};
use crate::rejection::{Bound, Rejection};
use crate::step::Step;

/// Spends credit on time in which draws and rounds do not count. It begins after this block, so nothing that was drawn
/// is undone by it.
pub(crate) fn declare_maintenance(
    step: &mut Step<'_>,
    sender: AccountId,
    duration_ms: u64,
) -> Result<(), Rejection> {
    let record = step.state.uptime_record(sender).filter(|record| record.devices > 0);
    record.ok_or(Rejection::NoDevices)?;
    let (plain, most) = (Amount::new(duration_ms.into()), step.state.parameters.maintenance_max_ms);
    Bound::Maintenance.check(plain, Amount::new(1), Amount::new(most.into()))?;
    step.catch_up(sender);
    match step.operator(sender)?.status {
        OperatorStatus::Active => {}
        OperatorStatus::Jailed(until) => return Err(Rejection::InJail { until }),
        OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
    }
    let from = step.now();
    let record = step.state.uptime_mut(sender);
    if let Some(open) = record.maintenance.filter(|open| from <= open.until) {
        return Err(Rejection::InMaintenance { until: open.until });
    }
    let credit_ms = record.credit_ms;
    let left = credit_ms.checked_sub(duration_ms);
    let credit_ms = left.ok_or(Rejection::CreditTooShort { needed_ms: duration_ms, credit_ms })?;
    let until = from.plus_ms(duration_ms);
    record.credit_ms = credit_ms;
    record.maintenance = Some(Maintenance { from, until });
    step.emit(CapacityEvent::MaintenanceDeclared { operator: sender, from, until, credit_ms });
    Ok(())
}
