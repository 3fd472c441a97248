//! Random stakers and random trouble: every invariant after every step, and nothing left when everybody has gone.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
struct Operation {
    who: usize,
    what: u8,
    pick: u8,
    units: u128,
}

fn operation() -> impl Strategy<Value = Operation> {
    let units =
        prop_oneof![3 => 1..1_000_000_u128, 2 => 1..20_u128, 1 => Just(0), 1 => 1..1_u128 << 80];
    (0..3_usize, any::<u8>(), any::<u8>(), units).prop_map(|(who, what, pick, units)| Operation {
        who,
        what,
        pick,
        units,
    })
}

impl Bench {
    fn act(&mut self, operation: &Operation) {
        let Operation { who, what, pick, units } = *operation;
        let (who, units) = ([ANN, BEN, EVE][who], amount(units));
        let operator = OPERATORS[usize::from(pick % 3)];
        let other = OPERATORS[usize::from(pick / 3 % 3)];
        let held = self.state.delegation(who, operator).map_or(Amount::ZERO, |view| view.free);
        let shares = if pick % 2 == 0 { held } else { units.min(held) };
        let before = self.state.clone();
        let done = match what % 16 {
            0..=2 => self.run(|step| delegate(step, who, operator, units)),
            3 | 4 => self.run(|step| undelegate(step, who, operator, shares)),
            5 => self.run(|step| redelegate(step, who, operator, other, shares)),
            6 => {
                let open = self.state.undelegations(who).next();
                let (operator, bucket) =
                    open.map_or((operator, 0), |view| (view.operator, view.bucket));
                self.run(|step| cancel_unbonding(step, who, operator, bucket))
            }
            7 => self.run(|step| claim(step, who, operator)),
            8 => self.run(|step| commit(step, who, operator, DAY * (u64::from(pick) + 14))),
            9 => self.run(|step| commit(step, operator, operator, DAY * (u64::from(pick) + 14))),
            10 => self.run(|step| set_commission(step, operator, percent(u32::from(pick % 102)))),
            11 => self.run(|step| bonds::unbond(step, operator, operator, NATIVE, units)),
            what => {
                self.trouble(what, operator, pick, units);
                Ok(())
            }
        };
        if done.is_err() {
            assert_eq!(self.state, before, "a refused action changes nothing: {done:?}");
        }
    }

    /// Fees, rewards, slashes, time.
    fn trouble(&mut self, what: u8, operator: AccountId, pick: u8, units: Amount) {
        let from = Place::Account(TREASURY);
        match what {
            12 => drop(self.run(|step| step.pay_pool_fees(from, operator, units, None))),
            13 => self.run(|step| step.earn(from, operator, units, Why::Transfer)),
            14 => {
                let part = [1, 300_000, 999_999, 1_000_000][usize::from(pick / 64)];
                let since = Time(self.now.0.saturating_sub(u64::from(pick % 16) * DAY));
                self.slash(operator, since, part);
            }
            _ => self.wait(u64::from(pick) * DAY / 40),
        }
    }

    /// Everybody leaves, and everything is paid out.
    fn everybody_out(&mut self) {
        self.wait(400 * DAY);
        for who in [ANN, BEN, EVE] {
            for operator in OPERATORS {
                let Some(view) = self.state.delegation(who, operator) else { continue };
                self.ok(|step| claim(step, who, operator));
                if view.shares > Amount::ZERO && !view.worth.is_zero() {
                    self.ok(|step| undelegate(step, who, operator, view.shares));
                }
            }
        }
        self.wait(16 * DAY);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_pools_are_whole(operations in prop::collection::vec(operation(), 1..120)) {
        let mut bench = Bench::new(1 << 70);
        let before = bench.state.supply(NATIVE).unwrap().minted;
        for operation in &operations {
            bench.act(operation);
        }
        bench.everybody_out();
        // Shares worth less than a unit stay; everybody else has gone with everything.
        if bench.state.delegations.is_empty() {
            for kind in [crate::PlaceKind::Pools, crate::PlaceKind::PoolIncome, crate::PlaceKind::Leaving] {
                for asset in [NATIVE, STABLE] {
                    prop_assert_eq!(bench.state.total(kind, asset), Amount::ZERO, "{:?}", kind);
                }
            }
        }
        prop_assert!(bench.state.buckets.is_empty() && bench.state.delegations.values().all(|one| one.hop.is_none()));
        prop_assert!(bench.state.undelegations.is_empty() && bench.state.commitments.is_empty());
        prop_assert_eq!(bench.state.supply(NATIVE).unwrap().minted, before);
    }

    /// In and out again is never a gain, whatever the pool is worth, and never a loss of more than a share's price.
    #[test]
    fn rounding_is_against_the_mover(first in 1..1_u128 << 40, reward in 0..1_u128 << 40, cut in 0..999_999_u128, units in 1..1_u128 << 40) {
        let mut bench = Bench::new(1 << 60);
        bench.delegate(ANN, first);
        bench.reward(reward);
        bench.slash_now(cut);
        prop_assume!(bench.tokens() > 0);
        let (tokens, shares) = (bench.tokens(), bench.state.pool_of(OPERATOR).unwrap().shares.units());
        if bench.run(|step| delegate(step, BEN, OPERATOR, amount(units))).is_err() {
            prop_assert!(units * shares < tokens, "only what buys no share is refused");
            return Ok(());
        }
        let worth = bench.worth(BEN);
        prop_assert!(worth <= units && units - worth <= tokens / shares + 1, "{worth} of {units}");
        prop_assert!(bench.worth(ANN) >= tokens - 1);
    }

    /// One stake or two halves of it: the same income, to the unit each claim leaves behind.
    #[test]
    fn splitting_a_stake_earns_nothing_more(half in 1..1_u128 << 40, fees in prop::collection::vec(0..1_u128 << 40, 1..6), claims: bool) {
        let due = |people: &[AccountId]| {
            let mut bench = Bench::new(1 << 60);
            for who in people {
                bench.delegate(*who, 2 * half / people.len() as u128);
                bench.ok(|step| commit(step, *who, OPERATOR, 365 * DAY));
            }
            for fee in &fees {
                bench.fee(*fee);
                for who in people.iter().filter(|_| claims) {
                    bench.ok(|step| claim(step, *who, OPERATOR));
                }
            }
            let paid = people.iter().map(|who| bench.gain(*who, STABLE)).sum::<i128>().unsigned_abs();
            (paid + people.iter().map(|who| bench.fees_due(*who)).sum::<u128>(), bench.state.pool_of(OPERATOR).unwrap().bonus)
        };
        let ((one, whole), (two, halves)) = (due(&[ANN]), due(&[ANN, BEN]));
        prop_assert!(one.abs_diff(two) <= 2 * fees.len() as u128);
        prop_assert!(halves <= whole);
    }

    /// One committed stake or two halves of it: the same of every reward, compounded and bonus, to a unit each.
    #[test]
    fn splitting_or_merging_a_committed_stake_changes_no_reward(half in 1..1_u128 << 40, other in 1..1_u128 << 40, rewards in prop::collection::vec(0..1_u128 << 40, 1..6)) {
        let has = |people: &[AccountId]| {
            let mut bench = Bench::new(1 << 40);
            bench.delegate(EVE, other);
            for who in people {
                bench.delegate(*who, 2 * half / people.len() as u128);
                bench.ok(|step| commit(step, *who, OPERATOR, 365 * DAY));
            }
            for reward in &rewards {
                bench.reward(*reward);
            }
            let views = people.iter().map(|who| bench.state.delegation(*who, OPERATOR).unwrap());
            let theirs: u128 = views.map(|view| view.worth.units() + view.bonus_due.units()).sum();
            (theirs, bench.worth(EVE))
        };
        let ((one, beside_one), (two, beside_two)) = (has(&[ANN]), has(&[ANN, BEN]));
        prop_assert!(two <= one && one - two <= 2, "{one} in one, {two} in two");
        prop_assert_eq!(beside_one, beside_two);
    }

    /// Whoever comes late has what it brought at most, is due nothing, and takes nothing of what the others have.
    #[test]
    fn a_late_joiner_takes_nothing_of_earlier_income(first in 1..1_u128 << 40, incomes in prop::collection::vec((any::<bool>(), 0..1_u128 << 40), 0..6), cut in 0..999_999_u128, late in 1..1_u128 << 50) {
        let mut bench = Bench::new(1 << 60);
        bench.delegate(ANN, first);
        bench.ok(|step| commit(step, ANN, OPERATOR, 365 * DAY));
        for (stable, units) in &incomes {
            if *stable { bench.fee(*units) } else { bench.reward(*units) }
        }
        bench.slash_now(cut);
        let before = bench.state.delegation(ANN, OPERATOR).unwrap();
        if bench.run(|step| delegate(step, BEN, OPERATOR, amount(late))).is_err() {
            return Ok(());
        }
        let came = bench.state.delegation(BEN, OPERATOR).unwrap();
        prop_assert!(came.worth <= amount(late) && came.fees_due.is_zero() && came.bonus_due.is_zero());
        let free = came.shares.units();
        bench.ok(|step| claim(step, BEN, OPERATOR));
        if !came.worth.is_zero() {
            bench.undelegate(BEN, free);
        }
        prop_assert_eq!(bench.gain(BEN, STABLE), 0);
        prop_assert!(bench.leaving(BEN).iter().all(|left| *left <= late));
        let after = bench.state.delegation(ANN, OPERATOR).unwrap();
        prop_assert!(after.worth >= before.worth, "{} of {}", after.worth, before.worth);
        prop_assert_eq!((after.fees_due, after.bonus_due), (before.fees_due, before.bonus_due));
    }

    /// Leaving or hopping after a fault, in parts and at any time before the slashes for it, keeps no more than staying.
    #[test]
    fn leaving_early_never_escapes(stake in 3..1_u128 << 50, others in 1..1_u128 << 50, part in 1..1_000_000_u128, fled_after in 0..13_u64, cuts in prop::collection::vec((0..1_000_000_u128, 0..14_u64), 1..4)) {
        let keeps = |flee: fn(&mut Bench, u128)| {
            let mut bench = Bench::new(1 << 60);
            bench.delegate(ANN, stake);
            bench.delegate(BEN, others);
            let fault = bench.now;
            bench.wait(fled_after * DAY);
            flee(&mut bench, (stake * part / 1_000_000).max(1));
            for (cut, day) in &cuts {
                let at = fault.plus_ms(*day.max(&fled_after) * DAY);
                bench.wait(at.0.saturating_sub(bench.now.0));
                bench.slash(OPERATOR, fault, *cut);
            }
            bench.wait(30 * DAY);
            let there: Amount = bench.state.delegations(ANN).map(|view| view.worth).sum();
            bench.gain(ANN, NATIVE) + i128::try_from(there.units()).unwrap()
        };
        let stayed = keeps(|_, _| {});
        let left = keeps(|bench, units| bench.undelegate(ANN, units));
        let hopped = keeps(|bench, units| {
            bench.ok(|step| redelegate(step, ANN, OPERATOR, OTHER, amount(units)));
        });
        // Each slash rounds twice, and so does each worth; a pool of which a billionth is left loses that as well.
        let billionth = i128::try_from(stake / DILUTION_MAX).unwrap();
        let slack = 2 * i128::try_from(cuts.len()).unwrap() + 2 + billionth;
        prop_assert!(left <= stayed + slack, "{left} against {stayed}");
        prop_assert!(hopped <= stayed + slack, "{hopped} against {stayed}");
    }
}
