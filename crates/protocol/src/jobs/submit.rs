//! Submitting and taking back.

use std::sync::Arc;

use crate::books::{Movement, Place, Why};
use crate::event::JobEvent;
use crate::jobs::{EndReason, Job, JobKind, JobSpec, JobStatus, check_kind, job_id};
use crate::parameters::Class;
use crate::primitives::{AccountId, Amount, JobId, Nonce, STABLE};
use crate::rejection::{Bound, Rejection};
use crate::state::State;
use crate::step::Step;

pub(crate) fn submit(
    step: &mut Step<'_>,
    sender: AccountId,
    nonce: Nonce,
    spec: &JobSpec,
) -> Result<(), Rejection> {
    check_spec(step.state, spec)?;
    let id = job_id(step.state.chain.id, sender, nonce);
    let (from, to) = (Place::Account(sender), Place::Escrow(id));
    let amount = spec.price_max;
    step.pay(Movement { from, to, asset: STABLE, amount, why: Why::Escrow, job: Some(id) })?;
    let job = Job {
        id,
        requester: sender,
        spec: spec.clone(),
        submitted: step.now(),
        status: JobStatus::Open,
        deadline: None,
        timer: None,
        queued: None,
        window_end: None,
        attempts: 0,
        failed: Vec::new(),
        assignment: None,
        ended: None,
    };
    let before = step.state.jobs.insert(id, Arc::new(job));
    assert!(before.is_none(), "a nonce is used once, so is a job's name");
    let wait_until = step.open_job(id);
    step.emit(JobEvent::JobSubmitted {
        job: id,
        requester: sender,
        spec: spec.clone().into(),
        wait_until,
    });
    Ok(())
}

fn check_spec(state: &State, spec: &JobSpec) -> Result<(), Rejection> {
    let class = state.class(spec.class).ok_or(Rejection::UnknownClass { class: spec.class })?;
    if let JobKind::Replicated { .. } = spec.kind {
        // What a judge cannot re-execute needs no registration: its name is the hash of whatever is run.
        check_bounds(state, spec)?;
        check_limits(class, spec)?;
        return check_kind(&state.parameters, spec);
    }
    let program = state.program(spec.program);
    let program = program.ok_or(Rejection::UnknownProgram { program: spec.program })?;
    check_bounds(state, spec)?;
    check_limits(class, spec)?;
    let (memory, needed) = (spec.memory_max, program.memory_max);
    if memory < needed { Err(Rejection::MemoryBelowProgram { memory, needed }) } else { Ok(()) }
}

fn check_bounds(state: &State, spec: &JobSpec) -> Result<(), Rejection> {
    let parameters = &state.parameters;
    let counts = [
        (Bound::Steps, spec.steps_max, 1, parameters.steps_max),
        (Bound::Meter, spec.meter_max, 1, parameters.meter_max),
        (Bound::Memory, spec.memory_max, 1, parameters.memory_max),
        (Bound::Input, spec.input.size, 0, parameters.input_bytes_max),
        (Bound::Run, spec.run_ms, parameters.run_ms_least(spec.meter_max), parameters.run_ms_max),
        (Bound::Wait, spec.wait_ms, 1, parameters.wait_ms_max),
    ];
    for (bound, value, minimum, maximum) in counts {
        let plain = |number: u64| Amount::new(number.into());
        bound.check(plain(value), plain(minimum), plain(maximum))?;
    }
    let most = Amount::SUPPLY_MAX;
    Bound::Price.check(spec.price_max, parameters.price_min, most)?;
    Bound::Harm.check(spec.harm, Amount::ZERO, most)?;
    Bound::Insured.check(spec.insured, Amount::ZERO, most)
}

/// Refuses jobs that are too large for their class.
fn check_limits(class: &Class, spec: &JobSpec) -> Result<(), Rejection> {
    let Some(limits) = class.job_limits else { return Ok(()) };
    let plain = |number: u64| Amount::new(number.into());
    let least = Amount::ZERO;
    Bound::Meter.check(plain(spec.meter_max), least, plain(limits.meter_max))?;
    Bound::Memory.check(plain(spec.memory_max), least, plain(limits.memory_max))?;
    Bound::Price.check(spec.price_max, least, limits.price_max)
}

/// Takes back a job that waits for a provider. A moment late makes no difference: its escrow returns either way.
pub(crate) fn cancel(step: &mut Step<'_>, sender: AccountId, job: JobId) -> Result<(), Rejection> {
    let Job { requester, status, .. } = *step.job(job)?;
    if requester != sender {
        return Err(Rejection::NotRequester { requester });
    }
    if status != JobStatus::Open {
        return Err(Rejection::WrongStage { status });
    }
    step.dequeue(job);
    step.end(job, EndReason::Cancelled);
    Ok(())
}
