//! What a block does by itself: epochs, deadlines, prices, draws, clearing. All of it off queues, all of it bounded.

use crate::context::Context;
use crate::event::{EpochEvent, Event};
use crate::invariants;
use crate::price::Intake;
use crate::primitives::{Epoch, Time};
use crate::state::{State, Task};
use crate::step::Step;
use crate::{
    access, bonds, capacity, collateral, delegation, disputes, governance, jobs, leases, penalties,
    price, rewards,
};

/// Begins a block, before its transactions: the epoch turns, deadlines that have passed take effect (accepted amendments
/// among them), the price's slot turns, operators, rounds of capacity and probes of leases are drawn by this block's beacon, so
/// are committed jobs and fallbacks for those whose provider missed its deadline, and waiting jobs and then leases are cleared
/// unless the price keeps the intake closed.
///
/// # Panics
/// If height or time went back: the ledger is broken.
pub fn begin_block(state: &mut State, context: &Context<'_>) -> Vec<Event> {
    let clock = state.clock;
    assert!(context.height > clock.height, "heights rise from block to block");
    assert!(context.now >= clock.now, "network time never goes back");
    state.clock.height = context.height;
    state.clock.now = context.now;
    let mut step = Step::new(state, context);
    turn_epoch(&mut step);
    run_timers(&mut step);
    governance::sweep_ballots(&mut step);
    price::turn_slot(&mut step);
    collateral::sweep(&mut step);
    let elapsed_ms = context.now.since_ms(clock.now);
    capacity::begin_block(&mut step, elapsed_ms);
    leases::draw_probes(&mut step, elapsed_ms);
    jobs::draw_audits(&mut step);
    jobs::call_fallbacks(&mut step);
    if step.state.intake() == Intake::Open {
        jobs::clear(&mut step);
        leases::clear(&mut step);
    }
    step.events
}

/// Ends a block, after its transactions. Judging and checking start anew in the next one.
///
/// # Panics
/// If the running totals no longer satisfy the supply equation: a ledger must stop rather than carry on with wrong
/// books.
pub fn end_block(state: &mut State, context: &Context<'_>) -> Vec<Event> {
    assert_eq!(context.height, state.clock.height, "a block ends at the height it began");
    state.clock.judged_units = 0;
    state.clock.capacity_checks = 0;
    let violations = invariants::check_totals(state);
    assert!(violations.is_empty(), "the books do not balance: {violations:?}");
    Vec::new()
}

/// Which epoch an instant lies in.
pub fn epoch_at(state: &State, now: Time) -> Epoch {
    Epoch(now.since_ms(state.chain.start) / state.parameters.epoch_ms)
}

/// Begins the epoch of this block, if it is a new one: seats are given anew, rewards closed and opened. Clean epochs are
/// counted when work completes, and rewards as they are earned, so nobody is looked through here.
fn turn_epoch(step: &mut Step<'_>) {
    let epoch = epoch_at(step.state, step.now());
    if epoch > step.state.clock.epoch {
        step.state.clock.epoch = epoch;
        access::note_epoch(step);
        step.emit(EpochEvent::EpochBegan { epoch });
        delegation::turn_seats(step);
        rewards::turn_epoch(step);
    }
}

/// Handles deadlines that have passed, oldest first, as many as a block may; the rest waits for the next block.
fn run_timers(step: &mut Step<'_>) {
    for _ in 0..step.state.parameters.timers_per_block {
        let Some(((at, number), task)) = step.state.timers.get_min().cloned() else { return };
        if at >= step.now() {
            return;
        }
        step.state.timers.remove(&(at, number));
        match task {
            Task::Job(job) => jobs::deadline_passed(step, job),
            Task::Lease(lease) => leases::deadline_passed(step, lease),
            Task::Exit(operator, exit) => bonds::release_exit(step, operator, exit),
            Task::Demand(job, demander) => disputes::demand_expired(step, job, demander),
            Task::Offence(operator) => penalties::forget_offence(step, operator),
            Task::AccessExit(account, exit) => access::release(step, account, exit),
            Task::MarginCall(operator) => collateral::margin_call_over(step, operator),
            Task::Proposal(proposal) => governance::proposal_due(step, proposal),
            Task::Undelegation(delegator, operator, bucket) => {
                delegation::release(step, delegator, operator, bucket);
            }
            Task::Hop(delegator, operator) => delegation::end_hop(step, delegator, operator),
            Task::Commitment(staker, operator) => {
                delegation::end_commitment(step, staker, operator);
            }
            Task::Reckoning(operator) => penalties::window_over(step, operator),
        }
    }
}
