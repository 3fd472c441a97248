//! Where one part of the rules meets another: delegation with governance, prices and bands.

use protocol::*;

use crate::delegation::{DAY, OPERATOR, TOKEN, delegate, set_commission, undelegate};
use crate::governance::{change, modest};
use crate::world::*;

#[test]
fn delegated_tokens_neither_vote_nor_report_nor_cover() {
    let mut world = World::staked_with(modest());
    let validator = VALIDATORS[0];
    let bond = Action::Bond { operator: validator, asset: NATIVE, amount: amount(100 * TOKEN) };
    world.ok(validator, bond);
    world.ok(validator, set_commission(0, 0));
    let seen = |world: &World| {
        let weights: Vec<_> = world.state.validators().collect();
        (weights, world.state.operator(validator).unwrap().bonded.clone())
    };
    let before = seen(&world);
    world.ok(STRANGER, delegate(validator, 900 * TOKEN));
    assert_eq!(seen(&world), before);
    assert_eq!(world.state.stake_of(validator), amount(1_000 * TOKEN));
}

/// What was announced to delegators holds, whatever is voted meanwhile.
#[test]
fn a_raise_climbs_at_the_pace_of_its_day() {
    let mut world = World::pooled_with(modest());
    world.ok(STRANGER, delegate(OPERATOR, 300 * TOKEN));
    world.ok(OPERATOR, set_commission(90, 80));
    let from = world.state.pool(OPERATOR).unwrap().raise.unwrap().from;
    world.amend(change("commission_step", 500_000));
    let steps = world.state.clock().epoch.0 - from.0 + 1;
    assert!(steps > 1, "it is on its way");
    let risen = Ppm(100_000 + 10_000 * u32::try_from(steps).unwrap());
    assert_eq!(world.state.pool(OPERATOR).unwrap().commission.rewards, risen);
    world.ok(OPERATOR, set_commission(90, 80));
    let raise = world.state.pool(OPERATOR).unwrap().raise.unwrap();
    assert_eq!(raise.step, Ppm(500_000), "announced anew, it is as fast as the rules now are");
}

/// A job that is assigned after an amendment may stay open for longer: what leaves then has to last for as long.
#[test]
fn what_leaves_lasts_as_long_as_unbonding_does_now() {
    let mut world = World::pooled_with(Parameters { timelock_ms: 20 * DAY, ..modest() });
    world.ok(STRANGER, delegate(OPERATOR, 300 * TOKEN));
    let proposal = world.propose(change("unbonding_ms", (16 * DAY).into()));
    world.vote(proposal, &[Ballot::For; 3]);
    world.pass_deadline(proposal);
    let last_of_the_old = world.state.proposal(proposal).unwrap().deadline;
    world.block_at(last_of_the_old);
    let epoch = world.state.clock().epoch;
    for _ in 0..2 {
        world.ok(STRANGER, undelegate(OPERATOR, TOKEN));
    }
    world.pass_deadline(proposal);
    world.ok(STRANGER, undelegate(OPERATOR, TOKEN));
    assert_eq!(world.state.clock().epoch, epoch, "all in one epoch");
    let open: Vec<_> = world.state.undelegations(STRANGER).collect();
    let amounts: Vec<_> = open.iter().map(|view| view.amount).collect();
    assert_eq!(amounts, [amount(2 * TOKEN), amount(TOKEN)]);
    assert_eq!(open[1].release.since_ms(open[0].release), 2 * DAY);
}

#[test]
fn seats_follow_a_new_cap_on_delegation() {
    let parameters = Parameters {
        seat_bond: amount(100 * TOKEN),
        seats_per_operator: 10,
        reviews_per_block: 1,
        ..modest()
    };
    let mut world = World::staked_with(parameters);
    let validator = VALIDATORS[2];
    let bond = Action::Bond { operator: validator, asset: NATIVE, amount: amount(100 * TOKEN) };
    world.ok(validator, bond);
    world.ok(validator, set_commission(0, 0));
    world.ok(STRANGER, delegate(validator, 700 * TOKEN));
    world.amend(change("delegation_cap", 2));
    let seats = |world: &World| {
        world.state.seats().find(|(who, _)| *who == validator).map_or(0, |(_, seats)| seats)
    };
    assert_eq!(seats(&world), 8);
    while world.state.sweep().is_some() {
        world.block();
    }
    world.block_after(DAY);
    assert_eq!(seats(&world), 3, "its own bond carries twice as much");
}

/// Fewer seats are given from the next epoch on; nobody loses the one it has.
#[test]
fn an_epoch_keeps_its_seats() {
    let parameters = Parameters { seat_bond: amount(TOKEN), seats_per_operator: 1, ..modest() };
    let mut world = World::staked_with(parameters);
    for operator in VALIDATORS {
        let bond = Action::Bond { operator, asset: NATIVE, amount: amount(TOKEN) };
        world.ok(operator, bond);
    }
    world.amend(change("seats_max", 1));
    let seats = |world: &World| world.state.seats().map(|(_, seats)| seats).sum::<u32>();
    assert_eq!(seats(&world), 3);
    world.block_after(DAY);
    assert_eq!(seats(&world), 1);
}
