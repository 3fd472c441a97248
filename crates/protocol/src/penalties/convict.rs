//! What happens to whoever is found at fault.

use crate::books::{Place, PlaceKind};
use crate::event::{Fault, PenaltyEvent};
use crate::operators::{Exit, Offence, Operator};
use crate::penalties::{Cut, Terms, correlated_rate};
use crate::primitives::{AccountId, Amount, Holdings, JobId, NATIVE, PPM, Ppm, Time};
use crate::state::Task;
use crate::step::Step;

/// A provider found at fault in a job.
pub(crate) struct Conviction {
    pub(crate) provider: AccountId,
    pub(crate) job: JobId,
    pub(crate) fault: Fault,
    pub(crate) terms: Terms,
    /// When the fault was committed: exits that began earlier do not answer for it.
    pub(crate) since: Time,
}

impl Step<'_> {
    /// A wrong, unrevealed or withheld result: the whole lock, the correlated part if repeated, jail or tombstone.
    pub(crate) fn convict(&mut self, conviction: &Conviction) {
        let Conviction { provider, job, fault, terms, since } = *conviction;
        self.fault(provider, fault, job, terms.accuser);
        let repeated = self.operator_mut(provider).offence.is_some();
        let total = self.bonded_total();
        self.record_offence(provider, since);
        self.slash((provider, fault, job), Place::Lock(provider, job), Cut::Whole, terms);
        if repeated {
            self.slash_correlated(provider, job, since, total);
        }
        self.count_failed(provider);
        let reliability = &mut self.operator_mut(provider).reliability;
        reliability.convictions = reliability.convictions.saturating_add(1);
        if reliability.convictions >= self.state.parameters.convictions_max {
            self.tombstone(provider);
        } else {
            self.jail(provider, fault);
        }
    }

    /// Notes a fault in history and in the operator's record.
    pub(crate) fn fault(
        &mut self,
        account: AccountId,
        fault: Fault,
        job: JobId,
        accuser: Option<AccountId>,
    ) {
        self.emit(PenaltyEvent::Faulted { account, fault, job, accuser });
        if self.state.operator(account).is_some() {
            self.soil(account);
        }
    }

    /// Value of all bonds, locks, exits and delegations included, in micro-dollars: leaving changes nobody's weight.
    pub(super) fn bonded_total(&self) -> Amount {
        let assets = self.state.assets().map(|asset| asset.definition.id);
        let mut held: Holdings = assets.map(|asset| (asset, self.state.bonded(asset))).collect();
        for kind in [PlaceKind::Pools, PlaceKind::Leaving] {
            held.put(NATIVE, self.state.total(kind, NATIVE));
        }
        self.state.bond_value(&held)
    }

    /// Counts the offender's stake, once however often it offends, until the window has passed.
    fn record_offence(&mut self, provider: AccountId, since: Time) {
        let now = self.now();
        let until = now.plus_ms(self.state.parameters.correlation_ms);
        let mut answerable = self.operator_mut(provider).bonded.clone();
        for (_, exit) in self.answerable_exits(provider, since) {
            answerable.put(exit.asset, exit.amount);
        }
        answerable.put(NATIVE, self.state.answerable_delegated(provider, since, now));
        let mut stake = self.state.bond_value(&answerable);
        if let Some(offence) = self.operator_mut(provider).offence.take() {
            self.clear_timer(offence.until, offence.timer);
            self.state.clock.offending = self.state.clock.offending.minus(offence.stake);
            stake = stake.max(offence.stake);
        }
        let timer = self.set_timer(until, Task::Offence(provider));
        self.state.clock.offending = self.state.clock.offending.plus(stake);
        self.operator_mut(provider).offence = Some(Offence { until, timer, stake });
    }

    /// Exits that answer for a fault: they began after it, and are not over.
    pub(crate) fn answerable_exits(&self, operator: AccountId, since: Time) -> Vec<(u64, Exit)> {
        let now = self.now();
        let answers = |exit: &Exit| exit.began >= since && now <= exit.release;
        self.state.exits(operator).filter(|(_, exit)| answers(exit)).collect()
    }

    /// Takes the correlated part of the free bond, of the exits that began after the fault, and of what others delegated.
    fn slash_correlated(&mut self, operator: AccountId, job: JobId, since: Time, total: Amount) {
        let offending = self.state.clock.offending;
        let rate = correlated_rate(self.state.parameters.correlated_base, offending, total);
        self.emit(PenaltyEvent::Correlated { operator, offending, total, rate });
        let Ppm(share) = rate;
        let cut = Cut::Part(share.into(), PPM.into());
        let exits = self.answerable_exits(operator, since);
        let places = exits.into_iter().map(|(number, _)| Place::Exit(operator, number));
        for place in [Place::Bond(operator)].into_iter().chain(places) {
            self.slash((operator, Fault::Repeated, job), place, cut, Terms::default());
        }
        let at = self.now();
        self.slash_delegated((operator, Fault::Repeated, Some(job)), (since, at), cut);
    }
}

/// A conviction has stopped counting as repeated and as correlated.
pub(crate) fn forget_offence(step: &mut Step<'_>, account: AccountId) {
    let Operator { offence, .. } = step.operator_mut(account);
    let offence = offence.take().expect("an offence and its timer go together");
    step.state.clock.offending = step.state.clock.offending.minus(offence.stake);
}
