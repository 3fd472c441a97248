//! The door to the machine: who prepares programs and judges evidence.

use crate::parameters::{ChallengeKind, Parameters};
use crate::primitives::{
    AccountId, Bytes, ChainId, Claim, Content, DeviceId, Hash, Height, ProgramId,
};

/// Prepares programs, judges evidence, checks pages. Must be a pure function of its arguments on every node.
pub trait Referee {
    /// Prepares a source module, or says in words why it is refused.
    ///
    /// # Errors
    /// The reason, for the author of the module.
    fn prepare(&self, source: &[u8]) -> Result<PreparedProgram, String>;

    /// Judges evidence against a claim. Never uses more than [`Case::units_max`] metered units.
    fn judge(&self, case: &Case<'_>) -> Judgement;

    /// Whether programs can be run and judged within these parameters, or says in words why not.
    ///
    /// # Errors
    /// The reason, for whoever proposed them.
    fn check_parameters(&self, parameters: &Parameters) -> Result<(), String>;

    /// Whether `bytes` are page `index` of `content`, by the Merkle `path` from leaf to root.
    fn check_page(&self, content: &Content, index: u64, bytes: &[u8], path: &[Hash]) -> bool;

    /// Whether an answer to a capacity challenge is right for all claimed units. Must cost about the same whatever the
    /// units, as blocks are bounded by the number of checks. A right answer must be of no use to another operator or
    /// device, and must not be had in the class's answer window with a third less hardware than claimed.
    fn check_capacity(&self, case: &CapacityCase<'_>) -> bool;

    /// Whether the evidence holds two statements for one height, both signed with the operator's key for this chain, of
    /// which nobody who keeps to the consensus signs more than one. Must cost no more than checking a few signatures.
    fn check_double_signing(&self, case: &SigningCase<'_>) -> bool;
}

/// Evidence that an operator signed twice.
#[derive(Clone, Copy, Debug)]
pub struct SigningCase<'a> {
    /// Which chain: a statement for another one is none.
    pub chain: ChainId,
    /// Whose signatures.
    pub operator: AccountId,
    /// The height of both statements.
    pub height: Height,
    /// The evidence, in the referee's own encoding.
    pub evidence: &'a [u8],
}

/// An answer to a capacity challenge.
#[derive(Clone, Copy, Debug)]
pub struct CapacityCase<'a> {
    /// What is asked. Never [`ChallengeKind::MeasuredTransfer`]: peers measure transfers.
    pub kind: ChallengeKind,
    /// The device's own challenge of this round: everything random comes from it.
    pub challenge: Hash,
    /// Whose device; sealed data is sealed for it.
    pub operator: AccountId,
    /// Which device; of sealed data, the root.
    pub device: DeviceId,
    /// Units claimed.
    pub units: u32,
    /// The answer, in the referee's own encoding.
    pub answer: &'a [u8],
}

/// A program as the referee prepared it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedProgram {
    /// Hash of `bytes`.
    pub id: ProgramId,
    /// The prepared module.
    pub bytes: Bytes,
    /// Most memory it can ever use, in bytes.
    pub memory_max: u64,
}

/// What the judge is given: the job, the claim in dispute, and the evidence against it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The program's name.
    pub program: ProgramId,
    /// The prepared module.
    pub prepared: &'a [u8],
    /// Address of the input.
    pub input: Content,
    /// Most steps the job allows; a run that reaches it ends there.
    pub steps_max: u64,
    /// Most metered units the job allows.
    pub meter_max: u64,
    /// The claim in dispute.
    pub claim: &'a Claim,
    /// The evidence, in the referee's own encoding.
    pub evidence: &'a [u8],
    /// Most metered units the judge may spend.
    pub units_max: u64,
}

/// A verdict and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Metered units spent; at most [`Case::units_max`].
    pub units: u64,
}

/// What the judge found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Verdict {
    /// The claim is proven wrong.
    Guilty,
    /// The program itself breaks the limits: nobody can be blamed for running it.
    AuthorFault,
    /// The evidence proves nothing, for the stated reason.
    Dismissed(String),
}
