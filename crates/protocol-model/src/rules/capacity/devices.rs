//! Devices: registering, retiring, answering for one; what they require and allow.

use protocol::{
    AccountId, Amount, Bound, CapacityCase, CapacityEvent, ChallengeKind, ClassId, DeviceId, Epoch,
    Event, Height, OperatorStatus, Referee, Rejection, Time,
};

use super::{Round, challenge};
use crate::exact::{ppm, whole};
use crate::rules::operators::between;
use crate::rules::{Model, Outcome};

/// A device, with what it answered and what rounds found.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) class: ClassId,
    pub(crate) units: u32,
    /// Height of its registration.
    pub(crate) registered: u64,
    /// Rounds it answered in, by epoch, and whether rightly; nothing of a transfer, which others judge.
    pub(crate) answers: Vec<(u64, Option<bool>)>,
    /// Rounds that found something about it, by epoch, and whether its units were proven.
    pub(crate) findings: Vec<(u64, bool)>,
}

impl Device {
    /// Whether it has to answer in a round of its class.
    pub(crate) fn is_due(&self, round: &Round) -> bool {
        self.registered < round.height
    }

    /// Its answer in the round of an epoch.
    pub(super) fn answer_in(&self, epoch: u64) -> Option<Option<bool>> {
        self.answers.iter().find(|(at, _)| *at == epoch).map(|(_, right)| *right)
    }

    /// What is known of it last: what a round found, or since then whether its answer was right.
    pub(crate) fn stands(&self) -> bool {
        let found = self.findings.last().copied();
        let answered = self.answers.last().and_then(|(epoch, right)| Some((*epoch, (*right)?)));
        let later = answered.filter(|(epoch, _)| found.is_none_or(|(at, _)| *epoch > at));
        later.or(found).is_some_and(|(_, passed)| passed)
    }
}

impl Model {
    pub(crate) fn devices_of(&self, operator: AccountId) -> Vec<(DeviceId, &Device)> {
        let all = self.hardware.devices.iter().filter(|((owner, _), _)| *owner == operator);
        all.map(|((_, id), device)| (*id, device)).collect()
    }

    /// Units that may be offered of so many: a share, but one at least of any.
    fn offerable(&self, units: u32) -> u32 {
        let share = (whole(units.into()) * ppm(self.parameters.offer_share.0)).floor();
        u32::try_from(share).expect("a share of a small number").max(u32::from(units > 0))
    }

    /// Units that may be offered in a class, where they have to be proven.
    pub(crate) fn offer_limit(&self, operator: AccountId, class: ClassId) -> Option<u32> {
        let proven = self.hardware.challenges.contains_key(&class);
        proven.then(|| self.offerable(self.proven(operator, class)))
    }

    /// What so many units of each class require of a bond: what they let offer, and the provider's minimum.
    fn claims_require(&self, claims: &[(ClassId, u32)]) -> u128 {
        let minimum = self.parameters.provider_bond_min.units();
        let units = claims.iter().map(|(class, units)| (*class, self.offerable(*units)));
        let backing = self.backing(units);
        if claims.is_empty() { 0 } else { backing.max(minimum) }
    }

    fn claimed(&self, operator: AccountId) -> Vec<(ClassId, u32)> {
        let devices = self.devices_of(operator).into_iter();
        devices.map(|(_, device)| (device.class, device.units)).collect()
    }

    /// What the devices of an operator require of its bond.
    pub(in crate::rules) fn devices_require(&self, operator: AccountId) -> u128 {
        self.claims_require(&self.claimed(operator))
    }

    pub(super) fn register_device(
        &mut self,
        me: AccountId,
        id: DeviceId,
        class: ClassId,
        units: u32,
    ) -> Outcome {
        let operator = self.known(me)?;
        if self.status(operator) == OperatorStatus::Tombstoned {
            return Err(Rejection::IsTombstoned);
        }
        if !operator.duties.provider {
            return Err(Rejection::NotProvider);
        }
        if !self.classes.contains_key(&class) {
            return Err(Rejection::UnknownClass { class });
        }
        if !self.hardware.challenges.contains_key(&class) {
            return Err(Rejection::ClassWithoutProof { class });
        }
        between(Bound::Units, units.into(), 1, self.parameters.units_max.into())?;
        let limit = self.parameters.devices_max;
        let mut claims = self.claimed(me);
        if claims.len() as u64 >= limit.into() {
            return Err(Rejection::TooManyDevices { limit });
        }
        if self.hardware.devices.contains_key(&(me, id)) {
            return Err(Rejection::DeviceExists { device: id });
        }
        claims.push((class, units));
        let (required, value) = (self.claims_require(&claims), self.bond_value(me));
        if value < required {
            let (required, value) = (Amount::new(required), Amount::new(value));
            return Err(Rejection::BondBelowMinimum { required, value });
        }
        let (answers, findings) = (Vec::new(), Vec::new());
        let device = Device { class, units, registered: self.height, answers, findings };
        self.hardware.devices.insert((me, id), device);
        self.hardware.claims.entry((class, me)).or_default();
        self.be_present(me);
        self.stand_in_row(me);
        self.say(Event::Capacity(CapacityEvent::DeviceRegistered {
            operator: me,
            device: id,
            class,
            units,
        }));
        Ok(())
    }

    fn my_device(&self, me: AccountId, id: DeviceId) -> Result<&Device, Rejection> {
        self.hardware.devices.get(&(me, id)).ok_or(Rejection::UnknownDevice { device: id })
    }

    /// Nobody steps aside from a challenge.
    pub(super) fn retire_device(&mut self, me: AccountId, id: DeviceId) -> Outcome {
        let device = self.my_device(me, id)?;
        let class = device.class;
        if let Some(round) = self.open_round(class).filter(|round| device.is_due(round)) {
            return Err(Rejection::RoundOpen { class, answer_by: Time(round.answer_by) });
        }
        self.hardware.devices.remove(&(me, id));
        self.stand_in_row(me);
        self.say(Event::Capacity(CapacityEvent::DeviceRetired { operator: me, device: id }));
        Ok(())
    }

    pub(super) fn answer_capacity(
        &mut self,
        referee: &dyn Referee,
        me: AccountId,
        id: DeviceId,
        answer: &[u8],
    ) -> Outcome {
        let device = self.my_device(me, id)?;
        let (class, units) = (device.class, device.units);
        let round = self.open_round(class).ok_or(Rejection::NoRound { class })?.clone();
        self.in_time(Some(round.answer_by))?;
        if !device.is_due(&round) {
            let (registered, drawn) = (Height(device.registered), Height(round.height));
            return Err(Rejection::NotDue { device: id, registered, drawn });
        }
        if device.answer_in(round.epoch).is_some() {
            return Err(Rejection::AlreadyAnswered { epoch: Epoch(round.epoch) });
        }
        let (bytes, limit) = (answer.len() as u64, self.parameters.capacity_answer_bytes_max);
        if bytes > limit {
            return Err(Rejection::AnswerTooLarge { bytes, limit });
        }
        let (used, limit) = (self.hardware.checks, self.parameters.capacity_checks_per_block);
        if used >= limit {
            return Err(Rejection::CapacityBusy { used, limit });
        }
        let kind = self.hardware.challenges[&class].kind;
        let right = if kind == ChallengeKind::MeasuredTransfer {
            self.begin_measurement(me, id, &round)?;
            None
        } else {
            let challenge = challenge(round.seed, me, id);
            let case = CapacityCase { kind, challenge, operator: me, device: id, units, answer };
            Some(referee.check_capacity(&case))
        };
        self.hardware.checks += 1;
        let device = self.hardware.devices.get_mut(&(me, id)).expect("it was looked up before");
        device.answers.push((round.epoch, right));
        if let Some(passed) = right {
            let epoch = Epoch(round.epoch);
            self.say(Event::Capacity(CapacityEvent::CapacityAnswered {
                operator: me,
                device: id,
                epoch,
                passed,
            }));
        }
        Ok(())
    }
}
