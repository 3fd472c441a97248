//! Delegation driven from inside: slashes and rewards of chosen sizes, invariants after every step.

mod breaks;
mod laws;
mod peers;

use crate::bonds;
use crate::books::{Movement, Place, Why};
use crate::context::Context;
use crate::delegation::{
    Commission, DILUTION_MAX, cancel_unbonding, claim, commit, delegate, redelegate,
    set_commission, undelegate,
};
use crate::event::Fault;
use crate::genesis::{AssetDefinition, Genesis, GenesisBalance};
use crate::hooks::begin_block;
use crate::invariants;
use crate::operators;
use crate::parameters::{Class, Parameters};
use crate::penalties::Cut;
use crate::primitives::*;
use crate::referee::{Case, Judgement, PreparedProgram, Referee, Verdict};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;
use crate::transaction::Duties;

const DAY: u64 = 86_400_000;
const PURSE: u128 = 1 << 90;
const ANN: AccountId = AccountId([1; 32]);
const BEN: AccountId = AccountId([2; 32]);
const EVE: AccountId = AccountId([3; 32]);
const TREASURY: AccountId = AccountId([4; 32]);
const OPERATORS: [AccountId; 3] = [AccountId([10; 32]), AccountId([11; 32]), AccountId([12; 32])];
const OPERATOR: AccountId = OPERATORS[0];
const OTHER: AccountId = OPERATORS[1];

/// No programs here.
struct Nobody;

impl Referee for Nobody {
    fn prepare(&self, _: &[u8]) -> Result<PreparedProgram, String> {
        Err("no programs here".into())
    }

    fn judge(&self, _: &Case<'_>) -> Judgement {
        Judgement { verdict: Verdict::Dismissed("no judge here".into()), units: 0 }
    }

    fn check_capacity(&self, _: &crate::referee::CapacityCase<'_>) -> bool {
        false
    }

    fn check_double_signing(&self, _: &crate::referee::SigningCase<'_>) -> bool {
        false
    }

    fn check_page(&self, _: &Content, _: u64, _: &[u8], _: &[Hash]) -> bool {
        false
    }

    fn check_parameters(&self, _: &Parameters) -> Result<(), String> {
        Ok(())
    }
}

#[derive(Clone)]
struct Bench {
    state: State,
    now: Time,
}

fn amount(units: u128) -> Amount {
    Amount::new(units)
}

/// Limits out of the way, so that the numbers of others fit.
fn parameters() -> Parameters {
    Parameters {
        delegation_cap: 1_000,
        pool_bond_min: amount(1),
        delegation_min: amount(1),
        seat_bond: amount(1_000),
        validator_bond_min: amount(0),
        ..Parameters::default()
    }
}

fn no_commission() -> Commission {
    Commission::default()
}

fn percent(points: u32) -> Commission {
    let rate = Ppm(points * 10_000);
    Commission { rewards: rate, fees: rate }
}

impl Bench {
    /// Three operators with open pools, this much of their own, and no commission.
    fn new(own: u128) -> Self {
        Self::with(parameters(), own)
    }

    fn with(parameters: Parameters, own: u128) -> Self {
        let people = [ANN, BEN, EVE, TREASURY].into_iter().chain(OPERATORS);
        let purse = |account| {
            [NATIVE, STABLE].map(|asset| GenesisBalance { account, asset, amount: amount(PURSE) })
        };
        let genesis = Genesis {
            chain_name: "bench".into(),
            start: Time(0),
            parameters,
            assets: AssetDefinition::seed(None),
            classes: Class::seed(),
            balances: people.flat_map(purse).collect(),
            pots: Vec::new(),
        };
        let (state, _) = State::genesis(&genesis).unwrap();
        let mut bench = Self { state, now: Time(0) };
        bench.wait(1);
        for operator in OPERATORS {
            let duties = Duties { provider: true, validator: true };
            bench.ok(|step| operators::register(step, operator, duties));
            bench.ok(|step| bonds::bond(step, operator, operator, NATIVE, amount(own)));
            bench.ok(|step| set_commission(step, operator, no_commission()));
        }
        bench
    }

    fn context(&self) -> Context<'static> {
        let height = self.state.clock().height.plus(1);
        Context { height, now: self.now, beacon: Hash([0; 32]), referee: &Nobody }
    }

    fn run<R>(&mut self, rule: impl FnOnce(&mut Step<'_>) -> R) -> R {
        let context = self.context();
        let mut step = Step::new(&mut self.state, &context);
        let result = rule(&mut step);
        self.check();
        result
    }

    fn ok(&mut self, rule: impl FnOnce(&mut Step<'_>) -> Result<(), Rejection>) {
        self.run(rule).unwrap();
    }

    fn check(&self) {
        let violations = invariants::check(&self.state);
        assert!(violations.is_empty(), "{violations:#?}");
    }

    /// A block so much later.
    fn wait(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        let context = self.context();
        begin_block(&mut self.state, &context);
        self.check();
    }

    fn delegate(&mut self, who: AccountId, units: u128) {
        self.ok(|step| delegate(step, who, OPERATOR, amount(units)));
    }

    fn undelegate(&mut self, who: AccountId, shares: u128) {
        self.ok(|step| undelegate(step, who, OPERATOR, amount(shares)));
    }

    /// Slashes the pool and whatever answers for a fault of `since`.
    fn slash(&mut self, operator: AccountId, since: Time, ppm: u128) {
        let charge = (operator, Fault::Repeated, None);
        let cut = Cut::Part(ppm, PPM.into());
        self.run(|step| step.slash_delegated(charge, (since, step.now()), cut));
    }

    fn slash_now(&mut self, ppm: u128) {
        self.slash(OPERATOR, self.now, ppm);
    }

    fn fee(&mut self, units: u128) {
        let from = Place::Account(TREASURY);
        self.run(|step| {
            let own = step.pay_pool_fees(from, OPERATOR, amount(units), None);
            let to = Place::Account(OPERATOR);
            let why = Why::Transfer;
            step.shift(Movement { from, to, asset: STABLE, amount: own, why, job: None });
        });
    }

    fn reward(&mut self, units: u128) {
        self.run(|step| {
            step.earn(Place::Account(TREASURY), OPERATOR, amount(units), Why::Transfer)
        });
    }

    fn tokens(&self) -> u128 {
        self.state.pool_tokens(OPERATOR).units()
    }

    fn worth(&self, who: AccountId) -> u128 {
        self.state.delegation(who, OPERATOR).map_or(0, |view| view.worth.units())
    }

    fn fees_due(&self, who: AccountId) -> u128 {
        self.state.delegation(who, OPERATOR).map_or(0, |view| view.fees_due.units())
    }

    /// Settling rounds down, so that a claim may leave a unit of what others' arithmetic gives in the pool.
    fn earned(&self, who: AccountId, exactly: u128) -> bool {
        let due = self.fees_due(who);
        due <= exactly && due + 1 >= exactly
    }

    fn leaving(&self, who: AccountId) -> Vec<u128> {
        self.state.undelegations(who).map(|view| view.amount.units()).collect()
    }

    /// Base units of an asset gained (or lost, as a negative number) since the beginning.
    fn gain(&self, who: AccountId, asset: AssetId) -> i128 {
        let units = self.state.balance(who, asset).units();
        i128::try_from(units).unwrap() - i128::try_from(PURSE).unwrap()
    }
}
