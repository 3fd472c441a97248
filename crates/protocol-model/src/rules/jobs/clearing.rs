//! Clearing: every block, waiting jobs of each class in turn, each to the lowest ask that fits.

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, AssetId, ClassId, Event, JobId, JobSpec, JobStatus, LockQuote,
    OperatorStatus, Ppm, Time,
};

use super::{Attempt, Job};
use crate::exact::{ppm, whole};
use crate::rules::{Model, hashed};

/// Metered units that an ask is the price of.
const ASK_UNITS: u128 = 1_000_000_000;

/// Terms on which a provider takes a job.
struct Terms {
    provider: AccountId,
    ask: u128,
    quote: LockQuote,
    slices: BTreeMap<AssetId, u128>,
}

impl Model {
    pub(in crate::rules) fn clear(&mut self) {
        for class in self.classes.keys().copied().collect::<Vec<_>>() {
            if self.standing(class).is_empty() {
                continue;
            }
            for job in self.turn(class) {
                if let Some(terms) = self.best(job) {
                    self.assign(job, terms);
                }
            }
        }
    }

    /// Asks of a class that stand, from the lowest, and among equals by account.
    pub(crate) fn standing(&self, class: ClassId) -> Vec<(u128, AccountId)> {
        let mut asks = Vec::new();
        for (account, operator) in &self.operators {
            let able = operator.duties.provider && self.status(operator) == OperatorStatus::Active;
            if let Some((units, ask)) = operator.offers.get(&class).filter(|_| able)
                && *units > self.busy(*account, class)
            {
                asks.push((*ask, *account));
            }
        }
        asks.sort();
        asks
    }

    /// The waiting jobs that this block looks at: on behind those of the block before, from the head of the queue when
    /// that one came to its end.
    fn turn(&mut self, class: ClassId) -> Vec<JobId> {
        let behind = self.looked_at.get(&class).copied();
        let waiting = self.jobs.iter().filter(|(_, job)| job.spec.class == class);
        let waiting = waiting.filter_map(|(id, job)| Some((job.place?, *id)));
        let mut waiting: Vec<_> =
            waiting.filter(|(place, _)| behind.is_none_or(|behind| *place > behind)).collect();
        waiting.sort();
        let budget = usize::try_from(self.parameters.clearings_per_block).expect("it is small");
        waiting.truncate(budget);
        match waiting.last() {
            Some((last, _)) if waiting.len() == budget => self.looked_at.insert(class, *last),
            _ => self.looked_at.remove(&class),
        };
        waiting.into_iter().map(|(_, job)| job).collect()
    }

    /// The lowest ask that fits among the first so many; of equal ones the beacon's choice.
    fn best(&self, id: JobId) -> Option<Terms> {
        let job = &self.jobs[&id];
        let looked_at = usize::try_from(self.parameters.candidates_max).expect("it is small");
        let asks = self.standing(job.spec.class).into_iter().take(looked_at);
        let fitting = asks.filter_map(|(ask, provider)| self.terms(job, provider, ask));
        let lot = |terms: &Terms| {
            let of = (self.beacon, id, terms.provider);
            (terms.ask, hashed("earnest clearing v1", &of))
        };
        fitting.min_by_key(lot)
    }

    /// The terms on which an operator takes a job, unless it does not.
    fn terms(&self, job: &Job, provider: AccountId, ask: u128) -> Option<Terms> {
        let price = (whole(ask) * whole(job.spec.meter_max.into()) / whole(ASK_UNITS)).ceil();
        let price = price.max(self.parameters.price_min.units());
        let barred = job.has_failed(provider) || self.related(provider, job.requester);
        if barred || price > job.spec.price_max.units() || !self.backs_one_more(provider, job) {
            return None;
        }
        let rate = self.audit_rate(&self.operators[&provider]);
        let quote = self.quote(&job.spec, price, rate);
        let slices = self.slices(provider, quote.required.units(), quote.native_haircut)?;
        if !self.covers_one_more(provider, quote.required.units()) {
            return None;
        }
        Some(Terms { provider, ask, quote, slices })
    }

    /// Whether a bond, perhaps slashed since, backs what is at work and one unit more.
    fn backs_one_more(&self, provider: AccountId, job: &Job) -> bool {
        let offers = self.offers(provider).into_iter();
        let at_work =
            offers.map(|(class, _, busy, _)| (class, busy + u32::from(class == job.spec.class)));
        let backing = self.backing(at_work).max(self.parameters.provider_bond_min.units());
        self.bond_value(provider) >= backing
    }

    /// The lock: `max((m (G + B) / (q delta) - p) / (1 - bounty), I (1 + premium) / (1 - burn - bounty))`.
    fn quote(&self, spec: &JobSpec, price: u128, rate: Ppm) -> LockQuote {
        let parameters = &self.parameters;
        let saving = self.portion_ceil(price, parameters.saving);
        let gain = whole(saving + spec.harm.units()) * ppm(parameters.margin.0);
        let deterrent = gain / (ppm(rate.0) * ppm(parameters.detection.0));
        // Where a bounty is everything, one part in a million stands for what is lost, as below.
        let lost = ppm((1_000_000 - parameters.bounty_max.0).max(1));
        let honesty = (whole(deterrent.ceil().saturating_sub(price)) / lost).ceil();
        let insurance = self.insurance(spec.insured.units());
        LockQuote {
            price: Amount::new(price),
            saving: Amount::new(saving),
            harm: spec.harm,
            insured: spec.insured,
            audit_rate: rate,
            detection: parameters.detection,
            margin: parameters.margin,
            honesty: Amount::new(honesty),
            insurance: Amount::new(insurance),
            required: Amount::new(honesty.max(insurance)),
            native_price: Amount::new(self.collateral_price()),
            native_haircut: self.haircut(spec.run_ms),
            burn_min: parameters.burn_min,
            bounty_max: parameters.bounty_max,
        }
    }

    /// What leaves the insured value whole after the burned part and the largest bounty.
    fn insurance(&self, insured: u128) -> u128 {
        let parameters = &self.parameters;
        let covered = insured + self.portion_ceil(insured, parameters.insured_premium);
        let kept = 1_000_000 - parameters.burn_min.0 - parameters.bounty_max.0;
        // Where nothing is kept, one part in a million stands for it: a requirement that nobody meets.
        (whole(covered) / ppm(kept.max(1))).ceil()
    }

    fn assign(&mut self, id: JobId, terms: Terms) {
        let Terms { provider, ask, quote, slices } = terms;
        self.lock(provider, id, quote.required.units(), &slices);
        let assigned = self.now;
        let attempt = Attempt {
            provider,
            failed: false,
            ask,
            quote,
            locked: slices.clone(),
            assigned,
            committed: None,
            revealed: None,
            audits: Vec::new(),
            input_demands: Vec::new(),
        };
        self.job_mut(id).attempts.push(attempt);
        let commit_by = assigned + self.jobs[&id].spec.run_ms;
        self.stage(id, JobStatus::Assigned, commit_by);
        self.say(Event::JobAssigned {
            job: id,
            attempt: self.jobs[&id].begun(),
            provider,
            ask: Amount::new(ask),
            quote,
            locked: slices.into_iter().map(|(asset, units)| (asset, Amount::new(units))).collect(),
            commit_by: Time(commit_by),
        });
    }
}
