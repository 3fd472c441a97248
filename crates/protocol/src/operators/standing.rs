//! Indexes of who may be given work: standing asks, and auditors by weight. Kept with every change they depend on.

use imbl::OrdMap;

use crate::operators::Offer;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Hash, uniform_below};
use crate::state::State;

impl State {
    /// Changes an operator's offer in a class and keeps the asks in step. `None` removes it.
    pub(crate) fn change_offer(
        &mut self,
        operator: AccountId,
        class: ClassId,
        change: impl FnOnce(Option<Offer>) -> Option<Offer>,
    ) {
        let before = self.offer(operator, class).copied();
        if let Some(offer) = before {
            self.asks.remove(&(class, offer.ask, operator));
        }
        match change(before) {
            Some(offer) => drop(self.offers.insert((operator, class), offer)),
            None => drop(self.offers.remove(&(operator, class))),
        }
        self.index_offer(operator, class);
    }

    /// Counts so many units more at work against an operator's offer.
    pub(crate) fn occupy_units(&mut self, operator: AccountId, class: ClassId, units: u32) {
        self.change_offer(operator, class, |offer| {
            let offer = offer.expect("a job is assigned to a standing offer");
            Some(Offer {
                busy: offer.busy.checked_add(units).expect("busy units are few"),
                ..offer
            })
        });
    }

    /// Counts so many units less. An offer withdrawn meanwhile goes with its last unit at work.
    pub(crate) fn free_units(&mut self, operator: AccountId, class: ClassId, units: u32) {
        self.change_offer(operator, class, |offer| {
            let offer = offer.expect("an offer at work is kept");
            let busy = offer.busy.checked_sub(units).expect("units at work are counted");
            (offer.units > 0 || busy > 0).then_some(Offer { busy, ..offer })
        });
    }

    /// Puts an operator into the indexes it belongs in and takes it out of the others.
    pub(crate) fn reindex(&mut self, operator: AccountId) {
        let classes: Vec<ClassId> = self.offers(operator).map(|(class, _)| class).collect();
        for class in classes {
            self.index_offer(operator, class);
        }
        self.reweigh(operator);
        self.rewatch(operator);
    }

    fn index_offer(&mut self, operator: AccountId, class: ClassId) {
        self.index_lease_ask(operator, class);
        let Some(offer) = self.offer(operator, class).copied() else { return };
        let key = (class, offer.ask, operator);
        if self.is_offering(operator, &offer) {
            self.asks.insert(key, ());
        } else {
            self.asks.remove(&key);
        }
    }

    /// Whether an offer has a unit free and its operator may work.
    pub(crate) fn is_offering(&self, operator: AccountId, offer: &Offer) -> bool {
        let able = self
            .operator(operator)
            .is_some_and(|record| record.is_active() && record.duties.provider);
        able && offer.units > offer.busy
    }

    /// The weight an operator should be drawn by as auditor: its bond, or nothing.
    pub(crate) fn auditor_weight(&self, operator: AccountId) -> Amount {
        let Some(record) = self.operator(operator) else { return Amount::ZERO };
        let value = self.bond_value(&record.bonded);
        let able = record.is_active() && record.duties.validator;
        if able && value >= self.parameters.validator_bond_min { value } else { Amount::ZERO }
    }

    /// Brings an operator's weight as auditor, its rank for seats and its commitment up to date. A newcomer waits when all
    /// places are taken, and a place that is given up goes to the heaviest who waits.
    pub(crate) fn reweigh(&mut self, operator: AccountId) {
        self.trim_commitment(operator);
        self.rank(operator);
        let weight = self.auditor_weight(operator);
        let waits = !self.auditors.contains_key(&operator) && self.is_full();
        self.wait_for_place(operator, if waits { weight } else { Amount::ZERO });
        if !waits {
            self.weigh_auditor(operator, weight);
        }
        if let Some((weight, heaviest)) = self.waiting_heaviest.get_max().map(|(key, ())| *key)
            && !self.is_full()
        {
            self.wait_for_place(heaviest, Amount::ZERO);
            self.weigh_auditor(heaviest, weight);
        }
    }

    /// Whether all places of validators are taken.
    pub(crate) fn is_full(&self) -> bool {
        self.auditors.len() as u64 >= u64::from(self.parameters.validators_max)
    }

    fn weigh_auditor(&mut self, operator: AccountId, after: Amount) {
        let before = self.auditors.get(&operator).copied().unwrap_or_default();
        if before == after {
            return;
        }
        set_entry(&mut self.auditors, operator, after);
        let bucket = self.auditor_weights.get(&operator.0[0]).copied().unwrap_or_default();
        set_entry(&mut self.auditor_weights, operator.0[0], bucket.minus(before).plus(after));
    }

    /// Notes with what weight an operator waits for a place; with none it does not.
    fn wait_for_place(&mut self, operator: AccountId, weight: Amount) {
        let before = self.waiting_weights.get(&operator).copied().unwrap_or_default();
        if before == weight {
            return;
        }
        if !before.is_zero() {
            self.waiting_heaviest.remove(&(before, operator));
        }
        self.waiting_weights.remove(&operator);
        if !weight.is_zero() {
            self.waiting_weights.insert(operator, weight);
            self.waiting_heaviest.insert((weight, operator), ());
        }
    }

    /// The auditor that a random number points at, each with chance proportional to weight.
    pub(crate) fn auditor_at(&self, random: Hash) -> Option<AccountId> {
        let total: Amount = self.auditor_weights.values().copied().sum();
        let mut left = Amount::new(uniform_below(random.leading_128(), total.units()));
        let (first, _) = walk(self.auditor_weights.iter().map(|(k, w)| (*k, *w)), &mut left)?;
        let (mut low, mut high) = (AccountId([0; 32]), AccountId([255; 32]));
        (low.0[0], high.0[0]) = (first, first);
        let bucket = self.auditors.range(low..=high).map(|(account, weight)| (*account, *weight));
        walk(bucket, &mut left).map(|(account, _)| account)
    }
}

/// Sets a weight; none has no entry.
fn set_entry<K: Ord + Clone>(table: &mut OrdMap<K, Amount>, key: K, weight: Amount) {
    if weight.is_zero() {
        table.remove(&key);
    } else {
        table.insert(key, weight);
    }
}

/// The entry in whose weight `left` falls, with `left` reduced by the weights before it.
fn walk<K>(entries: impl Iterator<Item = (K, Amount)>, left: &mut Amount) -> Option<(K, Amount)> {
    for (key, weight) in entries {
        match left.checked_sub(weight) {
            Some(rest) => *left = rest,
            None => return Some((key, weight)),
        }
    }
    None
}
