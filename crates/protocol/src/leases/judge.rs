//! Judging an epoch once everything about it can have been said, and ending a lease. Money is never left stuck: every arm
//! pays the epoch or returns it.

use crate::books::{Movement, Place, Why};
use crate::event::{Fault, LeaseEvent, Settlement};
use crate::jobs::divide;
use crate::leases::{EpochVerdict, LeaseEnd, LeaseStatus, Tenure};
use crate::penalties::{Cut, Terms};
use crate::primitives::{JobId, PPM, STABLE};
use crate::step::Step;

pub(crate) fn deadline_passed(step: &mut Step<'_>, id: JobId) {
    match step.state.lease(id).expect("a lease and its timer go together").status {
        LeaseStatus::Waiting => step.end_lease(id, LeaseEnd::NoProvider),
        LeaseStatus::Running => judge(step, id),
        LeaseStatus::Ended(_) => {
            step.state.leases.remove(&id);
            step.emit(LeaseEvent::LeaseRetired { lease: id });
        }
    }
}

fn judge(step: &mut Step<'_>, id: JobId) {
    let tenure = step.tenure_mut(id);
    let (epoch, judged) = (tenure.open_epoch(), tenure.standing());
    tenure.judged.push(judged);
    tenure.accepted = false;
    tenure.probes.retain(|probe| probe.epoch > epoch);
    let settlement = if judged.verdict.is_paid() {
        Some(pay(step, id))
    } else {
        give_back(step, id);
        None
    };
    step.emit(LeaseEvent::EpochJudged {
        lease: id,
        epoch,
        judged,
        settlement: settlement.map(Box::new),
    });
    if judged.verdict == EpochVerdict::Missed {
        penalise(step, id);
    }
    match end_of(step, id) {
        Some(reason) => step.end_lease(id, reason),
        None => {
            let epoch_ms = step.state.parameters.epoch_ms;
            let after = step.tenure_mut(id).judged_after(epoch.saturating_add(1), epoch_ms);
            step.set_lease_stage(id, LeaseStatus::Running, after);
        }
    }
}

/// Divides the price of an epoch as the price of a job is divided, and counts it as work.
fn pay(step: &mut Step<'_>, id: JobId) -> Settlement {
    let Tenure { provider, price, terms, .. } = *step.tenure_mut(id);
    let requester = step.lease_mut(id).requester;
    let shares = [terms.provider_share, terms.audit_share, terms.insurance_share];
    let settlement = divide(price, shares);
    let settlement = settlement.with_credit(step.use_credit(requester, settlement.take));
    step.pay_settlement(id, provider, requester, &settlement);
    step.count_work(id, provider, settlement.take);
    settlement
}

fn give_back(step: &mut Step<'_>, id: JobId) {
    let amount = step.tenure_mut(id).price;
    let (from, to) = (Place::Escrow(id), Place::Account(step.lease_mut(id).requester));
    step.shift(Movement { from, to, asset: STABLE, amount, why: Why::Refund, job: Some(id) });
}

/// A missed epoch after the grace: part of what is left of the lock. Nobody who could bring a miss about has anything of
/// it; insurance and burning get it all.
fn penalise(step: &mut Step<'_>, id: JobId) {
    let tenure = step.tenure_mut(id);
    if tenure.missed() <= u64::from(tenure.terms.grace) {
        return;
    }
    let (provider, penalty) = (tenure.provider, tenure.terms.penalty);
    tenure.owed = tenure.owed.minus(tenure.owed.portion_ceil(penalty));
    let terms = Terms { left: tenure.owed, ..Terms::default() };
    step.fault(provider, Fault::Unserved, id, None);
    let (from, cut) = (Place::Lock(provider, id), Cut::Part(penalty.0.into(), PPM.into()));
    step.slash((provider, Fault::Unserved, id), from, cut, terms);
}

/// Why a lease is over now that an epoch of it was judged, if it is.
fn end_of(step: &Step<'_>, id: JobId) -> Option<LeaseEnd> {
    let (_, tenure) = step.running(id).expect("an epoch of a running lease was judged");
    let barred = !step.state.operator(tenure.provider).is_some_and(|record| record.is_active());
    let failed = tenure.missed_in_a_row() >= u64::from(tenure.terms.failures_max);
    let over = tenure.open_epoch() > tenure.last;
    match (failed, over) {
        (true, _) => Some(LeaseEnd::Unserved),
        (_, true) if tenure.notice_by.is_some() => Some(LeaseEnd::NoticeGiven),
        (_, true) => Some(LeaseEnd::Completed),
        _ => barred.then_some(LeaseEnd::ProviderBarred),
    }
}

impl Step<'_> {
    /// Ends a lease: its units are free, what is left of the lock opens, what is left in escrow returns.
    pub(super) fn end_lease(&mut self, id: JobId, reason: LeaseEnd) {
        let now = self.now();
        self.leave_queue(id);
        let record = self.lease_mut(id);
        record.ended = Some(now);
        let (requester, class, units) = (record.requester, record.spec.class, record.spec.units);
        let place = record.tenure.as_mut().and_then(|tenure| tenure.place.take());
        if let Some(tenure) = &mut record.tenure {
            let provider = tenure.provider;
            tenure.probes.clear();
            self.state.forget_lease(place.expect("a running lease has a place"));
            self.unlock(provider, id);
            self.state.free_units(provider, class, units);
        }
        let (from, to) = (Place::Escrow(id), Place::Account(requester));
        let amount = self.escrow(id);
        self.shift(Movement { from, to, asset: STABLE, amount, why: Why::Refund, job: Some(id) });
        let retire_at = now.plus_ms(self.state.parameters.retention_ms);
        self.set_lease_stage(id, LeaseStatus::Ended(reason), retire_at);
        self.emit(LeaseEvent::LeaseEnded { lease: id, reason, retire_at });
    }
}
