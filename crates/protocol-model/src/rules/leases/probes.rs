//! Probes of running leases, and what is said of them.

use protocol::{AccountId, Hash, JobId, LeaseEvent, LeaseReceipt, Rejection, Time};

use super::{Probe, Tenure, Word};
use crate::people;
use crate::rules::capacity::pointed;
use crate::rules::operators::Deed;
use crate::rules::{Model, Outcome, hashed};

/// What an observer signs when its probe was answered.
pub(crate) fn answer(lease: JobId, challenge: Hash) -> Hash {
    Hash(hashed("earnest probe receipt v1", &(lease, challenge)))
}

/// What a requester signs when it was served in an epoch.
pub(crate) fn acceptance(lease: JobId, epoch: u32) -> Hash {
    Hash(hashed("earnest lease receipt v1", &(lease, epoch)))
}

impl Tenure {
    /// The epoch of the lease, counted from zero, that an instant lies in.
    pub(crate) fn epoch_of(&self, at: u64, epoch_ms: u64) -> u64 {
        (at - self.started) / epoch_ms
    }

    /// The first epoch that was not judged.
    pub(crate) fn open(&self) -> u32 {
        u32::try_from(self.judged.len()).expect("leases are short")
    }

    /// Probes of an epoch.
    pub(crate) fn probes_in(&self, epoch: u64, epoch_ms: u64) -> Vec<&Probe> {
        let of = |probe: &&Probe| self.epoch_of(probe.drawn, epoch_ms) == epoch;
        self.probes.iter().filter(of).collect()
    }
}

impl Model {
    /// `x = leases * probes * elapsed / epoch`, rounded up as often as it is behind its point.
    pub(in crate::rules) fn draw_probes(&mut self, elapsed: u64) {
        let parameters = &self.parameters;
        let epoch = u128::from(parameters.epoch_ms);
        let row = self.leases.row.clone();
        let over = row.len() as u128 * u128::from(parameters.lease_probes) * u128::from(elapsed);
        let lot = hashed("earnest probe count v1", &self.beacon);
        let probes = over / epoch + u128::from(pointed(&lot, epoch) < over % epoch);
        for number in 0..u64::from(parameters.lease_probes_per_block) {
            if u128::from(number) < probes {
                let lot = hashed("earnest probe v1", &(self.beacon, number));
                let place = usize::try_from(pointed(&lot, row.len() as u128));
                self.draw_probe(row[place.expect("the row is short")], lot);
            }
        }
    }

    fn draw_probe(&mut self, id: JobId, lot: [u8; 32]) {
        let (tenure, epoch_ms) = (self.tenure(id), self.parameters.epoch_ms);
        let epoch = tenure.epoch_of(self.now, epoch_ms);
        let before = tenure.probes_in(epoch, epoch_ms).len() as u64;
        let full = before >= self.parameters.lease_probes_max.into();
        if epoch >= tenure.epochs.into() || full {
            return;
        }
        let challenge = Hash(hashed("earnest probe challenge v1", &(lot, id)));
        let Some(observer) = self.observer_of(id, challenge) else { return };
        let (drawn, terms) = (self.now, tenure.terms);
        let words = Vec::new();
        self.tenure_mut(id).probes.push(Probe { challenge, observer, drawn, words });
        let report_by = drawn + terms.report_ms;
        self.say(LeaseEvent::ProbeDrawn {
            lease: id,
            epoch: u32::try_from(epoch).expect("leases are short"),
            challenge,
            observer,
            report_by: Time(report_by),
            rebut_by: Time(report_by + terms.rebut_ms),
        });
    }

    /// The first unrelated validator among so many drawn by stake.
    fn observer_of(&self, id: JobId, challenge: Hash) -> Option<AccountId> {
        let lease = &self.leases.all[&id];
        let sides = [lease.requester, self.tenure(id).provider];
        for attempt in 0..self.parameters.auditor_tries_max {
            let lot = hashed("earnest probe observer v1", &(challenge, attempt));
            let observer = self.auditor_by_lot(&lot)?;
            if sides.iter().all(|side| !self.related(observer, *side)) {
                return Some(observer);
            }
        }
        None
    }

    /// A probe of an epoch that is not judged.
    fn open_probe(&self, lease: JobId, challenge: Hash) -> Result<(&Tenure, &Probe), Rejection> {
        let (_, tenure) = self.running_lease(lease)?;
        let mut open = self.open_probes(lease).into_iter();
        let probe = open.find(|probe| probe.challenge == challenge);
        Ok((tenure, probe.ok_or(Rejection::UnknownProbe { challenge })?))
    }

    fn speak(&mut self, lease: JobId, challenge: Hash, word: Word) {
        let probes = self.tenure_mut(lease).probes.iter_mut();
        let mut of = probes.filter(|probe| probe.challenge == challenge);
        of.next().expect("it was looked up before").words.push(word);
    }

    pub(super) fn report_probe(
        &mut self,
        me: AccountId,
        lease: JobId,
        challenge: Hash,
        answered: bool,
    ) -> Outcome {
        let (tenure, probe) = self.open_probe(lease, challenge)?;
        let observer = probe.observer;
        if me != observer {
            return Err(Rejection::NotItsObserver { observer });
        }
        self.in_time(Some(probe.drawn + tenure.terms.report_ms))?;
        if !probe.words.is_empty() {
            return Err(Rejection::ProbeKnown { challenge });
        }
        self.speak(lease, challenge, Word::Report(answered));
        self.say(LeaseEvent::ProbeReported { lease, challenge, observer, answered });
        Ok(())
    }

    pub(super) fn show_receipt(
        &mut self,
        lease: JobId,
        receipt: LeaseReceipt,
        signature: &[u8],
    ) -> Outcome {
        match receipt {
            LeaseReceipt::Probe(challenge) => self.show_answer(lease, challenge, signature),
            LeaseReceipt::Epoch(epoch) => self.show_acceptance(lease, epoch, signature),
        }
    }

    fn show_answer(&mut self, lease: JobId, challenge: Hash, signature: &[u8]) -> Outcome {
        let (tenure, probe) = self.open_probe(lease, challenge)?;
        self.in_time(Some(probe.drawn + tenure.terms.report_ms + tenure.terms.rebut_ms))?;
        if probe.is_answered() {
            return Err(Rejection::ProbeKnown { challenge });
        }
        let (observer, belied) = (probe.observer, !probe.words.is_empty());
        if signature != people::sign(observer, answer(lease, challenge)) {
            return Err(Rejection::BadLeaseReceipt { signer: observer });
        }
        self.speak(lease, challenge, Word::Receipt);
        if belied {
            self.note(observer, Deed::Belied);
        }
        self.say(LeaseEvent::ReceiptShown { lease, challenge, observer, belied });
        Ok(())
    }

    fn show_acceptance(&mut self, lease: JobId, epoch: u32, signature: &[u8]) -> Outcome {
        let (record, tenure) = self.running_lease(lease)?;
        let (open, signer) = (tenure.open(), record.requester);
        if epoch != open {
            return Err(Rejection::WrongLeaseEpoch { open, found: epoch });
        }
        self.in_time(Some(record.deadline.0))?;
        if tenure.accepted.contains(&epoch) {
            return Err(Rejection::AcceptedAlready { epoch });
        }
        if signature != people::sign(signer, acceptance(lease, epoch)) {
            return Err(Rejection::BadLeaseReceipt { signer });
        }
        self.tenure_mut(lease).accepted.insert(epoch);
        self.say(LeaseEvent::EpochAccepted { lease, epoch });
        Ok(())
    }
}
