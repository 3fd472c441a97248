//! Demands for data that somebody was refused, and their answers.

use std::sync::Arc;

use crate::books::{Movement, Place, Why};
use crate::event::{Event, Fault};
use crate::jobs::{Assignment, AuditorFate, Demand, EndReason, JobStatus};
use crate::primitives::{AccountId, Amount, Content, JobId, STABLE, Time};
use crate::rejection::{Bound, Rejection};
use crate::state::Task;
use crate::step::Step;
use crate::transaction::{DataKind, PageProof};

/// Demands pages against a bond. A demand for input stops the demander's own clock for the time of the answer; one for
/// output or trace keeps the window open until after it.
pub(crate) fn demand(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    data: DataKind,
    first_page: u64,
    pages: u32,
) -> Result<(), Rejection> {
    if step.state.demand(job, sender).is_some() {
        return Err(Rejection::DemandOpen);
    }
    let content = match data {
        DataKind::Input => input_wanted(step, sender, job)?,
        DataKind::Output | DataKind::Trace => result_wanted(step, job, data)?,
    };
    check_pages(step, &content, first_page, pages)?;
    let bond = step.state.parameters.demand_bond_per_page.scaled_ceil(pages.into(), 1);
    let (from, to) = (Place::Account(sender), Place::DemandBond(job, sender));
    step.pay(Movement {
        from,
        to,
        asset: STABLE,
        amount: bond,
        why: Why::DemandBond,
        job: Some(job),
    })?;
    let deadline = step.now().plus_ms(step.state.parameters.answer_ms);
    stop_clock(step, sender, job, data, deadline);
    let timer = step.set_timer(deadline, Task::Demand(job, sender));
    let attempt = step.job(job)?.attempts;
    let owed = (0..pages).map(|_| true).collect();
    let demand = Demand { data, content, attempt, first_page, owed, deadline, timer };
    step.state.demands.insert((job, sender), Arc::new(demand));
    step.emit(Event::DataDemanded {
        job,
        demander: sender,
        data,
        first_page,
        pages,
        bond,
        answer_by: deadline,
    });
    Ok(())
}

/// The input, for the provider or auditor that is to run the job now.
fn input_wanted(step: &Step<'_>, sender: AccountId, job: JobId) -> Result<Content, Rejection> {
    let status = step.job(job)?.status;
    if !matches!(status, JobStatus::Assigned | JobStatus::Auditing) {
        return Err(Rejection::WrongStage { status });
    }
    let (record, assignment) = step.job_at(job, status)?;
    let made = demands_made(assignment, status, sender).ok_or(Rejection::NotEntitled)?;
    let limit = step.state.parameters.input_demands_max;
    if made >= limit { Err(Rejection::TooManyDemands { limit }) } else { Ok(record.spec.input) }
}

/// Demands that whoever runs the job now has made, or `None` for anybody else.
fn demands_made(assignment: &Assignment, status: JobStatus, sender: AccountId) -> Option<u32> {
    match (status, &assignment.audit) {
        (JobStatus::Assigned, _) if assignment.provider == sender => Some(assignment.input_demands),
        (JobStatus::Auditing, Some(audit)) if audit.auditor == sender => Some(audit.input_demands),
        _ => None,
    }
}

/// The revealed output or trace, for anybody, while the window proper is open.
fn result_wanted(step: &Step<'_>, job: JobId, data: DataKind) -> Result<Content, Rejection> {
    let (record, assignment) = step.job_at(job, JobStatus::Window)?;
    step.in_time(record.window_end)?;
    let claim = assignment.claim.expect("a claim in its window was revealed");
    Ok(if data == DataKind::Output { claim.output } else { claim.trace })
}

fn check_pages(
    step: &Step<'_>,
    content: &Content,
    first: u64,
    pages: u32,
) -> Result<(), Rejection> {
    let count = |number: u32| Amount::new(number.into());
    let most = step.state.parameters.demand_pages_max;
    Bound::Pages.check(count(pages), count(1), count(most))?;
    let (pages, available) = (u64::from(pages), content.pages());
    let fits = first.checked_add(pages).is_some_and(|end| end <= available);
    if fits { Ok(()) } else { Err(Rejection::NoSuchPages { first, pages, available }) }
}

fn stop_clock(step: &mut Step<'_>, sender: AccountId, job: JobId, data: DataKind, answer_by: Time) {
    let parameters = step.parameters();
    let record = step.state.job(job).expect("the caller has just read the job");
    let (status, deadline) =
        (record.status, record.deadline.expect("stages with demands have deadlines"));
    let deadline = if data == DataKind::Input {
        let assignment = step.assignment_mut(job);
        let made = match &mut assignment.audit {
            Some(audit) if audit.auditor == sender => &mut audit.input_demands,
            _ => &mut assignment.input_demands,
        };
        *made = made.saturating_add(1);
        deadline.plus_ms(parameters.answer_ms)
    } else {
        deadline.max(answer_by.plus_ms(parameters.after_answer_ms))
    };
    step.set_stage(job, status, Some(deadline));
}

/// Answers a demand, wholly or in part. Whoever completes it earns the bond.
pub(crate) fn answer(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    demander: AccountId,
    pages: &[PageProof],
) -> Result<(), Rejection> {
    let demand = step.state.demand(job, demander).cloned().ok_or(Rejection::UnknownDemand)?;
    step.in_time(Some(demand.deadline))?;
    if pages.is_empty() {
        return Err(Rejection::EmptyAnswer);
    }
    let mut owed = demand.owed.clone();
    for page in pages {
        accept_page(step, &demand, &mut owed, page)?;
    }
    let left = u32::try_from(owed.iter().filter(|owed| **owed).count()).expect("demands are small");
    let given = u32::try_from(pages.len()).expect("each page was owed once");
    step.emit(Event::DataAnswered { job, demander, answerer: sender, pages: given, owed: left });
    if left == 0 {
        step.clear_timer(demand.deadline, demand.timer);
        close(step, job, demander, sender, Why::DemandEarned);
    } else {
        step.state.demands.insert((job, demander), Arc::new(Demand { owed, ..demand }));
    }
    Ok(())
}

fn accept_page(
    step: &Step<'_>,
    demand: &Demand,
    owed: &mut [bool],
    page: &PageProof,
) -> Result<(), Rejection> {
    let index = page.index;
    let at = index.checked_sub(demand.first_page).and_then(|at| usize::try_from(at).ok());
    let slot = at.and_then(|at| owed.get_mut(at)).filter(|owed| **owed);
    let slot = slot.ok_or(Rejection::PageNotDemanded { index })?;
    let genuine =
        step.context.referee.check_page(&demand.content, index, page.bytes.as_slice(), &page.path);
    if !genuine {
        return Err(Rejection::BadPage { index });
    }
    *slot = false;
    Ok(())
}

/// Forgets a demand and gives its bond to somebody.
fn close(step: &mut Step<'_>, job: JobId, demander: AccountId, receiver: AccountId, why: Why) {
    step.state.demands.remove(&(job, demander));
    let (from, to) = (Place::DemandBond(job, demander), Place::Account(receiver));
    let amount = step.state.held(from, STABLE);
    step.shift(Movement { from, to, asset: STABLE, amount, why, job: Some(job) });
}

/// Nobody answered in time: the bond returns, and whoever owed the data is at fault. Input is owed by the requester,
/// whose job ends; output and trace are owed by the provider, as a right result is.
pub(crate) fn demand_expired(step: &mut Step<'_>, job: JobId, demander: AccountId) {
    let demand =
        step.state.demand(job, demander).cloned().expect("a demand and its timer go together");
    close(step, job, demander, demander, Why::DemandReturned);
    let data = demand.data;
    let counted = still_counts(step, job, demander, &demand);
    step.emit(Event::DemandExpired { job, demander, data, counted });
    match data {
        _ if !counted => {}
        DataKind::Input => {
            step.slash_spam(job);
            step.close_audit(job, AuditorFate::Released);
            step.close_assignment(job);
            step.end(job, EndReason::InputWithheld);
        }
        DataKind::Output | DataKind::Trace => {
            step.convict_provider(job, Fault::DataWithheld, Some(demander), AuditorFate::Paid);
        }
    }
}

/// Whether a demand still matters: same attempt, and the demander (or anybody, for a result) still needs the data.
fn still_counts(step: &Step<'_>, job: JobId, demander: AccountId, demand: &Demand) -> bool {
    let Some(record) = step.state.job(job) else { return false };
    let Some(assignment) = record.assignment.as_ref() else { return false };
    let needed = match demand.data {
        DataKind::Input => demands_made(assignment, record.status, demander).is_some(),
        DataKind::Output | DataKind::Trace => record.status == JobStatus::Window,
    };
    needed && record.attempts == demand.attempt
}
