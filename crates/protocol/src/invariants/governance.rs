//! Governance: ballots are of proposals that were made, and the rules in force are allowed.

use super::Findings;
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    for (proposal, validator) in state.ballots.keys() {
        findings.require(
            *proposal < state.clock.sequence,
            "ballots are of proposals that were made",
            || format!("{validator:?} on proposal {proposal}"),
        );
    }
    for (number, proposal) in &state.proposals {
        findings.require(*number == proposal.id, "proposals are called by their numbers", || {
            format!("{number}: {}", proposal.id)
        });
    }
    let faults = state.parameters.validate().err().unwrap_or_default();
    findings.require(faults.is_empty(), "the parameters are allowed", || format!("{faults:?}"));
}
