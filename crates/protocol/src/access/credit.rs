//! Credits: what access stake earns against the protocol's take.

use crate::access::Access;
use crate::books::PlaceKind;
use crate::primitives::{AccountId, Amount, Epoch, NATIVE};
use crate::state::State;
use crate::step::Step;

/// Epochs over which credit is counted. What is older has decayed to nothing: a decay of at least a quarter leaves less
/// than 10^-15 of it.
const EPOCHS: u64 = 128;

impl State {
    /// What is kept about an account's access stake; of one that never had any, nothing.
    pub fn access(&self, account: AccountId) -> Access {
        self.access.get(&account).copied().unwrap_or_default()
    }

    /// An account's credit now, in micro-dollars:
    /// each epoch `floor(credit * (1 - decay)) + floor(budget * stake / max(all stake, reference))`.
    pub fn access_credit(&self, account: AccountId) -> Amount {
        let Access { mut credit, settled: Epoch(settled), .. } = self.access(account);
        let (parameters, stake) = (&self.parameters, self.access_stake(account));
        let Epoch(now) = self.clock.epoch;
        let since = now.saturating_sub(EPOCHS);
        if settled < since {
            credit = Amount::ZERO;
        }
        for epoch in settled.max(since)..now {
            credit = credit.portion_floor(parameters.credit_decay.complement());
            let Some(all) = self.access_epochs.get(&Epoch(epoch.saturating_add(1))) else {
                continue;
            };
            let whole = (*all).max(parameters.credit_reference);
            credit =
                credit.plus(parameters.credit_budget.scaled_floor(stake.units(), whole.units()));
        }
        credit
    }
}

/// Notes how much access stake there is as an epoch begins; what it grants is counted when somebody asks.
pub(crate) fn note_epoch(step: &mut Step<'_>) {
    let all = step.state.total(PlaceKind::Access, NATIVE);
    step.state.access_epochs.insert(step.state.clock.epoch, all);
    if step.state.access_epochs.len() as u64 > EPOCHS {
        let oldest = step.state.access_epochs.get_min().map(|(epoch, _)| *epoch);
        oldest.and_then(|epoch| step.state.access_epochs.remove(&epoch));
    }
}

impl Step<'_> {
    /// Sets an account's credit as of now. Whoever changes a stake takes the credit before and sets it after, so that no
    /// stake earns for epochs it was not there. An account with nothing left is forgotten.
    pub(crate) fn set_credit(&mut self, account: AccountId, credit: Amount) {
        let record =
            Access { credit, settled: self.state.clock.epoch, ..self.state.access(account) };
        let stake = self.state.access_stake(account);
        if record.exits == 0 && credit.is_zero() && stake.is_zero() {
            self.state.access.remove(&account);
        } else {
            self.state.access.insert(account, record);
        }
    }

    /// Uses an account's credit for at most so many micro-dollars; returns how much was used.
    pub(crate) fn use_credit(&mut self, account: AccountId, most: Amount) -> Amount {
        let credit = self.state.access_credit(account);
        let used = credit.min(most);
        if !used.is_zero() {
            self.set_credit(account, credit.minus(used));
        }
        used
    }
}
