//! Money: totals, and that every place that holds something has an owner.

use super::Findings;
use crate::books::{Place, PlaceKind, put_entry};
use crate::delegation::BucketKind;
use crate::governance::Stage;
use crate::jobs::{Job, JobStatus, Replica};
use crate::leases::LeaseStatus;
use crate::market::Pricing;
use crate::primitives::{AccountId, Amount, AssetId, JobId, NATIVE};
use crate::state::{HashTrie, State};

pub(super) fn check(state: &State, findings: &mut Findings) {
    let mut totals = HashTrie::<(PlaceKind, AssetId), Amount>::default();
    for (_, account) in state.accounts() {
        put_entry(&mut totals, (PlaceKind::Accounts, NATIVE), account.native);
    }
    for operator in state.operators() {
        put_entry(&mut totals, (PlaceKind::Pools, NATIVE), operator.stock().tokens);
    }
    for bucket in state.buckets.values().filter(|bucket| bucket.kind == BucketKind::Leaving) {
        put_entry(&mut totals, (PlaceKind::Leaving, NATIVE), bucket.left);
    }
    for exit in state.exits.values() {
        put_entry(&mut totals, (PlaceKind::Exits, exit.asset), exit.amount);
    }
    for ((place, asset), amount) in &state.held {
        let kind = place.kind();
        findings.require(kind.is_some() && !amount.is_zero(), "places hold something", || {
            format!("{place:?} holds {amount} of {asset}")
        });
        if let Some(kind) = kind {
            put_entry(&mut totals, (kind, *asset), *amount);
        }
        findings.require(has_owner(state, place), "money has an owner", || {
            format!("{place:?}: {amount} of {asset}")
        });
    }
    findings.require(totals == state.totals, "totals are sums", || {
        format!("counted {totals:?}, kept {:?}", state.totals)
    });
}

fn has_owner(state: &State, place: &Place) -> bool {
    match *place {
        Place::Account(_) | Place::Pot(_) => true,
        Place::Bond(operator) => state.operator(operator).is_some(),
        Place::Lock(operator, job) => {
            works_on(state, operator, job) || serves(state, operator, job)
        }
        Place::Escrow(job) => {
            let lease = state.lease(job).map(|lease| lease.status);
            state.job(job).is_some_and(|job| !matches!(job.status, JobStatus::Ended(_)))
                || lease.is_some_and(|status| !matches!(status, LeaseStatus::Ended(_)))
        }
        Place::AuditFee(job) => state.job(job).is_some_and(|job| is_audited(&job.status)),
        Place::DemandBond(job, account) => state.demand(job, account).is_some(),
        Place::Deposit(proposal) => {
            state.proposal(proposal).is_some_and(|proposal| proposal.stage == Stage::Voting)
        }
        // Nobody's, or in a record of their own.
        Place::Unissued | Place::Burned => false,
        Place::Pool(_) | Place::Leaving(..) | Place::Exit(..) => false,
        Place::Access(account) => state.access.contains_key(&account),
        Place::AccessExit(account, exit) => state.access_exits.contains_key(&(account, exit)),
        Place::PoolIncome(operator) => state.pool_of(operator).is_some(),
        Place::AppealBond(job) => state.job(job).is_some_and(|job| job.status == JobStatus::Voting),
        Place::Premium(job) => state.job(job).is_some_and(has_fallback),
    }
}

/// Whether an operator is the provider, the auditor or an open replica of a job that is not over.
fn works_on(state: &State, operator: AccountId, job: JobId) -> bool {
    let Some(job) = state.job(job).filter(|job| !matches!(job.status, JobStatus::Ended(_))) else {
        return false;
    };
    if let Some(replication) = state.replication(job.id) {
        let open = |replica: &Replica| replica.provider == operator && replica.fate.is_open();
        return replication.replicas.iter().any(open);
    }
    let Some(assignment) = job.assignment.as_ref() else { return false };
    let auditor = assignment.audit.as_ref().is_some_and(|audit| audit.auditor == operator);
    assignment.provider == operator || auditor
}

/// Whether a fallback is at work on a job.
fn has_fallback(job: &Job) -> bool {
    let drawn = job.assignment.as_ref().is_some_and(|attempt| match attempt.pricing {
        Pricing::Fallback { missed, .. } => job.failed.last() == Some(&missed),
        _ => false,
    });
    drawn && !matches!(job.status, JobStatus::Ended(_))
}

/// Whether an operator is the provider of a lease that runs.
fn serves(state: &State, operator: AccountId, lease: JobId) -> bool {
    let lease = state.lease(lease).filter(|lease| lease.status == LeaseStatus::Running);
    let tenure = lease.and_then(|lease| lease.tenure.as_ref());
    tenure.is_some_and(|tenure| tenure.provider == operator)
}

fn is_audited(status: &JobStatus) -> bool {
    use JobStatus::{AuditRevealing, Auditing, Revealing, Window};
    matches!(status, Auditing | Revealing | AuditRevealing | Window)
}
