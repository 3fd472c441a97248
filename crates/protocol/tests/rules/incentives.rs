//! What nobody gains by, measured in money over many beacons: the statements that the chapters derive.

use proptest::prelude::*;
use protocol::*;

use crate::life::spec;
use crate::world::*;

/// Jobs that the cheat has at once.
const JOBS: usize = 4;
/// Draws over which gains are summed.
const BEACONS: u32 = 240;

const CHEAT: AccountId = PROVIDERS[0];
/// Another account of whoever owns the cheat: it accuses before anybody else can and earns the bounty.
const FRIEND: AccountId = STRANGER;

/// One provider with all jobs at once; its price is ten dollars a job.
fn employed() -> (World, Vec<JobId>) {
    let mut world = World::staked();
    for provider in &PROVIDERS[1..] {
        world.offer(*provider, 0, DOLLAR);
    }
    let jobs: Vec<_> = (0..JOBS).map(|_| world.submit(spec())).collect();
    for _ in 0..JOBS {
        world.block();
    }
    assert!(jobs.iter().all(|job| world.provider(*job) == CHEAT));
    (world, jobs)
}

/// What the cheat and its friend have, and what is in the cheat's bond, in dollars' base units.
fn wealth(world: &World, accounts: &[AccountId]) -> i128 {
    let all = accounts.iter().map(|account| {
        let bonded = world.state.operator(*account).map(|record| record.bonded.of(STABLE));
        world.state.balance(*account, STABLE).plus(bonded.unwrap_or_default()).units()
    });
    i128::try_from(all.sum::<u128>()).unwrap()
}

/// What the coalition gains with lies in the first so many of its jobs, for one beacon, a whole price saved by each lie.
fn gain(world: &World, jobs: &[JobId], lies: usize, beacon: u32) -> i128 {
    let mut world = world.clone();
    world.checked = false;
    let before = wealth(&world, &[CHEAT, FRIEND]);
    let claims: Vec<_> = jobs
        .iter()
        .enumerate()
        .map(|(index, job)| if index < lies { world.lie(*job) } else { world.truth(*job) })
        .collect();
    for (job, claim) in jobs.iter().zip(&claims) {
        world.commit(*job, *claim);
    }
    world.end_block();
    world.begin_block(BLOCK_MS, Hash::of("incentives", &beacon));
    let audited = |world: &World, job: &JobId| world.job(*job).status == JobStatus::Auditing;
    let drawn: Vec<_> = jobs.iter().filter(|job| audited(&world, job)).copied().collect();
    for job in &drawn {
        world.commit_audit(*job, world.truth(*job));
    }
    for (job, claim) in jobs.iter().zip(&claims) {
        world.reveal(*job, *claim);
    }
    for job in &drawn {
        world.reveal_audit(*job, world.truth(*job));
    }
    for (job, claim) in jobs.iter().zip(&claims) {
        if drawn.contains(job) && *claim != world.truth(*job) {
            world.challenge(FRIEND, *job, Accused::Provider).unwrap();
        }
    }
    let last = jobs.iter().filter_map(|job| world.job(*job).deadline).max();
    world.block_at(last.unwrap().plus_ms(1));
    let saved = i128::try_from(10 * DOLLAR).unwrap() * i128::try_from(lies).unwrap();
    wealth(&world, &[CHEAT, FRIEND]) - before + saved
}

/// Every job has its own lock, and a lie found in one costs that lock whatever happens to the others: the more jobs are lied
/// in, the more is lost, even if only those that are audited are ever found out, the whole price is saved each time, and a
/// friend earns every bounty.
#[test]
fn cheating_on_any_set_of_jobs_loses() {
    let (world, jobs) = employed();
    let gains: Vec<i128> = (0..=JOBS)
        .map(|lies| (0..BEACONS).map(|beacon| gain(&world, &jobs, lies, beacon)).sum())
        .collect();
    assert_eq!(gains[0], i128::try_from(9 * DOLLAR).unwrap() * i128::from(BEACONS) * 4);
    assert!(gains.windows(2).all(|pair| pair[1] < pair[0]), "{gains:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Operator, challenger and victim together lose at least what must burn, whatever was insured and whatever harm was
    /// declared: no slash can be made to pay.
    #[test]
    fn no_coalition_of_operator_challenger_and_victim_gains_from_a_slash(
        insured in 0..2_000 * DOLLAR,
        harm in 0..200 * DOLLAR,
    ) {
        let mut world = World::staked();
        world.checked = false;
        let job = world.assigned_with(JobSpec { insured: amount(insured), harm: amount(harm), ..spec() });
        let coalition = [world.provider(job), STRANGER, REQUESTER];
        let lie = world.lie(job);
        world.window(job, lie);
        let escrow = i128::try_from(20 * DOLLAR).unwrap();
        let before = wealth(&world, &coalition) + escrow;
        world.challenge(STRANGER, job, Accused::Provider).unwrap();
        let taken: u128 = world.events.iter().map(|event| match event {
            Event::Penalty(PenaltyEvent::Slashed { split, .. }) => split.taken.units(),
            _ => 0,
        }).sum();
        let after = wealth(&world, &coalition) + escrow;
        let burned = i128::try_from(amount(taken).portion_ceil(world.parameters().burn_min).units()).unwrap();
        prop_assert!(taken > 0 && before - after >= burned, "{before} {after} {taken}");
    }
}
