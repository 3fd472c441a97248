//! Proofs that a claim is wrong, and the judge of them.
//!
//! A claim is wrong in one of six ways, and each has its proof, from public data:
//!
//! | the claim's | is wrong when | the proof shows |
//! |---|---|---|
//! | form | its sizes are impossible | nothing: the claim says it |
//! | start | `r0` is not the first state | the page of the trace with `r0` |
//! | step `i` | `r(i)` does not follow from `r(i-1)` | both roots, the state before, the touched pages |
//! | length | the last state is no end, or an earlier one is | that state |
//! | output | it is not what the last state names | the output cell, and one page of both if sizes agree |
//! | meter | the last whole state used other units | that state |
//!
//! These are complete: if the form is right, either the traces are equal, or there is a first difference
//! (start or step), or one is a beginning of the other (length); if they are equal, what is left are
//! output and meter.
//!
//! A step that touches more pages than allowed cannot be judged at all. That is the *author's fault*: no
//! provider is convicted for it, and whoever shows it voids the job. It is relative to the trace it is
//! shown in: **a conviction of the same claim outranks it**, since a liar could steer a corrupted state
//! into such a step to escape.

mod accuse;
mod judge;
mod replay;

use borsh::{BorshDeserialize, BorshSerialize};

pub use accuse::{AccuseError, Seen, accuse, accuse_seen};
pub use judge::{judge, judge_bytes};

use crate::limits::PROOF_BYTES_MAX;
use crate::opening::Opening;
use crate::state::Header;
use crate::witness::Witness;

/// Evidence that a claim is wrong.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum FraudProof {
    /// The claim's sizes are impossible.
    Malformed,
    /// The first root is not that of the program's first state.
    WrongStart {
        /// The page of the trace with the first root.
        trace: Opening,
    },
    /// A step does not lead from its state to the next.
    WrongStep(StepEvidence),
    /// A step touches more pages than allowed.
    AuthorFault(StepEvidence),
    /// The trace ends before the computation does, or goes on after it.
    WrongLength {
        /// The last state if the trace is too short, else the one that is the end.
        step: u64,
        /// The page of the trace with its root.
        trace: Opening,
        /// What it is.
        state: StateEvidence,
    },
    /// The output is not what the last state names.
    WrongOutput {
        /// The page of the trace with the last root.
        trace: Opening,
        /// The last state.
        state: StateEvidence,
        /// The page of its memory with the output cell, and the page of the output in question.
        memory: Opening,
        /// If sizes agree: the page of the claimed output that differs.
        output: Option<OutputPage>,
    },
    /// The metered units are not those of the last whole state.
    WrongMeter {
        /// The page or pages of the trace with the last root, and the one before it.
        trace: Opening,
        /// The last state.
        state: StateEvidence,
        /// If that is a trap after at least one step: the state before it.
        before: Option<Header>,
    },
}

/// Evidence about one step.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct StepEvidence {
    /// Which step, counted from 1: it leads from `r(step - 1)` to `r(step)`.
    pub step: u64,
    /// The page or pages of the trace with both roots.
    pub trace: Opening,
    /// The state before it and every page that it touches.
    pub witness: Witness,
}

/// The preimage of a root.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum StateEvidence {
    /// A state between two steps.
    Whole(Header),
    /// A trap.
    Trapped,
}

/// One page of a claimed output.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct OutputPage {
    /// Which page of the output.
    pub index: u32,
    /// It, and its proof.
    pub opening: Opening,
}

impl FraudProof {
    /// The canonical encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("writing to memory does not fail")
    }

    /// Decodes at most [`PROOF_BYTES_MAX`] bytes; takes memory in proportion to them.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > PROOF_BYTES_MAX { None } else { borsh::from_slice(bytes).ok() }
    }
}

/// In what way a claim is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, BorshSerialize, BorshDeserialize)]
pub enum Guilt {
    /// Its sizes are impossible.
    Form,
    /// Its first root.
    Start,
    /// A step.
    Step(u64),
    /// The number of its steps.
    Length,
    /// Its output.
    Output,
    /// Its metered units.
    Meter,
}

/// Why a proof convicts nobody.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, BorshSerialize, BorshDeserialize, thiserror::Error,
)]
pub enum Dismissal {
    /// It does not decode or is too long.
    #[error("the proof is not well-formed or is longer than allowed")]
    Unreadable,
    /// The bounds are none.
    #[error("the job's bounds are outside the machine's limits")]
    Bounds,
    /// It speaks of a step that the claim does not have.
    #[error("the claim has no such step")]
    NoSuchStep,
    /// Pages of the trace are not those that the claim commits to.
    #[error("the pages of the trace do not open the claimed trace")]
    Trace,
    /// The state is not the preimage of the claimed root.
    #[error("the state is not the one of the claimed root")]
    State,
    /// Pages of memory are not those of the state, or are too many.
    #[error("the pages of memory do not open the state, or are too many")]
    Memory,
    /// Pages of the output are not those that the claim commits to.
    #[error("the page of the output does not open the claimed output")]
    Output,
    /// The step touches a page that was not shown.
    #[error("the step touches page {0}, which the proof does not show")]
    NotShown(u32),
    /// The interpreter does not run this module or this step.
    #[error("the interpreter does not run it")]
    Engine,
    /// Everything is as claimed.
    #[error("the claim is right in this")]
    Right,
}

/// What the judge says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, BorshSerialize, BorshDeserialize)]
pub enum Verdict {
    /// The claim is wrong.
    Guilty(Guilt),
    /// The program breaks its bounds, and nobody can be held to it.
    AuthorFault,
    /// The proof shows nothing.
    Dismissed(Dismissal),
}
