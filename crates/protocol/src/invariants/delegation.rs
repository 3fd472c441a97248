//! Delegation: shares and tokens, income, buckets, redelegations, commitments, seats.

use std::collections::BTreeMap;

use super::Findings;
use crate::books::Place;
use crate::delegation::{DILUTION_MAX, Pool};
use crate::primitives::{AccountId, Amount, NATIVE, STABLE};
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    let sums = Sums::of(state);
    for operator in state.operators() {
        if let Some(pool) = &operator.pool {
            check_pool(state, operator.account, pool, &sums, findings);
        }
    }
    check_ruins(state, &sums, findings);
    check_buckets(state, findings);
    check_slices(state, findings);
    check_seats(state, findings);
}

/// What the delegators' records add up to.
#[derive(Default)]
struct Sums {
    shares: BTreeMap<(AccountId, u32), Amount>,
    bonus: BTreeMap<AccountId, Amount>,
    fees_due: BTreeMap<AccountId, Amount>,
    bonus_due: BTreeMap<AccountId, Amount>,
}

impl Sums {
    fn of(state: &State) -> Self {
        let mut sums = Self::default();
        for ((delegator, operator), record) in &state.delegations {
            if !record.shares.is_zero() {
                add(&mut sums.shares, (*operator, record.generation), record.shares);
            }
            let Some(view) = state.delegation(*delegator, *operator) else { continue };
            add(&mut sums.fees_due, *operator, view.fees_due);
            add(&mut sums.bonus_due, *operator, view.bonus_due);
            if let Some(commitment) = view.commitment.filter(|_| !view.shares.is_zero()) {
                add(&mut sums.bonus, *operator, commitment.bonus_shares());
            }
        }
        sums
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, Amount>, key: K, amount: Amount) {
    let sum = sums.entry(key).or_default();
    *sum = sum.plus(amount);
}

fn of<K: Ord>(sums: &BTreeMap<K, Amount>, key: &K) -> Amount {
    sums.get(key).copied().unwrap_or_default()
}

fn check_pool(
    state: &State,
    operator: AccountId,
    pool: &Pool,
    sums: &Sums,
    findings: &mut Findings,
) {
    let shares = of(&sums.shares, &(operator, pool.generation));
    findings.require(shares == pool.shares, "shares are the delegators'", || {
        format!("{operator:?}: {} against {shares}", pool.shares)
    });
    let tokens = pool.tokens;
    let whole = tokens.is_zero() == pool.shares.is_zero();
    findings.require(whole, "no tokens without shares, nor shares without tokens", || {
        format!("{operator:?}: {tokens} tokens, {} shares", pool.shares)
    });
    let diluted = pool.shares.units() > tokens.units().saturating_mul(DILUTION_MAX);
    findings.require(!diluted, "shares are worth something", || format!("{operator:?}"));
    let bonus = of(&sums.bonus, &operator);
    findings.require(bonus == pool.bonus, "the bonus is the commitments'", || {
        format!("{operator:?}: {} against {bonus}", pool.bonus)
    });
    check_income(state, operator, sums, findings);
}

/// What delegators are due is there; when the last one has gone, nothing is.
fn check_income(state: &State, operator: AccountId, sums: &Sums, findings: &mut Findings) {
    let held = |asset| state.held(Place::PoolIncome(operator), asset);
    let due = [(STABLE, of(&sums.fees_due, &operator)), (NATIVE, of(&sums.bonus_due, &operator))];
    for (asset, due) in due {
        findings.require(due <= held(asset), "income due is held", || {
            format!("{operator:?}: {due} of {asset} due, {} held", held(asset))
        });
        let anybody = sums.shares.range((operator, 0)..=(operator, u32::MAX)).next().is_some();
        findings.require(anybody || held(asset).is_zero(), "income has owners", || {
            format!("{operator:?}: {} of {asset}", held(asset))
        });
    }
}

fn check_ruins(state: &State, sums: &Sums, findings: &mut Findings) {
    for ((operator, generation), ruin) in &state.ruins {
        let shares = of(&sums.shares, &(*operator, *generation));
        let past = state.pool_of(*operator).is_some_and(|pool| pool.generation > *generation);
        findings.require(past && shares == ruin.shares, "ruins have delegators", || {
            format!("{operator:?}, generation {generation}: {} against {shares}", ruin.shares)
        });
    }
    for (operator, generation) in sums.shares.keys() {
        let present = state.pool_of(*operator).is_some_and(|pool| pool.generation == *generation);
        let known = present || state.ruins.contains_key(&(*operator, *generation));
        findings.require(known, "delegations are of a generation", || {
            format!("{operator:?}, generation {generation}")
        });
    }
}

/// Every bucket is its parts and holds what slashes left; the one that takes in what leaves now lasts beyond anything it
/// answers for.
fn check_buckets(state: &State, findings: &mut Findings) {
    let mut parts: BTreeMap<(AccountId, u64), Amount> = BTreeMap::new();
    for ((_, operator, bucket), record) in &state.undelegations {
        add(&mut parts, (*operator, *bucket), record.part);
    }
    for hop in state.delegations.values().filter_map(|record| record.hop.as_ref()) {
        add(&mut parts, (hop.source, hop.bucket), hop.part);
    }
    let exposure = state.parameters.exposure_ms_max();
    for (key, bucket) in &state.buckets {
        let total = parts.remove(key).unwrap_or_default();
        let (operator, number) = *key;
        findings.require(total == bucket.total, "buckets are their parts", || {
            format!("{key:?}: {} against {total}", bucket.total)
        });
        findings.require(bucket.left <= bucket.total, "slashes only take", || format!("{key:?}"));
        let open = state.current_bucket(operator, bucket.kind) == Some(number);
        let lasts = !open || bucket.release.since_ms(bucket.began) >= exposure;
        findings.require(lasts, "buckets outlast what they answer for", || format!("{key:?}"));
    }
    findings.require(parts.is_empty(), "parts have buckets", || format!("{parts:?}"));
}

/// Committed shares and shares that answer elsewhere are there, and never the same.
fn check_slices(state: &State, findings: &mut Findings) {
    for ((staker, operator), commitment) in &state.commitments {
        let record = state.delegations.get(&(*staker, *operator));
        let there = if staker == operator {
            state.own_stake(*operator)
        } else {
            record.map_or(Amount::ZERO, |record| record.shares)
        };
        findings.require(there >= commitment.amount, "what is committed is there", || {
            format!("{staker:?} with {operator:?}: {}", commitment.amount)
        });
    }
    for ((delegator, operator), record) in &state.delegations {
        let kept = !record.shares.is_zero() || record.hop.is_some();
        findings.require(kept, "delegations are of something", || {
            format!("{delegator:?} with {operator:?}")
        });
        let shares =
            state.live_delegation(*delegator, *operator).map_or(Amount::ZERO, |d| d.shares);
        let committed = state.commitment(*delegator, *operator).map(|promise| promise.amount);
        let bound = state.hopped_shares(*delegator, *operator).plus(committed.unwrap_or_default());
        findings.require(shares.is_zero() || bound <= shares, "slices never overlap", || {
            format!("{delegator:?} with {operator:?}: {bound} bound of {shares}")
        });
    }
}

/// Ranks follow stakes, unless a pass is under way that an amendment began; seats are held by operators.
fn check_seats(state: &State, findings: &mut Findings) {
    let mut ranked = 0;
    for operator in state.operators() {
        let account = operator.account;
        let (due, kept) = (state.seat_stake(operator), operator.rank);
        let listed = kept.is_none_or(|stake| state.ranks.contains_key(&(stake, account)));
        let current = state.sweep().is_some() || due == kept;
        findings.require(current && listed, "ranks follow stakes", || {
            format!("{account:?}: {kept:?}, due {due:?}")
        });
        ranked += usize::from(kept.is_some());
    }
    findings.require(state.ranks.len() == ranked, "only validators are ranked", || {
        format!("{} against {ranked}", state.ranks.len())
    });
    // Their number keeps to the limits of the day they were given, which an amendment may have changed since.
    let held =
        |(holder, seats): (&AccountId, &u32)| state.operator(*holder).is_some() && *seats > 0;
    findings.require(state.seats.iter().all(held), "seats are operators'", || {
        format!("{:?}", state.seats)
    });
}
