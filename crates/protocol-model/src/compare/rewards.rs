//! Rewards and double signing, side by side.

use protocol::{
    AccountId, Amount, Epoch, EpochEarning, Height, Parameters, RewardPool, RewardShare,
    RewardSource, RewardTerms, SignerStage, State, Time,
};

use super::Differences;
use crate::rules::{EpochPool, Model, Phase, Signer};

/// Everything about rewards and double signers that can be asked of both.
pub(super) fn compare(state: &State, model: &Model, found: &mut Differences) {
    found.same(|| "emission".into(), state.clock().emission.units(), model.scheduled());
    found.same(|| "reserve".into(), state.reward_reserve().units(), model.reserve());
    let committed = state.supply_committed().units();
    found.same(|| "committed supply".into(), committed, model.committed_supply());
    found.same(|| "dearest price".into(), state.highest_known_price().units(), model.dearest());
    found.same(|| "session".into(), state.session(), model.session());
    let oldest = Height(model.oldest_admissible());
    found.same(|| "oldest admissible height".into(), state.oldest_admissible(), oldest);
    for epoch in 0..=model.epoch() {
        let pool = state.reward_pool(Epoch(epoch)).copied();
        let expected =
            model.rewards.pools.get(&epoch).map(|pool| expected_pool(model, epoch, pool));
        found.same(|| format!("rewards of epoch {epoch}"), pool, expected);
    }
    for account in model.operators.keys() {
        earnings(state, model, *account, found);
        let signer = state.double_signer(*account).map(|one| {
            let facts = (one.height, one.accuser, one.stake.units(), one.total.units());
            (facts, one.since, one.rate, one.paid, one.stage)
        });
        let expected = model.signers.get(account).map(|one| {
            let facts = (Height(one.height), one.accuser, one.stake, one.total);
            (facts, Time(one.since), one.rate, one.paid, stage(one))
        });
        found.same(|| format!("double signing of {account:?}"), signer, expected);
    }
    let clock = state.clock();
    let sums = (clock.double_signing.units(), clock.double_signing_past.units());
    let expected = (model.double_signing(Phase::Frozen), model.double_signing(Phase::Remembered));
    found.same(|| "stake of double signers".into(), sums, expected);
}

fn stage(signer: &Signer) -> SignerStage {
    let (until, number) = signer.until;
    match signer.phase {
        Phase::Frozen => SignerStage::Frozen(Time(until), number),
        Phase::Remembered => SignerStage::Remembered(Time(until), number),
        Phase::Over => SignerStage::Past,
    }
}

fn expected_pool(model: &Model, epoch: u64, pool: &EpochPool) -> RewardPool {
    let share = |place: usize| {
        let source = RewardSource::ALL[place];
        let open = (model.weights(epoch, source), 0);
        let (weight, payable) = pool.closed.map_or(open, |shares| shares[place]);
        let budget = pool.budget(source);
        let [budget, weight, payable] = [budget, weight, payable].map(Amount::new);
        RewardShare { budget, weight, payable }
    };
    let Parameters { sessions, rebate_max, rebate_bond, .. } = pool.rules;
    RewardPool {
        terms: RewardTerms { sessions, rebate_max, rebate_bond },
        capacity: share(0),
        validation: share(1),
        work: share(2),
        fees: Amount::new(pool.fees),
        operators: u32::try_from(model.deserving(epoch).len()).expect("people are few"),
        closed: pool.closed.is_some(),
        left: Amount::new(model.left_in(pool)),
    }
}

fn earnings(state: &State, model: &Model, account: AccountId, found: &mut Differences) {
    let weight = |epoch, source| Amount::new(model.weight(account, epoch, source));
    let expected = model.merited(account).into_iter().map(|epoch| EpochEarning {
        epoch: Epoch(epoch),
        capacity: weight(epoch, RewardSource::Capacity),
        validation: weight(epoch, RewardSource::Validation),
        work: weight(epoch, RewardSource::Work),
        worked: Amount::new(model.worked(account, epoch)),
        attended: model.attended(account, epoch),
    });
    let what = || format!("earnings of {account:?}");
    found.same(what, state.earnings(account).to_vec(), expected.collect());
    let parts = model
        .merited(account)
        .into_iter()
        .flat_map(|epoch| RewardSource::ALL.map(|source| model.part(account, epoch, source)));
    let due: u128 = parts.flatten().map(|[.., amount]| amount).sum();
    let rules = state.reward_due_floor(account).map_or(0, Amount::units);
    found.same(|| format!("reward due to {account:?}"), rules, due);
}
