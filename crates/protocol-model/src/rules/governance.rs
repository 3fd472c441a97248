//! Proposals: put down a deposit, be voted on, wait, take effect.

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amendment, Amount, Ballot, Event, GovernanceEvent, NATIVE, Place, Referee,
    Rejection, Tally, Time, Why,
};

use super::books::Move;
use super::parameters::changed;
use super::{Model, Outcome};
use crate::referee::Scripted;

/// A proposal that is voted on or waits for its time.
#[derive(Clone)]
pub(crate) struct Proposal {
    pub(crate) proposer: AccountId,
    pub(crate) amendment: Amendment,
    pub(crate) submitted: u64,
    /// How the vote ended, once it has.
    pub(crate) accepted: Option<Tally>,
    /// Last instant of the vote, or of the old rules, and the number under which it was set.
    pub(crate) deadline: u64,
    pub(crate) number: u64,
    pub(crate) ballots: BTreeMap<AccountId, Ballot>,
}

impl Model {
    pub(super) fn propose(
        &mut self,
        referee: &dyn Referee,
        me: AccountId,
        amendment: &Amendment,
    ) -> Outcome {
        let limit = self.parameters.proposals_max;
        if self.proposals.len() as u64 >= limit.into() {
            return Err(Rejection::TooManyProposals { limit });
        }
        self.possible(referee, amendment).map_err(|fault| Rejection::AmendmentRefused { fault })?;
        let deposit = self.parameters.proposal_deposit;
        self.can_pay(me, NATIVE, deposit.units())?;
        let (id, number) = (self.number(), self.number());
        let (from, to) = (Place::Account(me), Place::Deposit(id));
        let (units, why) = (deposit.units(), Why::ProposalDeposit);
        self.shift(Move { from, to, asset: NATIVE, units, why, job: None });
        let (submitted, deadline) = (self.now, self.now + self.parameters.voting_ms);
        let (amendment, ballots) = (amendment.clone(), BTreeMap::new());
        self.say(Event::Governance(GovernanceEvent::ProposalSubmitted {
            proposal: id,
            proposer: me,
            amendment: amendment.clone(),
            deposit,
            vote_until: Time(deadline),
        }));
        let (proposer, accepted) = (me, None);
        let proposal =
            Proposal { proposer, amendment, submitted, accepted, deadline, number, ballots };
        self.proposals.insert(id, proposal);
        Ok(())
    }

    pub(super) fn vote(&mut self, me: AccountId, id: u64, ballot: Ballot) -> Outcome {
        let unknown = Rejection::UnknownProposal { proposal: id };
        let proposal = self.proposals.get(&id).ok_or(unknown)?;
        if proposal.accepted.is_some() {
            return Err(Rejection::VoteOver { proposal: id });
        }
        self.in_time(Some(proposal.deadline))?;
        if !self.seated.contains_key(&me) {
            return Err(Rejection::NotVoter { account: me });
        }
        let proposal = self.proposals.get_mut(&id).expect("it was just read");
        proposal.ballots.insert(me, ballot);
        self.say(Event::Governance(GovernanceEvent::BallotCast {
            proposal: id,
            validator: me,
            ballot,
        }));
        Ok(())
    }

    /// The weight on each side, and of everybody.
    pub(crate) fn tally(&self, proposal: &Proposal) -> Tally {
        let weight = |side: Option<Ballot>| {
            let voters = self.seated.iter();
            let side = voters
                .filter(|(who, _)| side.is_none() || proposal.ballots.get(who).copied() == side);
            Amount::new(side.map(|(_, weight)| weight).sum())
        };
        Tally {
            approve: weight(Some(Ballot::For)),
            oppose: weight(Some(Ballot::Against)),
            spam: weight(Some(Ballot::Spam)),
            all: weight(None),
        }
    }

    /// What a vote comes to: shares are of all weight, and of no weight nothing comes.
    pub(crate) fn comes_to(&self, tally: &Tally) -> protocol::Outcome {
        let share = |side: Amount, rate| {
            side.units() > 0 && side.units() >= self.portion_ceil(tally.all.units(), rate)
        };
        if share(tally.approve, self.parameters.approval) {
            protocol::Outcome::Accepted
        } else if share(tally.spam, self.parameters.spam_share) {
            protocol::Outcome::Spam
        } else {
            protocol::Outcome::Rejected
        }
    }

    /// The vote is over, or the time after it.
    pub(super) fn proposal_is_due(&mut self, id: u64) {
        let proposal = self.proposals.remove(&id).expect("it has a deadline");
        if proposal.accepted.is_some() {
            if self.is_still_possible(id, &proposal) {
                self.enact(&proposal.amendment);
                self.bonds_changed();
                self.say(Event::Governance(GovernanceEvent::AmendmentEnacted { proposal: id }));
            }
            return;
        }
        let tally = self.tally(&proposal);
        let outcome = self.comes_to(&tally);
        self.say(Event::Governance(GovernanceEvent::ProposalTallied {
            proposal: id,
            tally,
            outcome,
        }));
        let (to, why) = if outcome == protocol::Outcome::Spam {
            (Place::Burned, Why::ProposalBurned)
        } else {
            (Place::Account(proposal.proposer), Why::ProposalReturned)
        };
        let from = Place::Deposit(id);
        let units = self.books.held(from, NATIVE);
        self.shift(Move { from, to, asset: NATIVE, units, why, job: None });
        if outcome == protocol::Outcome::Accepted && self.is_still_possible(id, &proposal) {
            let deadline = self.now + self.parameters.timelock_ms;
            let (number, accepted, ballots) = (self.number(), Some(tally), BTreeMap::new());
            let waiting = Proposal { accepted, deadline, number, ballots, ..proposal };
            self.proposals.insert(id, waiting);
            let enacted_after = Time(deadline);
            self.say(Event::Governance(GovernanceEvent::AmendmentAccepted {
                proposal: id,
                enacted_after,
            }));
        }
    }

    /// Whether an amendment is possible as the rules now are; says so if not.
    fn is_still_possible(&mut self, id: u64, proposal: &Proposal) -> bool {
        match self.possible(&Scripted, &proposal.amendment) {
            Ok(()) => true,
            Err(fault) => {
                self.say(Event::Governance(GovernanceEvent::AmendmentVoid { proposal: id, fault }));
                false
            }
        }
    }

    fn enact(&mut self, amendment: &Amendment) {
        match amendment.clone() {
            Amendment::Parameters { changes } => {
                self.parameters = changed(&self.parameters, &changes).expect("it is possible");
                self.amended.extend(changes.into_iter().map(|change| change.name));
            }
            Amendment::Class { class } => {
                match class.job_limits {
                    Some(limits) => self.hardware.limits.insert(class.id, limits),
                    None => self.hardware.limits.remove(&class.id),
                };
                self.classes.insert(class.id, class);
            }
            Amendment::Asset { definition } => {
                self.books.open(definition.id);
                self.assets.insert(definition.id, definition);
            }
            Amendment::Collateral { asset, terms } => drop(self.admitted.insert(asset, terms)),
        }
    }
}
