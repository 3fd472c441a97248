//! Jobs without a market: offered to whoever takes them first, at a rising price.

use crate::jobs::{Job, JobKind, JobStatus};
use crate::market::{Candidate, Fit, Pricing, fit};
use crate::operators::check_may_offer;
use crate::parameters::Parameters;
use crate::price::Intake;
use crate::primitives::{AccountId, Amount, JobId, Time};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;

/// What a job is offered at after waiting so long: from `offered_start` of its maximum, linearly up to the maximum at the
/// end of its waiting time, rounded down, at least the minimum price.
pub fn offered_price_floor(
    parameters: &Parameters,
    price_max: Amount,
    waited_ms: u64,
    wait_ms: u64,
) -> Amount {
    let start = price_max.portion_floor(parameters.offered_start);
    let rise = price_max.minus(start);
    let risen = rise.scaled_floor(waited_ms.min(wait_ms).into(), wait_ms.max(1).into());
    start.plus(risen).max(parameters.price_min).min(price_max)
}

impl State {
    /// What an open proven job that no standing ask takes is offered at, and how long it has waited, in ms; `None` for any other.
    pub fn offered(&self, job: &Job, now: Time) -> Option<(Amount, u64)> {
        let until = job.deadline.filter(|_| self.is_offered(job))?;
        let (JobStatus::Open, JobKind::Proven) = (job.status, job.spec.kind) else { return None };
        let (price_max, wait_ms) = (job.spec.price_max, job.spec.wait_ms);
        let waited_ms = wait_ms.saturating_sub(until.since_ms(now));
        Some((offered_price_floor(&self.parameters, price_max, waited_ms, wait_ms), waited_ms))
    }
}

/// A provider takes a job that no standing ask takes, with a free unit of its offer in the class and the same lock.
pub(crate) fn take(step: &mut Step<'_>, sender: AccountId, id: JobId) -> Result<(), Rejection> {
    check_may_offer(step.operator(sender)?)?;
    let job = step.job(id)?;
    if job.status != JobStatus::Open {
        return Err(Rejection::WrongStage { status: job.status });
    }
    step.in_time(job.deadline)?;
    if step.state.intake() != Intake::Open {
        return Err(Rejection::IntakeClosed);
    }
    let offered = step.state.offered(job, step.now());
    let (price, waited_ms) = offered.ok_or(Rejection::JobInMarket { job: id })?;
    let class = job.spec.class;
    let offer = step.state.offer(sender, class).filter(|offer| offer.units > offer.busy);
    let offer = offer.ok_or(Rejection::NoUnitFree { class })?;
    let candidate = Candidate::new(step.state, sender, offer);
    let (quote, slices) = match fit(step.state, job, &candidate, price) {
        Fit::Takes(terms) => *terms,
        Fit::Failed => return Err(Rejection::FailedBefore { job: id }),
        Fit::Related => return Err(Rejection::RelatedToRequester { job: id }),
        Fit::Unbacked(required, value) => {
            return Err(Rejection::BondBelowMinimum { required, value });
        }
        Fit::CannotLock(quote) => {
            return Err(Rejection::CannotLock { required: quote.required });
        }
        Fit::Thin(owed, worth) => return Err(Rejection::CollateralThin { owed, worth }),
        Fit::TooDear(_) | Fit::NoReplicas | Fit::SameOwner => {
            unreachable!("only proven jobs are offered, at most at their maximum")
        }
    };
    let (ask, pricing) = (offer.ask, Pricing::Offered { waited_ms });
    step.dequeue(id);
    step.assign(id, sender, ask, pricing, quote, slices);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ramp of a published marketplace: from 1 to 2 over 100, checked at its points, to a thousandth.
    #[test]
    fn the_ramp_is_linear_from_start_to_maximum() {
        let parameters = Parameters { offered_start: crate::Ppm(500_000), ..Parameters::default() };
        let at = |waited| offered_price_floor(&parameters, Amount::new(2_000_000), waited, 100);
        let points = [(0, 1_000_000), (1, 1_010_000), (25, 1_250_000), (50, 1_500_000)];
        for (waited, price) in points.into_iter().chain([(99, 1_990_000), (100, 2_000_000)]) {
            assert_eq!(at(waited), Amount::new(price), "{waited}");
        }
        assert_eq!(at(500), Amount::new(2_000_000), "never above the maximum");
    }
}
