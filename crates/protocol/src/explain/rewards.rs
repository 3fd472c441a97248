//! Why somebody earned what it earned.

use crate::event::{Event, RewardEvent};
use crate::primitives::{AccountId, Amount};
use crate::rewards::RewardSource;
use crate::state::State;

/// What a source is called in sentences.
const fn title(source: RewardSource) -> &'static str {
    match source {
        RewardSource::Capacity => "capacity",
        RewardSource::Validation => "validating",
        RewardSource::Work => "work",
    }
}

/// What an event says about a reward, with the arithmetic; nothing for other events.
pub fn reward(event: &Event) -> Option<String> {
    let Event::Reward(event) = event else { return None };
    Some(match *event {
        RewardEvent::CapacityCounted { class, units, uptime, accuracy, weight, epoch, .. } => {
            format!(
                "epoch {epoch}: bond of {units} units of class {class} x {uptime} uptime factor x {accuracy} accuracy = weight {weight}"
            )
        }
        RewardEvent::WorkCounted { epoch, take, accuracy, worked, most, weight, .. } => format!(
            "epoch {epoch}: {take} take x {accuracy} accuracy, {worked} with other jobs, of which the bond carries {most}: weight {weight}"
        ),
        RewardEvent::Attended { epoch, session, weight, .. } => {
            format!(
                "epoch {epoch}: session {session} attended with weight {weight}, added to the epoch's"
            )
        }
        RewardEvent::RewardEarned { epoch, source, weight, total, payable, amount, .. } => format!(
            "epoch {epoch}, {}: {payable} x {weight} / {total} = {amount} native base units",
            title(source)
        ),
        RewardEvent::RewardForfeited { epoch, .. } => {
            format!("epoch {epoch}: went to jail before the epoch was closed, earned nothing in it")
        }
        _ => return None,
    })
}

/// What an operator is still to be paid for, line by line: of a closed epoch the amount, of an open one what its share
/// would be if nobody did anything more.
pub fn earnings(state: &State, operator: AccountId) -> Vec<String> {
    let mut lines = Vec::new();
    for earning in state.earnings(operator) {
        let Some(pool) = state.reward_pool(earning.epoch) else { continue };
        for source in RewardSource::ALL {
            let (share, weight, epoch) =
                (pool.share(source), earning.weight(source), earning.epoch);
            if weight.is_zero() {
                continue;
            }
            let (of, total) =
                (if pool.closed { share.payable } else { share.budget }, share.weight);
            let part: Amount = of.scaled_floor(weight.units(), total.units());
            let title = title(source);
            lines.push(if pool.closed {
                format!("epoch {epoch}, {title}: {of} x {weight} / {total} = {part}, to be claimed")
            } else {
                format!(
                    "epoch {epoch}, {title}: {of} x {weight} / {total} = {part} at most, so far"
                )
            });
        }
    }
    lines
}
