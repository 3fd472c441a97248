//! Demands for data that somebody was refused, and their answers.
//!
//! Answers travel in transactions, so the pages lie in the blocks. A demand keeps the heights of those blocks while its
//! account may need them, and whoever demanded reads the pages there: nobody else has to hand them out.
//!
//! One answer may show where to ask next. So whoever was answered may demand again a while after the window, a limited
//! number of times; whoever answers at the last moment each time gains nothing but its own delay.

use std::sync::Arc;

use crate::books::{Movement, Place, Why};
use crate::event::{DisputeEvent, Fault};
use crate::jobs::{Assignment, AuditorFate, Demand, EndReason, JobStatus};
use crate::primitives::{AccountId, Amount, Content, Height, JobId, STABLE, Time};
use crate::rejection::{Bound, Rejection};
use crate::state::Task;
use crate::step::Step;
use crate::transaction::{DataKind, PageProof};

/// Heights of answers kept with a demand. The oldest are forgotten first; whoever needs them has read them by then.
const ANSWERS_MAX: usize = 4_096;

/// Demands pages. One for input stops the demander's own clock for the time of the answer and takes no bond: the
/// requester owes it. One for output or trace takes a bond and keeps the window open until after the answer.
pub(crate) fn demand(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    data: DataKind,
    first_page: u64,
    pages: u32,
) -> Result<(), Rejection> {
    let former = put_away(step, sender, job)?;
    let (content, late) = match data {
        DataKind::Input => (input_wanted(step, sender, job)?, 0),
        DataKind::Output | DataKind::Trace => result_wanted(step, job, data, former.as_ref())?,
    };
    check_pages(step, &content, first_page, pages)?;
    let bond = pay_bond(step, sender, job, data, pages)?;
    let deadline = step.now().plus_ms(step.state.parameters.answer_ms);
    stop_clock(step, sender, job, data, deadline);
    let timer = step.set_timer(deadline, Task::Demand(job, sender));
    let demand = Demand {
        data,
        content,
        attempt: step.job(job)?.attempts,
        first_page,
        owed: (0..pages).map(|_| true).collect(),
        deadline,
        timer,
        answered: None,
        answers: former.map_or_else(Vec::new, |former| former.answers),
        late,
    };
    step.state.demands.insert((job, sender), Arc::new(demand));
    step.emit(DisputeEvent::DataDemanded {
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

/// Ends the sender's demand before this one, if it was answered or nobody needs its answer any more. Gives it if it
/// belongs to the same attempt.
fn put_away(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
) -> Result<Option<Demand>, Rejection> {
    let Some(former) = step.state.demand(job, sender).cloned() else { return Ok(None) };
    if former.is_open() {
        if still_counts(step, job, sender, &former) {
            return Err(Rejection::DemandOpen);
        }
        let (data, counted) = (former.data, false);
        release_bond(step, job, sender, sender, Why::DemandReturned);
        step.emit(DisputeEvent::DemandExpired { job, demander: sender, data, counted });
    }
    step.clear_timer(former.deadline, former.timer);
    step.state.demands.remove(&(job, sender));
    let same_attempt = step.job(job)?.attempts == former.attempt;
    Ok(same_attempt.then_some(former))
}

fn pay_bond(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    data: DataKind,
    pages: u32,
) -> Result<Amount, Rejection> {
    let per_page = match data {
        DataKind::Input => Amount::ZERO,
        DataKind::Output | DataKind::Trace => step.state.parameters.demand_bond_per_page,
    };
    let bond = per_page.scaled_ceil(pages.into(), 1);
    let (from, to) = (Place::Account(sender), Place::DemandBond(job, sender));
    step.pay(Movement {
        from,
        to,
        asset: STABLE,
        amount: bond,
        why: Why::DemandBond,
        job: Some(job),
    })?;
    Ok(bond)
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

impl Step<'_> {
    /// Whether somebody was answered as often as it may demand an input that has more pages than that. Nobody can tell
    /// whether it was refused the rest, so it is not at fault for being late, and neither is the requester.
    pub(crate) fn is_excused(&self, job: JobId, account: AccountId) -> bool {
        let parameters = &self.state.parameters;
        let limit = parameters.input_demands_max;
        let within_reach = u64::from(limit).saturating_mul(parameters.demand_pages_max.into());
        let record = self.state.job(job).expect("the caller has just read the job");
        let made = record
            .assignment
            .as_ref()
            .and_then(|assignment| demands_made(assignment, record.status, account));
        record.spec.input.pages() > within_reach && made.is_some_and(|made| made >= limit)
    }
}

/// The revealed output or trace, and how many late demands for it the sender has made then: for anybody while the window
/// proper is open, later for whoever was answered a short while ago.
fn result_wanted(
    step: &Step<'_>,
    job: JobId,
    data: DataKind,
    former: Option<&Demand>,
) -> Result<(Content, u32), Rejection> {
    let (record, assignment) = step.job_at(job, JobStatus::Window)?;
    let former = former.filter(|former| former.data != DataKind::Input);
    let goes_on = former.and_then(|former| former.answered);
    let goes_on = goes_on.map(|at| at.plus_ms(step.state.parameters.after_answer_ms));
    step.in_time(goes_on.max(record.window_end))?;
    let is_late = step.in_time(record.window_end).is_err();
    let late = former.map_or(0, |former| former.late).saturating_add(u32::from(is_late));
    let limit = step.state.parameters.late_demands_max;
    if is_late && late > limit {
        return Err(Rejection::TooManyDemands { limit });
    }
    let claim = assignment.claim.expect("a claim in its window was revealed");
    Ok((if data == DataKind::Output { claim.output } else { claim.trace }, late))
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
        // Whoever is answered last of all has the same time to take evidence as in the window.
        let after = answer_by.plus_ms(parameters.after_answer_ms);
        deadline.max(after.plus_ms(step.evidence_ms(job)))
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
    let demand = step.state.demand(job, demander).filter(|demand| demand.is_open()).cloned();
    let demand = demand.ok_or(Rejection::UnknownDemand)?;
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
    step.emit(DisputeEvent::DataAnswered {
        job,
        demander,
        answerer: sender,
        pages: given,
        owed: left,
    });
    let answers = noted(&demand.answers, step.context.height);
    let demand = Demand { owed, answers, ..demand };
    if left == 0 {
        release_bond(step, job, demander, sender, Why::DemandEarned);
        keep_answered(step, job, demander, demand);
    } else {
        step.state.demands.insert((job, demander), Arc::new(demand));
    }
    Ok(())
}

/// The heights with this one among them.
fn noted(answers: &[Height], height: Height) -> Vec<Height> {
    let mut noted = answers.to_vec();
    if noted.last() != Some(&height) {
        noted.push(height);
    }
    let surplus = noted.len().saturating_sub(ANSWERS_MAX);
    noted.split_off(surplus)
}

/// Keeps an answered demand as long as the stage may last in which it is needed.
fn keep_answered(step: &mut Step<'_>, job: JobId, demander: AccountId, demand: Demand) {
    step.clear_timer(demand.deadline, demand.timer);
    let needed = still_counts(step, job, demander, &demand);
    let until = step.state.job(job).and_then(|record| record.deadline).filter(|_| needed);
    let Some(deadline) = until else {
        step.state.demands.remove(&(job, demander));
        return;
    };
    let timer = step.set_timer(deadline, Task::Demand(job, demander));
    let answered = Some(step.now());
    let demand = Demand { deadline, timer, answered, ..demand };
    step.state.demands.insert((job, demander), Arc::new(demand));
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

/// Gives the bond of a demand to somebody.
fn release_bond(
    step: &mut Step<'_>,
    job: JobId,
    demander: AccountId,
    receiver: AccountId,
    why: Why,
) {
    let (from, to) = (Place::DemandBond(job, demander), Place::Account(receiver));
    let amount = step.state.held(from, STABLE);
    step.shift(Movement { from, to, asset: STABLE, amount, why, job: Some(job) });
}

/// Nobody answered in time: the bond returns, and whoever owed the data is at fault. Input is owed by the requester,
/// whose job ends; output and trace are owed by the provider, as a right result is. An answered demand is forgotten.
pub(crate) fn demand_expired(step: &mut Step<'_>, job: JobId, demander: AccountId) {
    let demand =
        step.state.demand(job, demander).cloned().expect("a demand and its timer go together");
    step.state.demands.remove(&(job, demander));
    if !demand.is_open() {
        return;
    }
    release_bond(step, job, demander, demander, Why::DemandReturned);
    let data = demand.data;
    let counted = still_counts(step, job, demander, &demand);
    step.emit(DisputeEvent::DemandExpired { job, demander, data, counted });
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
