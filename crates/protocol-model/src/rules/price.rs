//! The reported price: who may report, what the reports agree on, what it counts for, and when nothing new is locked.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use protocol::{
    AccountId, Amount, CollateralEvent, Event, Hash, Intake, Place, Pot, PriceEvent, Rejection,
    Time, Why,
};

use super::books::Move;
use super::{Model, Outcome, hashed};
use crate::exact::{ppm, whole};

/// Most that a whole token may be reported at, in micro-dollars.
const PRICE_MAX: u128 = 1_000_000_000_000_000;

/// What is known of the price while validators report it.
#[derive(Clone)]
pub(crate) struct Oracle {
    /// The slot under way, and when it ends.
    pub(crate) slot: u64,
    pub(crate) until: u64,
    /// Agreed prices with the time from which they counted, as far back as the window reaches.
    pub(crate) agreed: Vec<(u64, u128)>,
    /// What collateral has counted at since the last of them.
    pub(crate) collateral: u128,
    pub(crate) halted_until: Option<u64>,
    /// Who is entitled to the slot under way and to the one before, with what was reported.
    pub(crate) reports: BTreeMap<(u64, AccountId), Reported>,
    /// Reports that were far off: epoch and validator.
    pub(crate) misses: Vec<(u64, AccountId)>,
}

/// One validator's report for one slot.
#[derive(Clone, Copy)]
pub(crate) struct Reported {
    pub(crate) weight: u128,
    pub(crate) commitment: Option<Hash>,
    pub(crate) price: Option<u128>,
}

impl Oracle {
    /// The price that counts, and since when.
    pub(crate) fn latest(&self) -> (u64, u128) {
        *self.agreed.last().expect("a reported price begins with the governed one")
    }

    /// The average over a window that ends now: each price by how long it counted.
    fn average(&self, now: u64, window: u64) -> Option<u128> {
        let began = now.saturating_sub(window);
        let ends = self.agreed.iter().skip(1).map(|(at, _)| *at).chain([now]);
        let spans = self.agreed.iter().zip(ends);
        let spans = spans.map(|((at, price), end)| (end.saturating_sub(began.max(*at)), *price));
        let spans: Vec<(u64, u128)> = spans.collect();
        let all: u128 = spans.iter().map(|(span, _)| u128::from(*span)).sum();
        let sum: u128 = spans.iter().map(|(span, price)| u128::from(*span) * price).sum();
        (all > 0).then(|| (whole(sum) / whole(all)).floor())
    }

    /// How often a validator was far off in an epoch.
    pub(crate) fn missed(&self, epoch: u64, validator: AccountId) -> u64 {
        self.misses.iter().filter(|miss| **miss == (epoch, validator)).count() as u64
    }
}

/// The seal of a price: who copies it cannot open it.
pub(crate) fn sealed_price(
    chain: protocol::ChainId,
    slot: u64,
    account: AccountId,
    salt: Hash,
    price: Amount,
) -> Hash {
    Hash(hashed("earnest price v1", &(chain, slot, account, salt, price)))
}

/// The least value that half of the weight is at or below.
fn median(values: &[(u128, u128)]) -> Option<u128> {
    let all: u128 = values.iter().map(|(_, weight)| weight).sum();
    let up_to = |limit: u128| {
        let below = values.iter().filter(|(value, _)| *value <= limit);
        below.map(|(_, weight)| weight).sum::<u128>()
    };
    let middle = values.iter().map(|(value, _)| *value).filter(|value| 2 * up_to(*value) >= all);
    middle.min()
}

impl Model {
    /// What a whole token counts for as collateral, in micro-dollars, before any haircut.
    pub(crate) fn collateral_price(&self) -> u128 {
        let governed = self.parameters.native_price.units();
        self.oracle.as_ref().map_or(governed, |oracle| oracle.collateral)
    }

    fn age_of_price(&self) -> u64 {
        self.oracle.as_ref().map_or(0, |oracle| self.now - oracle.latest().0)
    }

    /// Whether jobs are assigned in this block.
    pub(crate) fn intake(&self) -> Intake {
        let Some(oracle) = &self.oracle else { return Intake::Open };
        if self.age_of_price() > self.parameters.price_stale_ms {
            return Intake::Stale(Time(oracle.latest().0));
        }
        let halted = oracle.halted_until.filter(|until| self.now < *until);
        halted.map_or(Intake::Open, |until| Intake::Halted(Time(until)))
    }

    /// Whether the price is too old to say anything.
    pub(super) fn is_blind(&self) -> bool {
        self.age_of_price() > self.parameters.price_blind_ms
    }

    /// Begins with reports, ends them, or ends a slot and begins the next, with the first block at or after its end.
    pub(super) fn turn_slot(&mut self) {
        let reported = self.parameters.oracle_slot_ms > 0;
        match &self.oracle {
            None if reported => self.begin_reports(),
            Some(_) if !reported => {
                self.oracle = None;
                self.bonds_changed();
                let price = self.parameters.native_price;
                self.say(Event::Price(PriceEvent::PriceSourceSet { reported, price }));
            }
            Some(oracle) if self.now >= oracle.until => {
                let slot = oracle.slot;
                if slot > 0 {
                    self.close(slot - 1);
                }
                self.open_slot(slot + 1);
            }
            _ => {}
        }
    }

    fn begin_reports(&mut self) {
        let price = self.parameters.native_price;
        self.oracle = Some(Oracle {
            slot: 0,
            until: self.now,
            agreed: vec![(self.now, price.units())],
            collateral: price.units(),
            halted_until: None,
            reports: BTreeMap::new(),
            misses: Vec::new(),
        });
        self.say(Event::Price(PriceEvent::PriceSourceSet { reported: true, price }));
        self.open_slot(0);
    }

    fn reports(&mut self) -> &mut Oracle {
        self.oracle.as_mut().expect("only reported prices have slots")
    }

    /// The heaviest validators may report, with the weight they have now.
    fn open_slot(&mut self, slot: u64) {
        let mut heaviest: Vec<_> = self.seated.iter().map(|(who, w)| (Reverse(*w), *who)).collect();
        heaviest.sort();
        heaviest.truncate(usize::try_from(self.parameters.reporters_max).expect("it is small"));
        let until = self.now + self.parameters.oracle_slot_ms;
        let oracle = self.reports();
        (oracle.slot, oracle.until) = (slot, until);
        for (Reverse(weight), account) in &heaviest {
            let report = Reported { weight: *weight, commitment: None, price: None };
            oracle.reports.insert((slot, *account), report);
        }
        let validators = u32::try_from(heaviest.len()).expect("validators are few");
        self.say(Event::Price(PriceEvent::PriceSlotBegan { slot, validators, until: Time(until) }));
    }

    /// Closes the openings of a slot.
    fn close(&mut self, slot: u64) {
        let closed = self.reports().reports.extract_if(.., |(of, _), _| *of == slot);
        let closed: Vec<(AccountId, Reported)> =
            closed.map(|((_, account), report)| (account, report)).collect();
        let opened: Vec<(AccountId, u128, u128)> = closed
            .iter()
            .filter_map(|(account, report)| Some((*account, report.price?, report.weight)))
            .collect();
        let values: Vec<(u128, u128)> = opened.iter().map(|(_, price, w)| (*price, *w)).collect();
        let entitled: u128 = closed.iter().map(|(_, report)| report.weight).sum();
        let weight: u128 = values.iter().map(|(_, weight)| weight).sum();
        let enough = weight >= self.portion_ceil(entitled, self.parameters.report_quorum);
        match median(&values).filter(|_| enough) {
            Some(median) => {
                self.agree(slot, median);
                self.judge_reports(slot, median, &opened);
            }
            None => {
                let (opened, entitled) = (Amount::new(weight), Amount::new(entitled));
                self.say(Event::Price(PriceEvent::PriceNotAgreed { slot, opened, entitled }));
            }
        }
    }

    /// A rise is limited, a fall is not; collateral counts at the average of the window if that is less.
    fn agree(&mut self, slot: u64, median: u128) {
        let (now, window) = (self.now, self.parameters.price_window_ms);
        let before = self.reports().latest().1;
        let price = median.min(before + self.portion_ceil(before, self.parameters.price_rise_max));
        let oracle = self.reports();
        oracle.agreed.push((now, price));
        let began = now.saturating_sub(window);
        // Whatever another price had taken the place of before the window began is forgotten.
        let counted = oracle.agreed.iter().rposition(|(at, _)| *at <= began).unwrap_or(0);
        oracle.agreed.drain(..counted);
        let average = oracle.average(now, window).unwrap_or(price);
        let collateral = price.min(average.max(1));
        let changed = std::mem::replace(&mut oracle.collateral, collateral) != collateral;
        if changed {
            self.bonds_changed();
        }
        let [median, price, average, collateral] =
            [median, price, average, collateral].map(Amount::new);
        self.say(Event::Price(PriceEvent::PriceAgreed {
            slot,
            median,
            price,
            average,
            collateral,
        }));
        self.watch_for_a_crash();
    }

    /// Far below the high of the window nothing new is locked from now on for a time.
    fn watch_for_a_crash(&mut self) {
        let (now, parameters) = (self.now, &self.parameters);
        let (fall, until) = (parameters.breaker_fall, now + parameters.breaker_ms);
        let oracle = self.reports();
        let price = oracle.latest().1;
        let high = oracle.agreed.iter().map(|(_, price)| *price).max().unwrap_or(price);
        if price > (whole(high) * ppm(1_000_000 - fall.0)).floor() {
            return;
        }
        let halted = oracle.halted_until.replace(until).is_some_and(|until| now < until);
        if !halted {
            let (price, high) = (Amount::new(price), Amount::new(high));
            self.say(Event::Collateral(CollateralEvent::IntakeHalted {
                price,
                high,
                until: Time(until),
            }));
        }
    }

    /// Who was further off than sources are, and too often, is fined.
    fn judge_reports(&mut self, slot: u64, median_price: u128, opened: &[(AccountId, u128, u128)]) {
        let parameters = &self.parameters;
        let off = |(_, price, weight): &(_, u128, u128)| (price.abs_diff(median_price), *weight);
        let usual = median(&opened.iter().map(off).collect::<Vec<_>>()).unwrap_or(0);
        let always = self.portion_ceil(median_price, parameters.report_tolerance);
        let tolerance = always.max(usual * u128::from(parameters.report_deviations));
        // An amendment that ends reports does so before the slot that it is in.
        let slots = (parameters.epoch_ms / parameters.oracle_slot_ms).max(1);
        let allowed = self.portion_floor(slots.into(), parameters.report_allowance).units();
        let epoch = self.epoch();
        for (validator, price, _) in opened {
            if price.abs_diff(median_price) <= tolerance {
                continue;
            }
            let validator = *validator;
            self.reports().misses.push((epoch, validator));
            let count = self.reports().missed(epoch, validator);
            let [price, median, tolerance] = [*price, median_price, tolerance].map(Amount::new);
            self.say(Event::Price(PriceEvent::ReportMissed {
                slot,
                validator,
                price,
                median,
                tolerance,
                count,
            }));
            if u128::from(count) > allowed {
                self.fine(slot, validator);
            }
        }
    }

    /// A part of the whole bond of each asset, as far as no job has locked it.
    fn fine(&mut self, slot: u64, validator: AccountId) {
        let from = Place::Bond(validator);
        for asset in self.assets.keys().copied().collect::<Vec<_>>() {
            let bonded = self.bonded(validator, asset);
            if bonded == 0 {
                continue;
            }
            let due = self.portion_ceil(bonded, self.parameters.report_fine);
            let taken = due.min(self.books.held(from, asset));
            let split = self.split(asset, taken, false, 0, None);
            for (to, amount, why) in [
                (Place::Pot(Pot::Insurance), split.insurance, Why::SlashInsurance),
                (Place::Burned, split.burned, Why::SlashBurn),
            ] {
                self.shift(Move { from, to, asset, units: amount.units(), why, job: None });
            }
            self.say(Event::Price(PriceEvent::ReportFined { slot, validator, split }));
        }
        self.reconsider(validator);
        self.look_at(validator);
    }

    fn entitled(
        &self,
        me: AccountId,
        slot: u64,
        turn: impl Fn(u64) -> Option<u64>,
    ) -> Result<Reported, Rejection> {
        let oracle = self.oracle.as_ref().ok_or(Rejection::PriceIsGoverned)?;
        let expected = turn(oracle.slot);
        if expected != Some(slot) {
            return Err(Rejection::WrongSlot { expected, found: slot });
        }
        let report = oracle.reports.get(&(slot, me)).copied();
        report.ok_or(Rejection::NotEntitledToReport { slot })
    }

    pub(super) fn commit_price(&mut self, me: AccountId, slot: u64, commitment: Hash) -> Outcome {
        let report = self.entitled(me, slot, Some)?;
        if report.commitment.is_some() {
            return Err(Rejection::ReportedAlready { slot });
        }
        let report = Reported { commitment: Some(commitment), ..report };
        self.reports().reports.insert((slot, me), report);
        self.say(Event::Price(PriceEvent::PriceCommitted { slot, validator: me, commitment }));
        Ok(())
    }

    pub(super) fn reveal_price(
        &mut self,
        me: AccountId,
        slot: u64,
        price: Amount,
        salt: Hash,
    ) -> Outcome {
        let report = self.entitled(me, slot, |under_way| under_way.checked_sub(1))?;
        if report.price.is_some() {
            return Err(Rejection::ReportedAlready { slot });
        }
        if report.commitment != Some(sealed_price(self.chain, slot, me, salt, price)) {
            return Err(Rejection::CommitmentMismatch);
        }
        if price.is_zero() || price.units() > PRICE_MAX {
            return Err(Rejection::ImpossiblePrice { price, limit: Amount::new(PRICE_MAX) });
        }
        let report = Reported { price: Some(price.units()), ..report };
        self.reports().reports.insert((slot, me), report);
        self.say(Event::Price(PriceEvent::PriceRevealed { slot, validator: me, price }));
        Ok(())
    }
}
