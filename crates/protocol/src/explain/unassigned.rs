//! Why nobody took a job, and the one change that would.

use std::collections::BTreeSet;

use crate::jobs::{Job, JobKind, JobStatus, LockQuote, needed, price_ceil};
use crate::market::{Candidate, Fit, fit};
use crate::price::Intake;
use crate::primitives::{AccountId, Amount, JobId};
use crate::state::State;

/// Why an offer does not take a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Obstacle {
    /// Its price is above the job's maximum.
    TooDear,
    /// Its free bond does not reach for the lock.
    CannotLock,
    /// Its bond does not back one unit more.
    Unbacked,
    /// All its units are at work, or its operator may not work.
    NotStanding,
    /// Its operator failed this job before.
    Failed,
    /// Its operator belongs with the requester.
    Related,
    /// Its whole bond would not cover all its locks after the haircut.
    Thin,
    /// Its owner has a replica, or another offer that would take one.
    SameOwner,
    /// Its operator runs no replicas.
    NoReplicas,
}

/// The one change that would find the job a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Change {
    /// None: an offer takes it, in the next block that gets to it.
    Wait,
    /// Raise the maximum price to this many micro-dollars: the cheapest offer that could take the job.
    RaisePrice(Amount),
    /// Lower price, harm or insured value until the lock is at most what some provider has free: the least lock that was
    /// computed, in micro-dollars.
    LowerLock(Box<LockQuote>),
    /// Wait for a unit to become free.
    WaitForUnit,
    /// Find a provider for this class: nobody suitable offers it.
    FindProvider,
    /// Wait until jobs are assigned again: the price of collateral is stale, or has fallen too far.
    WaitForIntake(Intake),
}

/// What a waiting job waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Waiting {
    /// Its turn, in order of arrival: its requester has no access stake.
    Arrival,
    /// Its turn, in proportion to its requester's access stake.
    Access,
    /// Anybody who takes it: no standing ask did. It is offered at so many micro-dollars now.
    Offered(Amount),
    /// Enough offers for so many replicas at once: when it had its turn there were too few.
    Replicas(u32),
}

/// Why a waiting job has no provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Unassigned {
    /// What it waits for.
    pub waiting: Waiting,
    /// Offers of the class that were looked at.
    pub offers: u64,
    /// Offers that would take it; of a replicated job, one for each owner.
    pub willing: u64,
    /// Reasons why others do not, with how many.
    pub obstacles: Vec<(Obstacle, u64)>,
    /// The one change that would match.
    pub change: Change,
}

/// What was learned from all offers.
#[derive(Default)]
struct Survey {
    willing: u64,
    /// Owners of offers that would take a replica: each takes one.
    owners: BTreeSet<AccountId>,
    counts: std::collections::BTreeMap<Obstacle, u64>,
    cheapest: Option<Amount>,
    lightest: Option<LockQuote>,
}

/// Explains why an open job has no provider, or too few; `None` for a job that is not waiting. Looks at every offer, so it is for
/// people asking, not for the rules.
pub fn unassigned(state: &State, job: JobId) -> Option<Unassigned> {
    let waits = |job: &&Job| matches!(job.status, JobStatus::Open | JobStatus::Escalating);
    let job = state.job(job).filter(waits)?;
    let mut survey = Survey::default();
    for ((provider, class), offer) in &state.offers {
        if *class != job.spec.class || offer.units == 0 {
            continue;
        }
        if state.is_offering(*provider, offer) {
            let candidate = Candidate::new(state, *provider, offer);
            let price = price_ceil(state.parameters(), &job.spec, offer.ask);
            survey.note(job, state.owner_of(*provider), fit(state, job, &candidate, price));
        } else {
            survey.count(Obstacle::NotStanding);
        }
    }
    let mut answer = survey.conclude(waiting(state, job), needed(job).max(1).into());
    if state.intake() != Intake::Open {
        answer.change = Change::WaitForIntake(state.intake());
    }
    Some(answer)
}

fn waiting(state: &State, job: &Job) -> Waiting {
    match state.offered(job, state.clock().now) {
        Some((price, _)) => Waiting::Offered(price),
        None if state.is_offered(job) => Waiting::Replicas(needed(job)),
        None if state.access_stake(job.requester).is_zero() => Waiting::Arrival,
        None => Waiting::Access,
    }
}

impl Survey {
    fn count(&mut self, obstacle: Obstacle) {
        *self.counts.entry(obstacle).or_default() += 1;
    }

    fn note(&mut self, job: &Job, owner: AccountId, fit: Fit) {
        let replicated = job.spec.kind != JobKind::Proven;
        match fit {
            Fit::Takes(_) if replicated && !self.owners.insert(owner) => {
                self.count(Obstacle::SameOwner);
            }
            Fit::Takes(_) => self.willing += 1,
            Fit::NoReplicas => self.count(Obstacle::NoReplicas),
            Fit::SameOwner => self.count(Obstacle::SameOwner),
            Fit::Failed => self.count(Obstacle::Failed),
            Fit::Related => self.count(Obstacle::Related),
            Fit::Unbacked(..) => self.count(Obstacle::Unbacked),
            Fit::Thin(..) => self.count(Obstacle::Thin),
            Fit::TooDear(price) => {
                self.count(Obstacle::TooDear);
                self.cheapest = Some(self.cheapest.map_or(price, |cheapest| cheapest.min(price)));
            }
            Fit::CannotLock(quote) => {
                self.count(Obstacle::CannotLock);
                if self.lightest.as_ref().is_none_or(|lightest| quote.required < lightest.required)
                {
                    self.lightest = Some(quote);
                }
            }
        }
    }

    fn conclude(self, waiting: Waiting, needed: u64) -> Unassigned {
        let change = match (self.cheapest, self.lightest) {
            _ if self.willing >= needed => Change::Wait,
            (_, Some(quote)) => Change::LowerLock(Box::new(quote)),
            (Some(price), None) => Change::RaisePrice(price),
            _ if self.counts.contains_key(&Obstacle::NotStanding) => Change::WaitForUnit,
            _ => Change::FindProvider,
        };
        let offers = self.willing + self.counts.values().sum::<u64>();
        Unassigned {
            waiting,
            offers,
            willing: self.willing,
            obstacles: self.counts.into_iter().collect(),
            change,
        }
    }
}
