//! Drawing replicas: by stake, among the lowest asks, one for each owner.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::needed;
use crate::bonds::slices_of;
use crate::event::Event;
use crate::jobs::{
    Job, JobStatus, LockQuote, Replica, ReplicaFate, lock_quote, price_ceil, replica_price_max,
};
use crate::market::{Candidate, Fit, Pricing, lot, unbacked, uniform_price};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Hash, Holdings, JobId, Ppm, uniform_below};
use crate::state::State;
use crate::step::Step;

/// An ask that can run a replica.
struct Able {
    candidate: Candidate,
    /// Its price at its own ask, and the lock at that price.
    own: (LockQuote, Holdings),
    /// Its bond: the weight it is drawn by. A bond of nothing weighs as one micro-dollar.
    weight: Amount,
}

/// A replica's price, and how it came about.
struct Deal {
    candidate: Candidate,
    pricing: Pricing,
    quote: LockQuote,
    slices: Holdings,
}

/// How an ask meets a replica of a job at a price. Every result is compared, so the audit rate of the lock is the whole.
pub(crate) fn fit_replica(state: &State, job: &Job, candidate: &Candidate, price: Amount) -> Fit {
    let (parameters, provider) = (&state.parameters, candidate.provider);
    let operator = state.operator(provider).expect("asks belong to operators");
    if state.are_related(provider, job.requester) {
        return Fit::Related;
    }
    if price > replica_price_max(&job.spec) {
        return Fit::TooDear(price);
    }
    if let Some((required, value)) = unbacked(state, operator, job.spec.class, 0) {
        return Fit::Unbacked(required, value);
    }
    let quote = lock_quote(parameters, &job.spec, price, Ppm::WHOLE);
    match slices_of(parameters, &candidate.free, quote.required) {
        Some(slices) => Fit::Takes(Box::new((quote, slices))),
        None => Fit::CannotLock(quote),
    }
}

/// Of the lowest asks of a class those of operators that run replicas, in order of ask per quality, lots where they are equal.
fn lowest_asks(state: &State, beacon: Hash, class: ClassId) -> Vec<Candidate> {
    let limit = usize::try_from(state.parameters.candidates_max).unwrap_or(usize::MAX);
    let offer = |provider| state.offer(provider, class).expect("asks belong to offers");
    let candidate = |(provider, _)| Candidate::new(state, provider, offer(provider));
    let looked_at = state.asks(class).take(limit);
    let willing = looked_at.filter(|(provider, _)| state.runs_replicas(*provider));
    let mut asks: Vec<Candidate> = willing.map(candidate).collect();
    asks.sort_by_cached_key(|one| (one.effective, lot(beacon, class, one.provider)));
    asks
}

/// The asks that can run a replica, the lowest of each owner that has none yet.
fn able(state: &State, beacon: Hash, job: &Job, drawn: &[Replica]) -> Vec<Able> {
    let mut owners: BTreeSet<AccountId> =
        drawn.iter().map(|replica| state.owner_of(replica.provider)).collect();
    let mut able = Vec::new();
    for candidate in lowest_asks(state, beacon, job.spec.class) {
        let owner = state.owner_of(candidate.provider);
        if owners.contains(&owner) {
            continue;
        }
        let price = price_ceil(&state.parameters, &job.spec, candidate.ask);
        if let Fit::Takes(own) = fit_replica(state, job, &candidate, price) {
            owners.insert(owner);
            let operator = state.operator(candidate.provider).expect("asks belong to operators");
            let weight = state.bond_value(&operator.bonded).max(Amount::new(1));
            able.push(Able { candidate, own: *own, weight });
        }
    }
    able
}

/// Takes one out of the pool, each with chance proportional to its weight.
fn draw_one(pool: &mut Vec<Able>, random: Hash) -> Able {
    let total: Amount = pool.iter().map(|one| one.weight).sum();
    let mut left = Amount::new(uniform_below(random.leading_128(), total.units()));
    let at = pool.iter().position(|one| match left.checked_sub(one.weight) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    pool.remove(at.expect("the pool weighs more than what was drawn"))
}

/// A replica at the first ask behind the pool, times its quality; at its own ask where there is none, or where the bond
/// does not reach for the lock of the higher price.
fn deal(state: &State, job: &Job, one: Able, rejected: Option<Amount>) -> Deal {
    let Able { candidate, own: (quote, slices), .. } = one;
    if let Some(rejected) = rejected {
        let quality = candidate.quality;
        let price = uniform_price(&state.parameters, &job.spec, rejected, quality)
            .min(replica_price_max(&job.spec));
        if price >= quote.price
            && let Fit::Takes(terms) = fit_replica(state, job, &candidate, price)
        {
            let ((quote, slices), pricing) = (*terms, Pricing::Uniform { rejected, quality });
            return Deal { candidate, pricing, quote, slices };
        }
    }
    Deal { candidate, pricing: Pricing::Own, quote, slices }
}

impl Step<'_> {
    /// Draws all the replicas a waiting job needs, or none. Whether there were enough.
    pub(crate) fn draw_replicas(&mut self, id: JobId) -> bool {
        let job = Arc::clone(self.state.jobs.get(&id).expect("a queued job exists"));
        let drawn = self.replication(id).replicas;
        let (_, more) = needed(&job, drawn.len());
        let mut pool = able(&self.state, self.context.beacon, &job, &drawn);
        let size = u64::from(more) * u64::from(self.state.parameters.replica_pool);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if (pool.len() as u64) < u64::from(more) {
            return false;
        }
        let rejected = pool.get(size).map(|one| one.candidate.effective);
        pool.truncate(size);
        self.leave_replica_queue(id);
        let round = self.begin_round(id);
        for number in 0..more {
            let seed = (self.context.beacon, id, round, number);
            let one = draw_one(&mut pool, Hash::of("earnest replica v1", &seed));
            let deal = deal(&self.state, &job, one, rejected);
            self.assign_replica(id, round, deal);
        }
        true
    }

    /// Begins a round; returns its number.
    fn begin_round(&mut self, job: JobId) -> u32 {
        let now = self.now();
        let record = self.job_mut(job);
        record.attempts = record.attempts.checked_add(1).expect("rounds are two");
        let (round, commit_by) = (record.attempts, now.plus_ms(record.spec.run_ms));
        self.set_stage(job, JobStatus::Replicating, Some(commit_by));
        round
    }

    fn assign_replica(&mut self, job: JobId, round: u32, deal: Deal) {
        let Deal { candidate, pricing, quote, slices: locked } = deal;
        let Candidate { provider, ask, .. } = candidate;
        let assigned = self.now();
        self.lock(provider, job, &locked);
        let record = self.state.job(job).expect("the caller has just read the job");
        let (class, commit_by) = (record.spec.class, record.deadline);
        let commit_by = commit_by.expect("a round has a deadline");
        self.state.occupy_unit(provider, class);
        self.replication_mut(job).replicas.push(Replica {
            provider,
            round,
            ask,
            pricing,
            quote,
            locked: locked.clone(),
            assigned,
            commitment: None,
            output: None,
            fate: ReplicaFate::Running,
        });
        self.emit(Event::ReplicaAssigned {
            job,
            round,
            provider,
            ask,
            pricing,
            quote,
            locked,
            commit_by,
        });
    }
}
