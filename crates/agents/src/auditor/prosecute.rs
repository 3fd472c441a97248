//! From a claim that differs from one's own run to the proof of what is wrong with it.

use std::sync::Arc;

use bytes::Bytes;
use machine::execution::Execution;
use machine::fraud::{AccuseError, FraudProof};
use protocol::{Accused, Claim, Content, DataKind, Job};

use super::plan::Withheld;
use super::{Auditor, Conduct, Work, conduct};
use crate::attempt::Attempt;
use crate::blobs::Blobs;
use crate::content::claim_from_machine;
use crate::demand::{Collected, Look, Pages, compare};
use crate::notice::{News, causes};
use crate::runner::{Case, Claimed, Runner, blocking};
use crate::station::RETRY_PAUSE;
use crate::stop::Stop;

/// What came of looking for a fault.
pub(super) enum Prosecution {
    /// A proof that the judge will accept, re-checked in the interpreter.
    Proof(Box<FraudProof>),
    /// The data to compare with cannot be had. These pages of it would tell more.
    Withheld(DataKind, Pages),
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
        let runner = Arc::clone(&self.desk.runner);
        let sources = Sources {
            shared: self.desk.shared.clone(),
            collected: self.memory.collected.get(&attempt).cloned().unwrap_or_default(),
            pages_max: self.desk.rules.demand_pages_max,
        };
        let (job, conduct, stop) = (job.clone(), self.conduct, stop.clone());
        self.works.spawn(async move {
            let outcome = match runner.fetch(&job).await {
                Err(failure) => Prosecution::NotYet(causes(&failure)),
                Ok(case) if conduct == Conduct::FalseChallenger => {
                    match conduct::false_challenger::evidence(&runner, case, &honest).await {
                        Ok(proof) => Prosecution::Proof(Box::new(proof)),
                        Err(failure) => Prosecution::NotYet(causes(&failure)),
                    }
                }
                Ok(case) => find(&runner, &sources, case, honest, claim).await,
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
            Prosecution::Withheld(data, pages) => self.withheld(attempt, data, pages),
            Prosecution::Nothing(reason) => {
                self.memory.challenged.insert(attempt);
                let doing = format!("looking for the fault in {attempt}");
                self.desk.voice.say(News::Trouble { doing, reason });
            }
            Prosecution::NotYet(reason) => self.failed(attempt, reason),
        }
    }

    fn withheld(&mut self, attempt: Attempt, data: DataKind, pages: Pages) {
        let before = self.memory.withheld.get(&attempt).map(|withheld| withheld.data);
        if before != Some(data) {
            self.desk.voice.say(News::Unavailable { attempt, data });
        }
        self.memory.withheld.insert(attempt, Withheld { data, wanted: Some(pages) });
    }
}

/// Where claimed data may be had.
struct Sources {
    shared: Blobs,
    collected: Collected,
    pages_max: u32,
}

impl Sources {
    /// A claimed blob, as far as it takes to see how it differs from `mine`; or the pages to see next.
    async fn claimed(&self, content: Content, mine: Vec<u8>) -> Result<Claimed, Pages> {
        match self.shared.get(content).await {
            Ok(bytes) => return Ok(Claimed::Whole(bytes)),
            // Whatever is the matter with the store, a disagreement must be proven in time.
            Err(error) => tracing::debug!(%error, "looking on the ledger"),
        }
        let (pages, pages_max) = (self.collected.pages(&content), self.pages_max);
        match blocking(move || compare(mine, &content, &pages, pages_max)).await {
            Look::Same(bytes) => Ok(Claimed::Whole(bytes.into())),
            Look::Differs(known) => Ok(Claimed::Beginning(known)),
            Look::Ask(pages) => Err(pages),
        }
    }
}

/// Gets at what was claimed and finds the first thing wrong with it.
async fn find(
    runner: &Runner,
    sources: &Sources,
    case: Case,
    honest: Arc<Execution>,
    claim: Claim,
) -> Prosecution {
    let right = claim_from_machine(&honest.claim);
    let mine = honest.trace_bytes();
    let trace = if claim.trace == right.trace {
        Ok(Claimed::Whole(mine.into()))
    } else {
        sources.claimed(claim.trace, mine).await
    };
    let output = if looks_at_output(&claim, &right) {
        sources.claimed(claim.output, honest.output.clone()).await
    } else {
        Ok(Claimed::Whole(Bytes::new()))
    };
    let (trace, output) = match (trace, output) {
        (Err(pages), _) => return Prosecution::Withheld(DataKind::Trace, pages),
        (_, Err(pages)) => return Prosecution::Withheld(DataKind::Output, pages),
        (Ok(trace), Ok(output)) => (trace, output),
    };
    match runner.prove_fault(case, honest, claim, trace, output).await {
        Ok(Some(proof)) => Prosecution::Proof(Box::new(proof)),
        Ok(None) => Prosecution::Nothing("the claim is right after all".into()),
        Err(error @ AccuseError::EnginesDisagree(_)) => Prosecution::Nothing(causes(&error)),
        Err(error) => Prosecution::NotYet(causes(&error)),
    }
}

/// Whether a page of the claimed output is part of the proof: only if nothing else is wrong, and its size is right.
fn looks_at_output(claim: &Claim, right: &Claim) -> bool {
    let rest = claim.trace == right.trace && claim.meter == right.meter;
    rest && claim.output != right.output && claim.output.size == right.output.size
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
