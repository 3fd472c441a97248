//! How fast the rules are, and what part of it is what.

use anyhow::{Result, ensure};
use protocol::load::Load;
use protocol::{SignedTransaction, State, Verified, invariants};

use crate::clock::Samples;

/// Accounts in the states that are measured.
const ACCOUNTS: [u64; 2] = [1_000, 100_000];

/// Transactions in one block.
const BLOCK: u64 = 5_000;

/// How many cases [`measure_all`] has.
pub(super) const CASES: usize = 2 * ACCOUNTS.len();

/// What the transactions do.
#[derive(Clone, Copy)]
enum Operation {
    Transfers,
    Stake,
}

/// One kind of transaction in one state. Milliseconds for [`Rules::block`] transactions.
pub(super) struct Rules {
    pub(super) operation: &'static str,
    pub(super) accounts: u64,
    pub(super) block: u64,
    /// From bytes to a transaction.
    pub(super) decode: Samples,
    /// The hash that is signed, and the size.
    pub(super) hash: Samples,
    /// The rules themselves, with a block's beginning and end.
    pub(super) apply: Samples,
    /// What the block changed, as entries for the ledger.
    pub(super) changes: Samples,
    /// Entries changed by a block.
    pub(super) changed: usize,
}

impl Rules {
    /// Transactions per second that a number of milliseconds for a block means.
    pub(super) fn per_second(&self, block_ms: f64) -> f64 {
        if block_ms > 0.0 { self.block as f64 / block_ms * 1e3 } else { 0.0 }
    }

    /// Milliseconds for a block from bytes to entries, without signatures.
    pub(super) fn whole(&self) -> f64 {
        self.decode.min() + self.hash.min() + self.apply.min() + self.changes.min()
    }
}

/// Measures every kind in every state.
pub(super) fn measure_all(repetitions: usize, mut done: impl FnMut()) -> Result<Vec<Rules>> {
    let mut all = Vec::new();
    for accounts in ACCOUNTS {
        for operation in [Operation::Transfers, Operation::Stake] {
            all.push(measure(operation, accounts, repetitions)?);
            done();
        }
    }
    Ok(all)
}

fn measure(operation: Operation, accounts: u64, repetitions: usize) -> Result<Rules> {
    let mut rules = Rules {
        operation: match operation {
            Operation::Transfers => "transfers",
            Operation::Stake => "stake operations",
        },
        accounts,
        block: BLOCK,
        decode: Samples::default(),
        hash: Samples::default(),
        apply: Samples::default(),
        changes: Samples::default(),
        changed: 0,
    };
    for _ in 0..repetitions {
        // Each time anew: bonds that leave take weeks of the rules' time, and few may leave at once.
        let mut load = Load::new(accounts);
        warm_up(operation, accounts, &mut load);
        rules.measure_block(operation, &mut load)?;
        check_books(load.state())?;
    }
    Ok(rules)
}

impl Rules {
    fn measure_block(&mut self, operation: Operation, load: &mut Load) -> Result<()> {
        let block = block(operation, load);
        let bytes = encode(&block)?;
        let decoded = self.decode.measure(|| decode(&bytes))?;
        let verified = self.hash.measure(|| verify(decoded));
        ensure!(verified == block, "transactions change on their way through bytes");
        let before = load.state().clone();
        let accepted = self.apply.measure(|| load.apply(&block));
        let (of, what) = (block.len(), self.operation);
        // A refused one costs about as much, but is not what is to be measured.
        ensure!(accepted * 100 >= of * 99, "{accepted} of {of} {what} accepted");
        self.changed = self.changes.measure(|| before.changes(load.state())).len();
        Ok(())
    }
}

/// Blocks that are not measured: after them, nearly every operator has a bond to take out.
fn warm_up(operation: Operation, accounts: u64, load: &mut Load) {
    let blocks = match operation {
        Operation::Transfers => 1,
        // One account in ten is an operator, and two transactions in three bond.
        Operation::Stake => (accounts / 10 * 15).div_ceil(BLOCK),
    };
    for _ in 0..blocks {
        let block = block(operation, load);
        load.apply(&block);
    }
}

fn block(operation: Operation, load: &mut Load) -> Vec<Verified> {
    match operation {
        Operation::Transfers => load.transfers(BLOCK),
        Operation::Stake => load.stake_operations(BLOCK),
    }
}

/// What was measured was right.
fn check_books(state: &State) -> Result<()> {
    let violations = invariants::check_totals(state);
    ensure!(violations.is_empty(), "the books do not balance: {violations:?}");
    Ok(())
}

fn encode(block: &[Verified]) -> std::io::Result<Vec<Vec<u8>>> {
    let signed = block.iter().map(|one| one.transaction().clone().with_signature([0; 64]));
    signed.map(|signed| borsh::to_vec(&signed)).collect()
}

fn decode(bytes: &[Vec<u8>]) -> std::io::Result<Vec<SignedTransaction>> {
    bytes.iter().map(|bytes| borsh::from_slice(bytes)).collect()
}

fn verify(block: Vec<SignedTransaction>) -> Vec<Verified> {
    block.into_iter().map(SignedTransaction::assume_verified).collect()
}
