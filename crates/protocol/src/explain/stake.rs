//! What a delegation is worth and why it cannot leave; where an operator's seats come from.

use crate::delegation::DelegationView;
use crate::primitives::{AccountId, Amount};
use crate::state::State;

/// A delegation, line by line.
pub fn delegation(view: &DelegationView) -> Vec<String> {
    let DelegationView { shares, free, worth, fees_due, bonus_due, commitment, hop, .. } = view;
    let mut lines = vec![
        format!("{shares} shares are worth {worth} native base units now"),
        format!("{free} of them may leave"),
    ];
    if let Some(commitment) = commitment {
        let (amount, until, bonus) = (commitment.amount, commitment.until, commitment.bonus);
        lines.push(format!(
            "{amount} are committed until {until} and count for {bonus} more in rewards"
        ));
    }
    if let Some(hop) = hop {
        let (shares, source) = (hop.shares, hop.source);
        lines.push(format!("{shares} still answer to {source}, which they came from"));
    }
    lines.push(format!("due: {fees_due} stable and {bonus_due} native base units"));
    lines
}

/// An operator's seats, line by line; `None` if it is not an operator.
pub fn seats(state: &State, operator: AccountId) -> Option<Vec<String>> {
    state.operator(operator)?;
    let parameters = state.parameters();
    let (own, counted) = (state.own_stake(operator), state.counted_tokens(operator));
    let beyond = state.pool_tokens(operator).minus(counted);
    let stake = own.plus(counted);
    let carried = stake.units() / parameters.seat_bond.units().max(1);
    let held = state.seats.get(&operator).copied().unwrap_or_default();
    let mut lines = vec![format!("stake: {own} own + {counted} delegated = {stake}")];
    if beyond > Amount::ZERO {
        lines.push(format!(
            "{beyond} delegated are more than its own bond carries and do not count"
        ));
    }
    let (bond, cap) = (parameters.seat_bond, parameters.seats_per_operator);
    lines
        .push(format!("at {bond} each it carries {carried} seats, one operator has at most {cap}"));
    let able = carried > 0
        && state.operator(operator).is_some_and(|record| state.seat_stake(record).is_some());
    lines.push(format!("it holds {held} in this epoch"));
    if !able {
        lines.push(
            "it stands for none in the next: not an active validator, or too little stake".into(),
        );
    }
    Some(lines)
}
