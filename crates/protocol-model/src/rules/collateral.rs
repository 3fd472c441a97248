//! Collateral: what a bond is worth, how well it covers the open locks on it, and what follows when it does not.

use protocol::{
    AccountId, Amount, AssetId, Band, CollateralEvent, Event, JobId, NATIVE, Place, Ppm, Rejection,
    STABLE, Time,
};

use super::jobs::Attempt;
use super::{Model, Outcome};
use crate::exact::{Ratio, ppm, whole};

/// Base units of a whole native token.
const TOKEN: u128 = 1_000_000_000;

/// An operator whose bond was thin when last looked at.
#[derive(Clone, Copy)]
pub(crate) struct Thin {
    /// The band it was then in.
    pub(crate) band: Band,
    /// Last instant of the grace.
    pub(crate) until: u64,
    /// The number under which that was set, until it has been noticed that it is over.
    pub(crate) number: Option<u64>,
}

/// A pass over the operators after something that bonds depend on has changed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pass {
    /// Whom it has come to.
    pub(crate) after: Option<AccountId>,
    /// Whether it changed once more meanwhile.
    pub(crate) again: bool,
}

impl Model {
    /// Micro-dollars of one base unit of an asset as collateral: less a haircut, or all of what it is worth.
    pub(super) fn worth_of(&self, asset: AssetId, haircut: Option<Ppm>) -> Ratio {
        let kept = |least: Ppm| haircut.map_or(whole(1), |off| ppm(1_000_000 - off.max(least).0));
        match (asset, self.admitted.get(&asset)) {
            (STABLE, _) => whole(1),
            (NATIVE, _) => whole(self.collateral_price()) / whole(TOKEN) * kept(Ppm(0)),
            (_, Some(terms)) => {
                let decimals = u32::from(self.assets[&asset].decimals);
                whole(terms.price.units()) / whole(10_u128.pow(decimals)) * kept(terms.haircut)
            }
            (_, None) => whole(0),
        }
    }

    /// What so much of every asset is worth, each rounded down.
    fn worth(&self, haircut: Option<Ppm>, held: impl Fn(AssetId) -> u128) -> u128 {
        let assets = self.assets.keys();
        assets.map(|asset| (whole(held(*asset)) * self.worth_of(*asset, haircut)).floor()).sum()
    }

    /// What an operator's bond is worth with nothing taken off.
    pub(crate) fn full_worth(&self, operator: AccountId) -> u128 {
        self.worth(None, |asset| self.bonded(operator, asset))
    }

    /// What so much of every asset counts for as a bond.
    pub(super) fn value(&self, held: impl Fn(AssetId) -> u128) -> u128 {
        self.worth(Some(self.parameters.native_haircut), held)
    }

    /// The longest time from an assignment of a job to the last conviction for it.
    pub(super) fn exposure(&self, run_ms: u64) -> u128 {
        longest_exposure(&self.parameters, run_ms)
    }

    /// What is taken off native that is locked for a job: the longer it can stay locked, the more.
    pub(super) fn haircut(&self, run_ms: u64) -> Ppm {
        let (parameters, exposure) = (&self.parameters, self.exposure(run_ms));
        if exposure <= parameters.exposure_short_ms.into() {
            parameters.native_haircut
        } else if exposure <= parameters.exposure_day_ms.into() {
            parameters.native_haircut_day
        } else if exposure <= parameters.exposure_long_ms.into() {
            parameters.native_haircut_long
        } else {
            parameters.native_haircut_longest
        }
    }

    /// Whether so much more of an asset may be bonded.
    pub(super) fn admits_more(&self, asset: AssetId, units: u128) -> Outcome {
        if [NATIVE, STABLE].contains(&asset) {
            return Ok(());
        }
        let cap = self.admitted.get(&asset).ok_or(Rejection::NotCollateral { asset })?.cap;
        let bonded = self.staked(asset);
        if bonded + units > cap.units() {
            let bonded = Amount::new(bonded);
            return Err(Rejection::CollateralCap { asset, bonded, cap });
        }
        Ok(())
    }

    /// What an operator owes: the sum of its open locks.
    pub(crate) fn owed(&self, operator: AccountId) -> u128 {
        let debts = self.debts.iter().filter(|((debtor, _), _)| *debtor == operator);
        debts.map(|(_, value)| value).sum()
    }

    /// A lock is owed no longer.
    pub(super) fn forgive(&mut self, operator: AccountId, job: JobId) {
        if self.debts.remove(&(operator, job)).is_some() {
            self.look_at(operator);
        }
    }

    /// The band of an operator in this block.
    pub(crate) fn band(&self, operator: AccountId) -> Band {
        self.band_with(operator, |asset| self.bonded(operator, asset))
    }

    /// The band it would be in with so much of every asset as its bond.
    fn band_with(&self, operator: AccountId, held: impl Fn(AssetId) -> u128) -> Band {
        let owed = self.owed(operator);
        let (lockable, worth) = (self.value(&held), self.worth(None, &held));
        let over = self.thin.get(&operator).is_some_and(|thin| self.now > thin.until);
        if lockable >= owed {
            Band::Green
        } else if worth < owed {
            Band::Black
        } else if over || worth < self.portion_ceil(owed, self.parameters.band_amber) {
            Band::Red
        } else {
            Band::Amber
        }
    }

    /// An exit never leads into red.
    pub(super) fn stays_covered(
        &self,
        operator: AccountId,
        stays: impl Fn(AssetId) -> u128,
    ) -> Outcome {
        if [Band::Green, Band::Amber].contains(&self.band_with(operator, &stays)) {
            return Ok(());
        }
        let owed = Amount::new(self.owed(operator));
        let worth = Amount::new(self.worth(None, stays));
        Err(Rejection::CollateralThin { owed, worth })
    }

    /// What an operator can lock for one job more that may run for so long.
    pub(crate) fn lockable(&self, operator: AccountId, run_ms: u64) -> u128 {
        let free = |asset| self.books.held(Place::Bond(operator), asset);
        let uncovered = self.bond_value(operator).saturating_sub(self.owed(operator));
        self.worth(Some(self.haircut(run_ms)), free).min(uncovered)
    }

    /// Looks at how well a bond covers what is owed, and says so if that is not as it was. Who leaves green has a margin
    /// call, who comes back to it has none.
    pub(super) fn look_at(&mut self, operator: AccountId) {
        let (seen, band) = (self.thin.get(&operator).copied(), self.band(operator));
        let before = seen.map_or(Band::Green, |thin| thin.band);
        if band == before {
            return;
        }
        let thin = seen.unwrap_or_else(|| Thin {
            band,
            until: self.now + self.parameters.margin_call_ms,
            number: Some(self.number()),
        });
        if band == Band::Green {
            self.thin.remove(&operator);
        } else {
            self.thin.insert(operator, Thin { band, ..thin });
        }
        let held = |asset| self.bonded(operator, asset);
        let [owed, worth, lockable] =
            [self.owed(operator), self.worth(None, held), self.value(held)].map(Amount::new);
        let grace_until = (band != Band::Green).then_some(Time(thin.until));
        self.say(Event::Collateral(CollateralEvent::BandChanged {
            operator,
            before,
            band,
            owed,
            worth,
            lockable,
            grace_until,
        }));
    }

    /// Amber counts as red from now on.
    pub(super) fn grace_is_over(&mut self, operator: AccountId) {
        let thin = self.thin.get_mut(&operator).expect("only who is thin has a margin call");
        thin.number = None;
        self.look_at(operator);
    }

    /// Something that all bonds depend on has changed.
    pub(super) fn bonds_changed(&mut self) {
        match &mut self.pass {
            Some(pass) => pass.again = true,
            None => self.pass = Some(Pass::default()),
        }
    }

    /// Looks at so many operators, on behind those of the block before.
    pub(super) fn go_on_with_pass(&mut self) {
        let Some(Pass { after, again }) = self.pass else { return };
        let most = usize::try_from(self.parameters.reviews_per_block).expect("it is small");
        let left = self.operators.keys().copied().filter(|one| after.is_none_or(|at| *one > at));
        let turn: Vec<AccountId> = left.take(most).collect();
        for operator in &turn {
            self.reconsider(*operator);
            self.look_at(*operator);
        }
        // Whoever did all that a block may has not seen the end.
        self.pass = match turn.last() {
            Some(last) if turn.len() == most => Some(Pass { after: Some(*last), again }),
            _ => again.then(Pass::default),
        };
    }

    /// What an attempt's lock is worth at its draw; the stable part alone when the price says nothing any more.
    pub(super) fn lock_worth(&self, attempt: &Attempt) -> u128 {
        let of = |asset| attempt.locked.get(&asset).copied().unwrap_or(0);
        let stable_alone = |asset| if asset == STABLE { of(asset) } else { 0 };
        if self.is_blind() { self.worth(None, stable_alone) } else { self.worth(None, of) }
    }

    /// The rate of a draw: `min(1, m (G + B) / (delta (p + S - bounty)))` for what the lock is worth now, at least what was
    /// quoted, and the whole for a black bond.
    pub(super) fn rate_of_draw(&self, attempt: &Attempt) -> Ppm {
        if self.band(attempt.provider) == Band::Black {
            return Ppm(1_000_000);
        }
        let (quote, worth) = (&attempt.quote, self.lock_worth(attempt));
        let lost = worth - self.portion_floor(worth, quote.bounty_max).units();
        let stake = whole(quote.price.units() + lost) * ppm(quote.detection.0);
        let gain = whole(quote.saving.units() + quote.harm.units()) * ppm(quote.margin.0);
        let needed = match (quote.saving.units() + quote.harm.units(), quote.price.units() + lost) {
            (0, _) => 0,
            (_, 0) => 1_000_000,
            _ => (gain / stake * whole(1_000_000)).ceil().min(1_000_000),
        };
        quote.audit_rate.max(Ppm(u32::try_from(needed).expect("at most the whole")))
    }
}

/// Run, all stops for input, every auditor's turn with the run again, both reveals, the window, twice the time to take evidence,
/// and every demand in a row with its answer and the time left after it.
pub(super) fn longest_exposure(parameters: &protocol::Parameters, run_ms: u64) -> u128 {
    let wide = u128::from;
    let answer = wide(parameters.answer_ms);
    let run = wide(run_ms) + u128::from(parameters.input_demands_max) * answer;
    let turn = run + wide(parameters.audit_commit_ms);
    let reveals = wide(parameters.reveal_ms) + wide(parameters.audit_reveal_ms);
    let demand = answer + wide(parameters.after_answer_ms);
    let demands = u128::from(parameters.late_demands_max) + 1;
    let auditors = u128::from(parameters.auditors_max);
    run + auditors * turn
        + reveals
        + wide(parameters.challenge_ms)
        + 2 * wide(run_ms)
        + demands * demand
}
