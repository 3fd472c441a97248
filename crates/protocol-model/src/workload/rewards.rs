//! Validators attend, operators claim, and once in a while somebody signed twice.

use super::{Kind, VALIDATORS, Workload};
use crate::operation::{Call, person};
use crate::run::Run;

pub(super) const KINDS: &[Kind] = &[(12, attend), (5, claim), (3, prove)];

/// Whoever has a place, now and then somebody else, mostly in the session it is.
fn attend(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (epoch, session) = (run.model.epoch(), run.model.session());
    let again = workload.chance.one_in(8);
    let absent = run
        .model
        .seated
        .keys()
        .filter(|validator| again || run.model.attended(**validator, epoch) != Some(session));
    let sender = workload.chance.any(absent.map(|account| person(*account)).collect())?;
    let later = workload.chance.one_in(16);
    let session = if later { session + 1 } else { session };
    let before = if workload.chance.one_in(32) { 1 } else { 0 };
    let epoch = epoch.saturating_sub(before);
    Some((workload.mostly(sender), Call::Attend { epoch, session }))
}

/// Whoever has earned something, closed or not.
fn claim(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let any = workload.chance.one_in(12);
    let earned = run
        .model
        .operators
        .iter()
        .filter(|(account, _)| any || !run.model.merited(**account).is_empty());
    let pairs = earned.map(|(account, record)| (person(*account), person(record.owner)));
    let (operator, owner) = workload.chance.any(pairs.collect())?;
    let sender = if workload.chance.one_in(3) { owner } else { operator };
    Some((workload.mostly(sender), Call::ClaimRewards { operator }))
}

/// Mostly a validator, at a height on one side or the other of what is admissible. Rare: it ends a working life.
fn prove(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let one_of = workload.chance.pick(&VALIDATORS);
    let operator = if workload.chance.one_in(4) { workload.anybody() } else { one_of };
    let oldest = workload.chance.around(run.model.oldest_admissible().into());
    let oldest = u64::try_from(oldest).expect("heights are small");
    let now = run.model.height;
    let height = workload.chance.pick(&[now, now, oldest, oldest, now + 1, 0]);
    let genuine = workload.chance.one_in(6);
    let most = u32::try_from(run.model.parameters.signing_evidence_bytes_max).expect("it is small");
    let bytes = workload.chance.pick(&[32, 32, 32, most, most + 1]);
    let call = Call::ProveDoubleSigning { operator, height, genuine, bytes };
    Some((workload.anybody(), call))
}

impl Workload<'_> {
    /// What validators attend with: tokens of their own.
    pub(super) fn attendants(&mut self) -> Vec<(u8, Call)> {
        let mut bonds = Vec::new();
        for operator in VALIDATORS {
            let units = self.chance.pick(&[1, 3, 1_000, 100_000_000_000]);
            bonds.push((operator, Call::Bond { operator, asset: 0, units }));
        }
        bonds
    }
}
