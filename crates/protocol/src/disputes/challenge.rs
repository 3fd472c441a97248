//! Challenges, judged in the block they arrive.

use crate::books::{Movement, Place, Why};
use crate::event::{DisputeEvent, Fault, Ruling};
use crate::jobs::{AuditorFate, EndReason, Finding, Job, JobStatus};
use crate::primitives::{AccountId, Bytes, Claim, JobId, STABLE};
use crate::referee::{Case, Judgement, Verdict};
use crate::rejection::Rejection;
use crate::step::Step;
use crate::transaction::Accused;

/// Who accuses whom of what.
struct Charge {
    job: JobId,
    challenger: AccountId,
    accused: Accused,
    operator: AccountId,
    claim: Claim,
}

/// Judges evidence against a revealed claim and acts on the verdict.
pub(crate) fn challenge(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    accused: Accused,
    evidence: &Bytes,
) -> Result<(), Rejection> {
    let charge = charge(step, sender, job, accused)?;
    check_room(step, evidence)?;
    let bond = step.state.parameters.challenge_bond;
    step.state.require(Place::Account(sender), STABLE, bond)?;
    let judgement = judge(step, &charge, evidence);
    let ruling = match judgement.verdict {
        Verdict::Guilty => Ruling::Guilty,
        Verdict::AuthorFault => Ruling::AuthorFault,
        Verdict::Dismissed(why) => Ruling::Dismissed(why),
    };
    step.emit(DisputeEvent::Challenged {
        job,
        challenger: sender,
        accused,
        operator: charge.operator,
        evidence_bytes: evidence.len(),
        verdict: ruling.clone(),
        units: judgement.units,
    });
    match ruling {
        Ruling::Guilty => guilty(step, &charge),
        Ruling::AuthorFault => author_fault(step, job),
        Ruling::Dismissed(_) => dismissed(step, &charge),
    }
    Ok(())
}

fn charge(
    step: &Step<'_>,
    challenger: AccountId,
    job: JobId,
    accused: Accused,
) -> Result<Charge, Rejection> {
    let (_, assignment) = step.job_at(job, JobStatus::Window)?;
    let (operator, claim) = match (accused, &assignment.audit) {
        (Accused::Provider, _) => (assignment.provider, assignment.claim),
        (Accused::Auditor, Some(audit)) if audit.finding == Finding::Mismatch => {
            (audit.auditor, audit.claim)
        }
        (Accused::Auditor, _) => return Err(Rejection::NothingToAccuse),
    };
    let claim = claim.expect("a claim in its window was revealed");
    Ok(Charge { job, challenger, accused, operator, claim })
}

/// Refuses evidence that is too large, or that this block has no judging left for.
fn check_room(step: &Step<'_>, evidence: &Bytes) -> Result<(), Rejection> {
    let parameters = &step.state.parameters;
    let (bytes, limit) = (evidence.len(), parameters.evidence_bytes_max);
    if bytes > limit {
        return Err(Rejection::EvidenceTooLarge { bytes, limit });
    }
    let (used, limit) = (step.state.clock.judged_units, parameters.judge_units_per_block);
    if used.saturating_add(parameters.judge_units_max) > limit {
        return Err(Rejection::JudgeBusy { used, limit });
    }
    Ok(())
}

fn judge(step: &mut Step<'_>, charge: &Charge, evidence: &Bytes) -> Judgement {
    let Job { spec, .. } = step.state.job(charge.job).expect("the caller has just read the job");
    let program = step.state.program(spec.program).expect("programs of jobs are never removed");
    let units_max = step.state.parameters.judge_units_max;
    let judgement = step.context.referee.judge(&Case {
        program: program.id,
        prepared: program.prepared.as_slice(),
        input: spec.input,
        steps_max: spec.steps_max,
        meter_max: spec.meter_max,
        claim: &charge.claim,
        evidence: evidence.as_slice(),
        units_max,
    });
    // A referee that reports more than it was allowed is charged what it was allowed: the budget stays an upper bound.
    let units = judgement.units.min(units_max);
    step.state.clock.judged_units = step.state.clock.judged_units.saturating_add(units);
    judgement
}

fn guilty(step: &mut Step<'_>, charge: &Charge) {
    let (job, accuser) = (charge.job, Some(charge.challenger));
    match charge.accused {
        Accused::Provider => {
            // Whoever agreed with a wrong result vouched for it without having found it.
            let agreed = step.finding(job) == Some(Finding::Match);
            let auditor = if agreed { AuditorFate::False(None) } else { AuditorFate::Paid };
            step.convict_provider(job, Fault::WrongResult, accuser, auditor);
        }
        Accused::Auditor => {
            step.close_audit(job, AuditorFate::False(accuser));
            step.audit_mut(job).finding = Finding::Refuted;
        }
    }
}

/// The program is at fault: the job is void, everybody else goes free. Whoever chose it for others to run answers with its
/// access stake.
fn author_fault(step: &mut Step<'_>, job: JobId) {
    step.slash_spam(job);
    step.close_audit(job, AuditorFate::Paid);
    step.close_assignment(job);
    step.end(job, EndReason::AuthorFault);
}

/// The evidence proves nothing: its bond compensates the accused.
fn dismissed(step: &mut Step<'_>, charge: &Charge) {
    let amount = step.state.parameters.challenge_bond;
    let (from, to) = (Place::Account(charge.challenger), Place::Account(charge.operator));
    let (why, job) = (Why::FalseChallenge, charge.job);
    step.shift(Movement { from, to, asset: STABLE, amount, why, job: Some(job) });
    step.fault(charge.challenger, Fault::FalseChallenge, job, None);
    step.slash_access(charge.challenger, Fault::FalseChallenge, job, step.now());
    if step.state.operator(charge.challenger).is_some() {
        let reliability = &mut step.operator_mut(charge.challenger).reliability;
        reliability.false_challenges = reliability.false_challenges.saturating_add(1);
        step.jail(charge.challenger, Fault::FalseChallenge);
    }
}
