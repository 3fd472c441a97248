//! The judge: a function of public data, total, and the same on every machine.

use super::replay::{Replayed, dismiss, replay};
use super::{Dismissal, FraudProof, Guilt, OutputPage, StateEvidence, StepEvidence, Verdict};
use crate::claim::{Bounds, Claim};
use crate::content::Content;
use crate::hash::Hash;
use crate::image::{first_root, output_region};
use crate::limits::PAGE_BYTES;
use crate::opening::{Opening, Pages};
use crate::prepare::Program;
use crate::state::{Header, Status, trapped};
use crate::trace::Window;
use crate::tree::{Shape, padded};
use crate::witness::page_of;

/// Judges an encoded proof. See [`judge`].
#[must_use]
pub fn judge_bytes(
    program: &Program,
    input: &Content,
    bounds: &Bounds,
    claim: &Claim,
    proof: &[u8],
) -> Verdict {
    match FraudProof::from_bytes(proof) {
        Some(proof) => judge(program, input, bounds, claim, &proof),
        None => Verdict::Dismissed(Dismissal::Unreadable),
    }
}

/// Judges a proof against a claim about a computation.
///
/// Depends on nothing but its arguments. Never panics. Takes at most the memory that `bounds` allow the
/// program, a fixed amount, and what the proof's own bytes decode to; runs at most one step. A host
/// that cannot provide that memory ends the process, since any verdict of it would be its own.
#[must_use]
pub fn judge(
    program: &Program,
    input: &Content,
    bounds: &Bounds,
    claim: &Claim,
    proof: &FraudProof,
) -> Verdict {
    let case = Case { program, input, bounds, claim };
    case.judge(proof).unwrap_or_else(Verdict::Dismissed)
}

/// What is disputed.
#[derive(Clone, Copy)]
struct Case<'a> {
    program: &'a Program,
    input: &'a Content,
    bounds: &'a Bounds,
    claim: &'a Claim,
}

/// A root's meaning, checked.
enum State<'p> {
    Whole(&'p Header),
    Trapped,
}

impl State<'_> {
    /// Whether no step can follow.
    fn is_end(&self) -> bool {
        match self {
            Self::Whole(header) => header.status == Status::Done,
            Self::Trapped => true,
        }
    }
}

fn guilty_unless(right: bool, guilt: Guilt) -> Result<Verdict, Dismissal> {
    if right { Err(Dismissal::Right) } else { Ok(Verdict::Guilty(guilt)) }
}

impl Case<'_> {
    fn judge(&self, proof: &FraudProof) -> Result<Verdict, Dismissal> {
        if !self.bounds.are_valid() {
            return Err(Dismissal::Bounds);
        }
        let steps = match (self.steps(), proof) {
            (Some(steps), _) => steps,
            (None, FraudProof::Malformed) => return Ok(Verdict::Guilty(Guilt::Form)),
            (None, _) => return Err(Dismissal::NoSuchStep),
        };
        match proof {
            FraudProof::Malformed => Err(Dismissal::Right),
            FraudProof::WrongStart { trace } => self.start(trace),
            FraudProof::WrongStep(evidence) => self.step(steps, evidence),
            FraudProof::AuthorFault(evidence) => match self.step(steps, evidence)? {
                Verdict::Guilty(_) => Err(Dismissal::Right),
                verdict => Ok(verdict),
            },
            FraudProof::WrongLength { step, trace, state } => {
                self.length(steps, *step, trace, state)
            }
            FraudProof::WrongOutput { trace, state, memory, output } => {
                match self.state(trace, steps, state)? {
                    State::Whole(header) => self.output(header, memory, output.as_ref()),
                    State::Trapped => {
                        guilty_unless(self.claim.output == Content::empty(), Guilt::Output)
                    }
                }
            }
            FraudProof::WrongMeter { trace, state, before } => {
                self.meter(steps, trace, state, before.as_ref())
            }
        }
    }

    /// The number of steps, if the form is right.
    fn steps(&self) -> Option<u64> {
        let output = &self.claim.output;
        let empty = output.size > 0 || *output == Content::empty();
        self.claim.steps().filter(|steps| empty && *steps <= self.bounds.steps_max)
    }

    fn window(&self, trace: &Opening) -> Result<Window, Dismissal> {
        Window::check(&self.claim.trace, trace).ok_or(Dismissal::Trace)
    }

    fn root(&self, trace: &Opening, step: u64) -> Result<Hash, Dismissal> {
        self.window(trace)?.root(step).ok_or(Dismissal::Trace)
    }

    fn state<'p>(
        &self,
        trace: &Opening,
        step: u64,
        evidence: &'p StateEvidence,
    ) -> Result<State<'p>, Dismissal> {
        let root = self.root(trace, step)?;
        match evidence {
            StateEvidence::Whole(header) if header.root() == root && header.step == step => {
                Ok(State::Whole(header))
            }
            StateEvidence::Trapped if trapped(step) == root => Ok(State::Trapped),
            _ => Err(Dismissal::State),
        }
    }

    fn start(&self, trace: &Opening) -> Result<Verdict, Dismissal> {
        let claimed = self.root(trace, 0)?;
        let first = first_root(self.program, self.input, self.bounds);
        guilty_unless(claimed == first.map_err(|error| dismiss(&error))?, Guilt::Start)
    }

    fn step(&self, steps: u64, evidence: &StepEvidence) -> Result<Verdict, Dismissal> {
        let step = evidence.step;
        if step == 0 || step > steps {
            return Err(Dismissal::NoSuchStep);
        }
        let window = self.window(&evidence.trace)?;
        let before = window.root(step - 1).ok_or(Dismissal::Trace)?;
        let after = window.root(step).ok_or(Dismissal::Trace)?;
        let header = &evidence.witness.header;
        if header.root() != before || header.step != step - 1 {
            return Err(Dismissal::State);
        }
        match replay(self.program, self.bounds, &evidence.witness)? {
            Replayed::Root(root) => guilty_unless(root == after, Guilt::Step(step)),
            Replayed::TooManyPages => Ok(Verdict::AuthorFault),
        }
    }

    fn length(
        &self,
        steps: u64,
        step: u64,
        trace: &Opening,
        state: &StateEvidence,
    ) -> Result<Verdict, Dismissal> {
        if step > steps {
            return Err(Dismissal::NoSuchStep);
        }
        // The last state must be an end, and no other may be.
        let is_end = self.state(trace, step, state)?.is_end();
        guilty_unless(is_end == (step == steps), Guilt::Length)
    }

    fn output(
        &self,
        header: &Header,
        memory: &Opening,
        output: Option<&OutputPage>,
    ) -> Result<Verdict, Dismissal> {
        let pages = memory.verify(Shape::memory(header.memory_bytes), &header.memory_root, 2);
        let pages = pages.ok_or(Dismissal::Memory)?;
        let cell = self.output_cell(&pages).ok_or(Dismissal::Memory)?;
        let region = output_region(cell, header.memory_bytes, self.bounds);
        let (start, size) = region.unwrap_or((0, 0));
        if size != self.claim.output.size {
            return Ok(Verdict::Guilty(Guilt::Output));
        }
        // Equal sizes of zero are equal outputs: the form of the claim sees to that.
        let output = output.filter(|_| size > 0).ok_or(Dismissal::Right)?;
        let opened = self.claim.output.check(&output.opening, 1).ok_or(Dismissal::Output)?;
        let claimed = opened.get(&output.index).ok_or(Dismissal::Output)?;
        let index = page_of(start).checked_add(output.index).ok_or(Dismissal::Memory)?;
        let held = pages.get(&index).ok_or(Dismissal::Memory)?;
        let used = size.saturating_sub(u64::from(output.index) * PAGE_BYTES as u64);
        let used = usize::try_from(used).unwrap_or(PAGE_BYTES).min(PAGE_BYTES);
        guilty_unless(padded(&held[..used]) == **claimed, Guilt::Output)
    }

    fn output_cell(&self, pages: &Pages) -> Option<[u8; 8]> {
        let cell = self.program.manifest().output_cell;
        let page = pages.get(&page_of(u64::from(cell)))?;
        page.get(cell as usize % PAGE_BYTES..)?.first_chunk().copied()
    }

    fn meter(
        &self,
        steps: u64,
        trace: &Opening,
        state: &StateEvidence,
        before: Option<&Header>,
    ) -> Result<Verdict, Dismissal> {
        let meter = match (self.state(trace, steps, state)?, steps.checked_sub(1)) {
            (State::Whole(header), _) => header.meter,
            (State::Trapped, None) => 0,
            (State::Trapped, Some(last)) => {
                let header = before.filter(|header| header.step == last).ok_or(Dismissal::State)?;
                if self.root(trace, last)? != header.root() {
                    return Err(Dismissal::State);
                }
                header.meter
            }
        };
        guilty_unless(meter == self.claim.meter, Guilt::Meter)
    }
}
