//! Deadlines. There is no queue: whatever has a deadline is looked at, and the oldest that has passed comes first.

use protocol::{
    AccountId, EndReason, Event, Fault, Finding, JobEvent, JobId, JobStatus, LockQuote, Place,
};

use super::Model;
use super::double_signing::Phase;
use super::jobs::AuditorFate;
use super::operators::Deed;
use super::penalties::Slash;
use crate::exact::whole;

/// What a deadline belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A job's stage, or the end of its retention.
    Job(JobId),
    /// A bond that is leaving.
    Exit(u64),
    /// A demand for data.
    Demand(JobId, AccountId),
    /// A conviction that still counts.
    Offence(AccountId),
    /// Access stake that is leaving.
    AccessExit(u64),
    /// The grace of a margin call.
    MarginCall(AccountId),
    /// A vote, or the time after it.
    Proposal(u64),
    /// What a delegator has leaving in an operator's bucket.
    Undelegation(AccountId, AccountId, u64),
    /// A redelegation that still answers, by delegator and destination.
    Hop(AccountId, AccountId),
    /// A commitment of a staker with an operator.
    Promise(AccountId, AccountId),
    /// The wait of a lease, an epoch of it, or the end of its retention.
    Lease(JobId),
    /// A phase of a double signer's penalty.
    Signer(AccountId),
}

impl Model {
    /// Every deadline there is: when, the number that says which of two was set first, and what it belongs to.
    pub(crate) fn deadlines(&self) -> impl Iterator<Item = (u64, u64, Due)> + '_ {
        let jobs = self.jobs.iter().filter_map(|(id, job)| {
            let (at, number) = job.deadline?;
            Some((at, number, Due::Job(*id)))
        });
        let exits = self.exits.iter();
        let exits = exits.map(|(number, exit)| (exit.release, *number, Due::Exit(*number)));
        let demands = self.demands.iter().map(|((job, demander), demand)| {
            (demand.deadline, demand.number, Due::Demand(*job, *demander))
        });
        let offences = self.operators.iter().filter_map(|(account, operator)| {
            let offence = operator.offence?;
            Some((offence.until, offence.number, Due::Offence(*account)))
        });
        let access = self.access_exits.iter();
        let access = access.map(|(number, exit)| (exit.release, *number, Due::AccessExit(*number)));
        let leases = self.leases.all.iter();
        let leases = leases.map(|(id, one)| (one.deadline.0, one.deadline.1, Due::Lease(*id)));
        let signers = self.signers.iter().filter(|(_, signer)| signer.phase != Phase::Over);
        let signers =
            signers.map(|(who, signer)| (signer.until.0, signer.until.1, Due::Signer(*who)));
        let later = self.later_deadlines().chain(self.delegation_deadlines());
        let later = later.chain(leases).chain(signers);
        jobs.chain(exits).chain(demands).chain(offences).chain(access).chain(later)
    }

    /// Those of margin calls and proposals.
    fn later_deadlines(&self) -> impl Iterator<Item = (u64, u64, Due)> + '_ {
        let calls = self.thin.iter().filter_map(|(operator, thin)| {
            Some((thin.until, thin.number?, Due::MarginCall(*operator)))
        });
        let proposals = self.proposals.iter();
        let proposals = proposals.map(|(id, one)| (one.deadline, one.number, Due::Proposal(*id)));
        calls.chain(proposals)
    }

    fn delegation_deadlines(&self) -> impl Iterator<Item = (u64, u64, Due)> + '_ {
        let leaving = self.delegated.leaving.iter().map(|((who, operator, bucket), part)| {
            (part.due, part.number, Due::Undelegation(*who, *operator, *bucket))
        });
        let hops = self.delegated.hops.iter();
        let hops =
            hops.map(|((who, operator), hop)| (hop.due, hop.number, Due::Hop(*who, *operator)));
        let promises = self.delegated.promises.iter().map(|((who, operator), promise)| {
            (promise.until, promise.number, Due::Promise(*who, *operator))
        });
        leaving.chain(hops).chain(promises)
    }

    /// Acts on what is overdue, the oldest first, as many as a block may. At the deadline itself nothing is late.
    pub(super) fn act_on_overdue(&mut self) {
        for _ in 0..self.parameters.timers_per_block {
            let Some((at, _, due)) = self.deadlines().min() else { return };
            if at >= self.now {
                return;
            }
            match due {
                Due::Job(job) => self.job_is_late(job),
                Due::Exit(number) => self.release_exit(number),
                Due::Demand(job, demander) => self.demand_is_late(job, demander),
                Due::Offence(account) => self.operator_mut(account).offence = None,
                Due::AccessExit(number) => self.release_access(number),
                Due::MarginCall(operator) => self.grace_is_over(operator),
                Due::Proposal(proposal) => self.proposal_is_due(proposal),
                Due::Undelegation(who, operator, bucket) => self.pay_out(who, operator, bucket),
                Due::Hop(who, operator) => self.hop_is_over(who, operator),
                Due::Promise(who, operator) => self.promise_is_over(who, operator),
                Due::Lease(lease) => self.lease_is_due(lease),
                Due::Signer(operator) => self.signer_phase_over(operator),
            }
        }
    }

    fn job_is_late(&mut self, id: JobId) {
        match self.jobs[&id].status {
            JobStatus::Open => {
                self.leave_line(id);
                self.end(id, EndReason::NoProvider);
            }
            JobStatus::Assigned => self.provider_missed(id),
            JobStatus::Auditing => self.auditor_did_not_commit(id),
            JobStatus::Revealing => {
                self.convict_provider(id, Fault::NotRevealed, None, AuditorFate::Paid);
            }
            JobStatus::AuditRevealing => {
                self.close_audit(id, AuditorFate::Silent);
                self.audit_mut(id).finding = Finding::Silent;
                self.open_window(id);
            }
            JobStatus::Window => self.window_is_over(id),
            JobStatus::Ended(_) => {
                self.jobs.remove(&id);
                self.say(Event::Job(JobEvent::JobRetired { job: id }));
            }
            JobStatus::Committed => panic!("a committed job has no deadline"),
            // Replicated.
            JobStatus::Replicating => self.replicas_did_not_commit(id),
            JobStatus::ReplicasRevealing => self.replicas_did_not_reveal(id),
            JobStatus::Escalating => {
                self.leave_line(id);
                self.give_up(id);
            }
            JobStatus::Appealable => self.settle_replicas(id, None),
            JobStatus::Voting => self.appeal_failed(id),
        }
    }

    /// A quarter of the lock and a tenth of the price, never more than the lock, unless it could not have the input. Out of
    /// that comes the premium of whoever is drawn in its stead.
    fn provider_missed(&mut self, id: JobId) {
        self.forfeit_premium(id);
        if self.excused(id, self.attempt(id).provider) {
            return self.reopen(id);
        }
        let premium = self.premium_at(self.attempt(id).quote.price.units());
        self.punish_provider_that_missed(id, premium);
        self.reopen(id);
        self.missed.push((id, premium));
    }

    /// Whether somebody has made every demand for an input that has more pages than those reach. Says so.
    fn excused(&mut self, job: JobId, account: AccountId) -> bool {
        let parameters = &self.parameters;
        let made = self.attempt(job).demands_by(account);
        let reached = u64::from(made) * u64::from(parameters.demand_pages_max);
        let all = made == parameters.input_demands_max;
        let excused = all && self.jobs[&job].spec.input.size > reached * 4_096;
        if excused {
            self.say(Event::Job(JobEvent::Excused { job, account }));
        }
        excused
    }

    fn punish_provider_that_missed(&mut self, id: JobId, premium: u128) {
        let attempt = self.attempt(id);
        let (provider, quote) = (attempt.provider, attempt.quote);
        self.punish_missed(id, provider, &quote, premium);
    }

    pub(super) fn punish_missed(
        &mut self,
        id: JobId,
        operator: AccountId,
        quote: &LockQuote,
        premium: u128,
    ) {
        let (price, required) = (quote.price.units(), quote.required.units());
        let of_lock = self.portion_ceil(required, self.parameters.missed_lock_share);
        let of_price = self.portion_ceil(price, self.parameters.missed_price_share);
        let owed = (of_lock + of_price).min(required);
        let fault = Fault::MissedDeadline;
        self.fault(operator, fault, id, None);
        let part = if required == 0 { whole(0) } else { whole(owed) / whole(required) };
        let job = Some(id);
        let slash =
            Slash { operator, fault, job, accuser: None, victim: None, shares: None, premium };
        self.slash(slash, Place::Lock(operator, id), part);
        self.note(operator, Deed::Missed);
    }

    /// Another auditor from the next block's beacon, or none when enough were tried.
    fn auditor_did_not_commit(&mut self, id: JobId) {
        let auditor = self.audit_mut(id).auditor;
        let excused = self.excused(id, auditor);
        self.close_audit(id, if excused { AuditorFate::Released } else { AuditorFate::Silent });
        self.audit_mut(id).gone = true;
        let tried = self.attempt(id).audits.len() as u64;
        if tried >= self.parameters.auditors_max.into() {
            return self.await_reveal(id);
        }
        self.up_for_draw(id);
    }

    /// An auditor that disagreed without proof was false; the result stands.
    fn window_is_over(&mut self, id: JobId) {
        let disputed = self.finding(id) == Some(Finding::Mismatch);
        let fate = if disputed { AuditorFate::False(None) } else { AuditorFate::Paid };
        self.close_audit(id, fate);
        self.settle(id);
    }
}
