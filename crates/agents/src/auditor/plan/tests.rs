//! The auditor's plan, by table: every stage of a job against everything it may know.

use std::fmt::Write;

use expect_test::{Expect, expect};
use protocol::Time;

use super::*;
use crate::content::address;
use crate::testing::{
    ATTEMPT, STAGES, audit, claim, demand, job_at, me, operator, other, third, view,
};

const ALL: Policy = Policy { watch: Watch::All, runs_at_once: 1, unjail: true, attend: true };

fn rules() -> Parameters {
    Parameters::default()
}

fn short(deed: &Deed) -> String {
    match deed {
        Deed::Unjail => "unjail".into(),
        Deed::Attend(SessionView { session, .. }) => format!("attend {session}"),
        Deed::Run(_) => "run".into(),
        Deed::Demand(_, data, pages) => {
            format!("demand {data:?} {}+{}", pages.first, pages.count)
        }
        Deed::Answer(_) => "answer".into(),
        Deed::Commit(_) => "commit".into(),
        Deed::Reveal(_) => "reveal".into(),
        Deed::Challenge(_) => "challenge".into(),
    }
}

fn shorts(deeds: &[Deed]) -> String {
    deeds.iter().map(short).collect::<Vec<_>>().join(", ")
}

fn drawn(status: JobStatus, auditor: protocol::AccountId) -> JobView {
    let mut job = job_at(status, other());
    if let Some(assignment) = &mut job.job.assignment {
        assignment.audit = Some(audit(auditor));
    }
    job
}

/// The plan at every stage: drawn and watching only that; not drawn and watching all.
fn check(memory: &Memory, expected: &Expect) {
    let mut table = format!("{:<20} | {:<28} | watching\n", "stage", "drawn");
    for status in STAGES {
        let planned = |auditor, policy| {
            let view = view(vec![drawn(status, auditor)]);
            shorts(&plan(&view, memory, &policy, &rules()))
        };
        let status = format!("{status:?}");
        let (own, watching) = (planned(me(), Policy::default()), planned(third(), ALL));
        let row = format!("{status:<20} | {own:<28} | {watching}");
        writeln!(table, "{}", row.trim_end()).unwrap();
    }
    expected.assert_eq(&table);
}

fn of(set: &[Attempt]) -> BTreeSet<Attempt> {
    set.iter().copied().collect()
}

fn withheld(data: DataKind, count: u32) -> BTreeMap<Attempt, Withheld> {
    let wanted = Some(Pages { first: 0, count });
    [(ATTEMPT, Withheld { data, wanted })].into()
}

fn computed(byte: u8) -> Memory {
    let known = [(ATTEMPT, claim(byte))];
    Memory { answered: known.into(), results: known.into(), ..Memory::default() }
}

#[test]
fn with_nothing_known() {
    check(
        &Memory::default(),
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              | run
        Auditing             | run                          | run
        Revealing            |                              | run
        AuditRevealing       |                              | run
        Window               | run                          | run
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn with_the_program_running() {
    check(
        &Memory { running: of(&[ATTEMPT]), ..Memory::default() },
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              |
        Auditing             |                              |
        Revealing            |                              |
        AuditRevealing       |                              |
        Window               |                              |
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn without_the_input() {
    check(
        &Memory { starved: of(&[ATTEMPT]), ..Memory::default() },
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              | run
        Auditing             | demand Input 0+3, run        | run
        Revealing            |                              | run
        AuditRevealing       |                              | run
        Window               | run                          | run
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn with_a_program_that_cannot_be_run() {
    check(
        &Memory { hopeless: of(&[ATTEMPT]), ..Memory::default() },
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              |
        Auditing             |                              |
        Revealing            |                              |
        AuditRevealing       |                              |
        Window               |                              |
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn with_the_same_result() {
    check(
        &computed(1),
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              |
        Auditing             | commit                       |
        Revealing            |                              |
        AuditRevealing       | reveal                       |
        Window               |                              |
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn with_a_result_not_yet_answered_with() {
    check(
        &Memory { answered: BTreeMap::new(), ..computed(2) },
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              |
        Auditing             | answer                       |
        Revealing            |                              |
        AuditRevealing       |                              |
        Window               | challenge                    | challenge
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn with_another_result() {
    check(
        &computed(2),
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              |
        Auditing             | commit                       |
        Revealing            |                              |
        AuditRevealing       | reveal                       |
        Window               | challenge                    | challenge
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn with_another_result_and_no_trace_to_be_had() {
    let withheld = withheld(DataKind::Trace, 1);
    check(
        &Memory { withheld, ..computed(2) },
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              |
        Auditing             | commit                       |
        Revealing            |                              |
        AuditRevealing       | reveal                       |
        Window               | demand Trace 0+1             | demand Trace 0+1
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn restarted_after_committing_to_another_result() {
    check(
        &Memory { results: BTreeMap::new(), ..computed(2) },
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              | run
        Auditing             | commit                       | run
        Revealing            |                              | run
        AuditRevealing       | reveal, run                  | run
        Window               | run                          | run
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn with_the_challenge_made() {
    check(
        &Memory { challenged: of(&[ATTEMPT]), ..computed(2) },
        &expect![[r#"
        stage                | drawn                        | watching
        Open                 |                              |
        Assigned             |                              |
        Committed            |                              |
        Auditing             | commit                       |
        Revealing            |                              |
        AuditRevealing       | reveal                       |
        Window               |                              |
        Ended(Completed)     |                              |
    "#]],
    );
}

#[test]
fn its_own_work_is_never_audited_by_itself() {
    for status in STAGES {
        let view = view(vec![job_at(status, me())]);
        assert_eq!(plan(&view, &computed(2), &ALL, &rules()), []);
    }
}

#[test]
fn commitments_and_reveals_are_not_tried_too_late() {
    for status in [JobStatus::Auditing, JobStatus::AuditRevealing] {
        let mut job = drawn(status, me());
        job.job.deadline = Some(Time(999));
        assert_eq!(plan(&view(vec![job]), &computed(2), &Policy::default(), &rules()), []);
    }
}

#[test]
fn withheld_data_are_demanded_in_the_window_or_a_short_while_after_an_answer() {
    let memory = Memory { withheld: withheld(DataKind::Output, 3), ..computed(2) };
    let planned = |end, answered: Option<Option<u64>>| {
        let mut job = drawn(JobStatus::Window, me());
        job.job.window_end = Some(Time(end));
        if let Some(answered) = answered {
            let mut own = demand(me(), DataKind::Output, claim(1).output);
            own.demand.answered = answered.map(Time);
            job.demands.push(own);
        }
        shorts(&plan(&view(vec![job]), &memory, &Policy::default(), &rules()))
    };
    assert_eq!(planned(1_000, None), "demand Output 0+3");
    assert_eq!(planned(999, None), "challenge");
    // While the answer is due there is nothing to do.
    assert_eq!(planned(1_000, Some(None)), "");
    assert_eq!(planned(999, Some(None)), "");
    assert_eq!(planned(1_000, Some(Some(990))), "demand Output 0+3");
    assert_eq!(planned(999, Some(Some(990))), "demand Output 0+3");
}

#[test]
fn after_an_answer_it_is_compared_before_anything_else_is_demanded() {
    let mut memory = Memory { withheld: withheld(DataKind::Trace, 1), ..computed(2) };
    memory.look_again(ATTEMPT);
    let view = view(vec![drawn(JobStatus::Window, me())]);
    assert_eq!(shorts(&plan(&view, &memory, &Policy::default(), &rules())), "challenge");
}

#[test]
fn an_input_is_demanded_in_stretches_and_what_was_answered_not_again() {
    let rules = Parameters { demand_pages_max: 2, ..rules() };
    let mut job = drawn(JobStatus::Auditing, me());
    let input: Vec<u8> = (0..9_000_u32).map(|place| (place % 253) as u8).collect();
    job.job.spec.input = address(&input);
    let mut memory = Memory { starved: of(&[ATTEMPT]), ..Memory::default() };
    let view = view(vec![job.clone()]);
    let planned = |memory: &Memory| shorts(&plan(&view, memory, &Policy::default(), &rules));
    assert_eq!(planned(&memory), "demand Input 0+2, run");
    let all = demand(me(), DataKind::Input, job.job.spec.input).demand;
    let mut pages = demand::answer(&input, &all);
    let collected = memory.collected.entry(ATTEMPT).or_default();
    collected.take(&[job.job.spec.input], pages.remove(0));
    assert_eq!(planned(&memory), "demand Input 1+2, run");
    let collected = memory.collected.entry(ATTEMPT).or_default();
    pages.into_iter().for_each(|page| collected.take(&[job.job.spec.input], page));
    assert_eq!(planned(&memory), "run");
}

#[test]
fn what_one_was_drawn_for_comes_before_what_one_looks_at() {
    let mut unasked = job_at(JobStatus::Revealing, other());
    unasked.job.id = protocol::JobId([1; 32]);
    unasked.job.deadline = Some(Time(1_001));
    let jobs = vec![unasked, drawn(JobStatus::Auditing, me())];
    let deeds = plan(&view(jobs), &Memory::default(), &ALL, &rules());
    assert_eq!(deeds, [Deed::Run(ATTEMPT)]);
}

#[test]
fn jail_is_left_when_it_may_be() {
    let mut jailed = view(Vec::new());
    let planned = |view: &View| shorts(&plan(view, &Memory::default(), &ALL, &rules()));
    for (until, expected) in [(1_000, "unjail"), (1_001, "")] {
        jailed.operator = Some(operator(OperatorStatus::Jailed(Time(until)), &[]));
        assert_eq!(planned(&jailed), expected);
    }
}

#[test]
fn a_session_is_attended_after_what_is_urgent() {
    let mut there = view(vec![drawn(JobStatus::AuditRevealing, me())]);
    let mut validator = operator(OperatorStatus::Active, &[]);
    validator.rewards.to_attend = Some(SessionView { epoch: protocol::Epoch(3), session: 7 });
    there.operator = Some(validator);
    let planned = |view: &View, policy| shorts(&plan(view, &computed(1), &policy, &rules()));
    assert_eq!(planned(&there, ALL), "reveal, attend 7");
    assert_eq!(planned(&there, Policy { attend: false, ..ALL }), "reveal");
    there.operator = Some(operator(OperatorStatus::Active, &[]));
    assert_eq!(planned(&there, ALL), "reveal", "there is none to attend, or it was attended");
}
