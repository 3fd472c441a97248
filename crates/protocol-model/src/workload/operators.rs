//! Registration, duties, owners, bonds, exits, offers, jail.

use protocol::{Band, NATIVE, Place, STABLE};

use super::{COLD, Kind, PROVIDERS, VALIDATORS, Workload};
use crate::operation::{Call, account, person};
use crate::run::Run;
use crate::setup::{DOLLAR, TOKEN};

pub(super) const KINDS: &[Kind] = &[
    (1, register),
    (1, duties),
    (1, nominate),
    (1, accept),
    (6, bond),
    (5, unbond),
    (2, cancel_exit),
    (10, offer),
    (10, unjail),
    (40, rescue),
];

fn register(workload: &mut Workload<'_>, _: &Run) -> Option<(u8, Call)> {
    let (provider, validator) = (workload.chance.one_in(2), workload.chance.one_in(2));
    Some((workload.anybody(), Call::RegisterOperator { provider, validator }))
}

fn duties(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let operator = workload.operator(run)?;
    let provider = PROVIDERS.contains(&operator) != workload.chance.one_in(8);
    let validator = VALIDATORS.contains(&operator) != workload.chance.one_in(4);
    Some((workload.mostly(operator), Call::SetDuties { provider, validator }))
}

fn nominate(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let operator = workload.operator(run)?;
    let owner = if workload.chance.one_in(3) { workload.anybody() } else { COLD };
    let current = person(run.model.owner(account(operator)));
    Some((workload.mostly(current), Call::NominateOwner { operator, owner }))
}

fn accept(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let named = run.model.operators.iter();
    let named = named.filter_map(|(account, one)| Some((person(*account), person(one.nominee?))));
    let (operator, nominee) = workload.chance.any(named.collect())?;
    let operator = workload.mostly(operator);
    Some((workload.mostly(nominee), Call::AcceptOwnership { operator }))
}

fn bond(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let operator = workload.operator(run)?;
    let owner = person(run.model.owner(account(operator)));
    let sender = workload.chance.pick(&[operator, owner]);
    let sender = workload.mostly(sender);
    let asset = workload.chance.pick(&[0, 1, 1, 1, 2]);
    let small = workload.chance.one_in(4) || asset == TOKEN.0;
    let dollars = u128::from(workload.chance.below(1_000)) * DOLLAR;
    let units = if small { workload.units(run, sender, asset) } else { dollars + 1 };
    Some((sender, Call::Bond { operator: workload.mostly(operator), asset, units }))
}

/// Whoever has a thin bond adds to it, or tries to get away.
fn rescue(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let thin = run.model.thin.keys().map(|account| person(*account)).collect();
    let operator = workload.chance.any(thin)?;
    let free = run.model.books.held(Place::Bond(account(operator)), NATIVE);
    if workload.chance.one_in(3) && free > 0 {
        let owner = person(run.model.owner(account(operator)));
        let units = workload.chance.pick(&[1, 1 + free / 50, free]);
        return Some((owner, Call::Unbond { operator, asset: NATIVE.0, units }));
    }
    let units = workload.what_it_lacks(run, operator);
    Some((operator, Call::Bond { operator, asset: STABLE.0, units }))
}

fn unbond(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let operator = workload.operator(run)?;
    let owner = person(run.model.owner(account(operator)));
    let asset = workload.chance.pick(&[NATIVE, NATIVE, STABLE, STABLE, TOKEN]);
    let free = run.model.books.held(Place::Bond(account(operator)), asset);
    let units = match workload.chance.below(6) {
        0 => workload.chance.around(free),
        1 => workload.all_but_required(run, operator),
        2 => free / 2,
        _ => 1 + free / 50,
    };
    let call = Call::Unbond { operator, asset: asset.0, units };
    Some((workload.mostly(owner), call))
}

fn cancel_exit(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let leaving = run.model.exits.values().map(|exit| person(exit.operator)).collect();
    let operator = workload.chance.any(leaving)?;
    let owner = person(run.model.owner(account(operator)));
    let nth = workload.chance.pick(&[0, 0, 0, 1, 9]);
    Some((workload.mostly(owner), Call::CancelExit { operator, nth }))
}

fn offer(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let sender = workload.chance.pick(&PROVIDERS);
    let sender = workload.mostly(sender);
    let usual = workload.usual_class();
    let usual = [usual, usual, usual, usual, usual, 0, 1, 2, 2, 3, 4, 7];
    let class = workload.chance.pick(&usual);
    let units = workload.chance.pick(&[1, 1, 2, 2, 3, 4, 0, 6, 7]);
    let ask_max = run.model.parameters.ask_max.units();
    let edge = workload.chance.one_in(12);
    let ask =
        if edge { workload.chance.pick(&[0, 1, ask_max, ask_max + 1]) } else { workload.ask() };
    Some((sender, Call::SetOffer { class, units, ask }))
}

/// Whoever is in jail, mostly; it comes too early, too late, or in vain by itself.
pub(super) fn unjail(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let early = workload.chance.one_in(8);
    let jailed = run
        .model
        .operators
        .iter()
        .filter(|(_, one)| one.jailed.is_some_and(|until| until <= run.model.now || early));
    let jailed = jailed.map(|(account, _)| person(*account)).collect();
    let anybody = if early { workload.operator(run) } else { None };
    let sender = workload.chance.any(jailed).or(anybody)?;
    Some((workload.mostly(sender), Call::Unjail))
}

impl Workload<'_> {
    /// Few different asks, so that there are ties.
    fn ask(&mut self) -> u128 {
        self.chance.pick(&[DOLLAR, DOLLAR, DOLLAR + 1, 2 * DOLLAR, 333_333])
    }

    /// Stable units that bring a thin bond to what is owed, or a little further.
    fn what_it_lacks(&mut self, run: &Run, operator: u8) -> u128 {
        let account = account(operator);
        let (owed, worth) = (run.model.owed(account), run.model.full_worth(account));
        let amber = run.model.portion_ceil(owed, run.model.parameters.band_amber);
        let goal = match run.model.band(account) {
            Band::Red => self.chance.pick(&[amber, amber, amber + owed / 50]),
            _ => self.chance.pick(&[owed, owed + amber.saturating_sub(owed) / 2, amber, amber, 0]),
        };
        self.chance.around(goal.saturating_sub(worth)).max(1)
    }

    /// Stable units that leave exactly what duties and offers need, or one less or more.
    fn all_but_required(&mut self, run: &Run, operator: u8) -> u128 {
        let account = account(operator);
        let record = &run.model.operators[&account];
        let required = run.model.required_bond(account, record);
        self.chance.around(run.model.bond_value(account).saturating_sub(required))
    }

    /// What somebody bonds at first: next to nothing stable, so that everything hangs on the price; or so many dollars
    /// and some tokens.
    fn first_bond(&mut self, dollars: &[u128]) -> (u128, u128) {
        let (priced, chance) = (self.priced, &mut self.chance);
        let token = 1_000_000_000;
        if priced || chance.one_in(6) {
            return (1, chance.pick(&[150, 400, 400, 3_000]) * token);
        }
        let native = chance.pick(&[1, token, 400 * token]);
        (chance.pick(dollars) * DOLLAR, native)
    }

    /// How a provider begins.
    pub(super) fn provider(&mut self, operator: u8) -> Vec<(u8, Call)> {
        let (validator, units) = (false, self.chance.pick(&[1, 2, 4]));
        let (stable, native) = self.first_bond(&[600, 2_000, 20_000]);
        [
            Call::RegisterOperator { provider: true, validator },
            Call::Bond { operator, asset: 1, units: stable },
            Call::Bond { operator, asset: 0, units: native },
            Call::SetOffer { class: self.usual_class(), units, ask: self.ask() },
        ]
        .map(|call| (operator, call))
        .into()
    }

    /// How a validator begins; one that is a provider already adds the duty.
    pub(super) fn validator(&mut self, operator: u8) -> Vec<(u8, Call)> {
        let provider = PROVIDERS.contains(&operator);
        let (stable, native) = self.first_bond(&[400, 1_000, 30_000]);
        [
            Call::RegisterOperator { provider: false, validator: true },
            Call::Bond { operator, asset: 1, units: stable },
            Call::Bond { operator, asset: 0, units: native },
            Call::SetDuties { provider, validator: true },
        ]
        .map(|call| (operator, call))
        .into()
    }
}
