//! Appeals: two thirds of all that validators weigh.

use protocol::{
    AccountId, Amount, Answer, EndReason, JobId, JobStatus, Place, Rejection, ReplicatedEvent,
    STABLE, Time, Why,
};

use crate::exact::whole;
use crate::rules::{Model, Outcome};

impl Model {
    pub(in crate::rules) fn appeal(&mut self, me: AccountId, id: JobId) -> Outcome {
        self.at_stage(id, JobStatus::Appealable)?;
        let bond = self.appeal_bond(id);
        self.can_pay(me, STABLE, bond.units())?;
        let (from, to) = (Place::Account(me), Place::AppealBond(id));
        self.shift_stable(id, from, to, bond.units(), Why::AppealBond);
        let total = self.weight_of_all();
        self.job_mut(id).replicated.appeal = Some((me, bond.units(), total));
        let until = self.now + self.parameters.veto_ms;
        self.stage(id, JobStatus::Voting, until);
        let (total, vote_by) = (Amount::new(total), Time(until));
        self.say(ReplicatedEvent::JobAppealed { job: id, appellant: me, bond, total, vote_by });
        Ok(())
    }

    fn weight_of_all(&self) -> u128 {
        self.seated.values().sum()
    }

    pub(in crate::rules) fn vote_on_appeal(
        &mut self,
        me: AccountId,
        id: JobId,
        answer: Answer,
    ) -> Outcome {
        let job = self.at_stage(id, JobStatus::Voting)?;
        let weight = *self.seated.get(&me).ok_or(Rejection::NotValidator { account: me })?;
        let (appellant, _, total) = job.replicated.appeal.expect("it was appealed");
        let replicas = job.replicated.replicas.iter().map(|replica| replica.provider);
        let mut parties = replicas.chain([job.requester, appellant]);
        if parties.any(|party| self.related(me, party)) {
            return Err(Rejection::RelatedToParty { job: id });
        }
        if job.replicated.votes.iter().any(|(voter, ..)| *voter == me) {
            return Err(Rejection::VotedBefore);
        }
        let of = total.max(self.weight_of_all());
        let votes = &mut self.job_mut(id).replicated.votes;
        votes.push((me, answer, weight));
        let same = votes.iter().filter(|(_, other, _)| *other == answer);
        let tally: u128 = same.map(|(.., weight)| weight).sum();
        let enough = tally >= (whole(2 * of) / whole(3)).ceil();
        let [weight, tally, of] = [weight, tally, of].map(Amount::new);
        self.say(ReplicatedEvent::AppealVoted {
            job: id,
            validator: me,
            answer,
            weight,
            tally,
            of,
        });
        if enough {
            self.decided(id, answer);
        }
        Ok(())
    }

    /// Two thirds are for one answer.
    fn decided(&mut self, id: JobId, answer: Answer) {
        let job = &self.jobs[&id].replicated;
        let (appellant, ..) = job.appeal.expect("it was appealed");
        if job.verdict.is_some_and(|verdict| answer == Answer::Output(verdict)) {
            return self.appeal_failed(id);
        }
        let (from, to) = (Place::AppealBond(id), Place::Account(appellant));
        self.empty_stable(id, from, to, Why::AppealReturned);
        self.say(ReplicatedEvent::AppealDecided { job: id, upheld: false, answer });
        match answer {
            Answer::Output(right) => {
                self.job_mut(id).replicated.verdict = Some(right);
                self.settle_replicas(id, Some(appellant));
            }
            Answer::Withheld => self.settle_withheld(id, appellant),
            Answer::Undecidable => {
                self.release_replicas(id);
                self.end(id, EndReason::Overturned);
            }
        }
    }

    /// What was agreed on stands, and who agreed has the bond.
    pub(in crate::rules) fn appeal_failed(&mut self, id: JobId) {
        let job = &self.jobs[&id].replicated;
        let (_, bond, _) = job.appeal.expect("it was appealed");
        let output = job.verdict;
        let agreed = job.replicas.iter().filter(|one| one.end.is_none() && one.output == output);
        let agreed: Vec<AccountId> = agreed.map(|replica| replica.provider).collect();
        let part = (whole(bond) / whole(agreed.len() as u128)).floor();
        for provider in agreed {
            let (from, to) = (Place::AppealBond(id), Place::Account(provider));
            self.shift_stable(id, from, to, part, Why::AppealForfeited);
        }
        let (from, to) = (Place::AppealBond(id), Place::Pot(protocol::Pot::Treasury));
        self.empty_stable(id, from, to, Why::AppealForfeited);
        let answer = Answer::Output(output.expect("it was agreed on"));
        self.say(ReplicatedEvent::AppealDecided { job: id, upheld: true, answer });
        self.settle_replicas(id, None);
    }
}
