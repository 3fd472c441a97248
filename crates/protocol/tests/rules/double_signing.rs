//! Double signing: one statement too many, and how large the crowd is.

use proptest::prelude::*;
use protocol::*;

use crate::delegation::{DAY, OPERATOR, TOKEN, redelegate, undelegate};
use crate::devices::DAY_MS;
use crate::rejections::Case;
use crate::world::*;

impl World {
    pub(crate) fn double_signed(&self, operator: AccountId, height: Height) -> Action {
        let evidence = Toy::double_signature(self.state.chain().id, operator, height).into();
        Action::ProveDoubleSigning { operator, height, evidence }
    }

    pub(crate) fn prove(&mut self, operator: AccountId) -> Vec<Event> {
        let action = self.double_signed(operator, self.height);
        self.ok(STRANGER, action)
    }

    fn bond_of(&self, operator: AccountId) -> u128 {
        self.state.operator(operator).unwrap().bonded.of(STABLE).units()
    }
}

/// One of seven equal stakes, alone: 5 % + 95 % x (3/7)^2.
pub(crate) fn alone() -> World {
    let mut world = World::staked();
    world.prove(VALIDATORS[0]);
    world
}

#[test]
fn a_double_signer_pays_its_part_and_never_returns() {
    let mut world = alone();
    let rate = correlated_rate(Ppm(50_000), amount(BOND), amount(7 * BOND));
    assert_eq!(rate, Ppm(224_489));
    let taken = BOND * u128::from(rate.0) / 1_000_000;
    assert_eq!(world.bond_of(VALIDATORS[0]), BOND - taken);
    assert_eq!(world.state.operator(VALIDATORS[0]).unwrap().status, OperatorStatus::Tombstoned);
    assert_eq!(world.state.balance(STRANGER, STABLE).units(), PURSE + taken / 4, "the bounty");
    let again = world.send(REQUESTER, world.double_signed(VALIDATORS[0], Height(0)));
    assert_eq!(again.unwrap_err(), Rejection::AlreadyProven { operator: VALIDATORS[0] });
    assert_eq!(world.send(VALIDATORS[0], Action::Unjail).unwrap_err(), Rejection::IsTombstoned);
}

/// The first of three pays little at first; when the window is over, all have paid what the crowd owes: everything.
#[test]
fn a_cartel_loses_everything_however_it_is_found() {
    let mut world = reckoned();
    for operator in VALIDATORS {
        assert_eq!(world.bond_of(operator), 0, "{}", name(operator));
        assert_eq!(world.state.frozen_until(operator), None);
    }
    let clock = *world.state.clock();
    assert_eq!((clock.double_signing, clock.double_signing_past.units()), (Amount::ZERO, 3 * BOND));
    (0..5).for_each(|_| world.block_after(7 * DAY_MS));
    assert_eq!(world.state.clock().double_signing_past, Amount::ZERO, "and are forgotten");
    let stages = VALIDATORS.map(|operator| world.state.double_signer(operator).unwrap().stage);
    assert_eq!(stages, [SignerStage::Past; 3]);
}

/// Three of seven validators, found out a week apart.
pub(crate) fn reckoned() -> World {
    let mut world = World::staked();
    for operator in VALIDATORS {
        world.prove(operator);
        world.block_after(7 * DAY_MS);
    }
    (0..5).for_each(|_| world.block_after(7 * DAY_MS));
    world
}

#[test]
fn an_isolated_one_pays_no_more_at_the_reckoning_and_may_leave_then() {
    let mut world = alone();
    let left = world.bond_of(VALIDATORS[0]);
    let unbond =
        Action::Unbond { operator: VALIDATORS[0], asset: STABLE, amount: amount(left - 1) };
    let until = world.now.plus_ms(28 * DAY_MS);
    let frozen = Rejection::BondFrozen { until };
    assert_eq!(world.send(VALIDATORS[0], unbond.clone()).unwrap_err(), frozen);
    world.block_at(until);
    assert_eq!(world.send(VALIDATORS[0], unbond.clone()).unwrap_err(), frozen);
    world.block();
    let owed = left - world.bond_of(VALIDATORS[0]);
    assert!(owed <= BOND / 1_000_000, "paid was rounded down to a millionth: {owed}");
    world.ok(
        VALIDATORS[0],
        Action::Unbond {
            operator: VALIDATORS[0],
            asset: STABLE,
            amount: amount(left - owed - 1_000 * DOLLAR),
        },
    );
}

/// What left after the fault is put back; what left in an epoch before it goes its way.
#[test]
fn leaving_after_the_fault_does_not_help() {
    let mut world = World::staked();
    let unbond =
        |units| Action::Unbond { operator: VALIDATORS[0], asset: STABLE, amount: amount(units) };
    world.ok(VALIDATORS[0], unbond(1_000));
    world.block_after(DAY_MS);
    let fault = world.height;
    world.ok(VALIDATORS[0], unbond(BOND - 1_000 - 1_000 * DOLLAR));
    world.block_after(DAY_MS);
    let action = world.double_signed(VALIDATORS[0], fault);
    world.ok(STRANGER, action);
    assert_eq!(world.state.double_signer(VALIDATORS[0]).unwrap().stake.units(), BOND - 1_000);
    let left: Vec<u128> =
        world.state.exits(VALIDATORS[0]).map(|(_, exit)| exit.amount.units()).collect();
    assert_eq!(left, [1_000]);
}

/// Evidence counts as long as the bonds of its time cannot have left.
#[test]
fn evidence_ages_with_the_bonds() {
    let mut world = World::staked();
    let first = world.height;
    let lifetime = world.parameters().unbonding_ms;
    let chain_start = world.state.chain().start;
    let mut late = world.clone();
    world.block_at(chain_start.plus_ms(lifetime));
    late.block_at(chain_start.plus_ms(lifetime + 1));
    assert!(world.clone().send(STRANGER, world.double_signed(VALIDATORS[0], first)).is_ok());
    let oldest = late.height;
    let action = late.double_signed(VALIDATORS[0], first);
    let rejection = late.send(STRANGER, action).unwrap_err();
    assert_eq!(rejection, Rejection::EvidenceTooOld { height: first, oldest });
}

/// A bond that was locked when the fault was proven is owed at the reckoning.
#[test]
fn what_is_locked_is_owed_later() {
    let parameters = Parameters { audit_rate_new: Ppm(20_000), ..Parameters::default() };
    let mut world = World::staked_with(parameters);
    let spec = JobSpec { harm: amount(88 * DOLLAR), ..crate::life::spec() };
    let job = world.assigned_with(spec);
    let provider = world.provider(job);
    let free = world.state.held(Place::Bond(provider), STABLE).units();
    world.prove(provider);
    let signer = *world.state.double_signer(provider).unwrap();
    assert!(free < BOND / 10 && signer.paid < signer.rate, "{free} {signer:?}");
    let truth = world.truth(job);
    world.window(job, truth);
    world.lapse(job);
    world.block_after(28 * DAY_MS);
    world.block_after(DAY_MS);
    let owed = BOND * u128::from(signer.rate.0) / 1_000_000;
    let paid = BOND - world.bond_of(provider);
    assert!((owed..=owed + BOND / 1_000_000 + 1).contains(&paid), "{paid} of {owed}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whoever proves itself guilty, or has a friend do it, loses at least the burned fifth of every slash.
    #[test]
    fn a_double_signer_does_not_gain_by_proving_it_first(crowd in 1..4_usize, days in 0..12_u64) {
        let mut world = World::staked();
        world.checked = false;
        let people = |world: &World| -> u128 {
            let bonds: u128 = VALIDATORS.iter().map(|operator| world.bond_of(*operator)).sum();
            bonds + world.state.balance(STRANGER, STABLE).units()
        };
        let before = people(&world);
        for operator in &VALIDATORS[..crowd] {
            world.prove(*operator);
            world.block_after(days * DAY_MS + 1);
        }
        (0..6).for_each(|_| world.block_after(7 * DAY_MS));
        let slashed: u128 = VALIDATORS.iter().map(|operator| BOND - world.bond_of(*operator)).sum();
        prop_assert!(slashed > 0);
        prop_assert!(before - people(&world) >= slashed / 5);
        world.assert_invariants();
    }
}

/// A provider with delegators signs twice; one of them begins to leave and moves on before it is proven.
pub(crate) fn delegated() -> World {
    let mut world = World::delegated();
    world.ok(STRANGER, undelegate(OPERATOR, 100 * TOKEN));
    world.ok(STRANGER, redelegate(100 * TOKEN));
    world.prove(OPERATOR);
    world
}

fn worth(world: &World, who: AccountId, operator: AccountId) -> u128 {
    world.state.delegation(who, operator).map_or(0, |view| view.worth.units())
}

/// The same part of what stayed, of what is leaving and of what moved on; and nothing leaves while the crowd is counted.
#[test]
fn delegators_answer_for_a_double_signer_wherever_their_stake_went() {
    let mut world = delegated();
    let other = PROVIDERS[1];
    let signer = *world.state.double_signer(OPERATOR).unwrap();
    let kept = |tokens: u128| {
        let units = tokens * TOKEN;
        units - (units * u128::from(signer.rate.0)).div_ceil(1_000_000)
    };
    assert_eq!(signer.stake.units(), BOND + 1_000 * DOLLAR * 3 / 4);
    assert_eq!(worth(&world, STRANGER, OPERATOR), kept(100));
    assert_eq!(worth(&world, REQUESTER, OPERATOR), kept(200));
    let leaving =
        |world: &World| world.state.undelegations(STRANGER).next().map(|view| view.amount.units());
    assert_eq!(leaving(&world), Some(kept(100)));
    let until = world.now.plus_ms(28 * DAY_MS);
    let frozen = Err(Rejection::BondFrozen { until });
    assert_eq!(world.send(REQUESTER, undelegate(OPERATOR, 1)), frozen);
    world.block_after(16 * DAY);
    assert_eq!(leaving(&world), Some(kept(100)), "its time is over, and it is held");
    assert_eq!(worth(&world, STRANGER, other), 100 * TOKEN, "charged, and held");
    let before = world.state.balance(STRANGER, NATIVE).units();
    world.block_at(until.plus_ms(1));
    world.block_after(10);
    world.block_after(10);
    assert_eq!(world.state.balance(STRANGER, NATIVE).units(), before + kept(100));
    assert_eq!(worth(&world, STRANGER, other), kept(100), "it answered where it came from");
    let all = world.state.delegation(REQUESTER, OPERATOR).unwrap().shares.units();
    world.ok(REQUESTER, undelegate(OPERATOR, all));
}

/// Delegators of the first of a crowd owe what the whole crowd does, and had no time to leave.
#[test]
fn delegators_pay_what_the_crowd_owes() {
    let mut world = delegated();
    let first = *world.state.double_signer(OPERATOR).unwrap();
    world.block_after(7 * DAY_MS);
    for operator in [PROVIDERS[1], PROVIDERS[2], VALIDATORS[0], VALIDATORS[1]] {
        world.prove(operator);
    }
    (0..5).for_each(|_| world.block_after(7 * DAY_MS));
    assert!(first.rate < Ppm::WHOLE);
    assert_eq!(worth(&world, REQUESTER, OPERATOR), 0, "a crowd of this size loses everything");
    assert_eq!(world.state.undelegations(STRANGER).count(), 0);
    let paid = world.events.iter().any(|event| {
        matches!(event, Event::Books(BooksEvent::Moved { why: Why::Undelegated, .. }))
    });
    assert!(!paid, "nor is anything of it paid out");
}

fn refused(mut world: World, sender: AccountId, action: Action) -> Rejection {
    world.send(sender, action).expect_err("the action is to be refused")
}

pub(crate) fn refusals() -> Vec<Case> {
    vec![
        ("AlreadyProven", || {
            let world = alone();
            let again = world.double_signed(VALIDATORS[0], world.height);
            refused(world, STRANGER, again)
        }),
        ("HeightToCome", || {
            let world = World::staked();
            let action = world.double_signed(VALIDATORS[0], world.height.plus(1));
            refused(world, STRANGER, action)
        }),
        ("EvidenceTooOld", || {
            let mut world = World::staked();
            world.block_after(15 * DAY_MS);
            let action = world.double_signed(VALIDATORS[0], Height(1));
            refused(world, STRANGER, action)
        }),
        ("NotProven", || {
            let world = World::staked();
            let evidence = b"made up".to_vec().into();
            let (operator, height) = (VALIDATORS[0], world.height);
            let action = Action::ProveDoubleSigning { operator, height, evidence };
            refused(world, STRANGER, action)
        }),
        ("BondFrozen", || {
            let operator = VALIDATORS[0];
            let unbond = Action::Unbond { operator, asset: STABLE, amount: amount(1) };
            refused(alone(), operator, unbond)
        }),
    ]
}

/// Evidence at its limit is judged, and one byte more is not; whoever is no operator has signed nothing.
#[test]
fn evidence_has_a_limit_and_names_an_operator() {
    let limit = usize::try_from(Parameters::default().signing_evidence_bytes_max).unwrap();
    let of = |operator, bytes| {
        let evidence = vec![0; bytes].into();
        let action = Action::ProveDoubleSigning { operator, height: Height(1), evidence };
        refused(World::staked(), STRANGER, action)
    };
    assert!(matches!(of(VALIDATORS[0], limit), Rejection::NotProven { .. }));
    assert!(matches!(of(VALIDATORS[0], limit + 1), Rejection::EvidenceTooLarge { .. }));
    assert!(matches!(of(STRANGER, limit), Rejection::NotAnOperator { .. }));
}
