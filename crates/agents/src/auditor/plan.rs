//! What an auditor does next: a function of what it sees and what it knows.

use std::collections::{BTreeMap, BTreeSet};

use api::wire::{JobView, SessionView};
use protocol::{Assignment, Claim, DataKind, JobStatus, OperatorStatus, Parameters};

use crate::attempt::Attempt;
use crate::demand::{self, Collected, Pages};
use crate::view::{Scope, View};

/// Which results an auditor checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// Those it was drawn to audit.
    #[default]
    Drawn,
    /// Every result that anybody commits to.
    All,
}

impl Watch {
    /// Whose jobs must be in sight for it.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::Drawn => Scope::Own,
            Self::All => Scope::Everybody,
        }
    }
}

/// What its owner wants of an auditor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Which results it checks.
    pub watch: Watch,
    /// Programs run at once.
    pub runs_at_once: usize,
    /// Whether it leaves jail as soon as it may.
    pub unjail: bool,
    /// Whether it attends every session, for its part of the rewards. Each costs a fee.
    pub attend: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { watch: Watch::Drawn, runs_at_once: 1, unjail: false, attend: true }
    }
}

/// What an auditor's process knows and the ledger does not. Losing it costs time, never money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Claims committed to as a drawn auditor; on disk, so these survive.
    pub answered: BTreeMap<Attempt, Claim>,
    /// What its own runs gave, with output and trace at hand.
    pub results: BTreeMap<Attempt, Claim>,
    /// Being run, or being searched for the fault.
    pub running: BTreeSet<Attempt>,
    /// Not run because the input could not be had, at the last try.
    pub starved: BTreeSet<Attempt>,
    /// Could not be run and would fail the same way again, or has a result that is no possible answer.
    pub hopeless: BTreeSet<Attempt>,
    /// Disputed, but the revealed data could not be had, at the last try.
    pub withheld: BTreeMap<Attempt, Withheld>,
    /// What was answered on the ledger to demands of its own.
    pub collected: BTreeMap<Attempt, Collected>,
    /// Challenged already, or found to be nothing that can be challenged.
    pub challenged: BTreeSet<Attempt>,
}

/// Revealed data that cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Which data.
    pub data: DataKind,
    /// The pages to see next; unknown until the pages answered have been compared.
    pub wanted: Option<Pages>,
}

impl Memory {
    /// What is wanted next is found out anew: something was answered, or could not be demanded.
    pub(super) fn look_again(&mut self, attempt: Attempt) {
        if let Some(withheld) = self.withheld.get_mut(&attempt) {
            withheld.wanted = None;
        }
    }

    /// Forgets attempts that are over, so that memory stays small.
    pub(super) fn forget_all_but(&mut self, attempts: &[Attempt]) {
        let is_kept = |attempt: &Attempt| attempts.contains(attempt);
        self.answered.retain(|attempt, _| is_kept(attempt));
        self.results.retain(|attempt, _| is_kept(attempt));
        self.withheld.retain(|attempt, _| is_kept(attempt));
        self.collected.retain(|attempt, _| is_kept(attempt));
        for set in [&mut self.starved, &mut self.hopeless, &mut self.challenged] {
            set.retain(is_kept);
        }
    }
}

/// Something an auditor does. Doing it twice is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Leaves jail.
    Unjail,
    /// Shows that it is there, once in a session.
    Attend(SessionView),
    /// Runs the program itself.
    Run(Attempt),
    /// Demands pages of the job's data on the ledger.
    Demand(Attempt, DataKind, Pages),
    /// Takes its own result as the answer to the audit: on disk, before anything goes out.
    Answer(Attempt),
    /// Commits to the answer, sealed and blind.
    Commit(Attempt),
    /// Opens the commitment.
    Reveal(Attempt),
    /// Looks for the fault in the provider's claim and publishes the proof.
    Challenge(Attempt),
}

/// What is to be done now, the most urgent first.
#[must_use]
pub fn plan(view: &View, memory: &Memory, policy: &Policy, rules: &Parameters) -> Vec<Deed> {
    let mut deeds = standing(view, policy);
    let mut free = policy.runs_at_once.saturating_sub(memory.running.len());
    for case in cases(view, policy) {
        for deed in duties(view, memory, rules, case) {
            // A challenge waits for nobody: its window closes.
            let runs = matches!(deed, Deed::Run(_));
            if !runs || free > 0 {
                deeds.push(deed);
            }
            free -= usize::from(runs && free > 0);
        }
    }
    deeds.extend(attend(view, policy));
    deeds
}

/// An attempt that this auditor checks.
#[derive(Clone, Copy)]
struct Case<'a> {
    attempt: Attempt,
    found: &'a JobView,
    assignment: &'a Assignment,
    is_drawn: bool,
}

/// The attempts to check, those first whose time runs out first.
fn cases<'a>(view: &'a View, policy: &Policy) -> Vec<Case<'a>> {
    let mut cases: Vec<_> = view
        .jobs
        .iter()
        .filter_map(|found| {
            let (attempt, assignment) = Attempt::of(&found.job)?;
            let is_drawn =
                assignment.audit.as_ref().is_some_and(|audit| audit.auditor == view.account);
            let is_checked = is_drawn || policy.watch == Watch::All;
            let case = Case { attempt, found, assignment, is_drawn };
            (is_checked && assignment.provider != view.account).then_some(case)
        })
        .collect();
    // What one was drawn for comes before what one looks at unasked.
    cases.sort_by_key(|case| (!case.is_drawn, case.found.job.deadline, case.attempt));
    cases
}

fn duties(view: &View, memory: &Memory, rules: &Parameters, case: Case<'_>) -> Vec<Deed> {
    let job = &case.found.job;
    let is_due = case.is_drawn && view.is_in_time(job);
    match job.status {
        JobStatus::Auditing if is_due => to_commit(view, memory, rules, case),
        JobStatus::AuditRevealing if is_due => to_reveal(memory, case),
        JobStatus::Window => to_challenge(view, memory, rules, case),
        // Whoever watches unasked starts when there is a commitment, to be ready when it is opened.
        JobStatus::Committed | JobStatus::Auditing | JobStatus::Revealing if !case.is_drawn => {
            run(memory, case)
        }
        JobStatus::AuditRevealing if !case.is_drawn => run(memory, case),
        JobStatus::Open
        | JobStatus::Assigned
        | JobStatus::Committed
        | JobStatus::Auditing
        | JobStatus::Revealing
        | JobStatus::AuditRevealing
        | JobStatus::Ended(_)
        // Replicated jobs are not audited.
        | JobStatus::Replicating
        | JobStatus::ReplicasRevealing
        | JobStatus::Escalating
        | JobStatus::Appealable
        | JobStatus::Voting => Vec::new(),
    }
}

/// Drawn: run, answer, commit. A known answer is committed to as it is and never computed anew.
fn to_commit(view: &View, memory: &Memory, rules: &Parameters, case: Case<'_>) -> Vec<Deed> {
    if memory.answered.contains_key(&case.attempt) {
        return vec![Deed::Commit(case.attempt)];
    }
    if memory.results.contains_key(&case.attempt) && !memory.hopeless.contains(&case.attempt) {
        return vec![Deed::Answer(case.attempt)];
    }
    let mut deeds = Vec::new();
    let demands = case.assignment.audit.as_ref().map_or(0, |audit| audit.input_demands);
    if memory.starved.contains(&case.attempt) && demands < rules.input_demands_max {
        deeds.extend(demand_input(view, memory, rules, case));
    }
    deeds.extend(run(memory, case));
    deeds
}

/// Open the commitment; if it differs from the provider's, be ready to prove it.
fn to_reveal(memory: &Memory, case: Case<'_>) -> Vec<Deed> {
    let Some(answer) = memory.answered.get(&case.attempt) else { return Vec::new() };
    let differs = case.assignment.claim.is_some_and(|claim| claim != *answer);
    let again = if differs { run(memory, case) } else { Vec::new() };
    [Deed::Reveal(case.attempt)].into_iter().chain(again).collect()
}

/// Revealed and open to challenge: compare with one's own run, and accuse what differs.
fn to_challenge(view: &View, memory: &Memory, rules: &Parameters, case: Case<'_>) -> Vec<Deed> {
    let Some(claim) = case.assignment.claim else { return Vec::new() };
    let attempt = case.attempt;
    if memory.challenged.contains(&attempt) {
        return Vec::new();
    }
    match memory.results.get(&attempt) {
        None if memory.answered.get(&attempt) == Some(&claim) => Vec::new(),
        None => run(memory, case),
        Some(result) if *result == claim => Vec::new(),
        Some(_) if memory.running.contains(&attempt) => Vec::new(),
        // Either the pages come, or not giving them is the fault.
        Some(_) if demand::awaits_result(case.found, view.account) => Vec::new(),
        Some(_) => {
            let demand = demand_result(view, memory, rules, case);
            vec![demand.unwrap_or(Deed::Challenge(attempt))]
        }
    }
}

/// What the revealed claim names but nobody hands out is demanded on the ledger.
fn demand_result(view: &View, memory: &Memory, rules: &Parameters, case: Case<'_>) -> Option<Deed> {
    let Withheld { data, wanted } = *memory.withheld.get(&case.attempt)?;
    let collected = collected(memory, case);
    let may = demand::may_demand_result(case.found, view.account, view.now, collected, rules);
    wanted.filter(|_| may).map(|pages| Deed::Demand(case.attempt, data, pages))
}

/// The next pages of an input that cannot be had.
fn demand_input(view: &View, memory: &Memory, rules: &Parameters, case: Case<'_>) -> Option<Deed> {
    let collected = collected(memory, case);
    if !demand::may_demand_input(case.found, view.account, collected) {
        return None;
    }
    let pages = collected.missing(&case.found.job.spec.input, rules.demand_pages_max)?;
    Some(Deed::Demand(case.attempt, DataKind::Input, pages))
}

fn collected<'a>(memory: &'a Memory, case: Case<'_>) -> &'a Collected {
    Collected::about(case.attempt, &memory.collected)
}

fn run(memory: &Memory, case: Case<'_>) -> Vec<Deed> {
    let known = [&memory.running, &memory.hopeless];
    let is_known = known.iter().any(|set| set.contains(&case.attempt));
    if is_known || memory.results.contains_key(&case.attempt) {
        return Vec::new();
    }
    vec![Deed::Run(case.attempt)]
}

fn standing(view: &View, policy: &Policy) -> Vec<Deed> {
    let status = view.operator.as_ref().map(|found| found.operator.status);
    match status {
        Some(OperatorStatus::Jailed(until)) if policy.unjail && view.now >= until => {
            vec![Deed::Unjail]
        }
        _ => Vec::new(),
    }
}

/// Comes after everything that has a deadline: a session is long.
fn attend(view: &View, policy: &Policy) -> Option<Deed> {
    let session = view.operator.as_ref()?.rewards.to_attend?;
    policy.attend.then_some(Deed::Attend(session))
}

#[cfg(test)]
mod tests;
