//! Transfers, mint, burn.

use protocol::{AssetId, NATIVE, Place};

use super::{Kind, Workload};
use crate::operation::{Call, account};
use crate::run::Run;
use crate::setup::{ISSUER, POOR, TOKEN};

pub(super) const KINDS: &[Kind] = &[(4, transfer), (2, mint), (2, burn), (1, nonsense)];

/// The assets, and one that does not exist.
const ASSETS: [u16; 4] = [0, 1, TOKEN.0, 9];

/// More than any asset can ever have.
const TOO_MUCH: u128 = (1 << 96) + 1;

fn transfer(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let (from, to) = (workload.anybody(), workload.anybody());
    let asset = workload.chance.pick(&ASSETS);
    let units = workload.units(run, from, asset);
    Some((from, Call::Transfer { to, asset, units }))
}

fn mint(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let sender = workload.mostly(ISSUER);
    let (asset, to) = (workload.chance.pick(&ASSETS), workload.anybody());
    let left = run.model.books.held(Place::Unissued, AssetId(asset));
    let edge = workload.chance.one_in(40);
    let units = if edge { workload.chance.around(left) } else { 1_000_000_000 };
    Some((sender, Call::Mint { asset, to, units }))
}

fn burn(workload: &mut Workload<'_>, run: &Run) -> Option<(u8, Call)> {
    let sender = workload.mostly(ISSUER);
    let asset = workload.chance.pick(&ASSETS);
    let units = workload.units(run, sender, asset);
    Some((sender, Call::Burn { asset, units }))
}

fn nonsense(workload: &mut Workload<'_>, _: &Run) -> Option<(u8, Call)> {
    let asset = workload.chance.pick(&ASSETS);
    let units = workload.chance.pick(&[0, TOO_MUCH - 1, TOO_MUCH, u128::MAX]);
    let (to, operator) = (workload.anybody(), workload.anybody());
    let calls = [
        Call::Transfer { to, asset, units },
        Call::Mint { asset, to, units },
        Call::Burn { asset, units },
        Call::Bond { operator, asset, units },
        Call::Unbond { operator, asset, units },
    ];
    Some((operator, workload.chance.pick(&calls)))
}

impl Workload<'_> {
    /// A small amount; seldom all that somebody has, or a unit more or less.
    pub(super) fn units(&mut self, run: &Run, person: u8, asset: u16) -> u128 {
        let asset = AssetId(asset);
        let held = run.model.books.held(Place::Account(account(person)), asset);
        let fee = if asset == NATIVE && person != POOR { held / 1_000 } else { 0 };
        match self.chance.below(16) {
            0 => self.chance.around(held - fee),
            1 => held / 3,
            _ => 1 + u128::from(self.chance.below(2_000)),
        }
    }
}
