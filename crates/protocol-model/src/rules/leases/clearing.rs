//! Waiting leases meet what operators ask for them.

use std::collections::BTreeSet;

use protocol::{
    AccountId, Amount, ClassId, JobId, LeaseEvent, LeaseStatus, LeaseTerms, Place, Ppm, Pricing,
    Time, Why,
};

use super::{Lease, Tenure};
use crate::exact::{ppm, whole};
use crate::rules::Model;
use crate::rules::market::{Ask, Lock, Slices};

/// Terms on which a lease begins.
struct Terms {
    pricing: Pricing,
    price: u128,
    lock: Lock,
}

impl Model {
    /// As many waiting leases as a block tries, from where the block before left off.
    pub(in crate::rules) fn clear_leases(&mut self) {
        if self.classes.keys().all(|class| self.leasing(*class).is_empty()) {
            return;
        }
        let waits = |(_, lease): &(&JobId, &Lease)| lease.status() == LeaseStatus::Waiting;
        let waiting = self.leases.all.iter().filter(waits);
        let mut waiting: Vec<_> = waiting.map(|(id, lease)| (lease.place, *id)).collect();
        waiting.sort();
        let from = self.leases.next.unwrap_or(0);
        let mut turn: Vec<_> = waiting.iter().filter(|(at, _)| *at >= from).copied().collect();
        if turn.is_empty() {
            turn = waiting;
        }
        let budget = usize::try_from(self.parameters.leases_per_block).expect("it is small");
        let rest = turn.split_off(budget.min(turn.len()));
        self.leases.next = rest.first().map(|(place, _)| *place);
        for (_, id) in turn {
            self.find_provider(id);
        }
    }

    /// Who asks for leases of a class and has a unit free, from the lowest ask.
    pub(crate) fn leasing(&self, class: ClassId) -> Vec<(u128, AccountId)> {
        let standing: BTreeSet<_> =
            self.standing(class).into_iter().map(|(_, account)| account).collect();
        let asks = self.leases.asks.iter();
        let asks = asks.filter(|((account, of), _)| *of == class && standing.contains(account));
        let mut asks: Vec<_> = asks.map(|((account, _), ask)| (*ask, *account)).collect();
        asks.sort();
        asks
    }

    fn find_provider(&mut self, id: JobId) {
        let lease = &self.leases.all[&id];
        let all = self.leasing(lease.spec.class);
        let behind = all.iter().filter(|ask| lease.met.is_none_or(|met| **ask > met));
        let behind: Vec<_> = behind.copied().collect();
        let mut seen = if behind.is_empty() { all } else { behind };
        let budget = usize::try_from(self.parameters.candidates_max).expect("it is small");
        let rest = seen.split_off(budget.min(seen.len()));
        let met = seen.last().copied().filter(|_| !rest.is_empty());
        let class = lease.spec.class;
        let ask = |(ask, provider)| Ask { ask, ..self.ask_of(provider, class) };
        let mut asks: Vec<Ask> = seen.into_iter().map(ask).collect();
        asks.sort_by_key(|ask| (ask.effective(), self.lot_of(class, ask.provider)));
        match self.lowest_for(lease, &asks) {
            Some((ask, terms)) => self.begin_lease(id, &ask, terms),
            None => self.lease_mut(id).met = met,
        }
    }

    /// The lowest ask that takes a lease, and the terms: at the lowest left over, or its own.
    fn lowest_for(&self, lease: &Lease, asks: &[Ask]) -> Option<(Ask, Terms)> {
        let own = |ask: &Ask| self.price_of_units(lease, ask.ask);
        let mut takers = asks.iter().filter_map(|ask| {
            let lock = self.takes_lease(lease, ask, own(ask))?;
            Some((ask, Terms { pricing: Pricing::Own, price: own(ask), lock }))
        });
        let (winner, at_own) = takers.next()?;
        let most = lease.spec.price_max.units();
        let left_over = asks.iter().find(|ask| {
            let mut left = (*ask).clone();
            if left.provider == winner.provider {
                left.units -= lease.spec.units;
                left.promised.push(at_own.lock.clone());
            }
            self.takes_lease(lease, &left, own(&left).min(most)).is_some()
        });
        let rejected = left_over.map(Ask::effective).filter(|left| *left >= winner.effective());
        let uniform = rejected.and_then(|rejected| {
            let rate = (whole(rejected) * ppm(winner.quality)).floor();
            let price = self.price_of_units(lease, rate).min(most);
            let lock = self.takes_lease(lease, winner, price).filter(|_| price >= own(winner))?;
            let (rejected, quality) = (Amount::new(rejected), Ppm(winner.quality));
            Some(Terms { pricing: Pricing::Uniform { rejected, quality }, price, lock })
        });
        Some((winner.clone(), uniform.unwrap_or(at_own)))
    }

    /// What an epoch of all units costs at so much per unit.
    fn price_of_units(&self, lease: &Lease, rate: u128) -> u128 {
        (rate * u128::from(lease.spec.units)).max(self.parameters.price_min.units())
    }

    /// What would be locked if an ask took a lease at a price; nothing if it cannot.
    fn takes_lease(&self, lease: &Lease, ask: &Ask, price: u128) -> Option<Lock> {
        let (provider, spec) = (ask.provider, &lease.spec);
        let fits = ask.units >= spec.units
            && !self.related(provider, lease.requester)
            && price <= spec.price_max.units();
        let promised: u128 = ask.promised.iter().map(|(value, _)| value).sum();
        let once_more = if ask.promised.is_empty() { 1 } else { 2 };
        let offers = self.offers(provider).into_iter().map(|(class, _, busy, _)| {
            (class, if class == spec.class { busy + once_more * spec.units } else { busy })
        });
        let backing = self.backing(offers).max(self.parameters.provider_bond_min.units());
        let value = self.bond_value(provider);
        if !fits || value < backing {
            return None;
        }
        let lock = self.portion_ceil(price, self.parameters.lease_lock);
        let slices =
            self.slices_beside(provider, lock, self.lease_haircut(spec.epochs), &ask.promised)?;
        (value >= self.owed(provider) + promised + lock).then_some((lock, slices))
    }

    fn lease_haircut(&self, epochs: u32) -> Ppm {
        let parameters = &self.parameters;
        let served = u128::from(parameters.epoch_ms) * u128::from(epochs);
        let evidence =
            u128::from(parameters.lease_report_ms) + u128::from(parameters.lease_rebut_ms);
        self.haircut_over(served + evidence)
    }

    fn begin_lease(&mut self, id: JobId, ask: &Ask, terms: Terms) {
        let Terms { pricing, price, lock: (lock, slices) } = terms;
        let provider = ask.provider;
        self.lock(provider, id, lock, &slices);
        let lease = &self.leases.all[&id];
        let (requester, epochs) = (lease.requester, lease.spec.epochs);
        let unspent = (lease.spec.price_max.units() - price) * u128::from(epochs);
        let to = Place::Account(requester);
        self.shift_stable(id, Place::Escrow(id), to, unspent, Why::Unspent);
        let parameters = &self.parameters;
        let terms = LeaseTerms {
            answers_min: parameters.lease_answers_min,
            report_ms: parameters.lease_report_ms,
            rebut_ms: parameters.lease_rebut_ms,
            notice: parameters.lease_notice,
            grace: parameters.lease_grace,
            failures_max: parameters.lease_failures_max,
            penalty: parameters.lease_penalty,
            provider_share: parameters.provider_share,
            audit_share: parameters.audit_share,
            insurance_share: parameters.insurance_share,
        };
        let started = self.now;
        let judged_after = started + parameters.epoch_ms + terms.report_ms + terms.rebut_ms;
        let tenure = Tenure {
            provider,
            ask: ask.ask,
            pricing,
            price,
            lock,
            locked: slices.clone(),
            started,
            terms,
            epochs,
            notice_by: None,
            accepted: BTreeSet::new(),
            probes: Vec::new(),
            judged: Vec::new(),
        };
        let number = self.number();
        let lease = self.lease_mut(id);
        lease.tenure = Some(tenure);
        lease.met = None;
        lease.deadline = (judged_after, number);
        self.leases.row.push(id);
        self.say(LeaseEvent::LeaseBegan {
            lease: id,
            provider,
            ask: Amount::new(ask.ask),
            pricing,
            price: Amount::new(price),
            lock: Amount::new(lock),
            locked: amounts(slices).into(),
            terms: terms.into(),
            judged_after: Time(judged_after),
        });
    }
}

fn amounts(slices: Slices) -> protocol::Holdings {
    slices.into_iter().map(|(asset, units)| (asset, Amount::new(units))).collect()
}
