//! Canaries: a model that believes one wrong number must be contradicted, whichever number it is. So every limit, rate and
//! window of the rules is felt to the last unit by some operation of the workload, and the comparison sees it.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use protocol::{Amount, Parameters, Ppm, State};

use crate::chance::Chance;
use crate::compare::differences;
use crate::history::{drive, minimise};
use crate::rules::{Model, with_every_parameter};
use crate::run::{Given, Run, Said, Strides, ask};
use crate::workload::Workload;

/// Histories tried before a wrong belief counts as unnoticed.
const HISTORIES_MAX: u64 = 1_500;

/// Operations of each.
const OPERATIONS: usize = 600;

/// Operations between two looks at everything that such a model holds; what it says is compared always.
const LOOK: usize = 50;

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

/// A model of a wrong belief, beside a run of the rules and the right model.
struct Deluded {
    belief: Belief,
    model: Model,
}

impl Deluded {
    fn new(belief: Belief, run: &Run) -> Self {
        let mut model = run.model.clone();
        (belief.1)(&mut model.parameters);
        Self { belief, model }
    }

    /// Whether it finds nothing wrong with what the rules did. A model that panics does.
    fn agrees(&mut self, given: &Given, rules: &Said, state: Option<&State>) -> bool {
        let looked = catch_unwind(AssertUnwindSafe(|| {
            rules.disagreement(&ask(&mut self.model, given)).is_none()
                && state.is_none_or(|state| differences(state, &self.model).is_empty())
        }));
        looked.unwrap_or(false)
    }
}

/// The names of those of these beliefs that the history of a seed contradicts.
fn contradicted(seed: u64, beliefs: &[Belief]) -> BTreeSet<&'static str> {
    let mut run = Run::new(seed, Strides::WIDE);
    let mut deluded: Vec<_> = beliefs.iter().map(|belief| Deluded::new(*belief, &run)).collect();
    let mut workload = Workload::new(Chance::Seed(seed), &run);
    for performed in 1..=OPERATIONS {
        let operation = workload.next(&run);
        let advanced = run.advance(&operation).expect("a forged signature is met as one");
        let Some((given, rules)) = advanced else { continue };
        ask(&mut run.model, &given);
        let state = performed.is_multiple_of(LOOK).then_some(&run.state);
        deluded.retain_mut(|one| one.agrees(&given, &rules, state));
    }
    let left: BTreeSet<_> = deluded.iter().map(|one| one.belief.0).collect();
    beliefs.iter().map(|(name, _)| *name).filter(|name| !left.contains(name)).collect()
}

/// What is believed by somebody after so many histories, run on all processors.
fn unnoticed(histories: u64) -> Vec<&'static str> {
    let (believed, seeds) = (Mutex::new(BELIEFS.to_vec()), AtomicU64::new(1));
    let beliefs = || believed.lock().expect("nobody panics");
    let contradict = || {
        loop {
            let (seed, doubted) = (seeds.fetch_add(1, Ordering::Relaxed), beliefs().clone());
            if seed > histories || doubted.is_empty() {
                break;
            }
            let wrong = contradicted(seed, &doubted);
            beliefs().retain(|(name, _)| !wrong.contains(name));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(contradict);
        }
    });
    beliefs().iter().map(|(name, _)| *name).collect()
}

#[test]
fn every_wrong_number_is_contradicted() {
    let unnoticed = unnoticed(HISTORIES_MAX);
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
    let deluded = |seed, strides| {
        let mut run = Run::new(seed, strides);
        run.model.parameters.ask_max.one_off();
        run
    };
    let drive = |seed| drive(Chance::Seed(seed), OPERATIONS, deluded(seed, Strides::WIDE)).err();
    let found = (1..=HISTORIES_MAX).find_map(|seed| Some((seed, drive(seed)?)));
    let (seed, broken) = found.expect("the belief is wrong");
    let failure = minimise(seed, *broken, &|strides| deluded(seed, strides));
    assert!(failure.smallest.len() <= 5, "{failure}");
    let text = failure.to_string();
    let lines = ["#[test]", "SetOffer {", "protocol_model::replay("];
    assert!(lines.iter().all(|line| text.contains(line)), "{text}");
    assert!(failure.smallest_what.contains("OutOfBounds"), "{text}");
}
