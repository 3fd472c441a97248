//! Proposals, and what they have changed, side by side.

use protocol::{Ballot, ClassId, Stage, State};

use super::Differences;
use crate::rules::Model;

pub(super) fn compare(state: &State, model: &Model, found: &mut Differences) {
    let open: Vec<u64> = state.proposals().map(|proposal| proposal.id).collect();
    found.same(|| "proposals".into(), open, model.proposals.keys().copied().collect());
    for listed in state.proposals() {
        let Some(proposal) = model.proposals.get(&listed.id) else { continue };
        let what = || format!("proposal {}", listed.id);
        let accepted = match listed.stage {
            Stage::Voting => None,
            Stage::Accepted(tally) => Some(tally),
        };
        let facts = (listed.proposer, &listed.amendment, listed.submitted.0, accepted);
        let expected =
            (proposal.proposer, &proposal.amendment, proposal.submitted, proposal.accepted);
        found.same(what, facts, expected);
        let deadline = (listed.deadline.0, listed.timer);
        found.same(what, deadline, (proposal.deadline, proposal.number));
        let ballots: Vec<(_, Ballot)> = state.ballots(listed.id).collect();
        let expected = proposal.ballots.iter().map(|(account, ballot)| (*account, *ballot));
        found.same(what, ballots, expected.collect());
        let tally = model.tally(proposal);
        found.same(what, state.tally(listed.id), tally);
        found.same(what, tally.outcome(state.parameters()), model.comes_to(&tally));
    }
    changes(state, model, found);
}

/// Parameters that a vote has changed, classes, assets.
fn changes(state: &State, model: &Model, found: &mut Differences) {
    if !model.amended.is_empty() {
        let (rules, expected) = (state.parameters().table(), model.parameters.table());
        for (info, expected) in rules.iter().zip(&expected) {
            if model.amended.contains(info.name) {
                found.same(|| info.name.into(), info.value, expected.value);
            }
        }
    }
    let ids: Vec<ClassId> = model.classes.keys().copied().collect();
    let classes: Vec<_> = ids.iter().map(|id| state.class(*id)).collect();
    found.same(|| "classes".into(), classes, model.classes.values().map(Some).collect());
    let assets: Vec<_> = state.assets().map(|asset| &asset.definition).collect();
    found.same(|| "assets".into(), assets, model.assets.values().collect());
}
