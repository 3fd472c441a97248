//! Ends of replicated jobs: paying, punishing, releasing.

use crate::books::{Movement, Place, Pot, Why};
use crate::event::{Fault, ReplicatedEvent};
use crate::jobs::{Answer, EndReason, Replica, ReplicaFate, settlement};
use crate::penalties::{Cut, Terms};
use crate::primitives::{AccountId, Amount, Content, JobId, STABLE};
use crate::step::Step;

impl Step<'_> {
    /// An output is right: whoever revealed it is paid, whoever revealed another loses its lock. If nobody revealed it the
    /// requester is refunded.
    pub(super) fn settle_replicas(
        &mut self,
        job: JobId,
        right: Content,
        accuser: Option<AccountId>,
    ) {
        let mut paid = Vec::new();
        for at in self.replication(job).with_fate(ReplicaFate::Revealed) {
            if self.replication(job).replicas[at].output == Some(right) {
                paid.push(at);
            } else {
                self.punish_replica(job, at, ReplicaFate::Outvoted, accuser);
            }
        }
        if paid.is_empty() {
            return self.end(job, EndReason::Overturned);
        }
        self.pay_replicas(job, &paid);
        self.end(job, EndReason::Completed);
    }

    /// The output agreed on was not to be had: its replicas lose their locks, the others have theirs back.
    pub(super) fn settle_withheld(&mut self, job: JobId, accuser: AccountId) {
        let replication = self.replication(job);
        for at in replication.with_fate(ReplicaFate::Revealed) {
            if replication.replicas[at].output == replication.verdict {
                self.punish_replica(job, at, ReplicaFate::Withheld, Some(accuser));
            }
        }
        self.release_replicas(job);
        self.end(job, EndReason::Overturned);
    }

    /// Nobody is right and nobody wrong: everybody has its lock back, and the requester its money.
    pub(super) fn settle_undecidable(&mut self, job: JobId) {
        self.release_replicas(job);
        self.end(job, EndReason::Overturned);
    }

    /// Takes a replica's whole lock, and jails it. Not a conviction: that takes a proof.
    pub(super) fn punish_replica(
        &mut self,
        job: JobId,
        at: usize,
        fate: ReplicaFate,
        accuser: Option<AccountId>,
    ) {
        let Replica { provider, quote, .. } = self.replication(job).replicas[at].clone();
        let fault = match fate {
            ReplicaFate::NotRevealed => Fault::NotRevealed,
            ReplicaFate::Withheld => Fault::DataWithheld,
            _ => Fault::Outvoted,
        };
        self.fault(provider, fault, job, accuser);
        let shares = Some((quote.burn_min, quote.bounty_max));
        let terms = Terms { accuser, shares, ..Terms::default() };
        self.slash((provider, fault, job), Place::Lock(provider, job), Cut::Whole, terms);
        self.count_failed(provider);
        self.jail(provider, fault);
        self.change_replica(job, at, |replica| replica.fate = fate);
    }

    /// Opens the locks of all whose result nobody can judge.
    pub(super) fn release_replicas(&mut self, job: JobId) {
        for (at, replica) in self.replication(job).replicas.into_iter().enumerate() {
            if replica.fate.is_open() {
                self.unlock(replica.provider, job);
                self.change_replica(job, at, |replica| replica.fate = ReplicaFate::Released);
            }
        }
    }

    /// Pays each its own price out of the escrow; the last settlement returns what is left.
    fn pay_replicas(&mut self, job: JobId, paid: &[usize]) {
        for (number, at) in paid.iter().enumerate() {
            let Replica { provider, quote, .. } = self.replication(job).replicas[*at].clone();
            let last = number + 1 == paid.len();
            let escrow = if last { self.escrow(job) } else { quote.price };
            let settled = settlement(&self.parameters(), quote.price, escrow);
            self.unlock(provider, job);
            self.pay_job(job, provider, settled);
            self.change_replica(job, *at, |replica| replica.fate = ReplicaFate::Paid);
        }
    }

    /// The bond of an appeal that came to nothing, in equal parts to those whose pay it held up; the remainder to the
    /// treasury.
    pub(super) fn forfeit_appeal(&mut self, job: JobId) {
        let replication = self.replication(job);
        let appeal = replication.appeal.expect("what was voted on was appealed");
        let verdict = replication.verdict.expect("what may be appealed is a verdict");
        let agreeing: Vec<AccountId> = replication
            .replicas
            .iter()
            .filter(|one| one.fate == ReplicaFate::Revealed && one.output == Some(verdict))
            .map(|replica| replica.provider)
            .collect();
        let part = appeal.bond.scaled_floor(1, agreeing.len().max(1) as u128);
        for provider in agreeing {
            self.move_appeal_bond(job, Place::Account(provider), part, Why::AppealForfeited);
        }
        let rest = self.state.held(Place::AppealBond(job), STABLE);
        self.move_appeal_bond(job, Place::Pot(Pot::Treasury), rest, Why::AppealForfeited);
        let answer = Answer::Output(verdict);
        self.emit(ReplicatedEvent::AppealDecided { job, upheld: true, answer });
    }

    pub(super) fn move_appeal_bond(&mut self, job: JobId, to: Place, amount: Amount, why: Why) {
        let from = Place::AppealBond(job);
        self.shift(Movement { from, to, asset: STABLE, amount, why, job: Some(job) });
    }
}
