//! The supply equation as a table.

use api::wire::SupplyView;
use protocol::PlaceKind;

use crate::narrate::asset;
use crate::output;

/// The equation of each asset in a column: minted less burned is what is in all places together, to the last
/// unit. Places where nothing is are left out.
pub(crate) fn table(supply: &[SupplyView]) -> String {
    let symbols: Vec<String> = supply.iter().map(|view| format!("{}>", view.symbol)).collect();
    let mut header = vec!["supply"];
    header.extend(symbols.iter().map(String::as_str));
    let row = |what: &str, amount: &dyn Fn(&SupplyView) -> String| {
        let mut row = vec![what.to_owned()];
        row.extend(supply.iter().map(amount));
        row
    };
    let number = |view: &SupplyView, amount| asset(view.asset).fixed(amount);
    let mut rows = vec![
        row("minted", &|view| number(view, view.minted)),
        row("- burned", &|view| number(view, view.burned)),
    ];
    for kind in PlaceKind::ALL {
        let held = |view: &SupplyView| view.places.get(&kind).copied().unwrap_or_default();
        if supply.iter().any(|view| !held(view).is_zero()) {
            let sign = if rows.len() == 2 { '=' } else { '+' };
            rows.push(row(&format!("{sign} {}", place(kind)), &|view| number(view, held(view))));
        }
    }
    let verdict = |view: &SupplyView| if view.exact { "exact" } else { "BROKEN" }.to_owned();
    rows.push(row("to the last unit", &verdict));
    output::table(&header, rows)
}

const fn place(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Accounts => "accounts",
        PlaceKind::Bonds => "bonds",
        PlaceKind::Locks => "locks",
        PlaceKind::Exits => "exits",
        PlaceKind::Escrow => "escrow",
        PlaceKind::AuditFees => "audit fees",
        PlaceKind::DemandBonds => "demand bonds",
        PlaceKind::Pots => "pots",
        PlaceKind::Access => "access",
        PlaceKind::AccessExits => "access exits",
        PlaceKind::Deposits => "deposits",
        PlaceKind::Pools => "pools",
        PlaceKind::PoolIncome => "pool income",
        PlaceKind::Leaving => "leaving",
        PlaceKind::AppealBonds => "appeal bonds",
        PlaceKind::Premiums => "premiums",
    }
}
