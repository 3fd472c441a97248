//! Ends: paying, refunding, closing audits.

use protocol::{
    AccountId, Amount, EndReason, Event, Fault, Finding, JobEvent, JobId, JobStatus, Place, Pot,
    Settlement, Time, Why,
};

use crate::exact::{ppm, whole};
use crate::rules::Model;
use crate::rules::operators::Deed;
use crate::rules::penalties::Slash;

/// What becomes of an auditor when its audit is over.
#[derive(Clone, Copy)]
pub(in crate::rules) enum AuditorFate {
    /// Fee and lock.
    Paid,
    /// The lock alone.
    Released,
    /// Its lock is lost, to whoever proved it wrong if anybody.
    False(Option<AccountId>),
    /// Part of its lock is lost.
    Silent,
}

impl Model {
    /// Closes the audit that counts, unless it came to its end before.
    pub(in crate::rules) fn close_audit(&mut self, id: JobId, fate: AuditorFate) {
        let Some(audit) = self.attempt(id).audit() else { return };
        if [Finding::Refuted, Finding::Silent].contains(&audit.finding) {
            return;
        }
        let auditor = audit.auditor;
        match fate {
            AuditorFate::Released => {}
            AuditorFate::Paid => {
                self.note(auditor, Deed::Audited);
                let (from, to) = (Place::AuditFee(id), Place::Account(auditor));
                self.empty_stable(id, from, to, Why::AuditFee);
            }
            AuditorFate::False(accuser) => {
                self.punish_auditor(id, auditor, Fault::FalseAudit, accuser, 1_000_000);
            }
            AuditorFate::Silent => {
                let part = self.parameters.silent_audit_share.0;
                self.punish_auditor(id, auditor, Fault::SilentAudit, None, part);
            }
        }
        let (from, to) = (Place::AuditFee(id), Place::Pot(Pot::Audit));
        self.empty_stable(id, from, to, Why::AuditFeeReturned);
        self.unlock(auditor, id);
    }

    fn punish_auditor(
        &mut self,
        job: JobId,
        operator: AccountId,
        fault: Fault,
        accuser: Option<AccountId>,
        part: u32,
    ) {
        self.fault(operator, fault, job, accuser);
        let slash = Slash {
            operator,
            fault,
            job: Some(job),
            accuser,
            victim: None,
            shares: None,
            premium: 0,
        };
        self.slash(slash, Place::Lock(operator, job), ppm(part));
        self.note(operator, Deed::AuditFault);
        self.jail(operator, fault);
    }

    /// The provider is at fault with its whole lock; the job goes on with its escrow whole.
    pub(in crate::rules) fn convict_provider(
        &mut self,
        id: JobId,
        fault: Fault,
        accuser: Option<AccountId>,
        auditor: AuditorFate,
    ) {
        let job = &self.jobs[&id];
        let victim = Some((job.requester, job.spec.insured.units()));
        let attempt = self.attempt(id);
        let (_, _, since) = attempt.committed.expect("only what was committed can be wrong");
        let (operator, quote) = (attempt.provider, &attempt.quote);
        let shares = Some((quote.burn_min, quote.bounty_max));
        self.convict(
            id,
            Slash { operator, fault, job: Some(id), accuser, victim, shares, premium: 0 },
            since,
        );
        self.close_audit(id, auditor);
        self.forfeit_premium(id);
        self.reopen(id);
    }

    /// The result stands: shares round down, the protocol keeps the rest, the requester what it did not cost.
    pub(in crate::rules) fn settle(&mut self, id: JobId) {
        let (provider, price) = {
            let attempt = self.attempt(id);
            (attempt.provider, attempt.quote.price.units())
        };
        self.pay_settlement(id, provider, price, self.escrow(id));
        self.end(id, EndReason::Completed);
    }

    /// Pays a price out of this part of the escrow.
    pub(in crate::rules) fn pay_settlement(
        &mut self,
        id: JobId,
        provider: AccountId,
        price: u128,
        part: u128,
    ) {
        let requester = self.jobs[&id].requester;
        self.pay_premium(id, provider);
        self.unlock(provider, id);
        let share = |rate| self.portion_floor(price, rate);
        let parameters = &self.parameters;
        let (earned, audit) = (share(parameters.provider_share), share(parameters.audit_share));
        let insurance = share(parameters.insurance_share);
        let take = self.take(price);
        let credit = Amount::new(self.use_credit(requester, take.units()));
        let settlement = Settlement {
            price: Amount::new(price),
            provider: earned,
            audit,
            insurance,
            take: Amount::new(take.units() - credit.units()),
            credit,
            unspent: Amount::new(part - price),
        };
        let Settlement { provider: earned, audit, insurance, take, unspent, .. } = settlement;
        let own = self.share_fee(provider, Place::Escrow(id), earned.units(), id);
        for (to, amount, why) in [
            (Place::Account(provider), Amount::new(own), Why::ProviderShare),
            (Place::Pot(Pot::Audit), audit, Why::AuditShare),
            (Place::Pot(Pot::Insurance), insurance, Why::InsuranceShare),
            (Place::Pot(Pot::Treasury), take, Why::Take),
            (Place::Account(requester), credit, Why::AccessCredit),
            (Place::Account(requester), unspent, Why::Unspent),
        ] {
            self.shift_stable(id, Place::Escrow(id), to, amount.units(), why);
        }
        self.count_work(id, provider, take);
        self.say(Event::Job(JobEvent::Settled { job: id, provider, settlement }));
        self.note(provider, Deed::Completed);
    }

    /// The protocol's take: its exact share, and what the other three lost by rounding.
    fn take(&self, price: u128) -> Amount {
        let parameters = &self.parameters;
        let rates = [parameters.provider_share, parameters.audit_share, parameters.insurance_share];
        let own = 1_000_000 - rates.iter().map(|rate| rate.0).sum::<u32>();
        let others = rates.map(|rate| self.portion_floor(price, rate).units()).iter().sum::<u128>();
        let take = price - others;
        let share = (whole(price) * ppm(own)).floor();
        assert!(take >= share && take - share <= 3, "the take is {take}, its share {share}");
        Amount::new(take)
    }

    /// A job is over: what is in escrow returns.
    pub(in crate::rules) fn end(&mut self, id: JobId, reason: EndReason) {
        let now = self.now;
        self.forfeit_premium(id);
        self.job_mut(id).ended = Some(now);
        let requester = self.jobs[&id].requester;
        self.empty_stable(id, Place::Escrow(id), Place::Account(requester), Why::Refund);
        let retire_at = now + self.parameters.retention_ms;
        self.stage(id, JobStatus::Ended(reason), retire_at);
        self.say(Event::Job(JobEvent::JobEnded { job: id, reason, retire_at: Time(retire_at) }));
    }

    /// A job is void through nobody's fault of this attempt: the provider's lock opens, the requester has all back.
    pub(in crate::rules) fn void(&mut self, id: JobId, auditor: AuditorFate, reason: EndReason) {
        self.close_audit(id, auditor);
        let provider = self.attempt(id).provider;
        self.unlock(provider, id);
        self.end(id, reason);
    }
}
