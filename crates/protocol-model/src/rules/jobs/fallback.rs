//! Fallbacks: who is drawn for a job whose provider missed its deadline.

use protocol::{AccountId, Amount, ClassId, Intake, JobId, JobStatus, Place, Pot, Pricing, Why};

use super::clearing::Terms;
use crate::rules::books::Move;
use crate::rules::{Model, hashed};

impl Model {
    /// What a fallback has on top of a price.
    pub(in crate::rules) fn premium_at(&self, price: u128) -> u128 {
        self.portion_floor(price, self.parameters.fallback_premium).units()
    }

    /// For each job that this block found missed, oldest first, as many as a block draws: one of those that could take it at
    /// the price it was to cost. A premium that is for nobody is for insurance.
    pub(in crate::rules) fn call_fallbacks(&mut self) {
        let most = usize::try_from(self.parameters.fallbacks_per_block).expect("it is small");
        let most = if self.intake() == Intake::Open { most } else { 0 };
        for (number, (id, premium)) in std::mem::take(&mut self.missed).into_iter().enumerate() {
            let drawn = if number < most { self.draw_fallback(id, premium) } else { None };
            match drawn {
                Some(terms) => {
                    self.leave_line(id);
                    self.assign(id, terms);
                }
                None => self.forfeit_premium(id),
            }
        }
    }

    fn draw_fallback(&self, id: JobId, premium: u128) -> Option<Terms> {
        let job = &self.jobs[&id];
        if job.status != JobStatus::Open {
            return None;
        }
        let before = job.attempts.last().expect("a missed job was begun");
        let (missed, price) = (before.provider, before.quote.price.units());
        let able = self.able_to_stand_in(id, missed, price, job.spec.class);
        let lot = |one: &&AccountId| hashed("earnest fallback v1", &(self.beacon, id, **one));
        let provider = *able.iter().min_by_key(lot)?;
        let ask = self.ask_of(provider, job.spec.class);
        let (quote, slices) = self.terms(id, &ask, price).ok()?;
        let able = u32::try_from(able.len()).expect("people are few");
        let pricing = Pricing::Fallback { missed, able, premium: Amount::new(premium) };
        Some(Terms { provider, ask: ask.ask, pricing, quote, slices })
    }

    /// Of as many asks as a clearing looks at, from the lowest: who wants no more than the price and takes the job at it.
    fn able_to_stand_in(
        &self,
        id: JobId,
        missed: AccountId,
        price: u128,
        class: ClassId,
    ) -> Vec<AccountId> {
        let most = usize::try_from(self.parameters.candidates_max).expect("it is small");
        let mut asks = self.standing(class);
        asks.truncate(most);
        asks.retain(|(rate, provider)| {
            self.price_at(&self.jobs[&id], *rate) <= price
                && !self.related(*provider, missed)
                && self.terms(id, &self.ask_of(*provider, class), price).is_ok()
        });
        asks.into_iter().map(|(_, provider)| provider).collect()
    }

    /// A fallback whose result stands has its premium.
    pub(super) fn pay_premium(&mut self, id: JobId, provider: AccountId) {
        self.empty_premium(id, Place::Account(provider), Why::FallbackPremium);
    }

    /// A premium that was not earned.
    pub(in crate::rules) fn forfeit_premium(&mut self, id: JobId) {
        self.empty_premium(id, Place::Pot(Pot::Insurance), Why::PremiumForfeited);
    }

    fn empty_premium(&mut self, id: JobId, to: Place, why: Why) {
        let from = Place::Premium(id);
        for (asset, units) in self.books.of(from) {
            self.shift(Move { from, to, asset, units, why, job: Some(id) });
        }
    }
}
