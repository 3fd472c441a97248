//! Ways to claim what is not so, made from what the honest one publishes.
//!
//! Corruptions of states and of running programs are the machine's own, see [`machine::soundness`]; these
//! need nothing but public data, and share no code with it.

use machine::fraud::Guilt;
use machine::state::trapped;
use machine::{Claim, Content, Hash, trace};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::subject::{Published, Subject};

/// How a claim is made wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) enum Corruption {
    /// A bit of any root.
    RootBit,
    /// All roots from one on.
    Suffix,
    /// Two roots change places.
    Swap,
    /// A root is left out.
    Skip,
    /// The trace ends early.
    EarlyStop,
    /// The trace goes on.
    ExtraStep,
    /// A step is said to have trapped.
    FalseTrap,
    /// The trace is not a whole number of roots.
    Form,
    /// Some bytes of the trace are garbage.
    Garbled,
    /// A bit of the output.
    OutputBit,
    /// The output's length.
    OutputLength,
    /// The metered units.
    Meter,
    /// The result of another computation.
    Foreign,
    /// Several of these at once.
    Several,
}

use Corruption as C;

/// Every corruption, and how often it is drawn.
const CORRUPTIONS: [(Corruption, u32); 14] = [
    (C::RootBit, 4),
    (C::Suffix, 2),
    (C::Swap, 2),
    (C::Skip, 2),
    (C::EarlyStop, 3),
    (C::ExtraStep, 3),
    (C::FalseTrap, 2),
    (C::Form, 2),
    (C::Garbled, 2),
    (C::OutputBit, 4),
    (C::OutputLength, 3),
    (C::Meter, 4),
    (C::Foreign, 2),
    (C::Several, 2),
];

/// Draws by weight.
pub(super) fn draw<T: Copy>(choices: &[(T, u32)], rng: &mut ChaCha8Rng) -> T {
    let drawn = choices.choose_weighted(rng, |(_, weight)| *weight);
    drawn.expect("the lists are constants with positive weights").0
}

/// Draws corruptions until one makes the claim wrong. Returns which, and what is published.
pub(super) fn corrupt(
    subject: &Subject,
    others: &[Subject],
    rng: &mut ChaCha8Rng,
) -> (Corruption, Published) {
    loop {
        let corruption = draw(&CORRUPTIONS, rng);
        let mut forged = subject.published();
        apply(corruption, subject, others, &mut forged, rng);
        if forged.claim != subject.honest.claim {
            return (corruption, forged);
        }
    }
}

fn apply(
    corruption: Corruption,
    subject: &Subject,
    others: &[Subject],
    forged: &mut Published,
    rng: &mut ChaCha8Rng,
) {
    match corruption {
        C::OutputBit | C::OutputLength | C::Meter => garble_result(corruption, forged, rng),
        C::Foreign => *forged = foreign(subject, others, rng),
        C::Several => {
            for _ in 0..rng.random_range(2..=3) {
                let one = draw(&CORRUPTIONS, rng);
                apply(one, subject, others, forged, rng);
            }
        }
        _ => garble_trace(corruption, subject, forged, rng),
    }
}

fn garble_trace(
    corruption: Corruption,
    subject: &Subject,
    forged: &mut Published,
    rng: &mut ChaCha8Rng,
) {
    let Some(mut roots) = trace::from_bytes(&forged.trace).filter(|roots| !roots.is_empty()) else {
        return;
    };
    let (count, at) = (roots.len(), rng.random_range(0..roots.len()));
    match corruption {
        C::RootBit => roots[at].0[rng.random_range(0..32)] ^= 1 << rng.random_range(0..8),
        C::Suffix => roots[at..].iter_mut().for_each(|root| *root = Hash(rng.random())),
        C::Swap => roots.swap(at, rng.random_range(0..count)),
        C::Skip if count > 1 => drop(roots.remove(at)),
        C::EarlyStop if at > 0 => roots.truncate(at),
        C::ExtraStep => {
            let last = roots[count - 1];
            let more = || if rng.random() { last } else { Hash(rng.random()) };
            roots.extend(std::iter::repeat_with(more).take(1 + at));
        }
        C::FalseTrap => {
            roots.truncate(at);
            roots.push(trapped(at as u64));
            forged.output = Vec::new();
        }
        _ => {}
    }
    let mut bytes = trace::to_bytes(&roots);
    match corruption {
        C::Form => bytes.truncate(bytes.len() - rng.random_range(1..32)),
        C::Garbled => {
            let start = rng.random_range(0..bytes.len());
            let end = bytes.len().min(start + rng.random_range(1..200));
            rng.fill(&mut bytes[start..end]);
        }
        _ => {}
    }
    let dropped_output =
        rng.random_ratio(1, 4) && subject.honest.claim.trace != Content::of(&bytes);
    let output = if dropped_output { Vec::new() } else { std::mem::take(&mut forged.output) };
    *forged = Published::new(bytes, output, forged.claim.meter);
}

fn garble_result(corruption: Corruption, forged: &mut Published, rng: &mut ChaCha8Rng) {
    let Published { claim, output, .. } = forged;
    match corruption {
        C::OutputBit if !output.is_empty() => {
            let at = rng.random_range(0..output.len());
            output[at] ^= 1 << rng.random_range(0..8);
        }
        C::OutputLength if rng.random() => {
            let length = rng.random_range(0..=output.len());
            output.truncate(length);
        }
        C::OutputLength => {
            let more = rng.random_range(1..6_000);
            output.extend((0..more).map(|_| rng.random::<u8>()));
        }
        _ => {
            // Of any order of magnitude.
            let most = 1u64 << rng.random_range(0..40);
            let by = rng.random_range(1..=most);
            let less = claim.meter.saturating_sub(by);
            claim.meter = if rng.random() { claim.meter.saturating_add(by) } else { less };
        }
    }
    claim.output = Content::of(output);
    if output.is_empty() && corruption == C::OutputLength && rng.random_ratio(1, 8) {
        // No bytes, but not the address of none: the claim's form is wrong.
        claim.output.root = Hash(rng.random());
    }
}

/// The whole result of another computation, or its trace from some state on.
fn foreign(subject: &Subject, others: &[Subject], rng: &mut ChaCha8Rng) -> Published {
    let other = others.choose(rng).unwrap_or(subject);
    if rng.random() {
        return other.published();
    }
    let mut roots = subject.honest.trace.clone();
    roots.truncate(rng.random_range(1..=roots.len()));
    roots.extend(other.honest.trace.iter().skip(roots.len()));
    Published::new(trace::to_bytes(&roots), other.honest.output.clone(), other.honest.claim.meter)
}

/// In what way a claim is wrong first, found without the machine's help.
pub(super) fn expected(subject: &Subject, forged: &Published) -> Option<Guilt> {
    let (claim, honest): (&Claim, _) = (&forged.claim, &subject.honest.claim);
    let whole = claim.trace.size > 0 && claim.trace.size % 32 == 0;
    let too_long = claim.trace.size / 32 > subject.bounds.steps_max + 1;
    let bad_empty = claim.output.size == 0 && claim.output.root != Content::of(&[]).root;
    if !whole || too_long || bad_empty {
        return Some(Guilt::Form);
    }
    let mut pairs = forged.trace.chunks(32).zip(subject.trace.chunks(32)).zip(0u64..);
    match pairs.find(|((claimed, honest), _)| claimed != honest) {
        Some((_, 0)) => Some(Guilt::Start),
        Some((_, step)) => Some(Guilt::Step(step)),
        None if claim.trace != honest.trace => Some(Guilt::Length),
        None if claim.meter != honest.meter => Some(Guilt::Meter),
        None if claim.output != honest.output => Some(Guilt::Output),
        None => None,
    }
}
