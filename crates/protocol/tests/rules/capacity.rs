//! Capacity: rounds, answers, proven units, offers, misrepresented hardware; and accuracy.

use expect_test::expect;
use proptest::prelude::*;
use protocol::*;

use crate::devices::*;
use crate::life::spec;
use crate::world::*;

fn offer(units: u32) -> Action {
    Action::SetOffer { class: ClassId::CPU, units, ask: amount(DOLLAR) }
}

/// Four fifths of the proven units, rounded down, and one at least.
#[test]
fn what_may_be_offered_follows_what_is_proven() {
    for (units, limit) in [(1, 1), (2, 1), (4, 3), (5, 4), (9, 7), (10, 8), (1_000, 800)] {
        let mut world = World::proving(unwatched());
        let may_offer = |world: &World| world.state.offer_limit(WORKER, ClassId::EDGE);
        world.register(WORKER, 1, ClassId::EDGE, units);
        assert_eq!(may_offer(&world), Some(0), "nothing is proven yet");
        world.block();
        world.open_rounds();
        world.pass(WORKER, 1);
        assert_eq!(may_offer(&world), Some(0), "the round is open");
        world.settle_round(ClassId::EDGE);
        assert_eq!(may_offer(&world), Some(limit), "{units} proven");
    }
    let mut world = World::proven(unwatched());
    let accepted = [7, 8, 9].map(|units| world.send(WORKER, offer(units)).is_ok());
    assert_eq!(accepted, [true, true, false]);
    world.ok(WORKER, offer(0));
}

/// A network on one machine has the same classes and takes everybody at their word.
#[test]
fn classes_without_a_challenge_need_no_devices() {
    let mut world = World::staked();
    assert_eq!(world.state.offer_limit(WORKER, ClassId::CPU), None);
    world.offer(WORKER, 100, DOLLAR);
    (0..10).for_each(|_| world.block_after(DAY_MS));
    let about_capacity = |event: &&Event| {
        matches!(
            event,
            Event::Capacity(CapacityEvent::RoundOpened { .. })
                | Event::Capacity(CapacityEvent::UptimeDrawn { .. })
        )
    };
    assert_eq!(world.events.iter().find(about_capacity), None);
}

#[test]
fn the_seeded_classes_have_bond_challenge_and_window() {
    use ChallengeKind::*;
    let classes = Class::seed();
    let seen: Vec<_> = classes
        .iter()
        .map(|class| {
            let challenge = class.challenge.unwrap();
            (class.name.as_str(), class.bond_per_unit.units() / DOLLAR, challenge.kind)
        })
        .collect();
    let expected = [
        ("cpu", 100, MemoryHard),
        ("gpu", 500, MatrixChain),
        ("edge", 5, MemoryHard),
        ("storage", 20, SealedChunks),
        ("bandwidth", 20, MeasuredTransfer),
    ];
    assert_eq!(seen, expected);
    assert!(Class::devnet().iter().all(|class| class.challenge.is_none()));
    for answer_ms in [0, DAY_MS + 1] {
        let mut genesis = Genesis { classes: Class::seed(), ..genesis(Parameters::default()) };
        genesis.classes[0].challenge.as_mut().unwrap().answer_ms = answer_ms;
        let fault = State::genesis(&genesis).unwrap_err();
        assert!(matches!(fault, GenesisFault::AnswerWindow { .. }), "{fault}");
    }
}

#[test]
fn edge_jobs_are_small() {
    let limits = Class::seed()[2].job_limits.unwrap();
    let edge = JobSpec {
        class: ClassId::EDGE,
        meter_max: limits.meter_max,
        memory_max: limits.memory_max,
        price_max: limits.price_max,
        ..spec()
    };
    let accepted =
        |spec: JobSpec| World::staked().send(REQUESTER, Action::SubmitJob { spec }).is_ok();
    for (offset, expected) in [(-1_i64, true), (0, true), (1, false)] {
        let around = |limit: u64| limit.checked_add_signed(offset).unwrap();
        let meter_max = around(limits.meter_max);
        assert_eq!(accepted(JobSpec { meter_max, ..edge.clone() }), expected, "meter {offset}");
        let memory_max = around(limits.memory_max);
        assert_eq!(accepted(JobSpec { memory_max, ..edge.clone() }), expected, "memory {offset}");
        let price = u64::try_from(limits.price_max.units()).unwrap();
        let price_max = amount(around(price).into());
        assert_eq!(accepted(JobSpec { price_max, ..edge.clone() }), expected, "price {offset}");
    }
    assert!(accepted(JobSpec { class: ClassId::CPU, meter_max: limits.meter_max + 1, ..edge }));
}

#[test]
fn a_round_comes_once_an_epoch_and_challenges_everybody_at_one_height() {
    let mut world = World::proving(unwatched());
    for (number, provider) in PROVIDERS.into_iter().enumerate() {
        world.register(provider, u8::try_from(number).unwrap(), ClassId::CPU, 2);
    }
    world.checked = false;
    (0..480).for_each(|_| world.block_after(30 * 60_000));
    let rounds: Vec<u64> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Capacity(CapacityEvent::RoundOpened { class: ClassId::CPU, epoch, .. }) => {
                Some(epoch.0)
            }
            _ => None,
        })
        .collect();
    assert_eq!(rounds, (0..10).collect::<Vec<_>>(), "ten days, ten rounds");
}

/// One machine cannot answer for two: what is right for one device is wrong for any other, of whomever.
#[test]
fn class_60_an_answer_is_of_no_use_to_another_device_or_operator() {
    let mut world = World::proving(unwatched());
    for (operator, number) in [(WORKER, 1), (WORKER, 2), (PROVIDERS[1], 1)] {
        world.register(operator, number, ClassId::CPU, 3);
    }
    world.block();
    world.open_rounds();
    let Action::AnswerCapacity { answer, .. } = world.right_answer(WORKER, 1) else { panic!() };
    world.ok(WORKER, Action::AnswerCapacity { device: device(1), answer: answer.clone() });
    world.ok(WORKER, Action::AnswerCapacity { device: device(2), answer: answer.clone() });
    world.ok(PROVIDERS[1], Action::AnswerCapacity { device: device(1), answer });
    world.settle_round(ClassId::CPU);
    let proven = |operator| world.state.capacity(operator, ClassId::CPU).proven;
    assert_eq!((proven(WORKER), proven(PROVIDERS[1])), (3, 0));
}

/// One name with four units proves what four names with one prove: nothing is to be had by splitting.
#[test]
fn class_52_splitting_proves_no_more() {
    let proven = |claims: &[(AccountId, u32)]| -> u32 {
        let mut world = World::proving(unwatched());
        claims.iter().for_each(|(who, units)| world.register(*who, 1, ClassId::CPU, *units));
        world.block();
        world.open_rounds();
        claims.iter().for_each(|(who, _)| world.pass(*who, 1));
        world.settle_round(ClassId::CPU);
        world.state.capacities(ClassId::CPU).map(|(_, capacity)| capacity.proven).sum()
    };
    assert_eq!(proven(&[(WORKER, 4)]), 4);
    assert_eq!(proven(&PROVIDERS.map(|provider| (provider, 1))), 4);
}

#[test]
fn a_device_registered_during_a_round_waits_for_the_next() {
    let mut world = World::with_device(unwatched());
    world.open_rounds();
    world.register(WORKER, 2, ClassId::CPU, 5);
    let refused = world.send(WORKER, world.right_answer(WORKER, 2)).unwrap_err();
    assert!(matches!(refused, Rejection::NotDue { .. }), "{refused}");
    world.pass(WORKER, 1);
    world.settle_round(ClassId::CPU);
    assert_eq!(world.state.capacity(WORKER, ClassId::CPU).proven, 10);
    assert_eq!(world.failures(WORKER), 0, "it was not due");
}

#[test]
fn an_answer_is_in_time_until_the_end_of_the_window() {
    let accepted = [-1_i64, 0, 1].map(|offset| {
        let mut world = World::with_device(unwatched());
        world.open_rounds();
        let answer_by = world.state.round(ClassId::CPU).unwrap().answer_by;
        let answer = world.right_answer(WORKER, 1);
        world.block_at(Time(answer_by.0.checked_add_signed(offset).unwrap()));
        world.send(WORKER, answer).is_ok()
    });
    assert_eq!(accepted, [true, true, false]);
}

#[test]
fn an_offer_shrinks_with_its_proof_and_work_under_way_goes_on() {
    let mut world = World::proven(unwatched());
    world.ok(WORKER, offer(8));
    world.block();
    let job = world.assigned();
    assert_eq!(world.provider(job), WORKER);
    let truth = world.truth(job);
    world.window(job, truth);
    world.open_rounds();
    world.settle_round(ClassId::CPU);
    assert_eq!(world.state.offer(WORKER, ClassId::CPU), None, "silence proves nothing");
    assert!(matches!(world.job(job).status, JobStatus::Ended(EndReason::Completed)));
}

/// Two devices of ten and five units; then only the small one answers.
#[test]
fn proven_units_are_those_of_the_devices_that_passed() {
    let mut world = World::with_device(unwatched());
    world.register(WORKER, 2, ClassId::CPU, 5);
    world.block();
    for (numbers, proven) in [(vec![1, 2], 15), (vec![2], 5), (vec![1], 10), (vec![], 0)] {
        world.open_rounds();
        numbers.iter().for_each(|number| world.pass(WORKER, *number));
        world.settle_round(ClassId::CPU);
        assert_eq!(world.state.capacity(WORKER, ClassId::CPU).proven, proven);
    }
}

pub(crate) fn misrepresented() -> World {
    let mut world = World::with_device(unwatched());
    for _ in 0..3 {
        world.open_rounds();
        world.fail(WORKER, 1);
        world.settle_round(ClassId::CPU);
    }
    world
}

/// A tenth of 10,000 dollars: a quarter of it to insurance, the rest burned. Thirty days of jail.
#[test]
fn three_wrong_answers_in_a_row_are_a_misrepresentation() {
    let since = World::with_device(unwatched()).events.len();
    let mut world = misrepresented();
    expect![[r#"
        burned: +750000000
        pot Insurance: +250000000
        provider 0 bond: -1000000000
    "#]]
    .assert_eq(&world.statement(since, STABLE));
    let OperatorStatus::Jailed(until) = world.status(WORKER) else { panic!("in jail") };
    assert_eq!(until.since_ms(world.now), 30 * DAY_MS);
    assert_eq!(world.state.capacity(WORKER, ClassId::CPU).proven, 0, "and the epoch earns nothing");
    // In jail it is not pursued, may come clean, and answers again.
    world.open_rounds();
    world.settle_round(ClassId::CPU);
    assert_eq!(world.failures(WORKER), 0);
    world.ok(WORKER, Action::RetireDevice { device: device(1) });
    world.register(WORKER, 2, ClassId::CPU, 1);
    world.block();
    world.open_rounds();
    world.pass(WORKER, 2);
    world.settle_round(ClassId::CPU);
    world.block_at(until);
    world.ok(WORKER, Action::Unjail);
    world.ok(WORKER, offer(1));
}

#[test]
fn only_failures_in_a_row_count() {
    let mut world = World::with_device(unwatched());
    for (right, failures) in [(false, 1), (false, 2), (true, 0), (false, 1), (false, 2)] {
        world.open_rounds();
        if right {
            world.pass(WORKER, 1)
        } else {
            world.fail(WORKER, 1)
        }
        world.settle_round(ClassId::CPU);
        assert_eq!(world.failures(WORKER), failures);
    }
    assert_eq!(world.bonded(WORKER), BOND);
}

/// Retiring the failing device and registering another does not begin a new row.
#[test]
fn class_74_a_new_device_does_not_wash_old_failures() {
    let mut world = World::with_device(unwatched());
    for number in 1..=3 {
        world.open_rounds();
        world.fail(WORKER, number);
        let retire = Action::RetireDevice { device: device(number) };
        let refused = world.send(WORKER, retire.clone()).unwrap_err();
        assert!(matches!(refused, Rejection::RoundOpen { .. }), "{refused}");
        world.settle_round(ClassId::CPU);
        world.ok(WORKER, retire);
        if number < 3 {
            world.register(WORKER, number + 1, ClassId::CPU, 10);
            world.block();
        }
    }
    assert_eq!(world.bonded(WORKER), BOND - BOND / 10);
}

#[test]
fn class_16_an_exit_begun_after_the_first_failure_answers_for_misrepresentation() {
    let unbond = |units| Action::Unbond { operator: WORKER, asset: STABLE, amount: amount(units) };
    let mut world = World::with_device(unwatched());
    world.ok(WORKER, unbond(1_000 * DOLLAR));
    for round in 0..3 {
        world.open_rounds();
        world.fail(WORKER, 1);
        world.settle_round(ClassId::CPU);
        if round == 0 {
            world.ok(WORKER, unbond(4_000 * DOLLAR));
        }
    }
    let exits: Vec<u128> = world.state.exits(WORKER).map(|(_, exit)| exit.amount.units()).collect();
    assert_eq!(exits, [1_000 * DOLLAR, 3_600 * DOLLAR]);
    assert_eq!(world.bonded(WORKER), 4_500 * DOLLAR);
}

/// The numbers of Gonka's collateral test: 1,000 active and 500 on their way out lose 150 and keep 900 and 450.
#[test]
fn gonka_s10_active_and_leaving_bond_lose_the_same_tenth() {
    let unbond = |units| Action::Unbond { operator: WORKER, asset: STABLE, amount: amount(units) };
    let mut world = World::with_device(unwatched());
    world.ok(WORKER, unbond(8_500 * DOLLAR));
    for round in 0..3 {
        world.open_rounds();
        world.fail(WORKER, 1);
        world.settle_round(ClassId::CPU);
        if round == 0 {
            world.ok(WORKER, unbond(500 * DOLLAR));
        }
    }
    let exits: Vec<u128> = world.state.exits(WORKER).map(|(_, exit)| exit.amount.units()).collect();
    assert_eq!(exits, [8_500 * DOLLAR, 450 * DOLLAR]);
    assert_eq!(world.bonded(WORKER), 900 * DOLLAR);
}

/// The shape of Acurast's test: of 4,000 measured, 3,200 may be promised; here a twentieth of it.
#[test]
fn acurast_s1_four_fifths_of_what_was_measured_may_be_offered() {
    let mut world = World::proving(unwatched());
    world.register(WORKER, 1, ClassId::EDGE, 200);
    world.block();
    world.open_rounds();
    world.pass(WORKER, 1);
    world.settle_round(ClassId::EDGE);
    let offer = |units| Action::SetOffer { class: ClassId::EDGE, units, ask: amount(DOLLAR) };
    world.ok(WORKER, offer(160));
    let refused = world.send(WORKER, offer(161)).unwrap_err();
    let (limit, proven) = (160, 200);
    let class = ClassId::EDGE;
    assert_eq!(refused, Rejection::CapacityNotProven { class, units: 161, limit, proven });
}

/// Money locked for jobs is reckoned, and the penalty taken from what is free.
#[test]
fn locked_money_does_not_lower_the_penalty() {
    let mut world = World::proven(unwatched());
    world.ok(WORKER, offer(8));
    let run_ms = 4 * 3_600_000;
    let insured = amount(4_000 * DOLLAR);
    let job = world.assigned_with(JobSpec { insured, run_ms, ..spec() });
    let locked = world.state.held(Place::Lock(WORKER, job), STABLE);
    assert!(locked > amount(8_000 * DOLLAR));
    for _ in 0..3 {
        world.open_rounds();
        world.fail(WORKER, 1);
        world.settle_round(ClassId::CPU);
    }
    let slashed: u128 = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Penalty(PenaltyEvent::BondSlashed { split, .. }) => Some(split.taken.units()),
            _ => None,
        })
        .sum();
    let missed = 2_185_454_546; // a quarter of the lock of 8,727.272728 dollars, and a tenth of the price
    assert!(slashed >= (BOND - missed) / 10 - DOLLAR && slashed <= BOND / 10, "{slashed}");
}

/// An operator that is up and does not answer its round has not got what it claims; one that is down is down.
#[test]
fn silence_counts_against_the_hardware_only_of_whoever_is_there() {
    let mut world = World::with_device(watchful());
    world.answer_draw(WORKER);
    world.open_rounds();
    world.settle_round(ClassId::CPU);
    assert_eq!(world.failures(WORKER), 1, "it was there before the round");
    world.open_rounds();
    world.settle_round(ClassId::CPU);
    assert_eq!(world.failures(WORKER), 1, "nothing was heard of it since");
    world.answer_draw(WORKER);
    world.open_rounds();
    world.settle_round(ClassId::CPU);
    assert_eq!(world.failures(WORKER), 2);
    assert_eq!(world.bonded(WORKER), BOND);
}

/// A block nine minutes later, with a beacon that begins this epoch's round.
fn round_soon(world: &mut World) {
    let epoch = world.state.clock().epoch;
    world.end_block();
    let found = (0..10_000_u32).find_map(|seed| {
        let mut trial = world.clone();
        trial.checked = false;
        trial.begin_block(540_000, Hash::of("test round", &seed));
        (trial.state.round(ClassId::CPU).unwrap().epoch == epoch).then_some(trial.beacon)
    });
    world.begin_block(540_000, found.expect("some beacon begins the round"));
}

/// A round inside declared maintenance proves nothing and disproves nothing.
#[test]
fn maintenance_excuses_from_a_round_and_what_was_proven_stands() {
    let mut world = World::proven(watchful());
    world.answer_draw(WORKER);
    world.next_epoch(WORKER);
    world.answer_draw(WORKER);
    world.ok(WORKER, Action::DeclareMaintenance { duration_ms: 600_000 });
    round_soon(&mut world);
    world.settle_round(ClassId::CPU);
    let capacity = world.state.capacity(WORKER, ClassId::CPU);
    assert_eq!((capacity.proven, capacity.failures), (10, 0));
    world.answer_draw(WORKER);
    world.open_rounds();
    world.settle_round(ClassId::CPU);
    let capacity = world.state.capacity(WORKER, ClassId::CPU);
    assert_eq!((capacity.proven, capacity.failures), (0, 1));
}

/// Whoever goes away again before a round is settled gives up what the maintenance before excused.
#[test]
fn only_the_latest_maintenance_excuses() {
    let mut world = World::proven(watchful());
    world.answer_draw(WORKER);
    world.next_epoch(WORKER);
    world.answer_draw(WORKER);
    world.ok(WORKER, Action::DeclareMaintenance { duration_ms: 600_000 });
    round_soon(&mut world);
    world.block_after(60_001);
    world.ok(WORKER, Action::DeclareMaintenance { duration_ms: 60_000 });
    world.settle_round(ClassId::CPU);
    let capacity = world.state.capacity(WORKER, ClassId::CPU);
    assert_eq!((capacity.proven, capacity.failures), (0, 1));
}

/// A round over many operators is settled a few per block, each once.
#[test]
fn class_48_a_round_is_settled_in_bounded_turns() {
    let parameters = Parameters { capacity_settlements_per_block: 1, ..unwatched() };
    let mut world = World::proving(parameters);
    for provider in PROVIDERS {
        world.register(provider, 1, ClassId::CPU, 10);
    }
    world.block();
    world.open_rounds();
    PROVIDERS.into_iter().for_each(|provider| world.pass(provider, 1));
    let answer_by = world.state.round(ClassId::CPU).unwrap().answer_by;
    world.block_at(answer_by.plus_ms(1));
    for settled in 1..=4 {
        let proven = world.state.capacities(ClassId::CPU).filter(|(_, one)| one.proven == 10);
        assert_eq!(proven.count(), settled);
        let retire = Action::RetireDevice { device: device(1) };
        assert!(world.clone().send(PROVIDERS[3], retire).is_err(), "not before it is settled");
        world.block();
    }
    assert!(world.state.round(ClassId::CPU).unwrap().settled);
    let results =
        |event: &&Event| matches!(event, Event::Capacity(CapacityEvent::CapacitySettled { .. }));
    assert_eq!(world.events.iter().filter(results).count(), 4);
}

#[test]
fn checking_is_limited_per_block() {
    let mut world = World::proving(Parameters { capacity_checks_per_block: 2, ..unwatched() });
    (1..=3).for_each(|number| world.register(WORKER, number, ClassId::CPU, 1));
    world.block();
    world.open_rounds();
    world.pass(WORKER, 1);
    world.fail(WORKER, 2);
    let busy = world.send(WORKER, world.right_answer(WORKER, 3)).unwrap_err();
    assert_eq!(busy, Rejection::CapacityBusy { used: 2, limit: 2 });
    world.block();
    world.pass(WORKER, 3);
}

#[test]
fn a_device_needs_the_bond_of_what_it_lets_offer() {
    let minimum = Parameters::default().provider_bond_min.units();
    let accepted = [minimum - 1, minimum, minimum + 1].map(|units| {
        let mut world = World::new(Parameters::default());
        let mut genesis = genesis(Parameters::default());
        genesis.classes = Class::seed();
        world.state = State::genesis(&genesis).unwrap().0;
        world.block();
        let duties = Duties { provider: true, validator: false };
        world.ok(WORKER, Action::RegisterOperator { duties });
        let amount = amount(units);
        world.ok(WORKER, Action::Bond { operator: WORKER, asset: STABLE, amount });
        let (device, class) = (device(1), ClassId::EDGE);
        world.send(WORKER, Action::RegisterDevice { device, class, units: 1 }).is_ok()
    });
    assert_eq!(accepted, [false, true, true]);
    let mut world = World::with_device(unwatched());
    let unbond = |units| Action::Unbond { operator: WORKER, asset: STABLE, amount: amount(units) };
    let held = 800 * DOLLAR;
    assert!(world.send(WORKER, unbond(BOND - held + 1)).is_err(), "ten units let it offer eight");
    world.ok(WORKER, unbond(BOND - held));
}

#[test]
fn units_of_a_device_are_limited() {
    let accepted = [0, 1, 1_000, 1_001].map(|units| {
        let (device, class) = (device(1), ClassId::EDGE);
        let register = Action::RegisterDevice { device, class, units };
        World::proving(unwatched()).send(WORKER, register).is_ok()
    });
    assert_eq!(accepted, [false, true, true, false]);
}

/// The accuracy of the life of each party: from one half up for what stood, down for faults.
#[test]
fn accuracy_follows_results_faults_and_audits() {
    let mut world = World::staked();
    assert_eq!(world.state.accuracy(PROVIDERS[0]), Ppm(500_000));
    let job = world.assigned();
    let (provider, truth) = (world.provider(job), world.truth(job));
    world.audited_window(job, truth, truth);
    let auditor = world.auditor(job);
    world.lapse(job);
    // 11 / 21 each.
    assert_eq!(world.state.accuracy(provider), Ppm(523_809));
    assert_eq!(world.state.accuracy(auditor), Ppm(523_809));
    let job = world.assigned();
    let silent = world.provider(job);
    let before = world.state.accuracy_record(silent).passed;
    world.lapse(job);
    let expected =
        Accuracy { passed: before, failed: 1_000_000, ..world.state.accuracy_record(silent) };
    assert_eq!(world.state.accuracy_record(silent), expected);
    let (liar, _) = (crate::villains::wrong_step().0, ());
    let convicted = liar.state.operators().find(|one| one.reliability.convictions > 0).unwrap();
    assert_eq!(liar.state.accuracy(convicted.account), Ppm(250_000), "10 / 40");
    expect!["(0.000000 right + 10) / (0.000000 right + 20 x 1.000000 wrong + 2 x 10) = 25 %"]
        .assert_eq(&explain::accuracy(&liar.state, convicted.account));
}

#[test]
fn accuracy_fades_without_anybody_looking() {
    let (mut world, _) = crate::villains::silent();
    let convicted = world.state.operators().find(|one| one.reliability.deadlines_missed > 0);
    let provider = convicted.unwrap().account;
    assert_eq!(world.state.accuracy(provider), Ppm(250_000));
    world.block_after(30 * DAY_MS);
    // A fault of 30 epochs ago weighs 20 x 0.361656: 10 / 27.233.
    assert_eq!(world.state.accuracy(provider), Ppm(367_200));
}

/// A hundred of the cheapest jobs in one epoch are worth ten.
#[test]
fn class_50_cheap_jobs_do_not_farm_accuracy() {
    let mut world = World::staked();
    PROVIDERS[1..].iter().for_each(|other| world.offer(*other, 0, DOLLAR));
    world.checked = false;
    for _ in 0..25 {
        let cheap = JobSpec { meter_max: 1_000, price_max: amount(1_000), ..spec() };
        let job = world.assigned_with(cheap);
        let truth = world.truth(job);
        world.window(job, truth);
        world.lapse(job);
    }
    assert_eq!(world.state.clock().epoch, Epoch(0));
    assert_eq!(world.state.operator(WORKER).unwrap().reliability.jobs_completed, 25);
    assert_eq!(world.state.accuracy(WORKER), Ppm(666_666), "20 / 30");
}

#[test]
fn explanations_say_why_so_much_may_be_offered() {
    let world = World::proven(unwatched());
    expect![[r#"
        10 units proven in the round of epoch 0; 80 % of them may be offered, at least one: 8
        0 rounds failed in a row, 3 are a misrepresentation"#]]
    .assert_eq(&explain::capacity(&world.state, WORKER, ClassId::CPU).join("\n"));
    expect!["no round is over in which a device had to answer; 80 % of them may be offered, at least one: 0"]
        .assert_eq(&explain::capacity(&world.state, WORKER, ClassId::GPU)[0]);
    expect!["capacity of class 0 is not proven: the bond alone limits offers"]
        .assert_eq(&explain::capacity(&World::staked().state, WORKER, ClassId::CPU)[0]);
}

#[derive(Clone, Debug)]
struct Move {
    who: usize,
    what: u8,
    number: u8,
    ms: u64,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = (0..4_usize, any::<u8>(), 1..4_u8, 1..2_000_000_u64)
        .prop_map(|(who, what, number, ms)| Move { who, what, number, ms });
    prop::collection::vec(one, 1..120)
}

fn act(world: &mut World, one: &Move) {
    let who = PROVIDERS[one.who];
    let id = device(one.number);
    let class = if one.number == 3 { ClassId::GPU } else { ClassId::CPU };
    let known = world.state.device(who, id).is_some() && world.state.round(class).is_some();
    let challenge = world.draw_of(who).map_or(SALT, |draw| draw.challenge);
    let action = match one.what % 13 {
        0..=2 => return world.block_after(one.ms),
        3 => return world.block_after(one.ms % 60_000),
        4 => Action::RegisterDevice { device: id, class, units: u32::from(one.what) },
        5 => Action::RetireDevice { device: id },
        6 => Action::AnswerUptime { challenge },
        7 => Action::DeclareMaintenance { duration_ms: one.ms % 40_000 },
        // The second device of everybody is not there.
        8 | 9 if known && one.number != 2 => world.right_answer(who, one.number),
        8 | 9 => Action::AnswerCapacity { device: id, answer: b"made up".to_vec().into() },
        10 => Action::SetOffer { class, units: u32::from(one.what), ask: amount(DOLLAR) },
        11 => Action::Unjail,
        _ => Action::SetDuties {
            duties: Duties { provider: !one.ms.is_multiple_of(3), validator: false },
        },
    };
    let _ = world.send(who, action);
}

/// Short epochs and tight budgets, so that everything happens and leftovers wait.
fn hectic() -> Parameters {
    Parameters {
        uptime_draws: 100,
        epoch_ms: 3_600_000,
        buckets_max: 512,
        capacity_settlements_per_block: 2,
        capacity_checks_per_block: 2,
        capacity_failures_max: 2,
        misrepresented_jail_ms: 1_800_000,
        downtime_grace: 1,
        record_epochs: 5,
        ..Parameters::default()
    }
}

/// The random walk below is worth something only if it gets to the ends.
#[test]
fn the_random_walk_reaches_every_consequence() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let moves = moves().new_tree(&mut runner).unwrap().current();
        let mut world = World::proving(hectic());
        world.checked = false;
        moves.iter().for_each(|one| act(&mut world, one));
        seen.extend(world.events.iter().map(|event| match event {
            Event::Capacity(CapacityEvent::CapacitySettled { proven: 0, .. }) => {
                "nothing proven".into()
            }
            Event::Penalty(PenaltyEvent::BondSlashed { fault, .. }) => format!("{fault:?}"),
            event => format!("{event:?}").split(' ').next().unwrap_or_default().to_string(),
        }));
    }
    for kind in [
        "nothing proven",
        "CapacitySettled",
        "Downtime",
        "MisrepresentedHardware",
        "UptimeAnswered",
        "UptimeMissed",
        "MaintenanceDeclared",
        "DeviceRetired",
        "Unjailed",
    ] {
        assert!(seen.contains(kind), "{kind}: {seen:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Every invariant after every move.
    #[test]
    fn whatever_operators_do_with_devices_the_rules_hold(moves in moves()) {
        let mut world = World::proving(hectic());
        for one in &moves {
            act(&mut world, one);
        }
    }
}
