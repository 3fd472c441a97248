//! The second opinion: every rule once more, written from the book and not from the first implementation.
//!
//! It knows no index, no running total, no cache and no timer queue. What the first implementation keeps, this one counts
//! again each time it is asked: who may work, what is busy, how clean a record is, whose turn it is, what is overdue.
//! It takes the *words* of `protocol` (actions, events, rejections, parameters, records) and none of its verbs.
//!
//! One module per concept, as there; a concept added there gets its module here.

mod access;
mod accounts;
mod accuracy;
mod amendments;
mod bonds;
mod books;
mod capacity;
mod collateral;
mod deadlines;
mod delegation;
mod disputes;
mod double_signing;
mod governance;
mod jobs;
mod leases;
mod market;
mod operators;
mod parameters;
mod penalties;
mod price;
mod programs;
mod replicated;
mod rewards;
mod transact;
mod turns;

use std::collections::{BTreeMap, BTreeSet};

use borsh::BorshSerialize;
use protocol::{
    AccountId, AssetDefinition, AssetId, ChainId, Class, ClassId, CollateralTerms, EpochEvent,
    Event, Genesis, Hash, JobId, Parameters, ProgramId, Rejection,
};

pub(crate) use access::AccessExit;
pub(crate) use accuracy::Counts;
pub(crate) use bonds::Exit;
pub(crate) use books::Books;
pub(crate) use capacity::{Hardware, Measurement, Presence, challenge, receipt};
pub(crate) use collateral::{Pass, Thin};
pub(crate) use delegation::Delegated;
pub(crate) use disputes::Demand;
pub(crate) use double_signing::{Phase, Signer};
pub(crate) use governance::Proposal;
pub(crate) use jobs::{Attempt, Audit, Job, sealed};
pub(crate) use leases::{Lease, Leases, Probe, Tenure, acceptance, answer};
pub(crate) use operators::Operator;
#[cfg(test)]
pub(crate) use parameters::with_every_parameter;
pub(crate) use price::{Oracle, sealed_price};
pub(crate) use programs::Program;
pub(crate) use replicated::{Replica, Replicated, sealed_output};
pub(crate) use rewards::{EpochPool, Rewards};

/// What comes of anything that can be refused.
pub(crate) type Outcome = Result<(), Rejection>;

/// Everything the second opinion remembers: facts, not sums of facts.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) chain: ChainId,
    pub(crate) parameters: Parameters,
    pub(crate) start: u64,
    pub(crate) height: u64,
    pub(crate) now: u64,
    pub(crate) beacon: Hash,
    /// Numbers given out so far: exits, timers and queue places are told apart by them.
    pub(crate) numbers: u64,
    /// Units of each judgement of this block.
    pub(crate) judgements: Vec<u64>,
    pub(crate) assets: BTreeMap<AssetId, AssetDefinition>,
    pub(crate) classes: BTreeMap<ClassId, Class>,
    pub(crate) books: Books,
    pub(crate) nonces: BTreeMap<AccountId, u64>,
    pub(crate) operators: BTreeMap<AccountId, Operator>,
    /// Validators that found a place among those drawn as auditors, with their weights when last weighed.
    pub(crate) seated: BTreeMap<AccountId, u128>,
    /// Those that found none, likewise.
    pub(crate) waiting: BTreeMap<AccountId, u128>,
    pub(crate) exits: BTreeMap<u64, Exit>,
    pub(crate) programs: BTreeMap<ProgramId, Program>,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    pub(crate) demands: BTreeMap<(JobId, AccountId), Demand>,
    /// Place of the last offered job that a block tried again, of classes where others are behind.
    pub(crate) tried_again: BTreeMap<ClassId, u64>,
    /// The last ask that every offered job met, of classes where others are behind.
    pub(crate) looked_on: BTreeMap<ClassId, (u128, AccountId)>,
    pub(crate) flows: BTreeMap<(ClassId, AccountId), turns::Flow>,
    pub(crate) lanes: BTreeMap<ClassId, turns::Lanes>,
    pub(crate) access_exits: BTreeMap<u64, AccessExit>,
    /// Micro-dollars of credit, and the epoch in which that was it.
    pub(crate) credits: BTreeMap<AccountId, (u128, u64)>,
    /// All access stake at the beginning of each epoch in which a block began.
    pub(crate) stakes: BTreeMap<u64, u128>,
    /// Capacity and uptime.
    pub(crate) hardware: Hardware,
    // Price, collateral and governance.
    /// What is reported of the price, while it is reported.
    pub(crate) oracle: Option<Oracle>,
    /// Assets admitted as collateral besides native and stable.
    pub(crate) admitted: BTreeMap<AssetId, CollateralTerms>,
    /// What every open lock was taken for, in micro-dollars.
    pub(crate) debts: BTreeMap<(AccountId, JobId), u128>,
    /// Operators whose bonds were thin when last looked at.
    pub(crate) thin: BTreeMap<AccountId, Thin>,
    /// How far the pass over the operators is, while one is under way.
    pub(crate) pass: Option<Pass>,
    pub(crate) proposals: BTreeMap<u64, Proposal>,
    /// Names of parameters that votes have changed.
    pub(crate) amended: BTreeSet<String>,
    pub(crate) delegated: Delegated,
    /// Jobs that were missed in this block and have no fallback yet, with what it is to have on top.
    pub(crate) missed: Vec<(JobId, u128)>,
    pub(crate) leases: Leases,
    pub(crate) rewards: Rewards,
    pub(crate) signers: BTreeMap<AccountId, Signer>,
    /// What happened in the present operation.
    pub(crate) events: Vec<Event>,
}

/// The documented hash of a value under a domain, as draws and names use it.
pub(crate) fn hashed(domain: &str, value: &impl BorshSerialize) -> [u8; 32] {
    Hash::of(domain, value).0
}

impl Model {
    /// The state that a genesis begins with.
    pub(crate) fn new(genesis: &Genesis) -> Self {
        let mut model = Self {
            chain: ChainId(hashed("earnest genesis v1", genesis)),
            parameters: genesis.parameters.clone(),
            start: genesis.start.0,
            height: 0,
            now: genesis.start.0,
            beacon: Hash::default(),
            numbers: 0,
            judgements: Vec::new(),
            assets: genesis.assets.iter().map(|asset| (asset.id, asset.clone())).collect(),
            classes: genesis.classes.iter().map(|class| (class.id, class.clone())).collect(),
            books: Books::new(genesis.assets.iter().map(|asset| asset.id)),
            nonces: BTreeMap::new(),
            operators: BTreeMap::new(),
            seated: BTreeMap::new(),
            waiting: BTreeMap::new(),
            exits: BTreeMap::new(),
            programs: BTreeMap::new(),
            jobs: BTreeMap::new(),
            demands: BTreeMap::new(),
            tried_again: BTreeMap::new(),
            looked_on: BTreeMap::new(),
            flows: BTreeMap::new(),
            lanes: BTreeMap::new(),
            access_exits: BTreeMap::new(),
            credits: BTreeMap::new(),
            stakes: BTreeMap::new(),
            hardware: Hardware::new(genesis),
            oracle: None,
            admitted: BTreeMap::new(),
            debts: BTreeMap::new(),
            thin: BTreeMap::new(),
            pass: None,
            proposals: BTreeMap::new(),
            amended: BTreeSet::new(),
            delegated: Delegated::default(),
            missed: Vec::new(),
            leases: Leases::default(),
            rewards: Rewards::new(genesis.start.0),
            signers: BTreeMap::new(),
            events: Vec::new(),
        };
        model.fill(genesis);
        model
    }

    /// A block begins: what is overdue takes effect, oldest first; then the price, then draws, of fallbacks too, then clearing, of
    /// jobs before leases, unless the price keeps the intake closed.
    pub(crate) fn begin_block(&mut self, now: u64, beacon: Hash) {
        let (before, elapsed) = (self.epoch(), now - self.now);
        self.height += 1;
        self.now = now;
        self.beacon = beacon;
        let epoch = self.epoch();
        if epoch > before {
            self.note_stakes();
            self.say(Event::Epoch(EpochEvent::EpochBegan { epoch: protocol::Epoch(epoch) }));
            self.turn_seats();
            self.turn_rewards();
        }
        self.act_on_overdue();
        self.turn_slot();
        self.go_on_with_pass();
        self.ask_for_hardware(elapsed);
        self.draw_probes(elapsed);
        self.draw_audits();
        self.call_fallbacks();
        if self.intake() == protocol::Intake::Open {
            self.clear();
            self.clear_leases();
        }
    }

    /// A block ends: the next one judges anew.
    pub(crate) fn end_block(&mut self) {
        self.judgements.clear();
        self.hardware.checks = 0;
    }

    /// Epochs are counted from the start of the chain.
    pub(crate) fn epoch(&self) -> u64 {
        (self.now - self.start) / self.parameters.epoch_ms
    }

    /// A number that was never given out.
    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers - 1
    }

    fn say(&mut self, event: impl Into<Event>) {
        self.events.push(event.into());
    }

    /// Refuses what comes after a deadline.
    fn in_time(&self, deadline: Option<u64>) -> Outcome {
        match deadline {
            Some(deadline) if self.now > deadline => {
                let (deadline, now) = (protocol::Time(deadline), protocol::Time(self.now));
                Err(Rejection::DeadlinePassed { deadline, now })
            }
            _ => Ok(()),
        }
    }
}
