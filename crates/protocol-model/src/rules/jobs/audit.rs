//! The audit draw: whether, and by whom.

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, AssetId, CollateralEvent, Event, Finding, JobEvent, JobId, JobStatus, Place,
    Pot, Time, Why,
};

use super::{Audit, Job};
use crate::exact::whole;
use crate::rules::{Model, hashed};

impl Model {
    /// Draws for what was committed in an earlier block, in order of height and name, as many as a block may.
    pub(in crate::rules) fn draw_audits(&mut self) {
        let committed = self.jobs.iter().filter_map(|(id, job)| Some((job.drawn_after?, *id)));
        let mut due: Vec<_> = committed.filter(|(height, _)| *height < self.height).collect();
        due.sort();
        due.truncate(usize::try_from(self.parameters.draws_per_block).expect("it is small"));
        for (_, job) in due {
            self.job_mut(job).drawn_after = None;
            self.draw(job);
        }
    }

    fn draw(&mut self, id: JobId) {
        if self.is_audited(id) {
            match self.find_auditor(id) {
                Ok((auditor, slices)) => return self.begin_audit(id, auditor, &slices),
                Err(tries) => self.say(Event::Job(JobEvent::AuditorMissing { job: id, tries })),
            }
        }
        self.await_reveal(id);
    }

    /// Audited if `ticket * 10^6 < q * 2^32`; once chosen, a job stays chosen when its auditor is silent.
    fn is_audited(&mut self, id: JobId) -> bool {
        let attempt = self.attempt(id);
        if !attempt.audits.is_empty() {
            return true;
        }
        let (quoted, worth) = (attempt.quote.audit_rate, self.lock_worth(attempt));
        let rate = self.rate_of_draw(attempt);
        let attempt = self.jobs[&id].begun();
        let [a, b, c, d, ..] = hashed("earnest audit v1", &(self.beacon, id, attempt));
        let ticket = u32::from_be_bytes([a, b, c, d]);
        let drawn = u128::from(ticket) * 1_000_000 < u128::from(rate.0) * (1 << 32);
        if rate > quoted {
            let worth = Amount::new(worth);
            self.say(Event::Collateral(CollateralEvent::AuditRaised {
                job: id,
                attempt,
                quoted,
                rate,
                worth,
            }));
        }
        self.say(Event::Job(JobEvent::AuditDecided { job: id, attempt, rate, ticket, drawn }));
        drawn
    }

    fn find_auditor(&self, id: JobId) -> Result<(AccountId, BTreeMap<AssetId, u128>), u32> {
        let job = &self.jobs[&id];
        for attempt in 0..self.parameters.auditor_tries_max {
            let lot = hashed("earnest auditor v1", &(self.beacon, id, job.begun(), attempt));
            let Some(auditor) = self.auditor_by_lot(&lot) else { return Err(attempt) };
            if let Some(slices) = self.may_audit(job, auditor) {
                return Ok((auditor, slices));
            }
        }
        Err(self.parameters.auditor_tries_max)
    }

    /// The validator in whose share of the whole weight a lot falls, validators in order of account.
    pub(in crate::rules) fn auditor_by_lot(&self, lot: &[u8; 32]) -> Option<AccountId> {
        let total: u128 = self.seated.values().sum();
        let number = u128::from_be_bytes(lot[..16].try_into().expect("sixteen bytes"));
        // The lot is a fraction of 2^128.
        let point = (whole(number) * whole(total) / (whole(u128::MAX / 2 + 1) * whole(2))).floor();
        let mut below = 0;
        self.seated.iter().find_map(|(account, weight)| {
            below += weight;
            (point < below).then_some(*account)
        })
    }

    /// What would be locked of a validator, if it may audit a job at all.
    fn may_audit(&self, job: &Job, auditor: AccountId) -> Option<BTreeMap<AssetId, u128>> {
        let attempt = job.attempt().expect("a committed job has an attempt");
        let related = [attempt.provider, job.requester].map(|party| self.related(auditor, party));
        let silent = attempt.audits.iter().any(|audit| audit.auditor == auditor);
        if related.contains(&true) || silent || job.has_failed(auditor) {
            return None;
        }
        let haircut = self.haircut(job.spec.run_ms);
        self.slices(auditor, self.audit_lock(attempt.quote.price.units()), haircut)
    }

    fn audit_lock(&self, price: u128) -> u128 {
        self.portion_ceil(price, self.parameters.audit_lock)
    }

    fn begin_audit(&mut self, id: JobId, auditor: AccountId, slices: &BTreeMap<AssetId, u128>) {
        let price = self.attempt(id).quote.price.units();
        let fee = self.portion_floor(price, self.parameters.audit_fee).units();
        let fee = fee.min(self.audit_pot());
        let (from, to) = (Place::Pot(Pot::Audit), Place::AuditFee(id));
        self.shift_stable(id, from, to, fee, Why::AuditFeeReserved);
        let (drawn, lock) = (self.height, self.audit_lock(price));
        self.lock(auditor, id, lock, slices);
        self.attempt_mut(id).audits.push(Audit {
            auditor,
            drawn,
            fee,
            lock,
            commitment: None,
            claim: None,
            finding: Finding::Pending,
            gone: false,
        });
        let commit_by = self.now + self.jobs[&id].spec.run_ms + self.parameters.audit_commit_ms;
        self.stage(id, JobStatus::Auditing, commit_by);
        let locked = slices.iter().map(|(asset, units)| (*asset, Amount::new(*units))).collect();
        let (fee, lock, commit_by) = (Amount::new(fee), Amount::new(lock), Time(commit_by));
        self.say(Event::Job(JobEvent::AuditorDrawn {
            job: id,
            auditor,
            fee,
            lock,
            locked,
            commit_by,
        }));
    }
}
