//! From an honest execution and a claim to the proof that the claim is wrong.

use super::{FraudProof, OutputPage, StateEvidence, StepEvidence, Verdict, judge};
use crate::beginning::Beginning;
use crate::claim::{Bounds, Claim};
use crate::computation::End;
use crate::content::Content;
use crate::execution::Execution;
use crate::limits::PAGE_BYTES;
use crate::opening::Opening;
use crate::prepare::Program;
use crate::trace;
use crate::witness::{Wanted, Witness};

/// Why no proof came out although the claim may be wrong.
#[derive(Debug, thiserror::Error)]
pub enum AccuseError<E> {
    /// The trace that was handed over is not the one claimed: demand the right one.
    #[error("these bytes are not the claimed trace")]
    NotTheTrace,
    /// The output that was handed over is not the one claimed: demand the right one.
    #[error("these bytes are not the claimed output")]
    NotTheOutput,
    /// Evidence could not be taken from a second execution.
    #[error("cannot take evidence")]
    Evidence(#[source] E),
    /// The interpreter does not see the difference that the compiler saw. Accuse nobody.
    #[error("compiler and interpreter disagree ({0:?}): a fault of this machine, not of the claim")]
    EnginesDisagree(Verdict),
}

/// A claimed blob, as far as whoever accuses has it.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// All of it, or what somebody says is all of it.
    Whole(&'a [u8]),
    /// Up to the first page that differs from what is right.
    Beginning(&'a Beginning),
}

impl<'a> Seen<'a> {
    /// The bytes from the beginning on, if they are the blob's.
    fn bytes(self, content: &Content) -> Option<&'a [u8]> {
        match self {
            Self::Whole(bytes) => content.is_of(bytes).then_some(bytes),
            Self::Beginning(known) => (known.content() == *content).then(|| known.bytes()),
        }
    }

    fn open(self, pages: &[u32]) -> Opening {
        match self {
            Self::Whole(bytes) => Content::open(bytes, pages),
            Self::Beginning(known) => known.open(pages),
        }
    }
}

/// Finds the first thing that is wrong with a claim, given the honest execution and the claimed trace and output,
/// and proves it. See [`accuse_seen`].
///
/// # Errors
///
/// See [`AccuseError`].
pub fn accuse<E>(
    case: (&Program, &Content, &Bounds),
    honest: &Execution,
    claimed: (&Claim, &[u8], &[u8]),
    take: impl FnMut(Wanted) -> Result<Witness, E>,
) -> Result<Option<FraudProof>, AccuseError<E>> {
    let (claim, trace, output) = claimed;
    accuse_seen(case, honest, (claim, Seen::Whole(trace), Seen::Whole(output)), take)
}

/// Finds the first thing that is wrong with a claim, given the honest execution and as much of the claimed trace and
/// output as was seen, and proves it.
///
/// `take` re-executes and takes evidence. Nothing is returned that [`judge`] does not accept: a step is
/// re-run in the interpreter before anybody is accused, which also guards against a compiler's mistake.
///
/// # Errors
///
/// See [`AccuseError`].
pub fn accuse_seen<E>(
    case: (&Program, &Content, &Bounds),
    honest: &Execution,
    claimed: (&Claim, Seen<'_>, Seen<'_>),
    take: impl FnMut(Wanted) -> Result<Witness, E>,
) -> Result<Option<FraudProof>, AccuseError<E>> {
    let (claim, trace, output) = claimed;
    if honest.claim == *claim {
        return Ok(None);
    }
    let (program, input, bounds) = case;
    let mut accuser = Accuser { bounds, honest, claim, trace, output, take };
    let proof = accuser.proof()?;
    match (judge(program, input, bounds, claim, &proof), proof) {
        (Verdict::Guilty(_), proof) => Ok(Some(proof)),
        // Named by what the judge sees in it.
        (Verdict::AuthorFault, FraudProof::WrongStep(evidence)) => {
            Ok(Some(FraudProof::AuthorFault(evidence)))
        }
        (verdict, _) => Err(AccuseError::EnginesDisagree(verdict)),
    }
}

struct Accuser<'a, T> {
    bounds: &'a Bounds,
    honest: &'a Execution,
    claim: &'a Claim,
    trace: Seen<'a>,
    output: Seen<'a>,
    take: T,
}

impl<E, T: FnMut(Wanted) -> Result<Witness, E>> Accuser<'_, T> {
    fn proof(&mut self) -> Result<FraudProof, AccuseError<E>> {
        let empty = self.claim.output.size > 0 || self.claim.output == Content::empty();
        let Some(steps) =
            self.claim.steps().filter(|steps| empty && *steps <= self.bounds.steps_max)
        else {
            return Ok(FraudProof::Malformed);
        };
        let claimed = self.trace.bytes(&self.claim.trace).and_then(trace::from_bytes);
        let claimed = claimed.ok_or(AccuseError::NotTheTrace)?;
        let mut pairs = (0u64..).zip(claimed.iter().zip(&self.honest.trace));
        let honest_steps = self.honest.steps();
        match pairs.find(|(_, (claimed, honest))| claimed != honest) {
            Some((0, _)) => Ok(FraudProof::WrongStart { trace: self.window(0, 0) }),
            Some((step, _)) => self.step(step),
            // A beginning without a difference decides nothing.
            None if claimed.len() as u64 <= steps.min(honest_steps) => {
                Err(AccuseError::NotTheTrace)
            }
            None if steps != honest_steps => self.length(steps.min(honest_steps)),
            None if self.claim.meter != self.honest.claim.meter => self.meter(steps),
            None => self.wrong_output(steps),
        }
    }

    fn window(&self, first: u64, last: u64) -> Opening {
        self.trace.open(&trace::pages(first, last))
    }

    fn take(&mut self, wanted: Wanted) -> Result<Witness, AccuseError<E>> {
        (self.take)(wanted).map_err(AccuseError::Evidence)
    }

    fn step(&mut self, step: u64) -> Result<FraudProof, AccuseError<E>> {
        let trace = self.window(step - 1, step);
        let witness = self.take(Wanted::Step(step))?;
        Ok(FraudProof::WrongStep(StepEvidence { step, trace, witness }))
    }

    /// What the honest state after so many steps is.
    fn state(&mut self, step: u64) -> Result<StateEvidence, AccuseError<E>> {
        match self.honest.end {
            End::Trapped { step: trap, .. } if trap == step => Ok(StateEvidence::Trapped),
            _ => Ok(StateEvidence::Whole(self.take(Wanted::State(step))?.header)),
        }
    }

    fn length(&mut self, step: u64) -> Result<FraudProof, AccuseError<E>> {
        let state = self.state(step)?;
        Ok(FraudProof::WrongLength { step, trace: self.window(step, step), state })
    }

    fn meter(&mut self, steps: u64) -> Result<FraudProof, AccuseError<E>> {
        let state = self.state(steps)?;
        let last = steps.checked_sub(1).filter(|_| state == StateEvidence::Trapped);
        let before = match last {
            Some(last) => Some(self.take(Wanted::State(last))?.header),
            None => None,
        };
        let trace = self.window(steps.saturating_sub(1), steps);
        Ok(FraudProof::WrongMeter { trace, state, before })
    }

    fn wrong_output(&mut self, steps: u64) -> Result<FraudProof, AccuseError<E>> {
        let trace = self.window(steps, steps);
        let none = Opening { pages: Vec::new(), siblings: Vec::new() };
        if matches!(self.honest.end, End::Trapped { .. }) {
            let state = StateEvidence::Trapped;
            return Ok(FraudProof::WrongOutput { trace, state, memory: none, output: None });
        }
        let page = self.differing_page()?;
        let witness = self.take(Wanted::Output(steps, page))?;
        let output = page.map(|index| OutputPage { index, opening: self.output.open(&[index]) });
        let state = StateEvidence::Whole(witness.header);
        Ok(FraudProof::WrongOutput { trace, state, memory: witness.memory, output })
    }

    /// The first page in which outputs of equal size differ.
    fn differing_page(&self) -> Result<Option<u32>, AccuseError<E>> {
        if self.claim.output.size != self.honest.claim.output.size {
            return Ok(None);
        }
        let claimed = self.output.bytes(&self.claim.output).ok_or(AccuseError::NotTheOutput)?;
        let pages = claimed.chunks(PAGE_BYTES).zip(self.honest.output.chunks(PAGE_BYTES));
        let differs = (0u32..).zip(pages).find(|(_, (claimed, honest))| claimed != honest);
        differs.map(|(page, _)| Some(page)).ok_or(AccuseError::NotTheOutput)
    }
}
