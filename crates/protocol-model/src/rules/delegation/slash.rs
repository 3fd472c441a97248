//! What delegators lose with their operator.

use protocol::{
    AccountId, Amount, BucketKind, DelegationEvent, Event, NATIVE, PenaltyEvent, Place, Split, Why,
};

use crate::exact::{Ratio, whole};
use crate::rules::Model;
use crate::rules::books::Move;
use crate::rules::penalties::Slash;

/// Shares for each token unit beyond which they are worth nothing.
const SHARES_PER_UNIT_MAX: u128 = 1_000_000_000;

impl Model {
    /// Buckets that began after a fault and were not over at a time.
    fn answering_buckets(
        &self,
        operator: AccountId,
        (since, at): (u64, u64),
    ) -> Vec<(u64, BucketKind)> {
        let buckets = self.delegated.buckets.iter();
        let answers = buckets.filter(|((of, _), bucket)| {
            *of == operator && bucket.began >= since && at <= bucket.release
        });
        answers.map(|((_, number), bucket)| (*number, bucket.kind)).collect()
    }

    /// Tokens of others that answer for a fault.
    pub(in crate::rules) fn delegated_answering(
        &self,
        operator: AccountId,
        times: (u64, u64),
    ) -> u128 {
        let buckets = self.answering_buckets(operator, times).into_iter();
        let left = buckets.map(|(number, _)| self.left_of(operator, number));
        self.tokens(operator) + left.sum::<u128>()
    }

    /// A part of the pool, and of what began to leave it or hop from it since the fault.
    pub(in crate::rules) fn slash_delegated(
        &mut self,
        slash: Slash,
        times: (u64, u64),
        part: Ratio,
    ) {
        let operator = slash.operator;
        if self.pool(operator).is_none() {
            return;
        }
        self.pay_rewards(operator);
        let cut = |held: u128| (whole(held) * part).ceil().min(held);
        let taken = cut(self.tokens(operator));
        self.burn_delegated(slash, Place::Pool(operator), taken);
        self.collapse(operator);
        for (number, kind) in self.answering_buckets(operator, times) {
            let taken = cut(self.left_of(operator, number));
            let bucket = self.delegated.buckets.get_mut(&(operator, number)).expect("just seen");
            bucket.closed = true;
            match kind {
                BucketKind::Leaving => {
                    self.burn_delegated(slash, Place::Leaving(operator, number), taken);
                }
                BucketKind::Hopping => {
                    bucket.kept -= taken;
                    self.say_charged(slash, number, taken);
                }
            }
        }
        self.stand(operator);
    }

    /// What began to leave since a fault stays until its part is known.
    pub(in crate::rules) fn hold_buckets(&mut self, operator: AccountId, since: u64, until: u64) {
        for (number, _) in self.answering_buckets(operator, (since, self.now)) {
            let bucket = self.delegated.buckets.get_mut(&(operator, number)).expect("just seen");
            bucket.release = bucket.release.max(until);
        }
    }

    fn say_charged(&mut self, slash: Slash, bucket: u64, taken: u128) {
        let Slash { operator, fault, job, .. } = slash;
        if taken > 0 {
            let taken = Amount::new(taken);
            self.say(Event::Delegation(DelegationEvent::HopsCharged {
                operator,
                fault,
                job,
                bucket,
                taken,
            }));
        }
    }

    /// All that is taken of delegators burns.
    fn burn_delegated(&mut self, slash: Slash, from: Place, units: u128) {
        if units == 0 {
            return;
        }
        let Slash { operator, fault, job, .. } = slash;
        let (to, asset, why) = (Place::Burned, NATIVE, Why::SlashBurn);
        self.shift(Move { from, to, asset, units, why, job });
        let [bounty, victim, premium, insurance] = [Amount::ZERO; 4];
        let (taken, burned) = (Amount::new(units), Amount::new(units));
        let split = Split { asset, taken, bounty, victim, premium, insurance, burned };
        self.say(Event::Penalty(match job {
            Some(job) => PenaltyEvent::Slashed { operator, fault, job, from, split: split.into() },
            None => PenaltyEvent::BondSlashed { operator, fault, from, split: split.into() },
        }));
    }

    /// Shares worth next to nothing are worth nothing: the generation is over.
    fn collapse(&mut self, operator: AccountId) {
        let (shares, tokens) = (self.all_shares(operator), self.tokens(operator));
        if shares <= tokens * SHARES_PER_UNIT_MAX {
            return;
        }
        let pool = self.pool_mut(operator);
        let generation = u32::try_from(pool.generation()).expect("histories are short");
        let end = (pool.fees.len(), pool.bonuses.len());
        pool.ends.push(end);
        self.shift_native(Place::Pool(operator), Place::Burned, tokens, Why::SlashBurn);
        self.say(Event::Delegation(DelegationEvent::PoolCollapsed {
            operator,
            generation,
            burned: Amount::new(tokens),
        }));
    }
}
