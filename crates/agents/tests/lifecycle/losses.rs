//! The blob store loses what was put into it.

use agents::auditor::{self, Watch};
use agents::provider;
use protocol::{DisputeEvent, EndReason, Event, JobStatus};

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_input_is_demanded_answered_and_the_job_done() {
    let mut world = World::start(1_000).await;
    let requester = world.requester().await;
    let job = world.submit(&requester).await;
    let input = world.job(job).await.spec.input;
    world.station(1).blobs.remove(input).await.expect("a folder");
    world.provider(1, provider::Conduct::Honest).await;
    let reason = requester.follow(job, &world.stop, |_| {}).await.expect("goes on");
    assert_eq!(reason, EndReason::Completed);
    let events = world.events().await;
    let count = |is: fn(&Event) -> bool| events.iter().filter(|event| is(event)).count();
    assert_eq!(
        count(|event| matches!(event, Event::Dispute(DisputeEvent::DataDemanded { .. }))),
        1
    );
    assert_eq!(
        count(|event| matches!(event, Event::Dispute(DisputeEvent::DataAnswered { owed: 0, .. }))),
        1
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_output_is_demanded_and_its_provider_answers_and_hands_it_out_again() {
    let mut world = World::start(5_000).await;
    world.provider(1, provider::Conduct::Honest).await;
    world.auditor(5, Watch::Drawn, auditor::Conduct::Honest).await;
    let requester = world.requester().await;
    let job = world.submit(&requester).await;
    let revealed = world.until_job(job, "it is revealed", |job| job.status == JobStatus::Window);
    let claim = revealed.await.assignment.and_then(|attempt| attempt.claim).expect("revealed");
    world.station(1).blobs.remove(claim.output).await.expect("a folder");
    let reason = requester.follow(job, &world.stop, |_| {}).await.expect("goes on");
    assert_eq!(reason, EndReason::Completed);
    requester.fetch(job).await.expect("it was handed out again");
    let events = world.events().await;
    let answered = events
        .iter()
        .filter(|event| matches!(event, Event::Dispute(DisputeEvent::DataAnswered { .. })));
    assert_eq!(answered.count(), 1);
    world.end().await;
}
