//! Final blocks in the words of the API.

use api::wire::{BlockView, DemandName, Page, TransactionView};
use api::{Code, Problem};
use bytes::Bytes;
use ledger::{FinalBlock, TransactionId, TransactionResult};
use protocol::{Action, Hash, Height, SignedTransaction, Transaction};

use crate::backend::outcome;
use crate::rules::Rules;

/// A block without what is in it.
pub(crate) fn block(rules: &Rules, block: &FinalBlock) -> BlockView {
    let header = &block.header;
    BlockView {
        height: Height(header.height),
        id: Hash(header.digest),
        parent: Hash(header.parent),
        time: rules.time(header.time),
        timestamp: header.timestamp,
        state_root: Hash(header.state_root),
        transactions_root: Hash(header.transactions_root),
        transactions: block.transactions.len() as u64,
        events: block.events.len() as u64,
    }
}

/// At most `limit` transactions of a block, behind one.
pub(crate) fn transactions(
    block: &FinalBlock,
    after: Option<u64>,
    limit: usize,
) -> Result<Page<TransactionView>, Problem> {
    let all = (0_u64..).zip(block.transactions.iter().zip(&block.results));
    let behind = all.filter(|(index, _)| Some(*index) > after).take(limit);
    let view = |(index, (bytes, result))| transaction(index, bytes, result);
    let items = behind.map(view).collect::<Result<Vec<_>, _>>()?;
    let last = items.last().map(|last| last.index);
    let next = last.filter(|last| last.saturating_add(1) < block.transactions.len() as u64);
    Ok(Page { items, next: next.map(|last| last.to_string()) })
}

fn transaction(
    index: u64,
    bytes: &Bytes,
    result: &TransactionResult,
) -> Result<TransactionView, Problem> {
    let signed = borsh::from_slice::<SignedTransaction>(bytes).map_err(|error| {
        tracing::error!(index, %error, "a stored transaction does not decode");
        Problem::new(Code::Internal, "a stored transaction does not decode")
    })?;
    let Transaction { sender, nonce, action, .. } = signed.transaction;
    Ok(TransactionView {
        index,
        id: Hash(TransactionId::of(bytes).0),
        sender,
        nonce,
        bytes: bytes.len() as u64,
        answers: match action {
            Action::AnswerDemand { job, demander, .. } => Some(DemandName { job, demander }),
            _ => None,
        },
        outcome: outcome(result),
    })
}
