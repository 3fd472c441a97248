//! Answers to capacity challenges.

use crate::capacity::{Device, Round, device_challenge, transfer};
use crate::event::CapacityEvent;
use crate::parameters::ChallengeKind;
use crate::primitives::{AccountId, Bytes, DeviceId};
use crate::referee::CapacityCase;
use crate::rejection::Rejection;
use crate::step::Step;

/// Answers for one device. The first answer counts, right or wrong: whoever could try again would have the ledger do its
/// work.
pub(crate) fn answer_capacity(
    step: &mut Step<'_>,
    sender: AccountId,
    device: DeviceId,
    answer: &Bytes,
) -> Result<(), Rejection> {
    let record = *step.state.device(sender, device).ok_or(Rejection::UnknownDevice { device })?;
    let round = due_round(step, device, &record)?;
    let epoch = round.epoch;
    if record.answered == Some(epoch) {
        return Err(Rejection::AlreadyAnswered { epoch });
    }
    let (bytes, limit) = (answer.len(), step.state.parameters.capacity_answer_bytes_max);
    if bytes > limit {
        return Err(Rejection::AnswerTooLarge { bytes, limit });
    }
    let class = step.state.class(record.class).and_then(|class| class.challenge);
    let kind = class.ok_or(Rejection::ClassWithoutProof { class: record.class })?.kind;
    take_check(step)?;
    if kind == ChallengeKind::MeasuredTransfer {
        step.in_time(Some(round.report_by()))?;
        return transfer::begin(step, sender, device, &round);
    }
    let passed = step.context.referee.check_capacity(&CapacityCase {
        kind,
        challenge: device_challenge(round.seed, sender, device),
        operator: sender,
        device,
        units: record.units,
        answer: answer.as_slice(),
    });
    let answered = Some(epoch);
    step.state.devices.insert((sender, device), Device { answered, passed, ..record });
    step.emit(CapacityEvent::CapacityAnswered { operator: sender, device, epoch, passed });
    Ok(())
}

/// The open round in which a device is due.
fn due_round(step: &Step<'_>, device: DeviceId, record: &Device) -> Result<Round, Rejection> {
    let class = record.class;
    let round = step.state.round(class).filter(|round| !round.settled);
    let round = *round.ok_or(Rejection::NoRound { class })?;
    step.in_time(Some(round.answer_by))?;
    if !record.is_due(class, &round) {
        let (registered, drawn) = (record.registered, round.height);
        return Err(Rejection::NotDue { device, registered, drawn });
    }
    Ok(round)
}

/// Takes one of the checks of this block.
fn take_check(step: &mut Step<'_>) -> Result<(), Rejection> {
    let (used, limit) =
        (step.state.clock.capacity_checks, step.state.parameters.capacity_checks_per_block);
    if used >= limit {
        return Err(Rejection::CapacityBusy { used, limit });
    }
    step.state.clock.capacity_checks = used + 1;
    Ok(())
}
