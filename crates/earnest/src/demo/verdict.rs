//! What must have happened, by villain. The demo's exit code is whether it did.

use std::collections::BTreeSet;

use protocol::{AccountId, Accused, EndReason, Fault, Ruling};
use serde::Serialize;

use super::tally::Tally;
use crate::cli::Villain;

/// One expectation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Expectation {
    /// What was expected.
    pub(crate) text: String,
    /// Whether it held.
    pub(crate) met: bool,
}

/// The facts beside the events that expectations are about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// How many jobs were submitted.
    pub(crate) jobs: usize,
    /// Whether every output was fetched, is what the ledger says, and is sound.
    pub(crate) outputs_sound: bool,
    /// Whether the supply equation of every asset is exact.
    pub(crate) supply_exact: bool,
    /// Who breaks the rules, if anybody.
    pub(crate) villain: Option<AccountId>,
}

/// Every expectation of a demo with this villain, checked.
pub(crate) fn check(kind: Villain, tally: &Tally, facts: &Facts) -> Vec<Expectation> {
    let mut list = common(tally, facts);
    if let Some(villain) = facts.villain {
        list.extend(of_villain(kind, tally, villain));
    }
    list
}

fn expect(text: impl Into<String>, met: bool) -> Expectation {
    Expectation { text: text.into(), met }
}

fn common(tally: &Tally, facts: &Facts) -> Vec<Expectation> {
    let completed = |course: &super::tally::Course| course.end == Some(EndReason::Completed);
    let paid = |course: &super::tally::Course| {
        course.paid.is_some_and(|(provider, amount)| {
            course.providers.last() == Some(&provider) && !amount.is_zero()
        })
    };
    let guilty: BTreeSet<AccountId> = tally.faults.iter().map(|(_, account, _)| *account).collect();
    let allowed: BTreeSet<AccountId> = facts.villain.into_iter().collect();
    vec![
        expect(
            "every job is completed",
            tally.jobs.len() == facts.jobs && tally.jobs.values().all(completed),
        ),
        expect("whoever completed a job is paid for it", tally.jobs.values().all(paid)),
        expect("every output is what the ledger says, and sound", facts.outputs_sound),
        expect("nobody honest is found at fault", guilty.is_subset(&allowed)),
        expect("supply is exact to the last unit in every asset", facts.supply_exact),
    ]
}

fn of_villain(kind: Villain, tally: &Tally, villain: AccountId) -> Vec<Expectation> {
    let statement = tally.statements.get(&villain).cloned().unwrap_or_default();
    let at_fault = |fault| {
        !statement.faults.is_empty() && statement.faults.iter().all(|found| *found == fault)
    };
    let loses = expect("the villain loses collateral", statement.lost.iter().next().is_some());
    let jailed = expect("the villain is jailed", statement.jailed);
    let reassigned = expect("the job is taken from the villain and completed by another", {
        let others = tally.jobs.values().filter(|course| course.providers.contains(&villain));
        let rescued = |course: &super::tally::Course| {
            course.attempts > 1 && course.providers.last() != Some(&villain)
        };
        others.clone().any(rescued)
    });
    let convicted = |claim| {
        tally.judged.iter().any(|judged| {
            judged.accused == villain && judged.claim == claim && judged.ruling == Ruling::Guilty
        })
    };
    match kind {
        Villain::None => Vec::new(),
        Villain::WrongStep => vec![
            expect(
                "one transaction with a proof of one step convicts",
                convicted(Accused::Provider),
            ),
            expect("the fault is a wrong result", at_fault(Fault::WrongResult)),
            reassigned,
            loses,
            jailed,
        ],
        Villain::Silent => vec![
            expect("the fault is a missed deadline", at_fault(Fault::MissedDeadline)),
            reassigned,
            loses,
        ],
        Villain::WithholdData => vec![
            expect("an unanswered demand convicts", at_fault(Fault::DataWithheld)),
            reassigned,
            loses,
            jailed,
        ],
        Villain::LazyAuditor => {
            vec![expect("the fault is a false audit", at_fault(Fault::FalseAudit)), loses, jailed]
        }
        Villain::FalseChallenger => vec![
            expect(
                "the ledger dismisses the made-up evidence",
                tally.judged.iter().any(|judged| {
                    judged.challenger == villain && matches!(judged.ruling, Ruling::Dismissed(_))
                }),
            ),
            expect("the fault is a false challenge", at_fault(Fault::FalseChallenge)),
            expect("the bond of the challenge goes to the accused", {
                statement.lost.iter().next().is_some()
            }),
        ],
    }
}
