//! Seats on the ledger: once an epoch, to the best-bonded validators.
//!
//! Seats are counted in native tokens, the operator's own and those of its delegators that count: the price of the token,
//! which validators themselves report, decides nothing about who orders blocks.

use imbl::OrdMap;

use crate::event::DelegationEvent;
use crate::operators::Operator;
use crate::primitives::{AccountId, Amount, NATIVE};
use crate::state::State;
use crate::step::Step;

impl State {
    /// What an operator's seats are counted by, if it may hold any: own and counted delegated tokens of an active
    /// validator.
    pub(crate) fn seat_stake(&self, record: &Operator) -> Option<Amount> {
        if !(record.is_active() && record.duties.validator) {
            return None;
        }
        let own = record.bonded.of(NATIVE);
        let stake = own.plus(record.stock().tokens.min(self.carried_by(own)));
        (!stake.is_zero()).then_some(stake)
    }

    /// Brings an operator's place in the order of stake up to date.
    pub(crate) fn rank(&mut self, operator: AccountId) {
        let Some(record) = self.operator(operator) else { return };
        let (before, after) = (record.rank, self.seat_stake(record));
        if before == after {
            return;
        }
        if let Some(stake) = before {
            self.ranks.remove(&(stake, operator));
        }
        if let Some(stake) = after {
            self.ranks.insert((stake, operator), ());
        }
        self.operator_mut(operator).rank = after;
    }

    /// Seats by the present order of stake: from the top as many as each one's bond carries, up to the operator's cap and
    /// the number of seats there are. Looks at no more operators than there are seats.
    pub(crate) fn elect(&self) -> OrdMap<AccountId, u32> {
        let parameters = &self.parameters;
        let mut left = parameters.seats_max;
        let mut seats = OrdMap::new();
        for ((stake, operator), ()) in self.ranks.iter().rev() {
            let carried = stake.units() / parameters.seat_bond.units().max(1);
            let cap = parameters.seats_per_operator.min(left);
            let given = u32::try_from(carried).unwrap_or(u32::MAX).min(cap);
            if given == 0 {
                break;
            }
            left = left.saturating_sub(given);
            seats.insert(*operator, given);
        }
        seats
    }
}

/// Gives the seats anew as an epoch begins. They order blocks and earn nothing: who validates is paid by weight and
/// attendance.
pub(crate) fn turn_seats(step: &mut Step<'_>) {
    let seats = step.state.elect();
    if seats == step.state.seats {
        return;
    }
    let given = seats.iter().map(|(operator, count)| (*operator, *count)).collect();
    step.state.seats = seats;
    let epoch = step.state.clock.epoch;
    step.emit(DelegationEvent::SeatsChanged { epoch, seats: given });
}
