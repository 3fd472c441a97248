//! The market: who gets which job at what price, and what a provider gains by not saying its cost.

use std::collections::BTreeMap;

use expect_test::expect;
use proptest::prelude::*;
use protocol::*;

use crate::life::spec;
use crate::world::*;

/// Four providers with so many units each, at these asks in cents per 10^9 units.
fn asking(units: u32, cents: [u128; 4]) -> World {
    let mut world = World::staked();
    for (provider, ask) in PROVIDERS.into_iter().zip(cents) {
        world.offer(provider, units, ask * DOLLAR / 100);
    }
    world
}

fn submitted(world: &mut World, count: usize) -> Vec<JobId> {
    let jobs = (0..count).map(|_| world.submit(spec())).collect();
    world.block();
    jobs
}

fn price(world: &World, job: JobId) -> u128 {
    world.assignment(job).quote.price.units()
}

/// How many jobs each provider got.
fn won(world: &World, jobs: &[JobId]) -> BTreeMap<AccountId, usize> {
    let mut won = BTreeMap::new();
    jobs.iter().for_each(|job| *won.entry(world.provider(*job)).or_default() += 1);
    won
}

#[test]
fn the_first_rejected_ask_is_the_price_of_all() {
    for (count, dollars) in [(1, 12), (2, 15), (3, 19)] {
        let mut world = asking(4, [100, 120, 150, 190]);
        let jobs = submitted(&mut world, count);
        assert!(jobs.iter().all(|job| price(&world, *job) == dollars * DOLLAR), "{count} jobs");
        assert!(jobs.iter().all(|job| PROVIDERS[..count].contains(&world.provider(*job))));
        let rejected = Some(amount(dollars * DOLLAR / 10));
        let cleared = Event::Job(JobEvent::ClassCleared {
            class: ClassId::CPU,
            jobs: count as u64,
            rejected,
        });
        assert!(world.events.contains(&cleared));
    }
}

#[test]
fn the_arithmetic_of_a_price_is_told() {
    let mut world = asking(4, [100, 120, 150, 190]);
    let jobs = submitted(&mut world, 1);
    expect![[r#"
        first ask left without a job: 1.2 USD per quality
        the provider's quality is 100 %: 1.2 USD
        price: 1.2 USD x 10000000000 metered units / 10^9, rounded up, at most 20 USD = 12 USD
    "#]]
    .assert_eq(&(explain::job_price(world.job(jobs[0])).join("\n") + "\n"));
    let waiting = world.submit(spec());
    assert_eq!(explain::job_price(world.job(waiting)), Vec::<String>::new());
}

/// The next ask is above what the job offers: it pays all it offers, and never more.
#[test]
fn a_price_ends_at_the_jobs_maximum() {
    for (cents, paid) in [(199, 19_900_000), (200, 20_000_000), (201, 20_000_000)] {
        let mut world = asking(1, [100, cents, cents, cents]);
        let jobs = submitted(&mut world, 1);
        assert_eq!((world.provider(jobs[0]), price(&world, jobs[0])), (PROVIDERS[0], paid));
    }
}

#[test]
fn without_a_rejected_ask_everybody_has_its_own() {
    let mut world = asking(1, [100, 120, 150, 190]);
    let jobs = submitted(&mut world, 4);
    let mut prices: Vec<u128> = jobs.iter().map(|job| price(&world, *job)).collect();
    assert_eq!(
        prices,
        [10, 12, 15, 19].map(|dollars| dollars * DOLLAR),
        "first turns, lowest asks"
    );
    prices.sort_unstable();
    let own = |job: &JobId| world.assignment(*job).pricing == Pricing::Own;
    assert!(jobs.iter().all(own));
    expect![[r#"
        every ask that could take the job got one: the provider's own ask, 1 USD
        price: 1 USD x 10000000000 metered units / 10^9, rounded up, at most 20 USD = 10 USD
    "#]]
    .assert_eq(&(explain::job_price(world.job(jobs[0])).join("\n") + "\n"));
}

/// At most a tenth of a clearing, but at least one job, as long as others are there; nobody waits for the cap.
#[test]
fn no_operator_gets_more_than_its_share_while_others_are_available() {
    let mut world = asking(4, [100, 101, 102, 103]);
    let jobs = submitted(&mut world, 4);
    assert!(won(&world, &jobs).values().all(|won| *won == 1));
    let mut world = asking(4, [100, 101, 102, 103]);
    let jobs = submitted(&mut world, 6);
    let counts = won(&world, &jobs);
    assert_eq!(
        PROVIDERS.map(|provider| counts[&provider]),
        [3, 1, 1, 1],
        "the rest goes on by price"
    );
    let shares = Parameters { operator_share_max: Ppm(500_000), ..Parameters::default() };
    for (count, most) in [(3, 1), (4, 2), (5, 2)] {
        let mut world = World::staked_with(shares.clone());
        world.offer(PROVIDERS[0], 4, DOLLAR / 2);
        let jobs = submitted(&mut world, count);
        assert_eq!(won(&world, &jobs)[&PROVIDERS[0]], most, "half of {count}, rounded down");
    }
}

#[test]
fn equal_asks_are_decided_by_the_beacon() {
    let mut winners = BTreeMap::new();
    for seed in 0..64_u32 {
        let mut world = asking(1, [100; 4]);
        world.checked = false;
        let job = world.submit(spec());
        world.end_block();
        world.begin_block(BLOCK_MS, Hash::of("ties", &seed));
        *winners.entry(world.provider(job)).or_insert(0) += 1;
    }
    assert!(PROVIDERS.iter().all(|provider| winners[provider] >= 6), "{winners:?}");
}

/// One clean epoch is a quality of 100.4761 %: first among equal asks, and paid as much more.
#[test]
fn a_better_record_wins_among_equal_asks_and_is_paid_for_it() {
    let mut world = World::staked();
    let job = world.assigned();
    let (good, truth) = (world.provider(job), world.truth(job));
    world.window(job, truth);
    world.lapse(job);
    assert_eq!(quality(world.state.scores(good)), Ppm(1_004_761));
    let jobs = submitted(&mut world, 1);
    assert_eq!((world.provider(jobs[0]), price(&world, jobs[0])), (good, 10_047_610));
    assert_eq!(effective_ceil(amount(DOLLAR), Ppm(1_004_761)), amount(995_262));
    assert_eq!(rate_floor(amount(DOLLAR), Ppm(1_004_761)), amount(1_004_761));
}

#[test]
fn a_provider_that_cannot_lock_what_the_price_needs_is_paid_its_own_ask() {
    let mut world = asking(1, [100, 200, 200, 200]);
    let operator = PROVIDERS[0];
    // The lock of ten dollars needs 84.71, that of twenty 169.42.
    let keep = 110 * DOLLAR;
    world.ok(operator, Action::Unbond { operator, asset: STABLE, amount: amount(BOND - keep) });
    let jobs = submitted(&mut world, 1);
    assert_eq!((world.provider(jobs[0]), price(&world, jobs[0])), (operator, 10 * DOLLAR));
    assert_eq!(world.assignment(jobs[0]).pricing, Pricing::Own);
}

/// The job of the tests, with at most five dollars, taken by hand after five of its ten minutes.
pub(crate) fn taken_by_hand() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.submit(JobSpec { price_max: amount(5 * DOLLAR), ..spec() });
    world.block();
    world.block_at(world.job(job).submitted.plus_ms(300_000));
    world.ok(PROVIDERS[1], Action::TakeJob { job });
    (world, job)
}

#[test]
fn a_job_that_no_ask_takes_is_offered_at_a_rising_price() {
    let (world, job) = taken_by_hand();
    // A fifth of five dollars, and half of the rest.
    assert_eq!((world.provider(job), price(&world, job)), (PROVIDERS[1], 3 * DOLLAR));
    assert_eq!(world.assignment(job).pricing, Pricing::Offered { waited_ms: 300_000 });
    assert_eq!(world.assignment(job).quote.required, amount(25_411_766), "the same lock as ever");
    expect![[r#"
        taken by hand after 300000 of 600000 ms, when the offer had risen to 3 USD of at most 5 USD
    "#]]
    .assert_eq(&(explain::job_price(world.job(job)).join("\n") + "\n"));
    let again = world.clone().send(PROVIDERS[2], Action::TakeJob { job });
    assert_eq!(
        again,
        Err(Rejection::WrongStage { status: JobStatus::Assigned }),
        "the first has it"
    );
}

#[test]
fn an_offered_job_can_be_taken_up_to_its_last_instant() {
    let taken = [-1_i64, 0, 1].map(|offset| {
        let mut world = World::staked();
        let job = world.submit(JobSpec { price_max: amount(5 * DOLLAR), ..spec() });
        world.block();
        let deadline = world.job(job).deadline.unwrap();
        world.block_at(Time(deadline.0.strict_add_signed(offset)));
        world.send(PROVIDERS[1], Action::TakeJob { job }).ok().map(|_| price(&world, job))
    });
    assert_eq!(taken, [Some(4_999_993), Some(5 * DOLLAR), None]);
}

/// Nobody has to do anything for a job that nobody takes: its escrow returns by itself, in full.
#[test]
fn class_72_an_offered_job_that_nobody_takes_is_refunded() {
    let mut world = World::staked();
    let before = world.state.balance(REQUESTER, STABLE);
    let job = world.submit(JobSpec { price_max: amount(5 * DOLLAR), ..spec() });
    world.block();
    assert!(world.state.is_offered(world.job(job)));
    world.block_at(world.job(job).deadline.unwrap().plus_ms(1));
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::NoProvider));
    assert_eq!(world.state.balance(REQUESTER, STABLE), before);
    assert!(!world.state.is_offered(world.job(job)));
}

#[test]
fn why_nobody_took_it_says_what_it_waits_for() {
    let mut world = World::staked();
    let dear = world.submit(JobSpec { price_max: amount(5 * DOLLAR), ..spec() });
    let waiting = |world: &World, job| explain::unassigned(&world.state, job).unwrap().waiting;
    assert_eq!(waiting(&world, dear), explain::Waiting::Arrival);
    world.block();
    let offered = amount(1_000_666);
    assert_eq!(waiting(&world, dear), explain::Waiting::Offered(offered));
    let event =
        world.events.iter().find(|event| matches!(event, Event::Job(JobEvent::JobOffered { .. })));
    let Some(Event::Job(JobEvent::JobOffered { price, price_max, .. })) = event else {
        panic!("no event")
    };
    assert_eq!((*price, *price_max), (offered, amount(5 * DOLLAR)));
    world.ok(REQUESTER, Action::LockAccess { amount: amount(10_000_000_000) });
    let fair = world.submit(spec());
    assert_eq!(waiting(&world, fair), explain::Waiting::Access);
}

#[test]
fn an_offered_job_goes_to_the_first_standing_ask_that_fits() {
    let mut world = World::staked();
    let job = world.submit(JobSpec { price_max: amount(5 * DOLLAR), ..spec() });
    world.block();
    assert!(world.state.is_offered(world.job(job)));
    world.offer(PROVIDERS[2], 1, DOLLAR / 2);
    world.block();
    assert_eq!((world.provider(job), price(&world, job)), (PROVIDERS[2], 5 * DOLLAR));
}

/// With one turn and one retry per block, jobs that nobody takes hold up neither the others nor one another.
#[test]
fn jobs_that_nobody_takes_starve_nobody() {
    let mut world =
        World::staked_with(Parameters { clearings_per_block: 1, ..Parameters::default() });
    world.checked = false;
    let poor: Vec<JobId> = (0..10)
        .map(|_| world.submit(JobSpec { price_max: amount(5 * DOLLAR), ..spec() }))
        .collect();
    let good = world.submit(spec());
    (0..11).for_each(|_| world.block());
    assert_eq!(world.job(good).status, JobStatus::Assigned);
    assert!(poor.iter().all(|job| world.state.is_offered(world.job(*job))));
    PROVIDERS.into_iter().for_each(|provider| world.offer(provider, 4, DOLLAR / 2));
    (0..12).for_each(|_| world.block());
    assert!(poor.iter().all(|job| world.job(*job).status == JobStatus::Assigned));
    world.assert_invariants();
}

/// As many offered jobs as a block tries again: every block tries all of them.
#[test]
fn a_block_never_looks_at_nothing_while_jobs_are_offered() {
    for blocks in 0..4 {
        let mut world =
            World::staked_with(Parameters { clearings_per_block: 2, ..Parameters::default() });
        let jobs: Vec<JobId> = (0..2)
            .map(|_| world.submit(JobSpec { price_max: amount(5 * DOLLAR), ..spec() }))
            .collect();
        (0..=blocks).for_each(|_| world.block());
        assert!(jobs.iter().all(|job| world.state.is_offered(world.job(*job))));
        world.offer(PROVIDERS[2], 2, DOLLAR / 2);
        world.block();
        let taken = jobs.iter().filter(|job| world.job(**job).status == JobStatus::Assigned);
        assert_eq!(taken.count(), 2, "after {blocks} blocks");
    }
}

/// Four providers in the edge class of which only the dearest, at a dollar, can lock anything.
fn only_the_dearest_can_lock(parameters: Parameters) -> World {
    let mut world = World::new(parameters);
    world.ok(REQUESTER, Action::RegisterProgram { source: b"good".to_vec().into() });
    let duties = Duties { provider: true, validator: false };
    for (operator, bond, ask) in [
        (PROVIDERS[0], 5 * DOLLAR, 1),
        (PROVIDERS[1], 5 * DOLLAR, 2),
        (PROVIDERS[2], 5 * DOLLAR, 3),
        (PROVIDERS[3], BOND, DOLLAR),
    ] {
        world.ok(operator, Action::RegisterOperator { duties });
        world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(bond) });
        world.ok(operator, Action::SetOffer { class: ClassId::EDGE, units: 1, ask: amount(ask) });
    }
    world
}

/// Three jobs and three windows of asks take turns in step; the one that somebody could take meets the one who could.
#[test]
fn jobs_and_asks_that_take_turns_in_step_still_meet() {
    for at in 0..3 {
        let mut world = only_the_dearest_can_lock(Parameters {
            candidates_max: 2,
            clearings_per_block: 1,
            ..Parameters::default()
        });
        world.checked = false;
        let harm = amount(DOLLAR);
        let jobs: Vec<JobId> = (0..3)
            .map(|place| {
                let price_max = if place == at { spec().price_max } else { amount(5 * DOLLAR) };
                world.submit(JobSpec { class: ClassId::EDGE, harm, price_max, ..spec() })
            })
            .collect();
        (0..16).for_each(|_| world.block());
        assert_eq!(world.job(jobs[at]).status, JobStatus::Assigned, "job {at} of three");
        assert_eq!(world.provider(jobs[at]), PROVIDERS[3]);
        world.assert_invariants();
    }
}

/// Two cheap asks that can lock nothing do not hide the third for ever when only two are looked at.
#[test]
fn asks_that_can_take_nothing_hide_nobody() {
    let parameters = Parameters { candidates_max: 2, ..Parameters::default() };
    let mut world = only_the_dearest_can_lock(parameters);
    let harm = amount(DOLLAR);
    let job = world.submit(JobSpec { class: ClassId::EDGE, harm, ..spec() });
    (0..4).for_each(|_| world.block());
    assert_eq!(world.provider(job), PROVIDERS[3]);
}

/// Two providers of one owner, a job of that owner first in line: mismatched asks hold up nobody and set no price.
#[test]
fn an_ask_that_could_not_have_taken_a_job_does_not_price_it() {
    let mut world = asking(1, [100, 120, 150, 190]);
    let operator = PROVIDERS[1];
    world.ok(operator, Action::NominateOwner { operator, owner: REQUESTER });
    world.ok(REQUESTER, Action::AcceptOwnership { operator });
    let jobs = submitted(&mut world, 1);
    assert_eq!((world.provider(jobs[0]), price(&world, jobs[0])), (PROVIDERS[0], 15 * DOLLAR));
}

/// An ask above the maximum makes the job pay it, if it has the bond for such a job; else everybody has its own ask.
#[test]
fn a_dear_ask_with_nothing_behind_it_raises_no_price() {
    let paid = |bond: u128| {
        let mut world = asking(1, [100, 120, 150, 9_000]);
        let operator = PROVIDERS[3];
        let rest = amount(BOND - bond);
        world.ok(operator, Action::Unbond { operator, asset: STABLE, amount: rest });
        let jobs = submitted(&mut world, 3);
        jobs.iter().map(|job| price(&world, *job)).max().unwrap()
    };
    // The lock of twenty dollars, the maximum.
    let lock = 169_411_766;
    assert_eq!([lock - 1, lock].map(paid), [15 * DOLLAR, 20 * DOLLAR]);
}

const CROWD: usize = 8;

fn member(index: usize) -> AccountId {
    AccountId([100 + u8::try_from(index).expect("a small crowd"); 32])
}

/// Eight providers with one unit each, and jobs of these sizes in 10^6 units, cleared with this beacon.
fn cleared(asks: &[u128; CROWD], sizes: &[u64], beacon: u32) -> (World, Vec<JobId>) {
    let mut world = World::staked();
    world.checked = false;
    PROVIDERS.into_iter().for_each(|provider| world.offer(provider, 0, 1));
    let duties = Duties { provider: true, validator: false };
    for (index, ask) in asks.iter().enumerate() {
        let operator = member(index);
        for asset in [NATIVE, STABLE] {
            let units = amount(PURSE / 100);
            world.ok(ISSUER, Action::Transfer { to: operator, asset, amount: units });
        }
        world.ok(operator, Action::RegisterOperator { duties });
        let bond = amount(1_000 * DOLLAR);
        world.ok(operator, Action::Bond { operator, asset: STABLE, amount: bond });
        world.offer(operator, 1, *ask);
    }
    let price_max = amount(100 * DOLLAR);
    let job = |size: &u64| JobSpec { meter_max: size * 1_000_000, price_max, ..spec() };
    let jobs = sizes.iter().map(|size| world.submit(job(size))).collect();
    world.end_block();
    world.begin_block(BLOCK_MS, Hash::of("truthful", &beacon));
    (world, jobs)
}

/// What a provider of this cost per 10^9 units gains in a clearing, in micro-dollars.
fn gain(world: &World, jobs: &[JobId], provider: AccountId, cost: u128) -> i128 {
    let mine = jobs.iter().filter(|job| world.provider(**job) == provider);
    let gains = mine.map(|job| {
        let spec = &world.job(*job).spec;
        let worth = amount(cost).scaled_ceil(spec.meter_max.into(), 1_000_000_000);
        i128::try_from(price(world, *job)).unwrap() - i128::try_from(worth.units()).unwrap()
    });
    gains.sum()
}

/// A requester may declare any harm. Where audits are rare the lock it asks for is past all numbers, and nobody's to have:
/// adding it to what a provider owes already once stopped the rules.
#[test]
fn harm_beyond_all_money_waits_and_stops_nothing() {
    let (rate, saving) = (Ppm(1), Ppm(0));
    let (audit_rate_floor, audit_rate_new, detection) = (rate, rate, rate);
    let rare =
        Parameters { audit_rate_floor, audit_rate_new, detection, saving, ..Parameters::default() };
    let mut world = World::staked_with(rare);
    let busy = world.assigned_with(JobSpec { insured: amount(10 * DOLLAR), ..spec() });
    let job = world.submit(JobSpec { harm: Amount::SUPPLY_MAX, ..spec() });
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open);
    assert_eq!(world.job(busy).status, JobStatus::Assigned);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// With one unit each and somebody left without a job, asking anything but the cost never gains, whatever the sizes
    /// of the jobs and whatever the others ask.
    #[test]
    fn asking_the_cost_is_a_dominant_strategy(
        costs in prop::array::uniform8(1_000_000..3_000_000_u128),
        sizes in prop::collection::vec(1_000..5_000_u64, 1..CROWD),
        lie in prop_oneof![1_000_000..3_000_000_u128, Just(1), Just(20_000_000)],
        who in 0..CROWD,
        beacon: u32,
    ) {
        let (honest, jobs) = cleared(&costs, &sizes, beacon);
        let truthful = gain(&honest, &jobs, member(who), costs[who]);
        prop_assert!(truthful >= 0, "individual rationality");
        let mut asks = costs;
        asks[who] = lie;
        let (lied, jobs) = cleared(&asks, &sizes, beacon);
        let deviated = gain(&lied, &jobs, member(who), costs[who]);
        prop_assert!(deviated <= truthful, "asking {lie} for {} gains {deviated}, not {truthful}", costs[who]);
    }

    /// One price for all of a clearing, not below any winner's ask, and no job beyond its maximum.
    #[test]
    fn one_clearing_has_one_price(
        asks in prop::array::uniform8(1_000_000..3_000_000_u128),
        sizes in prop::collection::vec(1_000..5_000_u64, 1..CROWD),
        beacon: u32,
    ) {
        let (world, jobs) = cleared(&asks, &sizes, beacon);
        let mut sorted = asks;
        sorted.sort_unstable();
        let next = amount(sorted[jobs.len()]);
        for job in jobs {
            let assignment = world.assignment(job);
            prop_assert!(assignment.ask <= next);
            prop_assert_eq!(assignment.pricing, Pricing::Uniform { rejected: next, quality: Ppm::WHOLE });
        }
        world.assert_invariants();
    }
}
