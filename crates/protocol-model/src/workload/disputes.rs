//! Challenges, demands, answers.

use protocol::{Accused, DataKind, Finding, JobId, JobStatus};

use super::jobs::{is_beyond_demands, jobs};
use super::{Kind, Workload};
use crate::operation::{Call, PEOPLE, Ruled, account, person};
use crate::rules::{Demand, Job};
use crate::run::Run;
use crate::setup::POOR;

pub(super) const KINDS: &[Kind] =
    &[(10, challenge), (14, demand), (8, starve), (10, go_on), (14, answer)];

fn challenge(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (job, record) = workload.somewhere(run, JobStatus::Window)?;
    let attempt = record.attempt();
    let disputed = attempt
        .and_then(|attempt| attempt.audit())
        .is_some_and(|audit| audit.finding == Finding::Mismatch);
    let against_auditor = workload.chance.one_in(if disputed { 2 } else { 12 });
    let accused = if against_auditor { Accused::Auditor } else { Accused::Provider };
    let chance = &mut workload.chance;
    let ruled = chance.pick(&[
        Ruled::ForChallenger,
        Ruled::ForChallenger,
        Ruled::ForChallenger,
        Ruled::ForAccused,
        Ruled::ForAccused,
        Ruled::AgainstAuthor,
    ]);
    let units = chance.pick(&[0, 5, 10, 10, 11, u64::MAX]);
    let bytes = chance.pick(&[9, 9, 9, 9, 9, 9, 1_023, 1_024, 1_025]);
    let sender = workload.challenger(record);
    Some((sender, Call::Challenge { job, accused, ruled, units, bytes }))
}

fn demand(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let kinds = [DataKind::Input, DataKind::Input, DataKind::Output, DataKind::Trace];
    let data = workload.chance.pick(&kinds);
    let stage = match data {
        DataKind::Input => workload.chance.pick(&[JobStatus::Assigned, JobStatus::Auditing]),
        DataKind::Output | DataKind::Trace => JobStatus::Window,
    };
    let (job, record) = workload.somewhere(run, stage)?;
    let attempt = record.attempt();
    let provider = attempt.map(|attempt| person(attempt.provider));
    let auditor = attempt.and_then(|attempt| attempt.audit()).map(|audit| person(audit.auditor));
    let sender = match (data, stage) {
        (DataKind::Input, JobStatus::Auditing) => auditor,
        (DataKind::Input, _) => provider,
        _ => None,
    };
    let sender = match sender {
        Some(sender) => workload.mostly(sender),
        None => workload.anybody(),
    };
    let first = workload.chance.pick(&[0, 0, 0, 0, 0, 0, 1, 2, 5, u64::MAX]);
    let most = run.model.parameters.demand_pages_max;
    let pages = workload.chance.pick(&[1, 1, 1, 2, 2, most, most + 1, 0]);
    Some((sender, Call::DemandData { job, data, first, pages }))
}

/// Whoever runs a job with an input that demands do not reach demands a page of it, or is answered.
fn starve(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let stage = workload.chance.pick(&[JobStatus::Assigned, JobStatus::Auditing]);
    let beyond =
        jobs(run).filter(|(_, record)| record.status == stage && is_beyond_demands(run, record));
    let (job, record) = workload.chance.any(beyond.collect())?;
    let runner = person(record.runner()?);
    let open = demands(run)
        .into_iter()
        .find(|(at, by, demand)| (*at, *by) == (job, runner) && demand.answered_at().is_none());
    let call = match open {
        None => Call::DemandData { job, data: DataKind::Input, first: 0, pages: 1 },
        Some((.., demand)) => {
            let (first, pages) = (demand.first, demand.pages);
            Call::AnswerDemand { job, demander: runner, first, pages, genuine: true }
        }
    };
    Some((runner, call))
}

/// Whoever was answered demands again, a page at a time.
fn go_on(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let answered = demands(run).into_iter().filter(|(.., demand)| demand.answered_at().is_some());
    let (job, sender, former) = workload.chance.any(answered.collect())?;
    let kinds = match former.data {
        DataKind::Input => [DataKind::Input; 2],
        DataKind::Output | DataKind::Trace => [DataKind::Output, DataKind::Trace],
    };
    let data = workload.chance.pick(&kinds);
    let first = workload.chance.pick(&[0, 0, 0, 0, 1]);
    Some((workload.mostly(sender), Call::DemandData { job, data, first, pages: 1 }))
}

/// Every demand in sight: label of the job, demander, demand.
pub(super) fn demands(run: &Run) -> Vec<(u32, u8, &Demand)> {
    let of = |(label, job): (&u32, &JobId)| {
        let (label, job) = (*label, *job);
        let by = move |who| Some((label, who, run.model.demands.get(&(job, account(who)))?));
        (0..PEOPLE).filter_map(by)
    };
    run.labels.iter().flat_map(of).collect()
}

/// The pages that are owed, or some of them, or too many, or others.
fn answer(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let again = workload.chance.one_in(16);
    let open = demands(run).into_iter();
    let open = open.filter(|(.., demand)| again || demand.answered_at().is_none());
    let (job, demander, demand) = workload.chance.any(open.collect())?;
    let last = demand.first + u64::from(demand.pages);
    let owed: Vec<u64> = (demand.first..last).filter(|page| demand.owes(*page)).collect();
    let first = owed.first().copied().unwrap_or(demand.first);
    let all = u32::try_from(owed.len()).expect("pages are limited");
    let chance = &mut workload.chance;
    let pages = chance.pick(&[all, all, all, 1, 1, 0, all + 1]);
    let first = first + chance.pick(&[0, 0, 0, 0, 0, 1]);
    let genuine = !chance.one_in(8);
    let demander = workload.mostly(demander);
    Some((workload.anybody(), Call::AnswerDemand { job, demander, first, pages, genuine }))
}

impl Workload<'_> {
    /// A job at a stage; once in a while any job.
    fn somewhere<'a>(&mut self, run: &'a Run, stage: JobStatus) -> Option<(u32, &'a Job)> {
        let anywhere = self.chance.one_in(16);
        let fitting = jobs(run).filter(|(_, record)| anywhere || record.status == stage);
        self.chance.any(fitting.collect())
    }

    /// Anybody; often the auditor, and now and then somebody without the bond.
    fn challenger(&mut self, record: &Job) -> u8 {
        let audit = record.attempt().and_then(|attempt| attempt.audit());
        let auditor = audit.map(|audit| person(audit.auditor)).filter(|_| self.chance.one_in(2));
        match auditor {
            Some(auditor) => auditor,
            None if self.chance.one_in(8) => POOR,
            None => self.anybody(),
        }
    }
}
