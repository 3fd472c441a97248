//! The other ways through: ends without a villain, bonds, owners, data, retirement.

use expect_test::expect;
use protocol::*;

use crate::life::{input_pages, spec};
use crate::world::*;

fn ended(world: &World, job: JobId) -> EndReason {
    match world.job(job).status {
        JobStatus::Ended(reason) => reason,
        other => panic!("the job is {other:?}"),
    }
}

/// The requester is exactly where it was before the job, in stable.
fn assert_whole(world: &World) {
    assert_eq!(world.state.balance(REQUESTER, STABLE), amount(PURSE));
    assert_eq!(world.state.total(PlaceKind::Escrow, STABLE), Amount::ZERO);
    assert_eq!(world.state.total(PlaceKind::Locks, STABLE), Amount::ZERO);
}

pub(crate) fn cancelled() -> World {
    let mut world = World::staked();
    let job = world.submit(spec());
    world.ok(REQUESTER, Action::CancelJob { job });
    assert_eq!(ended(&world, job), EndReason::Cancelled);
    world
}

#[test]
fn a_job_nobody_has_can_be_taken_back() {
    assert_whole(&cancelled());
}

pub(crate) fn nobody_came() -> World {
    let mut world = World::staked();
    let job = world.submit(JobSpec { class: ClassId::GPU, ..spec() });
    world.block();
    world.lapse(job);
    assert_eq!(ended(&world, job), EndReason::NoProvider);
    world
}

#[test]
fn a_job_nobody_takes_is_refunded() {
    assert_whole(&nobody_came());
}

pub(crate) fn attempts_exhausted() -> World {
    let mut world = World::staked();
    let job = world.assigned();
    for _ in 0..3 {
        world.lapse(job);
    }
    assert_eq!(ended(&world, job), EndReason::AttemptsExhausted);
    assert_eq!(world.job(job).failed.len(), 3);
    world
}

#[test]
fn a_job_that_three_providers_failed_is_refunded() {
    assert_whole(&attempts_exhausted());
}

pub(crate) fn author_fault() -> World {
    let mut world = World::staked();
    world.ok(STRANGER, Action::RegisterProgram { source: b"hog".to_vec().into() });
    let job = world.assigned_with(JobSpec { program: Toy::program(b"hog"), ..spec() });
    let truth = world.truth(job);
    world.audited_window(job, truth, truth);
    world.ok(
        STRANGER,
        Action::Challenge { job, accused: Accused::Provider, evidence: b"hog".to_vec().into() },
    );
    assert_eq!(ended(&world, job), EndReason::AuthorFault);
    world
}

#[test]
fn a_program_that_breaks_the_limits_voids_the_job_and_hurts_nobody() {
    let world = author_fault();
    assert_whole(&world);
    assert_eq!(world.state.asset(STABLE).unwrap().burned, Amount::ZERO);
}

pub(crate) fn input_withheld() -> World {
    let mut world = World::staked();
    let job = world.assigned();
    let provider = world.provider(job);
    let commit_by = world.job(job).deadline.unwrap();
    world.ok(provider, Action::DemandData { job, data: DataKind::Input, first_page: 0, pages: 2 });
    let parameters = world.parameters();
    assert_eq!(
        world.job(job).deadline,
        Some(commit_by.plus_ms(parameters.answer_ms)),
        "the clock stops"
    );
    let answer_by = world.state.demand(job, provider).unwrap().deadline;
    world.block_at(answer_by.plus_ms(1));
    assert_eq!(ended(&world, job), EndReason::InputWithheld);
    assert_eq!(world.state.balance(provider, STABLE), amount(PURSE - BOND), "no bond is needed");
    world
}

#[test]
fn a_requester_that_withholds_the_input_harms_no_provider() {
    let world = input_withheld();
    assert_whole(&world);
    assert_eq!(world.state.asset(STABLE).unwrap().burned, Amount::ZERO);
}

#[test]
fn an_auditor_that_is_refused_the_input_is_not_punished() {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.commit(job, truth);
    world.draw(job, true);
    let auditor = world.auditor(job);
    world.ok(auditor, Action::DemandData { job, data: DataKind::Input, first_page: 1, pages: 1 });
    let answer_by = world.state.demand(job, auditor).unwrap().deadline;
    world.block_at(answer_by.plus_ms(1));
    assert_eq!(ended(&world, job), EndReason::InputWithheld);
    assert_whole(&world);
    assert_eq!(world.state.asset(STABLE).unwrap().burned, Amount::ZERO);
    assert_eq!(world.state.total(PlaceKind::AuditFees, STABLE), Amount::ZERO);
}

pub(crate) fn answered_demand() -> World {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    let (window_end, provider) = (world.job(job).window_end.unwrap(), world.provider(job));
    world.demand_trace(STRANGER, job);
    let extended = world.job(job).deadline.unwrap();
    assert!(extended > window_end, "the window stays open until after the answer");
    let pages = Toy::trace_pages();
    for (answerer, indexes) in [(STRANGER, vec![2]), (provider, vec![0, 1])] {
        let pages = indexes.into_iter().map(|index| Toy::page(&pages, index)).collect();
        world.ok(answerer, Action::AnswerDemand { job, demander: STRANGER, pages });
    }
    world.block_at(extended.plus_ms(1));
    assert_eq!(ended(&world, job), EndReason::Completed);
    world
}

#[test]
fn whoever_completes_an_answer_earns_the_bond() {
    let since = World::staked().events.len();
    let world = answered_demand();
    expect![[r#"
        pot Audit: +500000
        pot Insurance: +100000
        pot Treasury: +400000
        provider 1: +9030000
        requester: -10000000
        stranger: -30000
    "#]]
    .assert_eq(&world.statement(since, STABLE));
}

#[test]
fn a_demand_that_outlives_its_attempt_only_returns_its_bond() {
    let mut world = World::staked();
    let job = world.assigned();
    let lie = world.lie(job);
    world.window(job, lie);
    world.demand_trace(STRANGER, job);
    let answer_by = world.state.demand(job, STRANGER).unwrap().deadline;
    world.challenge(REQUESTER, job, Accused::Provider).unwrap();
    world.block();
    let convicted = world.events.len();
    world.block_at(answer_by.plus_ms(1));
    let closed = world.events[convicted..].iter().find_map(|event| match event {
        Event::Dispute(DisputeEvent::DemandExpired { counted, .. }) => Some(*counted),
        _ => None,
    });
    assert_eq!(closed, Some(false));
    assert_eq!(world.state.balance(STRANGER, STABLE), amount(PURSE));
}

pub(crate) fn minted_and_burned() -> World {
    let mut world = World::new(Parameters::default());
    world.ok(ISSUER, Action::Mint { asset: STABLE, to: STRANGER, amount: amount(5) });
    world.ok(STRANGER, Action::Transfer { to: ISSUER, asset: STABLE, amount: amount(2) });
    world.ok(ISSUER, Action::Burn { asset: STABLE, amount: amount(2) });
    world
}

#[test]
fn an_issuer_mints_and_burns_and_the_supply_stays_exact() {
    let world = minted_and_burned();
    let supply = world.state.supply(STABLE).unwrap();
    assert!(supply.exact);
    assert_eq!(supply.burned, amount(2));
    assert_eq!(world.state.balance(STRANGER, STABLE), amount(PURSE + 3));
}

pub(crate) fn bond_comes_and_goes() -> World {
    let mut world = World::staked();
    let operator = PROVIDERS[0];
    let unbond = |units| Action::Unbond { operator, asset: STABLE, amount: amount(units) };
    world.ok(operator, unbond(70));
    world.ok(operator, unbond(30));
    let exits: Vec<_> = world.state.exits(operator).collect();
    world.ok(operator, Action::CancelExit { operator, exit: exits[0].0 });
    let release = exits[1].1.release;
    world.block_at(release);
    assert_eq!(world.state.exits(operator).count(), 1, "at the release time it has not left");
    world.block_after(1);
    assert_eq!(world.state.exits(operator).count(), 0);
    world.ok(operator, Action::SetDuties { duties: Duties::default() });
    world
}

#[test]
fn a_bond_leaves_after_the_unbonding_time_and_not_before() {
    let world = bond_comes_and_goes();
    assert_eq!(world.state.balance(PROVIDERS[0], STABLE), amount(PURSE - BOND + 30));
    assert_eq!(world.state.operator(PROVIDERS[0]).unwrap().bonded.of(STABLE), amount(BOND - 30));
    assert_eq!(world.state.offers(PROVIDERS[0]).count(), 0, "without the duty there are no offers");
}

pub(crate) fn new_owner() -> World {
    let mut world = World::staked();
    let operator = PROVIDERS[0];
    world.ok(operator, Action::NominateOwner { operator, owner: STRANGER });
    world.ok(STRANGER, Action::AcceptOwnership { operator });
    world
}

#[test]
fn an_accepted_owner_alone_takes_bond_out_and_receives_it() {
    let mut world = new_owner();
    let operator = PROVIDERS[0];
    let unbond = Action::Unbond { operator, asset: STABLE, amount: amount(10) };
    let refused = world.send(operator, unbond.clone());
    assert_eq!(refused, Err(Rejection::NotOwner { operator, owner: STRANGER }));
    world.ok(STRANGER, unbond);
    world.ok(STRANGER, Action::Bond { operator, asset: NATIVE, amount: amount(5) });
    let release = world.state.exits(operator).next().unwrap().1.release;
    world.block_at(release.plus_ms(1));
    assert_eq!(world.state.balance(STRANGER, STABLE), amount(PURSE + 10));
    let again = world.send(operator, Action::NominateOwner { operator, owner: operator });
    assert!(
        matches!(again, Err(Rejection::NotOwner { .. })),
        "an owner is not replaced by the working key"
    );
}

#[test]
fn an_owner_passes_its_operator_on() {
    let mut world = new_owner();
    let operator = PROVIDERS[0];
    world.ok(STRANGER, Action::NominateOwner { operator, owner: REQUESTER });
    world.ok(REQUESTER, Action::AcceptOwnership { operator });
    let unbond = Action::Unbond { operator, asset: STABLE, amount: amount(10) };
    let refused = world.send(STRANGER, unbond.clone());
    assert_eq!(refused, Err(Rejection::NotOwner { operator, owner: REQUESTER }));
    world.ok(REQUESTER, unbond);
}

#[test]
fn related_operators_neither_serve_nor_audit_their_owner() {
    let mut world = World::staked();
    for operator in PROVIDERS.into_iter().chain(VALIDATORS) {
        world.ok(operator, Action::NominateOwner { operator, owner: REQUESTER });
        world.ok(REQUESTER, Action::AcceptOwnership { operator });
    }
    let job = world.submit(spec());
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open);
    let why = explain::unassigned(&world.state, job).unwrap();
    assert_eq!(why.obstacles, [(explain::Obstacle::Related, 4)]);
    assert_eq!(why.change, explain::Change::FindProvider);
}

pub(crate) fn retired() -> World {
    let mut world = cancelled();
    let job = world.state.jobs().next().unwrap().id;
    world.lapse(job);
    assert!(world.state.job(job).is_none());
    world
}

#[test]
fn an_ended_job_leaves_the_state_after_its_retention() {
    assert_eq!(retired().state.jobs().count(), 0);
}

/// Every validator is jailed, so a draw meets none; the job goes on, open to challenge.
pub(crate) fn no_auditor() -> World {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    for validator in VALIDATORS {
        world.challenge(validator, job, Accused::Provider).unwrap();
    }
    let second = world.assigned();
    let truth = world.truth(second);
    world.commit(second, truth);
    let missing = |event: &Event| matches!(event, Event::Job(JobEvent::AuditorMissing { .. }));
    world.block_where(|trial| trial.events.iter().any(missing));
    assert_eq!(world.job(second).status, JobStatus::Revealing);
    world
}

#[test]
fn a_draw_without_validators_leaves_the_result_open_to_challenge() {
    let mut world = no_auditor();
    let job = world.state.jobs().find(|job| job.status == JobStatus::Revealing).unwrap().id;
    let truth = world.truth(job);
    world.reveal(job, truth);
    assert_eq!(world.job(job).status, JobStatus::Window);
}

#[test]
fn explanations_name_the_one_change() {
    let cases = [
        (
            JobSpec { price_max: amount(5 * DOLLAR), ..spec() },
            explain::Change::RaisePrice(amount(10 * DOLLAR)),
        ),
        (JobSpec { class: ClassId::EDGE, ..spec() }, explain::Change::FindProvider),
    ];
    for (spec, change) in cases {
        let mut world = World::staked();
        let job = world.submit(spec);
        world.block();
        assert_eq!(explain::unassigned(&world.state, job).unwrap().change, change);
    }
    let mut world = World::staked();
    let job = world.submit(JobSpec { harm: amount(1_000_000 * DOLLAR), ..spec() });
    world.block();
    let why = explain::unassigned(&world.state, job).unwrap();
    assert_eq!(why.obstacles, [(explain::Obstacle::CannotLock, 4)]);
    let explain::Change::LowerLock(quote) = why.change else { panic!("{:?}", why.change) };
    expect![[r#"
        honesty: (125 % x (10 USD saving + 1000000 USD harm) / (20 % audited x 85 % detected) - 10 USD price) / (100 % - 25 % bounty) = 9804006.274511 USD
        insurance: what leaves 0 USD for the requester after burn and bounty = 0 USD
        lock: the larger of the two = 9804006.274511 USD
        native tokens count at 1 USD each less 40 %
    "#]].assert_eq(&(explain::lock(&quote).join("\n") + "\n"));
    assert_eq!(explain::deadline(world.job(job)).by, world.job(job).deadline);
    let assigned = world.assigned();
    assert_eq!(explain::unassigned(&world.state, assigned), None);
    assert_eq!(explain::deadline(world.job(assigned)).who, Some(world.provider(assigned)));
}

#[test]
fn an_input_of_two_pages_is_answered_by_anybody() {
    let mut world = World::staked();
    let job = world.assigned();
    let provider = world.provider(job);
    world.ok(provider, Action::DemandData { job, data: DataKind::Input, first_page: 0, pages: 2 });
    let pages = [0, 1].map(|index| Toy::page(&input_pages(), index)).to_vec();
    world.ok(REQUESTER, Action::AnswerDemand { job, demander: provider, pages });
    assert!(!world.state.demand(job, provider).unwrap().is_open());
    let truth = world.truth(job);
    world.window(job, truth);
    world.lapse(job);
    assert_eq!(ended(&world, job), EndReason::Completed);
}
