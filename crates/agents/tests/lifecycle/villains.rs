//! Somebody cheats: each ends in its stated consequence.

use agents::auditor::{self, Watch};
use agents::provider::{self, WrongStep};
use machine::tamper::Place as Changed;
use protocol::{
    AccountId, BooksEvent, DisputeEvent, EndReason, Event, Fault, JobId, JobStatus, OperatorStatus,
    PenaltyEvent, Place, Ruling, Why,
};

use crate::world::{World, account};

/// Long enough that no challenge is ever late; these tests end before it does.
const LONG_WINDOW_MS: u64 = 60_000;

/// Waits for a fault of somebody, and gives the accuser.
async fn faulted(world: &World, who: AccountId, what: Fault) -> Option<AccountId> {
    let name = format!("{what:?}");
    let fault = world.until_event(&name, |event| match event {
        Event::Penalty(PenaltyEvent::Faulted { account, fault, accuser, .. })
            if *account == who && *fault == what =>
        {
            Some(*accuser)
        }
        _ => None,
    });
    fault.await
}

async fn is_jailed(world: &World, number: u8) -> bool {
    let operator = world.node.client().operator(account(number)).await.expect("answers");
    let status = operator.expect("registered").operator.status;
    matches!(status, OperatorStatus::Jailed(_) | OperatorStatus::Tombstoned)
}

/// Waits until the honest provider has revealed a result in the second attempt.
async fn done_by_the_next(world: &World, job: JobId, number: u8) {
    let job = world.until_job(job, "the second attempt is in its window", |job| {
        job.status == JobStatus::Window && job.attempts == 2
    });
    let job = job.await;
    assert_eq!(job.assignment.expect("revealed").provider, account(number));
    assert_eq!(job.failed, [account(1)]);
}

/// Follows a job beside the test, as the command line does.
fn follow(world: &World, requester: agents::requester::Requester, job: JobId) {
    let stop = world.stop.clone();
    tokio::spawn(async move { requester.follow(job, &stop, |_| {}).await });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_flipped_sign_is_convicted_by_one_transaction_and_the_job_goes_on() {
    let mut world = World::start(LONG_WINDOW_MS).await;
    let wrong = WrongStep::new(2, Changed::ChangedWord { index: 5 });
    world.provider(1, provider::Conduct::WrongStep(wrong)).await;
    world.provider(2, provider::Conduct::Honest).await;
    world.auditor(5, Watch::Drawn, auditor::Conduct::Honest).await;
    let requester = world.requester().await;
    let job = world.submit(&requester).await;

    assert_eq!(faulted(&world, account(1), Fault::WrongResult).await, Some(account(5)));
    let challenges: Vec<_> = world
        .events()
        .await
        .into_iter()
        .filter_map(|event| match event {
            Event::Dispute(DisputeEvent::Challenged { challenger, verdict, .. }) => {
                Some((challenger, verdict))
            }
            _ => None,
        })
        .collect();
    assert_eq!(challenges, [(account(5), Ruling::Guilty)]);
    assert!(is_jailed(&world, 1).await);
    done_by_the_next(&world, job, 2).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_convicts_also_what_it_was_not_drawn_for() {
    let mut world = World::start(LONG_WINDOW_MS).await;
    let wrong = WrongStep::new(1, Changed::ChangedWord { index: 9 });
    world.provider(1, provider::Conduct::WrongStep(wrong)).await;
    // Nobody is a validator, so nobody can be drawn.
    world.watcher(6).await;
    let requester = world.requester().await;
    world.submit(&requester).await;
    assert_eq!(faulted(&world, account(1), Fault::WrongResult).await, Some(account(6)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_provider_loses_its_turn_and_another_one_delivers() {
    let mut world = World::start(LONG_WINDOW_MS).await;
    world.provider(1, provider::Conduct::Silent).await;
    world.provider(2, provider::Conduct::Honest).await;
    let requester = world.requester().await;
    let job = world.submit_in(&requester, 8_000).await;
    faulted(&world, account(1), Fault::MissedDeadline).await;
    done_by_the_next(&world, job, 2).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn withheld_data_are_demanded_and_not_answering_is_a_wrong_result() {
    let mut world = World::start(LONG_WINDOW_MS).await;
    world.provider(1, provider::Conduct::WithholdData).await;
    world.provider(2, provider::Conduct::Honest).await;
    let requester = world.requester().await;
    let job = world.submit(&requester).await;
    follow(&world, requester, job);
    let accuser = faulted(&world, account(1), Fault::DataWithheld).await;
    assert_eq!(accuser, Some(account(100)));
    assert!(is_jailed(&world, 1).await);
    done_by_the_next(&world, job, 2).await;
    world.end().await;
}

/// Everything was answered, nothing was withheld; still the fault is proven.
async fn is_convicted_from_the_pages_answered(world: &World) {
    assert_eq!(faulted(world, account(1), Fault::WrongResult).await, Some(account(5)));
    let events = world.events().await;
    let withheld = events
        .iter()
        .any(|event| matches!(event, Event::Dispute(DisputeEvent::DemandExpired { .. })));
    assert!(!withheld, "{events:?}");
    let earned = events.iter().filter_map(|event| match event {
        Event::Books(BooksEvent::Moved { to: Place::Account(to), why, .. })
            if *to == account(5) =>
        {
            Some(*why)
        }
        _ => None,
    });
    let earned: Vec<Why> = earned.collect();
    assert!(earned.contains(&Why::AuditFee) && earned.contains(&Why::SlashBounty), "{earned:?}");
    assert!(is_jailed(world, 1).await && !is_jailed(world, 5).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_answers_on_the_ledger_and_publishes_nothing_is_convicted_all_the_same() {
    let mut world = World::start(1_000).await;
    let wrong = WrongStep::new(2, Changed::ChangedWord { index: 5 });
    world.provider(1, provider::Conduct::AnswersOnLedgerOnly(wrong)).await;
    world.provider(2, provider::Conduct::Honest).await;
    world.auditor(5, Watch::Drawn, auditor::Conduct::Honest).await;
    let requester = world.requester().await;
    // Disputed, so that the window is this much longer: enough for one demand, not for the answers.
    let job = world.submit_in(&requester, 8_000).await;
    is_convicted_from_the_pages_answered(&world).await;
    done_by_the_next(&world, job, 2).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_one_wrong_page_of_a_long_trace_is_found_by_few_demands() {
    let mut world = World::start_with(|parameters| {
        parameters.challenge_ms = 1_000;
        parameters.demand_pages_max = 2;
        parameters.late_demands_max = 9;
    })
    .await;
    let wrong = WrongStep::new(2_000, Changed::ChangedWord { index: 0 });
    world.provider(1, provider::Conduct::AnswersOnLedgerOnly(wrong)).await;
    world.provider(2, provider::Conduct::Honest).await;
    world.auditor(5, Watch::Drawn, auditor::Conduct::Honest).await;
    let requester = world.requester().await;
    // 47 pages of trace, two at once: 31 and 32, 7 and 8, 13 and 14, and then the wrong one, 15.
    world.submit_steps(&requester, 6_000).await;
    is_convicted_from_the_pages_answered(&world).await;
    let events = world.events().await;
    let demands = events
        .iter()
        .filter(|event| matches!(event, Event::Dispute(DisputeEvent::DataDemanded { .. })))
        .count();
    assert_eq!(demands, 4);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lazy_auditor_is_found_out_and_the_honest_provider_is_paid() {
    let mut world = World::start(1_000).await;
    world.provider(1, provider::Conduct::Honest).await;
    world.auditor(5, Watch::Drawn, auditor::Conduct::Lazy).await;
    let requester = world.requester().await;
    let job = world.submit(&requester).await;
    let reason = requester.follow(job, &world.stop, |_| {}).await.expect("goes on");
    assert_eq!(reason, EndReason::Completed);
    faulted(&world, account(5), Fault::FalseAudit).await;
    assert!(is_jailed(&world, 5).await);
    assert!(!is_jailed(&world, 1).await);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_false_challenge_costs_its_bond_and_convicts_nobody() {
    let mut world = World::start(LONG_WINDOW_MS).await;
    world.provider(1, provider::Conduct::Honest).await;
    world.auditor(5, Watch::All, auditor::Conduct::FalseChallenger).await;
    let requester = world.requester().await;
    let job = world.submit(&requester).await;
    faulted(&world, account(5), Fault::FalseChallenge).await;
    let dismissed = world.until_event("dismissed", |event| match event {
        Event::Dispute(DisputeEvent::Challenged { verdict: Ruling::Dismissed(reason), .. }) => {
            Some(reason.clone())
        }
        _ => None,
    });
    assert!(!dismissed.await.is_empty());
    assert!(is_jailed(&world, 5).await);
    assert!(!is_jailed(&world, 1).await);
    assert_eq!(world.job(job).await.status, JobStatus::Window);
    world.end().await;
}
