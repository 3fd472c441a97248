//! What blocks do by themselves does not grow with what there is.

use protocol::load::{Load, account};
use protocol::{Action, Amount, Commission, EpochEvent, Event, NATIVE, Parameters};

const TOKEN: u128 = 1_000_000_000;

/// So many accounts: one in ten an operator with a bond and a pool, everybody a delegator.
fn crowd(size: u64) -> Load {
    let mut load = Load::funded(size, Parameters::devnet());
    load.register();
    let operators = size / 10;
    let operator = |n: u64| account(n % operators * 10);
    let bond = |n| Action::Bond { operator: operator(n), asset: NATIVE, amount: tokens(2_000) };
    let pool = Action::SetCommission { commission: Commission::default() };
    let delegate = |n| Action::Delegate { operator: operator(n / 10 + 1), amount: tokens(10) };
    let actions = (0..operators)
        .flat_map(|n| [(operator(n), bond(n)), (operator(n), pool.clone())])
        .chain((0..size).map(|n| (account(n), delegate(n))));
    let transactions = load.sign(actions.collect());
    assert_eq!(load.apply(&transactions), transactions.len());
    load
}

fn tokens(count: u128) -> Amount {
    Amount::new(count * TOKEN)
}

/// How many entries of the state the beginnings of two epochs change: both open a pool of rewards, and the first gives seats.
fn changed_by_epochs(load: &mut Load) -> [usize; 2] {
    [1, 2].map(|_| {
        let before = load.state().clone();
        let events = load.begin(before.parameters().epoch_ms);
        let turned = |event: &Event| matches!(event, Event::Epoch(EpochEvent::EpochBegan { .. }));
        assert!(events.iter().any(turned), "an epoch began");
        load.end();
        before.changes(load.state()).len()
    })
}

#[test]
fn the_turn_of_an_epoch_changes_as_much_with_five_times_the_positions() {
    let few = changed_by_epochs(&mut crowd(400));
    assert_eq!(few, changed_by_epochs(&mut crowd(2_000)));
    assert!(few[0] > 10 && few[1] > 2, "seats are given, pools opened: {few:?}");
}

/// Reading ahead changes nothing: transactions applied together are the same ones applied one by one.
#[test]
fn a_block_at_once_is_a_block_one_by_one() {
    let mut together = crowd(400);
    let (operator, shares) = (|n: u64| account(n % 40 * 10), tokens(1));
    let actions = |n: u64| {
        let (own, other) = (operator(n / 10 + 1), operator(n / 10 + 2));
        let bond = Amount::new(n.into());
        [
            (account(n), Action::Undelegate { operator: own, shares }),
            (account(n), Action::Redelegate { source: own, operator: other, shares }),
            // One more is refused while the first answers to its source.
            (account(n), Action::Redelegate { source: own, operator: other, shares }),
            (account(n), Action::Delegate { operator: other, amount: shares }),
            (account(n), Action::ClaimFees { operator: own }),
            (account(n), Action::Transfer { to: account(n + 1), asset: NATIVE, amount: shares }),
            (operator(n), Action::Bond { operator: operator(n), asset: NATIVE, amount: bond }),
            (operator(n), Action::Unbond { operator: operator(n), asset: NATIVE, amount: bond }),
        ]
    };
    let block = together.sign((0..100).flat_map(actions).collect());
    together.begin(1);
    let mut apart = together.clone();
    let receipts = together.execute(&block);
    let refused = receipts.iter().filter(|receipt| receipt.rejection.is_some()).count();
    assert!((100..400).contains(&refused), "{refused} of {} are refused", block.len());
    let one_by_one: Vec<_> = block.chunks(1).flat_map(|one| apart.execute(one)).collect();
    assert_eq!(receipts, one_by_one);
    assert_eq!(together.state(), apart.state());
    assert_eq!(protocol::invariants::check(together.state()), []);
}
