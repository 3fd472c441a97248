//! Challenges a result that it knows to be right, with true evidence of one step mangled by one unit: the
//! judge dismisses it, and its bond goes to the accused.

use machine::content::Content;
use machine::execution::Execution;
use machine::fraud::{FraudProof, StepEvidence};
use protocol::JobStatus;

use super::{Deed, Memory, View};
use crate::attempt::Attempt;
use crate::runner::{Case, RunFailure, Runner};

/// Adds a challenge of every right result in its window.
pub(super) fn amend(view: &View, memory: &Memory, mut deeds: Vec<Deed>) -> Vec<Deed> {
    let attempts = view.jobs.iter().filter(|found| found.job.status == JobStatus::Window);
    for (attempt, assignment) in attempts.filter_map(|found| Attempt::of(&found.job)) {
        let knows = assignment.claim.is_some_and(|claim| {
            memory.results.get(&attempt) == Some(&claim) && assignment.provider != view.account
        });
        let is_busy = memory.running.contains(&attempt) || memory.challenged.contains(&attempt);
        if knows && !is_busy {
            deeds.push(Deed::Challenge(attempt));
        }
    }
    deeds
}

/// The mangled evidence.
pub(in crate::auditor) async fn evidence(
    runner: &Runner,
    case: Case,
    honest: &Execution,
) -> Result<FraudProof, RunFailure> {
    let step = 1;
    let mut witness = runner.prove_step(case, step).await?;
    witness.header.meter = witness.header.meter.wrapping_add(1);
    let trace = Content::open(&honest.trace_bytes(), &[0]);
    Ok(FraudProof::WrongStep(StepEvidence { step, trace, witness }))
}
