//! What a price means, for the network and for one operator, as sentences with the numbers in them.

use super::Dollars;
use crate::bonds::Haircut;
use crate::collateral::Band;
use crate::price::Intake;
use crate::primitives::AccountId;
use crate::state::State;

/// Where the price of collateral comes from, and whether jobs are assigned on it.
pub fn price(state: &State) -> Vec<String> {
    let source = match state.oracle() {
        None => format!(
            "price: {} per token, governed: nobody reports it",
            Dollars(state.collateral_price())
        ),
        Some(oracle) => format!(
            "price: {} per token, agreed at {}; collateral counts at {}, the average if that is less",
            Dollars(oracle.price),
            oracle.agreed,
            Dollars(oracle.collateral)
        ),
    };
    let intake = match state.intake() {
        Intake::Open => "intake: open".into(),
        Intake::Stale(since) => {
            format!("intake: closed, no reports have agreed since {since}; jobs wait")
        }
        Intake::Halted(until) => {
            format!("intake: closed until {until}, the price has fallen too far; jobs wait")
        }
    };
    vec![source, intake]
}

/// How well an operator's bond covers its open locks, and what follows; `None` for who is no operator.
pub fn cover(state: &State, operator: AccountId) -> Option<Vec<String>> {
    let record = state.operator(operator)?;
    let exposure = state.exposure(operator);
    let owed = exposure.map(|exposure| exposure.owed).unwrap_or_default();
    let worth = state.worth_floor(&record.bonded, Haircut::None);
    let lockable = state.bond_value(&record.bonded);
    let follows = match state.band(operator) {
        Band::Green => "green: takes new jobs",
        Band::Amber => "amber: takes no new jobs",
        Band::Red => "red: takes no new jobs, and nothing leaves the bond",
        Band::Black => "black: takes no new jobs, nothing leaves the bond, and every draw audits",
    };
    let mut lines = vec![
        format!(
            "open locks {}; bond worth {}, {} after the haircut",
            Dollars(owed),
            Dollars(worth),
            Dollars(lockable)
        ),
        follows.into(),
    ];
    if let Some(call) = exposure.and_then(|exposure| exposure.call) {
        lines.push(format!("margin call: add to the bond or let jobs end by {}", call.until));
    }
    Some(lines)
}
