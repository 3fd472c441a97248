//! Access stake comes and goes; jobs that no ask takes are taken by hand.

use protocol::{ClassId, JobStatus};

use super::jobs::jobs;
use super::{Kind, PROVIDERS, REQUESTERS, Workload};
use crate::operation::{Call, account, person};
use crate::run::Run;
use crate::setup::WEIGHT;

pub(super) const KINDS: &[Kind] = &[(5, lock), (4, unlock), (8, take)];

fn lock(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let requester = workload.chance.pick(&REQUESTERS);
    let sender = if workload.chance.one_in(3) { workload.anybody() } else { requester };
    let least = run.model.parameters.access_min.units();
    let units = match workload.chance.below(8) {
        0 => workload.units(run, sender, 0),
        1 | 2 => workload.chance.around(least),
        3 => workload.chance.pick(&[0, u128::MAX, 1]),
        _ => workload.chance.pick(&[WEIGHT, 2 * WEIGHT, 3 * WEIGHT, 7 * WEIGHT + 1]),
    };
    Some((sender, Call::LockAccess { units }))
}

fn unlock(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let stakers = run.model.books.iter().filter_map(|(place, _, units)| match place {
        protocol::Place::Access(account) => Some((person(account), units)),
        _ => None,
    });
    let (staker, stake) = workload.chance.any(stakers.collect())?;
    let least = run.model.parameters.access_min.units();
    let units = match workload.chance.below(6) {
        0 => workload.chance.around(stake),
        1 => workload.chance.around(stake.saturating_sub(least)),
        2 => stake,
        _ => 1 + stake / workload.chance.pick(&[2, 3, 50]),
    };
    Some((workload.mostly(staker), Call::UnlockAccess { units }))
}

/// A provider takes an offered job; now and then one that is not, or that it may not.
fn take(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let any = workload.chance.one_in(8);
    let open = jobs(run).filter(|(label, record)| {
        let offered = run.model.is_offered(run.labels[label]);
        record.status == JobStatus::Open && (offered || any)
    });
    let (job, record) = workload.chance.any(open.collect())?;
    let free = |class: ClassId, provider: &u8| {
        let offers = run.model.offers(account(*provider)).into_iter();
        offers.into_iter().any(|(of, units, busy, _)| of == class && units > busy)
    };
    let class = record.spec.class;
    let requester = person(record.requester);
    let with_a_unit = PROVIDERS.into_iter().filter(|provider| free(class, provider));
    let sender = match workload.chance.below(8) {
        0 => workload.chance.pick(&PROVIDERS),
        1 => requester,
        _ => workload.chance.any(with_a_unit.collect())?,
    };
    Some((workload.mostly(sender), Call::TakeJob { job }))
}

impl Workload<'_> {
    /// With what stake somebody who wants jobs begins, if with any.
    pub(super) fn staker(&mut self, requester: u8) -> Option<(u8, Call)> {
        let units = self.chance.pick(&[0, WEIGHT, 3 * WEIGHT, 7 * WEIGHT]);
        (units > 0).then_some((requester, Call::LockAccess { units }))
    }
}
