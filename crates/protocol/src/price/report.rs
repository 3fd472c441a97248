//! Reporting: a sealed price in one slot, its opening in the next.

use crate::event::PriceEvent;
use crate::price::{Oracle, Report, seal_price};
use crate::primitives::{AccountId, Amount, Hash};
use crate::rejection::Rejection;
use crate::step::Step;

/// Most a token may be reported at, in micro-dollars: what the governed price may be at most.
const PRICE_MAX: Amount = Amount::new(1_000_000_000_000_000);

/// Commits to a price for the slot under way. The first commitment counts.
pub(crate) fn commit(
    step: &mut Step<'_>,
    sender: AccountId,
    slot: u64,
    commitment: Hash,
) -> Result<(), Rejection> {
    let Oracle { slot: expected, .. } = *reporting(step)?;
    check_slot(slot, Some(expected))?;
    let report = entitled(step, slot, sender)?;
    if report.commitment.is_some() {
        return Err(Rejection::ReportedAlready { slot });
    }
    step.state.reports.insert((slot, sender), Report { commitment: Some(commitment), ..report });
    step.emit(PriceEvent::PriceCommitted { slot, validator: sender, commitment });
    Ok(())
}

/// Opens the commitment of the slot before.
pub(crate) fn reveal(
    step: &mut Step<'_>,
    sender: AccountId,
    slot: u64,
    price: Amount,
    salt: Hash,
) -> Result<(), Rejection> {
    let Oracle { slot: under_way, .. } = *reporting(step)?;
    check_slot(slot, under_way.checked_sub(1))?;
    let report = entitled(step, slot, sender)?;
    if report.price.is_some() {
        return Err(Rejection::ReportedAlready { slot });
    }
    let opened = seal_price(step.state.chain.id, slot, sender, salt, price);
    if report.commitment != Some(opened) {
        return Err(Rejection::CommitmentMismatch);
    }
    if price.is_zero() || price > PRICE_MAX {
        return Err(Rejection::ImpossiblePrice { price, limit: PRICE_MAX });
    }
    step.state.reports.insert((slot, sender), Report { price: Some(price), ..report });
    step.emit(PriceEvent::PriceRevealed { slot, validator: sender, price });
    Ok(())
}

fn reporting<'a>(step: &'a Step<'_>) -> Result<&'a Oracle, Rejection> {
    step.state.oracle().ok_or(Rejection::PriceIsGoverned)
}

fn check_slot(found: u64, expected: Option<u64>) -> Result<(), Rejection> {
    if Some(found) == expected { Ok(()) } else { Err(Rejection::WrongSlot { expected, found }) }
}

fn entitled(step: &Step<'_>, slot: u64, sender: AccountId) -> Result<Report, Rejection> {
    let report = step.state.reports.get(&(slot, sender)).copied();
    report.ok_or(Rejection::NotEntitledToReport { slot })
}
