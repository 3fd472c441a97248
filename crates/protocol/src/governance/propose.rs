//! Proposing.

use std::sync::Arc;

use crate::books::{Movement, Place, Why};
use crate::event::GovernanceEvent;
use crate::governance::{Amendment, Proposal, Stage};
use crate::primitives::{AccountId, NATIVE};
use crate::rejection::Rejection;
use crate::state::{State, Task};
use crate::step::Step;

/// Puts an amendment to the vote, against a deposit. Anybody may.
pub(crate) fn propose(
    step: &mut Step<'_>,
    sender: AccountId,
    amendment: &Amendment,
) -> Result<(), Rejection> {
    let parameters = step.parameters();
    let limit = parameters.proposals_max;
    if step.state.proposals.len() as u64 >= u64::from(limit) {
        return Err(Rejection::TooManyProposals { limit });
    }
    let refused = |fault| Rejection::AmendmentRefused { fault };
    step.state.check_amendment(step.context.referee, amendment).map_err(refused)?;
    let (id, deposit) = (step.next_sequence(), parameters.proposal_deposit);
    let (from, to) = (Place::Account(sender), Place::Deposit(id));
    let why = Why::ProposalDeposit;
    step.pay(Movement { from, to, asset: NATIVE, amount: deposit, why, job: None })?;
    let submitted = step.now();
    let deadline = submitted.plus_ms(parameters.voting_ms);
    let timer = step.set_timer(deadline, Task::Proposal(id));
    let proposal = Proposal {
        id,
        proposer: sender,
        amendment: amendment.clone(),
        submitted,
        stage: Stage::Voting,
        deadline,
        timer,
    };
    step.state.proposals.insert(id, Arc::new(proposal));
    step.emit(GovernanceEvent::ProposalSubmitted {
        proposal: id,
        proposer: sender,
        amendment: amendment.clone(),
        deposit,
        vote_until: deadline,
    });
    Ok(())
}

impl State {
    /// A proposal that is voted on or waits for its time.
    pub fn proposal(&self, proposal: u64) -> Option<&Proposal> {
        self.proposals.get(&proposal).map(AsRef::as_ref)
    }

    /// Every such proposal, oldest first.
    pub fn proposals(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.values().map(AsRef::as_ref)
    }
}
