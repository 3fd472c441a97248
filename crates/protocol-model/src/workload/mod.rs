//! The workload: invents the next operation by looking at the model. Most are what somebody sensible would do next, some
//! are at an edge, some are wrong in one way. Which kinds are frequent, rare or absent is drawn once for a history, since
//! what never happens beside something else hides what happens only without it.

mod capacity;
mod disputes;
mod jobs;
mod market;
mod money;
mod operators;
mod rewards;
mod time;

use std::collections::{BTreeMap, VecDeque};

use crate::chance::Chance;
use crate::operation::{Call, Claimed, Envelope, Operation, PEOPLE, person};
use crate::run::Run;

/// Who does what, unless somebody else is to try.
pub(crate) const REQUESTERS: [u8; 3] = [1, 2, 3];
pub(crate) const PROVIDERS: [u8; 4] = [4, 5, 6, 7];
pub(crate) const VALIDATORS: [u8; 4] = [7, 8, 9, 10];
/// Owners with a key of their own.
pub(crate) const COLD: u8 = 12;

/// Invents one thing that somebody does, if there is anything of its kind to do.
type Invent = fn(&mut Workload<'_>, &Run) -> Option<(u8, Call)>;

/// A kind of operation: how often, and how one is invented.
type Kind = (u64, Invent);

/// Kinds of this weight are never absent: without them a history has nothing to tell.
const ESSENTIAL: u64 = 10;

/// Every kind, concept by concept.
const CONCEPTS: &[&[Kind]] =
    &[money::KINDS, operators::KINDS, jobs::KINDS, disputes::KINDS, market::KINDS, rewards::KINDS];

/// What the inventor of a history remembers.
pub(crate) struct Workload<'a> {
    chance: Chance<'a>,
    kinds: Vec<Kind>,
    /// How often time passes: once in so many operations.
    block_every: u64,
    opening: VecDeque<Operation>,
    labels: u32,
    /// Waiting jobs beyond which few more are asked for.
    crowd: usize,
    /// What was sealed, by job, attempt and person.
    sealed: BTreeMap<(u32, u32, u8), (Claimed, u8)>,
    /// One in so many answers to capacity challenges is wrong.
    honesty: u64,
}

impl<'a> Workload<'a> {
    pub(crate) fn new(mut chance: Chance<'a>) -> Self {
        // Half of all histories do without hardware, which leaves room for everything else.
        let hardware = chance.one_in(2);
        let optional = if hardware { capacity::KINDS } else { &[] };
        let kinds = CONCEPTS.iter().flat_map(|kinds| kinds.iter()).chain(optional);
        let kinds = kinds.map(|(weight, invent)| {
            let factors: &[u64] =
                if *weight >= ESSENTIAL { &[1, 1, 2, 3] } else { &[0, 1, 1, 2, 8] };
            (weight * chance.pick(factors), *invent)
        });
        let kinds: Vec<Kind> = kinds.collect();
        let block_every = chance.pick(&[3, 4, 6, 10]);
        let (labels, sealed) = (0, BTreeMap::new());
        let (opening, honesty) = (VecDeque::new(), chance.pick(&[2, 6, 40]));
        let crowd = chance.pick(&[4, 4, 12]);
        let mut workload =
            Self { chance, kinds, block_every, opening, labels, crowd, sealed, honesty };
        workload.opening = workload.open(hardware);
        workload
    }

    /// Whether there is nothing left to decide by.
    pub(crate) fn is_over(&self) -> bool {
        self.opening.is_empty() && self.chance.is_over()
    }

    /// The next operation.
    pub(crate) fn next(&mut self, run: &Run) -> Operation {
        if let Some(operation) = self.opening.pop_front() {
            return operation;
        }
        if self.chance.one_in(self.block_every) {
            return self.pass(run);
        }
        let all: u64 = self.kinds.iter().map(|(weight, _)| weight).sum();
        let mut at = self.chance.below(all);
        for (weight, invent) in self.kinds.clone() {
            if at < weight {
                return match invent(self, run) {
                    Some((sender, call)) => self.wrap(sender, call),
                    None => self.advance(run),
                };
            }
            at -= weight;
        }
        self.pass(run)
    }

    /// There was nothing of a kind to do: what jobs wait for, a new job, or time.
    fn advance(&mut self, run: &Run) -> Operation {
        let call = jobs::duty(self, run);
        let call =
            call.or_else(|| if self.chance.one_in(2) { jobs::submit(self, run) } else { None });
        match call {
            Some((sender, call)) => self.wrap(sender, call),
            None => self.pass(run),
        }
    }

    /// Mostly as it should be; sometimes it should not enter a block, or is at the edge of it.
    fn wrap(&mut self, sender: u8, call: Call) -> Operation {
        let envelope = match self.chance.below(400) {
            0 => Envelope::Elsewhere,
            1 => Envelope::Nonce(self.chance.pick(&[-1, 1])),
            2 => Envelope::Expires(self.chance.pick(&[-1, 49, 50, 51])),
            3 if self.chance.one_in(8) => Envelope::Forged,
            _ => Envelope::Proper,
        };
        Operation::Send { sender, envelope, call }
    }

    /// The usual beginning: operators with bonds and offers, and a program.
    fn open(&mut self, hardware: bool) -> VecDeque<Operation> {
        let mut calls = vec![(1, Call::RegisterProgram { sound: true, number: 1, bytes: 2 })];
        for provider in PROVIDERS {
            calls.extend(self.provider(provider));
            if hardware {
                calls.extend(self.hardware(provider));
            }
        }
        for validator in VALIDATORS {
            calls.extend(self.validator(validator));
        }
        for requester in REQUESTERS {
            calls.extend(self.staker(requester));
        }
        let proper = |(sender, call)| Operation::Send { sender, envelope: Envelope::Proper, call };
        calls.into_iter().map(proper).collect()
    }

    fn anybody(&mut self) -> u8 {
        u8::try_from(self.chance.below(PEOPLE.into())).expect("people are few")
    }

    /// The one who should act; once in a while somebody else.
    fn mostly(&mut self, somebody: u8) -> u8 {
        if self.chance.one_in(16) { self.anybody() } else { somebody }
    }

    /// A registered operator.
    fn operator(&mut self, run: &Run) -> Option<u8> {
        let operators = run.model.operators.keys().map(|account| person(*account)).collect();
        self.chance.any(operators)
    }
}
