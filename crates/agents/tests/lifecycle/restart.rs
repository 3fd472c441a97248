//! Agents are stopped and started again in the middle of everything.

use agents::auditor::{self, Watch};
use agents::provider;
use protocol::{EndReason, Event, JobEvent, JobStatus};

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_stopped_after_they_committed_reveal_what_they_committed_to() {
    let mut world = World::start(1_000).await;
    world.provider(1, provider::Conduct::Honest).await;
    let requester = world.requester().await;
    let job = world.submit(&requester).await;
    world
        .until_job(job, "there is a commitment", |job| {
            let assignment = job.assignment.as_ref();
            assignment.is_some_and(|assignment| assignment.commitment.is_some())
        })
        .await;
    world.rest().await;
    world.restart_provider(1).await;
    world.auditor(5, Watch::Drawn, auditor::Conduct::Honest).await;
    let reason = requester.follow(job, &world.stop, |_| {}).await.expect("goes on");
    assert_eq!(reason, EndReason::Completed);
    let commitments = world
        .events()
        .await
        .into_iter()
        .filter(|event| matches!(event, Event::Job(JobEvent::ResultCommitted { .. })));
    assert_eq!(commitments.count(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_stopped_while_it_runs_starts_again_and_delivers() {
    let mut world = World::start(1_000).await;
    world.provider(1, provider::Conduct::Honest).await;
    let requester = world.requester().await;
    let job = world.submit(&requester).await;
    world.until_job(job, "it is assigned", |job| job.status == JobStatus::Assigned).await;
    world.rest().await;
    world.restart_provider(1).await;
    let reason = requester.follow(job, &world.stop, |_| {}).await.expect("goes on");
    assert_eq!(reason, EndReason::Completed);
    world.end().await;
}
