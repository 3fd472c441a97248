//! Blocks in which every operator is weighed again, because validators have agreed on another price.

use protocol::load::Load;
use protocol::{AccountId, Action, Amount, Hash, Parameters, seal_price};

use crate::jobs::PACE_MS;
use crate::positions::{bond, operator};
use crate::stopwatch::{Spans, timed};

/// A tenth less than what the token is worth at the start.
const PRICE: Amount = Amount::new(900_000);

const SLOT_MS: u64 = 10_000;

const SALT: Hash = Hash([7; 32]);

/// The beginnings of the blocks from a new price on until so many operators, each with a bond, are weighed.
pub(crate) fn reviews(operators: u64) -> Spans {
    let parameters = Parameters { oracle_slot_ms: SLOT_MS, ..Parameters::devnet() };
    let mut load = Load::funded(10 * operators, parameters);
    load.register();
    let bonds = (0..operators).map(|n| (operator(n), bond(operator(n), 20_000))).collect();
    do_all(&mut load, bonds);
    load.begin(SLOT_MS);
    load.end();
    let (chain, slot) = (load.state().chain().id, load.state().oracle().expect("one reports").slot);
    let reporters: Vec<AccountId> = load.state().reports(slot).map(|(who, _)| who).collect();
    let sealed = |who: &AccountId| {
        let commitment = seal_price(chain, slot, *who, SALT, PRICE);
        (*who, Action::CommitPrice { slot, commitment })
    };
    do_all(&mut load, reporters.iter().map(sealed).collect());
    load.begin(SLOT_MS);
    load.end();
    let opened = |who: &AccountId| (*who, Action::RevealPrice { slot, price: PRICE, salt: SALT });
    do_all(&mut load, reporters.iter().map(opened).collect());
    let mut blocks = Spans::default();
    let mut elapsed_ms = SLOT_MS;
    loop {
        blocks.push(timed(|| load.begin(elapsed_ms)).1);
        load.end();
        elapsed_ms = PACE_MS;
        if load.state().sweep().is_none() {
            assert_eq!(load.state().collateral_price(), PRICE, "reporters have agreed on it");
            return blocks;
        }
    }
}

fn do_all(load: &mut Load, actions: Vec<(AccountId, Action)>) {
    let transactions = load.sign(actions);
    assert_eq!(load.apply(&transactions), transactions.len(), "all is in order");
}
