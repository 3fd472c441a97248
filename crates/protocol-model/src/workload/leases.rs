//! Leases: asking for them, serving them or not, and speaking about it.

use protocol::{JobId, LeaseStatus};

use super::{Kind, PROVIDERS, REQUESTERS, Workload};
use crate::operation::{Call, Leased, person};
use crate::rules::{Lease, Probe, Tenure};
use crate::run::Run;
use crate::setup::DOLLAR;

pub(super) const KINDS: &[Kind] = &[
    (3, ask),
    (8, request),
    (1, cancel),
    (2, give_notice),
    (30, report),
    (8, show_answer),
    (8, accept),
    (2, meddle),
];

/// A lease somebody could do something about: label and record.
fn leases(run: &Run) -> Vec<(u32, JobId, &Lease)> {
    let known = run.labels.iter();
    known.filter_map(|(label, id)| Some((*label, *id, run.model.leases.all.get(id)?))).collect()
}

/// Those that run, with their tenures.
fn running(run: &Run) -> Vec<(u32, JobId, &Lease, &Tenure)> {
    let all = leases(run).into_iter().filter(|(_, _, lease)| lease.served_by().is_some());
    all.filter_map(|(label, id, lease)| Some((label, id, lease, lease.tenure.as_ref()?))).collect()
}

fn ask(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let sender = workload.chance.pick(&PROVIDERS);
    let usual = workload.usual_class();
    let class = workload.chance.pick(&[usual, usual, usual, usual, 0, 1, 7]);
    let most = run.model.parameters.ask_max.units();
    let edge = workload.chance.one_in(10);
    let ask =
        if edge { workload.chance.pick(&[0, 1, most, most + 1]) } else { workload.lease_ask() };
    let ask = (!workload.chance.one_in(12)).then_some(ask);
    Some((workload.mostly(sender), Call::SetLeaseAsk { class, ask }))
}

fn request(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let waits = |(_, _, lease): &(u32, JobId, &Lease)| lease.status() == LeaseStatus::Waiting;
    let waiting = leases(run).into_iter().filter(waits).count();
    if waiting > workload.crowd && !workload.chance.one_in(8) {
        return report(workload, run);
    }
    workload.labels += 1;
    let label = workload.labels;
    let parameters = &run.model.parameters;
    let usual = workload.usual_class();
    let (wait, epochs) = (parameters.wait_ms_max, parameters.lease_epochs_max);
    let leased = Leased {
        service_bytes: workload.chance.pick(&[0, 4_096, 20_000]),
        class: workload.chance.pick(&[usual, usual, usual, usual, 0]),
        units: workload.chance.pick(&[1, 1, 1, 1, 1, 2, 3]),
        epochs: workload.chance.pick(&[1, 2, epochs, epochs]),
        price: workload.chance.pick(&[3, 9, 20, 60, 60]) * DOLLAR,
        wait_ms: workload.chance.pick(&[wait, wait, 40]),
    };
    let leased = if workload.chance.one_in(5) { workload.push(run, leased) } else { leased };
    let sender = workload.chance.pick(&REQUESTERS);
    // Now and then by a provider: it is not to serve itself.
    let sender = if workload.chance.one_in(8) { workload.chance.pick(&PROVIDERS) } else { sender };
    Some((workload.mostly(sender), Call::RequestLease { label, leased }))
}

fn cancel(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let any = workload.chance.one_in(4);
    let waiting = leases(run).into_iter();
    let waiting = waiting.filter(|(_, _, lease)| any || lease.status() == LeaseStatus::Waiting);
    let (lease, _, record) = workload.chance.any(waiting.collect())?;
    Some((workload.mostly(person(record.requester)), Call::CancelLease { lease }))
}

fn give_notice(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (lease, _, record, tenure) = workload.chance.any(running(run))?;
    let side = workload.chance.pick(&[record.requester, tenure.provider]);
    Some((workload.mostly(person(side)), Call::GiveNotice { lease }))
}

/// Open probes of running leases: label of the lease, its provider, which of them, and the probe.
fn probes(run: &Run) -> Vec<(u32, u8, u8, &Probe)> {
    let of = |(label, id, _, tenure): (u32, JobId, &'_ Lease, &'_ Tenure)| {
        let open = run.model.open_probes(id).into_iter().enumerate();
        let provider = person(tenure.provider);
        let nth = |at| u8::try_from(at).unwrap_or(u8::MAX);
        open.map(|(at, probe)| (label, provider, nth(at), probe)).collect::<Vec<_>>()
    };
    running(run).into_iter().flat_map(of).collect()
}

/// The drawn observer reports: some providers are there, others are not.
fn report(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let again = workload.chance.one_in(16);
    let silent = probes(run).into_iter();
    let silent = silent.filter(|(.., probe)| again || probe.words.is_empty());
    let (lease, provider, nth, probe) = workload.chance.any(silent.collect())?;
    let absent = provider % 2 == workload.absent;
    let answered = absent == workload.chance.one_in(4);
    let call = Call::ReportProbe { lease, nth, answered };
    Some((workload.mostly(person(probe.observer)), call))
}

/// The receipt of a probe is shown, rarely of one that was reported as answered.
fn show_answer(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let again = workload.chance.one_in(8);
    let open = probes(run).into_iter();
    let open = open.filter(|(_, provider, _, probe)| {
        again || !probe.is_answered() && provider % 2 != workload.absent
    });
    let (lease, provider, nth, _) = workload.chance.any(open.collect())?;
    let genuine = !workload.chance.one_in(6);
    Some((workload.mostly(provider), Call::ShowAnswer { lease, nth, genuine }))
}

/// The requester signed for the open epoch; seldom for another.
fn accept(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let again = workload.chance.one_in(8);
    let open = running(run).into_iter().filter(|(.., tenure)| {
        again || !tenure.accepted.contains(&tenure.open()) && provider_is_there(workload, tenure)
    });
    let (lease, _, _, tenure) = workload.chance.any(open.collect())?;
    let ahead = workload.chance.pick(&[0, 0, 0, 0, 0, 0, 1, -1]);
    let genuine = !workload.chance.one_in(8);
    let sender = workload.mostly(person(tenure.provider));
    Some((sender, Call::ShowAcceptance { lease, ahead, genuine }))
}

fn provider_is_there(workload: &Workload<'_>, tenure: &Tenure) -> bool {
    person(tenure.provider) % 2 != workload.absent
}

/// Somebody speaks of what is not there.
fn meddle(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let known = leases(run).into_iter().map(|(label, ..)| label).collect();
    let missing = workload.chance.one_in(3);
    let lease = workload.chance.any(known).filter(|_| !missing).unwrap_or(u32::MAX);
    let calls = [
        Call::CancelLease { lease },
        Call::GiveNotice { lease },
        Call::ReportProbe { lease, nth: 250, answered: true },
        Call::ShowAnswer { lease, nth: 250, genuine: true },
        Call::ShowAcceptance { lease, ahead: 0, genuine: true },
    ];
    Some((workload.anybody(), workload.chance.pick(&calls)))
}

impl Workload<'_> {
    /// One bound of a lease at its edge, or past it.
    fn push(&mut self, run: &Run, leased: Leased) -> Leased {
        let parameters = &run.model.parameters;
        let of = |limit: u32| [0, limit, limit + 1];
        let most = (1_u128 << 96) / u128::from(leased.epochs.max(1));
        match self.chance.below(6) {
            0 => Leased { units: self.chance.pick(&of(parameters.units_max)), ..leased },
            1 => Leased { epochs: self.chance.pick(&of(parameters.lease_epochs_max)), ..leased },
            2 => {
                let limit = parameters.input_bytes_max;
                Leased { service_bytes: self.chance.pick(&[limit, limit + 1]), ..leased }
            }
            3 => {
                let limit = parameters.wait_ms_max;
                Leased { wait_ms: self.chance.pick(&[0, 1, limit + 1]), ..leased }
            }
            4 => Leased { class: 7, ..leased },
            _ => {
                let least = self.chance.around(parameters.price_min.units());
                Leased { price: self.chance.pick(&[least, most, most + 1]), ..leased }
            }
        }
    }

    /// What a provider asks per unit and epoch: a few dollars, next to nothing, or so that prices round.
    fn lease_ask(&mut self) -> u128 {
        self.chance.pick(&[1, DOLLAR, 2 * DOLLAR, 3 * DOLLAR + 1, 5 * DOLLAR, 8 * DOLLAR])
    }

    /// How a provider begins to serve.
    pub(super) fn server(&mut self, operator: u8) -> Vec<(u8, Call)> {
        let (class, ask) = (self.usual_class(), Some(self.lease_ask()));
        if self.chance.one_in(8) {
            return Vec::new();
        }
        vec![(operator, Call::SetLeaseAsk { class, ask })]
    }

    /// An instant at which something about a probe can be said no longer.
    pub(super) fn end_of_speaking(&mut self, run: &Run) -> Option<u64> {
        let ends = running(run).into_iter().flat_map(|(_, id, _, tenure)| {
            let (report, rebut) = (tenure.terms.report_ms, tenure.terms.rebut_ms);
            let open = run.model.open_probes(id).into_iter();
            open.flat_map(move |probe| [probe.drawn + report, probe.drawn + report + rebut])
                .collect::<Vec<_>>()
        });
        let now = run.model.now;
        self.chance.any(ends.filter(|at| *at >= now).collect())
    }

    /// Where an epoch of a running lease ends.
    pub(super) fn turn_of_lease(&mut self, run: &Run) -> Option<u64> {
        let (now, epoch_ms) = (run.model.now, run.model.parameters.epoch_ms);
        let turns = running(run)
            .into_iter()
            .map(|(.., tenure)| tenure.started + (tenure.epoch_of(now, epoch_ms) + 1) * epoch_ms);
        self.chance.any(turns.collect())
    }
}
