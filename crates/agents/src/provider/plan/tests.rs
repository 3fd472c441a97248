//! The provider's plan, by table: every stage of a job against everything it may know.

use std::fmt::Write;

use expect_test::{Expect, expect};
use protocol::Time;

use super::*;
use crate::testing::{
    ATTEMPT, JOB, STAGES, claim, demand, job_at, me, operator, other, third, view,
};

fn rules() -> Parameters {
    Parameters::default()
}

/// A deed in a word or two.
fn short(deed: &Deed) -> String {
    match deed {
        Deed::Offer(offer) => {
            format!("offer {} x{} at {}", offer.class, offer.units, offer.ask)
        }
        Deed::Unjail => "unjail".into(),
        Deed::Run(_) => "run".into(),
        Deed::DemandInput(_, pages) => format!("demand input {}+{}", pages.first, pages.count),
        Deed::Commit(_) => "commit".into(),
        Deed::Publish(_) => "publish".into(),
        Deed::Reveal(_) => "reveal".into(),
        Deed::Answer(_, demander) => format!("answer {demander:?}"),
    }
}

fn shorts(deeds: &[Deed]) -> String {
    deeds.iter().map(short).collect::<Vec<_>>().join(", ")
}

/// The plan at every stage of a job that is this provider's.
fn check(memory: &Memory, expected: &Expect) {
    let mut table = String::new();
    for status in STAGES {
        let view = view(vec![job_at(status, me())]);
        let deeds = plan(&view, memory, &Policy::default(), &rules());
        let row = format!("{:<20} {}", format!("{status:?}"), shorts(&deeds));
        writeln!(table, "{}", row.trim_end()).unwrap();
    }
    expected.assert_eq(&table);
}

fn answered() -> Memory {
    Memory { answered: [(ATTEMPT, claim(1))].into(), ..Memory::default() }
}

fn of(set: &[Attempt]) -> BTreeSet<Attempt> {
    set.iter().copied().collect()
}

#[test]
fn with_nothing_known() {
    check(
        &Memory::default(),
        &expect![[r#"
        Open
        Assigned             run
        Committed
        Auditing
        Revealing
        AuditRevealing
        Window
        Ended(Completed)
    "#]],
    );
}

#[test]
fn with_the_program_running() {
    check(
        &Memory { running: of(&[ATTEMPT]), ..Memory::default() },
        &expect![[r#"
        Open
        Assigned
        Committed
        Auditing
        Revealing
        AuditRevealing
        Window
        Ended(Completed)
    "#]],
    );
}

#[test]
fn without_the_input() {
    check(
        &Memory { starved: of(&[ATTEMPT]), ..Memory::default() },
        &expect![[r#"
        Open
        Assigned             demand input 0+3, run
        Committed
        Auditing
        Revealing
        AuditRevealing
        Window
        Ended(Completed)
    "#]],
    );
}

#[test]
fn with_a_program_that_cannot_be_run() {
    check(
        &Memory { hopeless: of(&[ATTEMPT]), ..Memory::default() },
        &expect![[r#"
        Open
        Assigned
        Committed
        Auditing
        Revealing
        AuditRevealing
        Window
        Ended(Completed)
    "#]],
    );
}

#[test]
fn with_an_answer() {
    check(
        &answered(),
        &expect![[r#"
        Open
        Assigned             commit
        Committed
        Auditing
        Revealing            publish, reveal
        AuditRevealing       publish
        Window               publish
        Ended(Completed)
    "#]],
    );
}

#[test]
fn with_an_answer_that_is_published() {
    check(
        &Memory { published: of(&[ATTEMPT]), ..answered() },
        &expect![[r#"
        Open
        Assigned             commit
        Committed
        Auditing
        Revealing            reveal
        AuditRevealing
        Window
        Ended(Completed)
    "#]],
    );
}

#[test]
fn with_an_answer_whose_data_are_lost() {
    check(
        &Memory { lost: of(&[ATTEMPT]), ..answered() },
        &expect![[r#"
        Open
        Assigned             commit
        Committed
        Auditing
        Revealing            run, reveal
        AuditRevealing       run
        Window               run
        Ended(Completed)
    "#]],
    );
}

#[test]
fn too_late_is_never_tried() {
    let mut table = String::new();
    for status in STAGES {
        let mut job = job_at(status, me());
        job.job.deadline = Some(Time(999));
        let deeds = plan(&view(vec![job]), &answered(), &Policy::default(), &rules());
        let row = format!("{:<20} {}", format!("{status:?}"), shorts(&deeds));
        writeln!(table, "{}", row.trim_end()).unwrap();
    }
    expect![[r#"
        Open
        Assigned
        Committed
        Auditing
        Revealing
        AuditRevealing       publish
        Window               publish
        Ended(Completed)
    "#]]
    .assert_eq(&table);
}

#[test]
fn jobs_of_others_are_none_of_its_business() {
    for status in STAGES {
        let view = view(vec![job_at(status, other())]);
        assert_eq!(plan(&view, &answered(), &Policy::default(), &rules()), []);
    }
}

#[test]
fn an_earlier_attempt_of_its_own_is_not_the_present_one() {
    let mut job = job_at(JobStatus::Assigned, me());
    job.job.attempts = 2;
    let deeds = plan(&view(vec![job]), &answered(), &Policy::default(), &rules());
    assert_eq!(deeds, [Deed::Run(Attempt { job: JOB, number: 2 })]);
}

#[test]
fn input_is_demanded_as_often_as_the_rules_count_it() {
    let memory = Memory { starved: of(&[ATTEMPT]), ..Memory::default() };
    let plan_with = |demands, open| {
        let mut job = job_at(JobStatus::Assigned, me());
        let input = job.job.spec.input;
        job.job.assignment.as_mut().unwrap().input_demands = demands;
        if open {
            job.demands.push(demand(me(), DataKind::Input, input));
        }
        shorts(&plan(&view(vec![job]), &memory, &Policy::default(), &rules()))
    };
    assert_eq!(plan_with(0, false), "demand input 0+3, run");
    assert_eq!(plan_with(1, true), "run");
    assert_eq!(plan_with(3, false), "demand input 0+3, run");
    assert_eq!(plan_with(4, false), "run");
    let input = vec![7; 9_000];
    let mut job = job_at(JobStatus::Assigned, me());
    job.job.spec.input = crate::content::address(&input);
    let asked = demand(me(), DataKind::Input, job.job.spec.input).demand;
    let mut memory = memory;
    let collected = memory.collected.entry(ATTEMPT).or_default();
    for page in demand::answer(&input, &asked) {
        collected.take(&[job.job.spec.input], page);
    }
    // All of it was answered: what is left is to run.
    assert_eq!(shorts(&plan(&view(vec![job]), &memory, &Policy::default(), &rules())), "run");
}

#[test]
fn demands_for_its_own_data_are_answered_while_they_can_be() {
    let memory = Memory { published: of(&[ATTEMPT]), ..answered() };
    let mut job = job_at(JobStatus::Window, me());
    job.demands.push(demand(other(), DataKind::Trace, claim(1).trace));
    job.demands.push(demand(third(), DataKind::Output, claim(1).output));
    // Not its own data; another attempt's; too late; answered.
    job.demands.push(demand(me(), DataKind::Trace, claim(2).trace));
    let mut earlier = demand(me(), DataKind::Trace, claim(1).trace);
    earlier.demand.attempt = 0;
    job.demands.push(earlier);
    let mut late = demand(me(), DataKind::Trace, claim(1).trace);
    late.demand.deadline = Time(999);
    job.demands.push(late);
    let mut done = demand(me(), DataKind::Trace, claim(1).trace);
    done.demand.answered = Some(Time(900));
    job.demands.push(done);
    let deeds = plan(&view(vec![job]), &memory, &Policy::default(), &rules());
    assert_eq!(deeds, [Deed::Answer(ATTEMPT, other()), Deed::Answer(ATTEMPT, third())]);
}

#[test]
fn no_more_programs_run_at_once_than_wanted_and_the_most_urgent_first() {
    let jobs: Vec<_> = (1..=4u8)
        .map(|byte| {
            let mut job = job_at(JobStatus::Assigned, me());
            job.job.id = protocol::JobId([byte; 32]);
            job.job.deadline = Some(Time(2_000 - u64::from(byte)));
            job
        })
        .collect();
    let attempt = |byte| Attempt { job: protocol::JobId([byte; 32]), number: 1 };
    let running = Memory { running: of(&[attempt(4)]), ..Memory::default() };
    let policy = |runs_at_once| Policy { runs_at_once, ..Policy::default() };
    let planned =
        |memory: &Memory, runs| plan(&view(jobs.clone()), memory, &policy(runs), &rules());
    assert_eq!(planned(&running, 1), []);
    assert_eq!(planned(&running, 3), [Deed::Run(attempt(3)), Deed::Run(attempt(2))]);
    assert_eq!(planned(&Memory::default(), 1), [Deed::Run(attempt(4))]);
    assert_eq!(planned(&Memory::default(), 0), []);
}

fn offers(status: OperatorStatus, stands: &[(ClassId, u32, u128)], memory: &Memory) -> String {
    let wanted = |class, units, ask| Standing { class, units, ask: Amount::new(ask) };
    let policy = Policy {
        offers: vec![wanted(ClassId::CPU, 2, 50), wanted(ClassId::GPU, 1, 70)],
        unjail: true,
        ..Policy::default()
    };
    let mut view = view(Vec::new());
    view.operator = Some(operator(status, stands));
    shorts(&plan(&view, memory, &policy, &rules()))
}

#[test]
fn offers_are_kept_standing() {
    let calm = Memory::default();
    let active = |stands: &[_]| offers(OperatorStatus::Active, stands, &calm);
    let right = [(ClassId::CPU, 2, 50), (ClassId::GPU, 1, 70)];
    assert_eq!(active(&right), "");
    assert_eq!(active(&[]), "offer 0 x2 at 50, offer 1 x1 at 70");
    assert_eq!(active(&[(ClassId::CPU, 2, 51), right[1]]), "offer 0 x2 at 50");
    assert_eq!(active(&[right[0], right[1], (ClassId::EDGE, 1, 9)]), "offer 2 x0 at 9");
}

#[test]
fn after_too_many_failures_offers_are_withdrawn() {
    let stands = [(ClassId::CPU, 2, 50)];
    let planned = |failures: u64| {
        let memory = Memory { faults: failures - 1, runs_failed: 1, ..Memory::default() };
        offers(OperatorStatus::Active, &stands, &memory)
    };
    assert_eq!(planned(2), "offer 1 x1 at 70");
    assert_eq!(planned(3), "offer 0 x0 at 50");
}

#[test]
fn jail_is_left_when_it_may_be_and_not_worked_from() {
    let calm = Memory::default();
    assert_eq!(offers(OperatorStatus::Jailed(Time(1_000)), &[], &calm), "unjail");
    assert_eq!(offers(OperatorStatus::Jailed(Time(1_001)), &[], &calm), "");
    assert_eq!(offers(OperatorStatus::Tombstoned, &[], &calm), "");
}

#[test]
fn a_stranger_offers_nothing() {
    let policy = Policy {
        offers: vec![Standing { class: ClassId::CPU, units: 1, ask: Amount::new(1) }],
        ..Policy::default()
    };
    let mut stranger = view(Vec::new());
    assert_eq!(plan(&stranger, &Memory::default(), &policy, &rules()), []);
    let mut record = operator(OperatorStatus::Active, &[]);
    record.operator.duties.provider = false;
    stranger.operator = Some(record);
    assert_eq!(plan(&stranger, &Memory::default(), &policy, &rules()), []);
}
