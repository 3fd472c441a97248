//! A referee that reads its verdict off the evidence: the workload decides how every case ends.

use protocol::{
    CapacityCase, Case, Content, Hash, Judgement, PageProof, Parameters, PreparedProgram,
    ProgramId, Referee, SigningCase, Verdict,
};

use crate::operation::Ruled;

/// Follows the script in what it is shown.
pub(crate) struct Scripted;

/// First byte of a source that is prepared; any other is refused.
const SOUND: u8 = 1;

/// Memory that every program declares, in bytes.
pub(crate) const PROGRAM_MEMORY: u64 = 65_536;

/// Bound on the bytes of programs with which the machine would not do.
pub(crate) const UNSOUND_PROGRAM_BYTES: u64 = 13;

/// A source module of so many bytes.
pub(crate) fn source(sound: bool, number: u8, bytes: u32) -> Vec<u8> {
    let length = usize::try_from(bytes.max(2)).expect("sources are small");
    let mut source = vec![0; length];
    (source[0], source[1]) = (u8::from(sound) * SOUND, number);
    source
}

/// The name of the program that a sound source with this number becomes.
pub(crate) fn program(number: u8) -> ProgramId {
    ProgramId([number; 32])
}

/// Evidence of so many bytes on which the referee rules so, and says that it took so many units.
pub(crate) fn evidence(ruled: Ruled, units: u64, bytes: u32) -> Vec<u8> {
    let mut evidence = vec![ruled as u8];
    evidence.extend(units.to_le_bytes());
    evidence.resize(evidence.len().max(usize::try_from(bytes).expect("evidence is small")), 0);
    evidence
}

/// A page as an answer gives it, true or forged.
pub(crate) fn page(content: &Content, index: u64, genuine: bool) -> PageProof {
    let root = if genuine { content.root } else { Hash([0; 32]) };
    PageProof { index, bytes: index.to_le_bytes().to_vec().into(), path: vec![root] }
}

/// What a right answer to a capacity challenge begins with: everything that the rules say about the case.
fn right_answer(case: &CapacityCase<'_>) -> Hash {
    let CapacityCase { kind, challenge, operator, device, units, .. } = *case;
    Hash::of("model capacity answer", &(kind, challenge, operator, device, units))
}

/// An answer of so many bytes, right or wrong.
pub(crate) fn capacity_answer(case: &CapacityCase<'_>, right: bool, bytes: u32) -> Vec<u8> {
    let mut answer = right_answer(case).as_bytes().to_vec();
    answer[0] ^= u8::from(!right);
    answer.resize(usize::try_from(bytes).expect("answers are small"), 0);
    answer
}

/// What evidence of double signing begins with: everything that the rules say about the case.
fn right_evidence(case: &SigningCase<'_>) -> Hash {
    let SigningCase { chain, operator, height, .. } = *case;
    Hash::of("model double signing", &(chain, operator, height))
}

/// Evidence of so many bytes, genuine or not.
pub(crate) fn double_signing(case: &SigningCase<'_>, genuine: bool, bytes: u32) -> Vec<u8> {
    let mut evidence = right_evidence(case).as_bytes().to_vec();
    evidence[0] ^= u8::from(!genuine);
    evidence.resize(usize::try_from(bytes).expect("evidence is small"), 0);
    evidence
}

impl Referee for Scripted {
    fn prepare(&self, source: &[u8]) -> Result<PreparedProgram, String> {
        match source {
            [SOUND, number, ..] => Ok(PreparedProgram {
                id: program(*number),
                bytes: source.to_vec().into(),
                memory_max: PROGRAM_MEMORY,
            }),
            _ => Err("the script says no".into()),
        }
    }

    fn judge(&self, case: &Case<'_>) -> Judgement {
        let verdict = match case.evidence.first() {
            Some(0) => Verdict::Guilty,
            Some(1) => Verdict::AuthorFault,
            _ => Verdict::Dismissed("the script says no".into()),
        };
        let units = case.evidence.get(1..9).and_then(|units| units.try_into().ok());
        Judgement { verdict, units: units.map_or(0, u64::from_le_bytes) }
    }

    fn check_parameters(&self, parameters: &Parameters) -> Result<(), String> {
        match parameters.program_bytes_max {
            UNSOUND_PROGRAM_BYTES => Err("the script says no".into()),
            _ => Ok(()),
        }
    }

    fn check_page(&self, content: &Content, index: u64, bytes: &[u8], path: &[Hash]) -> bool {
        path == [content.root] && bytes == index.to_le_bytes()
    }

    fn check_capacity(&self, case: &CapacityCase<'_>) -> bool {
        case.answer.starts_with(right_answer(case).as_bytes())
    }

    fn check_double_signing(&self, case: &SigningCase<'_>) -> bool {
        case.evidence.starts_with(right_evidence(case).as_bytes())
    }
}
