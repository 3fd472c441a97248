//! Appeals: the whole set of validators decides, by two thirds of its weight.

use super::{appeal_bond, verdict_stands};
use crate::books::{Movement, Place, Why};
use crate::event::ReplicatedEvent;
use crate::jobs::{Answer, Appeal, Job, JobStatus, Vote};
use crate::primitives::{AccountId, Amount, JobId, STABLE};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// Anybody appeals against what the replicas agreed on, with a bond, once per job.
pub(crate) fn appeal(step: &mut Step<'_>, sender: AccountId, job: JobId) -> Result<(), Rejection> {
    step.job_in_stage(job, JobStatus::Appealable)?;
    let bond = appeal_bond(&step.state.parameters, &step.job(job)?.spec);
    let (from, to) = (Place::Account(sender), Place::AppealBond(job));
    let (amount, why) = (bond, Why::AppealBond);
    step.pay(Movement { from, to, asset: STABLE, amount, why, job: Some(job) })?;
    let total = step.state.auditors_total();
    let vote_by = step.now().plus_ms(step.state.parameters.veto_ms);
    step.replication_mut(job).appeal = Some(Appeal { appellant: sender, bond, total });
    step.set_stage(job, JobStatus::Voting, Some(vote_by));
    step.emit(ReplicatedEvent::JobAppealed { job, appellant: sender, bond, total, vote_by });
    Ok(())
}

/// A validator votes. As soon as two thirds of all weight are for one answer, it is the answer.
pub(crate) fn vote(
    step: &mut Step<'_>,
    sender: AccountId,
    job: JobId,
    answer: Answer,
) -> Result<(), Rejection> {
    step.job_in_stage(job, JobStatus::Voting)?;
    let weight = step.state.auditors.get(&sender).copied();
    let weight = weight.ok_or(Rejection::NotValidator { account: sender })?;
    let appeal = step.replication(job).appeal.expect("what is voted on was appealed");
    check_unrelated(step, sender, job, &appeal)?;
    if step.state.votes.contains_key(&(job, sender)) {
        return Err(Rejection::VotedBefore);
    }
    step.state.votes.insert((job, sender), Vote { answer, weight });
    let tally = step.state.tallies.entry((job, answer)).or_default();
    *tally = tally.plus(weight);
    let tally = *tally;
    let of = appeal.total.max(step.state.auditors_total());
    step.emit(ReplicatedEvent::AppealVoted { job, validator: sender, answer, weight, tally, of });
    if is_two_thirds(tally, of) {
        decide(step, job, &appeal, answer);
    }
    Ok(())
}

/// Judges are unrelated to everybody whose money depends on the vote.
fn check_unrelated(
    step: &Step<'_>,
    sender: AccountId,
    job: JobId,
    appeal: &Appeal,
) -> Result<(), Rejection> {
    let Job { requester, .. } = *step.job(job)?;
    let replicas = step.replication(job).replicas.into_iter().map(|replica| replica.provider);
    let mut parties = replicas.chain([requester, appeal.appellant]);
    let related = parties.any(|party| step.state.are_related(sender, party));
    if related { Err(Rejection::RelatedToParty { job }) } else { Ok(()) }
}

fn is_two_thirds(tally: Amount, of: Amount) -> bool {
    tally.scaled_floor(3, 1) >= of.scaled_floor(2, 1)
}

fn decide(step: &mut Step<'_>, job: JobId, appeal: &Appeal, answer: Answer) {
    if step.replication(job).verdict.map(Answer::Output) == Some(answer) {
        return appeal_lapsed(step, job);
    }
    let appellant = appeal.appellant;
    step.move_appeal_bond(job, Place::Account(appellant), appeal.bond, Why::AppealReturned);
    step.state.forget_votes(job);
    step.emit(ReplicatedEvent::AppealDecided { job, upheld: false, answer });
    match answer {
        Answer::Output(right) => {
            step.replication_mut(job).verdict = Some(right);
            step.settle_replicas(job, right, Some(appellant));
        }
        Answer::Withheld => step.settle_withheld(job, appellant),
        Answer::Undecidable => step.settle_undecidable(job),
    }
}

/// Two thirds were not found against the replicas, or were found for them: the bond is theirs, and the verdict stands.
pub(crate) fn appeal_lapsed(step: &mut Step<'_>, job: JobId) {
    step.forfeit_appeal(job);
    step.state.forget_votes(job);
    verdict_stands(step, job);
}

impl State {
    /// What all validators weigh together, in micro-dollars.
    pub(crate) fn auditors_total(&self) -> Amount {
        self.auditor_weights.values().copied().sum()
    }

    /// Forgets the votes on a job that is decided: at most one of each validator.
    fn forget_votes(&mut self, job: JobId) {
        let voters = (job, AccountId([0; 32]))..=(job, AccountId([255; 32]));
        let voters: Vec<_> = self.votes.range(voters).map(|(key, _)| *key).collect();
        for key in voters {
            let vote = self.votes.remove(&key).expect("it was just listed");
            self.tallies.remove(&(job, vote.answer));
        }
    }
}
