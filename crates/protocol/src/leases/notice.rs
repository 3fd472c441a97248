//! Giving notice: either side may leave, after so many whole epochs more.

use crate::books::{Movement, Place, Why};
use crate::event::LeaseEvent;
use crate::primitives::{AccountId, JobId, STABLE};
use crate::rejection::Rejection;
use crate::step::Step;

/// Requester or provider leaves: the epoch under way and those of the notice remain, the price of the others returns now.
pub(crate) fn give_notice(
    step: &mut Step<'_>,
    sender: AccountId,
    lease: JobId,
) -> Result<(), Rejection> {
    let (record, tenure) = step.running(lease)?;
    if sender != record.requester && sender != tenure.provider {
        return Err(Rejection::NotLeaseParty { lease });
    }
    let (before, requester) = (tenure.last, record.requester);
    let current = tenure.epoch_at(step.now(), step.state.parameters.epoch_ms);
    let last = current.saturating_add(tenure.terms.notice);
    let Some(fewer) = before.checked_sub(last).filter(|fewer| *fewer > 0) else {
        return Err(Rejection::NothingToShorten { last: before });
    };
    let refunded = tenure.price.scaled_ceil(fewer.into(), 1);
    let tenure = step.tenure_mut(lease);
    tenure.last = last;
    tenure.notice_by = Some(sender);
    let (from, to, why) = (Place::Escrow(lease), Place::Account(requester), Why::Refund);
    step.shift(Movement { from, to, asset: STABLE, amount: refunded, why, job: Some(lease) });
    step.emit(LeaseEvent::NoticeGiven { lease, by: sender, last, refunded });
    Ok(())
}
