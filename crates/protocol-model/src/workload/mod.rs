//! The workload: invents the next operation by looking at the model. Most are what somebody sensible would do next, some
//! are at an edge, some are wrong in one way. Which kinds are frequent, rare or absent is drawn once for a history, since
//! what never happens beside something else hides what happens only without it.

mod capacity;
mod delegation;
mod disputes;
mod governance;
mod jobs;
mod leases;
mod market;
mod money;
mod operators;
mod prices;
mod replicated;
mod rewards;
mod time;

use std::collections::{BTreeMap, VecDeque};

use crate::chance::Chance;
use crate::operation::{Call, Claimed, Envelope, Operation, PEOPLE, Proposed, person};
use crate::run::Run;
use crate::setup::CHEAP;

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

/// Kinds that are tried, one after the other, when there is nothing of one to do.
const KINDS_TRIED: u32 = 3;

/// Every kind, concept by concept, of those without which there is nothing to tell.
const CONCEPTS: &[&[Kind]] = &[money::KINDS, operators::KINDS, jobs::KINDS, disputes::KINDS];

/// The same where most jobs are replicated.
const COMPARED: &[&[Kind]] =
    &[money::KINDS, operators::KINDS, replicated::KINDS, replicated::BESIDE];

/// Which of the other concepts a history has: at least half of all histories do without each, which leaves room for the rest.
struct Having {
    hardware: bool,
    pools: bool,
    stakes: bool,
    votes: bool,
    prices: bool,
    /// Whether most jobs are replicated: that takes many owners with a unit free at once.
    compared: bool,
    leases: bool,
    rewards: bool,
}

impl Having {
    fn of(chance: &mut Chance<'_>, reported: bool) -> Self {
        // Where reports are asked for they say something, and take their time.
        let mut has = || chance.one_in(if reported { 3 } else { 2 });
        let (hardware, pools, stakes, votes, leases) = (has(), has(), has(), has(), has());
        let (prices, rewards) = (reported || has(), has());
        Self { hardware, pools, stakes, votes, prices, compared: chance.one_in(4), leases, rewards }
    }

    fn kinds(&self) -> impl Iterator<Item = &'static Kind> {
        let others = [
            (self.hardware, capacity::KINDS),
            (self.pools, delegation::KINDS),
            (self.stakes, market::KINDS),
            (self.votes, governance::KINDS),
            (self.prices, prices::KINDS),
            (self.leases, leases::KINDS),
            (self.rewards, rewards::KINDS),
        ];
        let had = others.into_iter().filter_map(|(has, kinds)| has.then_some(kinds));
        let essential = if self.compared { COMPARED } else { CONCEPTS };
        essential.iter().copied().chain(had).flatten()
    }
}

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
    /// What was sealed as price, by slot and person.
    prices: BTreeMap<(u64, u8), (u128, u8)>,
    /// Whether all bonds hang on the price.
    priced: bool,
    /// The price that everybody sees; none before anybody has looked.
    price: u128,
    /// What was proposed last.
    proposed: Option<Proposed>,
    /// Whether most jobs are replicated.
    compared: bool,
    /// Providers whose number is so, counted by two, serve no leases.
    absent: u8,
}

impl<'a> Workload<'a> {
    pub(crate) fn new(mut chance: Chance<'a>, run: &Run) -> Self {
        let reported = run.model.parameters.oracle_slot_ms > 0;
        let having = Having::of(&mut chance, reported);
        let kinds = having.kinds().map(|(weight, invent)| {
            let factors: &[u64] =
                if *weight >= ESSENTIAL { &[1, 1, 2, 3] } else { &[0, 1, 1, 2, 8] };
            (weight * chance.pick(factors), *invent)
        });
        let kinds: Vec<Kind> = kinds.collect();
        let block_every = chance.pick(&[3, 4, 6, 10]);
        // A price that moves is worth most where bonds hang on it.
        let priced = if reported { !chance.one_in(4) } else { chance.one_in(2) };
        let (honesty, crowd) = (chance.pick(&[2, 6, 40]), chance.pick(&[4, 4, 12]));
        let absent = chance.pick(&[0, 1, 2]);
        let mut workload = Self {
            chance,
            kinds,
            block_every,
            opening: VecDeque::new(),
            labels: 0,
            crowd,
            sealed: BTreeMap::new(),
            honesty,
            prices: BTreeMap::new(),
            priced,
            price: 0,
            proposed: None,
            compared: having.compared,
            absent,
        };
        workload.opening = workload.open(&having);
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
        for _ in 0..KINDS_TRIED {
            let invent = self.kind();
            if let Some((sender, call)) = invent(self, run) {
                return self.wrap(sender, call);
            }
        }
        self.advance(run)
    }

    /// A kind of operation, each as often as its weight says.
    fn kind(&mut self) -> Invent {
        let all: u64 = self.kinds.iter().map(|(weight, _)| weight).sum();
        let mut at = self.chance.below(all);
        for (weight, invent) in &self.kinds {
            if at < *weight {
                return *invent;
            }
            at -= weight;
        }
        jobs::duty
    }

    /// There was nothing to do of the kinds that were tried: what jobs wait for, a new job, or time.
    fn advance(&mut self, run: &Run) -> Operation {
        let call = replicated::duty(self, run).or_else(|| jobs::duty(self, run));
        let submit = if self.compared { replicated::submit } else { jobs::submit };
        let call = call.or_else(|| if self.chance.one_in(2) { submit(self, run) } else { None });
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

    /// The usual beginning: operators with bonds and offers, a program, stakes, and devices and pools if there are to be any.
    fn open(&mut self, having: &Having) -> VecDeque<Operation> {
        let mut calls = vec![(1, Call::RegisterProgram { sound: true, number: 1, bytes: 2 })];
        for provider in PROVIDERS {
            calls.extend(self.provider(provider));
            if having.hardware {
                calls.extend(self.hardware(provider));
            }
            if having.leases {
                calls.extend(self.server(provider));
            }
        }
        for validator in VALIDATORS {
            calls.extend(self.validator(validator));
        }
        if having.compared {
            calls.extend(self.more_providers());
        }
        for requester in REQUESTERS.into_iter().filter(|_| having.stakes) {
            calls.extend(self.staker(requester));
        }
        if having.pools {
            calls.extend(self.stakers());
        }
        if having.rewards {
            calls.extend(self.attendants());
        }
        let proper = |(sender, call)| Operation::Send { sender, envelope: Envelope::Proper, call };
        calls.into_iter().map(proper).collect()
    }

    /// The class of most offers and jobs: where bonds hang on the price, one that asks for little besides locks.
    pub(super) fn usual_class(&self) -> u16 {
        if self.priced { CHEAP } else { 0 }
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
