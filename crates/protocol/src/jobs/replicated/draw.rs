//! Drawing replicas: by stake, among the lowest asks, one for each owner. A round is drawn in one turn, whole or not at all.

use std::collections::BTreeSet;

use super::{needed, replica_price_max};
use crate::event::ReplicatedEvent;
use crate::jobs::{Deal, Job, JobStatus, LockQuote, Replica, ReplicaFate, price_ceil};
use crate::market::{Candidate, Fit, Pricing, fit, uniform_price};
use crate::primitives::{AccountId, Amount, Hash, Holdings, JobId, uniform_below};
use crate::state::State;
use crate::step::Step;

/// An ask that can run a replica.
struct Able {
    at: usize,
    /// Its price at its own ask, and the lock at that price.
    quote: LockQuote,
    slices: Holdings,
    /// Its bond: the weight it is drawn by. A bond of nothing weighs as one micro-dollar.
    weight: Amount,
}

/// The asks below the cap that can run a replica, in their order, the first of each owner.
fn able(state: &State, job: &Job, asks: &[Candidate], cap: u32) -> Vec<Able> {
    let mut owners = BTreeSet::new();
    let mut able = Vec::new();
    for (at, ask) in asks.iter().enumerate().filter(|(_, ask)| ask.has_left(cap)) {
        let owner = state.owner_of(ask.provider);
        if owners.contains(&owner) {
            continue;
        }
        let price = price_ceil(&state.parameters, &job.spec, ask.ask);
        if let Fit::Takes(terms) = fit(state, job, ask, price) {
            let (quote, slices) = *terms;
            owners.insert(owner);
            let operator = state.operator(ask.provider).expect("asks belong to operators");
            let weight = state.bond_value(&operator.bonded).max(Amount::new(1));
            able.push(Able { at, quote, slices, weight });
        }
    }
    able
}

/// Whether there are asks for all the replicas that a job seeks.
pub(crate) fn can_draw(state: &State, job: &Job, asks: &[Candidate]) -> bool {
    able(state, job, asks, u32::MAX).len() as u64 >= u64::from(needed(job))
}

/// Draws all the replicas that a job seeks, or none: among operators below the cap if there are enough.
pub(crate) fn draw_round(
    state: &State,
    beacon: Hash,
    job: &Job,
    asks: &[Candidate],
    cap: u32,
) -> Option<Vec<Deal>> {
    let more = needed(job);
    let mut pool = [cap, u32::MAX].into_iter().find_map(|most| {
        let pool = able(state, job, asks, most);
        (pool.len() as u64 >= u64::from(more)).then_some(pool)
    })?;
    let size = u64::from(more).saturating_mul(state.parameters.replica_pool.into());
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let rejected = pool.get(size).and_then(|first| asks.get(first.at)).map(|first| first.effective);
    pool.truncate(size);
    let draw = |number| {
        let seed = (beacon, job.id, job.attempts, number);
        let one = draw_one(&mut pool, Hash::of("earnest replica v1", &seed));
        deal(state, job, asks, one, rejected)
    };
    Some((0..more).map(draw).collect())
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
fn deal(state: &State, job: &Job, asks: &[Candidate], one: Able, rejected: Option<Amount>) -> Deal {
    let Able { at, quote, slices, .. } = one;
    let (id, ask) = (job.id, asks.get(at).expect("who is able has an ask"));
    if let Some(rejected) = rejected {
        let quality = ask.quality;
        let price = uniform_price(&state.parameters, &job.spec, rejected, quality)
            .min(replica_price_max(&job.spec));
        if price >= quote.price
            && let Fit::Takes(terms) = fit(state, job, ask, price)
        {
            let ((quote, slices), pricing) = (*terms, Pricing::Uniform { rejected, quality });
            return Deal { job: id, at, pricing, quote, slices };
        }
    }
    Deal { job: id, at, pricing: Pricing::Own, quote, slices }
}

impl Step<'_> {
    /// Begins a round of a job that is in no queue any more.
    pub(crate) fn assign_round(&mut self, job: JobId, asks: &[Candidate], round: Vec<Deal>) {
        let now = self.now();
        let record = self.job_mut(job);
        record.queued = None;
        record.attempts = record.attempts.checked_add(1).expect("rounds are two");
        let commit_by = now.plus_ms(record.spec.run_ms);
        self.set_stage(job, JobStatus::Replicating, Some(commit_by));
        for deal in round {
            let Candidate { provider, ask, .. } = asks[deal.at];
            self.assign_replica(provider, ask, deal);
        }
    }

    fn assign_replica(&mut self, provider: AccountId, ask: Amount, deal: Deal) {
        let Deal { job, pricing, quote, slices: locked, .. } = deal;
        let assigned = self.now();
        self.lock(provider, job, quote.required, &locked);
        let record = self.state.job(job).expect("the caller has just read the job");
        let (class, round, commit_by) = (record.spec.class, record.attempts, record.deadline);
        let commit_by = commit_by.expect("a round has a deadline");
        self.state.occupy_units(provider, class, 1);
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
        self.emit(ReplicatedEvent::ReplicaAssigned {
            job,
            round,
            provider,
            ask,
            pricing,
            quote: quote.into(),
            locked: locked.into(),
            commit_by,
        });
    }
}
