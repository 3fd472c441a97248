//! One step in progress: the state it changes, the outside, and what has happened so far.

use std::sync::Arc;

use crate::context::Context;
use crate::event::Event;
use crate::jobs::{Job, Missed};
use crate::operators::Operator;
use crate::parameters::Parameters;
use crate::primitives::{AccountId, JobId, Time};
use crate::rejection::Rejection;
use crate::state::{State, Task};

/// What every rule works on.
pub(crate) struct Step<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) context: Context<'a>,
    pub(crate) events: Vec<Event>,
    /// Jobs whose deadline this block found missed: fallbacks are drawn for them once the price is known.
    pub(crate) missed: Vec<Missed>,
}

impl<'a> Step<'a> {
    pub(crate) fn new(state: &'a mut State, context: &Context<'a>) -> Self {
        Self { state, context: *context, events: Vec::new(), missed: Vec::new() }
    }

    pub(crate) fn now(&self) -> Time {
        self.context.now
    }

    /// The parameters, held apart so that the state stays free to change.
    pub(crate) fn parameters(&self) -> Arc<Parameters> {
        Arc::clone(&self.state.parameters)
    }

    pub(crate) fn emit(&mut self, event: impl Into<Event>) {
        self.events.push(event.into());
    }

    /// A number that was never used before.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        let next = self.state.clock.sequence;
        self.state.clock.sequence = next.checked_add(1).expect("64 bits outlast the network");
        next
    }

    /// Sets a timer that goes off in the first block later than `at`; returns its number.
    pub(crate) fn set_timer(&mut self, at: Time, task: Task) -> u64 {
        let number = self.next_sequence();
        let before = self.state.timers.insert((at, number), task);
        assert!(before.is_none(), "timer numbers are never used twice");
        number
    }

    /// Takes back a timer that has not gone off.
    pub(crate) fn clear_timer(&mut self, at: Time, number: u64) {
        let cleared = self.state.timers.remove(&(at, number));
        assert!(cleared.is_some(), "a recorded timer is set");
    }

    pub(crate) fn operator(&self, account: AccountId) -> Result<&Operator, Rejection> {
        self.state.operator(account).ok_or(Rejection::NotAnOperator { account })
    }

    /// An operator known to exist, for change.
    pub(crate) fn operator_mut(&mut self, account: AccountId) -> &mut Operator {
        self.state.operator_mut(account)
    }

    pub(crate) fn job(&self, job: JobId) -> Result<&Job, Rejection> {
        self.state.job(job).ok_or(Rejection::UnknownJob { job })
    }

    /// A job known to exist, for change.
    pub(crate) fn job_mut(&mut self, job: JobId) -> &mut Job {
        Arc::make_mut(self.state.jobs.get_mut(&job).expect("the caller has just read the job"))
    }

    /// Refuses what comes after a deadline. At the deadline itself is in time.
    pub(crate) fn in_time(&self, deadline: Option<Time>) -> Result<(), Rejection> {
        let now = self.now();
        match deadline {
            Some(deadline) if now > deadline => Err(Rejection::DeadlinePassed { deadline, now }),
            _ => Ok(()),
        }
    }
}
