//! A synthetic load for measuring how fast the rules are: many accounts, any transactions of theirs, no signatures.
//!
//! ```
//! let mut load = protocol::load::Load::new(1_000);
//! let transactions = load.transfers(100);
//! assert_eq!(load.apply(&transactions), 100);
//! ```

use crate::apply::{Receipt, apply_all};
use crate::books::Place;
use crate::context::Context;
use crate::event::Event;
use crate::genesis::{AssetDefinition, Genesis, GenesisBalance};
use crate::hooks::{begin_block, end_block};
use crate::parameters::{Class, Parameters};
use crate::primitives::{
    AccountId, Amount, Content, Hash, Height, NATIVE, Nonce, ProgramId, STABLE, Time,
};
use crate::referee::{
    CapacityCase, Case, Judgement, PreparedProgram, Referee, SigningCase, Verdict,
};
use crate::state::State;
use crate::transaction::{Action, Duties, Transaction, Verified};

/// The load runs no programs: this referee takes every module for one, and dismisses every case.
struct Nobody;

impl Referee for Nobody {
    fn prepare(&self, source: &[u8]) -> Result<PreparedProgram, String> {
        let id = ProgramId(Hash::of("earnest load program v1", &source).0);
        Ok(PreparedProgram { id, bytes: source.to_vec().into(), memory_max: 65_536 })
    }

    fn judge(&self, _: &Case<'_>) -> Judgement {
        Judgement { verdict: Verdict::Dismissed("no judge here".into()), units: 0 }
    }

    fn check_parameters(&self, _: &Parameters) -> Result<(), String> {
        Ok(())
    }

    fn check_page(&self, _: &Content, _: u64, _: &[u8], _: &[Hash]) -> bool {
        false
    }

    fn check_capacity(&self, _: &CapacityCase<'_>) -> bool {
        false
    }

    fn check_double_signing(&self, _: &SigningCase<'_>) -> bool {
        false
    }
}

/// A state with many accounts, one in ten of them an operator, and transactions to apply to it.
#[derive(Clone)]
pub struct Load {
    state: State,
    accounts: u64,
    sent: u64,
    /// Of the latest block.
    context: Context<'static>,
}

impl Load {
    /// A chain with so many funded accounts, at least ten.
    ///
    /// # Panics
    /// Never: the genesis is valid by construction.
    pub fn new(accounts: u64) -> Self {
        let mut load = Self::funded(accounts, Parameters::default());
        load.register();
        load
    }

    /// A chain with so many funded accounts, at least ten, none of them an operator yet. Whoever likes may be a validator,
    /// and an operator may take out its bond in many parts.
    ///
    /// # Panics
    /// If the parameters are not allowed.
    pub fn funded(accounts: u64, parameters: Parameters) -> Self {
        let accounts = accounts.max(10);
        let amount = Amount::new(1 << 60);
        let purse =
            |n| [NATIVE, STABLE].map(|asset| GenesisBalance { account: account(n), asset, amount });
        let genesis = Genesis {
            chain_name: "load".into(),
            start: Time(0),
            parameters: Parameters {
                exits_max: 256,
                validator_bond_min: Amount::ZERO,
                ..parameters
            },
            assets: AssetDefinition::seed(None),
            classes: Class::devnet(),
            balances: (0..accounts).flat_map(purse).collect(),
            pots: Vec::new(),
        };
        let (state, _) = State::genesis(&genesis).expect("the genesis is valid by construction");
        let (height, now, beacon) = (Height(0), Time(0), Hash([0; 32]));
        let context = Context { height, now, beacon, referee: &Nobody };
        Self { state, accounts, sent: 0, context }
    }

    /// The state as it is.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Has every tenth account register as a provider, and as many of them as there is place for as validators too.
    ///
    /// # Panics
    /// Never: whoever likes may register.
    pub fn register(&mut self) {
        let places = u64::from(self.state.parameters.validators_max);
        let actions = (0..self.accounts.div_ceil(10)).map(|n| {
            let duties = Duties { provider: true, validator: n < places };
            (account(10 * n), Action::RegisterOperator { duties })
        });
        let transactions = self.sign(actions.collect());
        let applied = self.apply(&transactions);
        assert_eq!(applied as u64, self.accounts.div_ceil(10), "every tenth account registers");
    }

    /// So many transfers between pseudo-random accounts, one in two of them native.
    pub fn transfers(&mut self, count: u64) -> Vec<Verified> {
        let actions = (0..count).map(|n| {
            let (from, to) = (self.pick(2 * n), self.pick(2 * n + 1));
            let asset = if n % 2 == 0 { NATIVE } else { STABLE };
            (account(from), Action::Transfer { to: account(to), asset, amount: Amount::new(1) })
        });
        let actions = actions.collect();
        self.sign(actions)
    }

    /// So many stake operations by pseudo-random operators: two bonds for every unbonding.
    pub fn stake_operations(&mut self, count: u64) -> Vec<Verified> {
        let actions = (0..count).map(|n| {
            let operator = account(self.pick(n) / 10 * 10);
            let asset = if n % 2 == 0 { NATIVE } else { STABLE };
            let amount = Amount::new(1_000);
            let bonds = n % 3 < 2;
            let bond = Action::Bond { operator, asset, amount };
            let asset = if self.state.held(Place::Bond(operator), STABLE).is_zero() {
                NATIVE
            } else {
                STABLE
            };
            let unbond = Action::Unbond { operator, asset, amount: Amount::new(1) };
            (operator, if bonds { bond } else { unbond })
        });
        let actions = actions.collect();
        self.sign(actions)
    }

    /// Applies transactions in one block; returns how many were accepted.
    pub fn apply(&mut self, transactions: &[Verified]) -> usize {
        self.begin(1);
        let receipts = self.execute(transactions);
        self.end();
        receipts.iter().filter(|receipt| receipt.rejection.is_none()).count()
    }

    /// Begins a block so many milliseconds after the one before.
    pub fn begin(&mut self, elapsed_ms: u64) -> Vec<Event> {
        let height = self.context.height.plus(1);
        let now = self.context.now.plus_ms(elapsed_ms);
        let beacon = Hash::of("earnest load beacon v1", &height);
        self.context = Context { height, now, beacon, ..self.context };
        begin_block(&mut self.state, &self.context)
    }

    /// Applies transactions in the block that was begun.
    pub fn execute(&mut self, transactions: &[Verified]) -> Vec<Receipt> {
        apply_all(&mut self.state, &self.context, transactions)
    }

    /// Ends the block that was begun.
    pub fn end(&mut self) {
        end_block(&mut self.state, &self.context);
    }

    fn pick(&self, n: u64) -> u64 {
        u64::from(Hash::of("earnest load v1", &(self.sent, n)).leading_32()) % self.accounts
    }

    /// Puts the right nonces on actions that are applied in this order.
    pub fn sign(&mut self, actions: Vec<(AccountId, Action)>) -> Vec<Verified> {
        let mut nonces = std::collections::BTreeMap::new();
        self.sent += 1;
        let signed = actions.into_iter().map(|(sender, action)| {
            let nonce: &mut Nonce =
                nonces.entry(sender).or_insert_with(|| self.state.next_nonce(sender));
            let transaction = Transaction {
                chain: self.state.chain().id,
                sender,
                nonce: *nonce,
                expiry: self.context.height.plus(1_000),
                action,
            };
            nonce.0 += 1;
            transaction.with_signature([0; 64]).assume_verified()
        });
        signed.collect()
    }
}

/// The account of a number, scattered like real keys.
pub fn account(n: u64) -> AccountId {
    AccountId(Hash::of("earnest load account v1", &n).0)
}
