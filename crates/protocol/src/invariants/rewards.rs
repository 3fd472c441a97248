//! Rewards: sums are sums, what is owed is there, nothing passes the cap; and double signers are counted while frozen.

use std::collections::BTreeMap;

use super::Findings;
use crate::books::{Place, Pot};
use crate::penalties::SignerStage;
use crate::primitives::{Amount, Epoch, NATIVE};
use crate::rewards::{RewardPool, RewardSource};
use crate::state::State;

pub(super) fn check(state: &State, findings: &mut Findings) {
    let counted = count(state, findings);
    let held: Amount = state.reward_pools.values().map(|pool| pool.left).sum();
    let in_pot = state.held(Place::Pot(Pot::Rewards), NATIVE);
    findings.require(held == in_pot, "the pot of rewards is what its pools have left", || {
        format!("{held} against {in_pot}")
    });
    for (epoch, pool) in &state.reward_pools {
        check_pool(*epoch, pool, counted.get(epoch), findings);
    }
    let orphans = counted.keys().filter(|epoch| !state.reward_pools.contains_key(*epoch)).count();
    findings.require(orphans == 0, "whoever earned has a pool to be paid from", || {
        format!("{orphans} epochs without a pool")
    });
    check_cap(state, findings);
    check_double_signers(state, findings);
}

/// What operators have on record: how many, their weights, and what they are still to be paid, by epoch.
type Counted = BTreeMap<Epoch, (u32, [Amount; 3], Amount)>;

fn count(state: &State, findings: &mut Findings) -> Counted {
    let mut counted = Counted::new();
    for operator in state.operators() {
        let (account, earnings) = (operator.account, &operator.earnings);
        let ordered = earnings.is_sorted_by(|one, other| one.epoch < other.epoch);
        findings.require(ordered, "earnings are by epoch", || format!("{account:?}"));
        for earning in earnings {
            let pool = state.reward_pool(earning.epoch).copied().unwrap_or_default();
            findings.require(
                operator.is_active() || pool.closed,
                "the jailed earn nothing",
                || format!("{account:?} in epoch {}", earning.epoch),
            );
            let (operators, weights, due) = counted.entry(earning.epoch).or_default();
            *operators += 1;
            for (place, source) in RewardSource::ALL.into_iter().enumerate() {
                let (weight, share) = (earning.weight(source), pool.share(source));
                weights[place] = weights[place].plus(weight);
                let whole = share.weight.units().max(1);
                *due = due.plus(share.payable.scaled_floor(weight.units(), whole));
            }
        }
    }
    counted
}

fn check_pool(
    epoch: Epoch,
    pool: &RewardPool,
    counted: Option<&(u32, [Amount; 3], Amount)>,
    findings: &mut Findings,
) {
    let (operators, weights, due) = counted.copied().unwrap_or_default();
    let numbers = || format!("epoch {epoch}: {pool:?} against {operators}, {weights:?}, {due}");
    findings.require(operators == pool.operators, "who is to be paid is counted", numbers);
    findings.require(due <= pool.left, "what is owed is there", numbers);
    let sums = RewardSource::ALL.map(|source| pool.share(source).weight);
    let whole = if pool.closed {
        sums.iter().zip(&weights).all(|(sum, weight)| weight <= sum)
    } else {
        sums == weights
    };
    findings.require(whole, "weights are sums", numbers);
    findings.require(pool.closed || pool.left == pool.fees, "open pools hold fees", numbers);
    findings.require(!pool.closed || operators > 0, "paid pools are gone", numbers);
    let within = pool.capacity.payable <= pool.capacity.budget
        && pool.validation.payable <= pool.validation.budget.plus(pool.fees)
        && pool.work.payable <= pool.work.budget;
    findings.require(within, "an epoch pays no more than it emits", numbers);
}

/// Issued at the start or by emission, the native asset never passes the cap; what the start gave out beyond it is the start's.
fn check_cap(state: &State, findings: &mut Findings) {
    let open = state.open_pools();
    let latest = open.iter().copied().next_back();
    let recent = |epoch: &Epoch| epoch.0.saturating_add(1) >= state.clock.epoch.0;
    let known = state.reward_pools.iter().filter(|(_, pool)| !pool.closed).count();
    findings.require(
        open.iter().all(recent) && known == open.len() && latest <= Some(state.clock.epoch),
        "the open pools are the latest",
        || format!("{open:?} in epoch {}", state.clock.epoch),
    );
    let minted = state.asset(NATIVE).map_or(Amount::ZERO, |asset| asset.minted);
    let promised: Amount =
        open.iter().filter_map(|epoch| state.reward_pool(*epoch)).map(RewardPool::budget).sum();
    let cap = state.parameters.supply_cap;
    findings.require(
        promised.is_zero() || minted.plus(promised) <= cap,
        "emission ends at the cap",
        || format!("{minted} minted and {promised} promised of {cap}"),
    );
}

fn check_double_signers(state: &State, findings: &mut Findings) {
    let (mut frozen, mut past) = (Amount::ZERO, Amount::ZERO);
    for signer in state.double_signers.values() {
        match signer.stage {
            SignerStage::Frozen(..) => frozen = frozen.plus(signer.stake),
            SignerStage::Remembered(..) => past = past.plus(signer.stake),
            SignerStage::Past => {}
        }
    }
    let kept = (state.clock.double_signing, state.clock.double_signing_past);
    findings.require((frozen, past) == kept, "double signers are a sum", || {
        format!("counted {frozen} and {past}, kept {kept:?}")
    });
}
