//! Probes: a validator drawn by the beacon uses the service, and what is said about it afterwards.
//!
//! Every block draws as uptime does: `x = leases * probes per epoch * elapsed / epoch` probes on average, each of a lease
//! uniform over all that run. Its observer is drawn by stake, unrelated to either side.

use crate::capacity::{draws, is_signed};
use crate::event::LeaseEvent;
use crate::leases::{Lease, LeaseReceipt, LeaseStatus, Probe, Tenure};
use crate::primitives::{AccountId, Bytes, Hash, JobId, Time, uniform_below};
use crate::rejection::Rejection;
use crate::step::Step;

/// What an observer signs when its probe was answered.
pub fn probe_receipt(lease: JobId, challenge: Hash) -> Hash {
    Hash::of("earnest probe receipt v1", &(lease, challenge))
}

/// What a requester signs when it was served in an epoch of its lease, counted from zero.
pub fn acceptance_receipt(lease: JobId, epoch: u32) -> Hash {
    Hash::of("earnest lease receipt v1", &(lease, epoch))
}

/// Draws this block's probes, at most as many as a block may.
pub(crate) fn draw_probes(step: &mut Step<'_>, elapsed_ms: u64) {
    let parameters = step.parameters();
    let leases = step.state.leased.len() as u64;
    let random = Hash::of("earnest probe count v1", &step.context.beacon).leading_128();
    let count = draws(leases, parameters.lease_probes, parameters.epoch_ms, elapsed_ms, random);
    for number in 0..count.min(parameters.lease_probes_per_block.into()) {
        let random = Hash::of("earnest probe v1", &(step.context.beacon, number));
        let place = uniform_below(random.leading_128(), leases.into());
        let place = u32::try_from(place).expect("running leases are fewer than 2^32");
        let lease = *step.state.leased.get(&place).expect("the table is dense");
        draw_probe(step, lease, random);
    }
}

/// Draws a probe of a lease, unless its last epoch is over, it has had enough of them in this one, or no observer is found.
fn draw_probe(step: &mut Step<'_>, id: JobId, random: Hash) {
    let (now, parameters) = (step.now(), step.parameters());
    let lease = step.state.lease(id).expect("a lease in the table exists");
    let tenure = lease.tenure.as_ref().expect("a running lease has a provider");
    let epoch = tenure.epoch_at(now, parameters.epoch_ms);
    let drawn = tenure.probes.iter().filter(|probe| probe.epoch == epoch).count() as u64;
    if epoch > tenure.last || drawn >= u64::from(parameters.lease_probes_max) {
        return;
    }
    let challenge = Hash::of("earnest probe challenge v1", &(random, id));
    let Some(observer) = find_observer(step, lease, tenure, challenge) else { return };
    let report_by = now.plus_ms(tenure.terms.report_ms);
    let rebut_by = report_by.plus_ms(tenure.terms.rebut_ms);
    let probe = Probe { challenge, observer, epoch, drawn: now, reported: None, receipt: false };
    step.tenure_mut(id).probes.push(probe);
    step.emit(LeaseEvent::ProbeDrawn {
        lease: id,
        epoch,
        challenge,
        observer,
        report_by,
        rebut_by,
    });
}

fn find_observer(
    step: &Step<'_>,
    lease: &Lease,
    tenure: &Tenure,
    challenge: Hash,
) -> Option<AccountId> {
    (0..step.state.parameters.auditor_tries_max).find_map(|attempt| {
        let random = Hash::of("earnest probe observer v1", &(challenge, attempt));
        let observer = step.state.auditor_at(random)?;
        let related = step.state.are_related(observer, tenure.provider)
            || step.state.are_related(observer, lease.requester);
        (!related).then_some(observer)
    })
}

/// The observer says whether its probe was answered.
pub(crate) fn report_probe(
    step: &mut Step<'_>,
    sender: AccountId,
    lease: JobId,
    challenge: Hash,
    answered: bool,
) -> Result<(), Rejection> {
    let (tenure, probe) = step.probe(lease, challenge)?;
    let observer = probe.observer;
    if observer != sender {
        return Err(Rejection::NotItsObserver { observer });
    }
    step.in_time(Some(report_by(tenure, probe)))?;
    if probe.answered().is_some() {
        return Err(Rejection::ProbeKnown { challenge });
    }
    step.probe_mut(lease, challenge).reported = Some(answered);
    step.emit(LeaseEvent::ProbeReported { lease, challenge, observer, answered });
    Ok(())
}

/// Anybody shows what an observer or the requester has signed: the signature says who speaks.
pub(crate) fn show_receipt(
    step: &mut Step<'_>,
    lease: JobId,
    receipt: LeaseReceipt,
    signature: &Bytes,
) -> Result<(), Rejection> {
    match receipt {
        LeaseReceipt::Probe(challenge) => show_answer(step, lease, challenge, signature),
        LeaseReceipt::Epoch(epoch) => show_acceptance(step, lease, epoch, signature),
    }
}

/// A receipt beats the observer's report. Whoever reported silence and signed for an answer was wrong.
fn show_answer(
    step: &mut Step<'_>,
    lease: JobId,
    challenge: Hash,
    signature: &Bytes,
) -> Result<(), Rejection> {
    let (tenure, probe) = step.probe(lease, challenge)?;
    step.in_time(Some(report_by(tenure, probe).plus_ms(tenure.terms.rebut_ms)))?;
    if probe.answered() == Some(true) {
        return Err(Rejection::ProbeKnown { challenge });
    }
    let (observer, belied) = (probe.observer, probe.reported == Some(false));
    if !is_signed(observer, probe_receipt(lease, challenge), signature) {
        return Err(Rejection::BadLeaseReceipt { signer: observer });
    }
    step.probe_mut(lease, challenge).receipt = true;
    if belied {
        step.count_failed(observer);
    }
    step.emit(LeaseEvent::ReceiptShown { lease, challenge, observer, belied });
    Ok(())
}

fn show_acceptance(
    step: &mut Step<'_>,
    lease: JobId,
    epoch: u32,
    signature: &Bytes,
) -> Result<(), Rejection> {
    let (record, tenure) = step.running(lease)?;
    let open = tenure.open_epoch();
    if epoch != open {
        return Err(Rejection::WrongLeaseEpoch { open, found: epoch });
    }
    step.in_time(Some(record.deadline))?;
    if tenure.accepted {
        return Err(Rejection::AcceptedAlready { epoch });
    }
    let signer = record.requester;
    if !is_signed(signer, acceptance_receipt(lease, epoch), signature) {
        return Err(Rejection::BadLeaseReceipt { signer });
    }
    step.tenure_mut(lease).accepted = true;
    step.emit(LeaseEvent::EpochAccepted { lease, epoch });
    Ok(())
}

fn report_by(tenure: &Tenure, probe: &Probe) -> Time {
    probe.drawn.plus_ms(tenure.terms.report_ms)
}

impl Step<'_> {
    /// A lease that runs, with its provider.
    pub(super) fn running(&self, lease: JobId) -> Result<(&Lease, &Tenure), Rejection> {
        let record = self.lease(lease)?;
        let status = record.status;
        let running = record.tenure.as_ref().filter(|_| status == LeaseStatus::Running);
        Ok((record, running.ok_or(Rejection::WrongLeaseStage { status })?))
    }

    fn probe(&self, lease: JobId, challenge: Hash) -> Result<(&Tenure, &Probe), Rejection> {
        let (_, tenure) = self.running(lease)?;
        let probe = tenure.probes.iter().find(|probe| probe.challenge == challenge);
        Ok((tenure, probe.ok_or(Rejection::UnknownProbe { challenge })?))
    }

    /// A probe known to exist, for change.
    fn probe_mut(&mut self, lease: JobId, challenge: Hash) -> &mut Probe {
        let probes = &mut self.tenure_mut(lease).probes;
        let probe = probes.iter_mut().find(|probe| probe.challenge == challenge);
        probe.expect("the caller has just read the probe")
    }
}
