//! Leases: facts about each, and every word that was said of it.

mod clearing;
mod judge;
mod probes;

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    AccountId, Action, Amount, Bound, ClassId, EpochJudged, Hash, JobId, LeaseEnd, LeaseEvent,
    LeaseSpec, LeaseStatus, LeaseTerms, Nonce, OperatorStatus, Place, Pricing, Rejection, STABLE,
    Time, Why,
};

use super::books::SUPPLY_MAX;
use super::market::Slices;
use super::operators::between;
use super::{Model, Outcome, hashed};

pub(crate) use probes::{acceptance, answer};

/// A word about a probe.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// The observer's report.
    Report(bool),
    /// Its receipt.
    Receipt,
}

/// A probe, and what was said of it.
#[derive(Clone)]
pub(crate) struct Probe {
    pub(crate) challenge: Hash,
    pub(crate) observer: AccountId,
    pub(crate) drawn: u64,
    pub(crate) words: Vec<Word>,
}

impl Probe {
    /// The observer's report, if it made one.
    pub(crate) fn report(&self) -> Option<bool> {
        self.words.iter().find_map(|word| match word {
            Word::Report(answered) => Some(*answered),
            Word::Receipt => None,
        })
    }

    /// Whether a receipt or a report says that it was answered.
    pub(crate) fn is_answered(&self) -> bool {
        self.words.iter().any(|word| *word != Word::Report(false))
    }
}

/// A lease with a provider.
#[derive(Clone)]
pub(crate) struct Tenure {
    pub(crate) provider: AccountId,
    pub(crate) ask: u128,
    pub(crate) pricing: Pricing,
    pub(crate) price: u128,
    /// What the lock was for when it was taken, in micro-dollars.
    pub(crate) lock: u128,
    pub(crate) locked: Slices,
    pub(crate) started: u64,
    pub(crate) terms: LeaseTerms,
    /// How many epochs it will have had.
    pub(crate) epochs: u32,
    pub(crate) notice_by: Option<AccountId>,
    /// Epochs that the requester signed for.
    pub(crate) accepted: BTreeSet<u32>,
    pub(crate) probes: Vec<Probe>,
    pub(crate) judged: Vec<EpochJudged>,
}

/// A lease.
#[derive(Clone)]
pub(crate) struct Lease {
    pub(crate) requester: AccountId,
    pub(crate) spec: LeaseSpec,
    pub(crate) requested: u64,
    /// When it waits no longer, is judged, or is forgotten; and the number of that.
    pub(crate) deadline: (u64, u64),
    pub(crate) place: u64,
    pub(crate) met: Option<(u128, AccountId)>,
    pub(crate) tenure: Option<Tenure>,
    pub(crate) ended: Option<(u64, LeaseEnd)>,
}

impl Lease {
    pub(crate) fn status(&self) -> LeaseStatus {
        match (self.ended, &self.tenure) {
            (Some((_, reason)), _) => LeaseStatus::Ended(reason),
            (None, Some(_)) => LeaseStatus::Running,
            (None, None) => LeaseStatus::Waiting,
        }
    }

    /// Its provider, while it runs.
    pub(crate) fn served_by(&self) -> Option<AccountId> {
        self.tenure.as_ref().filter(|_| self.ended.is_none()).map(|tenure| tenure.provider)
    }
}

/// Everything about leases.
#[derive(Clone, Default)]
pub(crate) struct Leases {
    pub(crate) all: BTreeMap<JobId, Lease>,
    /// What operators ask per unit and epoch.
    pub(crate) asks: BTreeMap<(AccountId, ClassId), u128>,
    /// Place of the waiting lease that the next block begins with, if it is not the first.
    pub(crate) next: Option<u64>,
    /// Running leases as they stand in the row that probes point at.
    pub(crate) row: Vec<JobId>,
}

impl Model {
    pub(super) fn perform_for_a_lease(
        &mut self,
        me: AccountId,
        nonce: Nonce,
        action: &Action,
    ) -> Outcome {
        match action {
            Action::SetLeaseAsk { class, ask } => self.set_lease_ask(me, *class, *ask),
            Action::RequestLease { spec } => self.request_lease(me, nonce, spec),
            Action::CancelLease { lease } => self.cancel_lease(me, *lease),
            Action::GiveNotice { lease } => self.give_notice(me, *lease),
            Action::ReportProbe { lease, challenge, answered } => {
                self.report_probe(me, *lease, *challenge, *answered)
            }
            Action::ShowReceipt { lease, receipt, signature } => {
                self.show_receipt(*lease, *receipt, signature.as_slice())
            }
            other => panic!("the second opinion has no rule for {other:?}"),
        }
    }

    /// The name of the lease that an account asks for with a nonce.
    pub(crate) fn name_of_lease(&self, requester: AccountId, nonce: Nonce) -> JobId {
        JobId(hashed("earnest lease v1", &(self.chain, requester, nonce)))
    }

    fn lease_mut(&mut self, id: JobId) -> &mut Lease {
        self.leases.all.get_mut(&id).expect("it was looked up before")
    }

    fn tenure(&self, id: JobId) -> &Tenure {
        self.leases.all[&id].tenure.as_ref().expect("it has begun")
    }

    fn tenure_mut(&mut self, id: JobId) -> &mut Tenure {
        self.lease_mut(id).tenure.as_mut().expect("it has begun")
    }

    fn known_lease(&self, lease: JobId) -> Result<&Lease, Rejection> {
        self.leases.all.get(&lease).ok_or(Rejection::UnknownLease { lease })
    }

    /// Probes of a lease whose epochs are not judged, in order.
    pub(crate) fn open_probes(&self, lease: JobId) -> Vec<&Probe> {
        let Ok((_, tenure)) = self.running_lease(lease) else { return Vec::new() };
        let epoch_ms = self.parameters.epoch_ms;
        let epoch = |probe: &Probe| tenure.epoch_of(probe.drawn, epoch_ms);
        tenure.probes.iter().filter(|probe| epoch(probe) >= tenure.open().into()).collect()
    }

    /// A lease that is served now.
    fn running_lease(&self, lease: JobId) -> Result<(&Lease, &Tenure), Rejection> {
        let record = self.known_lease(lease)?;
        let status = record.status();
        match &record.tenure {
            Some(tenure) if status == LeaseStatus::Running => Ok((record, tenure)),
            _ => Err(Rejection::WrongLeaseStage { status }),
        }
    }

    fn set_lease_ask(&mut self, me: AccountId, class: ClassId, ask: Option<Amount>) -> Outcome {
        let operator = self.known(me)?;
        match self.status(operator) {
            OperatorStatus::Jailed(until) => return Err(Rejection::InJail { until }),
            OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
            OperatorStatus::Active if !operator.duties.provider => {
                return Err(Rejection::NotProvider);
            }
            OperatorStatus::Active => {}
        }
        if !self.classes.contains_key(&class) {
            return Err(Rejection::UnknownClass { class });
        }
        match ask {
            Some(ask) => {
                between(Bound::Ask, ask.units(), 1, self.parameters.ask_max.units())?;
                self.leases.asks.insert((me, class), ask.units());
            }
            None => {
                self.leases.asks.remove(&(me, class));
            }
        }
        self.say(LeaseEvent::LeaseAskSet { operator: me, class, ask });
        Ok(())
    }

    fn request_lease(&mut self, me: AccountId, nonce: Nonce, spec: &LeaseSpec) -> Outcome {
        let parameters = &self.parameters;
        if !self.classes.contains_key(&spec.class) {
            return Err(Rejection::UnknownClass { class: spec.class });
        }
        between(Bound::Units, spec.units.into(), 1, parameters.units_max.into())?;
        between(Bound::Epochs, spec.epochs.into(), 1, parameters.lease_epochs_max.into())?;
        between(Bound::Input, spec.service.size.into(), 0, parameters.input_bytes_max.into())?;
        between(Bound::Wait, spec.wait_ms.into(), 1, parameters.wait_ms_max.into())?;
        let epochs = u128::from(spec.epochs);
        let (least, most) = (parameters.price_min.units(), SUPPLY_MAX / epochs);
        between(Bound::Price, spec.price_max.units(), least, most)?;
        let whole = spec.price_max.units() * epochs;
        self.can_pay(me, STABLE, whole)?;
        let id = self.name_of_lease(me, nonce);
        self.shift_stable(id, Place::Account(me), Place::Escrow(id), whole, Why::Escrow);
        let (place, wait_until) = (self.number(), self.now + spec.wait_ms);
        let lease = Lease {
            requester: me,
            spec: spec.clone(),
            requested: self.now,
            deadline: (wait_until, self.number()),
            place,
            met: None,
            tenure: None,
            ended: None,
        };
        self.leases.all.insert(id, lease);
        let (lease, requester, spec) = (id, me, spec.clone());
        let wait_until = Time(wait_until);
        self.say(LeaseEvent::LeaseRequested { lease, requester, spec, wait_until });
        Ok(())
    }

    fn cancel_lease(&mut self, me: AccountId, lease: JobId) -> Outcome {
        let record = self.known_lease(lease)?;
        if record.requester != me {
            return Err(Rejection::NotLeaseParty { lease });
        }
        match record.status() {
            LeaseStatus::Waiting => self.end_lease(lease, LeaseEnd::Cancelled),
            status => return Err(Rejection::WrongLeaseStage { status }),
        }
        Ok(())
    }

    /// The epoch under way and those of the notice remain, if these are fewer than were left; the others return.
    fn give_notice(&mut self, me: AccountId, lease: JobId) -> Outcome {
        let (record, tenure) = self.running_lease(lease)?;
        let requester = record.requester;
        if ![requester, tenure.provider].contains(&me) {
            return Err(Rejection::NotLeaseParty { lease });
        }
        let begun = (self.now - tenure.started) / self.parameters.epoch_ms + 1;
        let remain = begun + u64::from(tenure.terms.notice);
        if remain >= tenure.epochs.into() {
            return Err(Rejection::NothingToShorten { last: tenure.epochs - 1 });
        }
        let remain = u32::try_from(remain).expect("fewer than there were");
        let refunded = tenure.price * u128::from(tenure.epochs - remain);
        let (from, to) = (Place::Escrow(lease), Place::Account(requester));
        self.shift_stable(lease, from, to, refunded, Why::Refund);
        let tenure = self.tenure_mut(lease);
        tenure.epochs = remain;
        tenure.notice_by = Some(me);
        let (last, refunded) = (remain - 1, Amount::new(refunded));
        self.say(LeaseEvent::NoticeGiven { lease, by: me, last, refunded });
        Ok(())
    }
}
