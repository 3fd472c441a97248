//! Delegating, leaving, moving on, thinking better of it; commissions and commitments.

use protocol::AccountId;

use super::{Kind, PROVIDERS, VALIDATORS, Workload};
use crate::operation::{Call, account, person};
use crate::rules::Job;
use crate::run::Run;
use crate::setup::NATIVE_TOKEN;

pub(super) const KINDS: &[Kind] = &[
    (8, delegate),
    (7, undelegate),
    (6, redelegate),
    (8, flee),
    (5, cancel),
    (2, claim),
    (2, set_commission),
    (4, commit),
];

/// Who has nothing to do but to stake.
const STAKERS: [u8; 4] = [1, 2, 3, 12];

fn delegate(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let operator = workload.pool(run)?;
    let sender = workload.delegator();
    let model = &run.model;
    let (room, minimum) = (model.room(account(operator)), model.parameters.delegation_min.units());
    let units = match workload.chance.below(8) {
        0 => workload.chance.around(room),
        1 => workload.chance.around(minimum),
        2 => workload.units(run, sender, 0),
        3 => 1,
        _ => minimum + room / 20,
    };
    Some((sender, Call::Delegate { operator, units }))
}

fn undelegate(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (delegator, operator) = workload.stake(run)?;
    let shares = workload.some_shares(run, delegator, operator);
    let (delegator, operator) = (person(delegator), person(operator));
    Some((workload.mostly(delegator), Call::Undelegate { operator, shares }))
}

/// Whoever is with an operator that was convicted leaves: in time, or in vain, since it is about to be convicted again.
fn flee(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (model, later) = (&run.model, workload.chance.one_in(2));
    let at_risk = |operator: AccountId| {
        let committed = model.jobs.values().filter(|job| job.is_alive()).filter_map(Job::attempt);
        let mut results = committed.filter(|one| one.committed.is_some());
        model.operators[&operator].offence.is_some()
            && (later || results.any(|one| one.provider == operator))
    };
    let stakes = model.delegated.stakes.keys().copied();
    let fleeing = stakes.filter(|(_, operator)| at_risk(*operator)).collect();
    let (delegator, source) = workload.chance.any(fleeing)?;
    let shares = model.free_shares(delegator, source) / 3;
    let (operator, sender) = (workload.elsewhere(run, delegator, source), person(delegator));
    let source = person(source);
    let hop = operator.map(|operator| Call::Redelegate { source, operator, shares });
    let leave = Call::Undelegate { operator: source, shares };
    Some((sender, hop.filter(|_| !workload.chance.one_in(3)).unwrap_or(leave)))
}

fn redelegate(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (delegator, source) = workload.stake(run)?;
    let operator = workload.elsewhere(run, delegator, source)?;
    let shares = workload.some_shares(run, delegator, source);
    // What a small pool takes of a large one.
    let room = run.model.room(account(operator)) / 4 + 1;
    let worth = run.model.worth_of_shares(source, shares);
    let fitting = shares / (worth / room + 1);
    let (delegator, source) = (person(delegator), person(source));
    let shares = if workload.chance.one_in(8) { shares } else { fitting };
    Some((workload.mostly(delegator), Call::Redelegate { source, operator, shares }))
}

/// Often what was slashed; its operator has to come out of jail first.
fn cancel(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let model = &run.model;
    let leaving = model.delegated.leaving.keys().copied();
    let (slashed, whole): (Vec<_>, Vec<_>) = leaving.partition(|(_, operator, bucket)| {
        model.delegated.buckets[&(*operator, *bucket)].was_slashed()
    });
    let prefer_slashed = !slashed.is_empty() && !workload.chance.one_in(3);
    let (who, of, bucket) = workload.chance.any(if prefer_slashed { slashed } else { whole })?;
    let (delegator, operator) = (person(who), person(of));
    if prefer_slashed && model.operators[&of].jailed.is_some_and(|until| until <= model.now) {
        return Some((operator, Call::Unjail));
    }
    let open = model.undelegations(who, of);
    let nth = open.iter().position(|(number, ..)| *number == bucket).unwrap_or_default();
    let nth = u8::try_from(nth).expect("undelegations are limited");
    let nth = workload.chance.pick(&[nth, nth, nth, nth, 1, 9]);
    Some((workload.mostly(delegator), Call::CancelUnbonding { operator, nth }))
}

/// Also of pools that collapsed, and by people who are in none.
fn claim(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let stakes = run.model.delegated.stakes.keys().copied().collect();
    let (delegator, operator) = workload.chance.any(stakes)?;
    let (delegator, operator) = (person(delegator), person(operator));
    Some((workload.mostly(delegator), Call::ClaimFees { operator }))
}

fn set_commission(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let operator = workload.operator(run)?;
    let mut rate = || workload.chance.pick(&[0, 50_000, 100_000, 333_333, 1_000_000]);
    let (rewards, fees) = (rate(), rate());
    let over = u32::from(workload.chance.one_in(12));
    let call = Call::SetCommission { rewards, fees: if over > 0 { 1_000_001 } else { fees } };
    Some((workload.mostly(operator), call))
}

fn commit(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let parameters = &run.model.parameters;
    let (least, most) = (parameters.commitment_ms_min, parameters.commitment_ms_max);
    let between = least + workload.chance.below(most.saturating_sub(least) + 1);
    let edge = workload.chance.pick(&[least, most]);
    let edge = workload.chance.around(edge.into());
    let duration_ms = match workload.chance.below(3) {
        0 => u64::try_from(edge).expect("times are small"),
        _ => between,
    };
    let stakes = run.model.delegated.stakes.keys().copied();
    let stakes = stakes.map(|(who, operator)| (person(who), person(operator))).collect();
    let operator = workload.operator(run)?;
    let owner = (person(run.model.owner(account(operator))), operator);
    let delegator = workload.chance.any(stakes).filter(|_| !workload.chance.one_in(4));
    let (sender, operator) = delegator.unwrap_or(owner);
    Some((workload.mostly(sender), Call::Commit { operator, duration_ms }))
}

impl Workload<'_> {
    /// An operator with an open pool; seldom any operator.
    fn pool(&mut self, run: &Run) -> Option<u8> {
        let open = run.model.delegated.pools.keys().map(|operator| person(*operator)).collect();
        let pool = self.chance.any(open);
        if self.chance.one_in(16) { self.operator(run) } else { pool }
    }

    /// A pool that a delegator could hop to; seldom any.
    fn elsewhere(&mut self, run: &Run, delegator: AccountId, source: AccountId) -> Option<u8> {
        let open = run.model.delegated.pools.keys().copied();
        let fitting = open.filter(|operator| {
            *operator != source
                && run.model.room(*operator) > 0
                && run.model.hop(delegator, *operator).is_none()
        });
        let fitting = self.chance.any(fitting.map(person).collect());
        if self.chance.one_in(5) { self.pool(run) } else { fitting }
    }

    fn delegator(&mut self) -> u8 {
        let staker = self.chance.pick(&STAKERS);
        if self.chance.one_in(6) { self.anybody() } else { staker }
    }

    /// Somebody with shares in a pool.
    fn stake(&mut self, run: &Run) -> Option<(AccountId, AccountId)> {
        self.chance.any(run.model.delegated.stakes.keys().copied().collect())
    }

    /// All free shares, one more or less, some, or a single one.
    fn some_shares(&mut self, run: &Run, delegator: AccountId, operator: AccountId) -> u128 {
        let free = run.model.free_shares(delegator, operator);
        match self.chance.below(8) {
            0 | 1 => self.chance.around(free),
            2 => free,
            3 => 1,
            4 => 0,
            _ => free / 3,
        }
    }

    /// How pools begin: those of providers and validators, with bonds that make a round number of seats, and delegators.
    pub(super) fn stakers(&mut self) -> Vec<(u8, Call)> {
        let mut calls = Vec::new();
        for operator in VALIDATORS {
            let units = self.chance.pick(&[1, 1, 100, 300]) * NATIVE_TOKEN;
            calls.push((operator, Call::Bond { operator, asset: 0, units }));
        }
        for operator in PROVIDERS.into_iter().chain(VALIDATORS) {
            let (rewards, fees) = (self.chance.pick(&[0, 100_000, 333_333]), 200_000);
            if !self.chance.one_in(6) {
                calls.push((operator, Call::SetCommission { rewards, fees }));
            }
            for staker in STAKERS {
                let units = self.chance.pick(&[1, 100, 1_000, NATIVE_TOKEN]);
                if self.chance.one_in(3) {
                    calls.push((staker, Call::Delegate { operator, units }));
                }
            }
        }
        calls
    }
}
