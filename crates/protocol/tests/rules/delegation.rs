//! Delegation by transactions: lives of delegators, every limit at its edges, the numbers of the chapter.

use expect_test::expect;
use protocol::*;

use crate::life::spec;
use crate::world::*;

/// A whole token in base units.
pub(crate) const TOKEN: u128 = 1_000_000_000;
pub(crate) const DAY: u64 = 86_400_000;

/// The operator of these tests, and another one.
pub(crate) const OPERATOR: AccountId = PROVIDERS[0];
const OTHER: AccountId = PROVIDERS[1];

fn percent(rewards: u32, fees: u32) -> Commission {
    Commission { rewards: Ppm(rewards * 10_000), fees: Ppm(fees * 10_000) }
}

pub(crate) fn delegate(operator: AccountId, units: u128) -> Action {
    Action::Delegate { operator, amount: amount(units) }
}

pub(crate) fn undelegate(operator: AccountId, shares: u128) -> Action {
    Action::Undelegate { operator, shares: amount(shares) }
}

pub(crate) fn redelegate(shares: u128) -> Action {
    Action::Redelegate { source: OPERATOR, operator: OTHER, shares: amount(shares) }
}

pub(crate) fn commit(operator: AccountId, days: u64) -> Action {
    Action::Commit { operator, duration_ms: days * DAY }
}

pub(crate) fn set_commission(rewards: u32, fees: u32) -> Action {
    Action::SetCommission { commission: percent(rewards, fees) }
}

pub(crate) fn cancel(world: &World, who: AccountId) -> Action {
    let open = world.state.undelegations(who).next();
    let (operator, bucket) = open.map_or((OPERATOR, 0), |view| (view.operator, view.bucket));
    Action::CancelUnbonding { operator, bucket }
}

impl World {
    /// Two providers with 500 tokens of their own and open pools: 10 % of rewards and 80 % of fees are kept.
    pub(crate) fn pooled_with(parameters: Parameters) -> Self {
        let mut world = Self::staked_with(parameters);
        for operator in [OPERATOR, OTHER] {
            let bond = Action::Bond { operator, asset: NATIVE, amount: amount(500 * TOKEN) };
            world.ok(operator, bond);
            world.ok(operator, set_commission(10, 80));
        }
        world
    }

    pub(crate) fn pooled() -> Self {
        Self::pooled_with(Parameters::default())
    }

    /// The first operator with 300 tokens of the stranger's and 200 of the requester's.
    pub(crate) fn delegated() -> Self {
        let mut world = Self::pooled();
        world.ok(STRANGER, delegate(OPERATOR, 300 * TOKEN));
        world.ok(REQUESTER, delegate(OPERATOR, 200 * TOKEN));
        world
    }

    fn worth(&self, who: AccountId, operator: AccountId) -> u128 {
        self.state.delegation(who, operator).map_or(0, |view| view.worth.units())
    }

    /// Only the first provider offers.
    fn alone(&mut self) {
        for provider in &PROVIDERS[1..] {
            self.offer(*provider, 0, DOLLAR);
        }
    }

    /// Two jobs of the first provider's in their windows, both wrong.
    fn lied_twice(&mut self) -> [JobId; 2] {
        self.alone();
        let jobs = [self.assigned(), self.assigned()];
        for job in jobs {
            let lie = self.lie(job);
            self.window(job, lie);
        }
        jobs
    }

    fn convict(&mut self, jobs: [JobId; 2]) {
        for job in jobs {
            self.challenge(ISSUER, job, Accused::Provider).unwrap();
        }
    }

    fn complete_one(&mut self) {
        self.alone();
        let job = self.assigned();
        let truth = self.truth(job);
        self.window(job, truth);
        self.lapse(job);
    }
}

/// A delegator comes, earns, commits, leaves in part, thinks better of it, moves the rest, and takes everything.
pub(crate) fn life() -> World {
    let mut world = World::delegated();
    world.complete_one();
    world.ok(STRANGER, Action::ClaimFees { operator: OPERATOR });
    world.ok(REQUESTER, commit(OPERATOR, 14));
    world.ok(STRANGER, undelegate(OPERATOR, 100 * TOKEN));
    world.ok(STRANGER, cancel(&world, STRANGER));
    world.ok(STRANGER, undelegate(OPERATOR, 50 * TOKEN));
    world.ok(STRANGER, redelegate(100 * TOKEN));
    world.block_after(16 * DAY);
    world.block_after(1);
    world.ok(STRANGER, undelegate(OPERATOR, 150 * TOKEN));
    world.ok(STRANGER, undelegate(OTHER, 100 * TOKEN));
    world.ok(REQUESTER, undelegate(OPERATOR, 200 * TOKEN));
    world.block_after(16 * DAY);
    world
}

#[test]
fn a_delegator_leaves_with_everything() {
    let world = life();
    for kind in [PlaceKind::Pools, PlaceKind::PoolIncome, PlaceKind::Leaving] {
        for asset in [NATIVE, STABLE] {
            assert_eq!(world.state.total(kind, asset), Amount::ZERO, "{kind:?}");
        }
    }
    assert_eq!(world.state.delegations(STRANGER).count(), 0);
    assert_eq!(world.state.balance(STRANGER, STABLE), amount(PURSE + 539_999));
    let requester = PURSE - 10 * DOLLAR + 360_001;
    assert_eq!(world.state.balance(REQUESTER, STABLE), amount(requester), "the last one sweeps");
}

/// The chapter's job: 9 dollars of 10, half of the stake delegated, 80 % kept: 90 cents, by 300 and 200 tokens.
#[test]
fn the_fee_of_a_job_is_shared_as_in_the_chapter() {
    let mut world = World::delegated();
    let since = world.events.len();
    world.complete_one();
    expect![[r#"
        pot Audit: +500000
        pot Insurance: +100000
        pot Treasury: +400000
        provider 0: +8100000
        provider 0 pool income: +900000
        requester: -10000000
    "#]]
    .assert_eq(&world.statement(since, STABLE));
    let due = |who| world.state.delegation(who, OPERATOR).unwrap().fees_due;
    assert_eq!([due(STRANGER), due(REQUESTER)], [amount(539_999), amount(359_999)]);
}

/// The chapter's fault: the second conviction in the window takes 24.5665 % of everything: of what stayed, of what
/// began to leave since, and of what moved to another pool since. Nothing of it goes to anybody.
pub(crate) fn slashed() -> World {
    let mut world = World::delegated();
    let jobs = world.lied_twice();
    world.ok(STRANGER, undelegate(OPERATOR, 100 * TOKEN));
    world.ok(STRANGER, redelegate(100 * TOKEN));
    world.convict(jobs);
    world.block_after(16 * DAY);
    world
}

#[test]
fn a_repeated_fault_takes_the_same_part_of_everything_delegated() {
    let world = slashed();
    let rate = world.events.iter().find_map(|event| match event {
        Event::Penalty(PenaltyEvent::Correlated { rate, .. }) => Some(u128::from(rate.0)),
        _ => None,
    });
    let kept = |tokens: u128| {
        let units = tokens * TOKEN;
        units - (units * rate.unwrap()).div_ceil(1_000_000)
    };
    expect!["245781"].assert_eq(&rate.unwrap().to_string());
    assert_eq!(world.worth(STRANGER, OPERATOR), kept(100));
    assert_eq!(world.worth(REQUESTER, OPERATOR), kept(200));
    assert_eq!(world.worth(STRANGER, OTHER), kept(100), "it answered where it came from");
    let paid = world.events.iter().find_map(|event| match event {
        Event::Books(BooksEvent::Moved { why: Why::Undelegated, amount, .. }) => Some(*amount),
        _ => None,
    });
    assert_eq!(paid, Some(amount(kept(100))));
    for event in &world.events {
        if let Event::Books(BooksEvent::Moved {
            from: Place::Pool(_) | Place::Leaving(..),
            to,
            why,
            ..
        }) = event
        {
            let burned = *why == Why::SlashBurn;
            assert_eq!(burned, *to == Place::Burned, "delegators pay nobody: {event:?}");
        }
    }
}

#[test]
fn an_isolated_fault_takes_nothing_of_delegators() {
    let mut world = World::delegated();
    let jobs = world.lied_twice();
    world.challenge(ISSUER, jobs[0], Accused::Provider).unwrap();
    assert_eq!(world.worth(STRANGER, OPERATOR), 300 * TOKEN);
}

/// With everything taken the pool begins a new generation.
pub(crate) fn collapsed() -> World {
    let parameters = Parameters { correlated_base: Ppm::WHOLE, ..Parameters::default() };
    let mut world = World::pooled_with(parameters);
    world.ok(STRANGER, delegate(OPERATOR, 300 * TOKEN));
    world.ok(STRANGER, commit(OPERATOR, 365));
    let jobs = world.lied_twice();
    world.convict(jobs);
    world
}

/// The same with a part of the stranger's choosing taken: shares are worth next to nothing.
pub(crate) fn nearly_destroyed(parameters: Parameters) -> World {
    let mut world = World::pooled_with(parameters);
    world.ok(STRANGER, delegate(OPERATOR, 300 * TOKEN));
    let jobs = world.lied_twice();
    world.convict(jobs);
    world
}

#[test]
fn a_collapsed_pool_takes_nothing_from_the_next_delegator() {
    let mut world = collapsed();
    let view = world.state.delegation(STRANGER, OPERATOR).unwrap();
    assert_eq!((view.shares, view.free, view.worth), (Amount::ZERO, Amount::ZERO, Amount::ZERO));
    let gone = world.send(STRANGER, undelegate(OPERATOR, 1));
    assert_eq!(gone, Err(Rejection::NoDelegation { operator: OPERATOR }));
    world.block_after(7 * DAY);
    world.ok(OPERATOR, Action::Unjail);
    let bond = amount(100 * TOKEN);
    world.ok(OPERATOR, Action::Bond { operator: OPERATOR, asset: NATIVE, amount: bond });
    world.ok(STRANGER, delegate(OPERATOR, 10 * TOKEN));
    assert_eq!(world.worth(STRANGER, OPERATOR), 10 * TOKEN);
    assert_eq!(world.state.commitment(STRANGER, OPERATOR), None, "it went with what was committed");
}

#[test]
fn unbonding_lasts_no_more_epochs_than_a_slash_may_look_at() {
    let fits = |epochs: u128| {
        let epoch_ms = Parameters::default().unbonding_ms / u64::try_from(epochs).unwrap();
        Parameters { epoch_ms, buckets_max: 20, ..Parameters::default() }.validate().is_ok()
    };
    assert_eq!(around(20, fits), UP_TO);
    let fits = |cap: u128| {
        let seats_per_operator = u32::try_from(cap).unwrap();
        Parameters { seats_per_operator, ..Parameters::default() }.validate().is_ok()
    };
    assert_eq!(around(64, fits), UP_TO);
    let short = Parameters { commitment_ms_max: 14 * DAY - 1, ..Parameters::default() };
    assert_eq!(short.validate().unwrap_err().len(), 1);
}

fn accepts(mut world: World, sender: AccountId, action: Action) -> bool {
    world.send(sender, action).is_ok()
}

fn around(limit: u128, accepted: impl Fn(u128) -> bool) -> [bool; 3] {
    [limit - 1, limit, limit + 1].map(accepted)
}

const UP_TO: [bool; 3] = [true, true, false];
const FROM: [bool; 3] = [false, true, true];

#[test]
fn a_pool_takes_nine_times_the_operators_own_bond_and_no_unit_more() {
    let mut world = World::pooled_with(Parameters { delegation_cap: 1, ..Parameters::default() });
    world.ok(REQUESTER, delegate(OPERATOR, 200 * TOKEN));
    let fits = |units| accepts(world.clone(), STRANGER, delegate(OPERATOR, units));
    assert_eq!(around(300 * TOKEN, fits), UP_TO);
    assert_eq!(Parameters::default().delegation_cap, 9);
    assert_eq!(World::pooled().state.delegation_room(OPERATOR), amount(4_500 * TOKEN));
}

#[test]
fn delegations_have_a_least_size_coming_and_going() {
    let fits = |units| accepts(World::pooled(), STRANGER, delegate(OPERATOR, units));
    assert_eq!(around(TOKEN, fits), FROM);
    let leaves = |units| accepts(World::delegated(), STRANGER, undelegate(OPERATOR, units));
    assert_eq!(around(299 * TOKEN, leaves), UP_TO);
    assert_eq!(around(300 * TOKEN, leaves), [false, true, false], "or everything");
    assert!(accepts(World::delegated(), STRANGER, delegate(OPERATOR, 1)), "a little more is fine");
}

#[test]
fn an_operator_needs_a_bond_of_its_own_to_take_delegations() {
    let fits = |own: u128| {
        let mut world = World::staked();
        let (operator, asset) = (OPERATOR, NATIVE);
        world.ok(operator, Action::Bond { operator, asset, amount: amount(own) });
        world.ok(operator, set_commission(0, 0));
        accepts(world, STRANGER, delegate(operator, TOKEN))
    };
    assert_eq!(around(100 * TOKEN, fits), FROM);
}

#[test]
fn commitments_keep_their_bounds_and_their_word() {
    let fits = |ms: u128| {
        let duration_ms = u64::try_from(ms).unwrap();
        accepts(World::delegated(), STRANGER, Action::Commit { operator: OPERATOR, duration_ms })
    };
    assert_eq!(around((14 * DAY).into(), fits), FROM);
    assert_eq!(around((365 * DAY).into(), fits), UP_TO);
    let mut world = World::delegated();
    world.ok(STRANGER, commit(OPERATOR, 30));
    world.ok(STRANGER, delegate(OPERATOR, 10 * TOKEN));
    let leaves = |units| accepts(world.clone(), STRANGER, undelegate(OPERATOR, units));
    assert_eq!(around(10 * TOKEN, leaves), UP_TO, "what came later is free");
    let until = world.state.commitment(STRANGER, OPERATOR).unwrap().until;
    let free = [0, 1].map(|late| {
        let mut world = world.clone();
        world.block_at(until.plus_ms(late));
        accepts(world, STRANGER, undelegate(OPERATOR, 310 * TOKEN))
    });
    assert_eq!(free, [false, true]);
}

/// An own bond that is committed stays, and weighs more; what is added later is free.
#[test]
fn an_operator_commits_its_own_bond() {
    let mut world = World::pooled();
    world.ok(OPERATOR, commit(OPERATOR, 365));
    assert_eq!(world.state.reward_weight(OPERATOR), amount(1_000 * TOKEN));
    let (operator, asset) = (OPERATOR, NATIVE);
    world.ok(operator, Action::Bond { operator, asset, amount: amount(50 * TOKEN) });
    assert_eq!(world.state.reward_weight(OPERATOR), amount(1_050 * TOKEN));
    let leaves = |units| {
        accepts(world.clone(), operator, Action::Unbond { operator, asset, amount: amount(units) })
    };
    assert_eq!(around(50 * TOKEN, leaves), UP_TO);
    world.block_after(365 * DAY + 1);
    assert_eq!(world.state.reward_weight(OPERATOR), amount(550 * TOKEN));
}

/// Only the owner commits the bond. What a slash takes of it is no longer committed, so what is bonded later is free.
#[test]
fn the_owner_commits_and_a_slash_shortens_what_is_committed() {
    let parameters = Parameters { correlated_base: Ppm(500_000), ..Parameters::default() };
    let mut world = World::pooled_with(parameters);
    world.ok(OPERATOR, Action::NominateOwner { operator: OPERATOR, owner: STRANGER });
    world.ok(STRANGER, Action::AcceptOwnership { operator: OPERATOR });
    let refused = world.send(OPERATOR, commit(OPERATOR, 365));
    assert_eq!(refused, Err(Rejection::NotOwner { operator: OPERATOR, owner: STRANGER }));
    world.ok(STRANGER, commit(OPERATOR, 365));
    let jobs = world.lied_twice();
    world.convict(jobs);
    let left = world.state.operator(OPERATOR).unwrap().bonded.of(NATIVE);
    assert!(left < amount(250 * TOKEN));
    assert_eq!(world.state.commitment(OPERATOR, OPERATOR).unwrap().amount, left);
    let (operator, asset) = (OPERATOR, NATIVE);
    let bond = Action::Bond { operator, asset, amount: amount(7 * TOKEN) };
    world.ok(operator, bond);
    let leaves = |units| {
        accepts(world.clone(), STRANGER, Action::Unbond { operator, asset, amount: amount(units) })
    };
    assert_eq!(around(7 * TOKEN, leaves), UP_TO);
}

/// Delegators weigh by what they committed too: 300 tokens for a year count twice.
#[test]
fn committed_shares_weigh_up_to_twice_as_much() {
    let mut world = World::delegated();
    assert_eq!(world.state.reward_weight(OPERATOR), amount(1_000 * TOKEN));
    world.ok(STRANGER, commit(OPERATOR, 365));
    assert_eq!(world.state.reward_weight(OPERATOR), amount(1_300 * TOKEN));
    world.ok(STRANGER, delegate(OPERATOR, 10 * TOKEN));
    assert_eq!(world.state.reward_weight(OPERATOR), amount(1_310 * TOKEN));
    let lines = explain::delegation(&world.state.delegation(STRANGER, OPERATOR).unwrap());
    expect![[r#"
        310000000000 shares are worth 310000000000 native base units now
        10000000000 of them may leave
        300000000000 are committed until 31536001200 and count for 100 % more in rewards
        due: 0 stable and 0 native base units"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_delegation_is_small() {
    let world = World::delegated();
    let bytes: Vec<usize> = world
        .state
        .entries()
        .iter()
        .filter(|(key, _)| key[0] == 31)
        .map(|(key, value)| key.len() + value.len())
        .collect();
    assert_eq!(bytes, [102, 102]);
}

/// One bond behind four duties: running a job, auditing another, standing for a seat, carrying a pool. Each has its own
/// slice, and what one costs leaves the others whole.
#[test]
fn slices_of_one_bond_never_overlap() {
    let mut world = World::delegated();
    world.ok(OPERATOR, Action::SetDuties { duties: Duties { provider: true, validator: true } });
    world.alone();
    let running = world.assigned();
    world.offer(OPERATOR, 0, DOLLAR);
    world.offer(PROVIDERS[2], 1, DOLLAR);
    for validator in VALIDATORS {
        world.ok(validator, Action::SetDuties { duties: Duties::default() });
    }
    let audited = world.assigned();
    let lie = world.lie(audited);
    world.commit(audited, lie);
    world.draw(audited, true);
    assert_eq!((world.provider(running), world.auditor(audited)), (OPERATOR, OPERATOR));
    let held = |world: &World, place| world.state.held(place, STABLE).units();
    let slices = |world: &World| {
        let lock = |job| held(world, Place::Lock(OPERATOR, job));
        [lock(running), lock(audited), held(world, Place::Bond(OPERATOR))]
    };
    let (run, audit) = (84_705_883, 320 * DOLLAR);
    assert_eq!(slices(&world), [run, audit, BOND - run - audit]);
    let bonded = world.state.operator(OPERATOR).unwrap().bonded.clone();
    assert_eq!(bonded.of(STABLE), amount(BOND));
    let (operator, asset) = (OPERATOR, STABLE);
    let unbond = Action::Unbond { operator, asset, amount: amount(BOND - run - audit + 1) };
    assert!(matches!(world.send(OPERATOR, unbond), Err(Rejection::InsufficientBond { .. })));
    world.lapse(audited);
    assert_eq!(slices(&world)[1], 0, "a silent audit costs a quarter of its own slice");
    let left = slices(&world).iter().sum::<u128>();
    assert!(left < BOND && world.worth(STRANGER, OPERATOR) == 300 * TOKEN);
}

/// Money that others delegated is never locked for a job: the operator's own bond is too small, so nobody runs it.
#[test]
fn delegated_money_backs_no_job() {
    let mut world = World::delegated();
    world.alone();
    let free = world.state.held(Place::Bond(OPERATOR), STABLE);
    let unbond = |asset, amount| Action::Unbond { operator: OPERATOR, asset, amount };
    world.offer(OPERATOR, 1, DOLLAR);
    world.ok(OPERATOR, unbond(STABLE, free));
    world.ok(OPERATOR, unbond(NATIVE, amount(366 * TOKEN)));
    let job = world.submit(JobSpec { harm: amount(30 * DOLLAR), ..spec() });
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open);
    assert!(world.state.stake_of(OPERATOR) > amount(600 * TOKEN));
}
