//! The two properties that everything else is for, as something to run: every lie is convicted, and no
//! honest claim ever is.
//!
//! A [`Trial`] executes a program once, samples some of its steps, and then makes as many lies and as many
//! bad proofs as one likes. All of it follows from a seed. A lie is made from the *honest* state after a
//! step with one thing in it changed, which is what a provider who corrupts that step commits to; the
//! few [`Trial::tampered_run`]s do it the long way, with a whole computation that goes on from there.

use std::collections::BTreeMap;

use crate::claim::{Bounds, Claim};
use crate::computation::{Computation, End, Input, Task};
use crate::content::Content;
use crate::engine::{Failure, Jit, Optimise};
use crate::execution::Execution;
use crate::fraud::{
    Dismissal, FraudProof, Guilt, StepEvidence, Verdict, accuse, judge, judge_bytes,
};
use crate::hash::Hash;
use crate::image::Placement;
use crate::limits::PAGE_BYTES;
use crate::local::{Options, on_big_stack, run, witness};
use crate::opening::Opening;
use crate::prepare::Program;
use crate::state::{Header, Status, trapped};
use crate::tamper::{Edit, Place, Tamper};
use crate::trace;
use crate::track::Tracking;
use crate::tree::{Shape, leaf, root_of};
use crate::witness::{Wanted, Witness, touched};

/// A program on an input: what is lied about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What to call it in messages.
    pub name: &'a str,
    /// The program.
    pub program: &'a Program,
    /// Its input.
    pub input: &'a [u8],
    /// Its bounds.
    pub bounds: Bounds,
}

/// A lie that got away, or an honest claim that did not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{subject}, seed {seed}: {what}")]
pub struct Violation {
    /// Which subject.
    pub subject: String,
    /// Which seed.
    pub seed: u64,
    /// What happened.
    pub what: String,
}

/// A small generator of numbers that look random and follow from a seed (splitmix64).
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Half of a number.
    fn word(&mut self) -> u32 {
        u32::try_from(self.next() & u64::from(u32::MAX)).expect("the rest is masked")
    }

    /// A number below `end`, which must not be zero.
    const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("it is below a length")
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let place = self.index(bytes.len());
        bytes[place] ^= 1 << self.below(8);
    }
}

/// One step of the honest execution, with what it takes to lie about it.
struct Sample {
    /// Evidence about the step.
    witness: Witness,
    /// The state after it and a page of its memory, unless it trapped.
    after: Option<(Header, Opening)>,
}

/// One program, executed honestly, about which any number of lies can be told.
pub struct Trial<'a> {
    subject: Subject<'a>,
    content: Content,
    honest: Execution,
    samples: BTreeMap<u64, Sample>,
    /// Evidence that lies about ends, outputs and meters are met with.
    evidence: BTreeMap<String, Witness>,
    random: Random,
    seed: u64,
}

impl<'a> Trial<'a> {
    /// Executes the subject and takes evidence of `samples` of its steps, or of all if it has fewer.
    ///
    /// # Errors
    ///
    /// If the host fails.
    pub fn new(subject: Subject<'a>, seed: u64, samples: u64) -> Result<Self, Failure> {
        let Subject { program, input, bounds, .. } = subject;
        let honest = run(program, input, &bounds, &Options::default())?;
        let mut random = Random(seed);
        let steps = honest.steps();
        let mut chosen: Vec<u64> = (1..=steps).collect();
        while chosen.len() as u64 > samples {
            chosen.swap_remove(random.index(chosen.len()));
        }
        chosen.sort_unstable();
        let samples = on_big_stack(|| sample(subject, &chosen, &mut random))?;
        let content = Content::of(input);
        let evidence = BTreeMap::new();
        Ok(Self { subject, content, honest, samples, evidence, random, seed })
    }

    /// The honest execution.
    #[must_use]
    pub const fn honest(&self) -> &Execution {
        &self.honest
    }

    /// Goes on as another seed would have it, so that a lie can be repeated without those before it.
    pub const fn reseed(&mut self, seed: u64) {
        (self.random, self.seed) = (Random(seed), seed);
    }

    fn violation(&self, what: impl Into<String>) -> Violation {
        Violation { subject: self.subject.name.to_owned(), seed: self.seed, what: what.into() }
    }

    /// Tells one random lie and has it convicted; the same proof must not convict the honest claim.
    ///
    /// # Errors
    ///
    /// If either fails.
    pub fn lie(&mut self) -> Result<Guilt, Violation> {
        let lie = self.random_lie();
        let proof = self.convict(&lie)?;
        let Subject { program, bounds, .. } = self.subject;
        match judge(program, &self.content, &bounds, &self.honest.claim, &proof) {
            Verdict::Dismissed(_) => {}
            verdict => {
                return Err(self.violation(format!("the honest claim is {verdict:?} by {proof:?}")));
            }
        }
        let encoded = proof.to_bytes();
        match judge_bytes(program, &self.content, &bounds, &lie.claim, &encoded) {
            Verdict::Guilty(guilt) if lie.expected.is_none_or(|expected| expected == guilt) => {
                Ok(guilt)
            }
            verdict => Err(self.violation(format!("{} is {verdict:?}", lie.what))),
        }
    }

    fn convict(&mut self, lie: &Lie) -> Result<FraudProof, Violation> {
        let Subject { program, input, bounds, .. } = self.subject;
        let (samples, evidence) = (&self.samples, &mut self.evidence);
        let claimed = (&lie.claim, &lie.trace[..], &lie.output[..]);
        let found = accuse((program, &self.content, &bounds), &self.honest, claimed, |wanted| {
            if let Wanted::Step(step) = wanted
                && let Some(sample) = samples.get(&step)
            {
                return Ok(sample.witness.clone());
            }
            let key = format!("{wanted:?}");
            if let Some(known) = evidence.get(&key) {
                return Ok(known.clone());
            }
            let taken = witness(program, input, &bounds, wanted)?;
            evidence.insert(key, taken.clone());
            Ok::<_, Failure>(taken)
        });
        match found {
            Ok(Some(proof)) => Ok(proof),
            Ok(None) => Err(self.violation(format!("{} goes unnoticed", lie.what))),
            Err(error) => Err(self.violation(format!("{}: {error}", lie.what))),
        }
    }

    fn random_lie(&mut self) -> Lie {
        loop {
            let lie = match self.random.below(10) {
                0 => self.early_stop(),
                1 => Some(self.extra_steps()),
                2 => self.other_output(),
                3 => Some(self.other_meter()),
                4 => Some(self.other_start()),
                _ => self.other_step(),
            };
            if let Some(lie) = lie {
                return lie;
            }
        }
    }

    fn lie_with(&self, what: String, trace: &[Hash], expected: Guilt) -> Lie {
        let trace = trace::to_bytes(trace);
        let claim = Claim { trace: Content::of(&trace), ..self.honest.claim };
        let output = self.honest.output.clone();
        Lie { what, claim, trace, output, expected: Some(expected) }
    }

    fn early_stop(&mut self) -> Option<Lie> {
        let last = self.random.index(self.honest.trace.len());
        let trace = self.honest.trace.get(..=last)?;
        let stopped = last as u64 != self.honest.steps();
        stopped.then(|| self.lie_with(format!("stopping after step {last}"), trace, Guilt::Length))
    }

    fn extra_steps(&mut self) -> Lie {
        let mut trace = self.honest.trace.clone();
        let extra = 1 + self.random.below(3);
        trace.extend((0..extra).map(|_| Hash([7; 32])));
        let fits = self.honest.steps() + extra <= self.subject.bounds.steps_max;
        let expected = if fits { Guilt::Length } else { Guilt::Form };
        self.lie_with(format!("{extra} steps after the end"), &trace, expected)
    }

    fn other_output(&mut self) -> Option<Lie> {
        let mut output = self.honest.output.clone();
        let what = if self.random.below(4) == 0 || output.is_empty() {
            output.push(1);
            "a longer output"
        } else {
            self.random.flip(&mut output);
            "a bit of the output"
        };
        let claim = Claim { output: Content::of(&output), ..self.honest.claim };
        let trace = self.honest.trace_bytes();
        Some(Lie { what: what.to_owned(), claim, trace, output, expected: Some(Guilt::Output) })
    }

    fn other_meter(&mut self) -> Lie {
        let meter = self.honest.claim.meter ^ (1 << self.random.below(40));
        let claim = Claim { meter, ..self.honest.claim };
        let (trace, output) = (self.honest.trace_bytes(), self.honest.output.clone());
        let what = format!("{meter} metered units");
        Lie { what, claim, trace, output, expected: Some(Guilt::Meter) }
    }

    fn other_start(&mut self) -> Lie {
        let mut trace = self.honest.trace.clone();
        self.random.flip(&mut trace[0].0);
        self.lie_with("another start".to_owned(), &trace, Guilt::Start)
    }

    fn other_step(&mut self) -> Option<Lie> {
        let chosen = self.random.index(self.samples.len().max(1));
        let (step, sample) = self.samples.iter().nth(chosen)?;
        let (step, place) = (*step, usize::try_from(*step).ok()?);
        let honest = self.honest.trace.get(place).copied()?;
        let root = match &sample.after {
            Some((header, page)) => corrupted_root(&mut self.random, header, page, honest),
            // An honest trap: claim a state instead.
            None => sample.witness.header.root(),
        };
        let mut trace = self.honest.trace.clone();
        *trace.get_mut(place)? = root;
        let what = format!("a corrupted state after step {step}");
        (root != honest).then(|| self.lie_with(what, &trace, Guilt::Step(step)))
    }

    /// Runs the whole computation with a real corruption in it, and has the result convicted the way an
    /// auditor does. None if the corruption changed nothing.
    ///
    /// # Errors
    ///
    /// If it is not convicted.
    pub fn tampered_run(&mut self) -> Result<Option<Guilt>, Violation> {
        let Subject { program, input, bounds, .. } = self.subject;
        let options = Options { tampers: vec![self.random_tamper()], ..Options::default() };
        let dishonest = run(program, input, &bounds, &options);
        let dishonest = dishonest.map_err(|failure| self.violation(failure.to_string()))?;
        let Execution { claim, output, corrupted, .. } = &dishonest;
        if !corrupted {
            let same = dishonest == self.honest;
            return if same { Ok(None) } else { Err(self.violation("another result by itself")) };
        }
        let trace = dishonest.trace_bytes();
        let what = format!("{:?}", options.tampers);
        let (claim, output) = (*claim, output.clone());
        let lie = Lie { what, claim, trace, output, expected: None };
        let proof = self.convict(&lie)?;
        match judge(program, &self.content, &bounds, &claim, &proof) {
            Verdict::Guilty(guilt) => Ok(Some(guilt)),
            verdict => Err(self.violation(format!("{} is {verdict:?}", lie.what))),
        }
    }

    fn random_tamper(&mut self) -> Tamper {
        let random = &mut self.random;
        let place = match random.below(3) {
            0 => Place::Address(random.word() & 0x003f_ffff),
            1 => Place::Output { offset: random.word() & 0xfff },
            _ => Place::ChangedWord { index: random.word() },
        };
        let edit = match random.below(2) {
            0 => Edit::Xor(vec![1 << random.below(8)]),
            _ => Edit::Replace(random.next().to_le_bytes().to_vec()),
        };
        Tamper { after_step: random.below(self.honest.steps() + 1), place, edit }
    }

    /// Makes one bad proof against the honest claim and has it dismissed.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub fn mangle(&mut self) -> Result<Dismissal, Violation> {
        let mut encoded = self.plausible_proof().to_bytes();
        match self.random.below(4) {
            // As it is: evidence of something true.
            0 => {}
            1 => encoded.truncate(self.random.index(encoded.len())),
            _ => {
                for _ in 0..=self.random.below(3) {
                    self.random.flip(&mut encoded);
                }
            }
        }
        let Subject { program, bounds, .. } = self.subject;
        match judge_bytes(program, &self.content, &bounds, &self.honest.claim, &encoded) {
            Verdict::Dismissed(dismissal) => Ok(dismissal),
            verdict => Err(self.violation(format!("the honest claim is {verdict:?}"))),
        }
    }

    /// A proof that is well-formed and shows that a step, the start or the claim's form is right; or one
    /// that is right about a lie.
    fn plausible_proof(&mut self) -> FraudProof {
        let chosen = self.random.index(self.samples.len().max(1));
        let bytes = self.honest.trace_bytes();
        match (self.random.below(6), self.samples.iter().nth(chosen)) {
            (0, _) => FraudProof::WrongStart { trace: trace::open(&bytes, 0, 0) },
            (1, _) => FraudProof::Malformed,
            (kind @ 2..=4, Some((step, sample))) => {
                let trace = trace::open(&bytes, step - 1, *step);
                let mut witness = sample.witness.clone();
                if kind == 3 && !witness.memory.pages.is_empty() {
                    // As if the step did not touch it.
                    witness.memory.pages.swap_remove(self.random.index(witness.memory.pages.len()));
                }
                let evidence = StepEvidence { step: *step, trace, witness };
                let author = self.random.below(2) == 0;
                if author {
                    FraudProof::AuthorFault(evidence)
                } else {
                    FraudProof::WrongStep(evidence)
                }
            }
            _ => {
                let lie = self.random_lie();
                self.convict(&lie).unwrap_or(FraudProof::Malformed)
            }
        }
    }
}

/// A false claim and what its liar publishes with it.
struct Lie {
    what: String,
    claim: Claim,
    trace: Vec<u8>,
    output: Vec<u8>,
    /// What it must be found guilty of, if that is known beforehand.
    expected: Option<Guilt>,
}

/// The root of a state with one thing changed.
fn corrupted_root(random: &mut Random, honest: &Header, page: &Opening, root: Hash) -> Hash {
    let mut header = honest.clone();
    match random.below(12) {
        0 => header.meter ^= 1 << random.below(40),
        1 => {
            header.status = match header.status {
                Status::Running => Status::Done,
                Status::Done => Status::Running,
            };
        }
        2 => header.memory_bytes += 65_536,
        3 => header.step += 1,
        4 if !header.globals.is_empty() => {
            let global = random.index(header.globals.len());
            header.globals[global] ^= 1 << random.below(32);
        }
        5 => return trapped(honest.step),
        6 => {
            let mut other = root;
            random.flip(&mut other.0);
            return other;
        }
        _ => header.memory_root = corrupted_memory(random, honest, page).unwrap_or_default(),
    }
    header.root()
}

fn corrupted_memory(random: &mut Random, header: &Header, opening: &Opening) -> Option<Hash> {
    let shape = Shape::memory(header.memory_bytes);
    let pages = opening.verify(shape, &header.memory_root, opening.pages.len())?;
    let chosen = random.index(pages.len());
    let leaves = pages.into_iter().enumerate().map(|(place, (index, mut page))| {
        if place == chosen {
            random.flip(&mut page[..]);
        }
        (u64::from(index), leaf(&page))
    });
    let leaves = leaves.collect();
    root_of(shape, leaves, &opening.siblings)
}

/// Takes evidence about several steps in one execution.
fn sample(
    subject: Subject<'_>,
    steps: &[u64],
    random: &mut Random,
) -> Result<BTreeMap<u64, Sample>, Failure> {
    let Subject { program, input, bounds, .. } = subject;
    let mut samples = BTreeMap::new();
    let size = input.len() as u64;
    let Some(placement) = Placement::of(program.manifest(), size, &bounds) else {
        return Ok(samples);
    };
    let task = Task { program, bounds: &bounds, tracking: Some(Tracking::Auto), tampers: &[] };
    let mut reader = input;
    let engine = Jit::new(program, Optimise::Speed)?;
    let input = Input { size, reader: &mut reader };
    let (mut computation, mut reached) = Computation::start(task, engine, placement, input)?;
    let mut step = 0;
    while reached.end.is_none() {
        step += 1;
        let before = match steps.binary_search(&step) {
            Ok(_) => Some(before(task, &mut computation)?),
            Err(_) => None,
        };
        reached = computation.advance()?;
        if let Some(witness) = before {
            let trapped = matches!(reached.end, Some(End::Trapped { .. }));
            let after = if trapped { None } else { Some(after(&mut computation, random)?) };
            samples.insert(step, Sample { witness, after });
        }
    }
    Ok(samples)
}

fn before(task: Task<'_>, computation: &mut Computation<'_, Jit>) -> Result<Witness, Failure> {
    let header = computation.header()?;
    let pages = touched(task, computation, &header)?;
    let shape = Shape::memory(header.memory_bytes);
    let memory = Opening::new(computation.tree(), shape, computation.memory(), &pages);
    Ok(Witness { header, memory })
}

fn after(
    computation: &mut Computation<'_, Jit>,
    random: &mut Random,
) -> Result<(Header, Opening), Failure> {
    let header = computation.header()?;
    let page = random.index(computation.memory().len() / PAGE_BYTES);
    let page = u32::try_from(page).map_err(|_| Failure::HostMemory)?;
    let shape = Shape::memory(header.memory_bytes);
    let opening = Opening::new(computation.tree(), shape, computation.memory(), &[page]);
    Ok((header, opening))
}
