//! Devices and rounds in the hands of tests: people with hardware, who answer faithfully or not.

use protocol::*;

use crate::world::*;

pub(crate) const DAY_MS: u64 = 86_400_000;

/// The provider most tests look at.
pub(crate) const WORKER: AccountId = PROVIDERS[0];

pub(crate) fn device(number: u8) -> DeviceId {
    DeviceId([number; 32])
}

/// Draws so many that every block of ten seconds or more draws, when one operator is watched.
pub(crate) fn watchful() -> Parameters {
    Parameters { uptime_draws: 10_000, uptime_draws_per_block: 8, ..Parameters::default() }
}

/// No uptime draws at all: tests of rounds alone.
pub(crate) fn unwatched() -> Parameters {
    Parameters { uptime_draws: 0, ..Parameters::default() }
}

impl World {
    /// A network that has capacity proven: everybody bonded, nobody with a device or an offer.
    pub(crate) fn proving(parameters: Parameters) -> Self {
        let mut world = Self::of(&Genesis { classes: Class::seed(), ..genesis(parameters) });
        world.checked = false;
        for operator in PROVIDERS.into_iter().chain(VALIDATORS) {
            let validator = VALIDATORS.contains(&operator);
            let duties = Duties { provider: !validator, validator };
            world.ok(operator, Action::RegisterOperator { duties });
            world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(BOND) });
        }
        world.ok(REQUESTER, Action::RegisterProgram { source: b"good".to_vec().into() });
        world.checked = true;
        world.block();
        world
    }

    pub(crate) fn register(&mut self, operator: AccountId, number: u8, class: ClassId, units: u32) {
        self.ok(operator, Action::RegisterDevice { device: device(number), class, units });
    }

    /// The worker with one device of ten units.
    pub(crate) fn with_device(parameters: Parameters) -> Self {
        let mut world = Self::proving(parameters);
        world.register(WORKER, 1, ClassId::CPU, 10);
        world.block();
        world
    }

    pub(crate) fn draw_of(&self, operator: AccountId) -> Option<Draw> {
        self.state.uptime_record(operator).and_then(|record| record.draw)
    }

    /// Blocks of ten seconds until an operator is drawn.
    pub(crate) fn drawn(&mut self, operator: AccountId) -> Draw {
        for _ in 0..200 {
            if let Some(draw) = self.draw_of(operator) {
                return draw;
            }
            self.block_after(10_000);
        }
        panic!("{} is drawn sooner or later", name(operator));
    }

    pub(crate) fn answer_draw(&mut self, operator: AccountId) {
        let Draw { challenge, .. } = self.drawn(operator);
        self.ok(operator, Action::AnswerUptime { challenge });
    }

    /// Draws that nobody answers, each followed by a block in which it is overdue.
    pub(crate) fn miss(&mut self, operator: AccountId, times: u32) {
        for _ in 0..times {
            let draw = self.drawn(operator);
            self.block_at(draw.answer_by.plus_ms(1));
        }
    }

    pub(crate) fn epoch_start(&self, epoch: u64) -> Time {
        self.state.chain().start.plus_ms(epoch * self.state.parameters().epoch_ms)
    }

    /// The first block of the next epoch, and blocks until an operator's record has got there.
    pub(crate) fn next_epoch(&mut self, operator: AccountId) {
        let epoch = self.state.clock().epoch.0 + 1;
        self.block_at(self.epoch_start(epoch));
        for _ in 0..200 {
            let record = self.state.uptime_record(operator).unwrap();
            if record.epoch.0 >= epoch {
                return;
            }
            self.block_after(10_000);
        }
        panic!("{} is drawn sooner or later", name(operator));
    }

    /// Opens this epoch's rounds of every class, by waiting for the last moment they may begin.
    pub(crate) fn open_rounds(&mut self) {
        let mut epoch = self.state.clock().epoch.0;
        if self.state.round(ClassId::CPU).is_some_and(|round| round.epoch.0 == epoch) {
            epoch += 1;
        }
        self.block_at(Time(self.epoch_start(epoch + 1).0 - 5 * 60_000));
        let round = *self.state.round(ClassId::CPU).unwrap();
        assert_eq!((round.epoch, round.settled), (Epoch(epoch), false));
    }

    /// What a device with all its units answers.
    pub(crate) fn right_answer(&self, operator: AccountId, number: u8) -> Action {
        let id = device(number);
        let record = self.state.device(operator, id).unwrap();
        let challenge = self.state.class(record.class).unwrap().challenge.unwrap();
        let seed = self.state.round(record.class).unwrap().seed;
        let own = device_challenge(seed, operator, id);
        let answer = Toy::capacity_answer(challenge.kind, own, id, record.units);
        Action::AnswerCapacity { device: id, answer: answer.into() }
    }

    pub(crate) fn pass(&mut self, operator: AccountId, number: u8) {
        let answer = self.right_answer(operator, number);
        self.ok(operator, answer);
    }

    pub(crate) fn fail(&mut self, operator: AccountId, number: u8) {
        let answer = b"made up".to_vec().into();
        self.ok(operator, Action::AnswerCapacity { device: device(number), answer });
    }

    /// The block that settles the open round of a class.
    pub(crate) fn settle_round(&mut self, class: ClassId) {
        let answer_by = self.state.round(class).unwrap().answer_by;
        self.block_at(answer_by.plus_ms(1));
        assert!(self.state.round(class).unwrap().settled);
    }

    /// The worker's device of ten units, proven.
    pub(crate) fn proven(parameters: Parameters) -> Self {
        let mut world = Self::with_device(parameters);
        world.open_rounds();
        world.pass(WORKER, 1);
        world.settle_round(ClassId::CPU);
        assert_eq!(world.state.capacity(WORKER, ClassId::CPU).proven, 10);
        world
    }

    pub(crate) fn failures(&self, operator: AccountId) -> u32 {
        self.state.capacity(operator, ClassId::CPU).failures
    }

    pub(crate) fn bonded(&self, operator: AccountId) -> u128 {
        self.state.operator(operator).unwrap().bonded.of(STABLE).units()
    }

    pub(crate) fn status(&self, operator: AccountId) -> OperatorStatus {
        self.state.operator(operator).unwrap().status
    }
}
