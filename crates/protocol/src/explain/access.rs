//! What an account's access stake gives it.

use super::Dollars;
use crate::books::PlaceKind;
use crate::primitives::{AccountId, NATIVE};
use crate::state::State;

/// An account's turns and credit, line by line.
pub fn access(state: &State, account: AccountId) -> Vec<String> {
    let parameters = state.parameters();
    let stake = state.access_stake(account);
    let kept = parameters.unstaked_share;
    let turns = if stake.is_zero() {
        format!("no access stake: turns by arrival, for which {kept} of the work is kept")
    } else {
        let all = state.total(PlaceKind::Access, NATIVE);
        format!(
            "turns: at least {stake} of every {all} metered units that stakers get, which is {} of all",
            kept.complement()
        )
    };
    let credit = format!(
        "credit: {} of take, less {} each epoch, plus {} x {stake} / at least {}",
        Dollars(state.access_credit(account)),
        parameters.credit_decay,
        Dollars(parameters.credit_budget),
        parameters.credit_reference
    );
    vec![turns, credit]
}
