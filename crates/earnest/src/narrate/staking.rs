//! Stakes in words: bonds, delegations, access, machines.

use protocol::{
    AccessEvent, BooksEvent, CapacityEvent, DelegationEvent, Event, OperatorEvent, Place, Why,
};

use super::{Names, duration, short, show};
use crate::cli::Asset;
use crate::quantity::percent;

impl Names {
    /// What happened to a stake.
    pub(super) fn stakes(&self, event: &Event) -> Option<String> {
        match event {
            Event::Books(event) => self.moved(event),
            Event::Operator(event) => self.operator(event),
            Event::Delegation(event) => self.delegated(event).or_else(|| self.promised(event)),
            Event::Access(AccessEvent::AccessExitBegan { account, amount, .. }) => Some(format!(
                "{} begins to unlock {} of its access stake",
                self.of(*account),
                Asset::Native.show(*amount)
            )),
            Event::Capacity(event) => self.machines(event).or_else(|| self.measured(event)),
            _ => None,
        }
    }

    /// Movements that no other event tells of.
    fn moved(&self, event: &BooksEvent) -> Option<String> {
        let BooksEvent::Moved { from, to, asset, amount, why, .. } = event;
        let amount = show(*asset, *amount);
        Some(match (from, to, why) {
            (Place::Account(owner), _, Why::Bond) => {
                format!("{} stakes {amount}", self.of(*owner))
            }
            (Place::Account(owner), _, Why::LockAccess) => {
                format!("{} locks {amount} for access", self.of(*owner))
            }
            (_, Place::Account(owner), Why::ReleaseAccess) => {
                format!("{} has {amount} of access stake back", self.of(*owner))
            }
            (_, Place::Account(owner), Why::Release) => {
                format!("{} has {amount} of bond back", self.of(*owner))
            }
            (_, Place::Bond(operator), Why::CancelExit) => {
                format!("{} puts {amount} back into its bond", self.of(*operator))
            }
            (Place::Leaving(operator, _), Place::Account(owner), Why::Undelegated) => {
                format!("{} has {amount} back from {}", self.of(*owner), self.of(*operator))
            }
            (Place::PoolIncome(operator), Place::Account(owner), Why::IncomeClaimed) => {
                let (owner, operator) = (self.of(*owner), self.of(*operator));
                format!("{owner} is paid {amount} that it earned with {operator}")
            }
            _ => return None,
        })
    }

    fn operator(&self, event: &OperatorEvent) -> Option<String> {
        Some(match event {
            OperatorEvent::OfferSet { operator, units, ask, .. } if *units > 0 => {
                format!(
                    "{} offers {units} unit(s) at {} per 10^9 metered units",
                    self.of(*operator),
                    Asset::Stable.show(*ask)
                )
            }
            OperatorEvent::ExitBegan { operator, asset, amount, .. } => {
                format!("{} begins to unbond {}", self.of(*operator), show(*asset, *amount))
            }
            OperatorEvent::OwnerNominated { operator, owner } => {
                format!("{} may become the owner of {}", self.of(*owner), self.of(*operator))
            }
            OperatorEvent::OwnerAccepted { operator, owner } => {
                format!("{} owns {} now", self.of(*owner), self.of(*operator))
            }
            _ => return None,
        })
    }

    fn delegated(&self, event: &DelegationEvent) -> Option<String> {
        let earn = |amount| Asset::Native.show(amount);
        Some(match event {
            DelegationEvent::Delegated { delegator, operator, amount, .. } => format!(
                "{} puts {} behind {}",
                self.of(*delegator),
                earn(*amount),
                self.of(*operator)
            ),
            DelegationEvent::UndelegationBegan { delegator, operator, amount, .. } => format!(
                "{} begins to take {} back from {}",
                self.of(*delegator),
                earn(*amount),
                self.of(*operator)
            ),
            DelegationEvent::Redelegated { delegator, source, operator, amount, .. } => format!(
                "{} moves {} from {} to {}",
                self.of(*delegator),
                earn(*amount),
                self.of(*source),
                self.of(*operator)
            ),
            DelegationEvent::HopEnded { delegator, source, operator, burned } => {
                let (delegator, operator) = (self.of(*delegator), self.of(*operator));
                let source = self.of(*source);
                let lost = if burned.is_zero() {
                    String::new()
                } else {
                    format!("; {} of it burned for faults of {source}", earn(*burned))
                };
                format!("what {delegator} has with {operator} no longer answers to {source}{lost}")
            }
            DelegationEvent::HopsCharged { operator, taken, .. } => format!(
                "those who moved away from {} answer for it with {}",
                self.of(*operator),
                earn(*taken)
            ),
            DelegationEvent::PoolCollapsed { operator, burned, .. } => format!(
                "the pool of {} is worth nothing any more; {} burned",
                self.of(*operator),
                earn(*burned)
            ),
            _ => return None,
        })
    }

    fn promised(&self, event: &DelegationEvent) -> Option<String> {
        Some(match event {
            DelegationEvent::CommissionSet { operator, commission, raise } => {
                let later = raise.map_or_else(String::new, |raise| {
                    format!(
                        "; announced: {} and {}",
                        percent(raise.to.rewards),
                        percent(raise.to.fees)
                    )
                });
                format!(
                    "{} keeps {} of its delegators' rewards and {} of their fees{later}",
                    self.of(*operator),
                    percent(commission.rewards),
                    percent(commission.fees)
                )
            }
            DelegationEvent::IncomeShared { operator, asset, income, delegators, .. } => format!(
                "the delegators of {} earn {} of {}",
                self.of(*operator),
                show(*asset, *delegators),
                show(*asset, *income)
            ),
            DelegationEvent::Committed { staker, operator, amount, bonus, .. } => {
                let what = if staker == operator {
                    format!("{} of its bond", Asset::Native.show(*amount))
                } else {
                    format!("what it has with {}", self.of(*operator))
                };
                format!(
                    "{} commits {what}, counting {} more in rewards",
                    self.of(*staker),
                    percent(*bonus)
                )
            }
            DelegationEvent::CommitmentEnded { staker, operator } => {
                format!(
                    "the commitment of {} with {} is over",
                    self.of(*staker),
                    self.of(*operator)
                )
            }
            DelegationEvent::SeatsChanged { epoch, seats } => {
                let seats: Vec<String> = seats
                    .iter()
                    .map(|(operator, count)| format!("{} {count}", self.of(*operator)))
                    .collect();
                let seats = if seats.is_empty() { "none".into() } else { seats.join(", ") };
                format!("seats of epoch {epoch}: {seats}")
            }
            _ => return None,
        })
    }

    fn machines(&self, event: &CapacityEvent) -> Option<String> {
        let named = |device: &protocol::DeviceId| short(&device.to_string());
        Some(match event {
            CapacityEvent::DeviceRegistered { operator, device, class, units } => format!(
                "{} has a device {} of class {class} with {units} unit(s)",
                self.of(*operator),
                named(device)
            ),
            CapacityEvent::DeviceRetired { operator, device } => {
                format!("{} no longer has the device {}", self.of(*operator), named(device))
            }
            CapacityEvent::UptimeMissed { operator, .. } => {
                format!("{} was asked whether it is there and did not answer", self.of(*operator))
            }
            CapacityEvent::UptimeClosed {
                operator,
                drawn,
                answered,
                down: true,
                penalised,
                ..
            } => {
                let cost = if *penalised { ": it costs part of its bond" } else { "" };
                let operator = self.of(*operator);
                format!(
                    "{operator} broke its promise of uptime, with {answered} of {drawn} answered{cost}"
                )
            }
            CapacityEvent::MaintenanceDeclared { operator, from, until, .. } => format!(
                "{} is away for {} that it earned",
                self.of(*operator),
                duration(until.since_ms(*from))
            ),
            _ => return None,
        })
    }

    fn measured(&self, event: &CapacityEvent) -> Option<String> {
        let named = |device: &protocol::DeviceId| short(&device.to_string());
        Some(match event {
            CapacityEvent::RoundOpened { class, epoch, .. } => {
                format!("all devices of class {class} have to prove their units, in epoch {epoch}")
            }
            CapacityEvent::CapacityAnswered { operator, device, passed, .. } => format!(
                "the device {} of {} {}",
                named(device),
                self.of(*operator),
                if *passed { "proves its units" } else { "proves nothing" }
            ),
            CapacityEvent::MeasurementBegan { operator, device, observers, .. } => format!(
                "{} validator(s) measure the device {} of {}",
                observers.len(),
                named(device),
                self.of(*operator)
            ),
            CapacityEvent::TransferReported { operator, device, observer, units } => format!(
                "{} measured {units} unit(s) of the device {} of {}",
                self.of(*observer),
                named(device),
                self.of(*operator)
            ),
            CapacityEvent::TransferRebutted { operator, observer, units, .. } => format!(
                "{} shows a receipt of {} for {units} unit(s)",
                self.of(*operator),
                self.of(*observer)
            ),
            CapacityEvent::CapacitySettled { operator, class, proven, failures, .. } => {
                let failed = match failures {
                    0 => String::new(),
                    failures => format!(", {failures} round(s) failed in a row"),
                };
                format!(
                    "{} has {proven} unit(s) of class {class} proven{failed}",
                    self.of(*operator)
                )
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use protocol::{AccountId, Amount, Commission, Epoch, NATIVE, Ppm, Raise, Time};

    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        for (number, name) in [(1, "alice"), (2, "bob"), (3, "carol")] {
            names.account(AccountId([number; 32]), name);
        }
        names
    }

    fn told(event: impl Into<Event>) -> String {
        names().tell(&event.into()).expect("worth a line")
    }

    #[test]
    fn stakes_are_told_by_name_and_in_tokens() {
        let [alice, bob, carol] = [1, 2, 3].map(|number| AccountId([number; 32]));
        let amount = Amount::new(1_500_000_000);
        let moved = DelegationEvent::Redelegated {
            delegator: bob,
            source: alice,
            operator: carol,
            amount,
            until: Time(9),
        };
        assert_eq!(told(moved), "bob moves 1.5 EARN from alice to carol");
        let rate = |percent: u32| Ppm(percent * 10_000);
        let commission = Commission { rewards: rate(5), fees: rate(10) };
        let to = Commission { rewards: rate(8), fees: rate(10) };
        let raise = Some(Raise { to, from: Epoch(20), step: rate(1) });
        assert_eq!(
            told(DelegationEvent::CommissionSet { operator: alice, commission, raise }),
            "alice keeps 5 % of its delegators' rewards and 10 % of their fees; announced: 8 % and 10 %"
        );
        let claimed = BooksEvent::Moved {
            from: Place::PoolIncome(alice),
            to: Place::Account(bob),
            asset: NATIVE,
            amount,
            why: Why::IncomeClaimed,
            job: None,
        };
        assert_eq!(told(claimed), "bob is paid 1.5 EARN that it earned with alice");
        let exit = AccessEvent::AccessExitBegan { account: bob, exit: 4, amount, release: Time(9) };
        assert_eq!(told(exit), "bob begins to unlock 1.5 EARN of its access stake");
    }
}
