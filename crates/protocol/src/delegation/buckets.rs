//! Buckets: what left a pool in one epoch, slashed as one.

use crate::delegation::{Bucket, BucketKind};
use crate::primitives::{AccountId, Amount, Time};
use crate::state::{State, Task};
use crate::step::Step;

impl State {
    /// A bucket known to exist.
    pub(crate) fn bucket(&self, operator: AccountId, number: u64) -> &Bucket {
        self.buckets.get(&(operator, number)).expect("a bucket outlives its parts")
    }

    /// The same, for change.
    pub(crate) fn bucket_mut(&mut self, operator: AccountId, number: u64) -> &mut Bucket {
        self.buckets.get_mut(&(operator, number)).expect("a bucket outlives its parts")
    }

    /// The bucket that takes in what leaves a pool now, if there is one: what leaves must last for as long as unbonding
    /// does now, so one from before an amendment of that takes in nothing more.
    pub(crate) fn current_bucket(&self, operator: AccountId, kind: BucketKind) -> Option<u64> {
        let pool = self.pool_of(operator)?;
        let number = match kind {
            BucketKind::Leaving => pool.leaving,
            BucketKind::Hopping => pool.hopping,
        };
        number.filter(|number| {
            let bucket = self.buckets.get(&(operator, *number));
            bucket.is_some_and(|bucket| {
                let release = bucket.began.plus_ms(self.parameters.unbonding_ms);
                bucket.began > self.clock.now && bucket.release == release
            })
        })
    }

    /// What slashes have left of a part of a bucket, rounded down.
    pub(crate) fn bucket_part(&self, operator: AccountId, number: u64, part: Amount) -> Amount {
        let bucket = self.bucket(operator, number);
        bucket.left.scaled_floor(part.units(), bucket.total.units())
    }

    /// Buckets of an operator that answer for a fault: they began after it, and were not over at a time.
    pub(crate) fn answerable_buckets(
        &self,
        operator: AccountId,
        since: Time,
        at: Time,
    ) -> Vec<(u64, Bucket)> {
        let answers = |bucket: &Bucket| bucket.began >= since && at <= bucket.release;
        let buckets = self.buckets.group(&operator).into_iter();
        let buckets = buckets.map(|((_, number), bucket)| (*number, *bucket));
        buckets.filter(|(_, bucket)| answers(bucket)).collect()
    }

    /// The first instant of the next epoch.
    fn epoch_end(&self) -> Time {
        let epochs = self.clock.epoch.0.saturating_add(1);
        self.chain.start.plus_ms(epochs.saturating_mul(self.parameters.epoch_ms))
    }
}

impl Step<'_> {
    /// Counts base units in the bucket of this epoch, which is opened if need be; returns its number and release. Those of
    /// an undelegation are moved there.
    pub(crate) fn fill_bucket(
        &mut self,
        operator: AccountId,
        kind: BucketKind,
        amount: Amount,
    ) -> (u64, Time) {
        let current = self.state.current_bucket(operator, kind);
        let number = current.unwrap_or_else(|| self.open_bucket(operator, kind));
        let bucket = self.state.bucket_mut(operator, number);
        assert_eq!(bucket.left, bucket.total, "a slashed bucket takes in nothing more");
        bucket.total = bucket.total.plus(amount);
        if kind == BucketKind::Hopping {
            bucket.left = bucket.left.plus(amount);
        }
        (number, bucket.release)
    }

    fn open_bucket(&mut self, operator: AccountId, kind: BucketKind) -> u64 {
        let number = self.next_sequence();
        let began = self.state.epoch_end();
        let release = began.plus_ms(self.state.parameters.unbonding_ms);
        let (total, left) = (Amount::ZERO, Amount::ZERO);
        let bucket = Bucket { kind, began, release, total, left };
        self.state.buckets.insert((operator, number), bucket);
        let pool = self.state.pool_mut(operator);
        match kind {
            BucketKind::Leaving => pool.leaving = Some(number),
            BucketKind::Hopping => pool.hopping = Some(number),
        }
        number
    }

    /// Keeps what began to leave since a fault from leaving before a time. Its timers are put off as they go off.
    pub(crate) fn hold_buckets(&mut self, operator: AccountId, since: Time, until: Time) {
        let now = self.now();
        for (number, bucket) in self.state.answerable_buckets(operator, since, now) {
            self.state.bucket_mut(operator, number).release = bucket.release.max(until);
        }
    }

    /// Sets a timer anew for something in a bucket that was held; returns its number. None if the bucket is over.
    pub(crate) fn put_off(&mut self, operator: AccountId, bucket: u64, task: Task) -> Option<u64> {
        let release = self.state.bucket(operator, bucket).release;
        (release >= self.now()).then(|| self.set_timer(release, task))
    }

    /// Counts a part no longer in a bucket that what was left of it has gone from. With the last part the bucket goes, and
    /// no unit stays behind.
    pub(crate) fn drain_bucket(&mut self, operator: AccountId, number: u64, part: Amount) {
        let bucket = self.state.bucket_mut(operator, number);
        bucket.total = bucket.total.minus(part);
        if bucket.total.is_zero() {
            assert!(bucket.left.is_zero(), "the last part is all that is left");
            self.state.buckets.remove(&(operator, number));
        }
    }
}
