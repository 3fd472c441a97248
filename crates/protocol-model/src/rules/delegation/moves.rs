//! Into a pool, out of it, from one to another.

use protocol::{
    AccountId, Amount, BucketKind, DelegationEvent, Event, NATIVE, OperatorStatus, Place,
    Rejection, Time, Why,
};

use super::{Bucket, Hop, Part, Stake};
use crate::exact::whole;
use crate::rules::accounts::sensible;
use crate::rules::{Model, Outcome};

impl Model {
    pub(in crate::rules) fn delegate(
        &mut self,
        me: AccountId,
        operator: AccountId,
        units: u128,
    ) -> Outcome {
        sensible(units)?;
        self.takes(me, operator, units)?;
        let shares = self.bought(operator, units)?;
        self.can_pay(me, NATIVE, units)?;
        self.enter(me, operator, (units, shares), (Place::Account(me), Why::Delegate));
        Ok(())
    }

    /// Whether a pool takes so many tokens more of somebody.
    fn takes(&self, delegator: AccountId, operator: AccountId, units: u128) -> Outcome {
        match self.status(self.known(operator)?) {
            OperatorStatus::Jailed(until) => return Err(Rejection::InJail { until }),
            OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
            OperatorStatus::Active => {}
        }
        if self.related(delegator, operator) {
            return Err(Rejection::OwnPool { operator });
        }
        if self.pool(operator).is_none() {
            return Err(Rejection::PoolNotOpen { operator });
        }
        let after = units + self.worth_of_shares(operator, self.shares(delegator, operator));
        let minimum = self.parameters.delegation_min;
        if after < minimum.units() {
            return Err(Rejection::DelegationTooSmall { amount: Amount::new(after), minimum });
        }
        let (bonded, minimum) = (Amount::new(self.own(operator)), self.parameters.pool_bond_min);
        if bonded < minimum {
            return Err(Rejection::SelfBondTooSmall { bonded, minimum });
        }
        let room = self.room(operator);
        if units > room {
            let (amount, room) = (Amount::new(units), Amount::new(room));
            return Err(Rejection::DelegationCap { amount, room });
        }
        Ok(())
    }

    fn enter(
        &mut self,
        delegator: AccountId,
        operator: AccountId,
        (units, shares): (u128, u128),
        (from, why): (Place, Why),
    ) {
        self.settle_with(delegator, operator);
        self.shift_native(from, Place::Pool(operator), units, why);
        let pool = &self.delegated.pools[&operator];
        let fresh = Stake { shares: 0, generation: pool.generation(), settled: pool.fees.len() };
        let stake = self.delegated.stakes.entry((delegator, operator)).or_insert(fresh);
        stake.shares += shares;
        let (amount, shares) = (Amount::new(units), Amount::new(shares));
        self.stand(operator);
        self.say(Event::Delegation(DelegationEvent::Delegated {
            delegator,
            operator,
            amount,
            shares,
        }));
    }

    /// What shares are worth that may leave.
    fn may_leave(
        &self,
        delegator: AccountId,
        operator: AccountId,
        shares: u128,
    ) -> Result<u128, Rejection> {
        if shares == 0 {
            return Err(Rejection::ZeroAmount);
        }
        let all = self.shares(delegator, operator);
        if all == 0 {
            return Err(Rejection::NoDelegation { operator });
        }
        self.is_free_to_leave(operator)?;
        let free = self.free_shares(delegator, operator);
        if shares > free {
            let (needed, free) = (Amount::new(shares), Amount::new(free));
            return Err(Rejection::SharesNotFree { needed, free });
        }
        let units = self.worth_of_shares(operator, shares);
        if units == 0 {
            return Err(Rejection::WorthNothing);
        }
        let (left, minimum) = (
            Amount::new(self.worth_of_shares(operator, all - shares)),
            self.parameters.delegation_min,
        );
        if shares != free && left < minimum {
            return Err(Rejection::DustLeft { left, minimum });
        }
        Ok(units)
    }

    /// The bucket that takes in what leaves now: the latest, if it has not begun, was not slashed, and lasts as long as
    /// unbonding does now.
    fn open_bucket(&self, operator: AccountId, kind: BucketKind) -> Option<u64> {
        let buckets = self.delegated.buckets.iter();
        let mut ours = buckets.filter(|((of, _), bucket)| *of == operator && bucket.kind == kind);
        let ((_, number), bucket) = ours.next_back()?;
        let lasts = bucket.release == bucket.began + self.parameters.unbonding_ms;
        (bucket.began > self.now && !bucket.closed && lasts).then_some(*number)
    }

    fn epoch_ends(&self) -> u64 {
        self.start + (self.epoch() + 1) * self.parameters.epoch_ms
    }

    fn bucket_for(&mut self, operator: AccountId, kind: BucketKind) -> u64 {
        if let Some(number) = self.open_bucket(operator, kind) {
            return number;
        }
        let (number, began) = (self.number(), self.epoch_ends());
        let release = began + self.parameters.unbonding_ms;
        let bucket = Bucket { kind, began, release, closed: false, kept: 0 };
        self.delegated.buckets.insert((operator, number), bucket);
        number
    }

    /// A bucket is there for its parts.
    fn drop_if_empty(&mut self, operator: AccountId, number: u64) {
        if self.came_in(operator, number) == 0 {
            assert_eq!(self.left_of(operator, number), 0, "the last part takes what is left");
            self.delegated.buckets.remove(&(operator, number));
        }
    }

    pub(in crate::rules) fn undelegate(
        &mut self,
        me: AccountId,
        operator: AccountId,
        shares: u128,
    ) -> Outcome {
        let units = self.may_leave(me, operator, shares)?;
        let open = self.undelegations(me, operator);
        let limit = self.parameters.undelegations_max;
        let current = self.open_bucket(operator, BucketKind::Leaving);
        let joins = open.iter().any(|(number, ..)| Some(*number) == current);
        if !joins && open.len() as u64 >= limit.into() {
            return Err(Rejection::TooManyUndelegations { limit });
        }
        self.remove_shares(me, operator, shares);
        let bucket = self.bucket_for(operator, BucketKind::Leaving);
        let (from, to) = (Place::Pool(operator), Place::Leaving(operator, bucket));
        self.shift_native(from, to, units, Why::Undelegate);
        self.stand(operator);
        let number = if joins { None } else { Some(self.number()) };
        let due = self.delegated.buckets[&(operator, bucket)].release;
        let fresh = Part { units: 0, due, number: number.unwrap_or_default() };
        let part = self.delegated.leaving.entry((me, operator, bucket)).or_insert(fresh);
        part.units += units;
        let release = Time(self.delegated.buckets[&(operator, bucket)].release);
        let (shares, amount) = (Amount::new(shares), Amount::new(units));
        let delegator = me;
        self.say(Event::Delegation(DelegationEvent::UndelegationBegan {
            delegator,
            operator,
            shares,
            amount,
            bucket,
            release,
        }));
        self.sweep(operator, me);
        Ok(())
    }

    pub(in crate::rules) fn cancel_unbonding(
        &mut self,
        me: AccountId,
        operator: AccountId,
        bucket: u64,
    ) -> Outcome {
        let key = (me, operator, bucket);
        let part = self.delegated.leaving.get(&key).copied();
        let part = part.ok_or(Rejection::UnknownUndelegation { bucket })?;
        self.in_time(Some(self.delegated.buckets[&(operator, bucket)].release))?;
        let units = self.left_of_part(operator, bucket, part.units);
        self.takes(me, operator, units)?;
        let shares = self.bought(operator, units)?;
        self.delegated.leaving.remove(&key);
        let from = (Place::Leaving(operator, bucket), Why::CancelUnbonding);
        self.enter(me, operator, (units, shares), from);
        self.drop_if_empty(operator, bucket);
        Ok(())
    }

    /// An undelegation is over, or was held back.
    pub(in crate::rules) fn pay_out(
        &mut self,
        delegator: AccountId,
        operator: AccountId,
        bucket: u64,
    ) {
        let key = (delegator, operator, bucket);
        let release = self.delegated.buckets[&(operator, bucket)].release;
        if release >= self.now {
            let number = self.number();
            let part = self.delegated.leaving.get_mut(&key).expect("it is due");
            (part.due, part.number) = (release, number);
            return;
        }
        let units = self.left_of_part(operator, bucket, self.delegated.leaving[&key].units);
        self.delegated.leaving.remove(&key);
        let (from, to) = (Place::Leaving(operator, bucket), Place::Account(delegator));
        self.shift_native(from, to, units, Why::Undelegated);
        self.drop_if_empty(operator, bucket);
    }

    pub(in crate::rules) fn redelegate(
        &mut self,
        me: AccountId,
        source: AccountId,
        operator: AccountId,
        shares: u128,
    ) -> Outcome {
        if source == operator {
            return Err(Rejection::SamePool { operator });
        }
        let units = self.may_leave(me, source, shares)?;
        self.takes(me, operator, units)?;
        if let Some((_, until)) = self.hop(me, operator) {
            return Err(Rejection::HopOpen { operator, until: Time(until) });
        }
        let bought = self.bought(operator, units)?;
        self.remove_shares(me, source, shares);
        self.enter(me, operator, (units, bought), (Place::Pool(source), Why::Redelegate));
        self.stand(source);
        let bucket = self.bucket_for(source, BucketKind::Hopping);
        let number = self.number();
        let generation = self.delegated.pools[&operator].generation();
        let due = self.delegated.buckets[&(source, bucket)].release;
        let hop = Hop { source, bucket, units, shares: bought, generation, due, number };
        self.delegated.hops.insert((me, operator), hop);
        let record = self.delegated.buckets.get_mut(&(source, bucket)).expect("it is open");
        record.kept += units;
        let until = Time(record.release);
        let (delegator, amount) = (me, Amount::new(units));
        self.say(Event::Delegation(DelegationEvent::Redelegated {
            delegator,
            source,
            operator,
            amount,
            until,
        }));
        self.sweep(source, me);
        Ok(())
    }

    /// A hop answers no longer, unless it was held back: the part of it that its source was slashed for is burned where it is now.
    pub(in crate::rules) fn hop_is_over(&mut self, delegator: AccountId, operator: AccountId) {
        let hop = self.delegated.hops[&(delegator, operator)];
        let Hop { source, bucket, units, shares, generation, .. } = hop;
        let release = self.delegated.buckets[&(source, bucket)].release;
        if release >= self.now {
            let number = self.number();
            let held = Hop { due: release, number, ..hop };
            self.delegated.hops.insert((delegator, operator), held);
            return;
        }
        self.pay_rewards(operator);
        let kept = self.left_of_part(source, bucket, units);
        self.delegated.hops.remove(&(delegator, operator));
        let record = self.delegated.buckets.get_mut(&(source, bucket)).expect("it has a part");
        record.kept -= kept;
        self.drop_if_empty(source, bucket);
        let stands = self.delegated.pools[&operator].generation() == generation;
        let lost = whole(units - kept) / whole(units);
        let gone = if stands { (whole(shares) * lost).ceil() } else { 0 };
        let mut burned = 0;
        if gone > 0 {
            burned = self.worth_of_shares(operator, gone);
            self.remove_shares(delegator, operator, gone);
            self.shift_native(Place::Pool(operator), Place::Burned, burned, Why::SlashBurn);
            self.stand(operator);
            self.sweep(operator, delegator);
        }
        self.say(Event::Delegation(DelegationEvent::HopEnded {
            delegator,
            source,
            operator,
            burned: Amount::new(burned),
        }));
    }
}
