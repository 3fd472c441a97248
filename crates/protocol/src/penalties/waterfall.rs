//! Dividing what is slashed.

use std::sync::Arc;

use crate::bonds::Haircut;
use crate::books::{Movement, Place, Pot, Why};
use crate::event::{Event, Fault, PenaltyEvent, Split};
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, AssetId, JobId, Ppm};
use crate::step::Step;

/// Divides `taken` units of one asset: bounty, then the victim's claim, then insurance, and the rest burned. Payouts
/// round down and together never pass `taken - ceil(taken * burn_min)`, so whoever pays himself loses.
pub fn split(
    parameters: &Parameters,
    asset: AssetId,
    taken: Amount,
    bounty: bool,
    claim: Amount,
) -> Split {
    let payable = taken.minus(taken.portion_ceil(parameters.burn_min));
    let wanted = if bounty { taken.portion_floor(parameters.bounty_max) } else { Amount::ZERO };
    let bounty = wanted.min(payable);
    let victim = claim.min(payable.minus(bounty));
    let left = payable.minus(bounty).minus(victim);
    let insurance = taken.portion_floor(parameters.insurance_slash_share).min(left);
    let burned = taken.minus(bounty).minus(victim).minus(insurance);
    Split { asset, taken, bounty, victim, premium: Amount::ZERO, insurance, burned }
}

impl Split {
    /// The same with what a claim got set aside for a fallback.
    fn as_premium(self) -> Self {
        Self { victim: Amount::ZERO, premium: self.victim, ..self }
    }
}

/// Who is paid out of a slash.
#[derive(Clone, Copy, Default)]
pub(crate) struct Terms {
    /// Whoever proved the fault.
    pub(crate) accuser: Option<AccountId>,
    /// The requester and its insured value in micro-dollars.
    pub(crate) victim: Option<(AccountId, Amount)>,
    /// The fallback's premium in micro-dollars, in the victim's place: a missed deadline has none.
    pub(crate) premium: Amount,
    /// Burned share and bounty that the lock was computed with, if it was: what was insured then stays insured.
    pub(crate) shares: Option<(Ppm, Ppm)>,
    /// What a lock is still for after the slash, in micro-dollars: nothing, save where the work goes on.
    pub(crate) left: Amount,
}

/// A part of what a place holds.
#[derive(Clone, Copy)]
pub(crate) enum Cut {
    /// All of it.
    Whole,
    /// `numerator / denominator` of it, rounded up, at most all.
    Part(u128, u128),
    /// `numerator / denominator` of the operator's whole bond, locked slices included, rounded up, at most all it holds.
    OfBond(u128, u128),
}

impl Cut {
    /// How much of what is held, of so much bonded.
    pub(crate) fn of(self, held: Amount, bonded: Amount) -> Amount {
        let (base, numerator, denominator) = match self {
            Self::Whole => return held,
            Self::Part(_, 0) | Self::OfBond(_, 0) => return Amount::ZERO,
            Self::Part(numerator, denominator) => (held, numerator, denominator),
            Self::OfBond(numerator, denominator) => (bonded, numerator, denominator),
        };
        base.scaled_ceil(numerator, denominator).min(held)
    }
}

impl Step<'_> {
    /// Takes a cut of every asset in a place of an operator's bond, for a job or for none, and divides it. The victim's claim is
    /// met from assets in reverse order of number, so stable before native, at collateral prices without haircut.
    pub(crate) fn slash(
        &mut self,
        (operator, fault, job): (AccountId, Fault, impl Into<Option<JobId>>),
        from: Place,
        cut: Cut,
        terms: Terms,
    ) {
        let (mut parameters, job) = (self.parameters(), job.into());
        if let Some((burn_min, bounty_max)) = terms.shares {
            let parameters = Arc::make_mut(&mut parameters);
            (parameters.burn_min, parameters.bounty_max) = (burn_min, bounty_max);
        }
        let mut claim = terms.victim.map_or(terms.premium, |(_, claim)| claim);
        for (asset, held) in self.state.slices(from).into_iter().rev() {
            let valuation = self.state.valuation(asset, Haircut::None);
            let in_asset =
                valuation.map_or(Amount::ZERO, |asset| asset.units_within_floor(held, claim));
            let bonded = self.state.operator(operator).map(|record| record.bonded.of(asset));
            let taken = cut.of(held, bonded.unwrap_or_default());
            let split = split(&parameters, asset, taken, terms.accuser.is_some(), in_asset);
            let paid = valuation.map_or(Amount::ZERO, |asset| asset.worth_ceil(split.victim));
            claim = claim.saturating_sub(paid);
            let split = if terms.victim.is_some() { split } else { split.as_premium() };
            self.pay_out(from, job, &split, terms);
            if !matches!(from, Place::Exit(..)) {
                self.operator_mut(operator).bonded.take(asset, split.taken);
            }
            self.emit(match job {
                Some(job) => Event::Penalty(PenaltyEvent::Slashed {
                    operator,
                    fault,
                    job,
                    from,
                    split: split.into(),
                }),
                None => Event::Penalty(PenaltyEvent::BondSlashed {
                    operator,
                    fault,
                    from,
                    split: split.into(),
                }),
            });
        }
        self.state.reweigh(operator);
        match from {
            // What is slashed of a lock is owed no longer: else its own slash would look like a thin bond.
            Place::Lock(_, job) => self.reduce_debt(operator, job, terms.left),
            _ => self.review(operator),
        }
    }

    fn pay_out(&mut self, from: Place, job: Option<JobId>, split: &Split, terms: Terms) {
        let account = |account: Option<AccountId>| account.map_or(Place::Burned, Place::Account);
        let parts = [
            (account(terms.accuser), split.bounty, Why::SlashBounty),
            (account(terms.victim.map(|(victim, _)| victim)), split.victim, Why::SlashVictim),
            (job.map_or(Place::Burned, Place::Premium), split.premium, Why::SlashPremium),
            (Place::Pot(Pot::Insurance), split.insurance, Why::SlashInsurance),
            (Place::Burned, split.burned, Why::SlashBurn),
        ];
        for (to, amount, why) in parts {
            self.shift(Movement { from, to, asset: split.asset, amount, why, job });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::STABLE;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_split_is_exact_and_never_pays_out_what_must_burn(taken in 0..1_u128 << 96, claim in 0..1_u128 << 96, bounty: bool) {
            let parameters = Parameters::default();
            let split = split(&parameters, STABLE, Amount::new(taken), bounty, Amount::new(claim));
            let paid = split.bounty.plus(split.victim).plus(split.insurance);
            prop_assert_eq!(paid.plus(split.burned), split.taken);
            prop_assert!(split.burned >= split.taken.portion_ceil(parameters.burn_min));
            prop_assert!(split.bounty <= split.taken.portion_floor(parameters.bounty_max));
            prop_assert!(split.victim.units() <= claim);
            let payable = split.taken.minus(split.taken.portion_ceil(parameters.burn_min));
            let whole = split.victim.units() == claim;
            prop_assert!(whole || split.bounty.plus(split.victim) == payable, "nothing is left that may be paid out");
        }
    }

    #[test]
    fn a_slash_of_one_unit_takes_it() {
        let split = split(&Parameters::default(), STABLE, Amount::new(1), true, Amount::new(1));
        assert_eq!(split.burned, Amount::new(1));
        assert_eq!(Cut::Part(1, 1_000_000_000).of(Amount::new(1), Amount::ZERO), Amount::new(1));
    }

    #[test]
    fn a_cut_of_the_bond_counts_locked_slices_and_takes_what_is_free() {
        let of = |held, bonded| Cut::OfBond(1, 10).of(Amount::new(held), Amount::new(bonded));
        assert_eq!(of(1_000, 1_001), Amount::new(101));
        assert_eq!(of(100, 1_001), Amount::new(100));
        assert_eq!(of(0, 1_001), Amount::ZERO);
    }
}
