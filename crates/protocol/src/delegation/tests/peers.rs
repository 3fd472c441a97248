//! Numbers that the tests of other networks assert, where our rules say the same thing. The income of their single
//! delegator is here the delegators' part: the operator's own stake has its part first.

use super::*;

/// Cosmos, distribution: one delegator, 50 % commission, a reward of 10.
#[test]
fn cosmos_one_delegator_and_half_the_commission() {
    let mut bench = Bench::new(100);
    bench.ok(|step| set_commission(step, OPERATOR, percent(50)));
    bench.delegate(ANN, 100);
    bench.fee(20);
    assert!(bench.earned(ANN, 5));
    assert_eq!(bench.gain(OPERATOR, STABLE), 15, "10 of its own and 5 of commission");
}

/// Cosmos, distribution: 100; +20; a second 100; +20, at 50 %: 15 and 5.
#[test]
fn cosmos_a_second_delegator_earns_from_when_it_came() {
    let mut bench = Bench::new(100);
    bench.ok(|step| set_commission(step, OPERATOR, percent(50)));
    bench.delegate(ANN, 100);
    bench.fee(40);
    bench.delegate(BEN, 100);
    bench.fee(30);
    assert!(bench.earned(ANN, 15) && bench.earned(BEN, 5));
}

/// Cosmos, distribution: slashes between fees change nothing of what was earned.
#[test]
fn cosmos_fees_through_many_slashes() {
    for same_block in [false, true] {
        let mut bench = Bench::new(100);
        bench.ok(|step| set_commission(step, OPERATOR, percent(50)));
        bench.delegate(ANN, 100);
        bench.slash_now(500_000);
        bench.fee(30);
        if !same_block {
            bench.wait(1_000);
        }
        bench.slash_now(500_000);
        bench.fee(50);
        assert!(bench.earned(ANN, 10));
        assert_eq!(bench.tokens(), 25);
    }
}

/// Cosmos, staking: 29 of 115 shares of 5,102 tokens are 1,286.
#[test]
fn cosmos_shares_to_tokens() {
    let mut bench = Bench::new(115);
    bench.delegate(ANN, 115);
    bench.reward(2 * 4_987);
    assert_eq!(bench.tokens(), 5_102);
    bench.undelegate(ANN, 29);
    assert_eq!(bench.leaving(ANN), [1_286]);
    let mut bench = Bench::new(100);
    bench.delegate(ANN, 100);
    bench.slash_now(500_000);
    bench.undelegate(ANN, 50);
    assert_eq!(bench.leaving(ANN), [25]);
}

/// Cosmos, slashing: 4 of 10 are leaving since the fault; half of everything: 2 left of them, 3 burned of the rest. Where
/// Cosmos repeats the first amount (4, 1, 0), we take half of what is there, rounded up.
#[test]
fn cosmos_half_of_a_pool_and_of_what_is_leaving() {
    let mut bench = Bench::new(10);
    bench.delegate(ANN, 10);
    let fault = bench.now;
    bench.undelegate(ANN, 4);
    let mut seen = Vec::new();
    for _ in 0..4 {
        bench.slash(OPERATOR, fault, 500_000);
        seen.push((bench.tokens(), bench.leaving(ANN)[0]));
    }
    assert_eq!(seen, [(3, 2), (1, 1), (0, 0), (0, 0)]);
}

/// Cosmos, slashing: what began to leave before the fault, or has left, answers for nothing.
#[test]
fn cosmos_what_left_before_the_fault_is_free_of_it() {
    let mut bench = Bench::new(10);
    bench.delegate(ANN, 20);
    bench.undelegate(ANN, 10);
    bench.wait(DAY);
    bench.slash_now(500_000);
    assert_eq!((bench.leaving(ANN), bench.tokens()), (vec![10], 5));
    let release = bench.state.undelegations(ANN).next().unwrap().release;
    bench.wait(release.since_ms(bench.now) + 1);
    bench.slash(OPERATOR, Time(0), 500_000);
    assert_eq!(bench.gain(ANN, NATIVE), -10, "paid out whole");
}

/// Cosmos, the note on redelegation: 1,000,000 moved and half of the source slashed is 500,000 lost, not 900,000. The part
/// Cosmos lets go on to undelegate (400,000) stays until the hop is over, and answers with the rest.
#[test]
fn cosmos_a_redelegation_loses_what_staying_would_have() {
    let mut bench = Bench::new(1_000_000);
    bench.delegate(ANN, 1_000_000);
    let fault = bench.now;
    bench.ok(|step| redelegate(step, ANN, OPERATOR, OTHER, amount(1_000_000)));
    let refused = bench.run(|step| undelegate(step, ANN, OTHER, amount(400_000)));
    assert_eq!(refused, Err(Rejection::SharesNotFree { needed: amount(400_000), free: amount(0) }));
    bench.slash(OPERATOR, fault, 500_000);
    assert_eq!(bench.state.pool_tokens(OTHER), amount(1_000_000), "burned when the hop ends");
    bench.wait(16 * DAY);
    let view = bench.state.delegation(ANN, OTHER).unwrap();
    assert_eq!((view.worth, view.free, view.hop), (amount(500_000), amount(500_000), None));
}

/// Livepeer: a reward of 1,000 on 1,000 own and 3 x 3,000 at a cut of 50 %: 150 each. The operator's 550 is paid out, not
/// staked. Fees of 1,000 with 25 % shared: 75 each, 775.
#[test]
fn livepeer_rewards_and_fees_of_three_delegators() {
    let mut bench = Bench::new(1_000);
    let commission = Commission { rewards: Ppm(500_000), fees: Ppm(750_000) };
    bench.ok(|step| set_commission(step, OPERATOR, commission));
    for who in [ANN, BEN, EVE] {
        bench.delegate(who, 3_000);
    }
    bench.fee(1_000);
    assert!([ANN, BEN, EVE].into_iter().all(|who| bench.earned(who, 75)));
    assert_eq!(bench.gain(OPERATOR, STABLE), 775);
    let before = bench.gain(OPERATOR, NATIVE);
    bench.reward(1_000);
    assert_eq!([ANN, BEN, EVE].map(|who| bench.worth(who)), [3_150; 3]);
    assert_eq!(bench.gain(OPERATOR, NATIVE) - before, 550);
}

/// Livepeer leaves 500 of 1,000 that are unbonding untouched by a slash of half. Here they lose half.
#[test]
fn livepeer_unbonding_is_slashed_too() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 1_000);
    let fault = bench.now;
    bench.undelegate(ANN, 500);
    bench.slash(OPERATOR, fault, 500_000);
    assert_eq!((bench.tokens(), bench.leaving(ANN)), (250, vec![250]));
}

/// Gonka: 1,000 active and 500 unbonding, 10 %: 900 and 450. Symbiotic: 600 and 400, 10 %: 540 and 360.
#[test]
fn gonka_and_symbiotic_slash_what_stays_and_what_leaves_alike() {
    for (staying, going, left) in [(1_000, 500, (900, 450)), (600, 400, (540, 360))] {
        let mut bench = Bench::new(1_000);
        bench.delegate(ANN, staying + going);
        let fault = bench.now;
        bench.undelegate(ANN, going);
        bench.slash(OPERATOR, fault, 100_000);
        assert_eq!((bench.tokens(), bench.leaving(ANN)[0]), left);
    }
}

/// EigenLayer: a hundred delegated after a slash of half are a hundred.
#[test]
fn eigenlayer_a_newcomer_is_not_slashed_for_the_past() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 100);
    bench.slash_now(500_000);
    bench.delegate(BEN, 100);
    assert_eq!((bench.worth(ANN), bench.worth(BEN)), (50, 100));
    assert_eq!(bench.state.delegation(BEN, OPERATOR).unwrap().shares, amount(200));
}

/// EigenLayer: 99 %, then 99.99 % of the rest are taken to the unit. Where its fourth slash leaves nothing of a quintillion,
/// ours end with a pool that is worth nothing and a newcomer who is whole.
#[test]
fn eigenlayer_slashes_of_nearly_everything() {
    let mut bench = Bench::new(1 << 80);
    bench.delegate(ANN, 1_000_000_000_000_000_000);
    let cuts = [(990_000, 10_000_000_000_000_000), (999_900, 1_000_000_000_000), (999_999, 0)];
    for (ppm, left) in cuts {
        bench.slash_now(ppm);
        assert_eq!(bench.tokens(), left);
    }
    bench.delegate(BEN, 100);
    assert_eq!((bench.worth(ANN), bench.worth(BEN)), (0, 100));
}

/// Nosana: weights of 100 and 300 have 10 and 30 of a fee of 40.
#[test]
fn nosana_fees_by_weight() {
    let mut bench = Bench::new(400);
    bench.delegate(ANN, 100);
    bench.delegate(BEN, 300);
    bench.fee(80);
    assert!(bench.earned(ANN, 10) && bench.earned(BEN, 30));
}

/// Livepeer: fully left and paid out, then a slash of half for an old fault: nothing.
#[test]
fn livepeer_what_was_paid_out_is_free() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 1_000);
    let fault = bench.now;
    bench.undelegate(ANN, 1_000);
    bench.wait(15 * DAY + 1);
    bench.slash(OPERATOR, fault, 500_000);
    assert_eq!(bench.gain(ANN, NATIVE), 0);
}
