//! Canaries: a model that believes one wrong number must be contradicted, whichever number it is. So every limit, rate and
//! window of the rules is felt to the last unit by some operation of the workload, and the comparison sees it.

use std::num::NonZero;

use protocol::{Amount, Parameters, Ppm};

use crate::chance::Chance;
use crate::history::{Broken, drive, minimise};
use crate::rules::with_every_parameter;
use crate::run::{Run, Strides};

/// Histories tried before a wrong belief counts as unnoticed.
const HISTORIES_MAX: u64 = 1_500;

/// Operations of each.
const OPERATIONS: usize = 600;

/// One off: a unit of a count, a tenth of a percent of a rate.
trait OneOff {
    fn one_off(&mut self);
}
impl OneOff for u32 {
    fn one_off(&mut self) {
        *self += 1;
    }
}
impl OneOff for u64 {
    fn one_off(&mut self) {
        *self += 1;
    }
}
impl OneOff for Amount {
    fn one_off(&mut self) {
        *self = self.plus(Self::new(1));
    }
}
impl OneOff for Ppm {
    /// Never above the whole, where the rule has no meaning.
    fn one_off(&mut self) {
        self.0 = if self.0 >= 1_000 { self.0 - 1_000 } else { self.0 + 1_000 };
    }
}

/// A wrong belief with the name of what it is about.
type Belief = (&'static str, fn(&mut Parameters));

macro_rules! beliefs {
    ($($name:ident)*) => { [$((stringify!($name), |parameters| parameters.$name.one_off()),)*] };
}

const BELIEFS: &[Belief] = &with_every_parameter!(beliefs);

/// The world of a seed under a wrong belief.
fn deluded(seed: u64, strides: Strides, belief: fn(&mut Parameters)) -> Run {
    let mut run = Run::new(seed, strides);
    belief(&mut run.model.parameters);
    run
}

/// The first history that contradicts a belief, with its seed.
fn contradiction(belief: fn(&mut Parameters)) -> Option<(u64, Box<Broken>)> {
    (1..=HISTORIES_MAX).find_map(|seed| {
        let run = deluded(seed, Strides::WIDE, belief);
        Some((seed, drive(Chance::Seed(seed), OPERATIONS, run).err()?))
    })
}

/// Of the beliefs of one part of so many, the names of those that nobody contradicts.
fn unnoticed(part: usize, parts: usize) -> Vec<&'static str> {
    let beliefs = BELIEFS.iter().skip(part).step_by(parts);
    let unnoticed = beliefs.filter(|(_, belief)| contradiction(*belief).is_none());
    unnoticed.map(|(name, _)| *name).collect()
}

#[test]
fn every_wrong_number_is_contradicted() {
    let parts = std::thread::available_parallelism().map_or(1, NonZero::get);
    let unnoticed: Vec<&str> = std::thread::scope(|scope| {
        let started: Vec<_> =
            (0..parts).map(|part| scope.spawn(move || unnoticed(part, parts))).collect();
        started.into_iter().flat_map(|part| part.join().expect("no part panics")).collect()
    });
    assert!(unnoticed.is_empty(), "nobody noticed: {unnoticed:?}");
}

#[test]
fn every_parameter_has_its_canary() {
    let table = Parameters::default().table();
    let listed = |name: &str| BELIEFS.iter().any(|(belief, _)| *belief == name);
    let missing: Vec<&str> =
        table.iter().map(|info| info.name).filter(|name| !listed(name)).collect();
    assert!(missing.is_empty(), "no canary believes wrong {missing:?}");
}

/// What is told of a disagreement is short, and can be pasted as a test.
#[test]
fn a_disagreement_is_told_as_a_short_test() {
    let belief: fn(&mut Parameters) = |parameters| parameters.ask_max.one_off();
    let (seed, broken) = contradiction(belief).expect("the belief is wrong");
    let failure = minimise(seed, *broken, &|strides| deluded(seed, strides, belief));
    assert!(failure.smallest.len() <= 5, "{failure}");
    let text = failure.to_string();
    let lines = ["#[test]", "SetOffer {", "protocol_model::replay("];
    assert!(lines.iter().all(|line| text.contains(line)), "{text}");
    assert!(failure.smallest_what.contains("OutOfBounds"), "{text}");
}
