//! What a requester does for its job while it is under way.

use std::collections::{BTreeMap, BTreeSet};

use api::wire::JobView;
use protocol::{AccountId, Content, DataKind, Demand, JobStatus, Parameters, Time};

use crate::attempt::Attempt;
use crate::demand::{self, Collected, Pages};

/// What a requester's process knows and the ledger does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Outputs that were fetched and found right.
    pub secured: BTreeSet<Content>,
    /// Outputs that could not be had at the last try.
    pub missing: BTreeSet<Content>,
    /// What was answered on the ledger to demands of its own.
    pub collected: BTreeMap<Attempt, Collected>,
}

/// Something a requester does. Doing it twice is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Answers somebody's demand for the input: not answering would end the job.
    AnswerInput(AccountId),
    /// Tries to fetch the revealed output.
    Secure(Content),
    /// Demands pages of an output that nobody hands out.
    DemandOutput(Pages),
}

/// What is to be done now.
#[must_use]
pub fn plan(
    found: &JobView,
    me: AccountId,
    now: Time,
    memory: &Memory,
    rules: &Parameters,
) -> Vec<Deed> {
    let is_asked = |demand: &Demand| demand.data == DataKind::Input && demand.is_open();
    let asked = found.demands.iter().filter(|view| is_asked(&view.demand));
    let mut deeds: Vec<_> = asked.map(|open| Deed::AnswerInput(open.demander)).collect();
    let Some((attempt, assignment)) = Attempt::of(&found.job) else { return deeds };
    let output = assignment.claim.map(|claim| claim.output);
    let Some(output) = output.filter(|output| !memory.secured.contains(output)) else {
        return deeds;
    };
    deeds.push(Deed::Secure(output));
    if found.job.status == JobStatus::Window && memory.missing.contains(&output) {
        let collected = Collected::about(attempt, &memory.collected);
        let may = demand::may_demand_result(found, me, now, collected, rules);
        let pages = collected.missing(&output, rules.demand_pages_max);
        deeds.extend(pages.filter(|_| may).map(Deed::DemandOutput));
    }
    deeds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, STAGES, claim, demand, job_at, me, other};

    fn planned(found: &JobView, memory: &Memory) -> Vec<Deed> {
        plan(found, me(), NOW, memory, &Parameters::default())
    }

    #[test]
    fn the_output_is_secured_as_soon_as_it_is_claimed() {
        for status in STAGES {
            let deeds = planned(&job_at(status, other()), &Memory::default());
            let is_revealed = matches!(
                status,
                JobStatus::AuditRevealing | JobStatus::Window | JobStatus::Ended(_)
            );
            let expected = is_revealed.then_some(Deed::Secure(claim(1).output));
            assert_eq!(deeds, expected.into_iter().collect::<Vec<_>>(), "{status:?}");
        }
    }

    #[test]
    fn a_missing_output_is_demanded_in_the_window_and_one_demand_at_a_time() {
        let output = claim(1).output;
        let missing = Memory { missing: [output].into(), ..Memory::default() };
        let pages = Pages { first: 0, count: 3 };
        let window = job_at(JobStatus::Window, other());
        let secure = Deed::Secure(output);
        assert_eq!(planned(&window, &missing), [secure, Deed::DemandOutput(pages)]);
        assert_eq!(planned(&job_at(JobStatus::AuditRevealing, other()), &missing), [secure]);
        let mut open = window.clone();
        open.demands.push(demand(me(), DataKind::Output, output));
        assert_eq!(planned(&open, &missing), [secure]);
        let mut over = window.clone();
        over.job.window_end = Some(Time(NOW.0 - 1));
        assert_eq!(planned(&over, &missing), [secure]);
        let secured = [output].into();
        assert_eq!(planned(&window, &Memory { secured, ..missing }), []);
    }

    #[test]
    fn demands_for_the_input_are_answered_at_any_time() {
        let mut found = job_at(JobStatus::Assigned, other());
        found.demands.push(demand(other(), DataKind::Input, found.job.spec.input));
        found.demands.push(demand(me(), DataKind::Trace, claim(1).trace));
        assert_eq!(planned(&found, &Memory::default()), [Deed::AnswerInput(other())]);
        found.demands[0].demand.answered = Some(NOW);
        assert_eq!(planned(&found, &Memory::default()), []);
    }
}
