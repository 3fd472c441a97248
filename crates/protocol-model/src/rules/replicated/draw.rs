//! Drawing replicas: a pool of the lowest asks, one of each owner, and from it by bond.

use protocol::{
    AccountId, Amount, Holdings, JobId, JobStatus, Ppm, Pricing, ReplicatedEvent, Time,
};

use super::Replica;
use crate::exact::{ppm, whole};
use crate::rules::jobs::{Round, Terms};
use crate::rules::market::Ask;
use crate::rules::{Model, Outcome, hashed};

impl Model {
    /// Whoever says so is drawn from now on, or no more.
    pub(in crate::rules) fn run_replicas(&mut self, me: AccountId, willing: bool) -> Outcome {
        self.known(me)?;
        self.operator_mut(me).replicates = willing;
        self.say(ReplicatedEvent::ReplicasOffered { operator: me, willing });
        Ok(())
    }

    /// Whether an operator may be drawn for a job: it says that it runs replicas, and its owner has none of this job.
    pub(in crate::rules) fn may_run_replica(&self, id: JobId, provider: AccountId) -> bool {
        let replicas = &self.jobs[&id].replicated.replicas;
        let has_one = replicas.iter().any(|one| self.related(one.provider, provider));
        self.operators[&provider].replicates && !has_one
    }

    /// Places and terms of all the replicas a job seeks, if there are enough owners: below the cap, or else whatever they have.
    pub(in crate::rules) fn draw_round(
        &self,
        id: JobId,
        asks: &[Ask],
        cap: usize,
    ) -> Option<Round> {
        let (more, _) = self.sought(id);
        let needed = more as usize;
        let able = [cap, usize::MAX].map(|most| self.able(id, asks, most));
        let able = able.into_iter().find(|able| able.len() >= needed)?;
        let pooled = (more * self.parameters.replica_pool) as usize;
        let behind = able.get(pooled).map(|at| asks[*at].effective());
        let mut pool: Vec<usize> = able.into_iter().take(pooled).collect();
        let rounds = self.jobs[&id].replicated.rounds();
        let mut round = Vec::new();
        for number in 0..more {
            let lot = hashed("earnest replica v1", &(self.beacon, id, rounds, number));
            let weights = pool.iter().map(|at| self.bond_value(asks[*at].provider).max(1));
            let at = pool.remove(by_bond(&weights.collect::<Vec<_>>(), &lot));
            round.push((at, self.terms_of_replica(id, &asks[at], behind)));
        }
        Some(round)
    }

    /// The asks that can run a replica, in their ranking, the first of each owner.
    fn able(&self, id: JobId, asks: &[Ask], most: usize) -> Vec<usize> {
        let (mut taken, mut able) = (Vec::new(), Vec::new());
        for (at, ask) in asks.iter().enumerate() {
            let owner = self.owner(ask.provider);
            let price = self.price_at(&self.jobs[&id], ask.ask);
            let free = ask.has_left(most) && !taken.contains(&owner);
            if free && self.terms(id, ask, price).is_ok() {
                taken.push(owner);
                able.push(at);
            }
        }
        able
    }

    /// At the first ask behind the pool times quality if that can be locked for, else at its own.
    fn terms_of_replica(&self, id: JobId, ask: &Ask, behind: Option<u128>) -> Terms {
        let own = self.price_at(&self.jobs[&id], ask.ask);
        let uniform = behind.and_then(|rejected| {
            let rate = (whole(rejected) * ppm(ask.quality)).floor();
            let price = self.price_at(&self.jobs[&id], rate).min(self.most_for_one(id));
            let terms = self.terms(id, ask, price).ok()?;
            let (rejected, quality) = (Amount::new(rejected), Ppm(ask.quality));
            (price >= own).then_some((terms, Pricing::Uniform { rejected, quality }))
        });
        let ((quote, slices), pricing) = uniform.unwrap_or_else(|| {
            let Ok(terms) = self.terms(id, ask, own) else { panic!("it was found able") };
            (terms, Pricing::Own)
        });
        Terms { provider: ask.provider, ask: ask.ask, pricing, quote, slices }
    }

    /// What was drawn begins to run.
    pub(in crate::rules) fn begin_replicas(&mut self, id: JobId, drawn: Round) {
        let round = self.jobs[&id].replicated.rounds() + 1;
        let until = self.now + self.jobs[&id].spec.run_ms;
        self.stage(id, JobStatus::Replicating, until);
        for (_, Terms { provider, ask, pricing, quote, slices: locked }) in drawn {
            self.lock(provider, id, quote.required.units(), &locked);
            let held: Holdings =
                locked.iter().map(|(asset, units)| (*asset, Amount::new(*units))).collect();
            let assigned = ReplicatedEvent::ReplicaAssigned {
                job: id,
                round,
                provider,
                ask: Amount::new(ask),
                pricing,
                quote: quote.into(),
                locked: held.into(),
                commit_by: Time(until),
            };
            self.say(assigned);
            let assigned = self.now;
            self.job_mut(id).replicated.replicas.push(Replica {
                provider,
                round,
                ask,
                pricing,
                quote,
                locked,
                assigned,
                commitment: None,
                output: None,
                end: None,
            });
        }
    }
}

/// Where in a pool a lot falls, bonds laid end to end.
fn by_bond(weights: &[u128], lot: &[u8; 32]) -> usize {
    let number = u128::from_be_bytes(lot[..16].try_into().expect("sixteen bytes"));
    let all = whole(weights.iter().sum());
    let point = (whole(number) * all / (whole(u128::MAX / 2 + 1) * whole(2))).floor();
    let mut below = 0;
    let falls = |weight: &u128| {
        below += weight;
        point < below
    };
    weights.iter().position(falls).expect("a lot is less than the whole")
}
