//! Access stake: locking, turns, credit, and what it answers for.

use expect_test::expect;
use protocol::*;

use crate::life::spec;
use crate::world::*;

const TOKEN: u128 = 1_000_000_000;

fn lock(units: u128) -> Action {
    Action::LockAccess { amount: amount(units) }
}

fn unlock(units: u128) -> Action {
    Action::UnlockAccess { amount: amount(units) }
}

fn stake(world: &World, account: AccountId) -> u128 {
    world.state.access_stake(account).units()
}

pub(crate) fn comes_and_goes() -> World {
    let mut world = World::staked();
    world.ok(STRANGER, lock(30 * TOKEN));
    world.ok(STRANGER, unlock(20 * TOKEN));
    world.ok(STRANGER, unlock(10 * TOKEN));
    let release = world.state.access_exits(STRANGER).next().unwrap().1.release;
    world.block_at(release);
    assert_eq!(world.state.access_exits(STRANGER).count(), 2, "at the release time it is not free");
    world.block_after(1);
    world
}

#[test]
fn access_stake_returns_after_its_unbonding_time_and_leaves_nothing_behind() {
    let world = comes_and_goes();
    let since = World::staked().events.len();
    let fees = world.events[since..].iter().filter_map(|event| match event {
        Event::Books(BooksEvent::Moved { why: Why::Fee, amount, .. }) => Some(amount.units()),
        _ => None,
    });
    let left = world.state.balance(STRANGER, NATIVE).units();
    assert_eq!(left + fees.sum::<u128>(), PURSE);
    assert_eq!(world.state.total(PlaceKind::Access, NATIVE), Amount::ZERO);
    assert_eq!(world.state.total(PlaceKind::AccessExits, NATIVE), Amount::ZERO);
    let table = |byte: u8| world.state.entries().iter().filter(|(key, _)| key[0] == byte).count();
    // Only epochs and the memory of virtual time remain.
    assert_eq!([50, 51, 52, 55, 56].map(table), [0; 5]);
}

#[test]
fn a_stake_is_nothing_or_at_least_the_minimum() {
    let least = 10 * TOKEN;
    let accepts = |prepare: u128, action: Action| {
        let mut world = World::staked();
        if prepare > 0 {
            world.ok(STRANGER, lock(prepare));
        }
        world.send(STRANGER, action).is_ok()
    };
    assert_eq!([least - 1, least, least + 1].map(|n| accepts(0, lock(n))), [false, true, true]);
    let from = |left: u128| accepts(2 * least, unlock(2 * least - left));
    assert_eq!([least - 1, least, least + 1, 0].map(from), [false, true, true, true]);
    assert!(accepts(least, lock(1)), "more is always welcome");
    assert!(!accepts(2 * least, unlock(2 * least + 1)));
    assert!(!accepts(0, lock(0)));
    let mut world = World::staked_with(Parameters { access_exits_max: 1, ..Parameters::default() });
    world.ok(STRANGER, lock(3 * least));
    world.ok(STRANGER, unlock(least));
    assert_eq!(world.send(STRANGER, unlock(1)), Err(Rejection::TooManyExits { limit: 1 }));
}

/// One unit of one provider, and jobs of the requester, the stranger and the issuer waiting for it.
fn queue(stakers: &[(AccountId, u128)]) -> World {
    let mut world = World::staked();
    PROVIDERS[1..].iter().for_each(|provider| world.offer(*provider, 0, DOLLAR));
    world.offer(PROVIDERS[0], 1, DOLLAR);
    for (account, units) in stakers {
        world.ok(*account, lock(*units));
    }
    world
}

fn submit(world: &mut World, requester: AccountId) -> JobId {
    let nonce = world.state.next_nonce(requester);
    let spec = JobSpec { wait_ms: world.parameters().wait_ms_max, ..spec() };
    world.ok(requester, Action::SubmitJob { spec });
    job_id(world.state.chain().id, requester, nonce)
}

/// Between stakers turns follow stake; every fifth is for the unstaked; order of arrival counts for nothing but theirs.
#[test]
fn turns_follow_stake_and_every_fifth_is_kept_for_the_unstaked() {
    let mut world = queue(&[(STRANGER, 10 * TOKEN), (ISSUER, 30 * TOKEN)]);
    world.checked = false;
    let mut jobs = std::collections::BTreeMap::new();
    for requester in [REQUESTER, STRANGER, ISSUER] {
        (0..12).for_each(|_| _ = submit(&mut world, requester));
        jobs.insert(requester, 0);
    }
    let mut taken = 0;
    // The block that frees the unit gives it away again.
    world.block();
    while taken < 10 {
        let job = world.state.jobs().find(|job| job.status == JobStatus::Assigned).unwrap();
        let (id, requester) = (job.id, job.requester);
        *jobs.get_mut(&requester).unwrap() += 1;
        taken += 1;
        let claim = world.truth(id);
        world.window(id, claim);
        world.lapse(id);
        world.assert_invariants();
    }
    let [requester, stranger, issuer] = [REQUESTER, STRANGER, ISSUER].map(|who| jobs[&who]);
    assert_eq!((requester, stranger, issuer), (2, 2, 6), "a fifth, then one to three");
}

#[test]
fn unlocking_ends_the_priority_at_once() {
    let mut world = queue(&[(STRANGER, 10 * TOKEN)]);
    let (early, late) = (submit(&mut world, REQUESTER), submit(&mut world, STRANGER));
    let mut staked = world.clone();
    staked.block();
    assert_eq!(staked.job(late).status, JobStatus::Assigned);
    world.ok(STRANGER, unlock(10 * TOKEN));
    world.block();
    assert_eq!(world.job(early).status, JobStatus::Assigned);
}

/// A requester with access stake whose input nobody produces: the provider worked for nothing.
pub(crate) fn spam() -> (World, JobId) {
    let mut world = World::staked();
    world.ok(REQUESTER, lock(15 * TOKEN));
    let job = world.assigned();
    let provider = world.provider(job);
    world.ok(provider, Action::DemandData { job, data: DataKind::Input, first_page: 0, pages: 1 });
    let answer_by = world.state.demand(job, provider).unwrap().deadline;
    world.block_at(answer_by.plus_ms(1));
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::InputWithheld));
    (world, job)
}

#[test]
fn spam_costs_access_stake_and_nothing_else() {
    let (world, job) = spam();
    assert_eq!(stake(&world, REQUESTER), 5 * TOKEN);
    let burned = amount(10 * TOKEN);
    let slashed = Event::Access(AccessEvent::AccessSlashed {
        account: REQUESTER,
        fault: Fault::Spam,
        job,
        burned,
    });
    assert!(world.events.contains(&slashed));
    assert_eq!(world.state.asset(NATIVE).unwrap().burned, burned);
    assert_eq!(world.state.balance(REQUESTER, STABLE), amount(PURSE), "the escrow is back");
}

#[test]
fn stake_that_began_to_leave_after_the_assignment_answers_and_before_it_does_not() {
    let left = |before: bool| {
        let mut world = World::staked();
        world.ok(REQUESTER, lock(10 * TOKEN));
        let job = world.submit(spec());
        if before {
            world.ok(REQUESTER, unlock(10 * TOKEN));
        }
        world.block();
        if !before {
            world.ok(REQUESTER, unlock(10 * TOKEN));
        }
        let provider = world.provider(job);
        let data = DataKind::Input;
        world.ok(provider, Action::DemandData { job, data, first_page: 0, pages: 1 });
        let answer_by = world.state.demand(job, provider).unwrap().deadline;
        world.block_at(answer_by.plus_ms(1));
        world.state.access_exits(REQUESTER).next().unwrap().2.units()
    };
    assert_eq!(left(true), 10 * TOKEN);
    assert_eq!(left(false), 0);
}

#[test]
fn a_false_challenge_costs_access_stake_beside_its_bond() {
    let challenged = |units: u128| {
        let mut world = World::staked();
        let job = world.assigned();
        let truth = world.truth(job);
        world.window(job, truth);
        if units > 0 {
            world.ok(STRANGER, lock(units));
        }
        world.challenge(STRANGER, job, Accused::Provider).unwrap();
        assert_eq!(world.state.balance(STRANGER, STABLE), amount(PURSE - 10 * DOLLAR));
        stake(&world, STRANGER)
    };
    assert_eq!([0, 10, 25].map(|tokens| challenged(tokens * TOKEN)), [0, 0, 15 * TOKEN]);
}

#[test]
fn a_program_beyond_the_limits_costs_whoever_chose_it() {
    let mut world = World::staked();
    world.ok(REQUESTER, lock(15 * TOKEN));
    world.ok(STRANGER, Action::RegisterProgram { source: b"hog".to_vec().into() });
    let job = world.assigned_with(JobSpec { program: Toy::program(b"hog"), ..spec() });
    let truth = world.truth(job);
    world.window(job, truth);
    let evidence = b"hog".to_vec().into();
    world.ok(STRANGER, Action::Challenge { job, accused: Accused::Provider, evidence });
    assert_eq!(stake(&world, REQUESTER), 5 * TOKEN);
}

/// A stake of a hundred tokens, two epochs, and a job of ten dollars.
pub(crate) fn credited() -> (World, JobId) {
    let mut world = World::staked();
    world.ok(REQUESTER, lock(100 * TOKEN));
    let epoch_ms = world.parameters().epoch_ms;
    world.block_after(epoch_ms);
    assert_eq!(world.state.access_credit(REQUESTER), amount(100_000), "0.01 % of 1,000 dollars");
    world.block_after(epoch_ms);
    assert_eq!(world.state.access_credit(REQUESTER), amount(150_000), "half of it, and as much");
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    world.lapse(job);
    (world, job)
}

#[test]
fn credit_pays_the_protocols_take_and_is_used_up() {
    let since = World::staked().events.len();
    let (world, job) = credited();
    expect![[r#"
        pot Audit: +500000
        pot Insurance: +100000
        pot Treasury: +250000
        provider 1: +9000000
        requester: -9850000
    "#]]
    .assert_eq(&world.statement(since, STABLE));
    assert_eq!(world.state.access_credit(REQUESTER), Amount::ZERO);
    let settled = world.events.iter().find_map(|event| match event {
        Event::Job(JobEvent::Settled { job: settled, settlement, .. }) if *settled == job => {
            Some(settlement)
        }
        _ => None,
    });
    expect![[r#"
        price 10 USD = provider 9 USD + audit pot 0.5 USD + insurance 0.1 USD + protocol 0.25 USD
        and 0.15 USD that the requester's credit pays, returned to it
        returned to the requester: 10 USD
    "#]]
    .assert_eq(&(explain::settlement(settled.unwrap()).join("\n") + "\n"));
    expect![[r#"
        turns: at least 100000000000 of every 100000000000 metered units that stakers get, which is 80 % of all
        credit: 0 USD of take, less 50 % each epoch, plus 1000 USD x 100000000000 / at least 1000000000000000
    "#]]
    .assert_eq(&(explain::access(&world.state, REQUESTER).join("\n") + "\n"));
}

#[test]
fn credit_never_pays_more_than_the_take() {
    let parameters = Parameters { credit_reference: amount(1), ..Parameters::default() };
    let mut world = World::staked_with(parameters);
    world.ok(REQUESTER, lock(100 * TOKEN));
    world.block_after(world.parameters().epoch_ms);
    let credit = amount(1_000 * DOLLAR);
    assert_eq!(world.state.access_credit(REQUESTER), credit, "alone it has the whole budget");
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    world.lapse(job);
    assert_eq!(world.state.held(Place::Pot(Pot::Treasury), STABLE), Amount::ZERO);
    assert_eq!(world.state.access_credit(REQUESTER), amount(1_000 * DOLLAR - 400_000));
}

/// However long nobody looks, credit is what it would be had somebody looked every epoch, and stays below two grants.
#[test]
fn credit_does_not_depend_on_when_it_is_counted_and_is_never_hoarded() {
    let run = |touch: bool| {
        let mut world = World::staked();
        world.checked = false;
        world.ok(STRANGER, lock(700 * TOKEN));
        let epoch_ms = world.parameters().epoch_ms;
        for _ in 0..300 {
            world.block_after(epoch_ms);
            if touch {
                // What changes the stake counts the credit.
                world.ok(STRANGER, lock(1));
                world.ok(STRANGER, unlock(1));
            }
        }
        world.state.access_credit(STRANGER)
    };
    let grant = 700_000_u128;
    let seldom = run(false);
    assert!(seldom < amount(2 * grant) && seldom > amount(2 * grant - 10), "{seldom}");
    assert_eq!(run(true), seldom);
}

/// Joining just before credit is used earns nothing, nor does a stake that is split earn more.
#[test]
fn class_36_52_credit_is_neither_sniped_nor_split() {
    let mut world = World::staked();
    let epoch_ms = world.parameters().epoch_ms;
    world.block_after(epoch_ms / 2);
    world.ok(STRANGER, lock(100 * TOKEN));
    world.ok(STRANGER, unlock(100 * TOKEN));
    assert_eq!(world.state.access_credit(STRANGER), Amount::ZERO);
    world.block_after(epoch_ms);
    assert_eq!(world.state.access_credit(STRANGER), Amount::ZERO, "leaving stake earns nothing");
    let credit = |parts: &[(AccountId, u128)]| {
        let mut world = World::staked();
        for (account, tokens) in parts {
            world.ok(*account, lock(tokens * TOKEN));
        }
        world.block_after(world.parameters().epoch_ms);
        parts.iter().map(|(account, _)| world.state.access_credit(*account)).sum::<Amount>()
    };
    assert_eq!(credit(&[(STRANGER, 99)]), credit(&[(ISSUER, 33), (REQUESTER, 66)]));
}

/// What epochs without any stake did not give out is gone: the first to come gets one epoch's part, and no more.
#[test]
fn class_41_nothing_accrues_while_nobody_stakes() {
    let credit = |idle: u32| {
        let mut world = World::staked();
        let epoch_ms = world.parameters().epoch_ms;
        (0..idle).for_each(|_| world.block_after(epoch_ms));
        world.ok(STRANGER, lock(100 * TOKEN));
        world.block_after(epoch_ms);
        world.state.access_credit(STRANGER)
    };
    assert_eq!([0, 1, 9].map(credit), [amount(100_000); 3]);
}

/// Burned stake stops weighing and earning at once, whoever counts it when.
#[test]
fn class_43_burned_stake_weighs_and_earns_no_more() {
    let parameters = Parameters { access_min: amount(40 * TOKEN), ..Parameters::default() };
    let parameters = Parameters { access_penalty: amount(40 * TOKEN), ..parameters };
    let mut world = World::staked_with(parameters);
    world.ok(STRANGER, lock(100 * TOKEN));
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    world.challenge(STRANGER, job, Accused::Provider).unwrap();
    assert_eq!(stake(&world, STRANGER), 60 * TOKEN);
    world.block_after(world.parameters().epoch_ms);
    assert_eq!(world.state.access_credit(STRANGER), amount(60_000));
}

/// Spam by many small accounts costs as much as by one large one: the penalty is an amount, the least stake is as much.
#[test]
fn class_52_a_penalty_is_not_cheaper_for_a_part_of_a_stake() {
    let parameters = Parameters::default();
    assert!(parameters.access_penalty <= parameters.access_min);
    let split = Parameters { access_penalty: amount(10 * TOKEN + 1), ..Parameters::default() };
    assert!(split.validate().is_err());
    let hasty = Parameters {
        access_unbonding_ms: parameters.exposure_ms_max() - 1,
        ..Parameters::default()
    };
    assert!(hasty.validate().is_err(), "stake answers for every job it got a turn for");
}
