//! What must hold of every state, checked from the tables alone. Library code: tests run [`check`] after every step, a
//! ledger runs [`check_totals`] after every block.
//!
//! Every check collects all it finds; none stops at the first.

mod access;
mod books;
mod capacity;
mod collateral;
mod delegation;
mod governance;
mod jobs;
mod leases;
mod market;
mod operators;
mod price;
mod queues;
mod replicated;
mod rewards;

use crate::primitives::AssetId;
use crate::state::State;

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Name of the invariant.
    pub invariant: &'static str,
    /// What is wrong, with its numbers.
    pub detail: String,
}

/// What the checks of one state have found so far.
#[derive(Default)]
pub(crate) struct Findings(Vec<Violation>);

impl Findings {
    fn require(&mut self, holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Violation { invariant, detail: detail() });
        }
    }
}

/// Checks everything. Costs the size of the state.
pub fn check(state: &State) -> Vec<Violation> {
    let mut findings = Findings::default();
    check_supply(state, &mut findings);
    books::check(state, &mut findings);
    operators::check(state, &mut findings);
    jobs::check(state, &mut findings);
    leases::check(state, &mut findings);
    market::check(state, &mut findings);
    access::check(state, &mut findings);
    queues::check(state, &mut findings);
    capacity::check(state, &mut findings);
    price::check(state, &mut findings);
    collateral::check(state, &mut findings);
    governance::check(state, &mut findings);
    delegation::check(state, &mut findings);
    replicated::check(state, &mut findings);
    rewards::check(state, &mut findings);
    findings.0
}

/// Checks the supply equation of every asset by the running totals. Costs next to nothing.
pub fn check_totals(state: &State) -> Vec<Violation> {
    let mut findings = Findings::default();
    check_supply(state, &mut findings);
    findings.0
}

fn check_supply(state: &State, findings: &mut Findings) {
    let assets: Vec<AssetId> = state.assets().map(|asset| asset.definition.id).collect();
    for supply in assets.into_iter().filter_map(|asset| state.supply(asset)) {
        findings.require(supply.exact, "supply is exact", || {
            let (asset, minted, burned) = (supply.asset, supply.minted, supply.burned);
            format!("{asset}: minted {minted} - burned {burned} != accounted {}", supply.accounted)
        });
    }
}
