//! What an epoch comes to, and how leases end.

use protocol::{
    Amount, EpochJudged, EpochVerdict, Fault, JobId, LeaseEnd, LeaseEvent, LeaseStatus,
    OperatorStatus, Place, Pot, Settlement, Time, Why,
};

use super::Tenure;
use crate::exact::{ppm, whole};
use crate::rules::Model;
use crate::rules::penalties::Slash;

impl Model {
    /// A lease waited long enough, an epoch can be judged, or a lease is forgotten.
    pub(in crate::rules) fn lease_is_due(&mut self, id: JobId) {
        match self.leases.all[&id].status() {
            LeaseStatus::Waiting => self.end_lease(id, LeaseEnd::NoProvider),
            LeaseStatus::Running => self.judge_epoch(id),
            LeaseStatus::Ended(_) => {
                self.leases.all.remove(&id);
                self.say(LeaseEvent::LeaseRetired { lease: id });
            }
        }
    }

    fn judge_epoch(&mut self, id: JobId) {
        let (epoch, judged) = (self.tenure(id).open(), self.verdict(self.tenure(id)));
        let requester = self.leases.all[&id].requester;
        let price = self.tenure(id).price;
        let paid = matches!(judged.verdict, EpochVerdict::Accepted | EpochVerdict::Served);
        let settlement = if paid {
            Some(self.pay_epoch(id))
        } else {
            let to = Place::Account(requester);
            self.shift_stable(id, Place::Escrow(id), to, price, Why::Refund);
            None
        };
        self.tenure_mut(id).judged.push(judged);
        self.say(LeaseEvent::EpochJudged {
            lease: id,
            epoch,
            judged,
            settlement: settlement.map(Box::new),
        });
        self.punish_missed_epoch(id, judged.verdict);
        match self.why_over(self.tenure(id)) {
            Some(reason) => self.end_lease(id, reason),
            None => {
                let tenure = self.tenure(id);
                let epochs = u64::from(tenure.open()) + 1;
                let ends = tenure.started + epochs * self.parameters.epoch_ms;
                let after = ends + tenure.terms.report_ms + tenure.terms.rebut_ms;
                let number = self.number();
                self.lease_mut(id).deadline = (after, number);
            }
        }
    }

    /// What the open epoch comes to: the requester's signature is enough, else two counts decide.
    pub(crate) fn verdict(&self, tenure: &Tenure) -> EpochJudged {
        let epoch = tenure.open();
        let probes = tenure.probes_in(epoch.into(), self.parameters.epoch_ms);
        let heard = probes.iter().filter(|probe| !probe.words.is_empty()).count();
        let answered = probes.iter().filter(|probe| probe.is_answered()).count();
        let least = (whole(heard as u128) * ppm(tenure.terms.answers_min.0)).ceil();
        let verdict = if tenure.accepted.contains(&epoch) {
            EpochVerdict::Accepted
        } else if heard == 0 {
            EpochVerdict::Unproven
        } else if answered as u128 >= least {
            EpochVerdict::Served
        } else {
            EpochVerdict::Missed
        };
        let small = |count| u32::try_from(count).expect("leases are short");
        let (drawn, heard, answered) = (small(probes.len()), small(heard), small(answered));
        EpochJudged { drawn, heard, answered, verdict }
    }

    /// Shares as when the lease began, each rounded down; the protocol keeps the rest, less the requester's credit.
    fn pay_epoch(&mut self, id: JobId) -> Settlement {
        let Tenure { provider, price, terms, .. } = *self.tenure(id);
        let requester = self.leases.all[&id].requester;
        let [earned, audit, insurance] =
            [terms.provider_share, terms.audit_share, terms.insurance_share]
                .map(|rate| self.portion_floor(price, rate).units());
        let take = price - earned - audit - insurance;
        let credit = self.use_credit(requester, take);
        let own = self.share_fee(provider, Place::Escrow(id), earned, id);
        for (to, units, why) in [
            (Place::Account(provider), own, Why::ProviderShare),
            (Place::Pot(Pot::Audit), audit, Why::AuditShare),
            (Place::Pot(Pot::Insurance), insurance, Why::InsuranceShare),
            (Place::Pot(Pot::Treasury), take - credit, Why::Take),
            (Place::Account(requester), credit, Why::AccessCredit),
        ] {
            self.shift_stable(id, Place::Escrow(id), to, units, why);
        }
        self.count_work(id, provider, Amount::new(take - credit));
        let [price, provider, audit, insurance, take, credit] =
            [price, earned, audit, insurance, take - credit, credit].map(Amount::new);
        let unspent = Amount::new(0);
        Settlement { price, provider, audit, insurance, take, credit, unspent }
    }

    fn punish_missed_epoch(&mut self, id: JobId, verdict: EpochVerdict) {
        let tenure = self.tenure(id);
        let missed = tenure.judged.iter().filter(|one| one.verdict == EpochVerdict::Missed);
        let excused = missed.count() as u64 <= tenure.terms.grace.into();
        if verdict != EpochVerdict::Missed || excused {
            return;
        }
        let (operator, penalty) = (tenure.provider, tenure.terms.penalty);
        let fault = Fault::Unserved;
        self.fault(operator, fault, id, None);
        let job = Some(id);
        let slash =
            Slash { operator, fault, job, accuser: None, victim: None, shares: None, premium: 0 };
        self.slash(slash, Place::Lock(operator, id), ppm(penalty.0));
    }

    /// What a lock is for after a slash of it: of a lease that runs, all but the penalty; of a job, nothing.
    pub(in crate::rules) fn left_of_debt(&self, job: JobId, debt: u128) -> u128 {
        let lease = self.leases.all.get(&job).and_then(|lease| lease.tenure.as_ref());
        let taken = lease.map(|tenure| self.portion_ceil(debt, tenure.terms.penalty));
        taken.map_or(0, |taken| debt - taken)
    }

    fn why_over(&self, tenure: &Tenure) -> Option<LeaseEnd> {
        let mut row = 0;
        for one in &tenure.judged {
            match one.verdict {
                EpochVerdict::Missed => row += 1,
                EpochVerdict::Unproven => {}
                EpochVerdict::Accepted | EpochVerdict::Served => row = 0,
            }
        }
        let works = self.status(&self.operators[&tenure.provider]) == OperatorStatus::Active;
        if row >= tenure.terms.failures_max {
            Some(LeaseEnd::Unserved)
        } else if tenure.open() == tenure.epochs {
            let left = tenure.notice_by.is_some();
            Some(if left { LeaseEnd::NoticeGiven } else { LeaseEnd::Completed })
        } else if works {
            None
        } else {
            Some(LeaseEnd::ProviderBarred)
        }
    }

    /// A lease is over: what is in escrow returns, the lock opens.
    pub(super) fn end_lease(&mut self, id: JobId, reason: LeaseEnd) {
        let lease = &self.leases.all[&id];
        let (requester, provider) = (lease.requester, lease.served_by());
        if let Some(provider) = provider {
            let place = self.leases.row.iter().position(|other| *other == id);
            self.leases.row.swap_remove(place.expect("running leases stand in the row"));
            self.unlock(provider, id);
        }
        self.empty_stable(id, Place::Escrow(id), Place::Account(requester), Why::Refund);
        let (now, retire_at) = (self.now, self.now + self.parameters.retention_ms);
        let number = self.number();
        let lease = self.lease_mut(id);
        lease.ended = Some((now, reason));
        lease.deadline = (retire_at, number);
        self.say(LeaseEvent::LeaseEnded { lease: id, reason, retire_at: Time(retire_at) });
    }
}
