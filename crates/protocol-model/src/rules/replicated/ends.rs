//! Ends of replicated jobs: who is paid, who loses what, who is let go.

use protocol::{AccountId, EndReason, Fault, JobId, Place, ReplicaFate};

use crate::exact::whole;
use crate::rules::Model;
use crate::rules::operators::Deed;
use crate::rules::penalties::Slash;

impl Model {
    /// The verdict is right: whoever revealed it is paid, whoever revealed another is not.
    pub(in crate::rules) fn settle_replicas(&mut self, id: JobId, accuser: Option<AccountId>) {
        let job = &self.jobs[&id].replicated;
        let verdict = job.verdict;
        let revealed = job.that(ReplicaFate::Revealed).into_iter();
        let (right, wrong): (Vec<_>, Vec<_>) =
            revealed.partition(|at| job.replicas[*at].output == verdict);
        for at in wrong {
            self.punish_replica(id, at, ReplicaFate::Outvoted, accuser);
        }
        let last = right.last().copied();
        for at in &right {
            let replica = &self.jobs[&id].replicated.replicas[*at];
            let (provider, price) = (replica.provider, replica.quote.price.units());
            let part = if Some(*at) == last { self.escrow(id) } else { price };
            self.pay_settlement(id, provider, price, part);
            self.replica_mut(id, *at).end = Some(ReplicaFate::Paid);
        }
        let nobody = right.is_empty();
        self.end(id, if nobody { EndReason::Overturned } else { EndReason::Completed });
    }

    /// What was agreed on was not to be had.
    pub(super) fn settle_withheld(&mut self, id: JobId, accuser: AccountId) {
        let job = &self.jobs[&id].replicated;
        let agreed = job.that(ReplicaFate::Revealed).into_iter();
        let agreed = agreed.filter(|at| job.replicas[*at].output == job.verdict);
        for at in agreed.collect::<Vec<_>>() {
            self.punish_replica(id, at, ReplicaFate::Withheld, Some(accuser));
        }
        self.release_replicas(id);
        self.end(id, EndReason::Overturned);
    }

    /// The whole lock and jail, and no conviction.
    pub(super) fn punish_replica(
        &mut self,
        id: JobId,
        at: usize,
        end: ReplicaFate,
        accuser: Option<AccountId>,
    ) {
        let operator = self.jobs[&id].replicated.replicas[at].provider;
        let fault = match end {
            ReplicaFate::NotRevealed => Fault::NotRevealed,
            ReplicaFate::Withheld => Fault::DataWithheld,
            _ => Fault::Outvoted,
        };
        self.fault(operator, fault, id, accuser);
        let quote = &self.jobs[&id].replicated.replicas[at].quote;
        let shares = Some((quote.burn_min, quote.bounty_max));
        let job = Some(id);
        let slash = Slash { operator, fault, job, accuser, victim: None, shares, premium: 0 };
        self.slash(slash, Place::Lock(operator, id), whole(1));
        self.note(operator, Deed::Outvoted);
        self.jail(operator, fault);
        self.replica_mut(id, at).end = Some(end);
    }

    /// Everybody whose result nobody can judge is let go.
    pub(super) fn release_replicas(&mut self, id: JobId) {
        for at in 0..self.jobs[&id].replicated.replicas.len() {
            let replica = &self.jobs[&id].replicated.replicas[at];
            if replica.end.is_none() {
                self.unlock(replica.provider, id);
                self.replica_mut(id, at).end = Some(ReplicaFate::Released);
            }
        }
    }
}
