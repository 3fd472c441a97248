//! The network's own affairs in words: votes, the price, what it does to bonds.

use protocol::{
    Amendment, Amount, Ballot, Band, CollateralEvent, Event, GovernanceEvent, Outcome,
    ParameterChange, PriceEvent, Time,
};

use super::{Names, show};
use crate::cli::Asset;
use crate::quantity::{percent, share};

impl Names {
    /// What happened to the rules or to the price.
    pub(super) fn network(&self, event: &Event) -> Option<String> {
        match event {
            Event::Governance(event) => Some(self.vote(event)),
            Event::Price(event) => self.price(event),
            Event::Collateral(event) => Some(self.cover(event)),
            _ => None,
        }
    }

    fn vote(&self, event: &GovernanceEvent) -> String {
        match event {
            GovernanceEvent::ProposalSubmitted {
                proposal,
                proposer,
                amendment: what,
                deposit,
                ..
            } => {
                format!(
                    "{} proposes, as number {proposal}: {}; it puts down {}",
                    self.of(*proposer),
                    amendment(what),
                    Asset::Native.show(*deposit)
                )
            }
            GovernanceEvent::BallotCast { proposal, validator, ballot } => {
                let word = match ballot {
                    Ballot::For => "is for",
                    Ballot::Against => "is against",
                    Ballot::Spam => "calls spam",
                };
                format!("{} {word} proposal {proposal}", self.of(*validator))
            }
            GovernanceEvent::ProposalTallied { proposal, tally, outcome } => {
                let word = match outcome {
                    Outcome::Accepted => "accepted",
                    Outcome::Rejected => "rejected, its deposit returned",
                    Outcome::Spam => "rejected as spam, its deposit burned",
                };
                let share = share(tally.approve, tally.all);
                format!("proposal {proposal} is {word}: {share} of all weight is for it")
            }
            GovernanceEvent::AmendmentAccepted { proposal, enacted_after } => {
                format!("proposal {proposal} takes effect after {} s", at(*enacted_after))
            }
            GovernanceEvent::AmendmentEnacted { proposal } => {
                format!("proposal {proposal} takes effect")
            }
            GovernanceEvent::AmendmentVoid { proposal, fault } => {
                format!("proposal {proposal} is void: {fault}")
            }
        }
    }

    /// Slots and sealed reports are for bookkeepers.
    fn price(&self, event: &PriceEvent) -> Option<String> {
        let dollars = |amount: &Amount| Asset::Stable.show(*amount);
        Some(match event {
            PriceEvent::PriceSourceSet { reported: true, price } => {
                format!(
                    "validators report the price of a token from now on, beginning at {}",
                    dollars(price)
                )
            }
            PriceEvent::PriceSourceSet { reported: false, price } => {
                format!("the price of a token is governed from now on: {}", dollars(price))
            }
            PriceEvent::PriceAgreed { price, collateral, .. } => format!(
                "reports agree: a token is worth {}, and counts for {} as collateral",
                dollars(price),
                dollars(collateral)
            ),
            PriceEvent::PriceNotAgreed { slot, opened, entitled } => format!(
                "no price from slot {slot}: {} of the weight opened its reports",
                share(*opened, *entitled)
            ),
            PriceEvent::ReportMissed { validator, price, median, .. } => format!(
                "{} reported {}, far from the median of {}",
                self.of(*validator),
                dollars(price),
                dollars(median)
            ),
            PriceEvent::ReportFined { validator, split, .. } => format!(
                "{} is fined {} for reports far off",
                self.of(*validator),
                show(split.asset, split.taken)
            ),
            _ => return None,
        })
    }

    fn cover(&self, event: &CollateralEvent) -> String {
        let dollars = |amount: &Amount| Asset::Stable.show(*amount);
        match event {
            CollateralEvent::IntakeHalted { price, high, until } => format!(
                "a token fell to {} from {}: no jobs are assigned before {} s",
                dollars(price),
                dollars(high),
                at(*until)
            ),
            CollateralEvent::BandChanged { operator, band, owed, worth, .. } => {
                let word = match band {
                    Band::Green => "covers its open locks again and takes new jobs",
                    Band::Amber => "is thinly covered and takes no new jobs",
                    Band::Red => "is badly covered: nothing leaves its bond",
                    Band::Black => "is not covered: every draw audits it",
                };
                format!(
                    "{} {word}: {} owed, {} there",
                    self.of(*operator),
                    dollars(owed),
                    dollars(worth)
                )
            }
            CollateralEvent::AuditRaised { quoted, rate, worth, .. } => format!(
                "its lock is worth {} now: the audit draw rises from {} to {}",
                dollars(worth),
                percent(*quoted),
                percent(*rate)
            ),
        }
    }
}

/// Network time in whole seconds.
const fn at(time: Time) -> u64 {
    time.0 / 1_000
}

/// What an amendment would change.
pub(crate) fn amendment(amendment: &Amendment) -> String {
    match amendment {
        Amendment::Parameters { changes } => {
            let set = |change: &ParameterChange| format!("{} = {}", change.name, change.value);
            changes.iter().map(set).collect::<Vec<_>>().join(", ")
        }
        Amendment::Class { class } => format!(
            "class {} {:?} with {} of bond per unit",
            class.id,
            class.name,
            Asset::Stable.show(class.bond_per_unit)
        ),
        Amendment::Asset { definition } => {
            format!("{} {:?} as a new asset", definition.id, definition.symbol)
        }
        Amendment::Collateral { asset, terms } => format!(
            "{asset} as collateral at {} a unit less {}",
            Asset::Stable.show(terms.price),
            percent(terms.haircut)
        ),
    }
}

#[cfg(test)]
mod tests {
    use protocol::{AccountId, Tally};

    use super::*;

    #[test]
    fn a_vote_is_told_from_proposal_to_effect() {
        let mut names = Names::default();
        names.account(AccountId([1; 32]), "alice");
        let told = |event: GovernanceEvent| names.tell(&event.into()).expect("worth a line");
        let changes =
            vec![ParameterChange { name: "margin".into(), value: Amount::new(1_500_000) }];
        let submitted = GovernanceEvent::ProposalSubmitted {
            proposal: 7,
            proposer: AccountId([1; 32]),
            amendment: Amendment::Parameters { changes },
            deposit: Amount::new(1_000_000_000_000),
            vote_until: Time(9),
        };
        assert_eq!(
            told(submitted),
            "alice proposes, as number 7: margin = 1500000; it puts down 1,000 EARN"
        );
        let tally = Tally { approve: Amount::new(2), all: Amount::new(3), ..Tally::default() };
        assert_eq!(
            told(GovernanceEvent::ProposalTallied {
                proposal: 7,
                tally,
                outcome: Outcome::Accepted
            }),
            "proposal 7 is accepted: 66.6 % of all weight is for it"
        );
        assert_eq!(
            told(GovernanceEvent::AmendmentEnacted { proposal: 7 }),
            "proposal 7 takes effect"
        );
    }
}
