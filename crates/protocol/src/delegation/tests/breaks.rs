//! How share pools broke elsewhere. The numbers are those of docs/protocol/known-failures.md.

use super::*;

/// Nobody can give to a pool, and a pool of the least size beside the least own bond grows too little to round a victim
/// away: with the real limits, a thousand times the pool in rewards costs the next one less than a millionth.
#[test]
fn class_01_the_first_delegator_cannot_inflate_the_second_away() {
    let token = 1_000_000_000;
    let mut bench = Bench::with(Parameters::default(), 100 * token);
    bench.delegate(EVE, token);
    bench.reward(100_000 * token);
    assert!(bench.tokens() > 900 * token, "the pool is worth a thousand times its shares");
    let refused = bench.run(|step| undelegate(step, EVE, OPERATOR, amount(token - 1)));
    assert!(matches!(refused, Err(Rejection::DelegationCap { .. } | Rejection::DustLeft { .. })));
    bench.ok(|step| bonds::bond(step, OPERATOR, OPERATOR, NATIVE, amount(10_000 * token)));
    let victim = 1_999 * token - 1;
    bench.delegate(BEN, victim);
    assert!(victim - bench.worth(BEN) < victim / 1_000_000, "{}", bench.worth(BEN));
}

#[test]
fn class_02_a_slash_of_a_pool_rounds_up() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 10);
    for left in [9, 8, 7] {
        bench.slash_now(1);
        assert_eq!(bench.tokens(), left);
    }
}

/// However often a pool is slashed to next to nothing, the next delegator has what it brought.
#[test]
fn class_03_06_a_destroyed_pool_begins_afresh() {
    for ppm in [999_900, 1_000_000] {
        let mut bench = Bench::new(1 << 80);
        for round in 0..5 {
            bench.delegate(BEN, 1 << 70);
            assert_eq!(bench.worth(BEN), 1 << 70, "round {round}");
            let shares = bench.state.delegation(BEN, OPERATOR).unwrap().shares;
            bench.undelegate(BEN, shares.units());
            bench.delegate(ANN, 1 << 40);
            for _ in 0..4 {
                bench.slash_now(ppm);
            }
            assert!(bench.worth(ANN) <= 1, "all but nothing is lost");
        }
        bench.wait(1);
        let pool = bench.state.pool_of(OPERATOR).unwrap();
        assert!(pool.generation >= 5 && pool.shares < amount(1 << 90));
    }
}

/// A billion shares of a unit are worth that unit; one share more, and all are worth nothing.
#[test]
fn class_03_a_pool_collapses_past_a_billion_shares_a_unit() {
    let left = |units: u128| {
        let mut bench = Bench::new(1 << 40);
        bench.delegate(ANN, units);
        bench.slash_now(999_999);
        bench.slash_now(999_000);
        (bench.tokens(), bench.worth(ANN))
    };
    assert_eq!(left(1_000_000_000), (1, 1));
    assert_eq!(left(1_000_000_001), (0, 0));
}

/// What delegators of a destroyed pool had earned before is still theirs, and the last one leaves nothing behind.
#[test]
fn class_06_fees_outlive_a_collapse() {
    let mut bench = Bench::new(100);
    bench.delegate(ANN, 100);
    bench.delegate(BEN, 200);
    bench.fee(400);
    bench.slash_now(1_000_000);
    bench.delegate(EVE, 300);
    bench.fee(400);
    assert!(bench.earned(ANN, 100) && bench.earned(BEN, 200) && bench.earned(EVE, 300));
    for who in [ANN, BEN] {
        bench.ok(|step| claim(step, who, OPERATOR));
    }
    assert!(bench.state.ruins.is_empty() && bench.state.delegation(ANN, OPERATOR).is_none());
    let gone = bench.run(|step| claim(step, ANN, OPERATOR));
    assert_eq!(gone, Err(Rejection::NoDelegation { operator: OPERATOR }));
}

#[test]
fn class_08_shares_worth_nothing_are_not_burned_for_nothing() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 1_000);
    bench.slash_now(999_000);
    let before = bench.state.clone();
    assert_eq!(
        bench.run(|step| undelegate(step, ANN, OPERATOR, amount(999))),
        Err(Rejection::WorthNothing)
    );
    assert_eq!(bench.state, before);
    bench.undelegate(ANN, 1_000);
    assert_eq!(bench.leaving(ANN), [1]);
}

#[test]
fn class_09_a_deposit_that_buys_no_share_is_refused() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 2);
    bench.reward(1_002_000);
    assert_eq!(bench.tokens(), 2_002);
    let refused = bench.run(|step| delegate(step, BEN, OPERATOR, amount(1_000)));
    assert_eq!(refused, Err(Rejection::WorthNothing));
}

/// Whoever flees after a fault loses as if it had stayed, and so does whoever hops.
#[test]
fn class_16_21_neither_leaving_nor_hopping_escapes() {
    let loss = |flee: fn(&mut Bench)| {
        let mut bench = Bench::new(1 << 40);
        bench.delegate(ANN, 1 << 30);
        let fault = bench.now;
        flee(&mut bench);
        bench.slash(OPERATOR, fault, 300_000);
        bench.wait(16 * DAY);
        let there: Amount = bench.state.delegations(ANN).map(|view| view.worth).sum();
        bench.gain(ANN, NATIVE) + i128::try_from(there.units()).unwrap()
    };
    let stayed = loss(|_| {});
    let left = loss(|bench| bench.undelegate(ANN, 1 << 30));
    let hopped =
        loss(|bench| bench.ok(|step| redelegate(step, ANN, OPERATOR, OTHER, amount(1 << 30))));
    assert_eq!(stayed, -322_122_548, "30 % of 2^30, rounded up");
    assert_eq!([left, hopped], [stayed; 2]);
}

#[test]
fn class_18_28_an_exit_begins_with_the_end_of_its_epoch_to_the_millisecond() {
    let slashed = |since: u64| {
        let mut bench = Bench::new(1_000);
        bench.delegate(ANN, 100);
        bench.wait(5_000);
        bench.undelegate(ANN, 100);
        bench.wait(2 * DAY);
        bench.slash(OPERATOR, Time(since), 500_000);
        bench.leaving(ANN)[0] == 50
    };
    assert_eq!([DAY - 1, DAY, DAY + 1].map(slashed), [true, true, false]);
    let at = |offset: i64| {
        let mut bench = Bench::new(1_000);
        bench.delegate(ANN, 100);
        bench.undelegate(ANN, 100);
        let bucket = *bench.state.buckets.values().next().unwrap();
        assert_eq!((bucket.began, bucket.release), (Time(DAY), Time(15 * DAY)));
        bench.now = Time(bucket.release.0.strict_add_signed(offset));
        bench.state.clock.now = bench.now;
        bench.slash(OPERATOR, Time(0), 500_000);
        bench.wait(2);
        bench.gain(ANN, NATIVE)
    };
    assert_eq!([-1, 0, 1].map(at), [-50, -50, 0], "until release, inclusive");
}

/// What leaves or hops in the epoch of a slash, but after it, was slashed in the pool and is not slashed again.
#[test]
fn class_26_a_slashed_bucket_takes_in_nothing_more() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 400);
    let fault = bench.now;
    let hop = |bench: &mut Bench, to, units| {
        bench.ok(|step| redelegate(step, ANN, OPERATOR, to, amount(units)));
    };
    bench.undelegate(ANN, 100);
    hop(&mut bench, OTHER, 100);
    bench.slash(OPERATOR, fault, 500_000);
    bench.undelegate(ANN, 100);
    hop(&mut bench, OPERATORS[2], 100);
    assert_eq!(
        bench.leaving(ANN),
        [50, 50],
        "half of a hundred; a hundred shares at half the price"
    );
    bench.wait(16 * DAY);
    let worth = |operator| bench.state.delegation(ANN, operator).unwrap().worth;
    assert_eq!([OTHER, OPERATORS[2]].map(worth), [amount(50), amount(50)]);
}

/// Whoever thinks better of leaving brings its part of what slashes left of the bucket, and no more.
#[test]
fn class_19_a_slashed_undelegation_comes_back_at_what_is_left() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 40);
    bench.delegate(BEN, 160);
    let fault = bench.now;
    bench.undelegate(ANN, 40);
    bench.undelegate(BEN, 60);
    bench.slash(OPERATOR, fault, 500_000);
    let bucket = bench.state.undelegations(ANN).next().unwrap().bucket;
    bench.ok(|step| cancel_unbonding(step, ANN, OPERATOR, bucket));
    assert_eq!((bench.worth(ANN), bench.leaving(ANN), bench.leaving(BEN)), (20, vec![], vec![30]));
}

#[test]
fn class_22_one_hop_at_a_time() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 200);
    bench.ok(|step| redelegate(step, ANN, OPERATOR, OTHER, amount(100)));
    let onwards = bench.run(|step| redelegate(step, ANN, OTHER, OPERATORS[2], amount(100)));
    assert!(matches!(onwards, Err(Rejection::SharesNotFree { .. })));
    let again = bench.run(|step| redelegate(step, ANN, OPERATOR, OTHER, amount(100)));
    assert!(matches!(again, Err(Rejection::HopOpen { .. })));
    bench.ok(|step| redelegate(step, ANN, OPERATOR, OPERATORS[2], amount(100)));
    bench.wait(16 * DAY);
    bench.ok(|step| redelegate(step, ANN, OTHER, OPERATORS[2], amount(100)));
}

/// Two slashes, of the source and of the destination, in either order.
#[test]
fn class_04_05_slashes_of_both_ends_of_a_hop_commute() {
    let left = |order: [AccountId; 2]| {
        let mut bench = Bench::new(1 << 30);
        bench.delegate(ANN, 1 << 20);
        let fault = bench.now;
        bench.ok(|step| redelegate(step, ANN, OPERATOR, OTHER, amount(1 << 20)));
        for operator in order {
            bench.slash(operator, fault, 500_000);
        }
        bench.wait(16 * DAY);
        bench.state.delegation(ANN, OTHER).unwrap().worth
    };
    assert_eq!(left([OPERATOR, OTHER]), amount(1 << 18), "half of half");
    assert_eq!(left([OTHER, OPERATOR]), amount(1 << 18));
}

fn numbered(number: u16) -> AccountId {
    let mut who = [200; 32];
    who[..2].copy_from_slice(&number.to_be_bytes());
    AccountId(who)
}

/// What a slash, a fee and a reward change does not grow with the number of delegators.
#[test]
fn class_46_three_hundred_delegators_cost_no_more_than_two() {
    let changed = |delegators: u16| {
        let mut bench = Bench::new(1 << 40);
        for number in 0..delegators {
            let who = numbered(number);
            bench.run(|step| {
                let (from, to, why) =
                    (Place::Account(TREASURY), Place::Account(who), Why::Transfer);
                step.shift(Movement {
                    from,
                    to,
                    asset: NATIVE,
                    amount: amount(100),
                    why,
                    job: None,
                });
                delegate(step, who, OPERATOR, amount(100)).unwrap();
            });
        }
        let fault = bench.now;
        bench.undelegate(numbered(0), 50);
        let before = bench.state.clone();
        bench.slash(OPERATOR, fault, 500_000);
        bench.fee(1_000);
        bench.reward(1_000);
        before.changes(&bench.state).len()
    };
    assert_eq!(changed(2), changed(300));
}

/// Whoever comes for one reward has the least part of it, and then earns nothing for fourteen days.
#[test]
fn class_36_coming_for_one_reward_earns_less_than_staying() {
    let earned = |hops: bool| {
        let mut bench = Bench::new(1_000_000);
        bench.delegate(BEN, 1_000_000);
        if !hops {
            bench.delegate(ANN, 1_000_000);
        }
        for day in 0..30 {
            if hops && day % 15 == 0 {
                bench.delegate(ANN, 1_000_000);
            }
            bench.fee(3_000);
            if hops && day % 15 == 0 {
                bench.undelegate(ANN, 1_000_000);
            }
            bench.wait(DAY);
        }
        if !hops {
            bench.ok(|step| claim(step, ANN, OPERATOR));
        }
        bench.gain(ANN, STABLE)
    };
    let (stayed, came) = (earned(false), earned(true));
    assert!(
        (29_999..=30_000).contains(&stayed) && (1_998..=2_000).contains(&came),
        "{stayed}, {came}"
    );
}

/// Whoever comes back starts at the reading of the day, whatever was earned while it was away.
#[test]
fn class_38_coming_back_earns_nothing_of_what_was_missed() {
    let mut bench = Bench::new(1_000);
    bench.delegate(BEN, 1_000);
    bench.delegate(ANN, 1_000);
    bench.undelegate(ANN, 1_000);
    bench.fee(600);
    let bucket = bench.state.undelegations(ANN).next().unwrap().bucket;
    bench.ok(|step| cancel_unbonding(step, ANN, OPERATOR, bucket));
    assert_eq!((bench.worth(ANN), bench.fees_due(ANN)), (1_000, 0));
    bench.fee(600);
    assert!(bench.earned(ANN, 200) && bench.earned(BEN, 300 + 200));
}

/// Not under its own name, nor by its owner, nor by another operator of that owner.
#[test]
fn class_39_nobody_delegates_to_oneself() {
    let mut bench = Bench::new(1_000);
    for operator in [OPERATOR, OTHER] {
        bench.ok(|step| operators::nominate(step, operator, operator, ANN));
        bench.ok(|step| operators::accept(step, ANN, operator));
    }
    for who in [OPERATOR, ANN, OTHER] {
        let refused = bench.run(|step| delegate(step, who, OPERATOR, amount(1)));
        assert_eq!(refused, Err(Rejection::OwnPool { operator: OPERATOR }));
    }
}

#[test]
fn class_42_no_income_changes_nothing() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 700);
    bench.fee(1_001);
    bench.reward(1_001);
    let before = bench.state.clone();
    bench.fee(0);
    bench.reward(0);
    assert_eq!(bench.state, before);
}

#[test]
fn class_45_a_claim_pays_whoever_earned() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 1_000);
    bench.fee(500);
    let refused = bench.run(|step| claim(step, EVE, OPERATOR));
    assert_eq!(refused, Err(Rejection::NoDelegation { operator: OPERATOR }));
    bench.delegate(EVE, 1_000);
    bench.ok(|step| claim(step, EVE, OPERATOR));
    assert_eq!((bench.gain(EVE, STABLE), bench.earned(ANN, 250)), (0, true));
}

/// Neither the operator's own exits nor those of other delegators move anybody's release.
#[test]
fn class_78_a_release_does_not_move() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 100);
    bench.delegate(BEN, 100);
    bench.undelegate(ANN, 100);
    let release = |bench: &Bench| bench.state.undelegations(ANN).next().unwrap().release;
    let before = release(&bench);
    bench.ok(|step| bonds::unbond(step, OPERATOR, OPERATOR, NATIVE, amount(400)));
    bench.undelegate(BEN, 50);
    bench.wait(DAY);
    bench.ok(|step| bonds::unbond(step, OPERATOR, OPERATOR, NATIVE, amount(400)));
    bench.undelegate(BEN, 50);
    assert_eq!(release(&bench), before);
}

/// What leaves answers and earns nothing; what hops earns where it is.
#[test]
fn class_83_what_leaves_earns_nothing() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 1_000);
    bench.delegate(BEN, 1_000);
    bench.undelegate(ANN, 1_000);
    bench.fee(400);
    bench.reward(400);
    assert_eq!((bench.fees_due(ANN), bench.leaving(ANN)), (0, vec![1_000]));
    assert!(bench.earned(BEN, 200));
    assert_eq!(bench.worth(BEN), 1_200);
}

/// A thousand delegations of one unit cost an honest delegator nothing.
#[test]
fn class_40_dust_does_not_round_others_away() {
    let honest = |dust: bool| {
        let mut bench = Bench::new(1_000_000);
        bench.delegate(ANN, 1_000_000);
        for _ in 0..100 {
            if dust {
                bench.delegate(EVE, 1);
            }
            bench.fee(2_001);
        }
        bench.fees_due(ANN)
    };
    let (alone, beside) = (honest(false), honest(true));
    assert!(
        alone - beside <= 10,
        "{alone} against {beside}: 5,050 parts in a hundred million of 200,000"
    );
}

#[test]
fn class_41_income_of_an_empty_pool_is_the_operators() {
    let mut bench = Bench::new(1_000);
    bench.fee(500);
    bench.delegate(ANN, 1_000);
    assert_eq!((bench.fees_due(ANN), bench.gain(OPERATOR, STABLE)), (0, 500));
}

/// What is beyond the cap, because the operator's own bond shrank, earns nothing.
#[test]
fn class_43_weight_follows_the_operators_own_bond() {
    let mut bench = Bench::with(Parameters { delegation_cap: 9, ..parameters() }, 1_000);
    bench.delegate(ANN, 9_000);
    bench.fee(1_000);
    assert!(bench.earned(ANN, 900));
    bench.ok(|step| bonds::unbond(step, OPERATOR, OPERATOR, NATIVE, amount(900)));
    let refused = bench.run(|step| delegate(step, BEN, OPERATOR, amount(1)));
    assert_eq!(refused, Err(Rejection::DelegationCap { amount: amount(1), room: amount(0) }));
    assert_eq!(bench.state.counted_tokens(OPERATOR), amount(900));
    bench.fee(1_000);
    assert!(bench.earned(ANN, 1_800), "900 of 100 + 900");
}

#[test]
fn class_44_a_raise_does_not_touch_the_income_of_the_day() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 1_000);
    bench.ok(|step| set_commission(step, OPERATOR, percent(100)));
    bench.fee(200);
    assert!(bench.earned(ANN, 100));
    bench.wait(15 * DAY);
    bench.fee(200);
    assert!(bench.earned(ANN, 100 + 99), "the first point, after fifteen epochs");
    bench.wait(DAY);
    bench.fee(200);
    assert!(bench.earned(ANN, 100 + 99 + 98));
    bench.ok(|step| set_commission(step, OPERATOR, no_commission()));
    bench.fee(200);
    assert!(bench.earned(ANN, 100 + 99 + 98 + 100), "lowered at once");
}

/// A slash of one unit before everything is taken out does not get in the way.
#[test]
fn class_54_taking_everything_cannot_be_griefed() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 100);
    bench.slash_now(1);
    bench.undelegate(ANN, 100);
    assert_eq!(bench.leaving(ANN), [99]);
}

#[test]
fn class_79_slash_and_undelegation_in_one_block_in_both_orders() {
    let left = |leave_first: bool| {
        let mut bench = Bench::new(1_000);
        bench.delegate(ANN, 100);
        if leave_first {
            bench.undelegate(ANN, 40);
        }
        bench.slash_now(500_000);
        if !leave_first {
            bench.undelegate(ANN, 40);
        }
        (bench.tokens(), bench.leaving(ANN))
    };
    assert_eq!(left(true), left(false));
}

/// An operator has no action that makes its delegators leave, nor one that keeps them.
#[test]
fn class_82_delegators_leave_an_operator_that_has_left() {
    let mut bench = Bench::new(1_000);
    bench.delegate(ANN, 100);
    bench.ok(|step| bonds::unbond(step, OPERATOR, OPERATOR, NATIVE, amount(1_000)));
    let fault = bench.now;
    bench.slash(OPERATOR, fault, 500_000);
    bench.undelegate(ANN, 100);
    assert_eq!(bench.leaving(ANN), [50]);
}
