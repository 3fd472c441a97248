//! Bonds: what they are worth, what of them is locked, how they leave.

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, AssetId, Event, JobId, NATIVE, OperatorEvent, OperatorStatus, Place, Ppm,
    Rejection, STABLE, Time, Why,
};

use super::accounts::sensible;
use super::books::Move;
use super::market::Lock;
use super::{Model, Operator, Outcome};
use crate::exact::whole;

/// A bond on its way out.
#[derive(Clone, Copy)]
pub(crate) struct Exit {
    pub(crate) operator: AccountId,
    pub(crate) asset: AssetId,
    pub(crate) began: u64,
    pub(crate) release: u64,
}

impl Model {
    /// What an operator has bonded of an asset: free and locked, exits not.
    pub(crate) fn bonded(&self, operator: AccountId, asset: AssetId) -> u128 {
        let locks = self.books.between(
            Place::Lock(operator, JobId([0; 32])),
            Place::Lock(operator, JobId([255; 32])),
        );
        let locked: u128 =
            locks.filter(|(_, held, _)| *held == asset).map(|(.., units)| units).sum();
        self.books.held(Place::Bond(operator), asset) + locked
    }

    /// What an operator's bond is worth.
    pub(crate) fn bond_value(&self, operator: AccountId) -> u128 {
        self.value(|asset| self.bonded(operator, asset))
    }

    /// What its duties, offers and devices require of an operator's bond: the largest, since one bond backs all.
    pub(crate) fn required_bond(&self, account: AccountId, operator: &Operator) -> u128 {
        let minimum = self.parameters.validator_bond_min.units();
        let duty = if operator.duties.validator { minimum } else { 0 };
        duty.max(self.offers_require(account)).max(self.devices_require(account))
    }

    /// Exits of an operator that are open, by number.
    pub(crate) fn exits_of(&self, operator: AccountId) -> Vec<(u64, Exit)> {
        let all = self.exits.iter().filter(|(_, exit)| exit.operator == operator);
        all.map(|(number, exit)| (*number, *exit)).collect()
    }

    pub(super) fn bond(
        &mut self,
        me: AccountId,
        operator: AccountId,
        asset: AssetId,
        units: u128,
    ) -> Outcome {
        sensible(units)?;
        let record = self.known(operator)?;
        if me != operator && me != record.owner {
            return Err(Rejection::NotOwner { operator, owner: record.owner });
        }
        if self.status(record) == OperatorStatus::Tombstoned {
            return Err(Rejection::IsTombstoned);
        }
        self.admits_more(asset, units)?;
        self.can_pay(me, asset, units)?;
        self.pay_rewards(operator);
        let (from, to) = (Place::Account(me), Place::Bond(operator));
        self.shift(Move { from, to, asset, units, why: Why::Bond, job: None });
        self.reconsider(operator);
        self.look_at(operator);
        Ok(())
    }

    fn owned(&self, me: AccountId, operator: AccountId) -> Result<&Operator, Rejection> {
        let record = self.known(operator)?;
        let owner = record.owner;
        if me == owner { Ok(record) } else { Err(Rejection::NotOwner { operator, owner }) }
    }

    pub(super) fn unbond(
        &mut self,
        me: AccountId,
        operator: AccountId,
        asset: AssetId,
        units: u128,
    ) -> Outcome {
        sensible(units)?;
        let required = self.required_bond(operator, self.owned(me, operator)?);
        self.is_free_to_leave(operator)?;
        let free = self.books.held(Place::Bond(operator), asset);
        if units > free {
            let (needed, free) = (Amount::new(units), Amount::new(free));
            return Err(Rejection::InsufficientBond { asset, needed, free });
        }
        self.may_unbond(operator, asset, units)?;
        let limit = self.parameters.exits_max;
        if self.exits_of(operator).len() as u64 >= limit.into() {
            return Err(Rejection::TooManyExits { limit });
        }
        let stays = |held| self.bonded(operator, held) - if held == asset { units } else { 0 };
        let left = self.value(stays);
        if left < required {
            let (required, left) = (Amount::new(required), Amount::new(left));
            return Err(Rejection::BondNeeded { required, left });
        }
        self.stays_covered(operator, stays)?;
        self.pay_rewards(operator);
        let (exit, began) = (self.number(), self.now);
        let release = began + self.parameters.unbonding_ms;
        self.exits.insert(exit, Exit { operator, asset, began, release });
        let (from, to) = (Place::Bond(operator), Place::Exit(operator, exit));
        self.shift(Move { from, to, asset, units, why: Why::Unbond, job: None });
        self.reconsider(operator);
        self.look_at(operator);
        let (amount, release) = (Amount::new(units), Time(release));
        self.say(Event::Operator(OperatorEvent::ExitBegan {
            operator,
            exit,
            asset,
            amount,
            release,
        }));
        Ok(())
    }

    pub(super) fn cancel_exit(
        &mut self,
        me: AccountId,
        operator: AccountId,
        number: u64,
    ) -> Outcome {
        self.owned(me, operator)?;
        let exit = self.exits.get(&number).filter(|exit| exit.operator == operator);
        let exit = *exit.ok_or(Rejection::UnknownExit { exit: number })?;
        self.in_time(Some(exit.release))?;
        self.pay_rewards(operator);
        self.close_exit(number, exit, Place::Bond(operator), Why::CancelExit);
        self.reconsider(operator);
        self.look_at(operator);
        Ok(())
    }

    /// A bond has finished leaving: it goes to the owner of the day.
    pub(super) fn release_exit(&mut self, number: u64) {
        let exit = self.exits[&number];
        let owner = self.owner(exit.operator);
        self.close_exit(number, exit, Place::Account(owner), Why::Release);
    }

    pub(super) fn close_exit(&mut self, number: u64, exit: Exit, to: Place, why: Why) {
        let Exit { operator, asset, .. } = exit;
        let from = Place::Exit(operator, number);
        let units = self.books.held(from, asset);
        self.shift(Move { from, to, asset, units, why, job: None });
        self.exits.remove(&number);
    }

    /// What would be locked for so many micro-dollars: stable first, then native less a haircut, then what was admitted.
    /// Nothing if the free bond does not reach.
    pub(super) fn slices(
        &self,
        operator: AccountId,
        value: u128,
        haircut: Ppm,
    ) -> Option<BTreeMap<AssetId, u128>> {
        self.slices_beside(operator, value, haircut, &[])
    }

    /// The same beside others that were promised and are not locked yet.
    pub(super) fn slices_beside(
        &self,
        operator: AccountId,
        value: u128,
        haircut: Ppm,
        promised: &[Lock],
    ) -> Option<BTreeMap<AssetId, u128>> {
        let taken = |asset| promised.iter().filter_map(|(_, of)| of.get(&asset)).sum::<u128>();
        let (mut slices, mut rest) = (BTreeMap::new(), value);
        for asset in [STABLE, NATIVE].into_iter().chain(self.admitted.keys().copied()) {
            let worth = self.worth_of(asset, Some(haircut));
            let free = self.books.held(Place::Bond(operator), asset) - taken(asset);
            let units = (whole(rest) / worth).ceil().min(free);
            rest = rest.saturating_sub((whole(units) * worth).floor());
            if units > 0 {
                slices.insert(asset, units);
            }
        }
        (rest == 0).then_some(slices)
    }

    pub(super) fn lock(
        &mut self,
        operator: AccountId,
        job: JobId,
        value: u128,
        slices: &BTreeMap<AssetId, u128>,
    ) {
        let (from, to) = (Place::Bond(operator), Place::Lock(operator, job));
        for (asset, units) in slices {
            let (asset, units, why) = (*asset, *units, Why::Lock);
            self.shift(Move { from, to, asset, units, why, job: Some(job) });
        }
        if value > 0 {
            self.debts.insert((operator, job), value);
            self.look_at(operator);
        }
    }

    pub(super) fn unlock(&mut self, operator: AccountId, job: JobId) {
        let (from, to) = (Place::Lock(operator, job), Place::Bond(operator));
        for (asset, units) in self.books.of(from) {
            self.shift(Move { from, to, asset, units, why: Why::Unlock, job: Some(job) });
        }
        self.forgive(operator, job);
    }
}
