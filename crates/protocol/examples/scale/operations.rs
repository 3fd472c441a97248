//! Transactions a second.

use protocol::load::account;
use protocol::{AccountId, Action, Amount, NATIVE, STABLE, State};

use crate::positions::{BLOCK, Positions, bond, delegate, operator, pool_of, submit, tokens};
use crate::stopwatch::timed;

/// The kinds of transaction, in the order they are measured in.
pub(crate) const NAMES: [&str; 8] =
    ["transfer", "bond", "unbond", "delegate", "undelegate", "redelegate", "claim", "submit job"];

/// Transactions of one kind a second.
pub(crate) struct Rate {
    pub(crate) operation: &'static str,
    /// On a state that nobody else holds.
    pub(crate) alone: f64,
    /// On a state whose parent is kept, as a node keeps it until the block is final.
    pub(crate) kept: f64,
}

/// Everything but jobs that are assigned, or one operation alone. An account's `n`-th turn comes after everybody's turn before.
pub(crate) fn measure(built: &mut Positions, count: u64, only: Option<&str>) -> Vec<Rate> {
    let (size, operators) = (built.size, built.operators());
    let program = built.program();
    // Scattered over the accounts, every one once before any twice.
    let pick = move |n: u64| n * 7_919 % size;
    let pick_operator = move |n: u64| operator(n * 7_919 % operators);
    let one = Amount::new(1);
    let mut rates = Vec::new();
    let mut rate = |operation: &'static str, action: &dyn Fn(u64) -> (AccountId, Action)| {
        assert!(NAMES.contains(&operation), "{operation} can be asked for");
        if only.is_none_or(|only| only == operation) {
            rates.push(measure_one(built, count, operation, action));
        }
    };
    rate("transfer", &|n| {
        let asset = if n % 2 == 0 { NATIVE } else { STABLE };
        (
            account(pick(2 * n)),
            Action::Transfer { to: account(pick(2 * n + 1)), asset, amount: one },
        )
    });
    rate("bond", &|n| (pick_operator(n), bond(pick_operator(n), 1)));
    rate("unbond", &|n| {
        let (operator, asset) = (pick_operator(n), NATIVE);
        (operator, Action::Unbond { operator, asset, amount: one })
    });
    rate("delegate", &|n| (account(pick(n)), delegate(pool_of(pick(n), 0, operators), 3)));
    rate("undelegate", &|n| {
        let operator = pool_of(pick(n), 0, operators);
        (account(pick(n)), Action::Undelegate { operator, shares: tokens(1) })
    });
    rate("redelegate", &|n| {
        let source = pool_of(pick(n), 0, operators);
        let operator = pool_of(pick(n), 1 + n / size, operators);
        (account(pick(n)), Action::Redelegate { source, operator, shares: tokens(2) })
    });
    rate("claim", &|n| {
        let operator = pool_of(pick(n), 0, operators);
        (account(pick(n)), Action::ClaimFees { operator })
    });
    rate("submit job", &|n| (account(pick(n)), submit(pick(n), program)));
    rates
}

/// Blocks in turns with and without a parent that is kept.
fn measure_one(
    built: &mut Positions,
    count: u64,
    operation: &'static str,
    action: &dyn Fn(u64) -> (AccountId, Action),
) -> Rate {
    let (mut alone, mut kept) = ((0, 0.0), (0, 0.0));
    let mut next = 0..count;
    let half = usize::try_from(count / 2).unwrap_or(BLOCK);
    for turn in 0.. {
        let block: Vec<_> = next.by_ref().take(BLOCK.min(half)).map(action).collect();
        if block.is_empty() {
            break;
        }
        let block = built.load.sign(block);
        built.load.begin(1);
        let parent: Option<State> = (turn % 2 == 1).then(|| built.load.state().clone());
        let (receipts, span) = timed(|| built.load.execute(&block));
        built.load.end();
        for receipt in &receipts {
            assert_eq!(receipt.rejection, None, "{operation}");
        }
        let (done, seconds) = if parent.is_some() { &mut kept } else { &mut alone };
        *done += block.len();
        *seconds += span.as_secs_f64();
    }
    let per_second = |(done, seconds): (usize, f64)| done as f64 / seconds;
    Rate { operation, alone: per_second(alone), kept: per_second(kept) }
}
