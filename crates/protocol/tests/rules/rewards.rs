//! Rewards: who earns what, and that nothing of it can be farmed.

use expect_test::expect;
use proptest::prelude::*;
use protocol::*;

use crate::delegation::{DAY, delegate, set_commission};
use crate::devices::*;
use crate::governance::change;
use crate::rejections::Case;
use crate::world::*;

pub(crate) const TOKEN: u128 = 1_000_000_000;

/// Epochs of an hour in six sessions, a thousand tokens in the first, a tenth less in each.
pub(crate) fn generous() -> Parameters {
    Parameters {
        epoch_ms: 3_600_000,
        buckets_max: 336,
        emission_start: amount(1_000 * TOKEN),
        emission_decay: Ppm(100_000),
        supply_cap: amount(1_000_000_000 * TOKEN),
        sessions: 6,
        ..Parameters::default()
    }
}

impl World {
    /// Everybody staked, the validators with native tokens too.
    pub(crate) fn validating(parameters: Parameters) -> Self {
        let mut world = Self::staked_with(parameters);
        for operator in VALIDATORS {
            world.bond_native(operator, BOND);
        }
        world
    }

    fn bond_native(&mut self, operator: AccountId, units: u128) {
        self.ok(operator, Action::Bond { operator, asset: NATIVE, amount: amount(units) });
    }

    /// The first block of an epoch so many later.
    pub(crate) fn epochs_later(&mut self, epochs: u64) {
        let epoch = self.state.clock().epoch.0 + epochs;
        self.block_at(self.epoch_start(epoch));
    }

    pub(crate) fn attend(&mut self, validator: AccountId) -> Result<Vec<Event>, Rejection> {
        let (epoch, session) = (self.state.clock().epoch, self.state.session());
        self.send(validator, Action::Attend { epoch, session })
    }

    pub(crate) fn claim(&mut self, operator: AccountId) -> u128 {
        let before = self.state.balance(operator, NATIVE);
        let fee = self.fee(operator, Action::ClaimRewards { operator });
        self.ok(operator, Action::ClaimRewards { operator });
        self.state.balance(operator, NATIVE).plus(fee).minus(before).units()
    }

    fn fee(&self, sender: AccountId, action: Action) -> Amount {
        let verified = self.transaction(sender, action).with_signature([0; 64]).assume_verified();
        fee(&self.parameters(), verified.bytes(), &verified.transaction().action)
    }

    fn pool(&self, epoch: u64) -> RewardPool {
        *self.state.reward_pool(Epoch(epoch)).expect("the epoch's pool is kept")
    }

    fn pot(&self, pot: Pot) -> u128 {
        self.state.held(Place::Pot(pot), NATIVE).units()
    }

    fn minted(&self) -> u128 {
        self.state.asset(NATIVE).unwrap().minted.units()
    }

    /// A job from submission to settlement, honest and unaudited; returns its settlement.
    pub(crate) fn completed(&mut self) -> Settlement {
        let job = self.assigned();
        let truth = self.truth(job);
        self.window(job, truth);
        self.lapse(job);
        let settled = |event: &Event| match event {
            Event::Job(JobEvent::Settled { job: settled, settlement, .. }) if *settled == job => {
                Some(*settlement)
            }
            _ => None,
        };
        self.events.iter().rev().find_map(settled).expect("the job is settled")
    }
}

/// Validators that attend in two epochs, and one that comes a day late; the first two epochs paid.
pub(crate) fn attended() -> World {
    let mut world = World::validating(generous());
    world.epochs_later(1);
    for validator in [VALIDATORS[0], VALIDATORS[1]] {
        world.attend(validator).unwrap();
    }
    world.epochs_later(1);
    world.attend(VALIDATORS[2]).unwrap();
    world.epochs_later(1);
    world.claim(VALIDATORS[0]);
    world.claim(VALIDATORS[1]);
    world
}

/// The chapter's example.
#[test]
fn an_epoch_is_divided_as_in_the_chapter() {
    let mut world = World::validating(generous());
    world.epochs_later(1);
    let since = world.events.len();
    let fees = world.pot(Pot::Fees);
    assert_eq!(fees, 0, "the fees before the first epoch with rewards are nobody's");
    for validator in [VALIDATORS[0], VALIDATORS[1]] {
        world.attend(validator).unwrap();
    }
    world.block_after(600_000);
    world.attend(VALIDATORS[0]).unwrap();
    let fees = world.pot(Pot::Fees);
    world.epochs_later(1);
    assert_eq!(world.pool(1).fees.units(), fees);
    world.epochs_later(1);
    let pool = world.pool(1);
    assert!(pool.closed);
    assert_eq!(pool.validation.payable.units(), 250 * TOKEN + fees);
    let paid = [VALIDATORS[0], VALIDATORS[1]].map(|validator| world.claim(validator));
    assert_eq!(paid, [166_666_671_806, 83_333_335_903], "two sessions against one");
    assert_eq!(paid.iter().sum::<u128>() + 1, 250 * TOKEN + fees, "one unit is left over");
    assert_eq!(world.state.reward_pool(Epoch(1)), None, "everybody is paid");
    expect![[r#"
        pot Fees: +5540
        pot Insurance: +85500000000
        pot Treasury: +1
        unissued: -335500000000
        validator 0: +166666663896
        validator 1: +83333330563
    "#]]
    .assert_eq(&world.statement(since, NATIVE));
}

#[test]
fn emission_decays_and_ends_at_the_cap() {
    let start = PURSE * 10;
    let supply_cap = amount(start + 2_000 * TOKEN);
    let mut world = World::new(Parameters { supply_cap, ..generous() });
    let mut emitted = Vec::new();
    for _ in 0..40 {
        world.epochs_later(1);
        emitted.push(world.events.iter().rev().find_map(|event| match event {
            Event::Reward(RewardEvent::EmissionBegan { emission, .. }) => {
                Some(emission.units() / TOKEN)
            }
            _ => None,
        }));
    }
    let emitted: Vec<_> = emitted.into_iter().flatten().collect();
    assert_eq!(emitted[..4], [1_000, 900, 810, 729], "nobody earned: it is there again");
    assert!(world.minted() < supply_cap.units());
    assert_eq!(world.minted() - start, world.pot(Pot::Insurance), "only insurance was minted");
}

/// Everybody earns, and still nothing passes the cap.
#[test]
fn what_is_earned_to_the_cap_ends_there() {
    let supply_cap = amount(PURSE * 10 + 1_500 * TOKEN);
    let mut world = World::validating(Parameters { supply_cap, ..generous() });
    let mut last = Amount::ZERO;
    for _ in 0..60 {
        world.epochs_later(1);
        world.attend(VALIDATORS[0]).unwrap();
        last = world.state.reward_reserve();
        assert!(world.minted() <= supply_cap.units());
    }
    assert!(last.units() < TOKEN * 900, "some of it is gone: {last}");
}

/// Whoever comes after an epoch takes nothing of it, and nothing of what was there before anybody came.
#[test]
fn nothing_waits_for_the_first_to_come() {
    let mut world = World::validating(generous());
    world.epochs_later(20);
    world.epochs_later(1);
    let fees = world.fee(VALIDATORS[0], Action::Attend { epoch: Epoch(21), session: 0 }).units();
    world.attend(VALIDATORS[0]).unwrap();
    world.epochs_later(2);
    let budget = world.pool(21).validation.budget.units();
    assert_eq!(world.claim(VALIDATORS[0]), budget + fees, "its own epoch, and its own fee");
}

#[test]
fn capacity_earns_by_units_uptime_and_accuracy() {
    let world = paid_capacity();
    let counted = world.events.iter().find_map(|event| match event {
        Event::Reward(RewardEvent::CapacityCounted { units, uptime, accuracy, weight, .. }) => {
            Some((*units, uptime.0, accuracy.0, weight.units()))
        }
        _ => None,
    });
    assert_eq!(counted, Some((10, 1_000_000, 500_000, 500 * DOLLAR)), "ten units of $100, half");
    assert_eq!(world.state.earnings(WORKER), []);
}

/// The worker's ten units, proven in an epoch, counted and paid two epochs later.
pub(crate) fn paid_capacity() -> World {
    let mut world = World::with_device(Parameters {
        emission_start: amount(1_000 * TOKEN),
        uptime_misses_max: 10_000,
        ..watchful()
    });
    world.epochs_later(1);
    world.answer_draw(WORKER);
    world.open_rounds();
    world.answer_draw(WORKER);
    world.pass(WORKER, 1);
    world.settle_round(ClassId::CPU);
    world.epochs_later(2);
    assert_eq!(world.claim(WORKER), 550 * TOKEN, "all that capacity can earn");
    world
}

/// A job of ten dollars settled in an epoch, and its rebate paid.
pub(crate) fn worked() -> World {
    let mut world = World::validating(Parameters { epoch_ms: 7_200_000, ..generous() });
    world.epochs_later(1);
    world.completed();
    world.epochs_later(2);
    let earned = world.state.operators().find(|one| !world.state.earnings(one.account).is_empty());
    let provider = earned.unwrap().account;
    // Take $0.40, accuracy one half, at most nine tenths of it: 18 cents, at a dollar a token.
    assert_eq!(world.claim(provider), 180_000_000);
    world
}

/// Rewards of everybody, paid and due, in native base units.
pub(crate) fn rewarded(world: &World) -> u128 {
    let paid = world.events.iter().filter_map(|event| match event {
        Event::Reward(RewardEvent::RewardEarned { amount, .. }) => Some(*amount),
        _ => None,
    });
    let operators = world.state.operators().map(|operator| operator.account);
    let due = operators.filter_map(|operator| world.state.reward_due_floor(operator));
    paid.chain(due).map(Amount::units).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However much a coalition pays to itself, however the reported price moves meanwhile, with or without credit: at every
    /// price that is known when it is paid it has back at most `rho` of the take, so it loses the rest and what audits and
    /// insurance cost.
    #[test]
    fn paying_oneself_loses(
        prices in prop::collection::vec(1..100_000_000_u128, 1..4),
        reported: bool,
        credit: bool,
        rho in 0..1_000_000_u32,
        emission in 1..1_000_000_u128,
    ) {
        let mut world = World::validating(Parameters {
            emission_start: amount(emission * TOKEN),
            supply_cap: Amount::SUPPLY_MAX,
            rebate_bond: Ppm(1_000_000),
            rebate_max: Ppm(rho),
            native_price: amount(prices[0]),
            oracle_slot_ms: if reported { 10_000 } else { 0 },
            price_rise_max: Ppm(1_000_000),
            breaker_fall: Ppm(1_000_000),
            validator_bond_min: amount(1),
            epoch_ms: 7_200_000,
            ..generous()
        });
        world.checked = false;
        if credit {
            world.ok(REQUESTER, Action::LockAccess { amount: amount(PURSE / 2) });
        }
        world.epochs_later(1);
        let settled: Vec<Settlement> = prices
            .iter()
            .map(|price| {
                if reported {
                    world.agree(*price);
                }
                world.completed()
            })
            .collect();
        let worked = world.state.clock().epoch.0;
        world.epochs_later(2);
        let known: Vec<u128> = if reported {
            world.state.prices().map(|(_, price)| price.units()).collect()
        } else {
            vec![prices[0]]
        };
        prop_assert_eq!(known.iter().max().copied(), Some(world.state.highest_known_price().units()));
        world.epochs_later(1);
        let sum = |of: fn(&Settlement) -> Amount| settled.iter().map(of).sum::<Amount>().units();
        let (price_paid, take) = (sum(|one| one.price), sum(|one| one.take));
        let most = take * u128::from(rho) / 1_000_000;
        prop_assert!(worked <= 2, "all in the first epochs");
        for price in known {
            let worth = amount(rewarded(&world)).scaled_floor(price, TOKEN).units();
            prop_assert!(worth <= most, "{worth} for {take} at {price}");
            let lost = price_paid - sum(|one| one.provider.plus(one.credit)) - worth;
            let least = take - most + sum(|one| one.audit.plus(one.insurance));
            prop_assert!(lost >= least, "{lost} of {price_paid}, at least {least}");
        }
        world.assert_invariants();
    }
}

#[test]
fn work_earns_its_rebate() {
    let world = worked();
    let earned = world.events.iter().any(|event| {
        matches!(event, Event::Reward(RewardEvent::RewardEarned { source: RewardSource::Work, .. }))
    });
    assert!(earned);
}

fn weights() -> impl Strategy<Value = Vec<(usize, u32)>> {
    prop::collection::vec((0..3_usize, 0..4_u32), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// What earlier validators earn of an epoch is the same whoever comes later, and the late one earns none of it.
    #[test]
    fn a_late_joiner_takes_nothing_of_earlier_rewards(attendance in weights(), late: bool) {
        let mut world = World::validating(generous());
        world.checked = false;
        world.epochs_later(1);
        let mut present = [false; 2];
        for (who, blocks) in attendance {
            let validator = who % 2;
            present[validator] |= world.attend(VALIDATORS[validator]).is_ok();
            (0..blocks).for_each(|_| if world.state.clock().epoch.0 == 1 && world.state.session() < 4 { world.block_after(300_000) });
        }
        world.epochs_later(1);
        let mut other = world.clone();
        if late {
            other.attend(VALIDATORS[2]).unwrap();
        }
        for world in [&mut world, &mut other] {
            world.epochs_later(1);
            prop_assert!(world.state.earnings(VALIDATORS[2]).iter().all(|earning| earning.epoch > Epoch(1)));
        }
        for (validator, present) in VALIDATORS.into_iter().zip(present) {
            prop_assert_eq!(world.state.reward_due_floor(validator), other.state.reward_due_floor(validator));
            prop_assert_eq!(world.state.reward_due_floor(validator).is_some(), present);
        }
        other.assert_invariants();
    }
}

#[test]
fn who_goes_to_jail_loses_the_open_epochs_and_keeps_the_closed_one() {
    let mut world = forfeited();
    let since = world.events.len();
    assert_eq!(world.state.earnings(VALIDATORS[0]), []);
    world.epochs_later(2);
    assert_eq!(
        world.send(VALIDATORS[0], Action::ClaimRewards { operator: VALIDATORS[0] }).unwrap_err(),
        Rejection::NothingEarned { operator: VALIDATORS[0] }
    );
    assert!(
        world.events[since..]
            .iter()
            .all(|event| !matches!(event, Event::Reward(RewardEvent::RewardEarned { .. })))
    );
}

/// A validator that attended in three epochs and is jailed in the third for a false challenge: the first is closed.
pub(crate) fn forfeited() -> World {
    let mut world = World::validating(Parameters { epoch_ms: 7_200_000, ..generous() });
    for _ in 0..3 {
        world.epochs_later(1);
        world.attend(VALIDATORS[0]).unwrap();
    }
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    world.challenge(VALIDATORS[0], job, Accused::Provider).unwrap();
    world
}

#[test]
fn explanations_add_up() {
    let world = attended();
    let told: Vec<String> = world.events.iter().filter_map(explain::reward).collect();
    expect![[r#"
        epoch 1: session 0 attended with weight 10000000000, added to the epoch's
        epoch 1: session 0 attended with weight 10000000000, added to the epoch's
        epoch 2: session 0 attended with weight 10000000000, added to the epoch's
        epoch 1, validating: 250000005140 x 10000000000 / 20000000000 = 125000002570 native base units
        epoch 1, validating: 250000005140 x 10000000000 / 20000000000 = 125000002570 native base units"#]]
    .assert_eq(&told.join("\n"));
    expect![[r#"["epoch 2, validating: 225000000000 x 10000000000 / 10000000000 = 225000000000 at most, so far"]"#]]
    .assert_eq(&format!("{:?}", explain::earnings(&world.state, VALIDATORS[2])));
}

/// One session, once; another one again. Who bonds more counts for more from the next session on.
#[test]
fn a_session_is_attended_once_with_the_weight_of_the_moment() {
    let mut world = World::validating(generous());
    world.epochs_later(1);
    assert!(world.attend(VALIDATORS[0]).is_ok());
    world.bond_native(VALIDATORS[0], BOND);
    let again = world.attend(VALIDATORS[0]).unwrap_err();
    assert_eq!(again, Rejection::AlreadyAttended { session: 0 });
    world.block_at(world.epoch_start(1).plus_ms(600_000 - 1));
    assert_eq!(world.state.session(), 0);
    world.block_at(world.epoch_start(1).plus_ms(600_000));
    assert_eq!(world.state.session(), 1);
    world.attend(VALIDATORS[0]).unwrap();
    assert_eq!(world.state.earnings(VALIDATORS[0])[0].validation.units(), 3 * BOND);
}

fn attending(epoch: u64, session: u32) -> Action {
    Action::Attend { epoch: Epoch(epoch), session }
}

fn refused(epochs: u64, sender: AccountId, action: Action) -> Rejection {
    let mut world = World::validating(generous());
    (0..epochs).for_each(|_| world.epochs_later(1));
    world.send(sender, action).expect_err("the action is to be refused")
}

pub(crate) fn refusals() -> Vec<Case> {
    vec![
        ("NoRewards", || refused(0, VALIDATORS[0], attending(0, 0))),
        ("NotAmongValidators", || refused(1, PROVIDERS[0], attending(1, 0))),
        ("WrongSession", || refused(1, VALIDATORS[0], attending(1, 1))),
        ("AlreadyAttended", || {
            let mut world = World::validating(generous());
            world.epochs_later(1);
            world.attend(VALIDATORS[0]).unwrap();
            world.attend(VALIDATORS[0]).unwrap_err()
        }),
        ("NothingEarned", || {
            refused(1, VALIDATORS[0], Action::ClaimRewards { operator: VALIDATORS[0] })
        }),
    ]
}

/// A claim pays the operator, whoever of the two sends it; nobody else may.
#[test]
fn class_45_a_claim_pays_whoever_earned() {
    let mut world = World::validating(generous());
    world.epochs_later(1);
    world.attend(VALIDATORS[0]).unwrap();
    world.epochs_later(2);
    let operator = VALIDATORS[0];
    let rejection = world.send(STRANGER, Action::ClaimRewards { operator }).unwrap_err();
    assert_eq!(rejection, Rejection::NotOwner { operator, owner: operator });
    world.ok(operator, Action::NominateOwner { operator, owner: STRANGER });
    world.ok(STRANGER, Action::AcceptOwnership { operator });
    let due = world.state.reward_due_floor(operator).unwrap();
    let before = world.state.balance(operator, NATIVE);
    world.ok(STRANGER, Action::ClaimRewards { operator });
    assert_eq!(world.state.balance(operator, NATIVE), before.plus(due));
}

/// The largest emission for the smallest weight, and everything goes on.
#[test]
fn class_11_no_reward_is_too_large_to_be_paid() {
    let parameters = Parameters {
        emission_start: amount(1_000_000_000_000_000_000_000),
        supply_cap: Amount::SUPPLY_MAX,
        emission_validation: Ppm(1_000_000),
        emission_capacity: Ppm(0),
        emission_work: Ppm(0),
        validator_bond_min: amount(1),
        ..generous()
    };
    let mut world = World::new(parameters);
    let (operator, duties) = (STRANGER, Duties { provider: false, validator: true });
    world.ok(STRANGER, Action::RegisterOperator { duties: Duties::default() });
    world.ok(STRANGER, Action::Bond { operator, asset: STABLE, amount: amount(1) });
    world.bond_native(STRANGER, 1);
    world.ok(STRANGER, Action::SetDuties { duties });
    world.epochs_later(1);
    world.attend(STRANGER).unwrap();
    world.epochs_later(2);
    assert!(world.claim(STRANGER) > 999_999_999_999_999_999_999);
}

/// A validator whose bond shrank between two sessions counts for less in the second.
#[test]
fn class_43_weight_follows_the_bond() {
    let mut world = World::validating(generous());
    world.epochs_later(1);
    world.attend(VALIDATORS[0]).unwrap();
    let operator = VALIDATORS[0];
    let half = amount(BOND / 2);
    world.ok(operator, Action::Unbond { operator, asset: NATIVE, amount: half });
    world.block_after(600_000);
    world.attend(VALIDATORS[0]).unwrap();
    assert_eq!(world.state.earnings(operator)[0].validation.units(), BOND + BOND / 2);
}

/// Shares of the emission fill at most the whole of it, and a session takes at least a millisecond.
#[test]
fn shares_and_sessions_fit() {
    let shares = [200_000, 200_001].map(|ppm| {
        Parameters { emission_work: Ppm(ppm), ..Parameters::default() }.validate().is_ok()
    });
    assert_eq!(shares, [true, false]);
    let sessions = [1_000, 999].map(|epoch_ms| {
        let parameters = Parameters { epoch_ms, sessions: 1_000, ..Parameters::default() };
        let faults = parameters.validate().expect_err("so short an epoch has other faults too");
        let unfit = |fault: &ParameterFault| {
            matches!(fault, ParameterFault::Order { lesser: "sessions", .. })
        };
        !faults.iter().any(unfit)
    });
    assert_eq!(sessions, [true, false]);
}

/// Half of the weight is delegated, of which a tenth is kept; committed for a year it weighs twice.
#[test]
fn delegators_have_their_part_by_weight_less_commission() {
    let world = shared();
    let told: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Delegation(DelegationEvent::IncomeShared {
                income,
                own,
                delegated,
                delegators,
                ..
            }) => Some([income, own, delegated, delegators].map(|amount| amount.units())),
            _ => None,
        })
        .collect();
    let paid = world.events.iter().find_map(|event| match event {
        Event::Reward(RewardEvent::RewardEarned { amount, weight, .. }) => {
            Some((amount.units(), weight.units()))
        }
        _ => None,
    });
    let (income, weight) = paid.unwrap();
    assert_eq!(weight, 400 * TOKEN, "200 of its own, 100 committed for twice as much");
    let gross = income / 2;
    let net = gross - gross.div_ceil(10);
    assert_eq!(told, [[income, 200 * TOKEN, 200 * TOKEN, net]]);
    let view = world.state.delegation(STRANGER, VALIDATORS[0]).unwrap();
    assert_eq!(view.worth.units(), 100 * TOKEN + net - net / 2);
    assert!(view.bonus_due.units() + 1 >= net / 2, "half of what is committed earns is bonus");
}

/// A validator with 200 tokens and a delegator's 100, committed for a year, paid for one session alone.
pub(crate) fn shared() -> World {
    let parameters = Parameters { validator_bond_min: amount(DOLLAR), ..generous() };
    let mut world = World::staked_with(parameters);
    world.bond_native(VALIDATORS[0], 200 * TOKEN);
    world.ok(VALIDATORS[0], set_commission(10, 100));
    world.ok(STRANGER, delegate(VALIDATORS[0], 100 * TOKEN));
    world.ok(STRANGER, Action::Commit { operator: VALIDATORS[0], duration_ms: 365 * DAY });
    world.epochs_later(1);
    world.attend(VALIDATORS[0]).unwrap();
    world.epochs_later(2);
    world.claim(VALIDATORS[0]);
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Whoever delegates after an epoch was closed has nothing of it, and takes nothing from those who were there.
    #[test]
    fn a_late_delegator_takes_nothing_of_closed_rewards(late in TOKEN..900 * TOKEN) {
        let mut world = World::staked_with(generous());
        world.checked = false;
        world.bond_native(VALIDATORS[0], 200 * TOKEN);
        world.ok(VALIDATORS[0], set_commission(10, 100));
        world.ok(STRANGER, delegate(VALIDATORS[0], 100 * TOKEN));
        world.epochs_later(1);
        world.attend(VALIDATORS[0]).unwrap();
        world.epochs_later(2);
        let mut other = world.clone();
        world.claim(VALIDATORS[0]);
        other.ok(REQUESTER, delegate(VALIDATORS[0], late));
        let worth = |world: &World, who| world.state.delegation(who, VALIDATORS[0]).unwrap().worth.units();
        prop_assert!(worth(&other, STRANGER) >= worth(&world, STRANGER));
        prop_assert!(worth(&other, REQUESTER) <= late);
        prop_assert!(worth(&other, STRANGER) <= worth(&world, STRANGER) + 1, "what rounding leaves");
        other.assert_invariants();
    }

    /// One stake under two names earns together at most what it earns under one, whoever else validates.
    #[test]
    fn splitting_a_validator_gains_nothing(
        one in TOKEN..500 * TOKEN,
        two in TOKEN..500 * TOKEN,
        others in TOKEN..1_000 * TOKEN,
        sessions in 1..4_usize,
    ) {
        let earned = |stakes: &[(AccountId, u128)]| {
            let mut world = World::staked_with(Parameters { fee_per_byte: amount(0), fee_base: amount(0), ..generous() });
            world.checked = false;
            for (operator, units) in stakes {
                world.bond_native(*operator, *units);
            }
            world.epochs_later(1);
            for _ in 0..sessions {
                stakes.iter().for_each(|(operator, _)| drop(world.attend(*operator).unwrap()));
                world.block_after(600_000);
            }
            world.epochs_later(2);
            let due = |(operator, _): &(AccountId, u128)| world.state.reward_due_floor(*operator);
            stakes[1..].iter().filter_map(due).map(Amount::units).sum::<u128>()
        };
        let [rival, first, second] = VALIDATORS;
        let whole = earned(&[(rival, others), (first, one + two)]);
        let split = earned(&[(rival, others), (first, one), (second, two)]);
        prop_assert!(split <= whole, "{split} against {whole}");
        prop_assert!(split + 1 >= whole, "nor does merging");
    }
}

/// What exists, and what epochs under way may mint, stays below the cap whatever validators vote for.
#[test]
fn votes_never_cap_what_exists() {
    let mut world = World::validating(generous());
    world.epochs_later(1);
    let committed = world.state.supply_committed();
    let amendment = |cap: u128| change("supply_cap", cap);
    let check = |cap| world.state.check_amendment(&Toy, &amendment(cap));
    assert_eq!(check(committed.units()), Ok(()));
    let fault = AmendmentFault::CapBelowSupply(amount(committed.units() - 1), committed);
    assert_eq!(check(committed.units() - 1), Err(fault));
    assert!(committed > world.state.asset(NATIVE).unwrap().minted, "the open epoch counts");
    for bad in [("rebate_max", 1_000_000), ("emission_work", 200_001), ("sessions", 0)] {
        let fault = world.state.check_amendment(&Toy, &change(bad.0, bad.1));
        assert!(matches!(fault, Err(AmendmentFault::Parameters(_))), "{bad:?}");
    }
}

/// Rates that votes change count from the next epoch on; the one under way has what it began with.
#[test]
fn an_epoch_keeps_the_rates_it_began_with() {
    let mut world = World::validating(Parameters { proposal_deposit: amount(0), ..generous() });
    world.amend(change("sessions", 2));
    assert_eq!(world.parameters().sessions, 2);
    let epoch = world.state.clock().epoch;
    assert_eq!(world.pool(epoch.0).terms.sessions, 6);
    world.block_at(world.epoch_start(epoch.0).plus_ms(3_600_000 - 1));
    assert_eq!(world.state.session(), 5);
    world.block_at(world.epoch_start(epoch.0 + 1).plus_ms(3_600_000 - 1));
    assert_eq!(world.state.session(), 1);
}
