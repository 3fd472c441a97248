//! Sealed commitments and their opening, by provider and auditor.

use borsh::BorshSerialize;
use protocol::{
    AccountId, Claim, Event, Finding, Hash, Height, JobEvent, JobId, JobSpec, JobStatus, Rejection,
    Time,
};

use super::{Attempt, Job};
use crate::rules::{Model, Outcome, hashed};

/// The seal of a claim: who copies it cannot open it.
pub(crate) fn sealed(
    job: JobId,
    attempt: u32,
    account: AccountId,
    salt: Hash,
    claim: &impl BorshSerialize,
) -> Hash {
    Hash(hashed("earnest commitment v1", &(job, attempt, account, salt, claim)))
}

impl Model {
    fn provided(
        &self,
        me: AccountId,
        id: JobId,
        status: JobStatus,
    ) -> Result<(&Job, &Attempt), Rejection> {
        let job = self.at_stage(id, status)?;
        let attempt = self.attempt(id);
        if attempt.provider != me {
            return Err(Rejection::NotAssigned { job: id });
        }
        Ok((job, attempt))
    }

    fn audited(
        &self,
        me: AccountId,
        id: JobId,
        status: JobStatus,
    ) -> Result<(&Job, &Attempt), Rejection> {
        let job = self.at_stage(id, status)?;
        let attempt = self.attempt(id);
        if attempt.audit().map(|audit| audit.auditor) != Some(me) {
            return Err(Rejection::NotAuditor { job: id });
        }
        Ok((job, attempt))
    }

    pub(in crate::rules) fn commit_result(
        &mut self,
        me: AccountId,
        id: JobId,
        commitment: Hash,
    ) -> Outcome {
        let (job, _) = self.provided(me, id, JobStatus::Assigned)?;
        let (attempt, height) = (job.begun(), Height(self.height));
        let committed = (commitment, self.height, self.now);
        self.attempt_mut(id).committed = Some(committed);
        self.up_for_draw(id);
        self.say(Event::Job(JobEvent::ResultCommitted {
            job: id,
            attempt,
            provider: me,
            commitment,
            height,
        }));
        Ok(())
    }

    pub(in crate::rules) fn commit_audit(
        &mut self,
        me: AccountId,
        id: JobId,
        commitment: Hash,
    ) -> Outcome {
        self.audited(me, id, JobStatus::Auditing)?;
        self.audit_mut(id).commitment = Some(commitment);
        self.say(Event::Job(JobEvent::AuditCommitted { job: id, auditor: me, commitment }));
        self.await_reveal(id);
        Ok(())
    }

    pub(in crate::rules) fn reveal_result(
        &mut self,
        me: AccountId,
        id: JobId,
        claim: &Claim,
        salt: Hash,
    ) -> Outcome {
        let (job, attempt) = self.provided(me, id, JobStatus::Revealing)?;
        let commitment = attempt.committed.map(|(commitment, ..)| commitment);
        opens(id, job, me, commitment, claim, salt)?;
        let (audited, attempt) = (attempt.audit().is_some(), job.begun());
        let now = self.now;
        self.attempt_mut(id).revealed = Some((*claim, now));
        let until = now + self.parameters.audit_reveal_ms;
        self.say(Event::Job(JobEvent::ResultRevealed {
            job: id,
            attempt,
            provider: me,
            claim: *claim,
            audit_reveal_by: audited.then_some(Time(until)),
        }));
        if audited {
            self.stage(id, JobStatus::AuditRevealing, until);
        } else {
            self.open_window(id);
        }
        Ok(())
    }

    pub(in crate::rules) fn reveal_audit(
        &mut self,
        me: AccountId,
        id: JobId,
        claim: &Claim,
        salt: Hash,
    ) -> Outcome {
        let (job, attempt) = self.audited(me, id, JobStatus::AuditRevealing)?;
        let commitment = attempt.audit().and_then(|audit| audit.commitment);
        opens(id, job, me, commitment, claim, salt)?;
        let same = attempt.revealed.is_some_and(|(revealed, _)| revealed == *claim);
        let finding = if same { Finding::Match } else { Finding::Mismatch };
        let audit = self.audit_mut(id);
        (audit.claim, audit.finding) = (Some(*claim), finding);
        self.say(Event::Job(JobEvent::AuditRevealed {
            job: id,
            auditor: me,
            claim: *claim,
            finding,
        }));
        self.open_window(id);
        Ok(())
    }
}

fn opens(
    id: JobId,
    job: &Job,
    account: AccountId,
    commitment: Option<Hash>,
    claim: &Claim,
    salt: Hash,
) -> Outcome {
    if commitment != Some(sealed(id, job.begun(), account, salt, claim)) {
        return Err(Rejection::CommitmentMismatch);
    }
    possible(&job.spec, claim)
}

/// A claim that no run can have is refused: its trace is no whole number of roots, or it is out of the job's bounds.
fn possible(spec: &JobSpec, claim: &Claim) -> Outcome {
    let roots = claim.trace.size / 32;
    let steps = if roots == 0 || roots * 32 != claim.trace.size { u64::MAX } else { roots - 1 };
    let (steps_max, meter, meter_max) = (spec.steps_max, claim.meter, spec.meter_max);
    if steps > steps_max || meter > meter_max || claim.output.size > spec.memory_max {
        return Err(Rejection::ImpossibleClaim { steps, steps_max, meter, meter_max });
    }
    Ok(())
}
