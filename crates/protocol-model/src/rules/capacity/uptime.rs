//! Uptime: a list of draws and what became of them.

use std::collections::BTreeSet;

use protocol::{
    AccountId, Bound, CapacityEvent, DeviceId, Epoch, Event, Fault, Hash, Height, OperatorStatus,
    Ppm, Rejection, Time,
};

use super::pointed;
use crate::exact::{ppm, whole};
use crate::rules::operators::between;
use crate::rules::{Model, Outcome, hashed};

/// What became of a draw.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Open,
    /// When.
    Answered(u64),
    Missed,
    /// The drawn one left the row before its time was over.
    Void,
}

/// A draw.
#[derive(Clone, Copy)]
pub(crate) struct Draw {
    pub(crate) challenge: Hash,
    pub(crate) drawn: u64,
    epoch: u64,
    pub(crate) answer_by: u64,
    pub(crate) fate: Fate,
}

/// What is known of somebody's presence, from the first device on.
#[derive(Clone)]
pub(crate) struct Presence {
    /// The oldest epoch that is remembered: that of the first device, until the record no longer reaches back to it.
    pub(crate) remembered: u64,
    /// The epoch it was brought to when somebody last looked: those before are closed.
    pub(crate) reached: u64,
    draws: Vec<Draw>,
    /// Closed epochs that broke the promise.
    pub(crate) downs: BTreeSet<u64>,
    /// Those that cost part of the bond.
    pub(crate) penalised: BTreeSet<u64>,
    /// Maintenance that it may still declare.
    pub(crate) credit_ms: u64,
    /// The latest that was declared: after the one instant, until and with the other.
    pub(crate) maintenance: Option<(u64, u64)>,
}

impl Presence {
    /// The draw that is not over.
    pub(crate) fn open(&self) -> Option<&Draw> {
        self.draws.last().filter(|draw| draw.fate == Fate::Open)
    }

    fn decide(&mut self, fate: Fate) {
        self.draws.last_mut().expect("a draw is open").fate = fate;
    }

    /// Draws of an epoch that counted, and those answered.
    pub(crate) fn tally(&self, epoch: u64) -> (u32, u32) {
        let of = self.draws.iter().filter(|draw| draw.epoch == epoch);
        let answered = of.clone().filter(|draw| matches!(draw.fate, Fate::Answered(_))).count();
        let missed = of.filter(|draw| draw.fate == Fate::Missed).count();
        let small = |count| u32::try_from(count).expect("histories are short");
        (small(answered + missed), small(answered))
    }

    pub(crate) fn missed(&self, epoch: u64) -> u32 {
        let (drawn, answered) = self.tally(epoch);
        drawn - answered
    }

    /// When the first draw of an epoch that was missed was drawn.
    pub(crate) fn missing_since(&self, epoch: u64) -> Option<u64> {
        let missed = |draw: &&Draw| draw.epoch == epoch && draw.fate == Fate::Missed;
        self.draws.iter().find(missed).map(|draw| draw.drawn)
    }

    /// When it last answered.
    pub(crate) fn answered_at(&self) -> Option<u64> {
        let answered = self.draws.iter().filter_map(|draw| match draw.fate {
            Fate::Answered(at) => Some(at),
            _ => None,
        });
        answered.max()
    }
}

impl Model {
    /// The first epoch of a record that ends with and includes another.
    fn record_begins(&self, last: u64) -> u64 {
        (last + 1).saturating_sub(self.parameters.record_epochs.into())
    }

    /// The share of its draws that somebody answered lately, what is overdue counted as missed.
    pub(crate) fn uptime(&self, operator: AccountId) -> Option<Ppm> {
        let presence = self.hardware.presences.get(&operator)?;
        let first = self.record_begins(self.epoch()).max(presence.remembered);
        let lately = presence.draws.iter().filter(|draw| draw.epoch >= first);
        let answered = lately.clone().filter(|draw| matches!(draw.fate, Fate::Answered(_)));
        let missed = lately.filter(|draw| {
            let overdue = draw.fate == Fate::Open && draw.answer_by < self.now;
            overdue || draw.fate == Fate::Missed
        });
        let (answered, missed) = (answered.count() as u64, missed.count() as u64);
        let share = |all: u64| (whole((answered * 1_000_000).into()) / whole(all.into())).floor();
        let all = answered + missed;
        (all > 0).then(|| Ppm(u32::try_from(share(all)).expect("a share of the whole")))
    }

    /// By how much an uptime scales rewards: `(u - floor) / (full - floor)`, nothing below and everything above.
    pub(crate) fn uptime_factor(&self, uptime: Ppm) -> Ppm {
        let (floor, full) = (self.parameters.uptime_floor.0, self.parameters.uptime_full.0);
        if uptime.0 >= full {
            return Ppm(1_000_000);
        }
        let above = uptime.0.saturating_sub(floor);
        let scaled = whole(u128::from(above) * 1_000_000) / whole((full - floor).max(1).into());
        Ppm(u32::try_from(scaled.floor()).expect("a share of the whole"))
    }

    fn presence_mut(&mut self, operator: AccountId) -> &mut Presence {
        self.hardware.presences.get_mut(&operator).expect("presences stay for good")
    }

    /// Somebody has a device: from the first on it is watched whether he is there.
    pub(super) fn be_present(&mut self, operator: AccountId) {
        let epoch = self.epoch();
        self.hardware.presences.entry(operator).or_insert_with(|| Presence {
            remembered: epoch,
            reached: epoch,
            draws: Vec::new(),
            downs: BTreeSet::new(),
            penalised: BTreeSet::new(),
            credit_ms: 0,
            maintenance: None,
        });
    }

    /// Active providers with a device stand in the row. Who joins stands at its end; the last one takes the place of
    /// whoever leaves, whose draw is void unless it is overdue.
    pub(in crate::rules) fn stand_in_row(&mut self, account: AccountId) {
        let Some(operator) = self.operators.get(&account) else { return };
        let able = self.status(operator) == OperatorStatus::Active && operator.duties.provider;
        let stands = able && !self.devices_of(account).is_empty();
        let place = self.hardware.row.iter().position(|other| *other == account);
        match place {
            None if stands => self.hardware.row.push(account),
            Some(place) if !stands => {
                self.hardware.row.swap_remove(place);
                let now = self.now;
                let presence = self.presence_mut(account);
                if presence.open().is_some_and(|draw| draw.answer_by >= now) {
                    presence.decide(Fate::Void);
                }
            }
            _ => {}
        }
    }

    /// `x = operators * draws * elapsed / epoch`, rounded up as often as it is behind its point.
    pub(super) fn draw_for_uptime(&mut self, elapsed: u64) {
        let parameters = &self.parameters;
        let epoch = u128::from(parameters.epoch_ms);
        let over = self.hardware.row.len() as u128
            * u128::from(parameters.uptime_draws)
            * u128::from(elapsed);
        let lot = hashed("earnest uptime count v1", &self.beacon);
        let draws = over / epoch + u128::from(pointed(&lot, epoch) < over % epoch);
        for number in 0..u64::from(parameters.uptime_draws_per_block) {
            if u128::from(number) < draws {
                self.draw_one(number);
            }
        }
    }

    fn draw_one(&mut self, number: u64) {
        let lot = hashed("earnest uptime draw v1", &(self.beacon, number));
        let place = pointed(&lot, self.hardware.row.len() as u128);
        let place = usize::try_from(place).expect("the row is short");
        let Some(operator) = self.hardware.row.get(place).copied() else { return };
        self.bring_up(operator);
        let drawn = self.now;
        let waits = self.hardware.presences[&operator].open().is_some();
        if waits || !self.hardware.row.contains(&operator) || self.is_away(operator, drawn) {
            return;
        }
        let devices: Vec<DeviceId> =
            self.devices_of(operator).into_iter().map(|(id, _)| id).collect();
        let of = (self.beacon, Height(self.height), operator, devices);
        let challenge = Hash(hashed("earnest uptime v1", &of));
        let (answer_by, epoch) = (drawn + self.parameters.uptime_answer_ms, self.epoch());
        let draw = Draw { challenge, drawn, epoch, answer_by, fate: Fate::Open };
        self.presence_mut(operator).draws.push(draw);
        self.say(Event::Capacity(CapacityEvent::UptimeDrawn {
            operator,
            challenge,
            answer_by: Time(answer_by),
        }));
    }

    /// Whether an instant lies in the maintenance last declared.
    pub(super) fn is_away(&self, operator: AccountId, at: u64) -> bool {
        let presence = self.hardware.presences.get(&operator);
        let declared = presence.and_then(|presence| presence.maintenance);
        declared.is_some_and(|(from, until)| from < at && at <= until)
    }

    /// Whether somebody answered a draw after an instant.
    pub(super) fn was_there_since(&self, operator: AccountId, since: u64) -> bool {
        let presence = self.hardware.presences.get(&operator);
        presence.and_then(Presence::answered_at).is_some_and(|at| at > since)
    }

    /// Looks at a record: what is overdue was missed, and when no draw is open the epoch reached is closed if it is over.
    fn bring_up(&mut self, operator: AccountId) {
        let (now, epoch) = (self.now, self.epoch());
        let presence = self.presence_mut(operator);
        if let Some(draw) = presence.open().copied().filter(|draw| draw.answer_by < now) {
            presence.decide(Fate::Missed);
            self.say(Event::Capacity(CapacityEvent::UptimeMissed {
                operator,
                challenge: draw.challenge,
            }));
        }
        let presence = self.presence_mut(operator);
        if presence.reached < epoch && presence.open().is_none() {
            let over = presence.reached;
            presence.reached = epoch;
            self.close_epoch(operator, over);
            let begins = self.record_begins(epoch);
            let presence = self.presence_mut(operator);
            presence.remembered = presence.remembered.max(begins);
        }
    }

    fn close_epoch(&mut self, operator: AccountId, epoch: u64) {
        let parameters = self.parameters.clone();
        let presence = &self.hardware.presences[&operator];
        let earlier = presence.remembered..epoch;
        let downs = presence.downs.range(earlier.clone()).count() as u64;
        let penalties = presence.penalised.range(earlier).count() as u64;
        let down = presence.missed(epoch) > parameters.uptime_misses_max;
        let jailed = down && downs >= u64::from(parameters.downtime_grace);
        let cost = (penalties + 1) * u64::from(parameters.downtime_rate.0);
        let penalised = jailed && cost <= u64::from(parameters.downtime_max.0);
        let (drawn, answered) = presence.tally(epoch);
        let since = presence.missing_since(epoch);
        let presence = self.presence_mut(operator);
        if down {
            presence.downs.insert(epoch);
        }
        if penalised {
            presence.penalised.insert(epoch);
        }
        if !down && drawn > 0 {
            let share = whole(parameters.epoch_ms.into()) * ppm(parameters.maintenance_earned.0);
            let earned = u64::try_from(share.floor()).expect("a share of an epoch");
            presence.credit_ms = (presence.credit_ms + earned).min(parameters.maintenance_max_ms);
        }
        let credit_ms = presence.credit_ms;
        let epoch = Epoch(epoch);
        self.say(Event::Capacity(CapacityEvent::UptimeClosed {
            operator,
            epoch,
            drawn,
            answered,
            down,
            penalised,
            credit_ms,
        }));
        if penalised {
            let since = since.expect("what is down missed something");
            self.slash_duty(operator, Fault::Downtime, ppm(parameters.downtime_rate.0), since);
        }
        if jailed {
            self.jail_for(operator, Fault::Downtime, 0);
        }
    }

    pub(super) fn answer_uptime(&mut self, me: AccountId, challenge: Hash) -> Outcome {
        let presence = self.hardware.presences.get(&me);
        let draw = presence.and_then(Presence::open).ok_or(Rejection::NothingDrawn)?;
        if draw.challenge != challenge {
            let expected = draw.challenge;
            return Err(Rejection::WrongDraw { expected, found: challenge });
        }
        self.in_time(Some(draw.answer_by))?;
        let now = self.now;
        self.presence_mut(me).decide(Fate::Answered(now));
        self.say(Event::Capacity(CapacityEvent::UptimeAnswered { operator: me, challenge }));
        self.bring_up(me);
        Ok(())
    }

    /// The record is looked at first; whatever that brings is undone when the declaration is refused.
    pub(super) fn declare_maintenance(&mut self, me: AccountId, duration: u64) -> Outcome {
        if self.devices_of(me).is_empty() {
            return Err(Rejection::NoDevices);
        }
        let most = self.parameters.maintenance_max_ms.into();
        between(Bound::Maintenance, duration.into(), 1, most)?;
        let before = self.clone();
        self.bring_up(me);
        let declared = self.declare(me, duration);
        if declared.is_err() {
            *self = before;
        }
        declared
    }

    fn declare(&mut self, me: AccountId, duration: u64) -> Outcome {
        match self.status(&self.operators[&me]) {
            OperatorStatus::Active => {}
            OperatorStatus::Jailed(until) => return Err(Rejection::InJail { until }),
            OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
        }
        let (now, presence) = (self.now, &self.hardware.presences[&me]);
        if let Some((_, until)) = presence.maintenance.filter(|(_, until)| now <= *until) {
            return Err(Rejection::InMaintenance { until: Time(until) });
        }
        let credit_ms = presence.credit_ms;
        if credit_ms < duration {
            return Err(Rejection::CreditTooShort { needed_ms: duration, credit_ms });
        }
        let presence = self.presence_mut(me);
        presence.credit_ms -= duration;
        presence.maintenance = Some((now, now + duration));
        let (from, until, credit_ms) = (Time(now), Time(now + duration), credit_ms - duration);
        self.say(Event::Capacity(CapacityEvent::MaintenanceDeclared {
            operator: me,
            from,
            until,
            credit_ms,
        }));
        Ok(())
    }
}
