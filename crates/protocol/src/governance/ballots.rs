//! Voting, counting, and removing what was counted.

use crate::event::GovernanceEvent;
use crate::governance::{Ballot, Proposal, Tally};
use crate::primitives::AccountId;
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// Most ballots of ended votes removed in one block. Nobody sees those that are still there, so it is not a parameter.
const SWEPT_MAX: usize = 1_000;

/// Before every ballot of a proposal.
const NOBODY: AccountId = AccountId([0; 32]);

/// Casts a validator's ballot, or casts it anew.
pub(crate) fn vote(
    step: &mut Step<'_>,
    sender: AccountId,
    proposal: u64,
    ballot: Ballot,
) -> Result<(), Rejection> {
    let record = step.state.proposal(proposal).ok_or(Rejection::UnknownProposal { proposal })?;
    if !record.is_voted_on() {
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

/// Removes ballots of votes that are over. A vote may have more of them than there are validators, if places changed
/// hands, so its end leaves them to the blocks after it.
pub(crate) fn sweep_ballots(step: &mut Step<'_>) {
    step.state.sweep_ballots(SWEPT_MAX);
}

impl State {
    fn sweep_ballots(&mut self, most: usize) {
        let (mut from, mut left) = ((0, NOBODY), most);
        while left > 0 {
            let Some(((proposal, validator), _)) = self.ballots.range(from..).next() else {
                return;
            };
            let (proposal, ballot) = (*proposal, (*proposal, *validator));
            if self.is_voted_on(proposal) {
                from = (proposal + 1, NOBODY);
            } else {
                self.ballots.remove(&ballot);
                left -= 1;
            }
        }
    }

    fn is_voted_on(&self, proposal: u64) -> bool {
        self.proposal(proposal).is_some_and(Proposal::is_voted_on)
    }

    /// How validators have voted on a proposal so far, by account; nothing when its vote is over.
    pub fn ballots(&self, proposal: u64) -> impl Iterator<Item = (AccountId, Ballot)> + '_ {
        let range = (proposal, NOBODY)..=(proposal, AccountId([255; 32]));
        let cast = self.is_voted_on(proposal).then(|| self.ballots.range(range));
        cast.into_iter().flatten().map(|((_, account), ballot)| (*account, *ballot))
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::genesis::{AssetDefinition, Genesis};
    use crate::governance::{Amendment, Stage};
    use crate::parameters::Parameters;
    use crate::primitives::Time;

    fn proposal(id: u64, stage: Stage) -> Arc<Proposal> {
        let amendment = Amendment::Parameters { changes: Vec::new() };
        let (submitted, deadline) = (Time(0), Time(1));
        let (proposer, timer) = (NOBODY, 0);
        Arc::new(Proposal { id, proposer, amendment, submitted, stage, deadline, timer })
    }

    #[test]
    fn ballots_of_ended_votes_are_removed_so_many_at_a_time() {
        let genesis = Genesis {
            chain_name: "votes".into(),
            start: Time(0),
            parameters: Parameters::default(),
            assets: AssetDefinition::seed(None),
            classes: Vec::new(),
            balances: Vec::new(),
            pots: Vec::new(),
        };
        let (mut state, _) = State::genesis(&genesis).expect("nothing contradicts itself");
        // Votes 2 and 4 are under way, 3 was accepted, 1 and 5 are over.
        state.proposals.insert(2, proposal(2, Stage::Voting));
        state.proposals.insert(3, proposal(3, Stage::Accepted(Tally::default())));
        state.proposals.insert(4, proposal(4, Stage::Voting));
        for vote in 1..=5 {
            for validator in 1..=3 {
                state.ballots.insert((vote, AccountId([validator; 32])), Ballot::For);
            }
        }
        let seen = |state: &State| [1, 2, 3, 4, 5].map(|vote| state.ballots(vote).count());
        let kept = |state: &State| {
            [1, 2, 3, 4, 5].map(|vote| state.ballots.keys().filter(|(of, _)| *of == vote).count())
        };
        let nothing_left = [0, 3, 0, 3, 0];
        for expected in [[1, 3, 3, 3, 3], [0, 3, 2, 3, 3], [0, 3, 0, 3, 3], [0, 3, 0, 3, 1]] {
            state.sweep_ballots(2);
            assert_eq!((kept(&state), seen(&state)), (expected, nothing_left));
        }
        state.sweep_ballots(2);
        state.sweep_ballots(2);
        assert_eq!((kept(&state), seen(&state)), (nothing_left, nothing_left));
    }
}
