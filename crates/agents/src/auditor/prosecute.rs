//! From a claim that differs from one's own run to the proof of what is wrong with it.

use std::sync::Arc;

use bytes::Bytes;
use machine::execution::Execution;
use machine::fraud::{AccuseError, FraudProof};
use protocol::{Accused, Claim, DataKind, Job};

use super::{Auditor, Conduct, Work, conduct};
use crate::attempt::Attempt;
use crate::blobs::{BlobError, Blobs};
use crate::content::from_machine;
use crate::notice::{News, causes};
use crate::runner::{Case, RunFailure, Runner};
use crate::station::RETRY_PAUSE;
use crate::stop::Stop;

/// What came of looking for a fault.
pub(super) enum Prosecution {
    /// A proof that the judge will accept, re-checked in the interpreter.
    Proof(FraudProof),
    /// The blobs to compare with cannot be had.
    Withheld(DataKind),
    /// Nothing that can be proven. Accuse nobody.
    Nothing(String),
    /// Something failed that may work a moment later.
    NotYet(String),
}

impl Auditor {
    /// Looks for the fault beside everything else.
    pub(super) fn prosecute(&mut self, job: &Job, attempt: Attempt, stop: &Stop) {
        let claim = Attempt::of(job).and_then(|(_, assignment)| assignment.claim);
        let honest = self.executions.get(&attempt).cloned();
        let (Some(claim), Some(honest)) = (claim, honest) else { return };
        self.memory.running.insert(attempt);
        let (runner, shared) = (Arc::clone(&self.desk.runner), self.desk.shared.clone());
        let (job, conduct, stop) = (job.clone(), self.conduct, stop.clone());
        self.works.spawn(async move {
            let outcome = match runner.fetch(&job).await {
                Err(failure) => failed(&failure),
                Ok(case) if conduct == Conduct::FalseChallenger => {
                    match conduct::false_challenger::evidence(&runner, case, &honest).await {
                        Ok(proof) => Prosecution::Proof(proof),
                        Err(failure) => failed(&failure),
                    }
                }
                Ok(case) => find(&runner, &shared, case, honest, claim).await,
            };
            let is_over = matches!(outcome, Prosecution::Proof(_) | Prosecution::Nothing(_));
            if !is_over {
                stop.sleep(RETRY_PAUSE).await;
            }
            Work::Prosecuted { attempt, outcome }
        });
    }

    pub(super) fn prosecuted(&mut self, attempt: Attempt, outcome: Prosecution) {
        match outcome {
            Prosecution::Proof(proof) => {
                let evidence = proof.to_bytes();
                let shown = Bytes::copy_from_slice(&evidence);
                let (accused, fault) = (Accused::Provider, describe(&proof));
                let step = step_of(&proof);
                self.memory.withheld.remove(&attempt);
                self.evidence.insert(attempt, evidence);
                let found = News::FaultFound { attempt, accused, fault, step, evidence: shown };
                self.desk.voice.say(found);
            }
            Prosecution::Withheld(data) => {
                if self.memory.withheld.insert(attempt, data) != Some(data) {
                    self.desk.voice.say(News::Unavailable { attempt, data });
                }
            }
            Prosecution::Nothing(reason) => {
                self.memory.challenged.insert(attempt);
                let doing = format!("looking for the fault in {attempt}");
                self.desk.voice.say(News::Trouble { doing, reason });
            }
            Prosecution::NotYet(reason) => self.failed(attempt, reason),
        }
    }
}

fn failed(failure: &RunFailure) -> Prosecution {
    if failure.is_starved() {
        Prosecution::Withheld(DataKind::Input)
    } else {
        Prosecution::NotYet(causes(failure))
    }
}

/// Fetches what was claimed and finds the first thing wrong with it.
async fn find(
    runner: &Runner,
    shared: &Blobs,
    case: Case,
    honest: Arc<Execution>,
    claim: Claim,
) -> Prosecution {
    let trace = match shared.get(claim.trace).await {
        Ok(trace) => trace,
        Err(error) => return not_had(DataKind::Trace, &error),
    };
    // The output is looked at only if nothing else is wrong, so its absence is no obstacle yet.
    let output = match shared.get(claim.output).await {
        Ok(output) => output,
        Err(_) if from_machine(&honest.claim.output) == claim.output => {
            honest.output.clone().into()
        }
        Err(_) => Bytes::new(),
    };
    match runner.prove_fault(case, honest, claim, trace, output).await {
        Ok(Some(proof)) => Prosecution::Proof(proof),
        Ok(None) => Prosecution::Nothing("the claim is right after all".into()),
        Err(AccuseError::NotTheTrace) => Prosecution::Withheld(DataKind::Trace),
        Err(AccuseError::NotTheOutput) => Prosecution::Withheld(DataKind::Output),
        Err(error @ AccuseError::EnginesDisagree(_)) => Prosecution::Nothing(causes(&error)),
        Err(error @ AccuseError::Evidence(_)) => Prosecution::NotYet(causes(&error)),
    }
}

fn not_had(data: DataKind, error: &BlobError) -> Prosecution {
    if error.is_unavailable() {
        Prosecution::Withheld(data)
    } else {
        Prosecution::NotYet(causes(error))
    }
}

const fn step_of(proof: &FraudProof) -> Option<u64> {
    match proof {
        FraudProof::WrongStep(evidence) | FraudProof::AuthorFault(evidence) => Some(evidence.step),
        _ => None,
    }
}

/// What a proof shows, in words.
fn describe(proof: &FraudProof) -> String {
    match proof {
        FraudProof::Malformed => "the claim is malformed".into(),
        FraudProof::WrongStart { .. } => "wrong first state".into(),
        FraudProof::WrongStep(evidence) => format!("step {} is wrong", evidence.step),
        FraudProof::AuthorFault(evidence) => {
            format!("step {} breaks the limits: the author's fault", evidence.step)
        }
        FraudProof::WrongLength { step, .. } => format!("wrong end at step {step}"),
        FraudProof::WrongOutput { .. } => "wrong output".into(),
        FraudProof::WrongMeter { .. } => "wrong meter".into(),
    }
}
