//! Ways to accuse an honest one: evidence that is stolen, put together wrongly, or changed in one field.
//!
//! True evidence and changes of the bytes of a proof are the machine's own, see [`machine::soundness`].

use machine::fraud::{FraudProof, OutputPage, StateEvidence, StepEvidence};
use machine::opening::{Opening, PackedPage};
use machine::state::{Header, Status};
use machine::witness::Wanted;
use machine::{Content, End, Hash};
use rand::RngExt;
use rand::seq::{IndexedMutRandom, IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::corrupt::corrupt;
use super::subject::Subject;

/// How an accusation of an honest claim is made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) enum Mangling {
    /// A proof that convicts somebody else of the same job.
    AnothersProof,
    /// Evidence about another job.
    AnotherJob,
    /// Something follows the encoding.
    Longer,
    /// A part of the encoding is replaced by a part of another.
    Splice,
    /// Another step number, everything else being right.
    StepNumber,
    /// A field of the state.
    State,
    /// Pages or siblings of an opening: left out, repeated, exchanged, changed.
    Opening,
    /// An opening of something else.
    ForeignOpening,
    /// Another kind of proof around the same evidence.
    Kind,
}

use Mangling as M;

/// Every mangling, and how often it is drawn.
pub(super) const MANGLINGS: [(Mangling, u32); 9] = [
    (M::AnothersProof, 2),
    (M::AnotherJob, 2),
    (M::Longer, 1),
    (M::Splice, 4),
    (M::StepNumber, 4),
    (M::State, 4),
    (M::Opening, 6),
    (M::ForeignOpening, 4),
    (M::Kind, 4),
];

/// An accusation of the honest claim of `subject`, encoded.
pub(super) fn accusation(
    mangling: Mangling,
    subject: &Subject,
    others: &[Subject],
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Vec<u8>> {
    let other = others.choose(rng).unwrap_or(subject);
    let mut proof = evidence(subject, rng)?;
    match mangling {
        M::AnothersProof => return anothers(subject, others, rng),
        M::AnotherJob => proof = evidence(other, rng)?,
        M::Longer => {
            let more = (0..rng.random_range(1..100)).map(|_| rng.random::<u8>());
            return Ok([proof.to_bytes(), more.collect()].concat());
        }
        M::Splice => {
            return Ok(splice(proof.to_bytes(), &evidence(other, rng)?.to_bytes(), rng));
        }
        M::StepNumber => change_step(&mut proof, subject, rng),
        M::State => change_state(&mut proof, rng),
        M::Opening => openings(&mut proof).into_iter().for_each(|it| change_opening(it, rng)),
        M::ForeignOpening => {
            let mut foreign = evidence(if rng.random() { other } else { subject }, rng)?;
            let foreign = openings(&mut foreign).pop().cloned();
            if let (Some(place), Some(foreign)) = (openings(&mut proof).pop(), foreign) {
                *place = foreign;
            }
        }
        M::Kind => proof = change_kind(proof, rng),
    }
    Ok(proof.to_bytes())
}

/// Evidence about the honest computation that is right in every part.
fn evidence(subject: &Subject, rng: &mut ChaCha8Rng) -> anyhow::Result<FraudProof> {
    let steps = subject.honest.steps();
    // A trap's state cannot be shown by a witness, only said to be one.
    let whole = if subject.trapped() { steps.saturating_sub(1) } else { steps };
    Ok(match rng.random_range(0..8) {
        0 => FraudProof::WrongStart { trace: window(subject, 0, 0) },
        1 => {
            let step = rng.random_range(0..=steps);
            FraudProof::WrongLength {
                step,
                trace: window(subject, step, step),
                state: state(subject, step)?,
            }
        }
        2 => output(subject, rng)?,
        3 => FraudProof::WrongMeter {
            trace: window(subject, steps.saturating_sub(1), steps),
            state: state(subject, steps)?,
            before: if subject.trapped() { Some(header(subject, whole)?) } else { None },
        },
        _ => FraudProof::WrongStep(step(subject, rng.random_range(1..=steps))?),
    })
}

impl Subject {
    fn trapped(&self) -> bool {
        matches!(self.honest.end, End::Trapped { .. })
    }
}

fn header(subject: &Subject, step: u64) -> anyhow::Result<Header> {
    Ok(subject.take(Wanted::State(step))?.header)
}

fn state(subject: &Subject, step: u64) -> anyhow::Result<StateEvidence> {
    if subject.trapped() && step == subject.honest.steps() {
        return Ok(StateEvidence::Trapped);
    }
    Ok(StateEvidence::Whole(header(subject, step)?))
}

fn step(subject: &Subject, step: u64) -> anyhow::Result<StepEvidence> {
    let witness = subject.take(Wanted::Step(step))?;
    Ok(StepEvidence { step, trace: window(subject, step - 1, step), witness })
}

fn output(subject: &Subject, rng: &mut ChaCha8Rng) -> anyhow::Result<FraudProof> {
    let steps = subject.honest.steps();
    let trace = window(subject, steps, steps);
    if subject.trapped() {
        let memory = Opening { pages: Vec::new(), siblings: Vec::new() };
        return Ok(FraudProof::WrongOutput {
            trace,
            state: StateEvidence::Trapped,
            memory,
            output: None,
        });
    }
    let pages = u32::try_from(subject.honest.claim.output.pages())?;
    let index = rng.random_range(0..pages);
    let witness = subject.take(Wanted::Output(steps, Some(index)))?;
    let opening = Content::open(&subject.honest.output, &[index]);
    Ok(FraudProof::WrongOutput {
        trace,
        state: StateEvidence::Whole(witness.header),
        memory: witness.memory,
        output: Some(OutputPage { index, opening }),
    })
}

/// The pages of the trace with the roots from one state to another.
fn window(subject: &Subject, first: u64, last: u64) -> Opening {
    let pages = first / 128..=last / 128;
    let pages: Vec<u32> = pages.filter_map(|page| u32::try_from(page).ok()).collect();
    Content::open(&subject.trace, &pages)
}

/// A proof that convicts somebody who claimed something else.
fn anothers(
    subject: &Subject,
    others: &[Subject],
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Vec<u8>> {
    let (_, forged) = corrupt(subject, others, rng);
    let proof = subject.accuse(&forged)?;
    let proof = proof.ok_or_else(|| anyhow::anyhow!("a wrong claim is accused of nothing"))?;
    Ok(proof.to_bytes())
}

fn splice(mut bytes: Vec<u8>, other: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let length = rng.random_range(1..=bytes.len().min(other.len()));
    let at = rng.random_range(0..=bytes.len() - length);
    // From the same place, where fields line up, or from anywhere.
    let from = if rng.random() {
        at.min(other.len() - length)
    } else {
        rng.random_range(0..=other.len() - length)
    };
    bytes[at..at + length].copy_from_slice(&other[from..from + length]);
    bytes
}

fn change_step(proof: &mut FraudProof, subject: &Subject, rng: &mut ChaCha8Rng) {
    let steps = subject.honest.steps();
    let number = match rng.random_range(0..4) {
        0 => rng.random(),
        1 => steps + 1,
        _ => rng.random_range(0..=steps),
    };
    match proof {
        FraudProof::WrongStep(evidence) | FraudProof::AuthorFault(evidence) => {
            evidence.step = number
        }
        FraudProof::WrongLength { step, .. } => *step = number,
        FraudProof::WrongOutput { output: Some(page), .. } => page.index = rng.random_range(0..9),
        _ => {}
    }
}

fn change_state(proof: &mut FraudProof, rng: &mut ChaCha8Rng) {
    let header = match proof {
        FraudProof::WrongStep(evidence) | FraudProof::AuthorFault(evidence) => {
            &mut evidence.witness.header
        }
        FraudProof::WrongMeter { before: Some(header), .. } => header,
        FraudProof::WrongLength { state, .. }
        | FraudProof::WrongOutput { state, .. }
        | FraudProof::WrongMeter { state, .. } => match state {
            StateEvidence::Whole(header) => header,
            StateEvidence::Trapped => return,
        },
        _ => return,
    };
    change_header(header, rng);
}

fn change_header(header: &mut Header, rng: &mut ChaCha8Rng) {
    match rng.random_range(0..6) {
        0 => header.step ^= 1 << rng.random_range(0..64),
        1 => {
            header.status =
                if header.status == Status::Done { Status::Running } else { Status::Done };
        }
        2 => header.meter ^= 1 << rng.random_range(0..64),
        3 => header.memory_bytes ^= 1 << rng.random_range(0..40),
        4 => header.memory_root = Hash(rng.random()),
        _ => match header.globals.choose_mut(rng) {
            Some(global) => *global ^= 1 << rng.random_range(0..128),
            None => header.globals.push(rng.random()),
        },
    }
}

/// All openings of a proof.
fn openings(proof: &mut FraudProof) -> Vec<&mut Opening> {
    match proof {
        FraudProof::Malformed => Vec::new(),
        FraudProof::WrongStart { trace }
        | FraudProof::WrongLength { trace, .. }
        | FraudProof::WrongMeter { trace, .. } => vec![trace],
        FraudProof::WrongStep(StepEvidence { trace, witness, .. })
        | FraudProof::AuthorFault(StepEvidence { trace, witness, .. }) => {
            vec![trace, &mut witness.memory]
        }
        FraudProof::WrongOutput { trace, memory, output, .. } => {
            let mut all = vec![trace, memory];
            all.extend(output.as_mut().map(|page| &mut page.opening));
            all
        }
    }
}

fn change_opening(opening: &mut Opening, rng: &mut ChaCha8Rng) {
    let Opening { pages, siblings } = opening;
    let (page, sibling) = (pages.choose(rng).cloned(), siblings.choose(rng).copied());
    match rng.random_range(0..9) {
        0 => drop(pages.pop()),
        1 => pages.extend(page),
        2 => pages.shuffle(rng),
        3 => pages.iter_mut().take(1).for_each(|(index, _)| *index ^= 1 << rng.random_range(0..18)),
        4 => {
            let bytes = std::array::from_fn(|_| rng.random());
            let random = PackedPage::pack(&bytes);
            pages.choose_mut(rng).into_iter().for_each(|(_, page)| *page = random.clone());
        }
        5 => drop(siblings.pop()),
        6 => siblings.extend(sibling),
        7 => siblings.shuffle(rng),
        _ => siblings.choose_mut(rng).into_iter().for_each(|it| *it = Hash(rng.random())),
    }
}

fn change_kind(proof: FraudProof, rng: &mut ChaCha8Rng) -> FraudProof {
    match proof {
        FraudProof::WrongStep(evidence) if rng.random() => FraudProof::AuthorFault(evidence),
        FraudProof::WrongStep(StepEvidence { step, trace, witness }) => {
            let state = StateEvidence::Whole(witness.header);
            match rng.random_range(0..3) {
                0 => FraudProof::WrongLength { step: step - 1, trace, state },
                1 => FraudProof::WrongMeter { trace, state, before: None },
                _ => FraudProof::WrongOutput { trace, state, memory: witness.memory, output: None },
            }
        }
        FraudProof::WrongLength { trace, state, .. } => {
            FraudProof::WrongMeter { trace, state, before: None }
        }
        FraudProof::WrongOutput { trace, state, memory, .. } if rng.random() => {
            FraudProof::WrongOutput { trace, state, memory, output: None }
        }
        FraudProof::WrongOutput { trace, memory, output, .. } => {
            FraudProof::WrongOutput { trace, state: StateEvidence::Trapped, memory, output }
        }
        FraudProof::WrongMeter { trace, before, .. } => {
            FraudProof::WrongMeter { trace, state: StateEvidence::Trapped, before }
        }
        _ => FraudProof::Malformed,
    }
}
