//! What a provider does next: a function of what it sees and what it knows.

use std::collections::{BTreeMap, BTreeSet};

use api::wire::JobView;
use protocol::{
    AccountId, Amount, Assignment, Claim, ClassId, Content, DataKind, JobStatus, OperatorStatus,
    Parameters,
};

use crate::attempt::Attempt;
use crate::demand::{self, Collected, Pages};
use crate::view::View;

/// What a provider offers in one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In which class.
    pub class: ClassId,
    /// Jobs at once.
    pub units: u32,
    /// Micro-dollars per 10^9 metered units of a job's bound.
    pub ask: Amount,
}

/// What its owner wants of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Offers to keep standing. Classes not named are withdrawn from.
    pub offers: Vec<Standing>,
    /// Programs run at once.
    pub runs_at_once: usize,
    /// Failures after which it takes on nothing more; 0 for never.
    pub failures_max: u64,
    /// Whether it leaves jail as soon as it may.
    pub unjail: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { offers: Vec::new(), runs_at_once: 1, failures_max: 3, unjail: false }
    }
}

/// What a provider's process knows and the ledger does not. Losing it costs time, never money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Claims answered with; on disk, so these survive.
    pub answered: BTreeMap<Attempt, Claim>,
    /// Being run.
    pub running: BTreeSet<Attempt>,
    /// Not run because the input could not be had, at the last try.
    pub starved: BTreeSet<Attempt>,
    /// Could not be run and would fail the same way again, or has a result that is no possible answer.
    pub hopeless: BTreeSet<Attempt>,
    /// Answered, but output or trace are no longer there and must be computed again.
    pub lost: BTreeSet<Attempt>,
    /// Output and trace lie in the public store.
    pub published: BTreeSet<Attempt>,
    /// What was answered on the ledger to demands of its own.
    pub collected: BTreeMap<Attempt, Collected>,
    /// Runs given up since the last one that worked.
    pub runs_failed: u64,
    /// Faults that the ledger has counted since the start: convictions and missed deadlines.
    pub faults: u64,
}

impl Memory {
    /// Everything that counts towards giving up.
    #[must_use]
    pub const fn failures(&self) -> u64 {
        self.runs_failed.saturating_add(self.faults)
    }

    /// Forgets attempts that are over, so that memory stays small.
    pub(super) fn forget_all_but(&mut self, attempts: &[Attempt]) {
        let is_kept = |attempt: &Attempt| attempts.contains(attempt);
        self.answered.retain(|attempt, _| is_kept(attempt));
        self.collected.retain(|attempt, _| is_kept(attempt));
        for set in [&mut self.starved, &mut self.hopeless, &mut self.lost, &mut self.published] {
            set.retain(is_kept);
        }
    }
}

/// Something a provider does. Doing it twice is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Sets a standing offer; no units withdraw it.
    Offer(Standing),
    /// Leaves jail.
    Unjail,
    /// Runs the program and keeps the answer.
    Run(Attempt),
    /// Demands pages of the input on the ledger.
    DemandInput(Attempt, Pages),
    /// Commits to the answer, sealed.
    Commit(Attempt),
    /// Puts output and trace where everybody can fetch them.
    Publish(Attempt),
    /// Opens the commitment.
    Reveal(Attempt),
    /// Answers somebody's demand for output or trace.
    Answer(Attempt, AccountId),
}

/// What is to be done now, the most urgent first.
#[must_use]
pub fn plan(view: &View, memory: &Memory, policy: &Policy, rules: &Parameters) -> Vec<Deed> {
    let mut deeds = Vec::new();
    let mut free = policy.runs_at_once.saturating_sub(memory.running.len());
    for (attempt, case) in mine(view) {
        for deed in duties(view, memory, rules, attempt, case) {
            let runs = matches!(deed, Deed::Run(_));
            if !runs || free > 0 {
                deeds.push(deed);
            }
            free -= usize::from(runs && free > 0);
        }
    }
    deeds.extend(standing(view, memory, policy));
    deeds
}

/// The attempts assigned to this account, those first whose time runs out first.
fn mine(view: &View) -> Vec<(Attempt, Case<'_>)> {
    let mut mine: Vec<_> = view
        .jobs
        .iter()
        .filter_map(|found| {
            let (attempt, assignment) = Attempt::of(&found.job)?;
            let is_mine =
                assignment.provider == view.account && found.job.status != JobStatus::Open;
            is_mine.then_some((attempt, Case { found, assignment }))
        })
        .collect();
    mine.sort_by_key(|(attempt, case)| (case.found.job.deadline, *attempt));
    mine
}

/// A job and this account's attempt at it.
#[derive(Clone, Copy)]
struct Case<'a> {
    found: &'a JobView,
    assignment: &'a Assignment,
}

fn duties(
    view: &View,
    memory: &Memory,
    rules: &Parameters,
    attempt: Attempt,
    case: Case<'_>,
) -> Vec<Deed> {
    let job = &case.found.job;
    match job.status {
        JobStatus::Assigned if view.is_in_time(job) => {
            to_commit(view, memory, rules, attempt, case)
        }
        JobStatus::Revealing if view.is_in_time(job) => to_reveal(memory, attempt),
        JobStatus::AuditRevealing | JobStatus::Window => to_prove(view, memory, attempt, case),
        JobStatus::Open
        | JobStatus::Assigned
        | JobStatus::Committed
        | JobStatus::Auditing
        | JobStatus::Revealing
        | JobStatus::Ended(_)
        // Replicated jobs name no program that this agent could run.
        | JobStatus::Replicating
        | JobStatus::ReplicasRevealing
        | JobStatus::Escalating
        | JobStatus::Appealable
        | JobStatus::Voting => Vec::new(),
    }
}

/// Assigned: run, then commit. A known answer is committed to as it is and never computed anew.
fn to_commit(
    view: &View,
    memory: &Memory,
    rules: &Parameters,
    attempt: Attempt,
    case: Case<'_>,
) -> Vec<Deed> {
    if memory.answered.contains_key(&attempt) {
        return vec![Deed::Commit(attempt)];
    }
    if memory.running.contains(&attempt) || memory.hopeless.contains(&attempt) {
        return Vec::new();
    }
    let mut deeds = Vec::new();
    if memory.starved.contains(&attempt) && case.assignment.input_demands < rules.input_demands_max
    {
        let collected = Collected::about(attempt, &memory.collected);
        let may = demand::may_demand_input(case.found, view.account, collected);
        let pages = collected.missing(&case.found.job.spec.input, rules.demand_pages_max);
        deeds.extend(pages.filter(|_| may).map(|pages| Deed::DemandInput(attempt, pages)));
    }
    deeds.push(Deed::Run(attempt));
    deeds
}

/// To be revealed: the data first, so that nobody who sees the claim finds them missing.
fn to_reveal(memory: &Memory, attempt: Attempt) -> Vec<Deed> {
    if !memory.answered.contains_key(&attempt) {
        return Vec::new();
    }
    let mut deeds = publish(memory, attempt);
    deeds.push(Deed::Reveal(attempt));
    deeds
}

/// Revealed: keep the data available and answer whoever demands them.
fn to_prove(view: &View, memory: &Memory, attempt: Attempt, case: Case<'_>) -> Vec<Deed> {
    let Some(claim) = memory.answered.get(&attempt) else { return Vec::new() };
    let mut deeds = publish(memory, attempt);
    let demands = case.found.demands.iter().filter(|open| {
        open.demand.is_open()
            && open.demand.attempt == attempt.number
            && view.now <= open.demand.deadline
            && is_ours(claim, open.demand.data, &open.demand.content)
    });
    deeds.extend(demands.map(|open| Deed::Answer(attempt, open.demander)));
    deeds
}

fn is_ours(claim: &Claim, data: DataKind, content: &Content) -> bool {
    match data {
        DataKind::Input => false,
        DataKind::Output => claim.output == *content,
        DataKind::Trace => claim.trace == *content,
    }
}

/// Publishes what was not published since the start; computes again what was lost.
fn publish(memory: &Memory, attempt: Attempt) -> Vec<Deed> {
    let known = [&memory.published, &memory.running, &memory.hopeless];
    if known.iter().any(|set| set.contains(&attempt)) {
        return Vec::new();
    }
    let lost = memory.lost.contains(&attempt);
    vec![if lost { Deed::Run(attempt) } else { Deed::Publish(attempt) }]
}

/// Offers and jail: what stands whatever the jobs.
fn standing(view: &View, memory: &Memory, policy: &Policy) -> Vec<Deed> {
    let Some(operator) = view.operator.as_ref().filter(|found| found.operator.duties.provider)
    else {
        return Vec::new();
    };
    match operator.operator.status {
        OperatorStatus::Tombstoned => Vec::new(),
        OperatorStatus::Jailed(until) if policy.unjail && view.now >= until => vec![Deed::Unjail],
        OperatorStatus::Jailed(_) => Vec::new(),
        OperatorStatus::Active => {
            let stopped = gave_up(memory, policy);
            let wanted = if stopped { &[][..] } else { &policy.offers };
            let stands = operator.offers.iter().map(|found| Standing {
                class: found.class,
                units: found.offer.units,
                ask: found.offer.ask,
            });
            changes(&stands.collect::<Vec<_>>(), wanted)
        }
    }
}

/// Whether there were as many failures as the policy bears.
pub(super) fn gave_up(memory: &Memory, policy: &Policy) -> bool {
    policy.failures_max > 0 && memory.failures() >= policy.failures_max
}

/// What turns the offers that stand into those wanted: first withdrawals, which free bond.
fn changes(stands: &[Standing], wanted: &[Standing]) -> Vec<Deed> {
    let is_wanted = |class| wanted.iter().any(|offer| offer.class == class && offer.units > 0);
    let gone = stands.iter().filter(|offer| offer.units > 0 && !is_wanted(offer.class));
    let withdrawn = gone.map(|offer| Deed::Offer(Standing { units: 0, ..*offer }));
    let new = wanted.iter().filter(|offer| offer.units > 0 && !stands.contains(offer));
    withdrawn.chain(new.copied().map(Deed::Offer)).collect()
}

#[cfg(test)]
mod history;
#[cfg(test)]
mod tests;
