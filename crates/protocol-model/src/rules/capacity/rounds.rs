//! Rounds: when one begins, what it finds, what follows.

use protocol::{
    AccountId, Amount, CapacityEvent, ClassId, DeviceId, Epoch, Event, Fault, Hash, OperatorEvent,
    OperatorStatus, Time,
};

use super::{Device, pointed};
use crate::exact::ppm;
use crate::rules::{Model, hashed};

/// A round of a class.
#[derive(Clone)]
pub(crate) struct Round {
    pub(crate) epoch: u64,
    pub(crate) height: u64,
    pub(crate) opened: u64,
    pub(crate) answer_by: u64,
    pub(crate) seed: Hash,
    /// The last operator settled, when a block did not finish.
    pub(crate) settled_to: Option<AccountId>,
    pub(crate) settled: bool,
}

impl Round {
    /// The first half of the window is for reports, the second for receipts.
    pub(crate) const fn report_by(&self) -> u64 {
        self.opened + (self.answer_by - self.opened) / 2
    }
}

/// What a round says about an operator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Failed,
    Clean,
    /// Neither.
    Nothing,
}

/// What a round found about an operator.
#[derive(Clone, Copy)]
pub(crate) struct Settled {
    pub(crate) epoch: u64,
    opened: u64,
    proven: u32,
    word: Word,
    /// It was one failure too many.
    punished: bool,
}

/// What a round found about a device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finding {
    Passed,
    Wrong,
    Silent,
    Undecided,
}

impl Model {
    /// The round of a class that is not settled yet.
    pub(crate) fn open_round(&self, class: ClassId) -> Option<&Round> {
        self.hardware.rounds.get(&class)?.last().filter(|round| !round.settled)
    }

    /// Last instant to answer in the round before the latest; the start of the chain if there was none.
    pub(crate) fn round_before(&self, class: ClassId) -> u64 {
        let earlier = self.hardware.rounds.get(&class).and_then(|rounds| rounds.iter().nth_back(1));
        earlier.map_or(self.start, |round| round.answer_by)
    }

    /// What rounds found, since the failures in a row began.
    fn failures(&self, operator: AccountId, class: ClassId) -> Vec<Settled> {
        let settled = self.hardware.claims.get(&(class, operator)).into_iter().flatten();
        let over = |one: &&Settled| one.word != Word::Clean && !one.punished;
        let in_row = settled.rev().take_while(over).filter(|one| one.word == Word::Failed);
        let mut failures: Vec<Settled> = in_row.copied().collect();
        failures.reverse();
        failures
    }

    /// How many rounds failed in a row, and when the first began.
    pub(crate) fn failed_in_a_row(
        &self,
        operator: AccountId,
        class: ClassId,
    ) -> (u32, Option<u64>) {
        let failures = self.failures(operator, class);
        let count = u32::try_from(failures.len()).expect("histories are short");
        (count, failures.first().map(|first| first.opened))
    }

    /// Units that the latest round left proven.
    pub(crate) fn proven(&self, operator: AccountId, class: ClassId) -> u32 {
        let settled = self.hardware.claims.get(&(class, operator));
        settled.and_then(|all| all.last()).filter(|one| !one.punished).map_or(0, |one| one.proven)
    }

    pub(super) fn run_rounds(&mut self, elapsed: u64) {
        for class in self.hardware.challenges.keys().copied().collect::<Vec<_>>() {
            match self.open_round(class) {
                Some(round) if self.now > round.answer_by => self.settle_round(class),
                Some(_) => {}
                None if self.begins_round(class, elapsed) => self.begin_round(class),
                None => {}
            }
        }
    }

    /// Once an epoch, with chance `elapsed / time left` until the last moment that leaves the window inside the epoch.
    fn begins_round(&self, class: ClassId, elapsed: u64) -> bool {
        let epoch = self.epoch();
        let rounds = self.hardware.rounds.get(&class);
        if rounds.and_then(|rounds| rounds.last()).is_some_and(|last| last.epoch >= epoch) {
            return false;
        }
        let start = self.start + epoch * self.parameters.epoch_ms;
        let window = self.hardware.challenges[&class].answer_ms;
        let last = start + self.parameters.epoch_ms - window;
        if self.now >= last {
            return true;
        }
        let passed = elapsed.min(self.now - start);
        let left = last - self.now + passed;
        let lot = hashed("earnest capacity moment v1", &(self.beacon, class));
        pointed(&lot, left.into()) < passed.into()
    }

    fn begin_round(&mut self, class: ClassId) {
        let (opened, epoch) = (self.now, self.epoch());
        let answer_by = opened + self.hardware.challenges[&class].answer_ms;
        let seed = Hash(hashed("earnest capacity round v1", &(self.beacon, class, epoch)));
        let (settled_to, settled, height) = (None, false, self.height);
        let round = Round { epoch, height, opened, answer_by, seed, settled_to, settled };
        self.hardware.rounds.entry(class).or_default().push(round);
        let (epoch, answer_by) = (Epoch(epoch), Time(answer_by));
        self.say(Event::Capacity(CapacityEvent::RoundOpened { class, epoch, seed, answer_by }));
    }

    /// As many operators as a block may, on behind those of the block before.
    fn settle_round(&mut self, class: ClassId) {
        let round = self.open_round(class).expect("it is open").clone();
        let claims = self.hardware.claims.keys().filter(|(of, _)| *of == class);
        let waiting = claims
            .map(|(_, operator)| *operator)
            .filter(|operator| round.settled_to.is_none_or(|last| *operator > last));
        let budget = self.parameters.capacity_settlements_per_block;
        let budget = usize::try_from(budget).expect("it is small");
        let turn: Vec<AccountId> = waiting.take(budget).collect();
        for operator in &turn {
            self.settle_operator(class, *operator, &round);
        }
        let rounds = self.hardware.rounds.get_mut(&class).expect("it is open");
        let latest = rounds.last_mut().expect("it is open");
        latest.settled = turn.len() < budget;
        latest.settled_to = turn.last().copied().filter(|_| !latest.settled);
    }

    fn settle_operator(&mut self, class: ClassId, operator: AccountId, round: &Round) {
        let devices = self.devices_of(operator).into_iter();
        let due = devices.filter(|(_, device)| device.class == class && device.is_due(round));
        let found: Vec<(DeviceId, Finding)> =
            due.map(|(id, device)| (id, self.find(operator, id, device, round))).collect();
        let mut proven = 0;
        for (id, finding) in &found {
            self.hardware.measurements.remove(&(operator, *id));
            let device = self.hardware.devices.get_mut(&(operator, *id)).expect("it is due");
            let passed = match finding {
                Finding::Passed => true,
                Finding::Wrong | Finding::Silent => false,
                Finding::Undecided => device.stands(),
            };
            device.findings.push((round.epoch, passed));
            proven += if passed { device.units } else { 0 };
        }
        let any = |sought| found.iter().any(|(_, finding)| *finding == sought);
        let active = self.status(&self.operators[&operator]) == OperatorStatus::Active;
        let held_against = any(Finding::Wrong)
            || any(Finding::Silent) && self.was_there_since(operator, self.round_before(class));
        let all_passed = found.iter().all(|(_, finding)| *finding == Finding::Passed);
        let word = if active && held_against {
            Word::Failed
        } else if !found.is_empty() && all_passed {
            Word::Clean
        } else {
            Word::Nothing
        };
        self.conclude(class, operator, round, proven, word);
    }

    fn find(&self, operator: AccountId, id: DeviceId, device: &Device, round: &Round) -> Finding {
        let measured = self.hardware.measurements.get(&(operator, id));
        match (measured, device.answer_in(round.epoch).flatten()) {
            (Some(measured), _) => match measured.shows(device.units) {
                Some(true) => Finding::Passed,
                Some(false) => Finding::Wrong,
                None => Finding::Undecided,
            },
            (None, Some(true)) => Finding::Passed,
            (None, Some(false)) => Finding::Wrong,
            (None, None) if self.is_away(operator, round.opened) => Finding::Undecided,
            (None, None) => Finding::Silent,
        }
    }

    fn conclude(
        &mut self,
        class: ClassId,
        operator: AccountId,
        round: &Round,
        proven: u32,
        word: Word,
    ) {
        let (epoch, opened) = (round.epoch, round.opened);
        let settled = Settled { epoch, opened, proven, word, punished: false };
        let claim = self.hardware.claims.get_mut(&(class, operator)).expect("it is settled");
        claim.push(settled);
        let (failures, since) = self.failed_in_a_row(operator, class);
        let punished = failures >= self.parameters.capacity_failures_max;
        let claim = self.hardware.claims.get_mut(&(class, operator)).expect("it is settled");
        claim.last_mut().expect("it was pushed").punished = punished;
        let (epoch, proven) = (Epoch(epoch), self.proven(operator, class));
        self.say(Event::Capacity(CapacityEvent::CapacitySettled {
            operator,
            class,
            epoch,
            proven,
            failures,
        }));
        self.count_capacity(operator, class, epoch.0, proven);
        self.cut_offer(operator, class);
        self.forget_claim(operator, class);
        if punished {
            let (rate, fault) =
                (self.parameters.misrepresented_rate, Fault::MisrepresentedHardware);
            self.slash_duty(operator, fault, ppm(rate.0), since.expect("a row has a beginning"));
            self.jail_for(operator, fault, self.parameters.misrepresented_jail_ms);
        }
    }

    /// Nothing to prove and nothing to answer for.
    fn forget_claim(&mut self, operator: AccountId, class: ClassId) {
        let devices = self.devices_of(operator);
        let none_left = !devices.iter().any(|(_, device)| device.class == class);
        if none_left && self.failed_in_a_row(operator, class).0 == 0 {
            self.hardware.claims.remove(&(class, operator));
        }
    }

    fn cut_offer(&mut self, operator: AccountId, class: ClassId) {
        let limit = self.offer_limit(operator, class).expect("the class is proven");
        let offer = self.operator_mut(operator).offers.get_mut(&class);
        let Some((units, ask)) = offer.filter(|(units, _)| *units > limit) else { return };
        *units = limit;
        let ask = Amount::new(*ask);
        self.say(Event::Operator(OperatorEvent::OfferSet { operator, class, units: limit, ask }));
    }
}
