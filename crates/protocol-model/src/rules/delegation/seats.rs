//! Seats on the ledger: counted out anew at every turn of an epoch.

use std::collections::BTreeMap;

use protocol::{AccountId, Epoch, Event, NATIVE, OperatorStatus, Place, Pot};

use crate::exact::whole;
use crate::rules::Model;

impl Model {
    fn is_active(&self, operator: AccountId) -> bool {
        self.status(&self.operators[&operator]) == OperatorStatus::Active
    }

    /// Active validators with stake: what each has and counts, the most first, of equal ones the greatest name.
    fn by_stake(&self) -> Vec<(u128, AccountId)> {
        let able = self
            .operators
            .iter()
            .filter(|(account, operator)| operator.duties.validator && self.is_active(**account));
        let stake = |account| self.bonded(account, NATIVE) + self.counted(account);
        let mut all: Vec<_> = able.map(|(account, _)| (stake(*account), *account)).collect();
        all.retain(|(stake, _)| *stake > 0);
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

    /// The holders of an ending epoch are paid out of the fees it brought; then seats are given anew.
    pub(in crate::rules) fn turn_seats(&mut self) {
        let holders = self.delegated.seats.clone();
        let total: u32 = holders.values().sum();
        let pot = Place::Pot(Pot::Fees);
        if total > 0 {
            let each = (whole(self.books.held(pot, NATIVE)) / whole(total.into())).floor();
            for (holder, seats) in holders {
                if self.is_active(holder) {
                    self.reward(holder, pot, each * u128::from(seats));
                }
            }
        }
        let seats = self.election();
        if seats != self.delegated.seats {
            let (epoch, given) = (Epoch(self.epoch()), seats.clone().into_iter().collect());
            self.delegated.seats = seats;
            self.say(Event::SeatsChanged { epoch, seats: given });
        }
    }
}
