//! Clearing: every block, the jobs whose turn it is meet the standing asks.

use std::collections::BTreeSet;

use protocol::{
    AccountId, Amount, ClassId, Event, Holdings, JobEvent, JobId, JobSpec, JobStatus, LockQuote,
    Ppm, Pricing, Time,
};

use super::Attempt;
use crate::exact::{ppm, whole};
use crate::rules::Model;
use crate::rules::market::{Ask, Lock, Slices};

/// A job promised to an ask, by its place among the asks, on the ask's own terms.
struct Promise {
    job: JobId,
    at: usize,
    quote: LockQuote,
    slices: Slices,
    /// The first rejected ask per quality.
    rejected: Option<u128>,
}

/// Terms on which a provider gets a job.
pub(in crate::rules) struct Terms {
    pub(in crate::rules) provider: AccountId,
    pub(in crate::rules) ask: u128,
    pub(in crate::rules) pricing: Pricing,
    pub(in crate::rules) quote: LockQuote,
    pub(in crate::rules) slices: Slices,
}

/// A round of replicas promised to asks, by their places.
pub(in crate::rules) type Round = Vec<(usize, Terms)>;

/// What was promised in a clearing.
#[derive(Default)]
struct Promises {
    jobs: Vec<Promise>,
    rounds: Vec<(JobId, Round)>,
}

impl Promise {
    fn lock(&self) -> Lock {
        (self.quote.required.units(), self.slices.clone())
    }
}

impl Terms {
    fn lock(&self) -> Lock {
        (self.quote.required.units(), self.slices.clone())
    }
}

impl Model {
    pub(in crate::rules) fn clear(&mut self) {
        for class in self.classes.keys().copied().collect::<Vec<_>>() {
            self.clear_class(class);
        }
    }

    fn clear_class(&mut self, class: ClassId) {
        let waits = |job: &super::Job| job.spec.class == class && job.place.is_some();
        let (mut asks, window) = self.looked_at(class);
        if asks.is_empty() || !self.jobs.values().any(waits) {
            return;
        }
        if self.try_again(class, &asks) {
            match window {
                Some(last) => self.looked_on.insert(class, last),
                None => self.looked_on.remove(&class),
            };
        }
        let mut without_lots = asks.clone();
        let Promises { jobs: promises, rounds } = self.promise(class, &mut asks);
        let jobs = (promises.len() + rounds.len()) as u64;
        if jobs == 0 {
            return;
        }
        let rejected = promises.first().and_then(|first| first.rejected).map(Amount::new);
        self.say(Event::Job(JobEvent::ClassCleared { class, jobs, rejected }));
        for (at, terms) in rounds.iter().flat_map(|(_, round)| round) {
            without_lots[*at].promised.push(terms.lock());
        }
        let drawn = self.draw_lots(class, &promises, without_lots);
        for (job, terms) in drawn.unwrap_or_else(|| self.keep_promises(promises, asks)) {
            self.assign(job, terms);
        }
        for (job, round) in rounds {
            self.begin_replicas(job, round);
        }
    }

    /// Offered jobs that an ask takes now go back to their lanes: so many a block, on behind those of the block before.
    /// Whether these were the last.
    fn try_again(&mut self, class: ClassId, asks: &[Ask]) -> bool {
        let offered = self.jobs.iter().filter(|(_, job)| job.offered && job.spec.class == class);
        let mut offered: Vec<_> = offered.filter_map(|(id, job)| Some((job.place?, *id))).collect();
        offered.sort();
        let behind = self.tried_again.get(&class).copied();
        let later = |(place, _): &&(u64, JobId)| behind.is_none_or(|behind| *place > behind);
        let mut turn: Vec<_> = offered.iter().filter(later).copied().collect();
        if turn.is_empty() {
            turn = offered;
        }
        let last = turn.last().copied();
        turn.truncate(usize::try_from(self.parameters.clearings_per_block).expect("it is small"));
        let is_last = turn.last().copied() == last;
        match turn.last() {
            Some((place, _)) if !is_last => self.tried_again.insert(class, *place),
            _ => self.tried_again.remove(&class),
        };
        for (_, id) in turn {
            let job = &self.jobs[&id];
            let takes = |ask: &&Ask| self.terms(id, ask, self.price_at(job, ask.ask)).is_ok();
            let wanted = if job.is_replicated() { self.sought(id).0 as usize } else { 1 };
            let owners: BTreeSet<AccountId> =
                asks.iter().filter(takes).map(|ask| self.owner(ask.provider)).collect();
            if owners.len() >= wanted {
                self.enter_line(id);
            }
        }
        is_last
    }

    /// Turns, as many as a block gives and units are free: each job to the lowest ask that takes it, among operators
    /// below the cap if one does, or to as many as it seeks. A job that no ask takes, or too few, steps aside.
    fn promise(&mut self, class: ClassId, asks: &mut [Ask]) -> Promises {
        let turns = usize::try_from(self.parameters.clearings_per_block).expect("it is small");
        let free: usize = asks.iter().map(|ask| usize::try_from(ask.units).expect("few")).sum();
        let jobs = self.in_line(class).len().min(turns).min(free);
        let share = whole(jobs as u128) * ppm(self.parameters.operator_share_max.0);
        let cap = usize::try_from(share.floor()).expect("few").max(1);
        let mut moves = self.parameters.promotions_per_block;
        let mut promises = Promises::default();
        for _ in 0..turns {
            if asks.iter().map(|ask| ask.promised.len()).sum::<usize>() == free {
                break;
            }
            let Some(job) = self.next_turn(class, &mut moves) else { break };
            if self.jobs[&job].is_replicated() {
                match self.draw_round(job, asks, cap) {
                    Some(round) => {
                        for (at, terms) in &round {
                            asks[*at].promised.push(terms.lock());
                        }
                        promises.rounds.push((job, round));
                        self.serve(job, &mut moves);
                    }
                    None => self.offer(job),
                }
                continue;
            }
            match self.lowest(job, asks, cap).or_else(|| self.lowest(job, asks, usize::MAX)) {
                Some(promise) => {
                    asks[promise.at].promised.push(promise.lock());
                    promises.jobs.push(promise);
                    self.serve(job, &mut moves);
                }
                None => self.offer(job),
            }
        }
        for promise in &mut promises.jobs {
            promise.rejected = self.first_rejected(promise.job, asks, cap);
        }
        promises
    }

    fn lowest(&self, id: JobId, asks: &[Ask], most: usize) -> Option<Promise> {
        let job = &self.jobs[&id];
        asks.iter().enumerate().filter(|(_, ask)| ask.has_left(most)).find_map(|(at, ask)| {
            let (quote, slices) = self.terms(id, ask, self.price_at(job, ask.ask)).ok()?;
            Some(Promise { job: id, at, quote, slices, rejected: None })
        })
    }

    /// The lowest ask left over that takes the job, at the job's maximum if it wants more.
    fn first_rejected(&self, id: JobId, asks: &[Ask], cap: usize) -> Option<u128> {
        let job = &self.jobs[&id];
        let most = job.spec.price_max.units();
        let takes = |ask: &&Ask| {
            let price = self.price_at(job, ask.ask).min(most);
            ask.has_left(cap) && self.terms(id, ask, price).is_ok()
        };
        asks.iter().find(takes).map(Ask::effective)
    }

    /// The terms at the first rejected ask, if there is one, it pays this ask, and the lock is there.
    fn uniform(&self, promise: &Promise, ask: &Ask) -> Option<Terms> {
        let job = &self.jobs[&promise.job];
        let rejected = promise.rejected?;
        let rate = (whole(rejected) * ppm(ask.quality)).floor();
        let price = self.price_at(job, rate).min(job.spec.price_max.units());
        if ask.effective() > rejected || self.price_at(job, ask.ask) > price {
            return None;
        }
        let (quote, slices) = self.terms(promise.job, ask, price).ok()?;
        let (rejected, quality) = (Amount::new(rejected), Ppm(ask.quality));
        let pricing = Pricing::Uniform { rejected, quality };
        Some(Terms { provider: ask.provider, ask: ask.ask, pricing, quote, slices })
    }

    /// Winners by lot run the jobs in turn, at the first rejected ask; nothing comes of it if one of the pairs cannot be.
    fn draw_lots(
        &self,
        class: ClassId,
        promises: &[Promise],
        mut asks: Vec<Ask>,
    ) -> Option<Vec<(JobId, Terms)>> {
        let mut winners: Vec<usize> = promises.iter().map(|promise| promise.at).collect();
        winners.sort_by_key(|at| self.lot_of(class, asks[*at].provider));
        let mut drawn = Vec::new();
        for (promise, at) in promises.iter().zip(winners) {
            let terms = self.uniform(promise, &asks[at])?;
            asks[at].promised.push(terms.lock());
            drawn.push((promise.job, terms));
        }
        Some(drawn)
    }

    /// Every job to whom it was promised: at the first rejected ask if that can be, else at the provider's own.
    fn keep_promises(&self, promises: Vec<Promise>, mut asks: Vec<Ask>) -> Vec<(JobId, Terms)> {
        let mut kept = Vec::new();
        for promise in promises {
            let ask = &mut asks[promise.at];
            let own = ask.promised.iter().position(|lock| *lock == promise.lock());
            ask.promised.remove(own.expect("it was promised"));
            let uniform = self.uniform(&promise, ask);
            let own = Terms {
                provider: ask.provider,
                ask: ask.ask,
                pricing: Pricing::Own,
                quote: promise.quote,
                slices: promise.slices,
            };
            let terms = uniform.unwrap_or(own);
            ask.promised.push(terms.lock());
            kept.push((promise.job, terms));
        }
        kept
    }

    /// The lock: `max((m (G + B) / (q delta) - p) / (1 - bounty), I (1 + premium) / (1 - burn - bounty))`.
    pub(in crate::rules) fn quote(&self, spec: &JobSpec, price: u128, rate: Ppm) -> LockQuote {
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
            native_haircut: self.haircut_of(spec),
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

    pub(super) fn assign(&mut self, id: JobId, terms: Terms) {
        let Terms { provider, ask, pricing, quote, slices } = terms;
        self.lock(provider, id, quote.required.units(), &slices);
        let assigned = self.now;
        let attempt = Attempt {
            provider,
            failed: false,
            ask,
            pricing,
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
        let held: Holdings =
            slices.into_iter().map(|(asset, units)| (asset, Amount::new(units))).collect();
        self.say(Event::Job(JobEvent::JobAssigned {
            job: id,
            attempt: self.jobs[&id].begun(),
            provider,
            ask: Amount::new(ask),
            pricing,
            quote: quote.into(),
            locked: held.into(),
            commit_by: Time(commit_by),
        }));
    }
}
