//! The market: which asks a block looks at, how they rank, and on what terms one takes a job.

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, AssetId, ClassId, JobId, LockQuote, OperatorStatus, Ppm, Rejection,
};

use super::{Job, Model, hashed};
use crate::exact::{ppm, whole};

/// Metered units that an ask is the price of.
const ASK_UNITS: u128 = 1_000_000_000;

/// What is locked of each asset.
pub(super) type Slices = BTreeMap<AssetId, u128>;

/// A lock that was promised: for how many micro-dollars, and of what.
pub(super) type Lock = (u128, Slices);

/// A standing ask, with what this clearing promised of it so far: the locks of so many jobs.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) provider: AccountId,
    pub(super) ask: u128,
    pub(super) quality: u32,
    pub(super) units: u32,
    pub(super) promised: Vec<Lock>,
}

impl Ask {
    /// What asks are ranked by.
    pub(super) fn effective(&self) -> u128 {
        (whole(self.ask) / ppm(self.quality)).ceil()
    }

    /// Whether it may be given one more job of at most so many.
    pub(super) fn has_left(&self, most: usize) -> bool {
        let units = usize::try_from(self.units).expect("units are few");
        self.promised.len() < units.min(most)
    }
}

/// Why an ask does not take a job.
pub(super) enum Unfit {
    /// It wants more than there is for it.
    TooDear,
    /// Its operator runs no replicas, or its owner has one of the job.
    NoReplica,
    /// As its provider is told who wants to take the job by hand.
    Because(Rejection),
}

impl Model {
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

    /// The asks that this block looks at, in their ranking: all, or the lower half of as many as it may and others behind
    /// where it looked last. And where it looked last now, unless that was the end.
    pub(super) fn looked_at(&self, class: ClassId) -> (Vec<Ask>, Option<(u128, AccountId)>) {
        let all = self.standing(class);
        let most = usize::try_from(self.parameters.candidates_max).expect("it is small");
        let (mut seen, mut window) = (all.clone(), None);
        if all.len() > most {
            let (low, high) = all.split_at(most.div_ceil(2));
            let last = self.looked_on.get(&class);
            let behind: Vec<_> = high.iter().filter(|ask| Some(*ask) > last).copied().collect();
            let behind = if behind.is_empty() { high.to_vec() } else { behind };
            let here = behind.len().min(most / 2);
            window = behind[..here].last().copied().filter(|_| behind.len() > here);
            seen = [low, &behind[..here]].concat();
        }
        let asks = seen.into_iter().map(|(_, provider)| self.ask_of(provider, class));
        let mut asks: Vec<Ask> = asks.collect();
        asks.sort_by_key(|ask| (ask.effective(), self.lot_of(class, ask.provider)));
        (asks, window)
    }

    /// The ask of an operator that has an offer in a class.
    pub(super) fn ask_of(&self, provider: AccountId, class: ClassId) -> Ask {
        let operator = &self.operators[&provider];
        let (units, ask) = operator.offers[&class];
        let units = units.saturating_sub(self.busy(provider, class));
        Ask { provider, ask, quality: self.quality(provider), units, promised: Vec::new() }
    }

    /// The lot of a provider in this block: it orders equal asks and hands out jobs.
    pub(super) fn lot_of(&self, class: ClassId, provider: AccountId) -> [u8; 32] {
        hashed("earnest clearing v1", &(self.beacon, class, provider))
    }

    /// What a job costs at so much per 10^9 metered units.
    pub(super) fn price_at(&self, job: &Job, rate: u128) -> u128 {
        let price = whole(rate) * whole(job.spec.meter_max.into()) / whole(ASK_UNITS);
        price.ceil().max(self.parameters.price_min.units())
    }

    /// The terms on which an ask takes a job at a price, or why it does not.
    pub(super) fn terms(
        &self,
        id: JobId,
        ask: &Ask,
        price: u128,
    ) -> Result<(LockQuote, Slices), Unfit> {
        let (job, provider) = (&self.jobs[&id], ask.provider);
        if job.has_failed(provider) {
            return Err(Unfit::Because(Rejection::FailedBefore { job: id }));
        }
        if self.related(provider, job.requester) {
            return Err(Unfit::Because(Rejection::RelatedToRequester { job: id }));
        }
        if job.is_replicated() && !self.may_run_replica(id, provider) {
            return Err(Unfit::NoReplica);
        }
        if price > self.most_for_one(id) {
            return Err(Unfit::TooDear);
        }
        let (required, value) = (self.backing_of_one_more(job, ask), self.bond_value(provider));
        if value < required {
            let (required, value) = (Amount::new(required), Amount::new(value));
            return Err(Unfit::Because(Rejection::BondBelowMinimum { required, value }));
        }
        let rate = if job.is_replicated() {
            Ppm(1_000_000)
        } else {
            self.audit_rate(&self.operators[&provider])
        };
        let quote = self.quote(&job.spec, price, rate);
        let (required, haircut) = (quote.required, quote.native_haircut);
        let slices = self.slices_beside(provider, required.units(), haircut, &ask.promised);
        let slices = slices.ok_or(Unfit::Because(Rejection::CannotLock { required }))?;
        let promised: u128 = ask.promised.iter().map(|(value, _)| value).sum();
        let owed = self.owed(provider) + promised + required.units();
        if value < owed {
            let (owed, worth) = (Amount::new(owed), Amount::new(value));
            return Err(Unfit::Because(Rejection::CollateralThin { owed, worth }));
        }
        Ok((quote, slices))
    }

    /// What a bond, perhaps slashed since, has to back: what is at work, what is promised, and one unit more.
    fn backing_of_one_more(&self, job: &Job, ask: &Ask) -> u128 {
        let more = u32::try_from(ask.promised.len()).expect("units are few") + 1;
        let offers = self.offers(ask.provider).into_iter();
        let at_work = offers.map(|(class, _, busy, _)| {
            (class, if class == job.spec.class { busy + more } else { busy })
        });
        self.backing(at_work).max(self.parameters.provider_bond_min.units())
    }
}

impl Model {
    /// Quality in parts per million: 80 %, and 40 % of what half accuracy, a quarter uptime and a quarter of what nobody
    /// measures make, rounded down.
    fn quality(&self, operator: AccountId) -> u32 {
        let accuracy = u128::from(self.accuracy(operator).0);
        let uptime = self.uptime(operator).map(|uptime| self.uptime_factor(uptime));
        let uptime = u128::from(uptime.unwrap_or(Ppm(500_000)).0);
        let quarters = 2 * accuracy + uptime + 500_000;
        let above = (whole(quarters) / whole(4) * ppm(400_000)).floor();
        800_000 + u32::try_from(above).expect("at most 40 %")
    }
}
