//! Capacity and uptime: what operators have, by what was asked and answered. What is proven, how often somebody was there
//! and how many rounds failed in a row is read off the lists.

mod devices;
mod rounds;
mod transfer;
mod uptime;

use std::collections::BTreeMap;

use protocol::{
    AccountId, Action, CapacityChallenge, ClassId, DeviceId, Genesis, Hash, JobLimits, Referee,
};

use super::{Model, Outcome, hashed};
use crate::exact::whole;

pub(crate) use devices::Device;
pub(crate) use rounds::{Round, Settled};
pub(crate) use transfer::{Measurement, receipt};
pub(crate) use uptime::Presence;

/// Everything that is remembered about hardware.
#[derive(Clone, Default)]
pub(crate) struct Hardware {
    /// How classes are proven, of those that are.
    pub(crate) challenges: BTreeMap<ClassId, CapacityChallenge>,
    /// The largest jobs of classes that have their own.
    pub(crate) limits: BTreeMap<ClassId, JobLimits>,
    pub(crate) devices: BTreeMap<(AccountId, DeviceId), Device>,
    pub(crate) presences: BTreeMap<AccountId, Presence>,
    /// Who may be drawn for uptime, as they stand: draws point at places, so the order matters.
    pub(crate) row: Vec<AccountId>,
    /// Rounds of each class, the latest last.
    pub(crate) rounds: BTreeMap<ClassId, Vec<Round>>,
    /// What rounds found, of everybody who has something to settle.
    pub(crate) claims: BTreeMap<(ClassId, AccountId), Vec<Settled>>,
    pub(crate) measurements: BTreeMap<(AccountId, DeviceId), Measurement>,
    /// Answers of this block.
    pub(crate) checks: u32,
}

impl Hardware {
    pub(super) fn new(genesis: &Genesis) -> Self {
        let classes = genesis.classes.iter();
        let challenges = classes.clone().filter_map(|class| Some((class.id, class.challenge?)));
        let limits = classes.filter_map(|class| Some((class.id, class.job_limits?)));
        Self { challenges: challenges.collect(), limits: limits.collect(), ..Self::default() }
    }
}

/// The part of a whole that a lot points at: a lot is a fraction of 2^128.
pub(super) fn pointed(lot: &[u8; 32], of: u128) -> u128 {
    let number = u128::from_be_bytes(lot[..16].try_into().expect("sixteen bytes"));
    (whole(number) * whole(of) / (whole(1 << 127) * whole(2))).floor()
}

/// What one device is asked in a round.
pub(crate) fn challenge(seed: Hash, operator: AccountId, device: DeviceId) -> Hash {
    Hash(hashed("earnest capacity v1", &(seed, operator, device)))
}

impl Model {
    /// A block begins, so long after the one before: draws for uptime, then rounds.
    pub(super) fn ask_for_hardware(&mut self, elapsed: u64) {
        self.draw_for_uptime(elapsed);
        self.run_rounds(elapsed);
    }

    pub(super) fn perform_for_hardware(
        &mut self,
        referee: &dyn Referee,
        me: AccountId,
        action: &Action,
    ) -> Outcome {
        match action {
            Action::RegisterDevice { device, class, units } => {
                self.register_device(me, *device, *class, *units)
            }
            Action::RetireDevice { device } => self.retire_device(me, *device),
            Action::AnswerUptime { challenge } => self.answer_uptime(me, *challenge),
            Action::DeclareMaintenance { duration_ms } => {
                self.declare_maintenance(me, *duration_ms)
            }
            Action::AnswerCapacity { device, answer } => {
                self.answer_capacity(referee, me, *device, answer.as_slice())
            }
            Action::ReportTransfer { operator, device, units } => {
                self.report_transfer(me, *operator, *device, *units)
            }
            Action::RebutTransfer { device, observer, units, signature } => {
                self.rebut_transfer(me, *device, *observer, *units, signature.as_slice())
            }
            other => panic!("{other:?} is not about hardware"),
        }
    }
}
