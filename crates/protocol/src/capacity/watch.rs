//! The dense table of who may be drawn, so that a random number finds one without looking through the others.

use std::sync::Arc;

use crate::capacity::Uptime;
use crate::primitives::AccountId;
use crate::state::State;
use crate::step::Step;

impl State {
    /// Puts an operator into the table of those who may be drawn, or takes it out. An open draw of whoever leaves is
    /// void, an overdue one was missed.
    pub(crate) fn rewatch(&mut self, operator: AccountId) {
        let Some(record) = self.uptimes.get(&operator) else { return };
        match (self.should_watch(operator), record.place) {
            (true, None) => self.watch(operator),
            (false, Some(place)) => self.unwatch(operator, place),
            _ => {}
        }
    }

    /// Whether an operator is to be drawn: an active provider with a device.
    pub(crate) fn should_watch(&self, operator: AccountId) -> bool {
        let able = self
            .operator(operator)
            .is_some_and(|record| record.is_active() && record.duties.provider);
        able && self.uptime_record(operator).is_some_and(|record| record.devices > 0)
    }

    fn watch(&mut self, operator: AccountId) {
        let place = u32::try_from(self.watched.len()).expect("operators are fewer than 2^32");
        self.watched.insert(place, operator);
        self.uptime_mut(operator).place = Some(place);
    }

    /// The last one takes the place that becomes free.
    fn unwatch(&mut self, operator: AccountId, place: u32) {
        let (last, mover) = self.watched.get_max().copied().expect("a place is in the table");
        self.watched.remove(&last);
        if last != place {
            self.watched.insert(place, mover);
            self.uptime_mut(mover).place = Some(place);
        }
        let now = self.clock.now;
        let record = self.uptime_mut(operator);
        record.place = None;
        record.draw = record.draw.filter(|draw| draw.answer_by < now);
    }

    /// A record known to exist, for change.
    pub(super) fn uptime_mut(&mut self, operator: AccountId) -> &mut Uptime {
        let record = self.uptimes.get_mut(&operator).expect("the caller knows of the record");
        Arc::make_mut(record)
    }
}

impl Step<'_> {
    /// An operator's record, begun now if need be.
    pub(super) fn uptime_entry(&mut self, operator: AccountId) -> &mut Uptime {
        let epoch = self.state.clock.epoch;
        let begun = || Arc::new(Uptime { epoch, ..Uptime::default() });
        Arc::make_mut(self.state.uptimes.get_or_insert_with(operator, begun))
    }
}
