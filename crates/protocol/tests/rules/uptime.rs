//! Uptime: draws, answers, downtime, maintenance.

use expect_test::expect;
use proptest::prelude::*;
use protocol::*;

use crate::devices::*;
use crate::world::*;

#[test]
fn whoever_has_a_device_is_drawn_and_nobody_else() {
    let mut world = World::with_device(watchful());
    for _ in 0..20 {
        world.block_after(10_000);
    }
    let drawn = |event: &Event| matches!(event, Event::Capacity(CapacityEvent::UptimeDrawn { operator, .. }) if *operator == WORKER);
    assert!(world.events.iter().any(drawn));
    let others = |event: &Event| matches!(event, Event::Capacity(CapacityEvent::UptimeDrawn { operator, .. }) if *operator != WORKER);
    assert!(!world.events.iter().any(others));
    world.ok(WORKER, Action::RetireDevice { device: device(1) });
    assert_eq!(world.draw_of(WORKER), None, "the open draw is void");
    let before = world.events.len();
    (0..20).for_each(|_| world.block_after(10_000));
    assert!(!world.events[before..].iter().any(drawn));
}

/// Forty-eight draws a day each, whoever they are: 4 operators, a day of blocks of a minute.
#[test]
fn everybody_is_drawn_about_48_times_a_day() {
    let mut world = World::proving(Parameters::default());
    for provider in PROVIDERS {
        world.register(provider, 1, ClassId::CPU, 1);
    }
    world.checked = false;
    let mut counts = PROVIDERS.map(|provider| (provider, 0));
    for _ in 0..1_440 {
        world.block_after(60_000);
        for (provider, count) in &mut counts {
            if world.draw_of(*provider).is_some() {
                *count += 1;
                world.answer_draw(*provider);
            }
        }
    }
    for (provider, count) in counts {
        assert!((28..=72).contains(&count), "{provider:?} was drawn {count} times");
        assert_eq!(world.state.uptime(provider), Some(Ppm::WHOLE));
    }
}

#[test]
fn draws_of_one_block_are_limited() {
    let parameters =
        Parameters { uptime_draws: 10_000, uptime_draws_per_block: 2, ..Parameters::default() };
    let mut world = World::proving(parameters);
    PROVIDERS.into_iter().for_each(|provider| world.register(provider, 1, ClassId::CPU, 1));
    world.block_after(3_600_000);
    let drawn = PROVIDERS.into_iter().filter(|provider| world.draw_of(*provider).is_some());
    assert!((1..=2).contains(&drawn.count()));
}

#[test]
fn whoever_gives_up_providing_is_not_drawn() {
    let mut world = World::with_device(watchful());
    world.drawn(WORKER);
    world.ok(WORKER, Action::SetDuties { duties: Duties::default() });
    assert_eq!(world.draw_of(WORKER), None);
    world.block_after(60_000);
    assert_eq!(world.draw_of(WORKER), None);
    world.ok(WORKER, Action::SetDuties { duties: Duties { provider: true, validator: false } });
    world.drawn(WORKER);
}

#[test]
fn an_answer_is_in_time_at_its_deadline_and_not_after() {
    let accepted = [-1_i64, 0, 1].map(|offset| {
        let mut world = World::with_device(watchful());
        let draw = world.drawn(WORKER);
        world.block_at(Time(draw.answer_by.0.checked_add_signed(offset).unwrap()));
        world.send(WORKER, Action::AnswerUptime { challenge: draw.challenge }).is_ok()
    });
    assert_eq!(accepted, [true, true, false]);
}

#[test]
fn an_overdue_draw_counts_as_missed_before_anybody_looks() {
    let mut world = World::with_device(watchful());
    world.answer_draw(WORKER);
    let draw = world.drawn(WORKER);
    assert_eq!(world.state.uptime(WORKER), Some(Ppm::WHOLE), "an open draw is not counted");
    world.end_block();
    let mut quiet = world.clone();
    quiet.begin_block(draw.answer_by.since_ms(world.now), world.beacon);
    assert_eq!(quiet.state.uptime(WORKER), Some(Ppm::WHOLE));
    world.begin_block(draw.answer_by.since_ms(world.now) + 1, world.beacon);
    assert_eq!(world.state.uptime(WORKER), Some(Ppm(500_000)));
}

/// Also when the epoch has turned before the answer, and whoever was drawn is drawn again meanwhile.
#[test]
fn a_draw_counts_in_the_epoch_it_was_drawn_in() {
    let mut world = World::with_device(Parameters { uptime_answer_ms: 600_000, ..watchful() });
    world.block_at(Time(world.epoch_start(1).0 - 60_000));
    let Draw { challenge, .. } = world.drawn(WORKER);
    let before = world.state.uptime_in(WORKER, Epoch(0));
    world.block_at(world.epoch_start(1));
    (0..10).for_each(|_| world.block_after(10_000));
    world.ok(WORKER, Action::AnswerUptime { challenge });
    let after = world.state.uptime_in(WORKER, Epoch(0));
    let more = (after.drawn - before.drawn, after.answered - before.answered);
    assert_eq!(more, (1, 1));
    assert_eq!(world.state.uptime_in(WORKER, Epoch(1)), DrawTally::default());
}

#[test]
fn leaving_after_the_time_to_answer_does_not_undo_the_miss() {
    let parameters =
        Parameters { uptime_draws: 500, uptime_answer_ms: 1_000, ..Parameters::default() };
    let mut world = World::with_device(parameters);
    let draw = world.drawn(WORKER);
    world.block_at(draw.answer_by.plus_ms(1));
    world.ok(WORKER, Action::RetireDevice { device: device(1) });
    let missed = DrawTally { drawn: 1, answered: 0 };
    assert_eq!(world.state.uptime_over(WORKER, 1), missed);
    let challenge = draw.challenge;
    let late = world.send(WORKER, Action::AnswerUptime { challenge });
    assert!(matches!(late, Err(Rejection::DeadlinePassed { .. })), "{late:?}");
}

#[test]
fn the_challenge_covers_beacon_height_operator_and_devices() {
    let challenge = |number: u8, seed: u8| {
        let mut world = World::proving(watchful());
        world.register(WORKER, number, ClassId::CPU, 1);
        world.end_block();
        world.begin_block(60_000, Hash([seed; 32]));
        world.draw_of(WORKER).unwrap().challenge
    };
    assert_eq!(challenge(1, 7), challenge(1, 7));
    assert_ne!(challenge(1, 7), challenge(2, 7));
    assert_ne!(challenge(1, 7), challenge(1, 8));
}

/// Epochs in which the worker misses so often, each answered for when it next is drawn.
fn down_for(world: &mut World, epochs: u32, misses: u32) {
    for _ in 0..epochs {
        world.miss(WORKER, misses);
        if world.draw_of(WORKER).is_some() {
            world.answer_draw(WORKER);
        }
        world.next_epoch(WORKER);
    }
}

#[test]
fn three_misses_keep_the_promise_and_the_fourth_breaks_it() {
    let broken = [3, 4, 5].map(|misses| {
        let mut world = World::with_device(watchful());
        down_for(&mut world, 1, misses);
        world.state.uptime_record(WORKER).unwrap().history.last().unwrap().down
    });
    assert_eq!(broken, [false, true, true]);
}

pub(crate) fn downtime() -> World {
    let mut world = World::with_device(watchful());
    down_for(&mut world, 3, 4);
    world
}

/// Two epochs of grace; the third costs 0.05 % of 10,000 dollars: five, a quarter to insurance and the rest burned.
#[test]
fn downtime_costs_a_little_after_the_grace_and_jails_until_it_is_back() {
    let mut world = World::with_device(watchful());
    let since = world.events.len();
    down_for(&mut world, 2, 4);
    assert_eq!((world.bonded(WORKER), world.status(WORKER)), (BOND, OperatorStatus::Active));
    down_for(&mut world, 1, 4);
    expect![[r#"
        burned: +3750000
        pot Insurance: +1250000
        provider 0 bond: -5000000
    "#]]
    .assert_eq(&world.statement(since, STABLE));
    assert!(matches!(world.status(WORKER), OperatorStatus::Jailed(until) if until <= world.now));
    assert_eq!(world.draw_of(WORKER), None, "who is in jail is not drawn");
    assert_eq!(world.state.uptime_record(WORKER).unwrap().place, None);
    world.ok(WORKER, Action::Unjail);
    world.answer_draw(WORKER);
}

/// Epoch after epoch of it, unjailed every time: twenty cost 1 % of the bond as it was each time, and no more.
#[test]
fn downtime_costs_at_most_one_percent_in_thirty_epochs() {
    let mut world = World::with_device(watchful());
    world.checked = false;
    let mut bonds = Vec::new();
    for _ in 0..30 {
        down_for(&mut world, 1, 4);
        bonds.push(world.bonded(WORKER));
        if world.status(WORKER) != OperatorStatus::Active {
            world.ok(WORKER, Action::Unjail);
        }
    }
    world.assert_invariants();
    let paid = bonds.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert_eq!((bonds[1], bonds[2]), (BOND, BOND - 5_000_000));
    assert_eq!(paid, 20);
    assert!(bonds[29] >= BOND / 100 * 99, "{}", bonds[29]);
    assert_eq!(bonds[21], bonds[29], "from the cap on it is only jailed");
}

#[test]
fn a_clean_record_comes_back_when_the_bad_epochs_leave_it() {
    let mut world = World::with_device(Parameters { record_epochs: 4, ..watchful() });
    down_for(&mut world, 2, 4);
    for _ in 0..3 {
        world.answer_draw(WORKER);
        world.next_epoch(WORKER);
    }
    down_for(&mut world, 2, 4);
    assert_eq!((world.bonded(WORKER), world.status(WORKER)), (BOND, OperatorStatus::Active));
}

/// Exits that began after the first miss of the epoch pay the same rate; earlier ones do not.
#[test]
fn class_16_leaving_while_down_does_not_escape_the_penalty() {
    let unbond = |units| Action::Unbond { operator: WORKER, asset: STABLE, amount: amount(units) };
    let mut world = World::with_device(watchful());
    world.ok(WORKER, unbond(1_000 * DOLLAR));
    world.block();
    down_for(&mut world, 2, 4);
    world.miss(WORKER, 2);
    world.ok(WORKER, unbond(2_000 * DOLLAR));
    world.miss(WORKER, 3);
    world.next_epoch(WORKER);
    let exits: Vec<u128> = world.state.exits(WORKER).map(|(_, exit)| exit.amount.units()).collect();
    assert_eq!(exits, [1_000 * DOLLAR, 1_999 * DOLLAR]);
    assert_eq!(world.bonded(WORKER), 7_000 * DOLLAR - 3_500_000);
}

#[test]
fn class_02_a_penalty_for_downtime_rounds_up() {
    let left = 100 * DOLLAR + 1;
    let mut world = World::proving(watchful());
    let most = Action::Unbond { operator: WORKER, asset: STABLE, amount: amount(BOND - left) };
    world.ok(WORKER, most);
    world.register(WORKER, 1, ClassId::CPU, 1);
    down_for(&mut world, 3, 4);
    assert_eq!(world.bonded(WORKER), left - 50_001, "0.05 % of one unit more is one unit more");
}

pub(crate) fn maintained() -> World {
    let mut world = World::with_device(watchful());
    world.answer_draw(WORKER);
    world.next_epoch(WORKER);
    world.answer_draw(WORKER);
    world.ok(WORKER, Action::DeclareMaintenance { duration_ms: 600_000 });
    world
}

/// One percent of a day is 14.4 minutes; ten of them are spent, and nothing is drawn in that time.
#[test]
fn maintenance_is_earned_by_uptime_and_spent_by_declaring_it() {
    let mut world = maintained();
    let record = world.state.uptime_record(WORKER).unwrap().clone();
    let (from, until) = (world.now, world.now.plus_ms(600_000));
    assert_eq!(record.credit_ms, 864_000 - 600_000);
    assert_eq!(record.maintenance, Some(Maintenance { from, until }));
    while world.now < until {
        let step = 10_000.min(until.since_ms(world.now));
        world.block_after(step);
        assert_eq!(world.draw_of(WORKER), None, "{}", world.now);
    }
    world.drawn(WORKER);
}

#[test]
fn maintenance_does_not_undo_a_draw() {
    let mut world = World::with_device(watchful());
    world.answer_draw(WORKER);
    world.next_epoch(WORKER);
    let draw = world.drawn(WORKER);
    world.ok(WORKER, Action::DeclareMaintenance { duration_ms: 600_000 });
    world.block_at(draw.answer_by.plus_ms(1));
    assert_eq!(world.state.uptime_over(WORKER, 1).missed(), 1);
}

#[test]
fn credit_is_spent_to_the_last_millisecond_and_not_beyond() {
    let accepted = [863_999, 864_000, 864_001].map(|duration_ms| {
        let mut world = World::with_device(watchful());
        world.answer_draw(WORKER);
        world.next_epoch(WORKER);
        world.send(WORKER, Action::DeclareMaintenance { duration_ms }).is_ok()
    });
    assert_eq!(accepted, [true, true, false]);
}

#[test]
fn credit_is_neither_earned_by_absence_nor_kept_for_ever() {
    let mut world = World::with_device(Parameters { maintenance_max_ms: 1_000_000, ..watchful() });
    down_for(&mut world, 1, 4);
    let credit = |world: &World| world.state.uptime_record(WORKER).unwrap().credit_ms;
    assert_eq!(credit(&world), 0);
    for expected in [864_000, 1_000_000, 1_000_000] {
        world.answer_draw(WORKER);
        world.next_epoch(WORKER);
        assert_eq!(credit(&world), expected);
    }
}

#[test]
fn single_epochs_are_told_apart() {
    let mut world = World::with_device(watchful());
    world.answer_draw(WORKER);
    let first = world.state.clock().epoch;
    world.next_epoch(WORKER);
    let tally = |world: &World, epoch: u64| {
        let DrawTally { drawn, answered } = world.state.uptime_in(WORKER, Epoch(epoch));
        (drawn, answered)
    };
    let (answered, _) = tally(&world, first.0);
    assert!(answered >= 1);
    assert_eq!(tally(&world, first.0 + 5), (0, 0));
    let before = tally(&world, first.0 + 1).0;
    world.answer_draw(WORKER);
    assert_eq!(tally(&world, first.0 + 1).0, before + 1);
    assert_eq!(tally(&world, first.0).0, answered);
}

#[test]
fn explanations_have_the_numbers() {
    let world = downtime();
    let text = explain::uptime(&world.state, WORKER).join("\n");
    expect![[r#"
        answered 3 of 15 draws in 30 epochs: 20 %
        this epoch: 0 missed, the promise allows 3
        promise broken in 3 epochs, 2 are free; 1 cost bond
        maintenance that may be declared: 0 ms"#]]
    .assert_eq(&text);
    assert!(explain::uptime(&world.state, STRANGER).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whoever answers every draw loses nothing, whatever the beacon draws and however long blocks take.
    #[test]
    fn the_present_are_never_punished(blocks in prop::collection::vec((1..4_000_000_u64, any::<u8>()), 1..60)) {
        let mut world = World::with_device(watchful());
        world.checked = false;
        for (ms, seed) in blocks {
            world.end_block();
            world.begin_block(ms, Hash([seed; 32]));
            if let Some(Draw { challenge, answer_by, .. }) = world.draw_of(WORKER)
                && answer_by >= world.now
            {
                world.ok(WORKER, Action::AnswerUptime { challenge });
            }
            world.assert_invariants();
        }
        prop_assert_eq!(world.bonded(WORKER), BOND);
        prop_assert_eq!(world.status(WORKER), OperatorStatus::Active);
        let missed = world.state.uptime_over(WORKER, 30).missed();
        prop_assert_eq!(missed, 0);
    }
}
