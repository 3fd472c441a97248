//! A synthetic load for measuring how fast the rules are: many accounts, transfers and stake operations, no signatures.
//!
//! ```
//! let mut load = protocol::load::Load::new(1_000);
//! let transactions = load.transfers(100);
//! assert_eq!(load.apply(&transactions), 100);
//! ```

use crate::apply::apply;
use crate::books::Place;
use crate::context::Context;
use crate::genesis::{AssetDefinition, Genesis, GenesisBalance};
use crate::hooks::{begin_block, end_block};
use crate::parameters::{Class, Parameters};
use crate::primitives::{AccountId, Amount, Content, Hash, Height, NATIVE, Nonce, STABLE, Time};
use crate::referee::{
    CapacityCase, Case, Judgement, PreparedProgram, Referee, SigningCase, Verdict,
};
use crate::state::State;
use crate::transaction::{Action, Duties, Transaction, Verified};

/// The load needs no programs: this referee refuses and dismisses everything.
struct Nobody;

impl Referee for Nobody {
    fn prepare(&self, _: &[u8]) -> Result<PreparedProgram, String> {
        Err("no programs here".into())
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
pub struct Load {
    state: State,
    accounts: u64,
    sent: u64,
    height: Height,
}

impl Load {
    /// A chain with so many funded accounts, at least ten.
    ///
    /// # Panics
    /// Never: the genesis is valid by construction.
    pub fn new(accounts: u64) -> Self {
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
                ..Parameters::default()
            },
            assets: AssetDefinition::seed(None),
            classes: Class::devnet(),
            balances: (0..accounts).flat_map(purse).collect(),
            pots: Vec::new(),
        };
        let (state, _) = State::genesis(&genesis).expect("the genesis is valid by construction");
        let mut load = Self { state, accounts, sent: 0, height: Height(0) };
        load.register();
        load
    }

    /// The state as it is.
    pub fn state(&self) -> &State {
        &self.state
    }

    fn register(&mut self) {
        let duties = Duties { provider: true, validator: true };
        let actions =
            (0..self.accounts).step_by(10).map(|n| (n, Action::RegisterOperator { duties }));
        let transactions = self.sign(actions.collect());
        let applied = self.apply(&transactions);
        assert_eq!(applied as u64, self.accounts.div_ceil(10), "every tenth account registers");
    }

    /// So many transfers between pseudo-random accounts, one in two of them native.
    pub fn transfers(&mut self, count: u64) -> Vec<Verified> {
        let actions = (0..count).map(|n| {
            let (from, to) = (self.pick(2 * n), self.pick(2 * n + 1));
            let asset = if n % 2 == 0 { NATIVE } else { STABLE };
            (from, Action::Transfer { to: account(to), asset, amount: Amount::new(1) })
        });
        let actions = actions.collect();
        self.sign(actions)
    }

    /// So many stake operations by pseudo-random operators: two bonds for every unbonding.
    pub fn stake_operations(&mut self, count: u64) -> Vec<Verified> {
        let actions = (0..count).map(|n| {
            let sender = self.pick(n) / 10 * 10;
            let (operator, asset) = (account(sender), if n % 2 == 0 { NATIVE } else { STABLE });
            let amount = Amount::new(1_000);
            let bonds = n % 3 < 2;
            let bond = Action::Bond { operator, asset, amount };
            let asset = if self.state.held(Place::Bond(operator), STABLE).is_zero() {
                NATIVE
            } else {
                STABLE
            };
            let unbond = Action::Unbond { operator, asset, amount: Amount::new(1) };
            (sender, if bonds { bond } else { unbond })
        });
        let actions = actions.collect();
        self.sign(actions)
    }

    /// Applies transactions in one block; returns how many were accepted.
    pub fn apply(&mut self, transactions: &[Verified]) -> usize {
        self.height = self.height.plus(1);
        let (height, now, beacon) = (self.height, Time(self.height.0), Hash([0; 32]));
        let context = Context { height, now, beacon, referee: &Nobody };
        begin_block(&mut self.state, &context);
        let accepted = |one: &&Verified| apply(&mut self.state, &context, one).rejection.is_none();
        let count = transactions.iter().filter(accepted).count();
        end_block(&mut self.state, &context);
        count
    }

    fn pick(&self, n: u64) -> u64 {
        u64::from(Hash::of("earnest load v1", &(self.sent, n)).leading_32()) % self.accounts
    }

    /// Puts the right nonces on actions.
    fn sign(&mut self, actions: Vec<(u64, Action)>) -> Vec<Verified> {
        let mut nonces = std::collections::BTreeMap::new();
        self.sent += 1;
        let signed = actions.into_iter().map(|(sender, action)| {
            let sender = account(sender);
            let nonce: &mut Nonce =
                nonces.entry(sender).or_insert_with(|| self.state.next_nonce(sender));
            let transaction = Transaction {
                chain: self.state.chain().id,
                sender,
                nonce: *nonce,
                expiry: self.height.plus(1_000),
                action,
            };
            nonce.0 += 1;
            transaction.with_signature([0; 64]).assume_verified()
        });
        signed.collect()
    }
}

/// The account of a number, scattered like real keys.
fn account(n: u64) -> AccountId {
    AccountId(Hash::of("earnest load account v1", &n).0)
}
