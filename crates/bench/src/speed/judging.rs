//! What it takes to judge one step, and how large the evidence is.

use anyhow::{Context, Result, ensure};
use machine::fraud::{Guilt, accuse};
use machine::local::{self, Options};
use machine::prepare::prepare;
use machine::witness::Wanted;
use machine::{Bounds, Claim, Content, FraudProof, Hash, Verdict, judge_bytes, trace};

use crate::clock::{Samples, timed};
use crate::programs::Name;

/// Steps that are judged: spread evenly, the first two and the last two among them.
const STEPS: u64 = 10;

/// One program's proofs.
pub(super) struct Judging {
    pub(super) name: Name,
    /// Memory at the end, in bytes.
    pub(super) memory_bytes: u64,
    /// The whole job with commitments, compilation included, in milliseconds.
    pub(super) job_ms: f64,
    /// Reaching the state, and taking the evidence from it: as much as running, in milliseconds.
    pub(super) prove_ms: f64,
    /// Each step's proof.
    pub(super) proofs: Vec<Proof>,
}

/// The proof that one step is wrong.
pub(super) struct Proof {
    pub(super) step: u64,
    /// Encoded.
    pub(super) bytes: usize,
    /// Pages of memory in it.
    pub(super) pages: usize,
    /// Milliseconds to judge it.
    pub(super) judge: Samples,
}

impl Judging {
    /// The milliseconds to judge each step.
    pub(super) fn judge_ms(&self) -> Samples {
        let mut all = Samples::default();
        self.proofs.iter().for_each(|proof| all.push(proof.judge.min()));
        all
    }

    /// The bytes of each proof.
    pub(super) fn proof_bytes(&self) -> Samples {
        let mut all = Samples::default();
        self.proofs.iter().for_each(|proof| all.push(proof.bytes as f64));
        all
    }
}

/// Runs a program, claims one wrong root at a time, proves it and judges the proof.
pub(super) fn measure(name: Name, input: &[u8], repetitions: usize) -> Result<Judging> {
    let program = prepare(name.module()).context("the module is no step program")?;
    let (bounds, content) = (Bounds::default(), Content::of(input));
    let (honest, job_ms) = timed(|| local::run(&program, input, &bounds, &Options::default()));
    let honest = honest?;
    let steps = honest.steps();
    let last = local::witness(&program, input, &bounds, Wanted::State(steps))?;
    let memory_bytes = last.header.memory_bytes;
    let mut judging = Judging { name, memory_bytes, job_ms, prove_ms: 0.0, proofs: Vec::new() };
    for step in sampled(steps) {
        let (wrong, claim) = wrong_from(&honest.trace, &honest.claim, step);
        let claimed = (&claim, wrong.as_slice(), honest.output.as_slice());
        let (proof, taken) = timed(|| {
            accuse((&program, &content, &bounds), &honest, claimed, |wanted| {
                local::witness(&program, input, &bounds, wanted)
            })
        });
        judging.prove_ms = judging.prove_ms.max(taken);
        let proof = proof?.context("a wrong claim is accused of nothing")?;
        let bytes = proof.to_bytes();
        let mut judge = Samples::default();
        for _ in 0..repetitions {
            let verdict =
                judge.measure(|| judge_bytes(&program, &content, &bounds, &claim, &bytes));
            ensure!(verdict == Verdict::Guilty(Guilt::Step(step)), "step {step}: {verdict:?}");
        }
        judging.proofs.push(Proof { step, bytes: bytes.len(), pages: pages(&proof), judge });
    }
    Ok(judging)
}

/// The trace and the claim of somebody who goes wrong in one step and never comes back.
fn wrong_from(roots: &[Hash], claim: &Claim, step: u64) -> (Vec<u8>, Claim) {
    let mut roots = roots.to_vec();
    for root in roots.iter_mut().skip(usize::try_from(step).unwrap_or(usize::MAX)) {
        root.0[0] ^= 1;
    }
    let bytes = trace::to_bytes(&roots);
    let claim = Claim { trace: Content::of(&bytes), ..*claim };
    (bytes, claim)
}

fn sampled(steps: u64) -> Vec<u64> {
    let spread = (0..STEPS).map(|number| 1 + number * steps.saturating_sub(1) / (STEPS - 1));
    let mut all: Vec<u64> = spread.chain([2, steps.saturating_sub(1)]).collect();
    all.retain(|step| (1..=steps).contains(step));
    all.sort_unstable();
    all.dedup();
    all
}

fn pages(proof: &FraudProof) -> usize {
    match proof {
        FraudProof::WrongStep(evidence) => evidence.witness.memory.pages.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampled_steps_exist_and_include_both_ends() {
        assert_eq!(sampled(1), [1]);
        assert_eq!(sampled(3), [1, 2, 3]);
        assert_eq!(sampled(100), [1, 2, 12, 23, 34, 45, 56, 67, 78, 89, 99, 100]);
    }
}
