//! Commitments: promising not to leave, for more weight in rewards.

use crate::delegation::Commitment;
use crate::event::DelegationEvent;
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, AssetId, NATIVE, Ppm, Time};
use crate::rejection::Rejection;
use crate::state::{State, Task};
use crate::step::Step;

impl Parameters {
    /// What stake committed for so long counts for beyond itself: nothing at the shortest commitment, `commitment_bonus`
    /// at the longest, linear between, rounded down.
    pub fn commitment_bonus_for(&self, duration_ms: u64) -> Ppm {
        let span = self.commitment_ms_max.saturating_sub(self.commitment_ms_min).max(1);
        let over = duration_ms.saturating_sub(self.commitment_ms_min).min(span);
        let whole = Amount::new(self.commitment_bonus.0.into());
        let bonus = whole.scaled_floor(over.into(), span.into()).units();
        Ppm(u32::try_from(bonus).expect("at most the bonus of the longest"))
    }
}

/// Commits everything a staker has with an operator: a delegator its shares, the owner the operator's native bond.
pub(crate) fn commit(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    duration_ms: u64,
) -> Result<(), Rejection> {
    let parameters = step.parameters();
    let (minimum, maximum) = (parameters.commitment_ms_min, parameters.commitment_ms_max);
    if !(minimum..=maximum).contains(&duration_ms) {
        return Err(Rejection::CommitmentLength { duration_ms, minimum, maximum });
    }
    let owner = step.operator(operator)?.owner;
    if sender == operator && sender != owner {
        return Err(Rejection::NotOwner { operator, owner });
    }
    // An owner's commitment is of the bond, under the operator's own name.
    let owns = sender == owner;
    let staker = if owns { operator } else { sender };
    let amount = committable(step.state, staker, operator);
    if amount.is_zero() {
        return Err(Rejection::NothingToCommit { operator });
    }
    let until = step.now().plus_ms(duration_ms);
    check_no_earlier(step.state, (staker, operator), until)?;
    step.settle_income(staker, operator);
    drop_commitment(step, (staker, operator));
    let bonus = parameters.commitment_bonus_for(duration_ms);
    let timer = step.set_timer(until, Task::Commitment(staker, operator));
    let pool = step.state.pool_of(operator).filter(|_| !owns);
    let seen = pool.map_or(Amount::ZERO, |pool| pool.bonuses.per_unit);
    let commitment = Commitment { amount, bonus, until, timer, seen };
    step.state.commitments.insert((staker, operator), commitment);
    if !owns {
        let pool = step.state.pool_mut(operator);
        pool.bonus = pool.bonus.plus(commitment.bonus_shares());
    }
    step.emit(DelegationEvent::Committed { staker, operator, amount, bonus, until });
    Ok(())
}

/// What a staker can commit: shares that answer to no other operator, or the native bond.
fn committable(state: &State, staker: AccountId, operator: AccountId) -> Amount {
    if staker == operator {
        return state.own_stake(operator);
    }
    let shares = state.live_delegation(staker, operator).map_or(Amount::ZERO, |d| d.shares);
    shares.minus(state.hopped_shares(staker, operator))
}

/// A commitment may be renewed, never shortened.
fn check_no_earlier(
    state: &State,
    key: (AccountId, AccountId),
    until: Time,
) -> Result<(), Rejection> {
    match state.commitments.get(&key) {
        Some(before) if until < before.until => {
            Err(Rejection::CommitmentShortened { until: before.until, wanted: until })
        }
        _ => Ok(()),
    }
}

/// Takes a commitment and its bonus back, if there is one.
fn drop_commitment(step: &mut Step<'_>, key: (AccountId, AccountId)) {
    let Some(commitment) = step.state.commitments.remove(&key) else { return };
    // The timer that has just gone off is gone from the queue already.
    step.state.timers.remove(&(commitment.until, commitment.timer));
    let (staker, operator) = key;
    if staker != operator {
        let pool = step.state.pool_mut(operator);
        pool.bonus = pool.bonus.minus(commitment.bonus_shares());
    }
}

/// A commitment's time is over: its stake weighs as any other and may leave.
pub(crate) fn end_commitment(step: &mut Step<'_>, staker: AccountId, operator: AccountId) {
    step.collect(operator);
    step.settle_income(staker, operator);
    drop_commitment(step, (staker, operator));
    step.emit(DelegationEvent::CommitmentEnded { staker, operator });
    if staker != operator {
        step.sweep(operator, staker);
    }
}

impl State {
    /// Keeps an operator's commitment within its own bond after a slash, so that what is bonded later is free.
    pub(crate) fn trim_commitment(&mut self, operator: AccountId) {
        let Some(commitment) = self.commitment(operator, operator) else { return };
        let amount = commitment.amount.min(self.own_stake(operator));
        if amount < commitment.amount {
            self.commitments.insert((operator, operator), Commitment { amount, ..commitment });
        }
    }
}

/// Refuses to let a committed native bond begin to leave.
pub(crate) fn check_bond_free(
    state: &State,
    operator: AccountId,
    asset: AssetId,
    needed: Amount,
) -> Result<(), Rejection> {
    let Some(commitment) = state.commitments.get(&(operator, operator)) else { return Ok(()) };
    let free = state.own_stake(operator).saturating_sub(commitment.amount);
    if asset == NATIVE && needed > free {
        return Err(Rejection::BondCommitted { needed, free, until: commitment.until });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: u64 = 86_400_000;

    #[test]
    fn the_bonus_is_linear_from_the_shortest_to_the_longest() {
        let bonus = |days| Parameters::default().commitment_bonus_for(days * DAY).0;
        assert_eq!([14, 90, 182, 189, 365].map(bonus), [0, 216_524, 478_632, 498_575, 1_000_000]);
        let middle = (14 * DAY + 365 * DAY) / 2;
        assert_eq!(Parameters::default().commitment_bonus_for(middle), Ppm(500_000));
    }

    proptest! {
        #[test]
        fn splitting_never_adds_weight(one in 0..1_u128 << 90, other in 0..1_u128 << 90, bonus in 0..=1_000_000_u32) {
            let weigh = |amount| Commitment { amount: Amount::new(amount), bonus: Ppm(bonus), until: Time(0), timer: 0, seen: Amount::ZERO }.bonus_shares();
            prop_assert!(weigh(one).plus(weigh(other)) <= weigh(one + other));
        }
    }
}
