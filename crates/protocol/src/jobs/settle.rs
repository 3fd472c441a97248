//! Ends: paying, refunding, closing audits.

use crate::books::{Movement, Place, Pot, Why};
use crate::event::Fault;
use crate::event::{JobEvent, Settlement};
use crate::jobs::{Audit, EndReason, Finding, JobStatus};
use crate::parameters::Parameters;
use crate::penalties::{Cut, Terms};
use crate::primitives::{AccountId, Amount, JobId, Ppm, STABLE};
use crate::step::Step;

/// Divides a price: shares round down, the remainder is the protocol's.
pub fn settlement(parameters: &Parameters, price: Amount, escrow: Amount) -> Settlement {
    let shares = [parameters.provider_share, parameters.audit_share, parameters.insurance_share];
    Settlement { unspent: escrow.minus(price), ..divide(price, shares) }
}

/// Divides a price into the shares of provider, audit and insurance, each rounded down, and the take.
pub(crate) fn divide(price: Amount, shares: [Ppm; 3]) -> Settlement {
    let [provider, audit, insurance] = shares.map(|share| price.portion_floor(share));
    let take = price.minus(provider).minus(audit).minus(insurance);
    let (credit, unspent) = (Amount::ZERO, Amount::ZERO);
    Settlement { price, provider, audit, insurance, take, credit, unspent }
}

impl Settlement {
    /// The same settlement with part of the take paid by the requester's credit.
    pub(crate) fn with_credit(self, credit: Amount) -> Self {
        Self { take: self.take.minus(credit), credit, ..self }
    }
}

/// What becomes of an auditor when its audit is over.
#[derive(Clone, Copy)]
pub(crate) enum AuditorFate {
    /// The fee, and its lock back.
    Paid,
    /// Its lock back, no fee: the audit came to nothing through nobody's fault of its own.
    Released,
    /// The whole lock slashed.
    False(Option<AccountId>),
    /// Part of the lock slashed.
    Silent,
}

impl Step<'_> {
    /// Closes the current audit, if any: fee, lock, penalty. Its record stays with the attempt.
    pub(crate) fn close_audit(&mut self, job: JobId, fate: AuditorFate) {
        let Some(Audit { auditor, .. }) = self.current_audit(job) else { return };
        match fate {
            AuditorFate::Paid => {
                let reliability = &mut self.operator_mut(auditor).reliability;
                reliability.audits_completed = reliability.audits_completed.saturating_add(1);
                self.count_passed(auditor);
                self.move_audit_fee(job, Place::Account(auditor), Why::AuditFee);
            }
            AuditorFate::Released => {}
            AuditorFate::False(accuser) => {
                let terms = Terms { accuser, ..Terms::default() };
                self.punish_auditor(auditor, job, Fault::FalseAudit, Cut::Whole, terms);
            }
            AuditorFate::Silent => {
                let share = self.state.parameters.silent_audit_share;
                let cut = Cut::Part(share.0.into(), crate::primitives::PPM.into());
                self.punish_auditor(auditor, job, Fault::SilentAudit, cut, Terms::default());
            }
        }
        self.move_audit_fee(job, Place::Pot(Pot::Audit), Why::AuditFeeReturned);
        self.unlock(auditor, job);
    }

    /// The audit of a job, unless it was closed before.
    fn current_audit(&self, job: JobId) -> Option<Audit> {
        let audit = self.state.job(job)?.assignment.as_ref()?.audit.clone()?;
        let closed = matches!(audit.finding, Finding::Refuted | Finding::Silent);
        (!closed).then_some(audit)
    }

    /// Moves what is left of a job's audit fee.
    fn move_audit_fee(&mut self, job: JobId, to: Place, why: Why) {
        let from = Place::AuditFee(job);
        let amount = self.state.held(from, STABLE);
        self.shift(Movement { from, to, asset: STABLE, amount, why, job: Some(job) });
    }

    fn punish_auditor(
        &mut self,
        auditor: AccountId,
        job: JobId,
        fault: Fault,
        cut: Cut,
        terms: Terms,
    ) {
        self.fault(auditor, fault, job, terms.accuser);
        self.slash((auditor, fault, job), Place::Lock(auditor, job), cut, terms);
        let reliability = &mut self.operator_mut(auditor).reliability;
        reliability.audit_faults = reliability.audit_faults.saturating_add(1);
        self.count_failed(auditor);
        self.jail(auditor, fault);
    }

    /// The result stands: everybody is paid, the job is over.
    pub(crate) fn settle(&mut self, job: JobId) {
        let parameters = self.parameters();
        self.pay_premium(job);
        let assignment = self.close_assignment(job);
        let provider = assignment.provider;
        let settlement = settlement(&parameters, assignment.quote.price, self.escrow(job));
        self.pay_job(job, provider, settlement);
        self.end(job, EndReason::Completed);
    }

    /// Pays a price out of the escrow, and counts the job for whoever earned it.
    pub(crate) fn pay_job(&mut self, job: JobId, provider: AccountId, settlement: Settlement) {
        let requester = self.job_mut(job).requester;
        let settlement = settlement.with_credit(self.use_credit(requester, settlement.take));
        self.pay_settlement(job, provider, requester, &settlement);
        self.count_work(job, provider, settlement.take);
        self.emit(JobEvent::Settled { job, provider, settlement });
        self.count_completed(provider);
    }

    /// Pays everybody's part out of an escrow, the delegators' first.
    pub(crate) fn pay_settlement(
        &mut self,
        job: JobId,
        provider: AccountId,
        requester: AccountId,
        settlement: &Settlement,
    ) {
        let from = Place::Escrow(job);
        let own = self.pay_pool_fees(from, provider, settlement.provider, Some(job));
        let parts = [
            (Place::Account(provider), own, Why::ProviderShare),
            (Place::Pot(Pot::Audit), settlement.audit, Why::AuditShare),
            (Place::Pot(Pot::Insurance), settlement.insurance, Why::InsuranceShare),
            (Place::Pot(Pot::Treasury), settlement.take, Why::Take),
            (Place::Account(requester), settlement.credit, Why::AccessCredit),
            (Place::Account(requester), settlement.unspent, Why::Unspent),
        ];
        for (to, amount, why) in parts {
            self.shift(Movement { from, to, asset: STABLE, amount, why, job: Some(job) });
        }
    }

    /// Counts a completed job, and the epoch as clean unless it was counted or soiled before.
    fn count_completed(&mut self, provider: AccountId) {
        self.count_passed(provider);
        let epoch = self.state.clock.epoch;
        let reliability = &mut self.operator_mut(provider).reliability;
        reliability.jobs_completed = reliability.jobs_completed.saturating_add(1);
        if reliability.counted_epoch.is_none_or(|counted| counted < epoch) {
            reliability.clean_epochs = reliability.clean_epochs.saturating_add(1);
            reliability.counted_epoch = Some(epoch);
        }
    }

    /// Ends a job: whatever is still in escrow returns to the requester. A premium that was not paid is forfeited.
    pub(crate) fn end(&mut self, job: JobId, reason: EndReason) {
        let now = self.now();
        self.forfeit_premium(job);
        let record = self.job_mut(job);
        record.ended = Some(now);
        let (from, to) = (Place::Escrow(job), Place::Account(record.requester));
        let amount = self.escrow(job);
        self.shift(Movement { from, to, asset: STABLE, amount, why: Why::Refund, job: Some(job) });
        let retire_at = now.plus_ms(self.state.parameters.retention_ms);
        self.set_stage(job, JobStatus::Ended(reason), Some(retire_at));
        self.emit(JobEvent::JobEnded { job, reason, retire_at });
    }
}
