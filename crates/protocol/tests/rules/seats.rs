//! Seats on the ledger: who gets them, and when.

use expect_test::expect;
use protocol::*;

use crate::delegation::{DAY, TOKEN, delegate, set_commission};
use crate::world::*;

fn bond(world: &mut World, operator: AccountId, tokens: u128) {
    world.ok(operator, Action::Bond { operator, asset: NATIVE, amount: amount(tokens * TOKEN) });
}

/// Four seats of a hundred tokens, at most two for one.
fn parameters() -> Parameters {
    Parameters {
        seat_bond: amount(100 * TOKEN),
        seats_max: 4,
        seats_per_operator: 2,
        ..Parameters::default()
    }
}

fn seats(world: &World) -> Vec<u32> {
    VALIDATORS
        .iter()
        .map(|who| world.state.seats().find(|(held, _)| held == who).map_or(0, |(_, seats)| seats))
        .collect()
}

pub(crate) fn seated() -> World {
    let mut world = World::staked_with(parameters());
    for (validator, tokens) in VALIDATORS.into_iter().zip([900, 150, 250]) {
        bond(&mut world, validator, tokens);
    }
    world.block_after(DAY);
    world
}

#[test]
fn seats_go_to_the_best_bonded_up_to_the_cap_and_the_number_there_is() {
    let world = seated();
    assert_eq!(
        seats(&world),
        [2, 0, 2],
        "900 carry nine and have two; 250 carry two; none is left"
    );
    let mut world = World::staked_with(Parameters { seats_max: 5, ..parameters() });
    for (validator, tokens) in VALIDATORS.into_iter().zip([900, 150, 250]) {
        bond(&mut world, validator, tokens);
    }
    assert_eq!(seats(&world), [0; 3], "not before the epoch turns");
    world.block_after(DAY);
    assert_eq!(seats(&world), [2, 1, 2]);
    let lines = explain::seats(&world.state, VALIDATORS[0]).unwrap();
    expect![[r#"
        stake: 900000000000 own + 0 delegated = 900000000000
        at 100000000000 each it carries 9 seats, one operator has at most 2
        it holds 2 in this epoch"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_seat_needs_its_whole_bond() {
    let seated = |units: u128| {
        let mut world = World::staked_with(parameters());
        let operator = VALIDATORS[0];
        world.ok(operator, Action::Bond { operator, asset: NATIVE, amount: amount(units) });
        world.block_after(DAY);
        seats(&world)[0]
    };
    let bond = 100 * TOKEN;
    assert_eq!([bond - 1, bond, 2 * bond - 1, 2 * bond].map(seated), [0, 1, 1, 2]);
}

/// Delegated tokens count as far as the operator's own bond carries them; the stable part of a bond does not.
#[test]
fn delegations_carry_seats() {
    let mut world = World::staked_with(parameters());
    bond(&mut world, VALIDATORS[0], 120);
    world.ok(VALIDATORS[0], set_commission(10, 100));
    bond(&mut world, VALIDATORS[1], 190);
    world.ok(STRANGER, delegate(VALIDATORS[0], 80 * TOKEN));
    world.block_after(DAY);
    assert_eq!(seats(&world), [2, 1, 0]);
    let operator = VALIDATORS[0];
    world.ok(operator, Action::Unbond { operator, asset: NATIVE, amount: amount(119 * TOKEN) });
    world.block_after(DAY);
    assert_eq!(seats(&world), [0, 1, 0], "one token carries nine: ten are no seat");
}

#[test]
fn the_jailed_and_those_who_are_no_validators_hold_no_seats_from_the_next_epoch_on() {
    let mut world = seated();
    world.ok(VALIDATORS[2], Action::SetDuties { duties: Duties::default() });
    assert_eq!(seats(&world), [2, 0, 2]);
    world.block_after(DAY);
    assert_eq!(seats(&world), [2, 1, 0]);
    let changes = world
        .events
        .iter()
        .filter(|event| matches!(event, Event::Delegation(DelegationEvent::SeatsChanged { .. })));
    assert_eq!(changes.count(), 2);
    world.block_after(DAY);
    let changes = world
        .events
        .iter()
        .filter(|event| matches!(event, Event::Delegation(DelegationEvent::SeatsChanged { .. })));
    assert_eq!(changes.count(), 2, "no event when nothing changed");
}

/// Seats order blocks; what is paid is paid for attendance, seat or none.
#[test]
fn seats_earn_nothing_by_themselves() {
    let mut world = seated();
    let before = VALIDATORS.map(|who| world.state.balance(who, NATIVE));
    (0..4).for_each(|_| world.block_after(DAY));
    assert_eq!(VALIDATORS.map(|who| world.state.balance(who, NATIVE)), before);
    let (epoch, session) = (world.state.clock().epoch, world.state.session());
    let operator = VALIDATORS[1];
    assert_eq!(seats(&world)[1], 0);
    world.ok(operator, Action::Attend { epoch, session });
    (0..2).for_each(|_| world.block_after(DAY));
    assert!(world.state.reward_due_floor(operator).is_some_and(|due| !due.is_zero()));
}

#[test]
fn the_jailed_lose_their_seats_with_the_next_epoch() {
    let mut world = seated();
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    world.challenge(VALIDATORS[0], job, Accused::Provider).unwrap();
    world.block_after(DAY);
    assert_eq!(seats(&world), [0, 1, 2]);
}
