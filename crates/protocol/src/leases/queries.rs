//! Reading leases, and the tables that go with their changes.

use std::sync::Arc;

use crate::leases::{Lease, LeaseStatus, Tenure};
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, JobId, Time};
use crate::rejection::Rejection;
use crate::state::{State, Task};
use crate::step::Step;

impl State {
    /// A lease that waits, runs, or ended not long ago.
    pub fn lease(&self, lease: JobId) -> Option<&Lease> {
        self.leases.get(&lease).map(AsRef::as_ref)
    }

    /// Every lease in the state, in order of name.
    pub fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.leases.values().map(AsRef::as_ref)
    }

    /// What an operator asks per unit and epoch of a lease in a class, in micro-dollars; `None` if it takes none.
    pub fn lease_ask(&self, operator: AccountId, class: ClassId) -> Option<Amount> {
        self.lease_rates.get(&(operator, class)).copied()
    }

    /// The offers a lease of a class could begin with next block, from the lowest ask: operator and ask.
    pub fn lease_asks(&self, class: ClassId) -> impl Iterator<Item = (AccountId, Amount)> + '_ {
        let first = (class, Amount::ZERO, AccountId([0; 32]));
        let last = (class, Amount::new(u128::MAX), AccountId([255; 32]));
        self.lease_asks.range(first..=last).map(|((_, ask, operator), ())| (*operator, *ask))
    }

    /// Changes what an operator asks for leases and keeps the index in step.
    pub(super) fn change_lease_ask(
        &mut self,
        operator: AccountId,
        class: ClassId,
        ask: Option<Amount>,
    ) {
        if let Some(before) = self.lease_ask(operator, class) {
            self.lease_asks.remove(&(class, before, operator));
        }
        match ask {
            Some(ask) => drop(self.lease_rates.insert((operator, class), ask)),
            None => drop(self.lease_rates.remove(&(operator, class))),
        }
        self.index_lease_ask(operator, class);
    }

    /// Puts an operator's ask for leases into the index while its offer stands.
    pub(crate) fn index_lease_ask(&mut self, operator: AccountId, class: ClassId) {
        let Some(ask) = self.lease_ask(operator, class) else { return };
        let offer = self.offer(operator, class);
        if offer.is_some_and(|offer| self.is_offering(operator, offer)) {
            self.lease_asks.insert((class, ask, operator), ());
        } else {
            self.lease_asks.remove(&(class, ask, operator));
        }
    }

    /// Gives a lease a place in the dense table of those that run.
    pub(super) fn place_lease(&mut self, lease: JobId) -> u32 {
        let place = u32::try_from(self.leased.len()).expect("leases are fewer than 2^32");
        self.leased.insert(place, lease);
        place
    }

    /// Takes a place out of that table; the last one takes the place that becomes free.
    pub(super) fn forget_lease(&mut self, place: u32) {
        let (last, mover) = self.leased.get_max().copied().expect("a place is in the table");
        self.leased.remove(&last);
        if last != place {
            self.leased.insert(place, mover);
            let record = self.leases.get_mut(&mover).expect("a lease in the table exists");
            let tenure = Arc::make_mut(record).tenure.as_mut();
            tenure.expect("a running lease has a provider").place = Some(place);
        }
    }
}

impl Step<'_> {
    pub(super) fn lease(&self, lease: JobId) -> Result<&Lease, Rejection> {
        self.state.lease(lease).ok_or(Rejection::UnknownLease { lease })
    }

    /// A lease known to exist, for change.
    pub(super) fn lease_mut(&mut self, lease: JobId) -> &mut Lease {
        let record = self.state.leases.get_mut(&lease);
        Arc::make_mut(record.expect("the caller has just read the lease"))
    }

    /// The tenure of a lease known to have begun, for change.
    pub(super) fn tenure_mut(&mut self, lease: JobId) -> &mut Tenure {
        self.lease_mut(lease).tenure.as_mut().expect("the caller has just read the tenure")
    }

    /// Puts a lease into a stage with its deadline. It has exactly one timer.
    pub(super) fn set_lease_stage(&mut self, lease: JobId, status: LeaseStatus, deadline: Time) {
        let Lease { deadline: at, timer, .. } = *self.lease_mut(lease);
        // The timer that has just gone off is gone from the queue already.
        self.state.timers.remove(&(at, timer));
        let timer = self.set_timer(deadline, Task::Lease(lease));
        let record = self.lease_mut(lease);
        (record.status, record.deadline, record.timer) = (status, deadline, timer);
    }

    /// Takes a lease out of the queue, if it waits.
    pub(super) fn leave_queue(&mut self, lease: JobId) {
        if let Some(place) = self.lease_mut(lease).queued.take() {
            self.state.lease_queue.remove(&place);
        }
    }
}
