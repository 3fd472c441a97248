//! Submitting and taking back.

use protocol::{
    AccountId, Amount, Bound, EndReason, Event, JobEvent, JobId, JobKind, JobSpec, JobStatus,
    Nonce, Place, Rejection, STABLE, Why,
};

use super::Job;
use crate::exact::whole;
use crate::rules::books::SUPPLY_MAX;
use crate::rules::operators::between;
use crate::rules::{Model, Outcome, Replicated, hashed};

impl Model {
    /// The name of the job that an account submits with a nonce.
    pub(crate) fn name_of_job(&self, requester: AccountId, nonce: Nonce) -> JobId {
        JobId(hashed("earnest job v1", &(self.chain, requester, nonce)))
    }

    pub(in crate::rules) fn submit(
        &mut self,
        requester: AccountId,
        nonce: Nonce,
        spec: &JobSpec,
    ) -> Outcome {
        self.acceptable(spec)?;
        let price = spec.price_max.units();
        self.can_pay(requester, STABLE, price)?;
        let id = self.name_of_job(requester, nonce);
        self.shift_stable(id, Place::Account(requester), Place::Escrow(id), price, Why::Escrow);
        let job = Job {
            requester,
            spec: spec.clone(),
            submitted: self.now,
            status: JobStatus::Open,
            deadline: None,
            place: None,
            offered: false,
            drawn_after: None,
            window_end: None,
            attempts: Vec::new(),
            ended: None,
            replicated: Replicated::default(),
        };
        self.jobs.insert(id, job);
        let wait_until = self.queue(id);
        self.say(Event::Job(JobEvent::JobSubmitted {
            job: id,
            requester,
            spec: spec.clone().into(),
            wait_until,
        }));
        Ok(())
    }

    fn acceptable(&self, spec: &JobSpec) -> Outcome {
        if !self.classes.contains_key(&spec.class) {
            return Err(Rejection::UnknownClass { class: spec.class });
        }
        let program = self.programs.get(&spec.program);
        let proven = spec.kind == JobKind::Proven;
        if proven && program.is_none() {
            return Err(Rejection::UnknownProgram { program: spec.program });
        }
        let parameters = &self.parameters;
        let least_price = parameters.price_min.units();
        between(Bound::Steps, spec.steps_max.into(), 1, parameters.steps_max.into())?;
        between(Bound::Meter, spec.meter_max.into(), 1, parameters.meter_max.into())?;
        between(Bound::Memory, spec.memory_max.into(), 1, parameters.memory_max.into())?;
        between(Bound::Input, spec.input.size.into(), 0, parameters.input_bytes_max.into())?;
        let work = whole(spec.meter_max.into()) / whole(parameters.meter_per_ms_max.into());
        let (shortest, longest) = (parameters.run_ms_min.into(), parameters.run_ms_max.into());
        let shortest = work.ceil().max(shortest);
        between(Bound::Run, spec.run_ms.into(), shortest, longest)?;
        between(Bound::Wait, spec.wait_ms.into(), 1, parameters.wait_ms_max.into())?;
        between(Bound::Price, spec.price_max.units(), least_price, SUPPLY_MAX)?;
        between(Bound::Harm, spec.harm.units(), 0, SUPPLY_MAX)?;
        between(Bound::Insured, spec.insured.units(), 0, SUPPLY_MAX)?;
        if let Some(limits) = self.hardware.limits.get(&spec.class) {
            between(Bound::Meter, spec.meter_max.into(), 0, limits.meter_max.into())?;
            between(Bound::Memory, spec.memory_max.into(), 0, limits.memory_max.into())?;
            between(Bound::Price, spec.price_max.units(), 0, limits.price_max.units())?;
        }
        self.acceptable_replicas(spec)?;
        let needed = program.filter(|_| proven).map_or(0, |program| program.memory_max);
        let memory = spec.memory_max;
        if memory < needed {
            return Err(Rejection::MemoryBelowProgram { memory, needed });
        }
        Ok(())
    }

    pub(in crate::rules) fn cancel(&mut self, me: AccountId, id: JobId) -> Outcome {
        let job = self.job(id)?;
        let (requester, status) = (job.requester, job.status);
        if me != requester {
            return Err(Rejection::NotRequester { requester });
        }
        if status != JobStatus::Open {
            return Err(Rejection::WrongStage { status });
        }
        self.leave_line(id);
        self.end(id, EndReason::Cancelled);
        Ok(())
    }

    /// What is in escrow for a job.
    pub(in crate::rules) fn escrow(&self, id: JobId) -> u128 {
        self.books.held(Place::Escrow(id), STABLE)
    }

    /// A share in parts per million, rounded up.
    pub(crate) fn portion_ceil(&self, units: u128, rate: protocol::Ppm) -> u128 {
        (whole(units) * crate::exact::ppm(rate.0)).ceil()
    }

    /// A share in parts per million, rounded down, as an amount.
    pub(in crate::rules) fn portion_floor(&self, units: u128, rate: protocol::Ppm) -> Amount {
        Amount::new((whole(units) * crate::exact::ppm(rate.0)).floor())
    }
}
