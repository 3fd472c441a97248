//! Why nobody took a job, and the one change that would.

use std::collections::BTreeSet;

use crate::jobs::{Job, JobKind, JobStatus, LockQuote, fit_replica, needed, price_ceil};
use crate::market::{Candidate, Fit, fit};
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
    /// So many replicas of unrelated owners at once.
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
    /// Offers that would take it.
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
    counts: std::collections::BTreeMap<Obstacle, u64>,
    cheapest: Option<Amount>,
    lightest: Option<LockQuote>,
}

/// Explains why an open job has no provider; `None` for a job that is not waiting. Looks at every offer, so it is for
/// people asking, not for the rules.
pub fn unassigned(state: &State, job: JobId) -> Option<Unassigned> {
    let waits = |job: &&Job| job.status == JobStatus::Open || state.awaits_replicas(job);
    let job = state.job(job).filter(waits)?;
    if job.spec.kind != JobKind::Proven {
        return Some(replicas(state, job));
    }
    let mut survey = Survey::default();
    for ((provider, class), offer) in &state.offers {
        if *class != job.spec.class || offer.units == 0 {
            continue;
        }
        if state.is_offering(*provider, offer) {
            let candidate = Candidate::new(state, *provider, offer);
            let price = price_ceil(state.parameters(), &job.spec, offer.ask);
            survey.note(fit(state, job, &candidate, price));
        } else {
            survey.count(Obstacle::NotStanding);
        }
    }
    Some(survey.conclude(waiting(state, job)))
}

/// Why a job has no replicas. Of several offers of one owner, and of one that has a replica, none counts but the first.
fn replicas(state: &State, job: &Job) -> Unassigned {
    let replication = state.replication(job.id).cloned().unwrap_or_default();
    let (_, more) = needed(job, replication.replicas.len());
    let drawn = replication.replicas.iter().map(|replica| state.owner_of(replica.provider));
    let mut owners: BTreeSet<AccountId> = drawn.collect();
    let mut survey = Survey::default();
    for ((provider, class), offer) in &state.offers {
        if *class != job.spec.class || offer.units == 0 {
            continue;
        }
        let owner = state.owner_of(*provider);
        if !state.runs_replicas(*provider) {
            survey.count(Obstacle::NoReplicas);
        } else if owners.contains(&owner) {
            survey.count(Obstacle::SameOwner);
        } else if state.is_offering(*provider, offer) {
            let candidate = Candidate::new(state, *provider, offer);
            let price = price_ceil(state.parameters(), &job.spec, offer.ask);
            let fit = fit_replica(state, job, &candidate, price);
            if let Fit::Takes(_) = fit {
                owners.insert(owner);
            }
            survey.note(fit);
        } else {
            survey.count(Obstacle::NotStanding);
        }
    }
    let enough = survey.willing >= u64::from(more);
    let mut why = survey.conclude(Waiting::Replicas(more));
    if let (Change::Wait, false) = (&why.change, enough) {
        why.change = Change::FindProvider;
    }
    why
}

fn waiting(state: &State, job: &Job) -> Waiting {
    match state.offered(job, state.clock().now) {
        Some((price, _)) => Waiting::Offered(price),
        None if state.access_stake(job.requester).is_zero() => Waiting::Arrival,
        None => Waiting::Access,
    }
}

impl Survey {
    fn count(&mut self, obstacle: Obstacle) {
        *self.counts.entry(obstacle).or_default() += 1;
    }

    fn note(&mut self, fit: Fit) {
        match fit {
            Fit::Takes(_) => self.willing += 1,
            Fit::Failed => self.count(Obstacle::Failed),
            Fit::Related => self.count(Obstacle::Related),
            Fit::Unbacked(..) => self.count(Obstacle::Unbacked),
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

    fn conclude(self, waiting: Waiting) -> Unassigned {
        let change = match (self.cheapest, self.lightest) {
            _ if self.willing > 0 => Change::Wait,
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
