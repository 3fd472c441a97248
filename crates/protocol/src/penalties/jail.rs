//! Jail and tombstone.

use crate::event::{Fault, PenaltyEvent};
use crate::operators::OperatorStatus;
use crate::primitives::AccountId;
use crate::step::Step;

impl Step<'_> {
    /// Puts an operator in jail, or keeps it there longer. Work it already has goes on and is paid if it stands; it
    /// is given no more.
    pub(crate) fn jail(&mut self, operator: AccountId, fault: Fault) {
        self.jail_for(operator, fault, self.state.parameters.jail_ms);
    }

    /// The same for a time of the fault's own. A shorter one does not shorten what is left of a longer one.
    pub(crate) fn jail_for(&mut self, operator: AccountId, fault: Fault, jail_ms: u64) {
        let until = self.now().plus_ms(jail_ms);
        let record = self.operator_mut(operator);
        let until = match record.status {
            OperatorStatus::Active => until,
            OperatorStatus::Jailed(before) => before.max(until),
            OperatorStatus::Tombstoned => return,
        };
        record.status = OperatorStatus::Jailed(until);
        self.forfeit(operator);
        self.state.reindex(operator);
        self.emit(PenaltyEvent::Jailed { operator, fault, until });
    }

    /// Ends an operator's working life.
    pub(crate) fn tombstone(&mut self, operator: AccountId) {
        let record = self.operator_mut(operator);
        record.status = OperatorStatus::Tombstoned;
        let convictions = record.reliability.convictions;
        self.forfeit(operator);
        self.state.reindex(operator);
        self.emit(PenaltyEvent::Tombstoned { operator, convictions });
    }

    /// Ends the clean streak: this epoch will not count as clean either.
    pub(crate) fn soil(&mut self, operator: AccountId) {
        let epoch = self.state.clock.epoch;
        let reliability = &mut self.operator_mut(operator).reliability;
        reliability.clean_epochs = 0;
        reliability.counted_epoch = Some(epoch);
    }
}
