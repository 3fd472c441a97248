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

/// An operation in full, as both are given it.
pub(crate) enum Given {
    Block { now: u64, beacon: Hash },
    Transaction(Box<Transaction>),
}

/// What one of the two says of it.
#[derive(Default)]
pub(crate) struct Said {
    fee: Amount,
    rejection: Option<Rejection>,
    events: Vec<Event>,
}

impl Said {
    /// On what they disagree: the order of events within an operation is nothing.
    pub(crate) fn disagreement(&self, model: &Self) -> Option<Disagreement> {
        let rules = self;
        if rules.rejection != model.rejection {
            let (rules, model) = (&rules.rejection, &model.rejection);
            return Some(format!("the rules answer {rules:?}, the model {model:?}"));
        }
        if rules.fee != model.fee {
            return Some(format!("the rules charge {}, the model {}", rules.fee, model.fee));
        }
        if rules.events == model.events {
            return None;
        }
        let (rules, model) = (sorted(&rules.events), sorted(&model.events));
        let only = |these: &[Vec<u8>], others: &[Vec<u8>]| {
            let only = these.iter().filter(|event| !others.contains(event));
            only.map(|event| borsh::from_slice(event).expect("just encoded"))
                .collect::<Vec<Event>>()
        };
        (rules != model).then(|| {
            let (rules, model) = (only(&rules, &model), only(&model, &rules));
            format!("only in the rules {rules:#?}, only in the model {model:#?}")
        })
    }
}

/// Has a model do what the rules did.
pub(crate) fn ask(model: &mut Model, given: &Given) -> Said {
    let (fee, outcome) = match given {
        Given::Block { now, beacon } => {
            model.end_block();
            model.begin_block(*now, *beacon);
            (0, Ok(()))
        }
        Given::Transaction(transaction) => model.transact(&Scripted, transaction),
    };
    let events = std::mem::take(&mut model.events);
    Said { fee: Amount::new(fee), rejection: outcome.err(), events }
}

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
        run.perform(&Operation::Block { after_ms: 0, beacon: 0 })
            .expect("nothing is decided before the first operation");
        run
    }

    /// Does one thing under both, and compares.
    pub(crate) fn perform(&mut self, operation: &Operation) -> Result<(), Disagreement> {
        if let Some((given, rules)) = self.advance(operation)? {
            let model = ask(&mut self.model, &given);
            self.compare(&rules, &model)?;
        }
        self.performed += 1;
        self.check()
    }

    /// Does one thing under the rules; nothing if it does not get as far as them.
    pub(crate) fn advance(
        &mut self,
        operation: &Operation,
    ) -> Result<Option<(Given, Said)>, Disagreement> {
        let given = match operation {
            Operation::Block { after_ms, beacon } => Given::Block {
                now: self.model.now + after_ms,
                beacon: Hash(hashed("model beacon", beacon)),
            },
            Operation::Send { sender, envelope, call } => {
                let transaction = self.transaction(*sender, *envelope, call);
                if *envelope == Envelope::Forged {
                    return self.forge(transaction).map(|()| None);
                }
                self.label(call, &transaction);
                Given::Transaction(Box::new(transaction))
            }
        };
        let said = match &given {
            Given::Block { now, beacon } => self.turn_block(*now, *beacon),
            Given::Transaction(transaction) => self.apply(transaction),
        };
        Ok(Some((given, said)))
    }

    fn context(&self) -> Context<'static> {
        Context {
            height: Height(self.model.height),
            now: Time(self.model.now),
            beacon: self.model.beacon,
            referee: &Scripted,
        }
    }

    fn turn_block(&mut self, now: u64, beacon: Hash) -> Said {
        let mut events = Vec::new();
        if self.model.height > 0 {
            let context = self.context();
            events.extend(protocol::end_block(&mut self.state, &context));
        }
        let height = Height(self.model.height + 1);
        let context = Context { height, now: Time(now), beacon, referee: &Scripted };
        events.extend(protocol::begin_block(&mut self.state, &context));
        self.coverage.found(self.state.intake());
        Said { events, ..Said::default() }
    }

    fn apply(&mut self, transaction: &Transaction) -> Said {
        let verified = transaction.clone().with_signature([0; 64]).assume_verified();
        let context = self.context();
        let receipt = protocol::apply(&mut self.state, &context, &verified);
        match &receipt.rejection {
            Some(rejection) => self.coverage.rejected(rejection),
            None => self.coverage.accepted(&transaction.action),
        }
        let Receipt { fee, events, rejection, .. } = receipt;
        Said { fee, rejection, events }
    }

    /// What a job or lease is called is known before it is there.
    fn label(&mut self, call: &Call, transaction: &Transaction) {
        let Transaction { sender, nonce, .. } = *transaction;
        let named = match call {
            Call::SubmitJob { label, .. } => Some((label, self.model.name_of_job(sender, nonce))),
            Call::RequestLease { label, .. } => {
                Some((label, self.model.name_of_lease(sender, nonce)))
            }
            _ => None,
        };
        if let Some((label, name)) = named {
            self.labels.insert(*label, name);
        }
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

    fn compare(&mut self, rules: &Said, model: &Said) -> Result<(), Disagreement> {
        for event in &rules.events {
            self.coverage.happened(event);
        }
        match rules.disagreement(model) {
            Some(disagreement) => Err(disagreement),
            None => Ok(()),
        }
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

fn sorted(events: &[Event]) -> Vec<Vec<u8>> {
    let encoded = events.iter().map(|event| borsh::to_vec(event).expect("memory takes everything"));
    let mut encoded: Vec<_> = encoded.collect();
    encoded.sort();
    encoded
}
