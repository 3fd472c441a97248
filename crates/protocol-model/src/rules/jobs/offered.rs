//! Jobs that no standing ask takes: offered at a rising price to whoever takes them by hand.

use protocol::{
    AccountId, Amount, Event, Intake, JobEvent, JobId, JobStatus, OperatorStatus, Pricing,
    Rejection, Time,
};

use super::clearing::Terms;
use crate::exact::{ppm, whole};
use crate::rules::market::Unfit;
use crate::rules::{Model, Outcome};

impl Model {
    /// A job steps aside and is offered from now on.
    pub(super) fn offer(&mut self, id: JobId) {
        self.step_aside(id);
        let (until, _) = self.jobs[&id].deadline.expect("an open job has a deadline");
        let price = Amount::new(self.offered_price(id, self.waited(id)));
        let price_max = self.jobs[&id].spec.price_max;
        self.say(Event::Job(JobEvent::JobOffered {
            job: id,
            price,
            price_max,
            until: Time(until),
        }));
    }

    /// How long an open job has waited since it needed a provider.
    fn waited(&self, id: JobId) -> u64 {
        let (until, _) = self.jobs[&id].deadline.expect("an open job has a deadline");
        self.now + self.jobs[&id].spec.wait_ms - until
    }

    /// From a part of the maximum, linearly up to all of it at the end of the waiting time.
    fn offered_price(&self, id: JobId, waited: u64) -> u128 {
        let spec = &self.jobs[&id].spec;
        let most = spec.price_max.units();
        let start = (whole(most) * ppm(self.parameters.offered_start.0)).floor();
        let risen = whole(most - start) * whole(waited.into()) / whole(spec.wait_ms.into());
        (start + risen.floor()).max(self.parameters.price_min.units()).min(most)
    }

    pub(in crate::rules) fn take_job(&mut self, me: AccountId, id: JobId) -> Outcome {
        let operator = self.known(me)?;
        match self.status(operator) {
            OperatorStatus::Jailed(until) => return Err(Rejection::InJail { until }),
            OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
            OperatorStatus::Active if !operator.duties.provider => {
                return Err(Rejection::NotProvider);
            }
            OperatorStatus::Active => {}
        }
        let job = self.at_stage(id, JobStatus::Open)?;
        let class = job.spec.class;
        if self.intake() != Intake::Open {
            return Err(Rejection::IntakeClosed);
        }
        if !self.is_offered(id) {
            return Err(Rejection::JobInMarket { job: id });
        }
        if !operator.offers.contains_key(&class) || !self.ask_of(me, class).has_left(1) {
            return Err(Rejection::NoUnitFree { class });
        }
        let (ask, waited_ms) = (self.ask_of(me, class), self.waited(id));
        let terms = self.terms(id, &ask, self.offered_price(id, waited_ms));
        let (quote, slices) = terms.map_err(|unfit| match unfit {
            Unfit::Because(rejection) => rejection,
            Unfit::TooDear => panic!("an offered price is at most the maximum"),
        })?;
        self.leave_line(id);
        let pricing = Pricing::Offered { waited_ms };
        self.assign(id, Terms { provider: me, ask: ask.ask, pricing, quote, slices });
        Ok(())
    }
}
