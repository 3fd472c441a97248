//! Proposals and votes: sensible ones, ones that change nothing, ones that are not possible.

use protocol::Ballot;

use super::{Kind, Workload};
use crate::operation::{Call, NOT_PLAIN, Proposed, person};
use crate::referee::UNSOUND_PROGRAM_BYTES;
use crate::rules::Model;
use crate::run::Run;
use crate::setup::{DOLLAR, EDGE, TOKEN};

pub(super) const KINDS: &[Kind] = &[(4, propose), (20, vote)];

/// More than any asset can ever have.
const TOO_MUCH: u128 = (1 << 96) + 1;

/// More than an asset may be priced at.
const TOO_DEAR: u128 = 1_000_000_000_000_001;

fn propose(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let again = workload.proposed.filter(|_| workload.chance.one_in(3));
    let proposed = again.unwrap_or_else(|| match workload.chance.below(8) {
        0..=3 => workload.numbers(&run.model),
        4 => workload.class(),
        5 => workload.asset(),
        _ => workload.admission(),
    });
    workload.proposed = Some(proposed);
    Some((workload.anybody(), Call::Propose { proposed }))
}

/// Validators that have not voted do; which way a proposal goes is mostly in its number.
fn vote(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let anything = workload.chance.one_in(16);
    let votes = run.model.proposals.iter().enumerate();
    let votes = votes.filter(|(_, (_, one))| anything || one.accepted.is_none());
    let votes = votes.flat_map(|(nth, (id, proposal))| {
        let voters = run.model.seated.keys();
        let silent = voters.filter(move |who| anything || !proposal.ballots.contains_key(who));
        silent.map(move |voter| (nth, *id, person(*voter)))
    });
    let (nth, id, voter) = workload.chance.any(votes.collect())?;
    let lean = if id % 5 == 0 { Ballot::Spam } else { Ballot::For };
    let others = [Ballot::For, Ballot::Against, Ballot::Spam];
    let other = workload.chance.one_in(6);
    let ballot = if other { workload.chance.pick(&others) } else { lean };
    let missing = workload.chance.one_in(40);
    let nth = if missing { u8::MAX } else { u8::try_from(nth).expect("proposals are limited") };
    Some((workload.mostly(voter), Call::Vote { nth, ballot }))
}

impl Workload<'_> {
    /// Something of what a price depends on; any parameter a little or far from what it is; or nonsense.
    fn numbers(&mut self, model: &Model) -> Proposed {
        let first = match self.chance.below(8) {
            0..=2 => self.number_of_collateral(model),
            3 => self.nonsense(),
            4 => self.number_of_rewards(model),
            _ => self.any_number(model),
        };
        let second = self
            .chance
            .one_in(4)
            .then(|| if self.chance.one_in(8) { first } else { self.any_number(model) });
        Proposed::Numbers { first, second }
    }

    fn number_of_collateral(&mut self, model: &Model) -> (&'static str, u128) {
        let price = model.collateral_price();
        let prices = [price.div_ceil(2), price, price * 2, DOLLAR];
        let slot = self.chance.pick(&[0, 20, 100]);
        let (price, small) = (self.chance.pick(&prices), self.chance.pick(&[1, 80, 300]));
        let rate = self.chance.pick(&[0, 250_000, 500_000, 950_000]);
        self.chance.pick(&[
            ("native_price", price),
            ("native_price", price),
            ("oracle_slot_ms", slot),
            ("oracle_slot_ms", slot),
            ("native_haircut", rate),
            ("native_haircut_longest", rate),
            ("price_window_ms", small),
            ("price_stale_ms", 3 * small),
            ("margin_call_ms", small),
            ("burn_min", rate),
            ("bounty_max", rate),
            ("validator_bond_min", small * DOLLAR),
        ])
    }

    fn number_of_rewards(&mut self, model: &Model) -> (&'static str, u128) {
        let cap = self.chance.around(model.committed_supply());
        let share = self.chance.pick(&[0, 1, 333_333]);
        self.chance.pick(&[
            ("supply_cap", cap),
            ("supply_cap", cap),
            ("sessions", share.min(5) + 1),
            ("emission_start", share),
            ("emission_decay", share),
            ("emission_validation", share),
            ("rebate_max", share),
            ("rebate_bond", share),
        ])
    }

    fn any_number(&mut self, model: &Model) -> (&'static str, u128) {
        let table = model.parameters.table();
        let info = self.chance.any(table).expect("there are parameters");
        let (least, most) = (info.minimum.units(), info.maximum.units());
        let value = info.value.units();
        let near = [value.saturating_sub(1), value, value + 1, value.div_ceil(2), value * 2];
        let far = [least, most, most + 1, u128::from(u32::MAX), u128::MAX];
        let value = if self.chance.one_in(5) { &far } else { &near };
        (info.name, self.chance.pick(value))
    }

    fn nonsense(&mut self) -> (&'static str, u128) {
        self.chance.pick(&[
            ("no_such_thing", 1),
            ("epoch_ms", 1_000),
            ("program_bytes_max", UNSOUND_PROGRAM_BYTES.into()),
            ("provider_share", 1_000_000),
            ("run_ms_max", 604_800_000),
        ])
    }

    fn class(&mut self) -> Proposed {
        let id = self.chance.pick(&[0, 1, 2, 3, 7]);
        Proposed::NewClass {
            id,
            name: self.chance.pick(&[1, 3, 32, 33, 0, NOT_PLAIN]),
            unit: self.chance.pick(&[1, 3, 256, 257, 0, NOT_PLAIN]),
            bond: self.chance.pick(&[0, DOLLAR, 50 * DOLLAR, 50 * DOLLAR, TOO_MUCH - 1, TOO_MUCH]),
            otherwise: self.chance.one_in(6),
            small: (id == EDGE) != self.chance.one_in(6),
        }
    }

    fn asset(&mut self) -> Proposed {
        Proposed::NewAsset {
            id: self.chance.pick(&[TOKEN.0, 3, 9, 9]),
            symbol: self.chance.pick(&[1, 3, 32, 33, 0, NOT_PLAIN]),
            decimals: self.chance.pick(&[0, 6, 18, 19]),
        }
    }

    /// The third asset as collateral, mostly.
    fn admission(&mut self) -> Proposed {
        let chance = &mut self.chance;
        let mut often = |often: &[u128], seldom: &[u128]| {
            let choices = if chance.one_in(8) { seldom } else { often };
            chance.pick(choices)
        };
        let price = often(&[DOLLAR, 2 * DOLLAR, DOLLAR / 3], &[0, 1, TOO_DEAR - 1, TOO_DEAR]);
        let haircut = often(&[0, 200_000, 500_000], &[950_000, 950_001]);
        let cap = often(&[0, 300, 2_000, 9_000], &[TOO_MUCH - 1, TOO_MUCH]);
        let asset = chance.pick(&[TOKEN.0, TOKEN.0, TOKEN.0, TOKEN.0, TOKEN.0, 0, 9, 8]);
        let haircut = u32::try_from(haircut).expect("rates are small");
        Proposed::Admit { asset, price, haircut, cap }
    }
}
