//! The supply equation as a table.

use api::wire::SupplyView;
use comfy_table::Table;

use crate::narrate::asset;
use crate::output;

/// One row per asset: minted less burned is what is in each kind of place, to the last unit.
pub(crate) fn table(supply: &[SupplyView]) -> Table {
    let mut header = vec!["asset", "minted>", "burned>"];
    let kinds: Vec<String> =
        protocol::PlaceKind::ALL.iter().map(|kind| format!("{}>", place(*kind))).collect();
    header.extend(kinds.iter().map(String::as_str));
    header.push("equation");
    let rows = supply.iter().map(|view| {
        let number = |amount| asset(view.asset).number(amount);
        let mut row = vec![view.symbol.clone(), number(view.minted), number(view.burned)];
        row.extend(
            protocol::PlaceKind::ALL
                .iter()
                .map(|kind| number(view.places.get(kind).copied().unwrap_or_default())),
        );
        row.push(if view.exact { "exact".into() } else { "BROKEN".into() });
        row
    });
    output::table(&header, rows)
}

const fn place(kind: protocol::PlaceKind) -> &'static str {
    match kind {
        protocol::PlaceKind::Accounts => "accounts",
        protocol::PlaceKind::Bonds => "bonds",
        protocol::PlaceKind::Locks => "locks",
        protocol::PlaceKind::Exits => "exits",
        protocol::PlaceKind::Escrow => "escrow",
        protocol::PlaceKind::AuditFees => "audit fees",
        protocol::PlaceKind::DemandBonds => "demand bonds",
        protocol::PlaceKind::Pots => "pots",
        protocol::PlaceKind::Access => "access",
        protocol::PlaceKind::AccessExits => "access exits",
    }
}
