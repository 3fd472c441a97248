//! An operator's uptime record: pure data and arithmetic.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::parameters::Parameters;
use crate::primitives::{Epoch, Hash, PPM, Ppm, Time, mul_div_floor};

/// Draws of one epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DrawTally {
    /// Draws that counted.
    pub drawn: u32,
    /// Draws answered.
    pub answered: u32,
}

impl DrawTally {
    /// Draws missed.
    pub const fn missed(&self) -> u32 {
        self.drawn.saturating_sub(self.answered)
    }

    /// `answered / drawn`, rounded down; `None` if nothing was drawn.
    pub fn share(&self) -> Option<Ppm> {
        let (answered, drawn) = (u128::from(self.answered), u128::from(self.drawn));
        (drawn > 0).then(|| ppm(mul_div_floor(answered.min(drawn), PPM.into(), drawn)))
    }

    fn plus(self, other: Self) -> Self {
        Self {
            drawn: self.drawn.saturating_add(other.drawn),
            answered: self.answered.saturating_add(other.answered),
        }
    }

    pub(super) fn count(&mut self, answered: bool) {
        *self = self.plus(Self { drawn: 1, answered: answered.into() });
    }
}

/// A finished epoch of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EpochUptime {
    /// Its draws.
    pub tally: DrawTally,
    /// Whether the promise was broken.
    pub down: bool,
    /// Whether that cost part of the bond.
    pub penalised: bool,
}

/// An open draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Draw {
    /// What to answer.
    pub challenge: Hash,
    /// When it was drawn.
    pub drawn: Time,
    /// Last instant to answer.
    pub answer_by: Time,
}

/// Time an operator declared to be away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Maintenance {
    /// After this instant.
    pub from: Time,
    /// Until and with this one.
    pub until: Time,
}

impl Maintenance {
    /// Whether an instant lies in it. What the block of the declaration drew came before the declaration.
    pub fn covers(&self, now: Time) -> bool {
        self.from < now && now <= self.until
    }
}

/// What is known about an operator's uptime. Exists from its first device on.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Uptime {
    /// Registered devices.
    pub devices: u32,
    /// Its place in the table that draws index, while it may be drawn.
    pub place: Option<u32>,
    /// The epoch that `tally` counts. Later epochs begin when the operator is next drawn or acts.
    pub epoch: Epoch,
    /// Draws of that epoch.
    pub tally: DrawTally,
    /// Epochs before it, the oldest first; as many as the record reaches back, less one.
    pub history: Vec<EpochUptime>,
    /// The open draw.
    pub draw: Option<Draw>,
    /// When the first missed draw of the epoch was drawn: exits that began earlier do not answer for it.
    pub missing_since: Option<Time>,
    /// When it last answered a draw.
    pub answered_at: Option<Time>,
    /// Maintenance it may still declare, in milliseconds.
    pub credit_ms: u64,
    /// The latest declared maintenance.
    pub maintenance: Option<Maintenance>,
}

impl Uptime {
    /// Draws of the last `epochs` epochs up to and with `epoch`. An overdue draw is a missed one.
    pub fn tally_over(&self, epochs: u32, epoch: Epoch, now: Time) -> DrawTally {
        let first = (epoch.0 + 1).saturating_sub(u64::from(epochs));
        let age = |back: usize| self.epoch.0.checked_sub(back as u64);
        let finished = self.history.iter().rev().enumerate();
        let finished = finished.filter(|(back, _)| age(back + 1).is_some_and(|at| at >= first));
        let mut sum = finished.fold(DrawTally::default(), |sum, (_, past)| sum.plus(past.tally));
        if self.epoch.0 >= first {
            sum = sum.plus(self.tally);
            if self.draw.is_some_and(|draw| draw.answer_by < now) {
                sum.count(false);
            }
        }
        sum
    }

    /// Whether an instant lies in declared maintenance.
    pub fn is_excused(&self, at: Time) -> bool {
        self.maintenance.is_some_and(|maintenance| maintenance.covers(at))
    }

    /// Appends finished epochs and forgets those the record no longer reaches.
    pub(super) fn push(&mut self, finished: EpochUptime, record_epochs: u32) {
        self.history.push(finished);
        let kept = usize::try_from(record_epochs.saturating_sub(1)).unwrap_or(usize::MAX);
        let surplus = self.history.len().saturating_sub(kept);
        self.history.drain(..surplus);
    }
}

/// What an epoch costs, decided from the record before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Consequence {
    pub(super) down: bool,
    /// The grace is used up: jail.
    pub(super) jailed: bool,
    /// And the most that downtime may cost is not.
    pub(super) penalised: bool,
}

/// The promise is broken by more misses than allowed. The first such epochs of a record are free; later ones cost a rate
/// of the bond until together they would cost more than the most.
pub(super) fn consequence(
    parameters: &Parameters,
    history: &[EpochUptime],
    tally: DrawTally,
) -> Consequence {
    let count = |held: fn(&EpochUptime) -> bool| {
        history.iter().map(|past| u64::from(held(past))).sum::<u64>()
    };
    let down = tally.missed() > parameters.uptime_misses_max;
    let jailed = down && count(|past| past.down) >= u64::from(parameters.downtime_grace);
    let cost = (count(|past| past.penalised) + 1) * u64::from(parameters.downtime_rate.0);
    Consequence { down, jailed, penalised: jailed && cost <= u64::from(parameters.downtime_max.0) }
}

/// The factor by which uptime scales what capacity earns: nothing up to the floor, everything from the full mark on,
/// linear between, rounded down.
pub fn uptime_factor(parameters: &Parameters, uptime: Ppm) -> Ppm {
    let (floor, full) = (parameters.uptime_floor.0, parameters.uptime_full.0);
    if uptime.0 >= full {
        return Ppm::WHOLE;
    }
    if uptime.0 <= floor {
        return Ppm(0);
    }
    ppm(mul_div_floor((uptime.0 - floor).into(), PPM.into(), (full - floor).into()))
}

fn ppm(rate: u128) -> Ppm {
    Ppm(u32::try_from(rate).expect("a share of the whole"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn down(penalised: bool) -> EpochUptime {
        EpochUptime { down: true, penalised, ..EpochUptime::default() }
    }

    fn tally(drawn: u32, answered: u32) -> DrawTally {
        DrawTally { drawn, answered }
    }

    #[test]
    fn the_factor_at_its_marks() {
        let factor = |uptime| uptime_factor(&Parameters::default(), Ppm(uptime)).0;
        let marks = [
            (0, 0),
            (899_999, 0),
            (900_000, 0),
            (900_001, 10),
            (947_500, 500_000),
            (994_999, 999_989),
            (995_000, 1_000_000),
            (1_000_000, 1_000_000),
        ];
        for (uptime, expected) in marks {
            assert_eq!(factor(uptime), expected, "{uptime}");
        }
        let same = Parameters { uptime_floor: Ppm(995_000), ..Parameters::default() };
        assert_eq!(uptime_factor(&same, Ppm(994_999)), Ppm(0));
        assert_eq!(uptime_factor(&same, Ppm(995_000)), Ppm::WHOLE);
    }

    proptest! {
        #[test]
        fn the_factor_rises_with_uptime(one in 0..=PPM, other in 0..=PPM) {
            let factor = |uptime| uptime_factor(&Parameters::default(), Ppm(uptime));
            let (less, more) = (one.min(other), one.max(other));
            prop_assert!(factor(less) <= factor(more));
            prop_assert!(factor(more) <= Ppm::WHOLE);
        }

        /// Closing an epoch moves its draws from the tally to the history and loses none while the record reaches back.
        #[test]
        fn a_record_loses_nothing_within_its_reach(epochs in prop::collection::vec((0..100_u32, 0..100_u32), 1..60)) {
            let mut record = Uptime::default();
            for (at, (answered, missed)) in epochs.iter().enumerate() {
                record.epoch = Epoch(at as u64);
                record.tally = tally(answered + missed, *answered);
                let reach = &epochs[(at + 1).saturating_sub(30)..=at];
                let expected = reach.iter().fold((0, 0), |(drawn, up), (a, m)| (drawn + a + m, up + a));
                let sum = record.tally_over(30, Epoch(at as u64), Time(0));
                prop_assert_eq!((sum.drawn, sum.answered), expected);
                record.push(EpochUptime { tally: record.tally, ..EpochUptime::default() }, 30);
                prop_assert!(record.history.len() <= 29);
            }
        }
    }

    #[test]
    fn the_promise_allows_three_misses_the_grace_two_epochs_the_cap_twenty() {
        let parameters = Parameters::default();
        let of = |history: &[EpochUptime], missed: u32| {
            let Consequence { down, jailed, penalised } =
                consequence(&parameters, history, tally(48, 48 - missed));
            (down, jailed, penalised)
        };
        assert_eq!(of(&[down(false); 29], 3), (false, false, false));
        assert_eq!(of(&[down(false); 1], 4), (true, false, false));
        assert_eq!(of(&[down(false); 2], 4), (true, true, true));
        let penalised = |count| [vec![down(false); 2], vec![down(true); count]].concat();
        assert_eq!(of(&penalised(19), 4), (true, true, true), "the twentieth reaches 1 %");
        assert_eq!(of(&penalised(20), 4), (true, true, false), "the next one only jails");
    }

    #[test]
    fn a_share_rounds_down_and_of_nothing_is_none() {
        assert_eq!(tally(0, 0).share(), None);
        assert_eq!(tally(3, 2).share(), Some(Ppm(666_666)));
        assert_eq!(tally(48, 48).share(), Some(Ppm::WHOLE));
    }

    #[test]
    fn maintenance_begins_after_its_declaration_and_ends_with_its_last_instant() {
        let maintenance = Maintenance { from: Time(10), until: Time(20) };
        let covered = [9, 10, 11, 19, 20, 21].map(|at| maintenance.covers(Time(at)));
        assert_eq!(covered, [false, false, true, true, true, false]);
    }
}
