//! A whole life per villain, with exact balances told by the events alone.

use expect_test::{Expect, expect};
use protocol::*;

use crate::life::spec;
use crate::world::*;

/// One honest end of a job under way at `job`: the next provider does it right.
fn complete(world: &mut World, job: JobId) {
    world.block();
    let truth = world.truth(job);
    world.window(job, truth);
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
}

fn check(world: &World, since: usize, statement: Expect) {
    statement.assert_eq(&world.statement(since, STABLE));
}

pub(crate) fn honest() -> World {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.audited_window(job, truth, truth);
    world.lapse(job);
    world
}

/// Provider 10 dollars x 90 %, audit pot 5 % less the auditor's fee of 9.6 dollars, insurance 1 %, protocol 4 %.
#[test]
fn an_honest_job_pays_everybody() {
    let since = World::staked().events.len();
    let world = honest();
    check(
        &world,
        since,
        expect![[r#"
            pot Audit: -9100000
            pot Insurance: +100000
            pot Treasury: +400000
            provider 1: +9000000
            requester: -10000000
            validator 1: +9600000
        "#]],
    );
}

pub(crate) fn wrong_step() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.assigned_with(JobSpec { insured: amount(50 * DOLLAR), ..spec() });
    let (lie, truth) = (world.lie(job), world.truth(job));
    world.audited_window(job, lie, truth);
    world.challenge(world.auditor(job), job, Accused::Provider).unwrap();
    (world, job)
}

/// Lock for the insured value: 50 x 1.2 / 0.55 = 109.090910. Bounty a quarter, the insured value whole, a fifth burned,
/// the rest to insurance. The auditor has its fee and the bounty; the escrow is whole.
#[test]
fn a_wrong_step_is_convicted_and_the_job_completed_by_another() {
    let since = World::staked().events.len();
    let (mut world, job) = wrong_step();
    let liar = world.job(job).failed[0];
    assert!(matches!(world.state.operator(liar).unwrap().status, OperatorStatus::Jailed(_)));
    assert_eq!(world.job(job).status, JobStatus::Open);
    check(
        &world,
        since,
        expect![[r#"
            burned: +21818182
            escrow: +20000000
            pot Audit: -9600000
            pot Insurance: +10000001
            provider 1 bond: -109090910
            requester: +30000000
            validator 1: +36872727
        "#]],
    );
    complete(&mut world, job);
    assert_ne!(world.provider(job), liar);
    check(
        &world,
        since,
        expect![[r#"
            burned: +21818182
            pot Audit: -9100000
            pot Insurance: +10100001
            pot Treasury: +400000
            provider 1 bond: -109090910
            provider 2: +9000000
            requester: +40000000
            validator 1: +36872727
        "#]],
    );
}

pub(crate) fn silent() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.assigned();
    world.lapse(job);
    (world, job)
}

/// A quarter of the lock of 84.705883, rounded up, and a dollar: 22.176471.
#[test]
fn a_silent_provider_loses_part_of_its_lock() {
    let since = World::staked().events.len();
    let (mut world, job) = silent();
    let provider = world.job(job).failed[0];
    assert_eq!(world.state.operator(provider).unwrap().status, OperatorStatus::Active);
    check(
        &world,
        since,
        expect![[r#"
            burned: +16332354
            escrow: +20000000
            pot Insurance: +5544117
            premium: +300000
            provider 1 bond: -22176471
            provider 3 bond: -84705883
            provider 3 lock: +84705883
            requester: -20000000
        "#]],
    );
    complete(&mut world, job);
}

pub(crate) fn withheld_data() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.assigned();
    let lie = world.lie(job);
    world.window(job, lie);
    world.demand_trace(STRANGER, job);
    let answer_by = world.state.demand(job, STRANGER).unwrap().deadline;
    world.block_at(answer_by.plus_ms(1));
    (world, job)
}

#[test]
fn withheld_data_is_punished_as_a_wrong_result() {
    let since = World::staked().events.len();
    let (mut world, job) = withheld_data();
    assert_eq!(world.job(job).failed.len(), 1);
    check(
        &world,
        since,
        expect![[r#"
            burned: +42352943
            escrow: +20000000
            pot Insurance: +21176470
            provider 1 bond: -84705883
            provider 2 bond: -84705883
            provider 2 lock: +84705883
            requester: -20000000
            stranger: +21176470
        "#]],
    );
    complete(&mut world, job);
}

/// An auditor that answers at random and cannot prove what it says.
pub(crate) fn lazy_auditor() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.assigned();
    let (truth, guess) = (world.truth(job), world.lie(job));
    world.audited_window(job, truth, guess);
    world.lapse(job);
    (world, job)
}

/// Its whole lock of 32 times the price, and no fee; the provider is paid.
#[test]
fn a_lazy_auditor_loses_its_lock() {
    let since = World::staked().events.len();
    let (world, job) = lazy_auditor();
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    check(
        &world,
        since,
        expect![[r#"
            burned: +240000000
            pot Audit: +500000
            pot Insurance: +80100000
            pot Treasury: +400000
            provider 1: +9000000
            requester: -10000000
            validator 1 bond: -320000000
        "#]],
    );
}

pub(crate) fn false_challenger() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    world.challenge(VALIDATORS[0], job, Accused::Provider).unwrap();
    (world, job)
}

#[test]
fn a_false_challenger_pays_the_accused_and_the_job_goes_on() {
    let since = World::staked().events.len();
    let (mut world, job) = false_challenger();
    assert!(matches!(
        world.state.operator(VALIDATORS[0]).unwrap().status,
        OperatorStatus::Jailed(_)
    ));
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    check(
        &world,
        since,
        expect![[r#"
            pot Audit: +500000
            pot Insurance: +100000
            pot Treasury: +400000
            provider 1: +19000000
            requester: -10000000
            validator 0: -10000000
        "#]],
    );
}

pub(crate) fn unrevealed() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.commit(job, truth);
    world.draw(job, true);
    world.commit_audit(job, truth);
    world.lapse(job);
    (world, job)
}

/// Committing garbage in time and going silent once drawn must not be cheaper than being caught.
#[test]
fn a_committed_result_that_is_not_revealed_costs_the_whole_lock_and_pays_the_auditor() {
    let since = World::staked().events.len();
    let (world, _) = unrevealed();
    check(
        &world,
        since,
        expect![[r#"
            burned: +63529413
            escrow: +20000000
            pot Audit: -9600000
            pot Insurance: +21176470
            provider 1 bond: -84705883
            provider 2 bond: -84705883
            provider 2 lock: +84705883
            requester: -20000000
            validator 1: +9600000
        "#]],
    );
}

/// Three convictions in a month: the second adds the correlated part, the third ends the career.
pub(crate) fn repeat_offender() -> World {
    let mut world = World::staked();
    for provider in &PROVIDERS[1..] {
        world.offer(*provider, 0, DOLLAR);
    }
    for _ in 0..3 {
        let job = world.assigned();
        let lie = world.lie(job);
        world.window(job, lie);
        world.challenge(STRANGER, job, Accused::Provider).unwrap();
        let jail_ms = world.parameters().jail_ms;
        world.block_after(jail_ms + 1);
        let _ = world.send(PROVIDERS[0], Action::Unjail);
    }
    world
}

#[test]
fn repeated_convictions_correlate_and_then_tombstone() {
    let world = repeat_offender();
    assert_eq!(world.state.operator(PROVIDERS[0]).unwrap().status, OperatorStatus::Tombstoned);
    let rates: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Penalty(PenaltyEvent::Correlated { offending, total, rate, .. }) => {
                Some((*offending, *total, *rate))
            }
            _ => None,
        })
        .collect();
    expect![[r#"
        [
            (
                10000000000,
                69915294117,
                Ppm(
                    224913,
                ),
            ),
            (
                10000000000,
                67619561142,
                Ppm(
                    236991,
                ),
            ),
        ]
    "#]]
    .assert_eq(&format!("{rates:#?}\n"));
    let mut world = world;
    assert_eq!(world.send(PROVIDERS[0], Action::Unjail), Err(Rejection::IsTombstoned));
}

/// The auditor agreed with a lie that a stranger proves: both lose their locks.
pub(crate) fn conspiracy() -> World {
    let mut world = World::staked();
    let job = world.assigned();
    let lie = world.lie(job);
    world.audited_window(job, lie, lie);
    world.challenge(STRANGER, job, Accused::Provider).unwrap();
    world
}

#[test]
fn an_auditor_that_agreed_with_a_lie_falls_with_the_liar() {
    let since = World::staked().events.len();
    check(
        &conspiracy(),
        since,
        expect![[r#"
            burned: +282352943
            escrow: +20000000
            pot Insurance: +101176470
            provider 1 bond: -84705883
            requester: -20000000
            stranger: +21176470
            validator 1 bond: -320000000
        "#]],
    );
}

/// The provider proves its auditor wrong within the window.
pub(crate) fn refuted_auditor() -> World {
    let mut world = World::staked();
    let job = world.assigned();
    let (truth, guess) = (world.truth(job), world.lie(job));
    world.audited_window(job, truth, guess);
    world.challenge(world.provider(job), job, Accused::Auditor).unwrap();
    world.lapse(job);
    world
}

#[test]
fn a_provider_proves_its_auditor_wrong() {
    let since = World::staked().events.len();
    check(
        &refuted_auditor(),
        since,
        expect![[r#"
            burned: +160000000
            pot Audit: +500000
            pot Insurance: +80100000
            pot Treasury: +400000
            provider 1: +89000000
            requester: -10000000
            validator 1 bond: -320000000
        "#]],
    );
}

/// The first auditor never commits, the second never reveals.
pub(crate) fn silent_auditors() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.commit(job, truth);
    world.draw(job, true);
    world.lapse(job);
    world.draw(job, true);
    world.commit_audit(job, truth);
    world.reveal(job, truth);
    world.lapse(job);
    (world, job)
}

#[test]
fn silent_auditors_lose_a_quarter_of_their_locks_and_the_job_goes_on() {
    let since = World::staked().events.len();
    let (mut world, job) = silent_auditors();
    assert_eq!(world.job(job).status, JobStatus::Window);
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    check(
        &world,
        since,
        expect![[r#"
            burned: +120000000
            pot Audit: +500000
            pot Insurance: +40100000
            pot Treasury: +400000
            provider 1: +9000000
            requester: -10000000
            validator 1 bond: -80000000
            validator 2 bond: -80000000
        "#]],
    );
}
