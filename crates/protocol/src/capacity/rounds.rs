//! Rounds: once an epoch, all devices of a class are challenged at one height, so no machine can answer for two.
//!
//! A round begins at a moment that nobody can tell beforehand, uniform over the epoch less its answer window: each block
//! begins it with chance `elapsed / time left`.

use crate::capacity::{Round, settle};
use crate::event::CapacityEvent;
use crate::parameters::{CapacityChallenge, Class, ClassId};
use crate::primitives::{AccountId, DeviceId, Hash, Time, uniform_below};
use crate::step::Step;

/// The challenge of one device in a round: useless to every other device and operator.
pub fn device_challenge(seed: Hash, operator: AccountId, device: DeviceId) -> Hash {
    Hash::of("earnest capacity v1", &(seed, operator, device))
}

/// Settles the rounds that are over, and begins those that are due.
pub(super) fn run(step: &mut Step<'_>, elapsed_ms: u64) {
    let challenge = |class: &Class| class.challenge.map(|challenge| (class.id, challenge));
    let classes: Vec<_> = step.state.classes().filter_map(challenge).collect();
    for (class, challenge) in classes {
        match step.state.round(class).copied() {
            Some(round) if !round.settled => {
                if step.now() > round.answer_by {
                    settle::settle(step, class, round);
                }
            }
            before => begin_if_due(step, class, challenge, before, elapsed_ms),
        }
    }
}

fn begin_if_due(
    step: &mut Step<'_>,
    class: ClassId,
    challenge: CapacityChallenge,
    before: Option<Round>,
    elapsed_ms: u64,
) {
    let epoch = step.state.clock.epoch;
    if before.is_some_and(|before| before.epoch >= epoch) {
        return;
    }
    let epoch_ms = step.state.parameters.epoch_ms;
    let start = step.state.chain.start.plus_ms(epoch.0.saturating_mul(epoch_ms));
    let last = start.plus_ms(epoch_ms.saturating_sub(challenge.answer_ms));
    let (now, beacon) = (step.now(), step.context.beacon);
    let random = Hash::of("earnest capacity moment v1", &(beacon, class)).leading_128();
    if is_due(start, last, now, elapsed_ms, random) {
        begin(step, class, challenge, before);
    }
}

/// Whether a round that may begin from `start` to `last` begins in a block `elapsed_ms` after the one before.
fn is_due(start: Time, last: Time, now: Time, elapsed_ms: u64, random: u128) -> bool {
    let passed = elapsed_ms.min(now.since_ms(start));
    let left = last.since_ms(now).saturating_add(passed);
    now >= last || uniform_below(random, left.into()) < u128::from(passed)
}

fn begin(step: &mut Step<'_>, class: ClassId, challenge: CapacityChallenge, before: Option<Round>) {
    let (epoch, opened, beacon) = (step.state.clock.epoch, step.now(), step.context.beacon);
    let answer_by = opened.plus_ms(challenge.answer_ms);
    let seed = Hash::of("earnest capacity round v1", &(beacon, class, epoch));
    let round = Round {
        epoch,
        height: step.context.height,
        opened,
        answer_by,
        before: before.map_or(step.state.chain.start, |before| before.answer_by),
        seed,
        settled_to: None,
        settled: false,
    };
    step.state.rounds.insert(class, round);
    step.emit(CapacityEvent::RoundOpened { class, epoch, seed, answer_by });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a block a second over an epoch of ten, each block is as likely as another: the chance to get so far times
    /// the chance of the block is a tenth, to the last of a thousand points.
    #[test]
    fn every_moment_is_as_likely() {
        let (start, last) = (Time(100), Time(110));
        let step = u128::MAX / 2_520 + 1;
        let due = |now: u64| {
            let points = (0..2_520_u128).map(|point| point * step);
            points.filter(|random| is_due(start, last, Time(now), 1, *random)).count()
        };
        let mut reached = 2_520;
        for now in 101..=110 {
            let begun = reached * due(now) / 2_520;
            assert_eq!(begun, 252, "{now}");
            reached -= begun;
        }
        assert_eq!(reached, 0, "it begins for certain");
    }

    #[test]
    fn a_window_longer_than_the_epoch_begins_at_once() {
        assert!(is_due(Time(100), Time(100), Time(100), 0, u128::MAX));
        assert!(
            !is_due(Time(100), Time(110), Time(100), 50, 0),
            "time before the epoch is not counted"
        );
    }
}
