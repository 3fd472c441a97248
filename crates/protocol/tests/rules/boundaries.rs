//! One less, exactly, one more: every limit at its edges.

use protocol::*;

use crate::life::spec;
use crate::world::*;

/// Sends the same kind of action with three values around a limit; says which were accepted.
fn around(limit: u128, send: impl Fn(u128) -> bool) -> [bool; 3] {
    [limit - 1, limit, limit + 1].map(send)
}

const UP_TO: [bool; 3] = [true, true, false];
const FROM: [bool; 3] = [false, true, true];

fn accepts(sender: AccountId, action: Action) -> bool {
    World::staked().send(sender, action).is_ok()
}

fn accepts_spec(change: impl FnOnce(&mut JobSpec)) -> bool {
    let mut spec = spec();
    change(&mut spec);
    accepts(REQUESTER, Action::SubmitJob { spec })
}

fn number(value: u128) -> u64 {
    u64::try_from(value).unwrap()
}

#[test]
fn amounts_end_at_what_is_there() {
    let transfer = |units| Action::Transfer { to: REQUESTER, asset: STABLE, amount: amount(units) };
    assert_eq!(around(PURSE, |units| accepts(STRANGER, transfer(units))), UP_TO);
    assert_eq!([0, 1].map(|units| accepts(STRANGER, transfer(units))), [false, true]);
    let unbond =
        |units| Action::Unbond { operator: VALIDATORS[0], asset: STABLE, amount: amount(units) };
    assert_eq!(around(BOND - 1_000 * DOLLAR, |units| accepts(VALIDATORS[0], unbond(units))), UP_TO);
    let room =
        Amount::SUPPLY_MAX.units() - World::staked().state.asset(STABLE).unwrap().minted.units();
    let mint = |units| Action::Mint { asset: STABLE, to: STRANGER, amount: amount(units) };
    assert_eq!(around(room, |units| accepts(ISSUER, mint(units))), UP_TO);
}

#[test]
fn a_native_transfer_leaves_room_for_its_fee() {
    let world = World::staked();
    let transfer = |units| Action::Transfer { to: REQUESTER, asset: NATIVE, amount: amount(units) };
    let sized = world.transaction(STRANGER, transfer(1)).with_signature([0; 64]).assume_verified();
    let fee = fee(world.state.parameters(), sized.bytes(), &transfer(1)).units();
    assert_eq!(around(PURSE - fee, |units| accepts(STRANGER, transfer(units))), UP_TO);
}

#[test]
fn job_bounds_are_inclusive() {
    let parameters = Parameters::default();
    assert_eq!(
        around(parameters.steps_max.into(), |n| accepts_spec(|spec| spec.steps_max = number(n))),
        UP_TO
    );
    assert_eq!(
        around(parameters.memory_max.into(), |n| accepts_spec(|spec| spec.memory_max = number(n))),
        UP_TO
    );
    assert_eq!(around(65_536, |n| accepts_spec(|spec| spec.memory_max = number(n))), FROM);
    assert_eq!(
        around(parameters.input_bytes_max.into(), |n| accepts_spec(
            |spec| spec.input.size = number(n)
        )),
        UP_TO
    );
    assert_eq!(
        around(parameters.run_ms_min.into(), |n| accepts_spec(|spec| spec.run_ms = number(n))),
        FROM
    );
    let of_work = |meter, run_ms| {
        accepts_spec(|spec| (spec.meter_max, spec.run_ms) = (meter, number(run_ms)))
    };
    assert_eq!(around(5_000, |run_ms| of_work(50_000_000_000, run_ms)), FROM);
    assert_eq!(around(5_001, |run_ms| of_work(50_000_000_001, run_ms)), FROM);
    assert_eq!(
        around(parameters.run_ms_max.into(), |n| accepts_spec(|spec| spec.run_ms = number(n))),
        UP_TO
    );
    assert_eq!(
        around(parameters.wait_ms_max.into(), |n| accepts_spec(|spec| spec.wait_ms = number(n))),
        UP_TO
    );
    assert_eq!(
        around(parameters.price_min.units(), |n| accepts_spec(|spec| spec.price_max = amount(n))),
        FROM
    );
    assert_eq!(around(PURSE, |n| accepts_spec(|spec| spec.price_max = amount(n))), UP_TO);
    for most in [Amount::SUPPLY_MAX.units(), u128::MAX - 1] {
        let harm = around(most, |n| accepts_spec(|spec| spec.harm = amount(n)));
        let insured = around(most, |n| accepts_spec(|spec| spec.insured = amount(n)));
        assert_eq!(harm, insured);
        assert_eq!(harm == UP_TO, most == Amount::SUPPLY_MAX.units());
    }
}

#[test]
fn offers_are_backed_to_the_unit() {
    let offer = |units, ask| Action::SetOffer { class: ClassId::CPU, units, ask: amount(ask) };
    let backed = BOND / (100 * DOLLAR);
    assert_eq!(
        around(backed, |n| accepts(PROVIDERS[0], offer(u32::try_from(n).unwrap(), DOLLAR))),
        UP_TO
    );
    let most = Parameters::default().ask_max.units();
    assert_eq!(around(most, |ask| accepts(PROVIDERS[0], offer(1, ask))), UP_TO);
    assert_eq!(around(1, |ask| accepts(PROVIDERS[0], offer(1, ask))), FROM);
}

#[test]
fn expiry_counts_at_both_ends() {
    let at = |expiry: u64| {
        let mut world = World::staked();
        world.block();
        let mut transaction = world.transaction(
            STRANGER,
            Action::Transfer { to: REQUESTER, asset: STABLE, amount: amount(1) },
        );
        transaction.expiry = Height(expiry);
        world.apply(transaction).is_ok()
    };
    let height = {
        let mut world = World::staked();
        world.block();
        world.height.0
    };
    assert_eq!(around(height.into(), |expiry| at(number(expiry))), FROM);
    assert_eq!(around(u128::from(height) + 100_000, |expiry| at(number(expiry))), UP_TO);
}

/// A price exactly at the maximum is taken; a micro-dollar less is not offered enough.
#[test]
fn a_job_is_cleared_up_to_its_maximum_price() {
    let cleared = |price| {
        let mut world = World::staked();
        let job = world.submit(JobSpec { price_max: amount(price), ..spec() });
        world.block();
        world.job(job).status == JobStatus::Assigned
    };
    assert_eq!(around(10 * DOLLAR, cleared), FROM);
}

/// The lock needs every micro-dollar of free bond, in stable and in native after the haircut.
#[test]
fn a_lock_is_found_to_the_last_unit() {
    let lock = 84_705_883_u128;
    let assigned = |stable: u128, native: u128| {
        let parameters = Parameters { provider_bond_min: Amount::ZERO, ..Parameters::default() };
        let mut world = World::new(parameters);
        world.ok(REQUESTER, Action::RegisterProgram { source: b"good".to_vec().into() });
        let operator = PROVIDERS[0];
        world.ok(
            operator,
            Action::RegisterOperator { duties: Duties { provider: true, validator: false } },
        );
        for (asset, units) in [(STABLE, stable), (NATIVE, native)] {
            if units > 0 {
                world.ok(operator, Action::Bond { operator, asset, amount: amount(units) });
            }
        }
        world
            .ok(operator, Action::SetOffer { class: ClassId::EDGE, units: 1, ask: amount(DOLLAR) });
        let job = world.submit(JobSpec { class: ClassId::EDGE, ..spec() });
        world.block();
        world.job(job).status == JobStatus::Assigned
    };
    assert_eq!(around(lock, |stable| assigned(stable, 0)), FROM);
    // 84.705883 dollars at a dollar a token less 40 %: 141.176471666 tokens, rounded up.
    assert_eq!(around(141_176_471_667, |native| assigned(0, native)), FROM);
    // Half a dollar short in stable is five sixths of a token.
    assert_eq!(around(833_333_334, |native| assigned(lock - 500_000, native)), FROM);
}

/// Whether the action is in time, sent at the deadline and one millisecond before and after. The block after the deadline
/// has acted on it already.
fn in_time(
    prepare: impl Fn(&mut World) -> JobId,
    act: impl Fn(&mut World, JobId) -> bool,
) -> [bool; 3] {
    let deadline = |world: &World, job| world.job(job).deadline.unwrap();
    [-1_i64, 0, 1].map(|offset| {
        let mut world = World::staked();
        let job = prepare(&mut world);
        let time = Time(deadline(&world, job).0.strict_add_signed(offset));
        world.block_at(time);
        act(&mut world, job)
    })
}

/// The provider of the first job of a fresh world: the draw is deterministic, so it is the same in every one.
fn first_assigned() -> AccountId {
    let mut world = World::staked();
    let job = world.assigned();
    world.assignment(job).provider
}

#[test]
fn deadlines_are_inclusive_at_every_stage() {
    let stage = |audited: bool| {
        move |world: &mut World| {
            let job = world.assigned();
            let truth = world.truth(job);
            world.commit(job, truth);
            world.draw(job, audited);
            job
        }
    };
    let provider = first_assigned();
    let commit = in_time(World::assigned, |world, job| {
        world.send(provider, Action::CommitResult { job, commitment: SALT }).is_ok()
    });
    assert_eq!(commit, UP_TO);
    let audit = in_time(stage(true), |world, job| {
        let auditor = world.assignment(job).audit.as_ref().map(|audit| audit.auditor);
        auditor.is_some_and(|auditor| {
            world.send(auditor, Action::CommitAudit { job, commitment: SALT }).is_ok()
        })
    });
    assert_eq!(audit, UP_TO);
    let reveal = in_time(stage(false), |world, job| {
        let claim = world.truth(job);
        world.send(provider, Action::RevealResult { job, claim, salt: SALT }).is_ok()
    });
    assert_eq!(reveal, UP_TO);
}

#[test]
fn windows_and_demands_are_inclusive() {
    let window = |world: &mut World| {
        let job = world.assigned();
        let lie = world.lie(job);
        world.window(job, lie);
        job
    };
    let challenged =
        in_time(window, |world, job| world.challenge(STRANGER, job, Accused::Provider).is_ok());
    assert_eq!(challenged, UP_TO);
    let demand = |job| Action::DemandData { job, data: DataKind::Trace, first_page: 0, pages: 3 };
    assert_eq!(in_time(window, |world, job| world.send(STRANGER, demand(job)).is_ok()), UP_TO);
    let answered = [-1_i64, 0, 1].map(|offset| {
        let mut world = World::staked();
        let job = window(&mut world);
        world.demand_trace(STRANGER, job);
        let deadline = world.state.demand(job, STRANGER).unwrap().deadline;
        world.block_at(Time(deadline.0.strict_add_signed(offset)));
        let pages = Toy::trace_pages();
        let pages = (0..3).map(|index| Toy::page(&pages, index)).collect();
        world
            .send(first_assigned(), Action::AnswerDemand { job, demander: STRANGER, pages })
            .is_ok()
    });
    assert_eq!(answered, UP_TO);
}

#[test]
fn demands_end_at_the_last_page() {
    let demanded = |first_page: u64, pages: u32| {
        let mut world = World::staked();
        let job = world.assigned();
        let truth = world.truth(job);
        world.window(job, truth);
        world
            .send(STRANGER, Action::DemandData { job, data: DataKind::Trace, first_page, pages })
            .is_ok()
    };
    assert_eq!([2, 3, 4].map(|pages| demanded(0, pages)), UP_TO);
    assert_eq!([1, 2, 3].map(|first| demanded(first, 1)), UP_TO);
    assert_eq!([0, 1].map(|pages| demanded(0, pages)), [false, true]);
    assert!(!demanded(0, 257));
}

#[test]
fn jail_ends_at_its_time() {
    let freed = [-1_i64, 0, 1].map(|offset| {
        let (mut world, job) = crate::villains::wrong_step();
        let liar = world.job(job).failed[0];
        let OperatorStatus::Jailed(until) = world.state.operator(liar).unwrap().status else {
            panic!("not in jail")
        };
        world.block_at(Time(until.0.strict_add_signed(offset)));
        world.send(liar, Action::Unjail).is_ok()
    });
    assert_eq!(freed, FROM);
}

/// The audit draw is fair at its edges: never at a ticket of the rate, always below it.
#[test]
fn draws_follow_their_tickets() {
    let mut drawn = 0_u32;
    for seed in 0..400_u32 {
        let mut world = World::staked();
        world.checked = false;
        let job = world.assigned();
        let truth = world.truth(job);
        world.commit(job, truth);
        world.end_block();
        world.begin_block(BLOCK_MS, Hash::of("tickets", &seed));
        for event in &world.events {
            if let Event::Job(JobEvent::AuditDecided { rate, ticket, drawn: chosen, .. }) = event {
                assert_eq!(*chosen, u64::from(*ticket) * 1_000_000 < u64::from(rate.0) << 32);
                drawn += u32::from(*chosen);
            }
        }
    }
    assert!((50..=110).contains(&drawn), "{drawn} of 400 at 20 %");
}

#[test]
fn parameters_are_refused_outside_their_bounds_and_in_contradiction() {
    assert_eq!(Parameters::default().validate(), Ok(()));
    assert_eq!(Parameters::devnet().validate(), Ok(()));
    for info in Parameters::default().table() {
        assert!((info.minimum..=info.maximum).contains(&info.default), "{}", info.name);
        assert!(info.reason.ends_with('.') && !info.unit.is_empty(), "{}", info.name);
    }
    let least = {
        let parameters = Parameters::default();
        parameters.exposure_ms_max() + parameters.veto_ms + parameters.slack_ms
    };
    let unbonding =
        |ms| Parameters { unbonding_ms: number(ms), ..Parameters::default() }.validate().is_ok();
    assert_eq!(around(least.into(), unbonding), FROM);
    let share = |ppm| {
        let provider_share = Ppm(u32::try_from(ppm).unwrap());
        Parameters { provider_share, ..Parameters::default() }.validate().is_ok()
    };
    assert_eq!(around(940_000, share), UP_TO);
    let faults = Parameters { margin: Ppm(1), run_ms_min: 0, ..Parameters::default() }
        .validate()
        .unwrap_err();
    assert_eq!(faults.len(), 2, "all faults are collected: {faults:?}");
}

/// Every parameter can be changed by its name, and keeps what the others are, or says why it never changes.
#[test]
fn parameters_are_changed_by_name() {
    let before = Parameters::default();
    for info in before.table() {
        let change = |value| [ParameterChange { name: info.name.into(), value }];
        match before.with(&change(info.value)) {
            Ok(after) => assert_eq!(after, before, "{}", info.name),
            Err(faults) => {
                let fixed = matches!(faults[..], [ParameterFault::Fixed { .. }]);
                assert!(fixed, "{}: {faults:?}", info.name);
            }
        }
    }
    let changed = before.with(&[ParameterChange { name: "reveal_ms".into(), value: amount(7) }]);
    assert_eq!(changed, Ok(Parameters { reveal_ms: 7, ..before }));
}

/// The relations between numbers of the price, each at its edge.
#[test]
fn relations_of_the_price_hold_to_the_unit() {
    let allowed = |change: fn(&mut Parameters, u64)| {
        move |value: u128| {
            let mut parameters = Parameters { oracle_slot_ms: 10_000, ..Parameters::default() };
            change(&mut parameters, number(value));
            parameters.validate().is_ok()
        }
    };
    let defaults = Parameters::default();
    assert_eq!(around(20_000, allowed(|p, ms| p.price_stale_ms = ms)), FROM);
    assert_eq!(around(8_640, allowed(|p, ms| p.oracle_slot_ms = ms)), FROM);
    assert_eq!(around(300_000, allowed(|p, ms| p.oracle_slot_ms = ms)), UP_TO);
    assert_eq!(
        around(defaults.price_stale_ms.into(), allowed(|p, ms| p.price_blind_ms = ms)),
        FROM
    );
    assert_eq!(around(defaults.unbonding_ms.into(), allowed(|p, ms| p.timelock_ms = ms)), FROM);
    assert_eq!(
        around(defaults.exposure_day_ms.into(), allowed(|p, ms| p.exposure_short_ms = ms)),
        UP_TO
    );
    assert_eq!(
        around(defaults.exposure_long_ms.into(), allowed(|p, ms| p.exposure_day_ms = ms)),
        UP_TO
    );
    assert_eq!(
        around(400_000, allowed(|p, ppm| p.native_haircut = Ppm(u32::try_from(ppm).unwrap()))),
        UP_TO
    );
    assert_eq!(
        around(550_000, allowed(|p, ppm| p.native_haircut_day = Ppm(u32::try_from(ppm).unwrap()))),
        UP_TO
    );
    assert_eq!(
        around(700_000, allowed(|p, ppm| p.native_haircut_long = Ppm(u32::try_from(ppm).unwrap()))),
        UP_TO
    );
}

#[test]
fn a_genesis_is_refused_for_every_reason() {
    let fault = |change: fn(&mut Genesis)| {
        let mut genesis = genesis(Parameters::default());
        change(&mut genesis);
        State::genesis(&genesis).unwrap_err()
    };
    let unknown = |genesis: &mut Genesis| genesis.balances[0].asset = AssetId(9);
    assert_eq!(fault(unknown), GenesisFault::UnknownAsset(AssetId(9)));
    let zero = |genesis: &mut Genesis| genesis.balances[0].amount = Amount::ZERO;
    assert!(matches!(fault(zero), GenesisFault::BadAmount { .. }));
    let huge = |genesis: &mut Genesis| genesis.balances[0].amount = Amount::new(u128::MAX);
    assert!(matches!(fault(huge), GenesisFault::BadAmount { .. }));
    assert_eq!(fault(|genesis| drop(genesis.assets.pop())), GenesisFault::MissingAsset(STABLE));
    let twice = |genesis: &mut Genesis| genesis.classes.push(genesis.classes[0].clone());
    assert_eq!(fault(twice), GenesisFault::Duplicate { what: "class", number: 0 });
    let twice = |genesis: &mut Genesis| genesis.assets.push(genesis.assets[0].clone());
    assert_eq!(fault(twice), GenesisFault::Duplicate { what: "asset", number: 0 });
    let bad = |genesis: &mut Genesis| genesis.parameters.unbonding_ms = 1;
    assert!(matches!(fault(bad), GenesisFault::Parameters(_)));
}

#[test]
fn a_mismatch_leaves_time_to_take_the_evidence() {
    let window_ms = |agrees: bool| {
        let mut world = World::staked();
        let job = world.assigned();
        let (truth, lie) = (world.truth(job), world.lie(job));
        world.audited_window(job, truth, if agrees { truth } else { lie });
        let opened = world.events.iter().rev().find_map(|event| match event {
            Event::Job(JobEvent::WindowOpened { until, .. }) => Some(*until),
            _ => None,
        });
        let revealed = world.assignment(job).revealed.unwrap();
        opened.unwrap().since_ms(revealed)
    };
    let run_ms = spec().run_ms;
    assert!(run_ms > 0);
    assert_eq!(window_ms(false) - window_ms(true), run_ms);
}

/// Offers for 10,000 dollars, a bond slashed below them: more is refused, as much or less is not.
#[test]
fn an_operator_slashed_below_its_offers_may_offer_less() {
    let mut world = World::staked();
    let offer = |class, units| Action::SetOffer { class, units, ask: amount(DOLLAR) };
    for provider in PROVIDERS {
        world.ok(provider, offer(ClassId::GPU, 19));
        world.ok(provider, offer(ClassId::EDGE, 20));
    }
    let job = world.assigned();
    let (provider, deadline) = (world.provider(job), world.job(job).deadline.unwrap());
    world.block_at(deadline.plus_ms(1));
    let refused = world.send(provider, offer(ClassId::EDGE, 21));
    assert!(matches!(refused, Err(Rejection::BondBelowMinimum { .. })), "{refused:?}");
    for units in [20, 19, 0] {
        world.ok(provider, offer(ClassId::EDGE, units));
    }
}

/// Two places among the validators and four with the bond: a place that is given up goes to the heaviest who waits, with
/// its weight of the day, without its doing anything.
#[test]
fn a_freed_place_among_validators_goes_to_the_heaviest_who_waits() {
    let mut world = World::new(Parameters { validators_max: 2, ..Parameters::default() });
    let people = [VALIDATORS[0], VALIDATORS[1], VALIDATORS[2], STRANGER];
    let duties = |validator| Duties { provider: false, validator };
    let bond = |operator, units| Action::Bond { operator, asset: STABLE, amount: amount(units) };
    for operator in people {
        world.ok(operator, Action::RegisterOperator { duties: duties(true) });
    }
    for (operator, dollars) in people.into_iter().zip([2_000, 2_000, 1_500, 1_400]) {
        world.ok(operator, bond(operator, dollars * DOLLAR));
    }
    let seated = |world: &World| world.state.validators().collect::<Vec<_>>();
    let weigh = |dollars: u128| amount(dollars * DOLLAR);
    assert_eq!(seated(&world).len(), 2);
    world.ok(STRANGER, bond(STRANGER, 200 * DOLLAR));
    assert_eq!(seated(&world), [(people[0], weigh(2_000)), (people[1], weigh(2_000))]);
    world.ok(people[0], Action::SetDuties { duties: duties(false) });
    let mut expected = [(people[1], weigh(2_000)), (STRANGER, weigh(1_600))];
    expected.sort_unstable();
    assert_eq!(seated(&world), expected);
    let back = world.send(people[0], Action::SetDuties { duties: duties(true) });
    assert_eq!(back, Err(Rejection::TooManyValidators { limit: 2 }), "it queues no further");
    world.ok(STRANGER, Action::SetDuties { duties: duties(false) });
    assert!(seated(&world).contains(&(people[2], weigh(1_500))));
}
