//! Devices, draws for uptime, maintenance, rounds of capacity, transfers.

use protocol::{AccountId, DeviceId};

use super::{Kind, PROVIDERS, Workload};
use crate::operation::{Call, account, person};
use crate::rules::Measurement;
use crate::run::Run;

pub(super) const KINDS: &[Kind] =
    &[(4, register), (1, retire), (3, declare), (30, respond), (2, meddle)];

/// Whatever is asked of somebody: what is rare comes first.
fn respond(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let transfer = if workload.chance.one_in(3) { rebut } else { report };
    let call = transfer(workload, run).filter(|_| !workload.chance.one_in(4));
    let round_first = workload.chance.one_in(2);
    let (first, then): (super::Invent, super::Invent) =
        if round_first { (answer_round, answer_draw) } else { (answer_draw, answer_round) };
    call.or_else(|| first(workload, run)).or_else(|| then(workload, run))
}

/// Numbers of devices that anybody has.
const DEVICES: [u8; 4] = [1, 2, 3, 4];

fn register(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let sender = workload.chance.pick(&PROVIDERS);
    let sender = workload.mostly(sender);
    let (device, class) = (workload.chance.pick(&DEVICES), workload.class_to_prove(run));
    let units = workload.chance.pick(&[1, 1, 2, 2, 4, 5, 6, 7, 0]);
    Some((sender, Call::RegisterDevice { device, class, units }))
}

fn retire(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (owner, device) = workload.chance.any(devices(run))?;
    Some((workload.mostly(owner), Call::RetireDevice { device }))
}

/// Whoever was drawn, mostly in time.
fn answer_draw(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let now = run.model.now;
    let late = workload.chance.one_in(32);
    let drawn = run.model.hardware.presences.iter().filter_map(|(operator, presence)| {
        let in_time = presence.open()?.answer_by >= now;
        (in_time || late).then(|| person(*operator))
    });
    let sender = workload.chance.any(drawn.collect())?;
    let right = !workload.chance.one_in(16);
    Some((workload.mostly(sender), Call::AnswerUptime { right }))
}

/// As much as was earned, or as ever can be, or a unit more or less.
fn declare(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let owners = devices(run).into_iter().map(|(owner, _)| owner).collect();
    let sender = workload.chance.any(owners)?;
    let presence = &run.model.hardware.presences[&account(sender)];
    let credit = presence.credit_ms;
    let most = run.model.parameters.maintenance_max_ms;
    let edges = [credit, most, 1].map(|edge| workload.chance.around(edge.into()));
    let edge = workload.chance.pick(&edges);
    let part = workload.chance.pick(&[credit.min(1), credit / 2, credit]);
    let edge = u64::try_from(edge).expect("times are small");
    let duration_ms = if workload.chance.one_in(2) { edge } else { part };
    Some((workload.mostly(sender), Call::DeclareMaintenance { duration_ms }))
}

/// For a device that is due and has not answered; once in a while for any.
fn answer_round(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let anyhow = workload.chance.one_in(24);
    let hardware = run.model.hardware.devices.iter();
    let waiting = hardware.filter(|(_, device)| {
        let round = run.model.open_round(device.class);
        let waits = round.filter(|round| device.is_due(round) && round.answer_by >= run.model.now);
        let answered = |epoch| device.answers.iter().any(|(at, _)| *at == epoch);
        anyhow || waits.is_some_and(|round| !answered(round.epoch))
    });
    let waiting = waiting.map(|((owner, id), _)| named(*owner, *id)).collect();
    let (owner, device) = workload.chance.any(waiting)?;
    let right = !workload.chance.one_in(workload.honesty);
    let most = u32::try_from(run.model.parameters.capacity_answer_bytes_max).expect("it is small");
    let bytes = workload.chance.pick(&[32, 32, 32, 32, most, most + 1]);
    Some((workload.mostly(owner), Call::AnswerCapacity { device, right, bytes }))
}

fn report(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let again = workload.chance.one_in(8);
    let open = measurements(run).into_iter().flat_map(|(owner, device, measurement)| {
        let observers = measurement.observers.iter();
        let silent = observers.filter(|who| again || measurement.figure_of(**who).is_none());
        silent.map(|who| (owner, device, person(*who))).collect::<Vec<_>>()
    });
    let (operator, device, observer) = workload.chance.any(open.collect())?;
    let units = workload.figure(run, operator, device);
    let observer = if workload.chance.one_in(8) { workload.anybody() } else { observer };
    Some((observer, Call::ReportTransfer { operator, device, units }))
}

fn rebut(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let open = measurements(run).into_iter().flat_map(|(owner, device, measurement)| {
        let observers = measurement.observers.iter();
        observers.map(|who| (owner, device, person(*who))).collect::<Vec<_>>()
    });
    let (owner, device, observer) = workload.chance.any(open.collect())?;
    let units = workload.figure(run, owner, device);
    let genuine = !workload.chance.one_in(6);
    let observer = if workload.chance.one_in(8) { workload.anybody() } else { observer };
    let call = Call::RebutTransfer { device, observer, units, genuine };
    Some((workload.mostly(owner), call))
}

/// Somebody speaks of what is not there.
fn meddle(workload: &mut Workload<'_>, _: &Run) -> Option<(u8, Call)> {
    let (operator, observer) = (workload.anybody(), workload.anybody());
    let device = workload.chance.pick(&[1, 1, 2, 9]);
    let calls = [
        Call::RetireDevice { device },
        Call::AnswerUptime { right: true },
        Call::DeclareMaintenance { duration_ms: 1 },
        Call::AnswerCapacity { device, right: true, bytes: 32 },
        Call::ReportTransfer { operator, device, units: 1 },
        Call::RebutTransfer { device, observer, units: 1, genuine: true },
    ];
    Some((workload.anybody(), workload.chance.pick(&calls)))
}

fn named(owner: AccountId, device: DeviceId) -> (u8, u8) {
    (person(owner), device.0[0])
}

/// Every device: whose, and its number.
fn devices(run: &Run) -> Vec<(u8, u8)> {
    run.model.hardware.devices.keys().map(|(owner, id)| named(*owner, *id)).collect()
}

/// Every measurement under way: whose device, its number, the measurement.
fn measurements(run: &Run) -> Vec<(u8, u8, &Measurement)> {
    let all = run.model.hardware.measurements.iter();
    all.map(|((owner, id), one)| (person(*owner), id.0[0], one)).collect()
}

impl Workload<'_> {
    /// A class that is proven, mostly.
    fn class_to_prove(&mut self, run: &Run) -> u16 {
        let proven = run.model.hardware.challenges.keys().map(|class| class.0).collect();
        let proven = self.chance.any(proven);
        proven.filter(|_| !self.chance.one_in(10)).unwrap_or_else(|| self.chance.pick(&[0, 1, 7]))
    }

    /// What a device claims to move, or a unit more or less.
    fn figure(&mut self, run: &Run, owner: u8, device: u8) -> u32 {
        let device = run.model.hardware.devices.get(&(account(owner), DeviceId([device; 32])));
        let claimed = device.map_or(1, |device| device.units);
        self.chance.pick(&[claimed, claimed, claimed + 1, claimed.saturating_sub(1), 0])
    }

    /// An instant at which something of capacity or uptime ends.
    pub(super) fn end_of_asking(&mut self, run: &Run) -> Option<u64> {
        let hardware = &run.model.hardware;
        let draws = hardware.presences.values().filter_map(|presence| presence.open());
        let draws = draws.map(|draw| draw.answer_by);
        let away = hardware.presences.values().filter_map(|presence| presence.maintenance);
        let away = away.map(|(_, until)| until);
        let open = hardware.rounds.keys().filter_map(|class| run.model.open_round(*class));
        let open = open.flat_map(|round| [round.report_by(), round.answer_by]);
        let ends = draws.chain(away).chain(open).filter(|at| *at >= run.model.now);
        self.chance.any(ends.collect())
    }

    /// How some providers begin with hardware.
    pub(super) fn hardware(&mut self, operator: u8) -> Vec<(u8, Call)> {
        if self.chance.one_in(2) {
            return Vec::new();
        }
        let classes = [0, 1, 2, 3, 4, 4];
        let (first, second) = (self.chance.pick(&classes), self.chance.pick(&classes));
        let units = self.chance.pick(&[1, 2, 5]);
        [
            Call::RegisterDevice { device: 1, class: first, units },
            Call::RegisterDevice { device: 2, class: second, units: 1 },
        ]
        .map(|call| (operator, call))
        .into()
    }
}
