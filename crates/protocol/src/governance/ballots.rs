//! Voting and counting.

use crate::event::GovernanceEvent;
use crate::governance::{Ballot, Stage, Tally};
use crate::primitives::AccountId;
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// Casts a validator's ballot, or casts it anew.
pub(crate) fn vote(
    step: &mut Step<'_>,
    sender: AccountId,
    proposal: u64,
    ballot: Ballot,
) -> Result<(), Rejection> {
    let record = step.state.proposal(proposal).ok_or(Rejection::UnknownProposal { proposal })?;
    if record.stage != Stage::Voting {
        return Err(Rejection::VoteOver { proposal });
    }
    step.in_time(Some(record.deadline))?;
    if !step.state.auditors.contains_key(&sender) {
        return Err(Rejection::NotVoter { account: sender });
    }
    step.state.ballots.insert((proposal, sender), ballot);
    step.emit(GovernanceEvent::BallotCast { proposal, validator: sender, ballot });
    Ok(())
}

impl State {
    /// How validators have voted on a proposal so far, by account.
    pub fn ballots(&self, proposal: u64) -> impl Iterator<Item = (AccountId, Ballot)> + '_ {
        let range = (proposal, AccountId([0; 32]))..=(proposal, AccountId([255; 32]));
        self.ballots.range(range).map(|((_, account), ballot)| (*account, *ballot))
    }

    /// Weighs a proposal's ballots by what every validator weighs now. Bonds are in one place at one time, so weight
    /// that has moved since its ballot counts once at most, and bond that has left does not count. Looks at each
    /// validator once.
    pub fn tally(&self, proposal: u64) -> Tally {
        let mut tally = Tally::default();
        for (validator, weight) in self.validators() {
            tally.count(weight, self.ballots.get(&(proposal, validator)).copied());
        }
        tally
    }
}
