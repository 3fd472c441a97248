//! Drawing operators by the beacon, their answers, and closing the epochs of their records.
//!
//! Every block draws `floor(x)` times, and once more if `u` is below what is behind the point of `x`, with
//! `x = operators * draws per epoch * elapsed / epoch` and `u` uniform in `[0, 1)` from the beacon: `x` draws on average,
//! and nobody can tell beforehand. Each draw is uniform over everybody
//! watched, with replacement, so each operator is expected to be drawn `uptime_draws` times an epoch. A draw of somebody
//! with a draw open, or in declared maintenance, is spent without effect.

use crate::capacity::uptime::consequence;
use crate::capacity::{Draw, DrawTally, EpochUptime};
use crate::event::{CapacityEvent, Fault};
use crate::parameters::Parameters;
use crate::primitives::{AccountId, DeviceId, Hash, uniform_below};
use crate::rejection::Rejection;
use crate::step::Step;

/// Draws this block's operators, at most as many as a block may.
pub(super) fn draw_uptime(step: &mut Step<'_>, elapsed_ms: u64) {
    let parameters = step.parameters();
    let operators = step.state.watched.len() as u64;
    let random = Hash::of("earnest uptime count v1", &step.context.beacon).leading_128();
    let draws = draws(&parameters, operators, elapsed_ms, random);
    for number in 0..draws.min(parameters.uptime_draws_per_block.into()) {
        let random = Hash::of("earnest uptime draw v1", &(step.context.beacon, number));
        if let Some(operator) = watched_at(step, random) {
            draw(step, operator);
        }
    }
}

/// How often to draw: `x = operators * uptime_draws * elapsed / epoch`, rounded up if `random / 2^128` is below what is
/// behind its point, and down otherwise.
fn draws(parameters: &Parameters, operators: u64, elapsed_ms: u64, random: u128) -> u64 {
    let expected = u128::from(operators.min(u32::MAX.into()))
        * u128::from(parameters.uptime_draws)
        * u128::from(elapsed_ms);
    let epoch_ms = u128::from(parameters.epoch_ms);
    let one_more = uniform_below(random, epoch_ms) < expected % epoch_ms;
    u64::try_from(expected / epoch_ms + u128::from(one_more)).unwrap_or(u64::MAX)
}

/// Uniform over everybody watched at this moment.
fn watched_at(step: &Step<'_>, random: Hash) -> Option<AccountId> {
    let watched = &step.state.watched;
    let place = uniform_below(random.leading_128(), watched.len() as u128);
    watched.get(&u32::try_from(place).ok()?).copied()
}

fn draw(step: &mut Step<'_>, operator: AccountId) {
    step.catch_up(operator);
    let now = step.now();
    let record = step.state.uptime_mut(operator);
    if record.place.is_none() || record.draw.is_some() || record.is_excused(now) {
        return;
    }
    let devices: Vec<DeviceId> = step.state.devices(operator).map(|(device, _)| device).collect();
    let (beacon, height) = (step.context.beacon, step.context.height);
    let challenge = Hash::of("earnest uptime v1", &(beacon, height, operator, devices));
    let answer_by = now.plus_ms(step.state.parameters.uptime_answer_ms);
    step.state.uptime_mut(operator).draw = Some(Draw { challenge, drawn: now, answer_by });
    step.emit(CapacityEvent::UptimeDrawn { operator, challenge, answer_by });
}

/// The drawn operator is there.
pub(crate) fn answer_uptime(
    step: &mut Step<'_>,
    sender: AccountId,
    challenge: Hash,
) -> Result<(), Rejection> {
    let draw = step.state.uptime_record(sender).and_then(|record| record.draw);
    let Draw { challenge: expected, answer_by, .. } = draw.ok_or(Rejection::NothingDrawn)?;
    if challenge != expected {
        return Err(Rejection::WrongDraw { expected, found: challenge });
    }
    step.in_time(Some(answer_by))?;
    let now = step.now();
    let record = step.state.uptime_mut(sender);
    record.draw = None;
    record.tally.count(true);
    record.answered_at = Some(now);
    step.emit(CapacityEvent::UptimeAnswered { operator: sender, challenge });
    step.catch_up(sender);
    Ok(())
}

impl Step<'_> {
    /// Brings an operator's record to this block: an overdue draw is missed, epochs that are over are closed. A draw counts
    /// in the epoch it was drawn in, so its epoch stays open as long as it is.
    pub(crate) fn catch_up(&mut self, operator: AccountId) {
        self.lapse(operator);
        let epoch = self.state.clock.epoch;
        let record = self.state.uptime_mut(operator);
        if record.epoch < epoch && record.draw.is_none() {
            self.close_epoch(operator);
            let record_epochs = self.state.parameters.record_epochs;
            let record = self.state.uptime_mut(operator);
            let idle = epoch.0 - record.epoch.0 - 1;
            for _ in 0..idle.min(record_epochs.into()) {
                record.push(EpochUptime::default(), record_epochs);
            }
            record.epoch = epoch;
        }
    }

    /// Counts an overdue draw as missed.
    fn lapse(&mut self, operator: AccountId) {
        let now = self.now();
        let record = self.state.uptime_mut(operator);
        let Some(draw) = record.draw.filter(|draw| draw.answer_by < now) else { return };
        record.draw = None;
        record.tally.count(false);
        record.missing_since.get_or_insert(draw.drawn);
        self.emit(CapacityEvent::UptimeMissed { operator, challenge: draw.challenge });
    }

    /// Closes the epoch a record is at, with what follows from it.
    fn close_epoch(&mut self, operator: AccountId) {
        let parameters = self.parameters();
        let record = self.state.uptime_mut(operator);
        let (epoch, tally) = (record.epoch, std::mem::take(&mut record.tally));
        let since = record.missing_since.take();
        let found = consequence(&parameters, &record.history, tally);
        let (down, penalised) = (found.down, found.penalised);
        record.push(EpochUptime { tally, down, penalised }, parameters.record_epochs);
        if !down && tally.drawn > 0 {
            let earned = maintenance_floor(&parameters);
            let most = parameters.maintenance_max_ms;
            record.credit_ms = record.credit_ms.saturating_add(earned).min(most);
        }
        let (credit_ms, DrawTally { drawn, answered }) = (record.credit_ms, tally);
        self.emit(CapacityEvent::UptimeClosed {
            operator,
            epoch,
            drawn,
            answered,
            down,
            penalised,
            credit_ms,
        });
        if penalised {
            let since = since.unwrap_or(self.now());
            self.slash_duty(operator, Fault::Downtime, parameters.downtime_rate, since);
        }
        if found.jailed {
            self.jail_for(operator, Fault::Downtime, 0);
        }
    }
}

/// Credit that a good epoch earns, in milliseconds.
fn maintenance_floor(parameters: &Parameters) -> u64 {
    let earned = u128::from(parameters.epoch_ms) * u128::from(parameters.maintenance_earned.0);
    u64::try_from(earned / u128::from(crate::primitives::PPM)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Averaged over the whole range of the random number, the count is exactly the expectation.
        #[test]
        fn the_count_is_the_expectation(operators in 0..1_000_u64, elapsed_ms in 0..1_000_u64, uptime_draws in 0..100_u32) {
            let parameters = Parameters { epoch_ms: 1_000, uptime_draws, ..Parameters::default() };
            let step = u128::MAX / 1_000 + 1;
            let points = (0..1_000_u128).map(|point| point * step);
            let sum: u64 = points.map(|random| draws(&parameters, operators, elapsed_ms, random)).sum();
            prop_assert_eq!(sum, operators * u64::from(uptime_draws) * elapsed_ms);
        }
    }

    /// One operator, a block a second: drawn in one block of 1,800, which is 48 times a day.
    #[test]
    fn one_operator_is_drawn_once_in_half_an_hour() {
        let parameters = Parameters::default();
        let edge = u128::MAX / 1_800;
        assert_eq!(draws(&parameters, 1, 1_000, 0), 1);
        assert_eq!(draws(&parameters, 1, 1_000, edge - (1 << 100)), 1);
        assert_eq!(draws(&parameters, 1, 1_000, edge + (1 << 100)), 0);
        assert_eq!(draws(&parameters, 1_800, 1_000, 0), 1);
        assert_eq!(draws(&parameters, 1_800, 1_000, u128::MAX), 1);
        assert_eq!(draws(&parameters, 0, u64::MAX, u128::MAX), 0);
        assert_eq!(draws(&parameters, u64::MAX, u64::MAX, u128::MAX), u64::MAX);
    }
}
