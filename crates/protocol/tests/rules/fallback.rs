//! Fallbacks: who runs a job whose provider missed its deadline, for how much, and why nobody gains by it.

use std::collections::BTreeSet;

use expect_test::expect;
use proptest::prelude::*;
use protocol::*;

use crate::life::spec;
use crate::rewards::{TOKEN, generous, rewarded};
use crate::world::*;

/// Four providers at these asks in cents per 10^9 units, and a job under way.
fn under_way(cents: [u128; 4]) -> (World, JobId) {
    let mut world = World::staked();
    for (provider, ask) in PROVIDERS.into_iter().zip(cents) {
        world.offer(provider, 4, ask * DOLLAR / 100);
    }
    world.block();
    let job = world.assigned();
    (world, job)
}

fn complete(world: &mut World, job: JobId) {
    world.block();
    let truth = world.truth(job);
    world.window(job, truth);
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
}

fn is_fallback(world: &World, job: JobId) -> bool {
    let assignment = world.job(job).assignment.as_ref();
    assignment.is_some_and(|one| matches!(one.pricing, Pricing::Fallback { .. }))
}

/// The example of the chapter: of the 22.176471 that the first provider loses, thirty cents wait for the second.
pub(crate) fn paid() -> World {
    let (mut world, job) = under_way([100; 4]);
    world.lapse(job);
    complete(&mut world, job);
    world
}

/// A fallback misses too, and so does the next: each premium goes to insurance.
pub(crate) fn forfeited() -> World {
    let (mut world, job) = under_way([100; 4]);
    (0..3).for_each(|_| world.lapse(job));
    world
}

#[test]
fn a_fallback_earns_the_price_and_a_premium_out_of_the_lock_of_who_missed() {
    let (mut world, job) = under_way([100, 100, 150, 190]);
    let missed = world.provider(job);
    let since = world.events.len();
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Assigned);
    assert_eq!((world.job(job).attempts, &world.job(job).failed), (2, &vec![missed]));
    expect![[r#"
        burned: +16332354
        pot Insurance: +5544117
        premium: +300000
        provider 0 bond: +62529412
        provider 0 lock: -84705883
        provider 1 bond: -84705883
        provider 1 lock: +84705883
    "#]]
    .assert_eq(&world.statement(since, STABLE));
    let asked = "drawn by the block's beacon among the 1 asks up to it that could take the job";
    let lines = explain::job_price(world.job(job));
    assert!(lines[0].ends_with("which missed its deadline, 10 USD"), "{lines:?}");
    assert_eq!(lines[1..], [asked, "on top, once its result stands: 0.3 USD out of that lock"]);
    let since = world.events.len();
    complete(&mut world, job);
    expect![[r#"
        escrow: -20000000
        pot Audit: +500000
        pot Insurance: +100000
        pot Treasury: +400000
        premium: -300000
        provider 1: +9300000
        provider 1 bond: +84705883
        provider 1 lock: -84705883
        requester: +10000000
    "#]]
    .assert_eq(&world.statement(since, STABLE));
}

/// Another job has waited for longer: it would have the only unit, were there no fallbacks.
#[test]
fn a_late_job_goes_before_anybodys_turn() {
    for (fallbacks, late) in [(0, false), (1, true)] {
        let parameters = Parameters { fallbacks_per_block: fallbacks, ..Parameters::default() };
        let mut world = World::staked_with(parameters);
        PROVIDERS.into_iter().skip(1).for_each(|provider| world.offer(provider, 0, DOLLAR));
        world.offer(PROVIDERS[0], 1, DOLLAR);
        world.block();
        let (job, waiting) = (world.assigned(), world.submit(spec()));
        world.block();
        world.offer(PROVIDERS[0], 0, DOLLAR);
        world.offer(PROVIDERS[1], 1, DOLLAR);
        world.lapse(job);
        let statuses = [job, waiting].map(|job| world.job(job).status == JobStatus::Assigned);
        assert_eq!(statuses, [late, !late]);
        assert_eq!(is_fallback(&world, job), late);
        let kept = world.state.held(Place::Premium(job), STABLE);
        assert_eq!(kept, amount(if late { 3 * DOLLAR / 10 } else { 0 }));
    }
}

#[test]
fn nobody_knows_before_the_block_who_it_will_be() {
    let (mut world, job) = under_way([100; 4]);
    let missed = world.provider(job);
    let deadline = world.job(job).deadline.unwrap();
    world.end_block();
    let drawn: BTreeSet<AccountId> = (0_u32..60)
        .map(|seed| {
            let mut trial = world.clone();
            trial.checked = false;
            let wait = deadline.since_ms(trial.now) + 1;
            trial.begin_block(wait, Hash::of("test draw", &seed));
            assert!(is_fallback(&trial, job));
            trial.provider(job)
        })
        .collect();
    let others: BTreeSet<AccountId> = PROVIDERS.into_iter().filter(|one| *one != missed).collect();
    assert_eq!(drawn, others, "everybody but the one that missed");
}

/// A dollar and twenty cents is the first rejected ask, so the price; whoever asked it may be drawn, dearer asks may not.
#[test]
fn an_ask_above_the_price_is_not_drawn() {
    let (mut world, job) = under_way([100, 120, 150, 190]);
    world.lapse(job);
    assert_eq!(world.provider(job), PROVIDERS[1]);
    assert_eq!(world.assignment(job).quote.price, amount(12 * DOLLAR));
    let (mut world, job) = under_way([100, 120, 150, 190]);
    world.offer(PROVIDERS[1], 4, 1_200_001);
    let insured = world.state.held(Place::Pot(Pot::Insurance), STABLE);
    world.lapse(job);
    let price = Pricing::Uniform { rejected: amount(1_500_000), quality: Ppm(1_000_000) };
    assert_eq!((world.provider(job), world.assignment(job).pricing), (PROVIDERS[1], price));
    let slashed = world.events.iter().find_map(|event| match event {
        Event::Penalty(PenaltyEvent::Slashed { split, .. }) => Some(**split),
        _ => None,
    });
    let split = slashed.unwrap();
    let pot = world.state.held(Place::Pot(Pot::Insurance), STABLE);
    assert_eq!(pot.minus(insured), split.insurance.plus(split.premium), "nobody earned it");
}

#[test]
fn who_belongs_with_the_provider_that_missed_is_not_drawn() {
    let mut world = World::staked();
    for operator in PROVIDERS {
        world.ok(operator, Action::NominateOwner { operator, owner: STRANGER });
        world.ok(STRANGER, Action::AcceptOwnership { operator });
    }
    let job = world.assigned();
    world.lapse(job);
    assert_eq!(world.job(job).attempts, 2, "it has turns as ever");
    assert!(!is_fallback(&world, job));
}

#[test]
fn a_fallback_that_misses_is_at_fault_like_the_first() {
    let (mut world, job) = under_way([100; 4]);
    let insurance = |world: &World| world.state.held(Place::Pot(Pot::Insurance), STABLE).units();
    world.lapse(job);
    let before = insurance(&world);
    world.lapse(job);
    assert!(is_fallback(&world, job));
    assert_eq!(insurance(&world) - before, 5_544_117 + 300_000, "the first premium was not earned");
    assert_eq!(world.state.held(Place::Premium(job), STABLE), amount(300_000), "the second waits");
    let refunded = world.state.balance(REQUESTER, STABLE).plus(amount(20 * DOLLAR));
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::AttemptsExhausted));
    assert_eq!(world.state.held(Place::Premium(job), STABLE), Amount::ZERO);
    assert_eq!(world.state.balance(REQUESTER, STABLE), refunded);
}

#[test]
fn a_convicted_fallback_has_no_premium() {
    let (mut world, job) = under_way([100; 4]);
    world.lapse(job);
    let (liar, lie) = (world.provider(job), world.lie(job));
    world.block();
    world.window(job, lie);
    world.challenge(STRANGER, job, Accused::Provider).unwrap();
    assert_eq!(world.state.held(Place::Premium(job), STABLE), Amount::ZERO);
    let paid = |event: &Event| {
        matches!(event, Event::Books(BooksEvent::Moved { why: Why::FallbackPremium, .. }))
    };
    assert!(!world.events.iter().any(paid));
    assert_eq!(world.job(job).failed.last(), Some(&liar));
    world.block();
    assert!(!is_fallback(&world, job), "after a conviction a job has turns as ever");
}

#[test]
fn a_block_draws_so_many_and_no_more() {
    for most in 0..=3 {
        let parameters = Parameters { fallbacks_per_block: most, ..Parameters::default() };
        let mut world = World::staked_with(parameters);
        let jobs = [0, 1].map(|_| world.submit(spec()));
        world.block();
        world.lapse(jobs[0]);
        let drawn = jobs.iter().filter(|job| is_fallback(&world, **job)).count();
        assert_eq!(drawn, usize::try_from(most).unwrap().min(2));
    }
}

/// Of the 6 % that a requester loses, friends that audit a fifth of all results with 15 % of the weight have 2.88 % back.
#[test]
fn a_premium_above_what_friends_cost_is_refused() {
    let with = |premium| Parameters { fallback_premium: Ppm(premium), ..Parameters::default() };
    assert!(with(31_200).validate().is_ok());
    let faults = with(31_201).validate().unwrap_err();
    let text = faults.iter().map(ToString::to_string).collect::<String>();
    assert!(text.contains("(1 - detection) is 60001; it must not pass audit_share"), "{text}");
    let frequent = Parameters { audit_rate_new: Ppm(1_000_000), ..with(0) };
    assert!(frequent.validate().is_err(), "each result audited, for 96 % of its price");
}

/// What accounts have in all: balances, bonds, locks.
fn wealth(world: &World, job: JobId, accounts: &[AccountId]) -> u128 {
    let places =
        |account| [Place::Account(account), Place::Bond(account), Place::Lock(account, job)];
    let held = |account| places(account).map(|place| world.state.held(place, STABLE).units());
    accounts.iter().flat_map(|account| held(*account)).sum()
}

/// The first provider misses on purpose, or its requester sees to it that it does: whoever is drawn, no two and no three of
/// them have more than before.
#[test]
fn no_coalition_of_requester_provider_and_fallback_gains() {
    let (mut world, job) = under_way([100; 4]);
    let first = world.provider(job);
    world.lapse(job);
    let second = world.provider(job);
    complete(&mut world, job);
    let (start, _) = under_way([100; 4]);
    let gain = |accounts: &[AccountId]| {
        let paid_in = if accounts.contains(&REQUESTER) { 20 * DOLLAR } else { 0 };
        let [before, after] = [&start, &world].map(|world| wealth(world, job, accounts));
        let signed = |units| i128::try_from(units).unwrap();
        signed(after) - signed(before + paid_in)
    };
    assert_eq!(gain(&[REQUESTER, second]), -700_000, "a trap costs its friends seventy cents");
    assert_eq!(gain(&[first, second]), 9_300_000 - 22_176_471, "and lost work that one could do");
    assert_eq!(gain(&[REQUESTER, first, second]), -700_000 - 22_176_471);
}

/// What a requester and its friends gain, in dollars' base units, if one of them does the job in place of a provider that missed
/// its deadline, rebate included: with or without credit for the whole take, and with another of them as its auditor or
/// without an audit. And how often a result like theirs is audited.
fn friends_gain(credit: bool, audited: bool) -> (i128, Ppm) {
    let mut world = World::validating(Parameters {
        emission_start: amount(1_000_000 * TOKEN),
        rebate_bond: Ppm(1_000_000),
        epoch_ms: 7_200_000,
        ..generous()
    });
    world.checked = false;
    if credit {
        world.ok(REQUESTER, Action::LockAccess { amount: amount(PURSE / 2) });
    }
    PROVIDERS.into_iter().for_each(|provider| world.offer(provider, 4, DOLLAR));
    world.epochs_later(1);
    let start = world.clone();
    let job = world.assigned();
    world.lapse(job);
    world.block();
    let (friend, rate, truth) =
        (world.provider(job), world.assignment(job).quote.audit_rate, world.truth(job));
    let mut friends = vec![REQUESTER, friend];
    if audited {
        world.audited_window(job, truth, truth);
        friends.push(world.auditor(job));
    } else {
        world.window(job, truth);
    }
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    world.epochs_later(3);
    let signed = |units| i128::try_from(units).unwrap();
    let [before, after] = [&start, &world].map(|world| signed(wealth(world, job, &friends)));
    let price = world.state.highest_known_price();
    let rebate = amount(rewarded(&world) - rewarded(&start)).scaled_ceil(price.units(), TOKEN);
    (after - before + signed(rebate.units()), rate)
}

/// What `detection` leaves of all weight may be friends', and as many audits are theirs.
#[test]
fn a_requester_with_friends_in_every_place_loses() {
    for credit in [false, true] {
        let (unaudited, rate) = friends_gain(credit, false);
        let (audited, _) = friends_gain(credit, true);
        assert!(audited > 0, "where a friend is the auditor they gain: {audited}");
        let whole = 1_000_000_i128;
        let friends = Parameters::default().detection.complement();
        let often = i128::from(rate.0) * i128::from(friends.0);
        let expected = often * audited + (whole * whole - often) * unaudited;
        assert!(rate == Ppm(200_000) && expected < 0, "{unaudited}, {audited}: {expected}");
    }
}

proptest! {
    /// What a provider loses by missing is more than any friend can have of it, by the part that burns at least.
    #[test]
    fn missing_a_deadline_for_a_friend_loses(
        price in 1_000..1_u128 << 64, harm in 0..1_u128 << 64, rate in 20_000..=1_000_000_u32,
    ) {
        let parameters = Parameters::default();
        let wanted = JobSpec { harm: amount(harm), ..spec() };
        let quote = lock_quote(&parameters, &wanted, amount(price), Ppm(rate), parameters.native_price);
        let owed = quote.required.portion_ceil(parameters.missed_lock_share)
            .plus(quote.price.portion_ceil(parameters.missed_price_share))
            .min(quote.required);
        let premium = quote.price.portion_floor(parameters.fallback_premium);
        let split = split(&parameters, STABLE, owed, false, premium);
        prop_assert_eq!(split.victim, premium, "a lock always reaches for the premium");
        prop_assert!(split.burned >= owed.portion_ceil(parameters.burn_min));
        let loss = owed.minus(premium);
        prop_assert!(loss > premium, "a bribe that makes up for it is more than a fallback earns on top");
    }

    /// A requester that pays a friend loses more on the price than the premium and its friends' audits bring, even if all of
    /// the protocol's take comes back to it as credit: no deadline is worth making too short.
    #[test]
    fn a_trap_for_the_sake_of_a_premium_loses(
        price in 1_000..1_u128 << 64,
        audit in 0..=1_000_000_u32,
        insurance in 0..=1_000_000_u32,
        part in 0..=1_000_000_u32,
        rate in 20_000..=1_000_000_u32,
        fee in 0..=2_000_000_u32,
        detection in 1..=1_000_000_u32,
    ) {
        let insurance = insurance.min(1_000_000 - audit);
        let provider = 1_000_000 - audit - insurance;
        let whole = 1_000_000_u128;
        let often = u128::from(rate) * (whole - u128::from(detection));
        let fees = (often * u128::from(fee)).div_ceil(whole * whole);
        let left = u128::from(audit + insurance).checked_sub(fees);
        prop_assume!(left.is_some());
        let premium = u32::try_from(left.unwrap() * u128::from(part) / whole).unwrap();
        let parameters = Parameters {
            provider_share: Ppm(provider),
            audit_share: Ppm(audit),
            insurance_share: Ppm(insurance),
            fallback_premium: Ppm(premium),
            audit_rate_new: Ppm(rate),
            audit_fee: Ppm(fee),
            detection: Ppm(detection),
            ..Parameters::default()
        };
        prop_assert!(parameters.validate().is_ok());
        let settled = settlement(&parameters, amount(price), amount(price));
        let premium = amount(price).portion_floor(parameters.fallback_premium);
        let fees = audit_fee(&parameters, amount(price), Amount::SUPPLY_MAX);
        let fees = fees.scaled_floor(often, whole * whole);
        let back = settled.provider.plus(settled.take).plus(premium).plus(fees);
        prop_assert!(back <= amount(price + 1), "{back} of {price}: at most what rounding leaves");
    }
}
