//! Operators: who owns them, what they are for, what they offer, how they have behaved.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    AccountId, Amount, Bound, ClassId, Duties, Epoch, Event, OperatorEvent, OperatorStatus,
    PenaltyEvent, Ppm, Rejection, Reliability, ReplicaFate, Time,
};

use super::accuracy::Counts;
use super::{Model, Outcome};

/// Something an operator did, as its record keeps it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A job ended final and correct.
    Completed,
    /// An audit stood.
    Audited,
    /// Any fault at all: what comes before no longer speaks for it.
    Fault,
    /// A wrong, unrevealed or withheld result.
    Convicted,
    /// A missed deadline.
    Missed,
    /// A false or silent audit.
    AuditFault,
    /// A challenge that was dismissed.
    FalseChallenge,
    /// A report of less than was signed for.
    Belied,
    /// An output outvoted, not revealed, or not to be had.
    Outvoted,
    /// Two statements where one is allowed.
    SignedTwice,
}

/// A conviction that still counts.
#[derive(Clone, Copy)]
pub(crate) struct Offence {
    pub(crate) until: u64,
    pub(crate) number: u64,
    pub(crate) stake: u128,
}

/// An operator: facts and a record of deeds with their epochs.
#[derive(Clone)]
pub(crate) struct Operator {
    pub(crate) owner: AccountId,
    pub(crate) nominee: Option<AccountId>,
    pub(crate) duties: Duties,
    pub(crate) jailed: Option<u64>,
    /// Units and ask it last named in each class.
    pub(crate) offers: BTreeMap<ClassId, (u32, u128)>,
    pub(crate) record: Vec<(u64, Deed)>,
    pub(crate) offence: Option<Offence>,
    pub(crate) results: Counts,
    pub(crate) registered: u64,
    /// Whether it runs replicas.
    pub(crate) replicates: bool,
}

impl Operator {
    /// How often it did something.
    pub(crate) fn count(&self, deed: Deed) -> u64 {
        self.record.iter().filter(|(_, done)| *done == deed).count() as u64
    }

    /// Epochs with completed work since the last fault; the epoch of the fault itself is lost.
    pub(crate) fn clean_epochs(&self) -> u32 {
        let fault = self.record.iter().rposition(|(_, deed)| *deed == Deed::Fault);
        let since = fault.map(|at| self.record[at].0);
        let later = &self.record[fault.map_or(0, |at| at + 1)..];
        let epochs: BTreeSet<u64> = later
            .iter()
            .filter(|(epoch, deed)| *deed == Deed::Completed && since.is_none_or(|f| *epoch > f))
            .map(|(epoch, _)| *epoch)
            .collect();
        u32::try_from(epochs.len()).expect("histories are short")
    }

    /// The record in the words of the first implementation.
    pub(crate) fn reliability(&self) -> Reliability {
        let small = |deed| u32::try_from(self.count(deed)).expect("histories are short");
        let judged = [Deed::Completed, Deed::Fault];
        let counted = self.record.iter().filter(|(_, deed)| judged.contains(deed));
        Reliability {
            jobs_completed: self.count(Deed::Completed),
            convictions: small(Deed::Convicted),
            deadlines_missed: self.count(Deed::Missed),
            audits_completed: self.count(Deed::Audited),
            audit_faults: self.count(Deed::AuditFault),
            false_challenges: self.count(Deed::FalseChallenge),
            clean_epochs: self.clean_epochs(),
            counted_epoch: counted.map(|(epoch, _)| Epoch(*epoch)).max(),
        }
    }
}

impl Model {
    pub(super) fn known(&self, account: AccountId) -> Result<&Operator, Rejection> {
        self.operators.get(&account).ok_or(Rejection::NotAnOperator { account })
    }

    pub(super) fn operator_mut(&mut self, account: AccountId) -> &mut Operator {
        self.operators.get_mut(&account).expect("operators stay for good")
    }

    /// Writes a deed into an operator's record.
    pub(super) fn note(&mut self, account: AccountId, deed: Deed) {
        let epoch = self.epoch();
        self.operator_mut(account).record.push((epoch, deed));
        self.count_result(account, deed);
    }

    /// Enough convictions are a tombstone, or one double signing; jail ends by a transaction only.
    pub(crate) fn status(&self, operator: &Operator) -> OperatorStatus {
        let signed_twice = operator.count(Deed::SignedTwice) > 0;
        let convictions = operator.count(Deed::Convicted);
        if signed_twice || convictions >= self.parameters.convictions_max.into() {
            return OperatorStatus::Tombstoned;
        }
        operator.jailed.map_or(OperatorStatus::Active, |until| OperatorStatus::Jailed(Time(until)))
    }

    pub(crate) fn owner(&self, account: AccountId) -> AccountId {
        self.operators.get(&account).map_or(account, |operator| operator.owner)
    }

    /// Whether two accounts are one, or answer to one owner.
    pub(crate) fn related(&self, one: AccountId, other: AccountId) -> bool {
        one == other || self.owner(one) == self.owner(other)
    }

    /// Units of a class that an operator has at work: one for each job, and those of leases.
    pub(crate) fn busy(&self, operator: AccountId, class: ClassId) -> u32 {
        let runs = |job: &&super::Job| {
            job.spec.class == class
                && job.is_alive()
                && job.attempt().is_some_and(|attempt| attempt.provider == operator)
        };
        let replicas = self.jobs.values().filter(|job| job.spec.class == class);
        let replicas = replicas.flat_map(|job| &job.replicated.replicas);
        let running =
            |one: &&super::Replica| one.provider == operator && one.fate() == ReplicaFate::Running;
        let leases = self
            .leases
            .all
            .values()
            .filter(|lease| lease.spec.class == class && lease.served_by() == Some(operator));
        let leased: u32 = leases.map(|lease| lease.spec.units).sum();
        let jobs = self.jobs.values().filter(runs).count() + replicas.filter(running).count();
        u32::try_from(jobs).expect("histories are short") + leased
    }

    /// The offers of an operator that offer something or are at work: class, units, busy, ask.
    pub(crate) fn offers(&self, account: AccountId) -> Vec<(ClassId, u32, u32, u128)> {
        let Some(operator) = self.operators.get(&account) else { return Vec::new() };
        let offers = operator.offers.iter();
        let all =
            offers.map(|(class, (units, ask))| (*class, *units, self.busy(account, *class), *ask));
        all.filter(|(_, units, busy, _)| *units > 0 || *busy > 0).collect()
    }

    /// What a bond must be worth for so many units of each class.
    pub(super) fn backing(&self, units: impl Iterator<Item = (ClassId, u32)>) -> u128 {
        units
            .map(|(class, units)| self.classes[&class].bond_per_unit.units() * u128::from(units))
            .sum()
    }

    /// What the offers of an operator require.
    pub(super) fn offers_require(&self, account: AccountId) -> u128 {
        let offers = self.offers(account).into_iter();
        let backing = self.backing(offers.map(|(class, units, ..)| (class, units)));
        if backing == 0 { 0 } else { backing.max(self.parameters.provider_bond_min.units()) }
    }

    /// What an operator counts for when an auditor is drawn, whether or not it found a place.
    pub(crate) fn auditor_weight(&self, account: AccountId) -> u128 {
        let Some(operator) = self.operators.get(&account) else { return 0 };
        let able = self.status(operator) == OperatorStatus::Active && operator.duties.validator;
        let value = self.bond_value(account);
        let enough = value >= self.parameters.validator_bond_min.units();
        if able && enough { value } else { 0 }
    }

    /// Whether anybody may still take a place among the validators.
    fn has_a_place(&self) -> bool {
        (self.seated.len() as u64) < u64::from(self.parameters.validators_max)
    }

    /// Something about an operator changed: it is weighed anew, and gives up its place, or takes one if there is one. A place
    /// given up goes to the heaviest of those who wait, as they were last weighed.
    pub(super) fn reconsider(&mut self, account: AccountId) {
        self.trim_promise(account);
        self.stand(account);
        let weight = self.auditor_weight(account);
        let sits = self.seated.remove(&account).is_some() || self.has_a_place();
        self.waiting.remove(&account);
        if weight > 0 {
            let list = if sits { &mut self.seated } else { &mut self.waiting };
            list.insert(account, weight);
        }
        let heaviest = self.waiting.iter().map(|(account, weight)| (*weight, *account)).max();
        if let Some((weight, heaviest)) = heaviest.filter(|_| self.has_a_place()) {
            self.waiting.remove(&heaviest);
            self.seated.insert(heaviest, weight);
        }
        self.stand_in_row(account);
    }

    pub(super) fn register_operator(&mut self, me: AccountId, duties: Duties) -> Outcome {
        if self.operators.contains_key(&me) {
            return Err(Rejection::AlreadyAnOperator { account: me });
        }
        self.room_for(duties)?;
        let operator = Operator {
            owner: me,
            nominee: None,
            duties,
            jailed: None,
            offers: BTreeMap::new(),
            record: Vec::new(),
            offence: None,
            results: Counts::default(),
            registered: self.now,
            replicates: false,
        };
        self.operators.insert(me, operator);
        self.say(Event::Operator(OperatorEvent::OperatorRegistered { operator: me, duties }));
        Ok(())
    }

    fn room_for(&self, duties: Duties) -> Outcome {
        let limit = self.parameters.validators_max;
        if duties.validator && !self.has_a_place() {
            return Err(Rejection::TooManyValidators { limit });
        }
        Ok(())
    }

    pub(super) fn set_duties(&mut self, me: AccountId, duties: Duties) -> Outcome {
        let before = self.known(me)?.duties;
        if !before.validator {
            self.room_for(duties)?;
        }
        if before.provider && !duties.provider {
            let busy = self.offers(me).iter().map(|(_, _, busy, _)| busy).sum();
            if busy > 0 {
                return Err(Rejection::DutyOpen { busy });
            }
            self.operator_mut(me).offers.clear();
        }
        self.operator_mut(me).duties = duties;
        self.reconsider(me);
        self.say(Event::Operator(OperatorEvent::DutiesSet { operator: me, duties }));
        Ok(())
    }

    pub(super) fn nominate(
        &mut self,
        me: AccountId,
        operator: AccountId,
        owner: AccountId,
    ) -> Outcome {
        let current = self.known(operator)?.owner;
        if current != me {
            return Err(Rejection::NotOwner { operator, owner: current });
        }
        self.operator_mut(operator).nominee = Some(owner);
        self.say(Event::Operator(OperatorEvent::OwnerNominated { operator, owner }));
        Ok(())
    }

    pub(super) fn accept_ownership(&mut self, me: AccountId, operator: AccountId) -> Outcome {
        if self.known(operator)?.nominee != Some(me) {
            return Err(Rejection::NotNominated { operator });
        }
        let record = self.operator_mut(operator);
        (record.owner, record.nominee) = (me, None);
        self.say(Event::Operator(OperatorEvent::OwnerAccepted { operator, owner: me }));
        Ok(())
    }

    pub(super) fn unjail(&mut self, me: AccountId) -> Outcome {
        match self.status(self.known(me)?) {
            OperatorStatus::Active => return Err(Rejection::NotJailed),
            OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
            OperatorStatus::Jailed(until) if self.now < until.0 => {
                return Err(Rejection::InJail { until });
            }
            OperatorStatus::Jailed(_) => {}
        }
        self.operator_mut(me).jailed = None;
        self.reconsider(me);
        self.say(Event::Penalty(PenaltyEvent::Unjailed { operator: me }));
        Ok(())
    }

    pub(super) fn set_offer(
        &mut self,
        me: AccountId,
        class: ClassId,
        units: u32,
        ask: u128,
    ) -> Outcome {
        let operator = self.known(me)?;
        match self.status(operator) {
            OperatorStatus::Jailed(until) => return Err(Rejection::InJail { until }),
            OperatorStatus::Tombstoned => return Err(Rejection::IsTombstoned),
            OperatorStatus::Active => {}
        }
        if !operator.duties.provider {
            return Err(Rejection::NotProvider);
        }
        if !self.classes.contains_key(&class) {
            return Err(Rejection::UnknownClass { class });
        }
        between(Bound::Units, units.into(), 0, self.parameters.units_max.into())?;
        between(Bound::Ask, ask, 1, self.parameters.ask_max.units())?;
        if let Some(limit) = self.offer_limit(me, class).filter(|limit| units > *limit) {
            let proven = self.proven(me, class);
            return Err(Rejection::CapacityNotProven { class, units, limit, proven });
        }
        let required_before = self.offers_require(me);
        let before = self.operator_mut(me).offers.insert(class, (units, ask));
        let (required, value) = (self.offers_require(me), self.bond_value(me));
        // Whoever asks the bond for no more than before is let through, also when it was slashed since.
        if value < required && required > required_before {
            let offers = &mut self.operator_mut(me).offers;
            match before {
                Some(before) => drop(offers.insert(class, before)),
                None => drop(offers.remove(&class)),
            }
            let (required, value) = (Amount::new(required), Amount::new(value));
            return Err(Rejection::BondBelowMinimum { required, value });
        }
        self.say(Event::Operator(OperatorEvent::OfferSet {
            operator: me,
            class,
            units,
            ask: Amount::new(ask),
        }));
        Ok(())
    }

    /// The rate at which results of an operator are audited: the new one, in equal parts down to the floor.
    pub(super) fn audit_rate(&self, operator: &Operator) -> Ppm {
        let parameters = &self.parameters;
        let span = parameters.audit_rate_new.0 - parameters.audit_rate_floor.0;
        let missing = parameters.clean_epochs.saturating_sub(operator.clean_epochs());
        let above = (u64::from(span) * u64::from(missing)).div_ceil(parameters.clean_epochs.into());
        Ppm(parameters.audit_rate_floor.0 + u32::try_from(above).expect("a part of the span"))
    }
}

/// Refuses what is out of its bounds.
pub(super) fn between(bound: Bound, value: u128, minimum: u128, maximum: u128) -> Outcome {
    if minimum <= value && value <= maximum {
        return Ok(());
    }
    let [value, minimum, maximum] = [value, minimum, maximum].map(Amount::new);
    Err(Rejection::OutOfBounds { bound, value, minimum, maximum })
}
