//! An honest computation with everything that is public about it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use machine::engine::Failure;
use machine::fraud::{AccuseError, accuse};
use machine::local::{self, Options};
use machine::prepare::prepare;
use machine::soundness::Trial;
use machine::witness::{Wanted, Witness};
use machine::{Bounds, Claim, Content, Execution, FraudProof, Program, Verdict, judge_bytes};

use crate::programs::{Name, Size};

/// What kinds of computations there are of each program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A whole run within one or two steps.
    Tiny,
    /// An input that the program refuses in words.
    Refused,
    /// A run of several steps.
    Small,
    /// The same, with fewer steps allowed than it wants: it traps.
    Trapped,
}

/// Each kind, and how often it is drawn: judging a large step costs a hundred times a small one.
pub(super) const KINDS: [(Kind, u32); 4] =
    [(Kind::Tiny, 14), (Kind::Refused, 2), (Kind::Small, 3), (Kind::Trapped, 1)];

/// Most steps of a computation that a trial takes evidence of.
const SAMPLES: u64 = 64;

/// An honest computation, executed once, and evidence that was taken from it.
pub(super) struct Subject {
    pub(super) name: Name,
    pub(super) kind: Kind,
    pub(super) program: Program,
    pub(super) input: Vec<u8>,
    pub(super) content: Content,
    pub(super) bounds: Bounds,
    pub(super) honest: Execution,
    pub(super) trace: Vec<u8>,
    /// Evidence by what was wanted. All of it is about states that the honest computation has, so it
    /// is the same whoever is accused.
    taken: Mutex<HashMap<Vec<u8>, Witness>>,
}

/// A claim and the data that its author publishes.
#[derive(Clone)]
pub(super) struct Published {
    pub(super) claim: Claim,
    pub(super) trace: Vec<u8>,
    pub(super) output: Vec<u8>,
}

impl Published {
    /// The claim that goes with the data.
    pub(super) fn new(trace: Vec<u8>, output: Vec<u8>, meter: u64) -> Self {
        let claim = Claim { output: Content::of(&output), trace: Content::of(&trace), meter };
        Self { claim, trace, output }
    }
}

impl Subject {
    /// Prepares a program and runs it.
    pub(super) fn new(name: Name, kind: Kind, seed: u64) -> Result<Self> {
        let input = match kind {
            Kind::Tiny => name.input(Size::Tiny, seed)?,
            Kind::Refused => b"not an input of any of them".to_vec(),
            Kind::Small | Kind::Trapped => name.input(Size::Small, seed)?,
        };
        let steps_max = if kind == Kind::Trapped { 3 } else { 64 };
        let bounds = Bounds { steps_max, ..Bounds::default() };
        // From the prepared bytes, which is what the ledger keeps.
        let prepared = prepare(name.module()).context("the module is no step program")?;
        let program = Program::from_prepared(prepared.bytes().to_vec())?;
        let honest = local::run(&program, &input, &bounds, &Options::default())?;
        let (content, trace) = (Content::of(&input), honest.trace_bytes());
        let taken = Mutex::default();
        Ok(Self { name, kind, program, input, content, bounds, honest, trace, taken })
    }

    /// The machine's own trial of this computation, with evidence of so many of its steps.
    pub(super) fn trial(&self, seed: u64) -> Result<Trial<'_>, Failure> {
        let Self { program, input, bounds, .. } = self;
        let name = self.name.text();
        let subject = machine::soundness::Subject { name, program, input, bounds: *bounds };
        Trial::new(subject, seed, SAMPLES)
    }

    /// What the honest one publishes.
    pub(super) fn published(&self) -> Published {
        let (trace, output) = (self.trace.clone(), self.honest.output.clone());
        Published { claim: self.honest.claim, trace, output }
    }

    /// Re-executes and takes evidence, once for each thing that is wanted.
    pub(super) fn take(&self, wanted: Wanted) -> Result<Witness, Failure> {
        let key = borsh::to_vec(&wanted).expect("writing to memory does not fail");
        let lock = || self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(witness) = lock().get(&key) {
            return Ok(witness.clone());
        }
        let witness = local::witness(&self.program, &self.input, &self.bounds, wanted)?;
        lock().insert(key, witness.clone());
        Ok(witness)
    }

    /// What an auditor does who has executed and sees what somebody published.
    pub(super) fn accuse(
        &self,
        other: &Published,
    ) -> Result<Option<FraudProof>, AccuseError<Failure>> {
        let case = (&self.program, &self.content, &self.bounds);
        let claimed = (&other.claim, other.trace.as_slice(), other.output.as_slice());
        accuse(case, &self.honest, claimed, |wanted| self.take(wanted))
    }

    /// What the ledger does with a proof against a claim.
    pub(super) fn judge(&self, claim: &Claim, proof: &[u8]) -> Verdict {
        judge_bytes(&self.program, &self.content, &self.bounds, claim, proof)
    }
}
