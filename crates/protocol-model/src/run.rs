//! One history under both sets of rules, compared after every operation.

use std::collections::BTreeMap;

use protocol::{
    Amount, ChainId, Context, Event, Hash, Height, JobId, Nonce, Receipt, Rejection, State, Time,
    Transaction, invariants,
};

use crate::compare::differences;
use crate::coverage::Coverage;
use crate::operation::{Call, Envelope, Operation, Resolver, account};
use crate::referee::Scripted;
use crate::rules::{Model, hashed};
use crate::setup;

/// What the rules and the model do not agree on.
pub(crate) type Disagreement = String;

/// How many operations lie between two of the checks that cost the size of the state.
#[derive(Clone, Copy)]
pub struct Strides {
    /// Of the library's invariants.
    pub invariants: u64,
    /// Of export and import.
    pub round_trip: u64,
}

impl Strides {
    /// Everything after every operation.
    pub const CLOSE: Self = Self { invariants: 1, round_trip: 1 };
    /// The same, with export and import after every sixty-fourth operation: for long runs.
    pub const WIDE: Self = Self { invariants: 1, round_trip: 64 };
}

/// A history in progress.
pub(crate) struct Run {
    pub(crate) state: State,
    pub(crate) model: Model,
    pub(crate) labels: BTreeMap<u32, JobId>,
    pub(crate) coverage: Coverage,
    strides: Strides,
    performed: u64,
}

impl Run {
    /// The world of a seed, in its first block.
    pub(crate) fn new(seed: u64, strides: Strides) -> Self {
        let genesis = setup::genesis(seed);
        let (state, _) = State::genesis(&genesis).expect("the drawn genesis is valid");
        let model = Model::new(&genesis);
        let (labels, coverage) = (BTreeMap::new(), Coverage::default());
        let mut run = Self { state, model, labels, coverage, strides, performed: 0 };
        run.model.events.clear();
        let events = run.begin(0, 0);
        run.compare_events(events).expect("nothing is decided before the first operation");
        run
    }

    /// Does one thing under both, and compares.
    pub(crate) fn perform(&mut self, operation: &Operation) -> Result<(), Disagreement> {
        match operation {
            Operation::Block { after_ms, beacon } => {
                let context = self.context();
                let mut events = protocol::end_block(&mut self.state, &context);
                self.model.end_block();
                events.extend(self.begin(*after_ms, *beacon));
                self.coverage.found(self.state.intake());
                self.compare_events(events)?;
            }
            Operation::Send { sender, envelope, call } => self.send(*sender, *envelope, call)?,
        }
        self.performed += 1;
        self.check()
    }

    fn context(&self) -> Context<'static> {
        Context {
            height: Height(self.model.height),
            now: Time(self.model.now),
            beacon: self.model.beacon,
            referee: &Scripted,
        }
    }

    fn begin(&mut self, after_ms: u64, beacon: u64) -> Vec<Event> {
        let beacon = Hash(hashed("model beacon", &beacon));
        self.model.begin_block(self.model.now + after_ms, beacon);
        let context = self.context();
        protocol::begin_block(&mut self.state, &context)
    }

    fn send(&mut self, sender: u8, envelope: Envelope, call: &Call) -> Result<(), Disagreement> {
        let transaction = self.transaction(sender, envelope, call);
        if envelope == Envelope::Forged {
            return self.forge(transaction);
        }
        if let Call::SubmitJob { label, .. } = call {
            let name = self.model.name_of_job(transaction.sender, transaction.nonce);
            self.labels.insert(*label, name);
        }
        if let Call::RequestLease { label, .. } = call {
            let name = self.model.name_of_lease(transaction.sender, transaction.nonce);
            self.labels.insert(*label, name);
        }
        let (fee, outcome) = self.model.transact(&Scripted, &transaction);
        let verified = transaction.with_signature([0; 64]).assume_verified();
        let context = self.context();
        let receipt = protocol::apply(&mut self.state, &context, &verified);
        match &receipt.rejection {
            Some(rejection) => self.coverage.rejected(rejection),
            None => self.coverage.accepted(&verified.transaction().action),
        }
        let Receipt { fee: charged, events, rejection, .. } = receipt;
        if rejection != outcome.clone().err() {
            return Err(format!("the rules answer {rejection:?}, the model {outcome:?}"));
        }
        if charged != Amount::new(fee) {
            return Err(format!("the rules charge {charged}, the model {fee}"));
        }
        self.compare_events(events)
    }

    fn transaction(&self, sender: u8, envelope: Envelope, call: &Call) -> Transaction {
        let sender = account(sender);
        let resolver = Resolver { model: &self.model, labels: &self.labels, sender };
        let action = resolver.action(call);
        let next = self.model.nonces.get(&sender).copied().unwrap_or(0);
        let mut transaction = Transaction {
            chain: self.model.chain,
            sender,
            nonce: Nonce(next),
            expiry: Height(self.model.height),
            action,
        };
        match envelope {
            Envelope::Proper | Envelope::Forged => {}
            Envelope::Elsewhere => transaction.chain = ChainId([9; 32]),
            Envelope::Expires(blocks) => {
                transaction.expiry = Height(self.model.height.saturating_add_signed(blocks));
            }
            Envelope::Nonce(ahead) => transaction.nonce = Nonce(next.saturating_add_signed(ahead)),
        }
        transaction
    }

    /// A signature that is none never reaches the rules.
    fn forge(&mut self, transaction: Transaction) -> Result<(), Disagreement> {
        match transaction.with_signature([0; 64]).verify() {
            Err(rejection @ Rejection::BadSignature) => self.coverage.rejected(&rejection),
            other => return Err(format!("a forged signature is met with {other:?}")),
        }
        Ok(())
    }

    /// The same events, in whatever order within the operation.
    fn compare_events(&mut self, rules: Vec<Event>) -> Result<(), Disagreement> {
        for event in &rules {
            self.coverage.happened(event);
        }
        let model = std::mem::take(&mut self.model.events);
        if rules == model {
            return Ok(());
        }
        let (rules, model) = (sorted(rules), sorted(model));
        let only = |these: &[Vec<u8>], others: &[Vec<u8>]| {
            let only = these.iter().filter(|event| !others.contains(event));
            only.map(|event| borsh::from_slice(event).expect("just encoded"))
                .collect::<Vec<Event>>()
        };
        if rules == model {
            return Ok(());
        }
        let (rules, model) = (only(&rules, &model), only(&model, &rules));
        Err(format!("only in the rules {rules:#?}, only in the model {model:#?}"))
    }

    fn check(&self) -> Result<(), Disagreement> {
        let mut found = differences(&self.state, &self.model);
        if self.performed.is_multiple_of(self.strides.invariants) {
            let violations = invariants::check(&self.state).into_iter();
            found.extend(violations.map(|one| format!("{}: {}", one.invariant, one.detail)));
        }
        if self.performed.is_multiple_of(self.strides.round_trip) {
            let imported = State::from_entries(self.state.entries());
            if imported.as_ref() != Ok(&self.state) {
                found.push("export and import give another state".into());
            }
        }
        if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
    }
}

fn sorted(events: Vec<Event>) -> Vec<Vec<u8>> {
    let encoded = events.iter().map(|event| borsh::to_vec(event).expect("memory takes everything"));
    let mut encoded: Vec<_> = encoded.collect();
    encoded.sort();
    encoded
}
