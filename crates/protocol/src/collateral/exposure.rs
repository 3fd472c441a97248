//! What an operator owes in open locks, and its margin call.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::collateral::Band;
use crate::event::CollateralEvent;
use crate::primitives::{AccountId, Amount, JobId, Time};
use crate::state::{State, Task};
use crate::step::Step;

/// What an operator with open locks owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exposure {
    /// Sum of its open locks, in micro-dollars.
    pub owed: Amount,
    /// The band it was last seen in.
    pub band: Band,
    /// Its margin call, until it is covered again.
    pub call: Option<MarginCall>,
}

/// A call to add to a bond or to let jobs end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MarginCall {
    /// Last instant of its grace.
    pub until: Time,
    /// Number of its timer, while it has not gone off.
    pub timer: Option<u64>,
}

impl State {
    /// What an operator owes, if it has open locks.
    pub fn exposure(&self, operator: AccountId) -> Option<&Exposure> {
        self.exposures.get(&operator)
    }
}

impl Step<'_> {
    /// Counts a lock that was taken for a job.
    pub(crate) fn owe(&mut self, operator: AccountId, job: JobId, value: Amount) {
        if value.is_zero() {
            return;
        }
        let before = self.state.liabilities.insert((operator, job), value);
        assert!(before.is_none(), "an operator has one lock for a job");
        let exposure = self.state.exposures.get_or_default(operator);
        exposure.owed = exposure.owed.plus(value);
        self.review(operator);
    }

    /// Counts a lock that was opened.
    pub(crate) fn settle_debt(&mut self, operator: AccountId, job: JobId) {
        self.reduce_debt(operator, job, Amount::ZERO);
    }

    /// Counts a lock of which part was taken: it is for so much now, nothing if all of it was.
    pub(crate) fn reduce_debt(&mut self, operator: AccountId, job: JobId, left: Amount) {
        let Some(value) = self.state.liabilities.remove(&(operator, job)) else { return };
        if !left.is_zero() {
            self.state.liabilities.insert((operator, job), left);
        }
        let exposure =
            self.state.exposures.get_mut(&operator).expect("who has a lock has an exposure");
        exposure.owed = exposure.owed.minus(value).plus(left);
        self.review(operator);
        if self.state.exposure(operator).is_some_and(|exposure| exposure.owed.is_zero()) {
            self.state.exposures.remove(&operator);
        }
    }

    /// Brings an operator's band up to date after something it depends on has changed. Leaving green is a margin call;
    /// coming back to it ends the call.
    pub(crate) fn review(&mut self, operator: AccountId) {
        let Some(before) = self.state.exposure(operator).copied() else { return };
        let band = self.state.band(operator);
        if band == before.band {
            return;
        }
        let call = match before.call {
            Some(MarginCall { until, timer: Some(timer) }) if band == Band::Green => {
                self.clear_timer(until, timer);
                None
            }
            _ if band == Band::Green => None,
            Some(call) => Some(call),
            None => Some(self.call_margin(operator)),
        };
        self.state.exposures.insert(operator, Exposure { band, call, ..before });
        let record = self.operator_mut(operator).bonded.clone();
        let cover = self.state.cover(before.owed, &record);
        self.emit(CollateralEvent::BandChanged {
            operator,
            before: before.band,
            band,
            owed: cover.owed,
            worth: cover.worth,
            lockable: cover.lockable,
            grace_until: call.map(|call| call.until),
        });
    }

    fn call_margin(&mut self, operator: AccountId) -> MarginCall {
        let until = self.now().plus_ms(self.state.parameters.margin_call_ms);
        let timer = self.set_timer(until, Task::MarginCall(operator));
        MarginCall { until, timer: Some(timer) }
    }
}

/// The grace of a margin call is over: amber counts as red from now on.
pub(crate) fn margin_call_over(step: &mut Step<'_>, operator: AccountId) {
    let exposure =
        step.state.exposures.get_mut(&operator).expect("a margin call and its timer go together");
    let call = exposure.call.as_mut().expect("a margin call and its timer go together");
    call.timer = None;
    step.review(operator);
}
