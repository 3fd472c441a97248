//! The rules' explanations as sentences.

use api::wire::{JobExplanation, Obstacle, Unassigned};
use protocol::explain::{self, Change, DeadlineMeaning, Dollars, Waiting};
use protocol::{JobId, State};

/// Why a job is where it is.
pub(crate) fn job(state: &State, id: JobId) -> Option<JobExplanation> {
    let job = state.job(id)?;
    let DeadlineMeaning { by, who, awaited, otherwise } = explain::deadline(job);
    let quote = job.assignment.as_ref().map(|assignment| &assignment.quote);
    let lock = quote.map(explain::lock).unwrap_or_default();
    Some(JobExplanation {
        job: id,
        status: job.status,
        now: state.clock().now,
        deadline: by,
        who,
        awaited: awaited.into(),
        otherwise: otherwise.into(),
        unassigned: explain::unassigned(state, id).map(unassigned),
        lock: explain::job_price(job)
            .into_iter()
            .chain(lock)
            .chain(explain::replicas(state, job))
            .collect(),
    })
}

fn unassigned(survey: explain::Unassigned) -> Unassigned {
    let obstacle = |(obstacle, offers)| Obstacle { reason: reason(obstacle).into(), offers };
    Unassigned {
        offers: survey.offers,
        willing: survey.willing,
        obstacles: survey.obstacles.into_iter().map(obstacle).collect(),
        advice: advice(&survey.change) + &meanwhile(survey.waiting),
    }
}

fn meanwhile(waiting: Waiting) -> String {
    match waiting {
        Waiting::Offered(price) => {
            format!("; meanwhile any provider may take it, at {} now", Dollars(price))
        }
        Waiting::Access => "; turns follow access stake".into(),
        Waiting::Arrival => String::new(),
        Waiting::Replicas(more) => {
            format!(
                "; {more} replicas of unrelated owners are drawn at once, and too few offers could"
            )
        }
    }
}

const fn reason(obstacle: explain::Obstacle) -> &'static str {
    match obstacle {
        explain::Obstacle::TooDear => "the price is above the job's maximum",
        explain::Obstacle::CannotLock => "the free bond does not reach for the lock",
        explain::Obstacle::Unbacked => "the bond does not back one unit more",
        explain::Obstacle::NotStanding => "all units are at work, or the operator may not work",
        explain::Obstacle::Failed => "the operator failed this job before",
        explain::Obstacle::Related => "the operator belongs with the requester",
        explain::Obstacle::Thin => "the whole bond would not cover all its locks after the haircut",
        explain::Obstacle::NoReplicas => "the operator runs no replicas",
        explain::Obstacle::SameOwner => {
            "its owner has a replica, or another offer that would take one"
        }
    }
}

fn advice(change: &Change) -> String {
    match change {
        Change::Wait => "wait: an offer takes it in the next block that gets to it".into(),
        Change::RaisePrice(price) => {
            let price = Dollars(*price);
            format!("raise the maximum price to {price}: the cheapest offer takes it then")
        }
        Change::LowerLock(quote) => format!(
            "lower the price, the harm or the insured value: the least lock is {}, more than any \
             provider has free",
            Dollars(quote.required)
        ),
        Change::WaitForUnit => "wait for a unit to become free".into(),
        Change::FindProvider => "find a provider for this class: nobody suitable offers it".into(),
        Change::WaitForIntake(_) => {
            "wait: no jobs are assigned while the price of collateral is stale or has fallen too far"
                .into()
        }
    }
}
