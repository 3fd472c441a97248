//! Reports of the price: sealed in one slot, opened in the next, mostly of one price that everybody sees.

use protocol::{Band, NATIVE, STABLE};

use super::{Kind, Workload};
use crate::operation::{Call, person};
use crate::rules::Oracle;
use crate::run::Run;

pub(super) const KINDS: &[Kind] = &[(90, report), (1, meddle)];

/// More than a token may be reported at.
const TOO_DEAR: u128 = 1_000_000_000_000_001;

/// Where the price goes when it moves, in percent of the governed one: it comes back, so that bonds are worth something
/// again.
const PLACES: [u128; 12] = [20, 50, 65, 75, 85, 95, 100, 100, 100, 110, 130, 300];

/// Whoever is entitled opens what it has sealed, or seals for the slot under way.
fn report(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let oracle = run.model.oracle.as_ref()?;
    let again = workload.chance.one_in(24);
    let sealed = oracle.reports.iter().filter(|((slot, _), report)| {
        *slot != oracle.slot && (again || report.commitment.is_some() && report.price.is_none())
    });
    let sealed: Vec<u8> = sealed.map(|((_, account), _)| person(*account)).collect();
    if let Some(sender) = workload.chance.any(sealed) {
        return Some(workload.unseal_price(oracle, sender));
    }
    let silent = oracle.reports.iter().filter(|((slot, _), report)| {
        *slot == oracle.slot && (again || report.commitment.is_none())
    });
    let silent = silent.map(|((_, account), _)| person(*account)).collect();
    let sender = workload.chance.any(silent)?;
    let sender = workload.mostly(sender);
    let (price, salt) = (workload.seen_price(run), workload.chance.pick(&[0, 1]));
    workload.prices.insert((oracle.slot, sender), (price, salt));
    let ahead = if workload.chance.one_in(32) { workload.chance.pick(&[-1, 1]) } else { 0 };
    Some((sender, Call::CommitPrice { ahead, price, salt }))
}

/// Anybody, for any slot, whether prices are reported or not.
fn meddle(workload: &mut Workload<'_>, _: &Run) -> Option<(u8, Call)> {
    let ahead = workload.chance.pick(&[-2, -1, 0, 1]);
    let (price, salt) = (workload.chance.pick(&[0, 1, TOO_DEAR]), 0);
    let calls =
        [Call::CommitPrice { ahead, price, salt }, Call::RevealPrice { ahead, price, salt }];
    Some((workload.anybody(), workload.chance.pick(&calls)))
}

impl Workload<'_> {
    /// What was sealed, mostly.
    fn unseal_price(&mut self, oracle: &Oracle, sender: u8) -> (u8, Call) {
        let key = (oracle.slot.saturating_sub(1), sender);
        let (price, salt) = self.prices.get(&key).copied().unwrap_or((1, 0));
        let salt = if self.chance.one_in(24) { salt + 1 } else { salt };
        let ahead = if self.chance.one_in(32) { self.chance.pick(&[-2, 0]) } else { -1 };
        (self.mostly(sender), Call::RevealPrice { ahead, price, salt })
    }

    /// A price at which the bond of somebody with open locks is at the edge of a band, or well inside of one.
    fn edge_of_a_band(&mut self, run: &Run) -> Option<u128> {
        let model = &run.model;
        let debtors = model.operators.keys().map(|one| (model.owed(*one), *one));
        let debtors = debtors.filter(|(owed, one)| *owed > 0 && model.bonded(*one, NATIVE) > 0);
        let all: Vec<_> = debtors.collect();
        let thin = all.iter().copied().filter(|(_, one)| model.thin.contains_key(one)).collect();
        let (owed, debtor) = self.chance.any(thin).or_else(|| self.chance.any(all))?;
        let amber = model.portion_ceil(owed, model.parameters.band_amber);
        let (green, black) = (owed * 2, owed * 9 / 10);
        let (in_amber, in_red) = (amber + owed / 20, owed + amber.saturating_sub(owed) / 2);
        let goal = match model.thin.get(&debtor).map(|thin| thin.band) {
            Some(Band::Amber) => self.chance.pick(&[amber, in_red, black, black, black, black]),
            Some(Band::Red) => self.chance.pick(&[owed, in_amber, in_amber, black, black]),
            Some(Band::Black) => self.chance.pick(&[green, in_amber, in_red]),
            _ => self.chance.pick(&[in_amber, in_amber, amber, in_red, owed, black]),
        };
        let in_tokens = goal.saturating_sub(model.bonded(debtor, STABLE));
        let token = 1_000_000_000;
        Some(self.chance.around(in_tokens * token / model.bonded(debtor, NATIVE)))
    }

    /// The price as somebody sees it: as it is, a little or far off, or no price at all.
    fn seen_price(&mut self, run: &Run) -> u128 {
        let (restless, edgy) = if run.model.thin.is_empty() { (4, 2) } else { (2, 1) };
        if self.price == 0 || self.chance.one_in(restless) {
            let governed = run.model.parameters.native_price.units();
            let moved = governed * self.chance.pick(&PLACES) / 100;
            let edge = if self.chance.one_in(edgy) { self.edge_of_a_band(run) } else { None };
            self.price = edge.unwrap_or(moved).clamp(1, TOO_DEAR / 4);
        }
        let (price, parameters) = (self.price, &run.model.parameters);
        let tolerated = (price * u128::from(parameters.report_tolerance.0)).div_ceil(1_000_000);
        match self.chance.below(24) {
            0 => self.chance.around(price + tolerated),
            1 => self.chance.around(price.saturating_sub(tolerated)),
            2 => price + price.div_ceil(100),
            3 => price - price / 100,
            4 => price * 3,
            5 => price.div_ceil(3),
            6 if self.chance.one_in(3) => self.chance.pick(&[0, TOO_DEAR - 1, TOO_DEAR]),
            _ => price,
        }
    }
}
