//! Nobody cheats.

use agents::auditor::{self, Watch};
use agents::notice::News;
use agents::provider;
use machine::Machine;
use machine::worker::WorkerConfig;
use protocol::{Amount, EndReason, Event, Finding, JobEvent, STABLE};

use crate::world::{World, input};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honest_job_is_audited_paid_and_can_be_shown_offline() {
    let mut world = World::start(1_000).await;
    let mut notices = world.notices.listen();
    world.provider(1, provider::Conduct::Honest).await;
    world.auditor(5, Watch::Drawn, auditor::Conduct::Honest).await;
    let requester = world.requester().await;
    let (earned, paid) = (world.balance(1, STABLE).await, world.balance(100, STABLE).await);

    let job = world.submit(&requester).await;
    let mut changes = 0;
    let reason = requester.follow(job, &world.stop, |_| changes += 1).await.expect("goes on");
    assert_eq!(reason, EndReason::Completed);
    assert!(changes >= 3, "{changes} changes of the job were told");

    let fetched = requester.fetch(job).await.expect("there is a result");
    let summary = nbody::Summary::decode(&fetched.output).expect("an honest output");
    assert!(summary.energy_drift() < 0.05, "{}", summary.energy_drift());
    let claim = fetched.receipt.verify(&fetched.output).expect("its own output");
    assert!(claim.steps().is_some_and(|steps| steps > 1), "{claim:?}");

    // Anybody who has module and input can repeat it, without a node.
    let worker = WorkerConfig::of(env!("CARGO_BIN_EXE_agents-worker").into());
    let program = fetched.receipt.job.spec.program;
    let module = world.node.client().module(program).await.expect("answers").expect("registered");
    let (receipt, module) = (fetched.receipt.clone(), module.to_vec());
    let again = tokio::task::spawn_blocking(move || {
        receipt.reproduce(&Machine::new(worker), module, &input())
    });
    assert_eq!(again.await.expect("no panic").expect("the same"), claim);

    let audit = fetched.receipt.job.assignment.and_then(|assignment| assignment.audit);
    assert_eq!(audit.map(|audit| audit.finding), Some(Finding::Match));
    let settled = world.until_event("settled", |event| match event {
        Event::Job(JobEvent::Settled { settlement, .. }) => Some(*settlement),
        _ => None,
    });
    let settlement = settled.await;
    assert_eq!(world.balance(1, STABLE).await, earned.plus(settlement.provider));
    assert_eq!(world.balance(100, STABLE).await, paid.minus(settlement.price));
    assert!(settlement.price > Amount::ZERO);
    let mut told = std::iter::from_fn(|| notices.try_recv().ok());
    assert!(told.any(|notice| matches!(notice.news, News::Confirmed { .. })));
    world.end().await;
}

#[tokio::test]
async fn the_machine_is_asked_the_same_question_as_the_judge() {
    for (steps_max, meter_max) in [(1, 1), (100, 1_000_000), (1 << 20, 1 << 40)] {
        assert_eq!(agents::bounds(steps_max, meter_max), node::bounds(steps_max, meter_max));
    }
}
