//! Attendance: the evidence that a validator was there.

use crate::event::RewardEvent;
use crate::primitives::{AccountId, Epoch};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

impl State {
    /// The session of the current epoch: which of its equal parts it is now. How many there are it began with.
    pub fn session(&self) -> u32 {
        let epoch_ms = self.parameters.epoch_ms;
        let sessions = self.reward_pool(self.clock.epoch).map_or(1, |pool| pool.terms.sessions);
        let into_ms = self.clock.now.since_ms(self.chain.start) % epoch_ms;
        let session = u128::from(into_ms) * u128::from(sessions) / u128::from(epoch_ms);
        u32::try_from(session).expect("less than the number of sessions")
    }

    /// The session that a validator can attend now: it has a place, the epoch has a pool, and it has not attended yet.
    pub fn session_to_attend(&self, validator: AccountId) -> Option<(Epoch, u32)> {
        let (epoch, session) = (self.clock.epoch, self.session());
        let open = self.reward_pool(epoch).is_some_and(|pool| !pool.closed);
        let attended = || self.attended(validator, epoch) == Some(session);
        (open && self.auditors.contains_key(&validator) && !attended()).then_some((epoch, session))
    }

    /// The last session of an epoch that a validator attended.
    fn attended(&self, validator: AccountId, epoch: Epoch) -> Option<u32> {
        let earnings = self.earnings(validator);
        earnings.iter().find(|earning| earning.epoch == epoch)?.attended
    }
}

/// The sending validator is there: its reward weight counts once in the current session, whether or not it holds a seat.
pub(crate) fn attend(
    step: &mut Step<'_>,
    sender: AccountId,
    epoch: Epoch,
    session: u32,
) -> Result<(), Rejection> {
    let now = step.state.clock.epoch;
    let open = step.state.reward_pool(now).is_some_and(|pool| !pool.closed);
    if !open {
        return Err(Rejection::NoRewards { epoch: now });
    }
    if !step.state.auditors.contains_key(&sender) {
        return Err(Rejection::NotAmongValidators);
    }
    let expected = step.state.session();
    if (epoch, session) != (now, expected) {
        return Err(Rejection::WrongSession { epoch: now, expected, found: session });
    }
    if step.state.attended(sender, epoch) == Some(session) {
        return Err(Rejection::AlreadyAttended { session });
    }
    // What is closed is paid first: it may add to the weight.
    step.collect(sender);
    let weight = step.state.reward_weight(sender);
    step.count(sender, epoch, |earning| {
        earning.validation = earning.validation.plus(weight);
        earning.attended = Some(session);
    });
    step.emit(RewardEvent::Attended { operator: sender, epoch, session, weight });
    Ok(())
}
