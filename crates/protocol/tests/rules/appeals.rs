//! Replicated jobs before the validators, and everything that is refused of them.

use protocol::*;

use crate::rejections::Case;
use crate::replicated::*;
use crate::world::*;

pub(crate) fn upheld() -> (World, JobId) {
    let (mut world, job) = World::appealed(&[RIGHT; 3]);
    world.vote_appeal(VALIDATORS[0], job, Answer::Output(output(2)));
    world.lapse(job);
    (world, job)
}

#[test]
fn an_appeal_without_two_thirds_pays_those_it_held_up() {
    let (world, job) = upheld();
    assert_eq!(world.fates(job), [ReplicaFate::Paid; 3]);
    let net = world.net(0);
    let bond = 140 * DOLLAR;
    let lost = format!("stranger: +{}\n", PURSE - bond - 8 * BOND);
    assert!(net.contains(&lost), "the bond is the job's maximum: {net}");
    let part = bond / 3;
    let held_up: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Books(BooksEvent::Moved { why: Why::AppealForfeited, amount, .. }) => {
                Some(amount.units())
            }
            _ => None,
        })
        .collect();
    assert_eq!(held_up, [part, part, part, 2], "the remainder is the treasury's");
    assert_eq!(world.state.votes(job).count(), 0);
}

#[test]
fn two_thirds_for_the_verdict_end_the_wait() {
    let (mut world, job) = World::appealed(&[RIGHT; 3]);
    world.vote_appeal(VALIDATORS[0], job, Answer::Output(output(RIGHT)));
    assert_eq!(world.job(job).status, JobStatus::Voting);
    world.vote_appeal(VALIDATORS[1], job, Answer::Output(output(RIGHT)));
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
}

pub(crate) fn overturned() -> (World, JobId) {
    let (mut world, job) = World::appealed(&[2, RIGHT, 2]);
    world.vote_appeal(VALIDATORS[0], job, Answer::Output(output(RIGHT)));
    world.vote_appeal(VALIDATORS[1], job, Answer::Output(output(RIGHT)));
    (world, job)
}

#[test]
fn two_thirds_of_the_validators_save_an_honest_minority() {
    let (world, job) = overturned();
    let (paid, out) = (ReplicaFate::Paid, ReplicaFate::Outvoted);
    assert_eq!(world.fates(job), [out, paid, out]);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    assert_eq!(slashes(&world), [(Fault::Outvoted, LOCK); 2]);
    let bounty = 2 * (LOCK / 4);
    let expected = format!("stranger: +{}\n", PURSE + bounty - 8 * BOND);
    assert!(world.net(0).contains(&expected), "the bond back, and a bounty: {}", world.net(0));
}

#[test]
fn an_output_that_no_replica_had_refunds_the_requester() {
    let (mut world, job) = World::appealed(&[2; 3]);
    world.vote_appeal(VALIDATORS[0], job, Answer::Output(output(RIGHT)));
    world.vote_appeal(VALIDATORS[2], job, Answer::Output(output(RIGHT)));
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Overturned));
    assert_eq!(world.fates(job), [ReplicaFate::Outvoted; 3]);
    assert!(world.net(0).contains(&format!("requester: +{PURSE}\n")));
}

pub(crate) fn withheld() -> (World, JobId) {
    let (mut world, job) = World::appealed(&[RIGHT, 2, RIGHT]);
    world.vote_appeal(VALIDATORS[0], job, Answer::Withheld);
    world.vote_appeal(VALIDATORS[1], job, Answer::Withheld);
    (world, job)
}

#[test]
fn an_output_that_is_not_to_be_had_costs_those_who_agreed_on_it() {
    let (world, job) = withheld();
    let (withheld, released) = (ReplicaFate::Withheld, ReplicaFate::Released);
    assert_eq!(world.fates(job), [withheld, released, withheld]);
    assert_eq!(slashes(&world), [(Fault::DataWithheld, LOCK); 2]);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Overturned));
    assert!(world.net(0).contains(&format!("requester: +{PURSE}\n")));
}

/// Two thirds are of all validators there were at the appeal, or there are now, whichever is more.
#[test]
fn validators_that_join_for_the_vote_count_on_both_sides() {
    let (mut world, job) = World::appealed(&[RIGHT; 3]);
    let newcomer = ISSUER;
    let duties = Duties { provider: false, validator: true };
    world.ok(newcomer, Action::RegisterOperator { duties });
    let bond = Action::Bond { operator: newcomer, asset: STABLE, amount: amount(2 * BOND) };
    world.ok(newcomer, bond);
    world.vote_appeal(newcomer, job, Answer::Output(output(2)));
    world.vote_appeal(VALIDATORS[0], job, Answer::Output(output(2)));
    assert_eq!(world.job(job).status, JobStatus::Voting, "three of five, though of three at first");
    world.vote_appeal(VALIDATORS[1], job, Answer::Output(output(2)));
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Overturned), "four of five");
}

fn refused(world: &mut World, sender: AccountId, action: Action) -> Rejection {
    world.send(sender, action).expect_err("the action is to be refused")
}

fn commitment(job: JobId) -> Action {
    Action::CommitReplica { job, commitment: SALT }
}

pub(crate) fn refusals() -> Vec<Case> {
    vec![
        ("NotReplica", || {
            let (mut world, job) = World::tripled();
            refused(&mut world, STRANGER, commitment(job))
        }),
        ("CommittedBefore", || {
            let (mut world, job) = World::tripled();
            world.commit_output(job, 0, RIGHT);
            let sender = world.replica(job, 0);
            refused(&mut world, sender, commitment(job))
        }),
        ("RevealedBefore", || {
            let (mut world, job) = World::tripled();
            (0..3).for_each(|at| world.commit_output(job, at, RIGHT));
            world.reveal_output(job, 0, RIGHT);
            let sender = world.replica(job, 0);
            let again = Action::RevealReplica { job, output: output(RIGHT), salt: SALT };
            refused(&mut world, sender, again)
        }),
        ("OutputTooLarge", || {
            let (mut world, job) = World::tripled();
            let output = Content { size: tripled().memory_max + 1, ..output(RIGHT) };
            let sender = world.replica(job, 0);
            let commitment = seal_output(job, sender, SALT, &output);
            world.ok(sender, Action::CommitReplica { job, commitment });
            (1..3).for_each(|at| world.commit_output(job, at, RIGHT));
            refused(&mut world, sender, Action::RevealReplica { job, output, salt: SALT })
        }),
        ("NotValidator", || {
            let (mut world, job) = World::appealed(&[RIGHT; 3]);
            refused(&mut world, STRANGER, Action::VoteAppeal { job, answer: Answer::Withheld })
        }),
        ("VotedBefore", || {
            let (mut world, job) = World::appealed(&[RIGHT; 3]);
            world.vote_appeal(VALIDATORS[0], job, Answer::Withheld);
            refused(&mut world, VALIDATORS[0], Action::VoteAppeal { job, answer: Answer::Withheld })
        }),
        ("RelatedToParty", || {
            let (mut world, job) = World::appealed(&[RIGHT; 3]);
            let (validator, owner) = (VALIDATORS[0], world.replica(job, 1));
            world.ok(validator, Action::NominateOwner { operator: validator, owner });
            world.ok(owner, Action::AcceptOwnership { operator: validator });
            refused(&mut world, validator, Action::VoteAppeal { job, answer: Answer::Withheld })
        }),
        ("NotInsurable", || {
            let spec = JobSpec { insured: amount(1), ..tripled() };
            refused(&mut World::staked(), REQUESTER, Action::SubmitJob { spec })
        }),
    ]
}

/// The stages of the two kinds do not mix.
#[test]
fn neither_kind_has_the_others_actions() {
    let (mut world, job) = World::tripled();
    let provider = world.replica(job, 0);
    let proven = Action::CommitResult { job, commitment: SALT };
    let wrong = |status| Rejection::WrongStage { status };
    assert_eq!(refused(&mut world, provider, proven), wrong(JobStatus::Replicating));
    assert_eq!(
        refused(&mut world, STRANGER, Action::AppealJob { job }),
        wrong(JobStatus::Replicating)
    );
    let mut world = World::staked();
    let job = world.assigned();
    let provider = world.provider(job);
    assert_eq!(refused(&mut world, provider, commitment(job)), wrong(JobStatus::Assigned));
}

/// A deadline itself is in time, the moment after is not; so for every stage that somebody must act in.
#[test]
fn every_stage_ends_a_moment_after_its_deadline() {
    let late = |world: &mut World, job: JobId, sender: AccountId, action: Action| {
        let deadline = world.job(job).deadline.unwrap();
        world.block_at(deadline);
        let mut in_time = world.clone();
        in_time.ok(sender, action.clone());
        world.block_at(deadline.plus_ms(1));
        let too_late = refused(world, sender, action);
        let not_now = matches!(too_late, Rejection::WrongStage { .. });
        assert!(not_now || too_late == Rejection::NotReplica { job }, "{too_late}");
    };
    let (mut world, job) = World::tripled();
    let sender = world.replica(job, 0);
    late(&mut world, job, sender, commitment(job));
    let (mut world, job) = World::tripled();
    world.run(job, 0, &[RIGHT; 3]);
    late(&mut world, job, STRANGER, Action::AppealJob { job });
    let (mut world, job) = World::appealed(&[RIGHT; 3]);
    late(&mut world, job, VALIDATORS[0], Action::VoteAppeal { job, answer: Answer::Withheld });
}

#[test]
fn every_stage_says_who_must_do_what() {
    let stages = [World::tripled(), escalated(), upheld(), overturned(), undecided()];
    for (world, job) in stages {
        let meaning = explain::deadline(world.job(job));
        assert!(meaning.by.is_some() && !meaning.awaited.is_empty());
    }
}

/// Chances that a cartel has a quorum, per million, rounded down: it has `share` of a hundred equal owners' bonds, drawn
/// with replacement, which is worse than without.
fn captured(share: u64, replicas: u32) -> u64 {
    let choose =
        |k: u32| (0..k).fold(1_u128, |c, i| c * u128::from(replicas - i) / u128::from(i + 1));
    let chance =
        |k: u32| choose(k) * u128::from(share).pow(k) * u128::from(100 - share).pow(replicas - k);
    let all: u128 = (quorum(replicas)..=replicas).map(chance).sum();
    u64::try_from(all * 1_000_000 / 100_u128.pow(replicas)).unwrap()
}

/// The table of the chapter.
#[test]
fn what_a_cartel_captures() {
    let row = |share| [3, 5, 7].map(|replicas| captured(share, replicas));
    assert_eq!(row(10), [28_000, 8_560, 2_728]);
    assert_eq!(row(20), [104_000, 57_920, 33_344]);
    assert_eq!(row(33), [254_826, 204_963, 168_214]);
}

#[test]
fn what_a_bribe_has_to_cover() {
    let (world, job) = World::tripled();
    let required = world.replicas(job)[0].quote.required.units();
    assert_eq!(2 * required, 12_549_022, "two of three");
    let wage = 9 * DOLLAR;
    assert_eq!(2 * (required + wage), 30_549_022, "with the pay they forgo, if an appeal succeeds");
}

#[test]
fn a_replicated_job_is_told_line_by_line() {
    let (world, job) = overturned();
    let lines = explain::replicas(&world.state, world.job(job));
    assert_eq!(lines[0], "2 of 3 replicas have to agree; if they do not there are 7");
    assert!(lines[1].starts_with("each costs at most 140 USD / 7 = 20 USD;"));
    let ends = ["lost its lock", "was right: paid", "lost its lock"];
    assert!(lines[2..].iter().zip(ends).all(|(line, end)| line.ends_with(end)), "{lines:?}");
    assert!(lines[3].contains("price 10 USD, lock 6.274511 USD"), "{}", lines[3]);
    let mut proven = World::staked();
    let job = proven.assigned();
    assert!(explain::replicas(&proven.state, proven.job(job)).is_empty());
}
