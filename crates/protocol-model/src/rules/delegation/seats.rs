//! Seats on the ledger: counted out anew at every turn of an epoch.

use std::collections::BTreeMap;

use protocol::{AccountId, DelegationEvent, Epoch, Event, NATIVE, OperatorStatus};

use crate::rules::Model;

impl Model {
    fn is_active(&self, operator: AccountId) -> bool {
        self.status(&self.operators[&operator]) == OperatorStatus::Active
    }

    /// Something about an operator's stake changed, or it was its turn after an amendment: an active validator stands for
    /// seats with what it has and counts.
    pub(in crate::rules) fn stand(&mut self, operator: AccountId) {
        let able = self.operators[&operator].duties.validator && self.is_active(operator);
        let stake = self.bonded(operator, NATIVE) + self.counted(operator);
        if able && stake > 0 {
            self.delegated.standing.insert(operator, stake);
        } else {
            self.delegated.standing.remove(&operator);
        }
    }

    /// Who stands for seats, the most stake first, of equal ones the greatest name.
    fn by_stake(&self) -> Vec<(u128, AccountId)> {
        let standing = self.delegated.standing.iter();
        let mut all: Vec<_> = standing.map(|(account, stake)| (*stake, *account)).collect();
        all.sort_unstable();
        all.reverse();
        all
    }

    /// A seat for so much stake, while there are any and one operator has not too many.
    fn election(&self) -> BTreeMap<AccountId, u32> {
        let parameters = &self.parameters;
        let mut seats = BTreeMap::new();
        for (stake, account) in self.by_stake() {
            for seat in 1..=parameters.seats_per_operator {
                let given: u32 = seats.values().sum();
                let needed = parameters.seat_bond.units() * u128::from(seat);
                if stake < needed || given == parameters.seats_max {
                    break;
                }
                *seats.entry(account).or_default() += 1;
            }
        }
        seats
    }

    /// As an epoch begins seats are given anew.
    pub(in crate::rules) fn turn_seats(&mut self) {
        let seats = self.election();
        if seats != self.delegated.seats {
            let (epoch, given) = (Epoch(self.epoch()), seats.clone().into_iter().collect());
            self.delegated.seats = seats;
            self.say(Event::Delegation(DelegationEvent::SeatsChanged { epoch, seats: given }));
        }
    }
}
