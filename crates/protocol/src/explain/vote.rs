//! How a vote stands.

use crate::governance::{Outcome, Stage};
use crate::state::State;

/// Where a proposal stands, line by line; `None` for one that is not open.
pub fn vote(state: &State, proposal: u64) -> Option<Vec<String>> {
    let record = state.proposal(proposal)?;
    let parameters = state.parameters();
    let (tally, next) = match record.stage {
        Stage::Voting => {
            let tally = state.tally(proposal);
            let next = match tally.outcome(parameters) {
                Outcome::Accepted => "would be accepted",
                Outcome::Rejected => "would be rejected, the deposit returned",
                Outcome::Spam => "would be rejected as spam, the deposit burned",
            };
            (tally, format!("{next} if the vote ended now; it ends after {}", record.deadline))
        }
        Stage::Accepted(tally) => {
            (tally, format!("accepted; takes effect after {}", record.deadline))
        }
    };
    let (approve, oppose, spam, all) = (tally.approve, tally.oppose, tally.spam, tally.all);
    Some(vec![
        format!(
            "for {approve}, against {oppose}, spam {spam} of {all}; {} of all must be for it",
            parameters.approval
        ),
        next,
    ])
}
