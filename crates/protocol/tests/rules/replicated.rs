//! Replicated jobs: compared, not proven.

use protocol::*;

use crate::life::spec;
use crate::world::*;

/// Four more providers than the usual four: enough for an escalation of three to seven, and one over.
pub(crate) const MORE: [AccountId; 4] =
    [AccountId([14; 32]), AccountId([15; 32]), AccountId([16; 32]), AccountId([17; 32])];

/// Three replicas of the usual job, at most twenty dollars for each of seven.
pub(crate) fn tripled() -> JobSpec {
    JobSpec {
        program: ProgramId([77; 32]),
        price_max: amount(140 * DOLLAR),
        kind: JobKind::Replicated { replicas: 3 },
        ..spec()
    }
}

pub(crate) fn output(number: u8) -> Content {
    Content { root: Hash([number; 32]), size: 100 }
}

/// What honest replicas come to.
pub(crate) const RIGHT: u8 = 1;

impl World {
    pub(crate) fn with_eight() -> Self {
        Self::with_eight_and(Parameters::default())
    }

    pub(crate) fn with_eight_and(parameters: Parameters) -> Self {
        let mut world = Self::staked_with(parameters);
        for operator in MORE {
            for asset in [NATIVE, STABLE] {
                let to = Action::Transfer { to: operator, asset, amount: amount(2 * BOND) };
                world.ok(STRANGER, to);
            }
            let duties = Duties { provider: true, validator: false };
            world.ok(operator, Action::RegisterOperator { duties });
            world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(BOND) });
            world.offer(operator, 4, DOLLAR);
        }
        for operator in PROVIDERS.into_iter().chain(MORE) {
            world.ok(operator, Action::RunReplicas { willing: true });
        }
        world.block();
        world
    }

    /// Three replicas drawn.
    pub(crate) fn tripled() -> (Self, JobId) {
        let mut world = Self::with_eight();
        let job = world.submit(tripled());
        world.block();
        assert_eq!(world.job(job).status, JobStatus::Replicating);
        (world, job)
    }

    pub(crate) fn replicas(&self, job: JobId) -> Vec<Replica> {
        self.state.replication(job).expect("the test's job was drawn for").replicas.clone()
    }

    pub(crate) fn replica(&self, job: JobId, at: usize) -> AccountId {
        self.replicas(job)[at].provider
    }

    pub(crate) fn fates(&self, job: JobId) -> Vec<ReplicaFate> {
        self.replicas(job).iter().map(|replica| replica.fate).collect()
    }

    pub(crate) fn commit_output(&mut self, job: JobId, at: usize, number: u8) {
        let provider = self.replica(job, at);
        let commitment = seal_output(job, provider, SALT, &output(number));
        self.ok(provider, Action::CommitReplica { job, commitment });
    }

    pub(crate) fn reveal_output(&mut self, job: JobId, at: usize, number: u8) {
        let provider = self.replica(job, at);
        self.ok(provider, Action::RevealReplica { job, output: output(number), salt: SALT });
    }

    /// The replicas from `first` on commit to these outputs and reveal them.
    pub(crate) fn run(&mut self, job: JobId, first: usize, outputs: &[u8]) {
        for (at, number) in outputs.iter().enumerate() {
            self.commit_output(job, first + at, *number);
        }
        for (at, number) in outputs.iter().enumerate() {
            self.reveal_output(job, first + at, *number);
        }
    }

    pub(crate) fn vote_appeal(&mut self, validator: AccountId, job: JobId, answer: Answer) {
        self.ok(validator, Action::VoteAppeal { job, answer });
    }

    /// Three agree on a wrong output, and the stranger appeals.
    pub(crate) fn appealed(outputs: &[u8]) -> (Self, JobId) {
        let (mut world, job) = Self::tripled();
        world.run(job, 0, outputs);
        world.ok(STRANGER, Action::AppealJob { job });
        (world, job)
    }

    pub(crate) fn net(&self, since: usize) -> String {
        self.statement(since, STABLE)
    }
}

pub(crate) fn slashes(world: &World) -> Vec<(Fault, u128)> {
    let slash = |event: &Event| match event {
        Event::Penalty(PenaltyEvent::Slashed { fault, split, .. }) => {
            Some((*fault, split.taken.units()))
        }
        _ => None,
    };
    world.events.iter().filter_map(slash).collect()
}

/// The lock of the chapter's example: (1.25 x 10 / 0.85 - 10) / 0.75.
pub(crate) const LOCK: u128 = 6_274_511;

pub(crate) fn agreed() -> (World, JobId) {
    let (mut world, job) = World::tripled();
    world.run(job, 0, &[RIGHT; 3]);
    world.lapse(job);
    (world, job)
}

#[test]
fn three_that_agree_are_each_paid_their_price() {
    let (mut world, job) = World::tripled();
    let (free, since) = (world.state.total(PlaceKind::Bonds, STABLE), world.events.len());
    world.run(job, 0, &[RIGHT; 3]);
    assert_eq!(world.job(job).status, JobStatus::Appealable);
    assert_eq!(world.job(job).deadline, Some(world.now.plus_ms(30 * 60_000)));
    assert!(
        slashes(&world).is_empty(),
        "nothing is paid or taken before the time to appeal is over"
    );
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    assert_eq!(world.fates(job), [ReplicaFate::Paid; 3]);
    let locked = amount(3 * LOCK);
    assert_eq!(world.state.total(PlaceKind::Bonds, STABLE), free.checked_add(locked).unwrap());
    let paid = world.net(since);
    assert_eq!(paid.matches(": +9000000\n").count(), 3, "{paid}");
    assert!(paid.contains("requester: +110000000\n"), "{paid}");
    assert!(paid.contains("pot Audit: +1500000\n"), "{paid}");
    assert!(paid.contains("pot Insurance: +300000\n"), "{paid}");
    assert!(paid.contains("pot Treasury: +1200000\n"), "{paid}");
}

#[test]
fn a_lock_counts_every_result_as_compared() {
    let (world, job) = World::tripled();
    for replica in world.replicas(job) {
        assert_eq!(replica.quote.audit_rate, Ppm::WHOLE);
        assert_eq!(replica.quote.required, amount(LOCK));
        assert_eq!(replica.locked.of(STABLE), amount(LOCK));
    }
    let harm = amount(100 * DOLLAR);
    let mut world = World::with_eight();
    let job = world.submit(JobSpec { harm, ..tripled() });
    world.block();
    assert_eq!(world.replicas(job)[0].quote.required, amount(202_352_942));
    let locks: u128 = world.replicas(job).iter().map(|one| one.quote.required.units()).sum();
    let two_thirds = locks / 3 * 2;
    assert!(two_thirds > 2 * harm.units(), "each of a bribed quorum has the whole harm at stake");
}

pub(crate) fn outvoted() -> (World, JobId) {
    let (mut world, job) = World::tripled();
    world.run(job, 0, &[RIGHT, 2, RIGHT]);
    world.lapse(job);
    (world, job)
}

#[test]
fn a_minority_loses_its_lock_and_is_jailed_but_not_convicted() {
    let (world, job) = outvoted();
    assert_eq!(world.fates(job), [ReplicaFate::Paid, ReplicaFate::Outvoted, ReplicaFate::Paid]);
    assert_eq!(slashes(&world), [(Fault::Outvoted, LOCK)]);
    let operator = world.state.operator(world.replica(job, 1)).unwrap();
    assert!(matches!(operator.status, OperatorStatus::Jailed(_)));
    assert_eq!(operator.reliability.convictions, 0);
    assert_eq!(operator.offence, None);
    let returned = world.net(0);
    assert!(returned.contains("requester: +999980000000\n"), "two prices of $10: {returned}");
}

/// Nobody who outvotes another earns by it.
#[test]
fn the_majority_has_nothing_of_the_minoritys_lock() {
    let (world, job) = outvoted();
    let (all, _) = agreed();
    let earned = |world: &World, at| world.state.balance(world.replica(job, at), STABLE);
    let wage = amount(9 * DOLLAR);
    for at in [0, 2] {
        let before = if MORE.contains(&world.replica(job, at)) { 2 * BOND } else { PURSE };
        let paid = earned(&world, at).checked_sub(amount(before - BOND)).unwrap();
        assert_eq!(paid, wage);
    }
    assert!(all.state.asset(STABLE).unwrap().burned < world.state.asset(STABLE).unwrap().burned);
}

pub(crate) fn escalated() -> (World, JobId) {
    let (mut world, job) = World::tripled();
    world.run(job, 0, &[1, 2, 3]);
    assert_eq!(world.job(job).status, JobStatus::Escalating);
    world.block();
    (world, job)
}

#[test]
fn without_a_quorum_three_become_seven_of_seven_owners() {
    let (mut world, job) = escalated();
    assert_eq!(world.job(job).status, JobStatus::Replicating);
    let replicas = world.replicas(job);
    assert_eq!(replicas.iter().map(|one| one.round).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 2, 2]);
    let mut owners: Vec<_> = replicas.iter().map(|replica| replica.provider).collect();
    owners.sort_unstable();
    owners.dedup();
    assert_eq!(owners.len(), 7);
    world.run(job, 3, &[1, 1, 1, 2]);
    assert_eq!(world.job(job).status, JobStatus::Appealable, "four of seven");
    world.lapse(job);
    let (paid, out) = (ReplicaFate::Paid, ReplicaFate::Outvoted);
    assert_eq!(world.fates(job), [paid, out, out, paid, paid, paid, out]);
    assert!(world.net(0).contains("requester: +999960000000\n"), "{}", world.net(0));
}

pub(crate) fn undecided() -> (World, JobId) {
    let (mut world, job) = escalated();
    world.run(job, 3, &[1, 1, 2, 2]);
    (world, job)
}

#[test]
fn three_of_seven_are_no_quorum_and_everything_returns() {
    let (world, job) = undecided();
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::NoQuorum));
    assert_eq!(world.fates(job), [ReplicaFate::Released; 7]);
    assert!(slashes(&world).is_empty());
    assert_eq!(world.state.total(PlaceKind::Locks, STABLE), Amount::ZERO);
    assert!(world.net(0).contains(&format!("requester: +{PURSE}\n")));
}

pub(crate) fn missed() -> (World, JobId) {
    let (mut world, job) = World::tripled();
    world.commit_output(job, 0, RIGHT);
    world.commit_output(job, 1, RIGHT);
    world.lapse(job);
    world.reveal_output(job, 0, RIGHT);
    world.reveal_output(job, 1, RIGHT);
    world.lapse(job);
    (world, job)
}

#[test]
fn who_misses_what_a_quorum_did_pays_as_for_any_missed_deadline() {
    let (world, job) = missed();
    assert_eq!(world.fates(job), [ReplicaFate::Paid, ReplicaFate::Paid, ReplicaFate::Missed]);
    let owed = LOCK.div_ceil(4) + DOLLAR;
    assert_eq!(slashes(&world), [(Fault::MissedDeadline, owed)]);
    assert_eq!(owed, 2_568_628);
}

/// The requester may have withheld the input; what one committed stays sealed until those drawn next have committed too.
pub(crate) fn starved() -> (World, JobId) {
    let (mut world, job) = World::tripled();
    world.commit_output(job, 0, RIGHT);
    world.lapse(job);
    assert_eq!(world.job(job).attempts, 2, "the block that acts on the deadline also draws");
    (world, job)
}

#[test]
fn where_fewer_than_a_quorum_commit_nobody_is_punished_and_nothing_is_revealed() {
    let (mut world, job) = starved();
    let before = world.fates(job);
    assert_eq!(before[..3], [ReplicaFate::Committed, ReplicaFate::Missed, ReplicaFate::Missed]);
    assert!(slashes(&world).is_empty());
    for at in 3..6 {
        world.commit_output(job, at, RIGHT);
    }
    world.lapse(job);
    for at in [0, 3, 4, 5] {
        world.reveal_output(job, at, RIGHT);
    }
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    assert_eq!(slashes(&world).len(), 1, "four of seven committed: the seventh is punished");
    let (mut world, job) = starved();
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::NoQuorum));
    assert!(slashes(&world).is_empty());
}

pub(crate) fn unrevealed() -> (World, JobId) {
    let (mut world, job) = World::tripled();
    (0..3).for_each(|at| world.commit_output(job, at, if at == 2 { 9 } else { RIGHT }));
    world.reveal_output(job, 0, RIGHT);
    world.reveal_output(job, 1, RIGHT);
    world.lapse(job);
    (world, job)
}

#[test]
fn who_does_not_open_what_it_sealed_counts_as_outvoted_at_once() {
    let (world, job) = unrevealed();
    assert_eq!(world.job(job).status, JobStatus::Appealable);
    assert_eq!(world.fates(job)[2], ReplicaFate::NotRevealed);
    assert_eq!(slashes(&world), [(Fault::NotRevealed, LOCK)]);
}

/// Nobody is left for a second round.
pub(crate) fn undrawn() -> (World, JobId) {
    let (mut world, job) = World::tripled();
    for provider in PROVIDERS.into_iter().chain(MORE) {
        if !world.replicas(job).iter().any(|replica| replica.provider == provider) {
            world.offer(provider, 0, DOLLAR);
        }
    }
    world.run(job, 0, &[1, 2, 3]);
    world.block();
    (world, job)
}

#[test]
fn nobody_for_a_second_round_ends_it_with_a_full_refund() {
    let (mut world, job) = undrawn();
    let why = explain::unassigned(&world.state, job).unwrap();
    assert_eq!(why.waiting, explain::Waiting::Replicas(4));
    assert_eq!(why.obstacles, [(explain::Obstacle::SameOwner, 3)]);
    assert_eq!(why.change, explain::Change::FindProvider);
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::NoQuorum));
    assert!(world.net(0).contains(&format!("requester: +{PURSE}\n")));
}

#[test]
fn one_owner_runs_one_replica_however_many_names_it_has() {
    let mut world = World::with_eight();
    for operator in [PROVIDERS[1], PROVIDERS[2], MORE[0], MORE[1], MORE[2], MORE[3]] {
        world.ok(operator, Action::NominateOwner { operator, owner: PROVIDERS[0] });
        world.ok(PROVIDERS[0], Action::AcceptOwnership { operator });
    }
    let job = world.submit(tripled());
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open, "eight names, two owners");
    let why = explain::unassigned(&world.state, job).unwrap();
    assert_eq!((why.willing, why.change), (2, explain::Change::FindProvider));
    assert_eq!(why.obstacles, [(explain::Obstacle::SameOwner, 6)]);
}

/// With a pool of one ask per replica the first ask behind it sets the price, times quality, which is the same for all here.
#[test]
fn replicas_are_paid_at_the_first_ask_behind_the_pool() {
    let parameters = Parameters { replica_pool: 1, ..Parameters::default() };
    let mut world = World::with_eight_and(parameters);
    for (number, provider) in PROVIDERS.into_iter().chain(MORE).enumerate() {
        world.offer(provider, 4, DOLLAR + number as u128 * DOLLAR / 10);
    }
    let job = world.submit(tripled());
    world.block();
    for replica in world.replicas(job) {
        assert!(PROVIDERS[..3].contains(&replica.provider), "the three lowest");
        assert!(matches!(replica.pricing, Pricing::Uniform { .. }));
        assert_eq!(replica.quote.price, amount(13 * DOLLAR), "the fourth asks $1.30");
    }
}

/// By stake: who has three quarters of the bonds in the pool is drawn in the first place three times in four.
#[test]
fn replicas_are_drawn_by_stake() {
    let mut world = World::with_eight();
    let heavy = PROVIDERS[0];
    let more = Action::Bond { operator: heavy, asset: STABLE, amount: amount(20 * BOND) };
    world.ok(heavy, more);
    let job = world.submit(tripled());
    world.end_block();
    world.checked = false;
    let first = |seed: u32| {
        let mut trial = world.clone();
        trial.begin_block(BLOCK_MS, Hash::of("test draw", &seed));
        trial.replica(job, 0) == heavy
    };
    let hits = (0..400).filter(|seed| first(*seed)).count();
    assert!((270..330).contains(&hits), "21 of 28 bonds: {hits} of 400");
}

#[test]
fn waiting_jobs_take_turns_and_none_hides_the_others() {
    let parameters = Parameters { clearings_per_block: 1, ..Parameters::default() };
    let mut world = World::with_eight_and(parameters);
    let hopeless = JobSpec { harm: amount(1_000_000 * DOLLAR), ..tripled() };
    let stuck: Vec<JobId> = (0..3).map(|_| world.submit(hopeless.clone())).collect();
    let job = world.submit(tripled());
    (0..3).for_each(|_| world.block());
    assert_eq!(world.job(job).status, JobStatus::Open);
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Replicating, "in the fourth block");
    world.ok(REQUESTER, Action::CancelJob { job: stuck[0] });
    assert_eq!(world.job(stuck[0]).status, JobStatus::Ended(EndReason::Cancelled));
    world.lapse(stuck[1]);
    assert_eq!(world.job(stuck[1]).status, JobStatus::Ended(EndReason::NoProvider));
}

#[test]
fn a_copied_commitment_opens_for_nobody_else() {
    let (mut world, job) = World::tripled();
    let (author, copyist) = (world.replica(job, 0), world.replica(job, 1));
    let commitment = seal_output(job, author, SALT, &output(RIGHT));
    for sender in [author, copyist] {
        world.ok(sender, Action::CommitReplica { job, commitment });
    }
    world.commit_output(job, 2, RIGHT);
    world.reveal_output(job, 0, RIGHT);
    let copy = Action::RevealReplica { job, output: output(RIGHT), salt: SALT };
    assert_eq!(world.send(copyist, copy).unwrap_err(), Rejection::CommitmentMismatch);
}

#[test]
fn a_unit_is_free_again_once_its_replica_has_committed() {
    let (mut world, job) = World::tripled();
    let provider = world.replica(job, 0);
    let busy = |world: &World| world.state.offer(provider, ClassId::CPU).unwrap().busy;
    assert_eq!(busy(&world), 1);
    world.commit_output(job, 0, RIGHT);
    assert_eq!(busy(&world), 0);
    assert!(!world.state.held(Place::Lock(provider, job), STABLE).is_zero());
}

#[test]
fn a_replicated_job_needs_no_registered_program_and_ends_like_any_other() {
    let (mut world, job) = agreed();
    assert!(world.state.program(tripled().program).is_none());
    world.lapse(job);
    assert!(world.state.job(job).is_none() && world.state.replication(job).is_none());
}

#[test]
fn replicas_keep_to_their_bounds() {
    let accepted = |replicas: u32, price_max: u128| {
        let kind = JobKind::Replicated { replicas };
        let spec = JobSpec { kind, price_max: amount(price_max), ..tripled() };
        World::with_eight().send(REQUESTER, Action::SubmitJob { spec }).is_ok()
    };
    let many = 140 * DOLLAR;
    assert_eq!([2, 3, 7, 8].map(|replicas| accepted(replicas, many)), [false, true, true, false]);
    let least = 7 * Parameters::default().price_min.units();
    assert_eq!([least - 1, least, least + 1].map(|most| accepted(3, most)), [false, true, true]);
}

#[test]
fn parameters_of_replicas_belong_together() {
    let (replicas_min, replicas_max) = (5, 3);
    let set = Parameters { replicas_min, replicas_max, ..Parameters::default() };
    let order = ParameterFault::Order {
        lesser: "replicas_min",
        lesser_value: 5,
        greater: "replicas_max",
        greater_value: 3,
    };
    assert_eq!(set.validate(), Err(vec![order]));
    let week = 7 * 24 * 3_600_000;
    let exposed = |escalation_ms| {
        let run_ms_max = 1_000_000;
        Parameters { escalation_ms, run_ms_max, ..Parameters::default() }.exposure_ms_max()
    };
    let (longest, plus) = (exposed(week), exposed(week - 1));
    assert_eq!(longest, plus + 1, "a bond outlasts two rounds and the time between them");
}

#[test]
fn nobody_is_drawn_for_what_it_does_not_run() {
    let mut world = World::with_eight();
    for operator in [PROVIDERS[0], PROVIDERS[1], PROVIDERS[2], MORE[0], MORE[1]] {
        world.ok(operator, Action::RunReplicas { willing: false });
    }
    let mut drawn = world.clone();
    let job = drawn.submit(tripled());
    drawn.block();
    let willing = [PROVIDERS[3], MORE[2], MORE[3]];
    assert!(drawn.replicas(job).iter().all(|replica| willing.contains(&replica.provider)));
    world.ok(willing[0], Action::RunReplicas { willing: false });
    let job = world.submit(tripled());
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open);
    let why = explain::unassigned(&world.state, job).unwrap();
    assert_eq!(why.obstacles, [(explain::Obstacle::NoReplicas, 6)]);
    let refused = world.send(STRANGER, Action::RunReplicas { willing: true });
    assert_eq!(refused, Err(Rejection::NotAnOperator { account: STRANGER }));
}
