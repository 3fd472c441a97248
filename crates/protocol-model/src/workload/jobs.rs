//! Programs and jobs: asking for one, and whatever its stage asks of its parties.

use protocol::{ClassId, JobStatus, Parameters};

use super::{Kind, REQUESTERS, Workload};
use crate::operation::{Call, Claimed, Wanted, person};
use crate::referee::PROGRAM_MEMORY;
use crate::rules::Job;
use crate::run::Run;
use crate::setup::{DOLLAR, EDGE, EDGE_LIMITS};

pub(super) const KINDS: &[Kind] =
    &[(2, program), (12, submit), (2, cancel), (60, duty), (2, meddle)];

/// A job somebody could do something about: label and record.
pub(super) fn jobs(run: &Run) -> impl Iterator<Item = (u32, &Job)> {
    run.labels.iter().filter_map(|(label, id)| Some((*label, run.model.jobs.get(id)?)))
}

fn program(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let number = workload.chance.pick(&[1, 2, 3, 200]);
    let limit = run.model.parameters.program_bytes_max;
    let limit = u32::try_from(limit).expect("small in every setup");
    let bytes = workload.chance.pick(&[2, 2, limit, limit + 1, 1_900, 4_000]);
    let sound = !workload.chance.one_in(4);
    Some((workload.anybody(), Call::RegisterProgram { sound, number, bytes }))
}

pub(super) fn submit(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let open = jobs(run).filter(|(_, record)| record.status == JobStatus::Open).count();
    if open > workload.crowd && !workload.chance.one_in(16) {
        return duty(workload, run);
    }
    workload.labels += 1;
    let label = workload.labels;
    let sender = workload.chance.pick(&REQUESTERS);
    let mut wanted = workload.wanted(&run.model.parameters);
    if workload.chance.one_in(if workload.priced { 2 } else { 8 }) {
        let insured = workload.all_that_somebody_has(run, wanted.run_ms);
        // It does not wait for long: others would wait behind it.
        let wait_ms = wanted.wait_ms.min(40);
        let insured = insured.unwrap_or(wanted.insured);
        wanted = Wanted { insured, wait_ms, harm: 0, price: 22 * DOLLAR, ..wanted };
    } else if workload.chance.one_in(4) {
        workload.push_a_bound(&run.model.parameters, &mut wanted);
    }
    Some((workload.mostly(sender), Call::SubmitJob { label, wanted }))
}

fn cancel(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (job, record) = workload.chance.any(jobs(run).collect())?;
    Some((workload.mostly(person(record.requester)), Call::CancelJob { job }))
}

/// What some job waits for.
pub(super) fn duty(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let again = workload.chance.one_in(16);
    let waiting = jobs(run).filter(|(job, record)| {
        let is_left = workload.is_hopeless(*job, record) || starves(run, record);
        awaits_somebody(record.status) && (again || !is_left)
    });
    let (job, record) = workload.chance.any(waiting.collect())?;
    let attempt = record.attempt()?;
    let begun = record.begun();
    let provider = person(attempt.provider);
    let auditor = attempt.audit().map(|audit| person(audit.auditor));
    Some(match record.status {
        JobStatus::Assigned => {
            let (claimed, salt) = workload.seal(job, begun, provider, None);
            (workload.mostly(provider), Call::CommitResult { job, claimed, salt })
        }
        JobStatus::Auditing => {
            let auditor = auditor?;
            let (claimed, salt) = workload.seal(job, begun, auditor, Some(provider));
            (workload.mostly(auditor), Call::CommitAudit { job, claimed, salt })
        }
        JobStatus::Revealing => {
            let (claimed, salt) = workload.unseal(job, begun, provider);
            (workload.mostly(provider), Call::RevealResult { job, claimed, salt })
        }
        _ => {
            let auditor = auditor?;
            let (claimed, salt) = workload.unseal(job, begun, auditor);
            (workload.mostly(auditor), Call::RevealAudit { job, claimed, salt })
        }
    })
}

/// Whether an input has more pages than one account may demand of it.
pub(super) fn is_beyond_demands(run: &Run, record: &Job) -> bool {
    let parameters = &run.model.parameters;
    let reach = u64::from(parameters.input_demands_max) * u64::from(parameters.demand_pages_max);
    record.spec.input.size > reach * 4_096
}

/// Whether whoever runs a job began to demand such an input.
fn starves(run: &Run, record: &Job) -> bool {
    let demanded =
        record.runner().zip(record.attempt()).map(|(who, attempt)| attempt.demands_by(who));
    is_beyond_demands(run, record) && demanded.is_some_and(|demands| demands > 0)
}

fn awaits_somebody(status: JobStatus) -> bool {
    use JobStatus::{Assigned, AuditRevealing, Auditing, Revealing};
    matches!(status, Assigned | Auditing | Revealing | AuditRevealing)
}

/// Something at the wrong stage, or of a job that is not there.
fn meddle(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let known = jobs(run).map(|(job, _)| job).collect();
    let missing = workload.chance.one_in(4);
    let job = workload.chance.any(known).filter(|_| !missing).unwrap_or(u32::MAX);
    let (claimed, salt) = (Claimed::Plain(0), 0);
    let calls = [
        Call::CancelJob { job },
        Call::CommitResult { job, claimed, salt },
        Call::RevealResult { job, claimed, salt },
        Call::CommitAudit { job, claimed, salt },
        Call::RevealAudit { job, claimed, salt },
    ];
    let call = workload.chance.pick(&calls);
    Some((workload.anybody(), call))
}

/// Results a provider may claim: one in most cases, so that claims agree.
const CLAIMS: [Claimed; 12] = [
    Claimed::Plain(0),
    Claimed::Plain(0),
    Claimed::Plain(0),
    Claimed::Plain(0),
    Claimed::Plain(0),
    Claimed::Plain(1),
    Claimed::AtBounds,
    Claimed::StepsPast,
    Claimed::MeterPast,
    Claimed::OutputPast,
    Claimed::Ragged,
    Claimed::Traceless,
];

impl Workload<'_> {
    /// Chooses what to seal: an auditor mostly finds what the provider found.
    fn seal(&mut self, job: u32, attempt: u32, me: u8, as_found_by: Option<u8>) -> (Claimed, u8) {
        let found = as_found_by.and_then(|other| self.sealed.get(&(job, attempt, other)).copied());
        let same = found.filter(|_| !self.chance.one_in(3));
        let claimed = same.map_or_else(|| self.claim(), |(claimed, _)| claimed);
        let salt = self.chance.pick(&[0, 1]);
        self.sealed.insert((job, attempt, me), (claimed, salt));
        (claimed, salt)
    }

    /// Whether somebody sealed what can never be opened, so that only time helps.
    fn is_hopeless(&self, job: u32, record: &Job) -> bool {
        let Some(attempt) = record.attempt() else { return true };
        let party = match record.status {
            JobStatus::Revealing => Some(person(attempt.provider)),
            JobStatus::AuditRevealing => attempt.audit().map(|audit| person(audit.auditor)),
            _ => None,
        };
        let sealed = party.and_then(|party| self.sealed.get(&(job, record.begun(), party)));
        sealed.is_some_and(|(claimed, _)| !matches!(claimed, Claimed::Plain(_) | Claimed::AtBounds))
    }

    fn claim(&mut self) -> Claimed {
        if self.chance.one_in(2) { Claimed::Plain(0) } else { self.chance.pick(&CLAIMS) }
    }

    /// What was sealed, mostly.
    fn unseal(&mut self, job: u32, attempt: u32, me: u8) -> (Claimed, u8) {
        let sealed = self.sealed.get(&(job, attempt, me)).copied();
        let (claimed, salt) = sealed.unwrap_or((Claimed::Plain(0), 0));
        if self.chance.one_in(24) { (claimed, salt + 1) } else { (claimed, salt) }
    }

    /// A job that can be done: ten dollars at the usual ask.
    pub(super) fn wanted(&mut self, parameters: &Parameters) -> Wanted {
        let usual = self.usual_class();
        let chance = &mut self.chance;
        let meter = chance.pick(&[1, 3_333_333_333, 10_000_000_000]);
        let run =
            [parameters.run_ms_least(meter).min(parameters.run_ms_max), parameters.run_ms_max];
        Wanted {
            program: chance.pick(&[1, 1, 1, 1, 1, 1, 1, 1, 1, 2]),
            input_bytes: chance.pick(&[0, 1, 4_096, 4_097, 9_000, 20_000, 20_000]),
            class: chance.pick(&[usual, usual, usual, usual, usual, usual, usual, 0, 1, 2, 3]),
            steps: 10,
            meter,
            memory: chance.pick(&[PROGRAM_MEMORY, 1 << 20]),
            run_ms: chance.pick(&run),
            wait_ms: if chance.one_in(12) { 1 } else { parameters.wait_ms_max },
            price: chance.pick(&[
                1_000,
                10 * DOLLAR,
                20 * DOLLAR,
                20 * DOLLAR,
                21 * DOLLAR,
                22 * DOLLAR,
            ]),
            harm: chance.pick(&[0, 0, 0, 0, 0, DOLLAR, 100 * DOLLAR]),
            insured: chance.pick(&[0, 0, 0, 5 * DOLLAR, 50 * DOLLAR]),
            replicas: 0,
        }
    }

    /// An insured value that asks for all that some provider can lock, or for most of it, so that its bond becomes thin
    /// when a price falls.
    fn all_that_somebody_has(&mut self, run: &Run, run_ms: u64) -> Option<u128> {
        let parameters = &run.model.parameters;
        let offering = run.model.standing(ClassId(self.usual_class())).into_iter();
        let values = offering.map(|(_, provider)| run.model.lockable(provider, run_ms));
        let value = self.chance.any(values.filter(|value| *value > 0).collect())?;
        let kept = 1_000_000 - u128::from(parameters.burn_min.0 + parameters.bounty_max.0);
        let covered = 1_000_000 + u128::from(parameters.insured_premium.0);
        let percent = self.chance.pick(&[100, 100, 99, 97, 90, 80, 60]);
        Some(value * percent / 100 * kept / covered)
    }

    /// One value of a job at its bound, or just past it.
    fn push_a_bound(&mut self, parameters: &Parameters, wanted: &mut Wanted) {
        let narrow = |wide: u128| u64::try_from(wide).unwrap_or(u64::MAX);
        let limit = |chance: &mut crate::chance::Chance<'_>, least: u64, most: u64| {
            let edge = chance.pick(&[least, most]);
            narrow(chance.around(edge.into()))
        };
        let chance = &mut self.chance;
        match chance.below(14) {
            0 => wanted.steps = limit(chance, 1, parameters.steps_max),
            1 => wanted.meter = limit(chance, 1, parameters.meter_max),
            2 => wanted.memory = limit(chance, PROGRAM_MEMORY, parameters.memory_max),
            3 => wanted.input_bytes = limit(chance, 0, parameters.input_bytes_max),
            4 => {
                let least = parameters.run_ms_least(wanted.meter);
                wanted.run_ms = limit(chance, least, parameters.run_ms_max);
            }
            5 => wanted.wait_ms = limit(chance, 1, parameters.wait_ms_max),
            6 => wanted.price = chance.around(parameters.price_min.units()),
            7 => wanted.harm = chance.around(1 << 96),
            8 => wanted.insured = chance.around(1 << 96),
            9 => wanted.class = 7,
            10 => (wanted.class, wanted.meter) = (EDGE, limit(chance, 1, EDGE_LIMITS.meter_max)),
            11 => {
                let most = EDGE_LIMITS.memory_max;
                (wanted.class, wanted.memory) = (EDGE, limit(chance, PROGRAM_MEMORY, most));
            }
            12 => {
                let most = EDGE_LIMITS.price_max.units();
                (wanted.class, wanted.price) = (EDGE, chance.around(most));
            }
            _ => wanted.program = 77,
        }
    }
}
