//! What delegators lose when their operator is slashed on its stake: the same part, burned in full.

use crate::books::{Movement, Place, Why};
use crate::delegation::{BucketKind, DILUTION_MAX, Ruin};
use crate::event::{DelegationEvent, Fault, PenaltyEvent, Split};
use crate::penalties::Cut;
use crate::primitives::{AccountId, Amount, JobId, NATIVE, Time};
use crate::state::State;
use crate::step::Step;

/// Who is slashed, for what, in which job if any.
type Charge = (AccountId, Fault, Option<JobId>);

impl State {
    /// Delegated tokens that answer at a time for a fault of their operator: those in the pool, and those that left after
    /// it.
    pub(crate) fn answerable_delegated(
        &self,
        operator: AccountId,
        since: Time,
        at: Time,
    ) -> Amount {
        let buckets = self.answerable_buckets(operator, since, at);
        let left: Amount = buckets.into_iter().map(|(_, bucket)| bucket.left).sum();
        self.pool_tokens(operator).plus(left)
    }
}

impl Step<'_> {
    /// Takes a cut of the pool, and of the undelegations and redelegations that began after the fault and were not over
    /// at a time.
    pub(crate) fn slash_delegated(&mut self, charge: Charge, (since, at): (Time, Time), cut: Cut) {
        let (operator, ..) = charge;
        if self.state.pool_of(operator).is_none() {
            return;
        }
        // Earned before, and at stake with the rest.
        self.collect(operator);
        let tokens = self.state.pool_tokens(operator);
        self.burn_delegated(charge, Place::Pool(operator), cut.of(tokens, tokens));
        self.collapse_if_worthless(operator);
        for (number, bucket) in self.state.answerable_buckets(operator, since, at) {
            let taken = cut.of(bucket.left, bucket.left);
            match bucket.kind {
                BucketKind::Leaving => {
                    self.burn_delegated(charge, Place::Leaving(operator, number), taken);
                }
                BucketKind::Hopping => {
                    self.state.bucket_mut(operator, number).left = bucket.left.minus(taken);
                    self.charge_hops(charge, number, taken);
                }
            }
        }
        // What leaves later in this epoch was slashed in the pool: it goes into buckets of its own.
        let pool = self.state.pool_mut(operator);
        (pool.leaving, pool.hopping) = (None, None);
        self.state.rank(operator);
    }

    fn burn_delegated(&mut self, (operator, fault, job): Charge, from: Place, taken: Amount) {
        if taken.is_zero() {
            return;
        }
        let nothing = Amount::ZERO;
        let split = Split {
            asset: NATIVE,
            taken,
            bounty: nothing,
            victim: nothing,
            premium: nothing,
            insurance: nothing,
            burned: taken,
        };
        let (to, why) = (Place::Burned, Why::SlashBurn);
        self.shift(Movement { from, to, asset: NATIVE, amount: taken, why, job });
        self.emit(match job {
            Some(job) => PenaltyEvent::Slashed { operator, fault, job, from, split: split.into() },
            None => PenaltyEvent::BondSlashed { operator, fault, from, split: split.into() },
        });
    }

    fn charge_hops(&mut self, (operator, fault, job): Charge, bucket: u64, taken: Amount) {
        if !taken.is_zero() {
            self.emit(DelegationEvent::HopsCharged { operator, fault, job, bucket, taken });
        }
    }

    /// Begins a new generation when shares have become next to worthless, so that the next delegator starts afresh.
    fn collapse_if_worthless(&mut self, operator: AccountId) {
        let tokens = self.state.pool_tokens(operator);
        let pool = self.state.pool_mut(operator);
        let worthless = pool.shares.units() > tokens.units().saturating_mul(DILUTION_MAX);
        if pool.shares.is_zero() || !worthless {
            return;
        }
        let (fees, bonuses) = (pool.fees.per_unit, pool.bonuses.per_unit);
        let ruin = Ruin { shares: pool.shares, fees, bonuses };
        let generation = pool.generation;
        (pool.shares, pool.bonus) = (Amount::ZERO, Amount::ZERO);
        pool.generation = generation.checked_add(1).expect("convictions are limited");
        self.state.ruins.insert((operator, generation), ruin);
        let (from, to, why) = (Place::Pool(operator), Place::Burned, Why::SlashBurn);
        self.shift(Movement { from, to, asset: NATIVE, amount: tokens, why, job: None });
        self.emit(DelegationEvent::PoolCollapsed { operator, generation, burned: tokens });
    }
}
