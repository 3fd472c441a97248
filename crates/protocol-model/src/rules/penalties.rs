//! Penalties: what a fault costs and who gets it.

use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, AssetId, Event, Fault, JobId, NATIVE, OperatorStatus, PenaltyEvent, Place,
    Pot, Ppm, Split, Time, Why,
};

use super::Model;
use super::books::Move;
use super::operators::{Deed, Offence};
use crate::exact::{Ratio, ppm, whole};

/// A slash: whose, for what, in which job if any; who proved it; who is the victim and of how much.
#[derive(Clone, Copy)]
pub(super) struct Slash {
    pub(super) operator: AccountId,
    pub(super) fault: Fault,
    pub(super) job: Option<JobId>,
    pub(super) accuser: Option<AccountId>,
    pub(super) victim: Option<(AccountId, u128)>,
    /// Burned share and bounty that the lock was computed with, if it is a provider's.
    pub(super) shares: Option<(Ppm, Ppm)>,
    /// What a fallback is to have, in micro-dollars; where there is a victim, nothing.
    pub(super) premium: u128,
}

impl Model {
    /// Says who is at fault, and marks an operator's record.
    pub(super) fn fault(
        &mut self,
        account: AccountId,
        fault: Fault,
        job: JobId,
        accuser: Option<AccountId>,
    ) {
        self.say(Event::Penalty(PenaltyEvent::Faulted { account, fault, job, accuser }));
        if self.operators.contains_key(&account) {
            self.note(account, Deed::Fault);
        }
    }

    pub(super) fn jail(&mut self, operator: AccountId, fault: Fault) {
        self.jail_for(operator, fault, self.parameters.jail_ms);
    }

    /// The longer of two terms is served.
    pub(super) fn jail_for(&mut self, operator: AccountId, fault: Fault, ms: u64) {
        if self.status(&self.operators[&operator]) == OperatorStatus::Tombstoned {
            return;
        }
        let until = self.operators[&operator].jailed.unwrap_or(0).max(self.now + ms);
        self.operator_mut(operator).jailed = Some(until);
        self.forfeit(operator);
        self.reconsider(operator);
        self.say(Event::Penalty(PenaltyEvent::Jailed { operator, fault, until: Time(until) }));
    }

    /// A wrong, unrevealed or withheld result of a job, committed at `since`.
    pub(super) fn convict(&mut self, job: JobId, slash: Slash, since: u64) {
        let Slash { operator, fault, accuser, .. } = slash;
        self.fault(operator, fault, job, accuser);
        let repeated = self.operators[&operator].offence.is_some();
        let everything = self.all_bonds();
        self.remember_offence(operator, since);
        self.slash(slash, Place::Lock(operator, job), whole(1));
        if repeated {
            self.slash_again(operator, job, since, everything);
        }
        self.note(operator, Deed::Convicted);
        let convictions = self.operators[&operator].count(Deed::Convicted);
        if convictions >= self.parameters.convictions_max.into() {
            self.forfeit(operator);
            self.reconsider(operator);
            let convictions = u32::try_from(convictions).expect("histories are short");
            self.say(Event::Penalty(PenaltyEvent::Tombstoned { operator, convictions }));
        } else {
            self.jail(operator, fault);
        }
    }

    /// Value of everything bonded, locked, delegated or leaving, of everybody.
    pub(super) fn all_bonds(&self) -> u128 {
        let others = |place| matches!(place, Place::Pool(_) | Place::Leaving(..));
        self.value(|asset| self.staked(asset) + self.sum_of(asset, others))
    }

    /// Units of an asset that are bonded, locked or leaving, of everybody.
    pub(super) fn staked(&self, asset: AssetId) -> u128 {
        let staked = |place| matches!(place, Place::Bond(_) | Place::Lock(..) | Place::Exit(..));
        self.sum_of(asset, staked)
    }

    /// Units of an asset in places of some kind.
    fn sum_of(&self, asset: AssetId, counts: impl Fn(Place) -> bool) -> u128 {
        let all = self.books.iter().filter(|(place, held, _)| *held == asset && counts(*place));
        all.map(|(.., units)| units).sum()
    }

    /// Exits that began after a fault and are not over answer for it.
    pub(super) fn answering(&self, operator: AccountId, since: u64) -> Vec<(u64, AssetId)> {
        let exits = self.exits_of(operator).into_iter();
        let answers = exits.filter(|(_, exit)| exit.began >= since && self.now <= exit.release);
        answers.map(|(number, exit)| (number, exit.asset)).collect()
    }

    /// The offender's stake counts once, with the largest it had, until the window has passed since its last offence.
    fn remember_offence(&mut self, operator: AccountId, since: u64) {
        let answering = self.answering(operator, since);
        let stake = |asset| {
            let exits = answering.iter().filter(|(_, leaving)| *leaving == asset);
            let leaving =
                exits.map(|(exit, _)| self.books.held(Place::Exit(operator, *exit), asset));
            let delegated = if asset == NATIVE {
                self.delegated_answering(operator, (since, self.now))
            } else {
                0
            };
            self.bonded(operator, asset) + leaving.sum::<u128>() + delegated
        };
        let stake = self.value(stake);
        let before = self.operators[&operator].offence.map_or(0, |offence| offence.stake);
        let until = self.now + self.parameters.correlation_ms;
        let number = self.number();
        let offence = Offence { until, number, stake: stake.max(before) };
        self.operator_mut(operator).offence = Some(offence);
    }

    /// Stake of everybody whose conviction still counts.
    pub(crate) fn offending(&self) -> u128 {
        let offences = self.operators.values().filter_map(|operator| operator.offence);
        offences.map(|offence| offence.stake).sum()
    }

    /// A conviction while an earlier one counts: part of the free bond, of the exits that answer, and of what others
    /// delegated.
    fn slash_again(&mut self, operator: AccountId, job: JobId, since: u64, total: u128) {
        let offending = self.offending();
        let rate = correlated(self.parameters.correlated_base, offending, total);
        let (offending, total) = (Amount::new(offending), Amount::new(total));
        self.say(Event::Penalty(PenaltyEvent::Correlated { operator, offending, total, rate }));
        let fault = Fault::Repeated;
        let job = Some(job);
        let slash =
            Slash { operator, fault, job, accuser: None, victim: None, shares: None, premium: 0 };
        let exits = self.answering(operator, since);
        self.slash(slash, Place::Bond(operator), ppm(rate.0));
        for (exit, _) in exits {
            self.slash(slash, Place::Exit(operator, exit), ppm(rate.0));
        }
        self.slash_delegated(slash, (since, self.now), ppm(rate.0));
    }

    /// A fault outside any job: a part of all that is bonded, locked or not, out of what is free; the same part of
    /// the exits that answer. Nobody accuses and nobody is a victim.
    pub(super) fn slash_duty(
        &mut self,
        operator: AccountId,
        fault: Fault,
        part: Ratio,
        since: u64,
    ) {
        let slash = Slash {
            operator,
            fault,
            job: None,
            accuser: None,
            victim: None,
            shares: None,
            premium: 0,
        };
        self.slash_of_bond(slash, part);
        for (exit, _) in self.answering(operator, since) {
            self.slash(slash, Place::Exit(operator, exit), part);
        }
    }

    /// Takes a part of all that is bonded, locked or not, out of what is free.
    pub(super) fn slash_of_bond(&mut self, slash: Slash, part: Ratio) {
        let operator = slash.operator;
        let assets = self.assets.keys();
        let bonded = assets.map(|asset| (*asset, self.bonded(operator, *asset)));
        let bonded: BTreeMap<AssetId, u128> = bonded.collect();
        let owed = |asset, _| (whole(bonded[&asset]) * part).ceil();
        self.take_owed(slash, Place::Bond(operator), owed);
    }

    /// Takes a part of everything in a place and divides it.
    pub(super) fn slash(&mut self, slash: Slash, from: Place, part: Ratio) {
        self.take_owed(slash, from, |_, held| (whole(held) * part).ceil());
    }

    /// Takes what is owed of each asset in a place as far as it is there, the last of the assets first, and divides it.
    pub(super) fn take_owed(
        &mut self,
        slash: Slash,
        from: Place,
        owed: impl Fn(AssetId, u128) -> u128,
    ) {
        let mut claim = slash.victim.map_or(0, |(_, claim)| claim) + slash.premium;
        for (asset, held) in self.books.of(from).into_iter().rev() {
            let price = self.worth_of(asset, None);
            let taken = owed(asset, held).min(held);
            let wanted = (whole(claim) / price).floor();
            let mut split = self.split(asset, taken, slash.accuser.is_some(), wanted, slash.shares);
            claim = claim.saturating_sub((whole(split.victim.units()) * price).ceil());
            if slash.victim.is_none() {
                (split.victim, split.premium) = (Amount::ZERO, split.victim);
            }
            self.hand_out(slash, from, &split);
            let Slash { operator, fault, job, .. } = slash;
            self.say(match job {
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
        self.reconsider(slash.operator);
        match from {
            // What is slashed of a lock is owed no longer.
            Place::Lock(operator, job) => self.reduce(operator, job),
            _ => self.look_at(slash.operator),
        }
    }

    /// Bounty, victim, insurance, in this order, out of what need not burn; the rest burns.
    pub(super) fn split(
        &self,
        asset: AssetId,
        taken: u128,
        proven: bool,
        claim: u128,
        promised: Option<(Ppm, Ppm)>,
    ) -> Split {
        let parameters = &self.parameters;
        let (burn, bounty) = promised.unwrap_or((parameters.burn_min, parameters.bounty_max));
        let mut payable = taken - (whole(taken) * ppm(burn.0)).ceil();
        let mut pay = |wanted: u128| {
            let paid = wanted.min(payable);
            payable -= paid;
            Amount::new(paid)
        };
        let share = |rate: Ppm| (whole(taken) * ppm(rate.0)).floor();
        let bounty = pay(if proven { share(bounty) } else { 0 });
        let victim = pay(claim);
        let insurance = pay(share(parameters.insurance_slash_share));
        let paid = bounty.units() + victim.units() + insurance.units();
        let (taken, burned) = (Amount::new(taken), Amount::new(taken - paid));
        Split { asset, taken, bounty, victim, premium: Amount::ZERO, insurance, burned }
    }

    fn hand_out(&mut self, slash: Slash, from: Place, split: &Split) {
        let Slash { job, accuser, victim, .. } = slash;
        let mut pay = |to: Place, amount: Amount, why| {
            let (asset, units) = (split.asset, amount.units());
            self.shift(Move { from, to, asset, units, why, job });
        };
        if let Some(accuser) = accuser {
            pay(Place::Account(accuser), split.bounty, Why::SlashBounty);
        }
        if let Some((victim, _)) = victim {
            pay(Place::Account(victim), split.victim, Why::SlashVictim);
        }
        if let Some(job) = job {
            pay(Place::Premium(job), split.premium, Why::SlashPremium);
        }
        pay(Place::Pot(Pot::Insurance), split.insurance, Why::SlashInsurance);
        pay(Place::Burned, split.burned, Why::SlashBurn);
    }
}

/// `base + (1 - base) min(1, 3X/T)^2` in parts per million: the ratio rounded up, everything else down.
pub(super) fn correlated(base: Ppm, offending: u128, total: u128) -> Ppm {
    let million = 1_000_000;
    let ratio = if total == 0 {
        million
    } else {
        (whole(offending) * whole(3 * million) / whole(total)).ceil().min(million)
    };
    let squared = (whole(ratio) * whole(ratio) / whole(million)).floor();
    let above = (whole(million - u128::from(base.0)) * whole(squared) / whole(million)).floor();
    let rate = u32::try_from(u128::from(base.0) + above).expect("a rate is at most the whole");
    assert_close_to_the_formula(base, ratio, rate);
    Ppm(rate)
}

/// Rounding three times may cost three parts in a million, never more.
fn assert_close_to_the_formula(base: Ppm, ratio: u128, rate: u32) {
    let square = whole(ratio * ratio) / whole(1_000_000_000_000);
    let rest = whole(u128::from(1_000_000 - base.0)) * square;
    let exact = u128::from(base.0) + rest.floor();
    let off = exact.abs_diff(rate.into());
    assert!(off <= 2, "the rate is {rate}, the formula says {exact}");
}
