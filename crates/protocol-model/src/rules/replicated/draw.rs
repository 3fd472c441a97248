//! Drawing replicas: a pool of the lowest asks, one of each owner, and from it by bond.

use protocol::{
    AccountId, Amount, ClassId, Event, JobId, JobStatus, LockQuote, Ppm, Pricing, Time,
};

use super::Replica;
use crate::exact::{ppm, whole};
use crate::rules::market::{Ask, Slices};
use crate::rules::{Job, Model, Outcome, hashed};

impl Model {
    /// Every class in turn: the jobs that wait, by arrival, as many as a block tries. If others wait behind them, those in
    /// vain go there.
    pub(in crate::rules) fn draw_for_waiting(&mut self) {
        for class in self.classes.keys().copied().collect::<Vec<_>>() {
            let mut waiting = self.waiting_for_replicas(class);
            let tries = usize::try_from(self.parameters.replications_per_block).expect("small");
            let others = waiting.len() > tries;
            waiting.truncate(tries);
            for (_, job) in waiting {
                if !self.draw_all(job) && others {
                    let place = self.number();
                    self.job_mut(job).place = Some(place);
                }
            }
        }
    }

    /// Whoever says so is drawn from now on, or no more.
    pub(in crate::rules) fn run_replicas(&mut self, me: AccountId, willing: bool) -> Outcome {
        self.known(me)?;
        self.operator_mut(me).replicates = willing;
        self.say(Event::ReplicasOffered { operator: me, willing });
        Ok(())
    }

    fn waiting_for_replicas(&self, class: ClassId) -> Vec<(u64, JobId)> {
        let ours = |job: &Job| job.is_replicated() && job.spec.class == class;
        let all = self.jobs.iter().filter(|(_, job)| ours(job));
        let mut all: Vec<_> = all.filter_map(|(id, job)| Some((job.place?, *id))).collect();
        all.sort();
        all
    }

    /// Draws all that a job needs, or nothing.
    fn draw_all(&mut self, id: JobId) -> bool {
        let (more, _) = self.sought(id);
        let able = self.able(id);
        let (needed, pooled) = (more as usize, (more * self.parameters.replica_pool) as usize);
        if able.len() < needed {
            return false;
        }
        let behind = able.get(pooled).map(Ask::effective);
        let mut pool: Vec<Ask> = able.into_iter().take(pooled).collect();
        let round = self.jobs[&id].replicated.rounds() + 1;
        let until = self.now + self.jobs[&id].spec.run_ms;
        self.job_mut(id).place = None;
        self.stage(id, JobStatus::Replicating, until);
        for number in 0..more {
            let lot = hashed("earnest replica v1", &(self.beacon, id, round, number));
            let at = self.by_bond(&pool, &lot);
            let ask = pool.remove(at);
            self.give_to(id, round, &ask, behind, until);
        }
        true
    }

    /// The asks looked at that can run a replica, in their ranking, the first of each owner that has none.
    fn able(&self, id: JobId) -> Vec<Ask> {
        let class = self.jobs[&id].spec.class;
        let most = usize::try_from(self.parameters.candidates_max).expect("it is small");
        let lowest = self.standing(class).into_iter().take(most);
        let willing = lowest.filter(|(_, provider)| self.operators[provider].replicates);
        let mut asks: Vec<Ask> =
            willing.map(|(_, provider)| self.ask_of(provider, class)).collect();
        asks.sort_by_key(|ask| (ask.effective(), self.lot_of(class, ask.provider)));
        let drawn = self.jobs[&id].replicated.replicas.iter().map(|replica| replica.provider);
        let mut taken: Vec<AccountId> = drawn.map(|provider| self.owner(provider)).collect();
        let mut able = Vec::new();
        for ask in asks {
            let owner = self.owner(ask.provider);
            let price = self.price_at(&self.jobs[&id], ask.ask);
            if !taken.contains(&owner) && self.replica_terms(id, &ask, price).is_some() {
                taken.push(owner);
                able.push(ask);
            }
        }
        able
    }

    /// The price and the lock of a replica, if the ask can run one at that price.
    fn replica_terms(&self, id: JobId, ask: &Ask, price: u128) -> Option<(LockQuote, Slices)> {
        let (job, provider) = (&self.jobs[&id], ask.provider);
        let required = self.backing_of_one_more(job, ask);
        if self.related(provider, job.requester)
            || price > self.most_for_one(id)
            || self.bond_value(provider) < required
        {
            return None;
        }
        let quote = self.quote(&job.spec, price, Ppm(1_000_000));
        let slices = self.slices_beside(provider, quote.required.units(), &[])?;
        Some((quote, slices))
    }

    /// Where in the pool a lot falls, bonds laid end to end; who has none counts for one micro-dollar.
    fn by_bond(&self, pool: &[Ask], lot: &[u8; 32]) -> usize {
        let weights: Vec<u128> =
            pool.iter().map(|ask| self.bond_value(ask.provider).max(1)).collect();
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

    /// At the first ask behind the pool times quality if that can be locked for, else at its own.
    fn give_to(&mut self, id: JobId, round: u32, ask: &Ask, behind: Option<u128>, until: u64) {
        let own = self.price_at(&self.jobs[&id], ask.ask);
        let uniform = behind.and_then(|rejected| {
            let rate = (whole(rejected) * ppm(ask.quality)).floor();
            let price = self.price_at(&self.jobs[&id], rate).min(self.most_for_one(id));
            let terms = self.replica_terms(id, ask, price)?;
            let (rejected, quality) = (Amount::new(rejected), Ppm(ask.quality));
            (price >= own).then_some((terms, Pricing::Uniform { rejected, quality }))
        });
        let ((quote, locked), pricing) = uniform.unwrap_or_else(|| {
            let terms = self.replica_terms(id, ask, own).expect("it was found able");
            (terms, Pricing::Own)
        });
        self.lock(ask.provider, id, &locked);
        self.say(Event::ReplicaAssigned {
            job: id,
            round,
            provider: ask.provider,
            ask: Amount::new(ask.ask),
            pricing,
            quote,
            locked: locked.iter().map(|(asset, units)| (*asset, Amount::new(*units))).collect(),
            commit_by: Time(until),
        });
        let (provider, assigned) = (ask.provider, self.now);
        self.job_mut(id).replicated.replicas.push(Replica {
            provider,
            round,
            ask: ask.ask,
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
