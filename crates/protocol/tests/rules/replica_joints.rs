//! Replicated jobs beside everything else: turns, prices, delegators, and what the veto reaches.

use protocol::*;

use crate::delegation::{TOKEN, delegate, set_commission};
use crate::life::spec;
use crate::prices;
use crate::replicated::*;
use crate::world::*;

impl World {
    /// Only these run replicas.
    fn only(&mut self, willing: [AccountId; 3]) {
        for operator in PROVIDERS.into_iter().chain(MORE) {
            let willing = willing.contains(&operator);
            self.ok(operator, Action::RunReplicas { willing });
        }
    }
}

/// Two equal stakes, one turn a block: who has three run at once waits three times as long.
#[test]
fn a_turn_of_three_replicas_counts_for_three_runs() {
    let parameters = Parameters { clearings_per_block: 1, ..Parameters::default() };
    let mut world = World::with_eight_and(parameters);
    let stake = Action::LockAccess { amount: amount(20 * TOKEN) };
    for (requester, spec) in [(STRANGER, tripled()), (ISSUER, spec())] {
        world.ok(requester, stake.clone());
        for _ in 0..8 {
            world.ok(requester, Action::SubmitJob { spec: spec.clone() });
        }
    }
    let served = |world: &World, requester: AccountId| {
        let waits = |job: &&Job| job.requester == requester && job.status == JobStatus::Open;
        8 - world.state.jobs().filter(waits).count()
    };
    for rounds in 1..=2 {
        (0..4).for_each(|_| world.block());
        assert_eq!((served(&world, STRANGER), served(&world, ISSUER)), (rounds, 3 * rounds));
    }
}

/// Too few for a round: the job steps aside, the next one has its turn, and it comes back when there are enough.
#[test]
fn a_round_that_cannot_be_drawn_holds_nobody_up() {
    let mut world = World::with_eight();
    world.only([PROVIDERS[0], PROVIDERS[1], PROVIDERS[2]]);
    world.ok(PROVIDERS[0], Action::RunReplicas { willing: false });
    let (short, single) = (world.submit(tripled()), world.submit(spec()));
    world.block();
    assert_eq!(world.job(short).status, JobStatus::Open);
    assert_eq!(world.job(single).status, JobStatus::Assigned);
    let until = world.job(short).deadline.unwrap();
    let told = Event::Replicated(ReplicatedEvent::ReplicasShort { job: short, more: 3, until });
    assert!(world.events.contains(&told));
    assert!(world.state.is_offered(world.job(short)));
    let by_hand = world.send(PROVIDERS[3], Action::TakeJob { job: short });
    assert_eq!(by_hand, Err(Rejection::JobInMarket { job: short }), "nobody runs it alone");
    world.ok(PROVIDERS[0], Action::RunReplicas { willing: true });
    world.block();
    assert_eq!(world.job(short).status, JobStatus::Replicating);
}

#[test]
fn nobody_is_drawn_while_the_price_is_stale() {
    let mut world = World::with_eight_and(prices::reporting());
    world.block_after(world.parameters().price_stale_ms + 1);
    let job = world.submit(tripled());
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open);
    let why = explain::unassigned(&world.state, job).unwrap();
    assert!(matches!(why.change, explain::Change::WaitForIntake(Intake::Stale(_))), "{why:?}");
    world.next_slot();
    world.agree(1_000_000);
    assert_eq!(world.job(job).status, JobStatus::Replicating);
}

/// A replica's lock may be held until the vote on an appeal is over: two days, not hours.
#[test]
fn tokens_in_the_lock_of_a_replica_count_for_as_long_as_it_may_be_held() {
    let (world, job) = World::tripled();
    let parameters = world.parameters();
    let hours = |ms: u64| ms / 3_600_000;
    let run_ms = tripled().run_ms;
    let held = parameters.replicated_exposure_ms(run_ms) + parameters.veto_ms;
    assert!((24..=72).contains(&hours(held)), "{}", hours(held));
    for replica in world.replicas(job) {
        assert_eq!(replica.quote.native_haircut, parameters.native_haircut_long);
        assert_eq!(replica.quote.native_haircut, Ppm(550_000));
    }
}

#[test]
fn delegators_have_their_part_of_what_a_replica_earns() {
    let mut world = World::with_eight();
    let operator = PROVIDERS[0];
    let bond = Action::Bond { operator, asset: NATIVE, amount: amount(500 * TOKEN) };
    world.ok(operator, bond);
    world.ok(operator, set_commission(10, 0));
    world.ok(STRANGER, delegate(operator, 500 * TOKEN));
    world.only([operator, PROVIDERS[1], PROVIDERS[2]]);
    let job = world.submit(tripled());
    world.block();
    world.run(job, 0, &[RIGHT; 3]);
    world.lapse(job);
    let shared = world.events.iter().find_map(|event| match event {
        Event::Delegation(DelegationEvent::IncomeShared { income, delegators, .. }) => {
            Some((income.units(), delegators.units()))
        }
        _ => None,
    });
    let (fee, half) = (9 * DOLLAR, 9 * DOLLAR / 2);
    assert_eq!(shared, Some((fee, half)), "half of the stake, nothing kept");
}

/// The lock of a minority is there, whole, until nobody can appeal any more; and through the vote if somebody does.
#[test]
fn nothing_of_an_outvoted_lock_moves_while_it_may_be_vetoed() {
    let (mut world, job) = World::tripled();
    world.run(job, 0, &[RIGHT, 2, RIGHT]);
    let minority = world.replica(job, 1);
    let locked = |world: &World| world.state.held(Place::Lock(minority, job), STABLE).units();
    world.block_at(world.job(job).deadline.unwrap());
    assert_eq!(locked(&world), LOCK);
    world.ok(STRANGER, Action::AppealJob { job });
    let vote_by = world.job(job).deadline.unwrap();
    assert_eq!(vote_by, world.now.plus_ms(2 * 24 * 3_600_000), "two days for the veto");
    world.block_at(vote_by);
    assert_eq!((locked(&world), slashes(&world)), (LOCK, vec![]));
    let mut vetoed = world.clone();
    for validator in &VALIDATORS[..2] {
        vetoed.vote_appeal(*validator, job, Answer::Output(output(2)));
    }
    assert_eq!(vetoed.fates(job)[1], ReplicaFate::Paid, "at the last instant");
    world.lapse(job);
    assert_eq!(slashes(&world), [(Fault::Outvoted, LOCK)]);
}

pub(crate) fn undecidable() -> (World, JobId) {
    let (mut world, job) = World::appealed(&[RIGHT, 2, RIGHT]);
    for validator in &VALIDATORS[..2] {
        world.vote_appeal(*validator, job, Answer::Undecidable);
    }
    (world, job)
}

/// The veto alone: it undoes, and punishes nobody in exchange.
#[test]
fn where_nobody_can_say_everything_returns() {
    let (world, job) = undecidable();
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Overturned));
    assert_eq!(world.fates(job), [ReplicaFate::Released; 3]);
    assert!(slashes(&world).is_empty());
    assert_eq!(world.state.total(PlaceKind::Locks, STABLE), Amount::ZERO);
    let net = world.net(0);
    assert!(net.contains(&format!("requester: +{PURSE}\n")), "{net}");
    assert!(net.contains(&format!("stranger: +{}\n", PURSE - 8 * BOND)), "the bond too: {net}");
}

#[test]
fn no_vote_undoes_what_heights_say() {
    let (mut world, job) = World::tripled();
    (0..3).for_each(|at| world.commit_output(job, at, RIGHT));
    (0..2).for_each(|at| world.reveal_output(job, at, RIGHT));
    world.lapse(job);
    let punished = [(Fault::NotRevealed, LOCK)];
    assert_eq!(slashes(&world), punished, "at once, before anybody appeals");
    world.ok(STRANGER, Action::AppealJob { job });
    for validator in &VALIDATORS[..2] {
        world.vote_appeal(*validator, job, Answer::Undecidable);
    }
    let (released, silent) = (ReplicaFate::Released, ReplicaFate::NotRevealed);
    assert_eq!(world.fates(job), [released, released, silent]);
    assert_eq!(slashes(&world), punished);
}

/// A bond outlasts both rounds, the appeal and the veto; one millisecond less is refused.
#[test]
fn bonds_outlast_the_longest_way_of_replicas() {
    let longest = Parameters { escalation_ms: 604_800_000, ..Parameters::default() };
    let needed =
        longest.replicated_exposure_ms(longest.run_ms_max) + longest.veto_ms + longest.slack_ms;
    assert!(longest.exposure_ms_max() == longest.replicated_exposure_ms(longest.run_ms_max));
    let with = |unbonding_ms| {
        let timelock_ms = 2 * unbonding_ms;
        let buckets_max = 1_000;
        Parameters { unbonding_ms, timelock_ms, buckets_max, ..longest.clone() }.validate()
    };
    assert_eq!(with(needed), Ok(()));
    let (unbonding_ms, exposure_ms) = (needed - 1, needed);
    let short = ParameterFault::UnbondingTooShort { unbonding_ms, exposure_ms };
    assert_eq!(with(unbonding_ms), Err(vec![short]));
}
