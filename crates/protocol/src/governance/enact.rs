//! The end of a vote, and of the time after it.

use std::sync::Arc;

use crate::books::{Movement, Place, Why};
use crate::event::GovernanceEvent;
use crate::governance::{Amendment, Outcome, Proposal, Stage};
use crate::primitives::{Amount, NATIVE};
use crate::state::{Asset, Task};
use crate::step::Step;

/// A proposal's deadline has passed.
pub(crate) fn proposal_due(step: &mut Step<'_>, id: u64) {
    let proposal = step.state.proposals.remove(&id).expect("a proposal and its timer go together");
    match proposal.stage {
        Stage::Voting => count(step, &proposal),
        Stage::Accepted(_) => enact(step, &proposal),
    }
}

/// Ends the vote.
fn count(step: &mut Step<'_>, proposal: &Proposal) {
    let id = proposal.id;
    let tally = step.state.tally(id);
    let outcome = tally.outcome(&step.state.parameters);
    step.emit(GovernanceEvent::ProposalTallied { proposal: id, tally, outcome });
    let (to, why) = match outcome {
        Outcome::Spam => (Place::Burned, Why::ProposalBurned),
        Outcome::Accepted | Outcome::Rejected => {
            (Place::Account(proposal.proposer), Why::ProposalReturned)
        }
    };
    let from = Place::Deposit(id);
    let amount = step.state.held(from, NATIVE);
    step.shift(Movement { from, to, asset: NATIVE, amount, why, job: None });
    if outcome == Outcome::Accepted && is_possible(step, proposal) {
        let deadline = step.now().plus_ms(step.state.parameters.timelock_ms);
        let timer = step.set_timer(deadline, Task::Proposal(id));
        let stage = Stage::Accepted(tally);
        let accepted = Proposal { stage, deadline, timer, ..proposal.clone() };
        step.state.proposals.insert(id, Arc::new(accepted));
        step.emit(GovernanceEvent::AmendmentAccepted { proposal: id, enacted_after: deadline });
    }
}

/// Puts an accepted amendment into effect, if it is still possible.
fn enact(step: &mut Step<'_>, proposal: &Proposal) {
    if !is_possible(step, proposal) {
        return;
    }
    match &proposal.amendment {
        Amendment::Parameters { changes } => {
            let changed = step.state.parameters.with(changes);
            step.state.parameters = Arc::new(changed.expect("the amendment was just checked"));
        }
        Amendment::Class { class } => drop(step.state.classes.insert(class.id, class.clone())),
        Amendment::Asset { definition } => {
            let (minted, burned) = (Amount::ZERO, Amount::ZERO);
            let asset = Asset { definition: definition.clone(), minted, burned };
            step.state.assets.insert(definition.id, asset);
        }
        Amendment::Collateral { asset, terms } => {
            step.state.collateral.insert(*asset, *terms);
        }
    }
    step.state.revalue();
    step.emit(GovernanceEvent::AmendmentEnacted { proposal: proposal.id });
}

/// Whether the amendment is possible as the rules are now; says so if not.
fn is_possible(step: &mut Step<'_>, proposal: &Proposal) -> bool {
    let fault = step.state.check_amendment(step.context.referee, &proposal.amendment).err();
    let possible = fault.is_none();
    if let Some(fault) = fault {
        step.emit(GovernanceEvent::AmendmentVoid { proposal: proposal.id, fault });
    }
    possible
}
