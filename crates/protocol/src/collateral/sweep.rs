//! Bringing every operator's standing up to date after prices have changed: so many in a block, in order of account.

use std::ops::Bound;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::AccountId;
use crate::state::State;
use crate::step::Step;

/// A pass over the operators that is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sweep {
    /// The last operator that was looked at.
    pub after: Option<AccountId>,
    /// Whether prices have changed since the pass began, so that another must follow.
    pub again: bool,
}

impl State {
    /// Has everything that depends on prices looked at again, in the blocks from the next one on.
    pub(crate) fn revalue(&mut self) {
        let again = self.sweep.contains_key(&());
        let sweep = self.sweep.entry(()).or_default();
        sweep.again = again;
    }

    /// The pass over the operators that is under way, if prices have changed not long ago: until it is over, weights
    /// and kept bands may be those of earlier prices.
    pub fn sweep(&self) -> Option<&Sweep> {
        self.sweep.get(&())
    }
}

/// Goes on with the pass, if one is under way.
pub(crate) fn sweep(step: &mut Step<'_>) {
    let Some(Sweep { after, again }) = step.state.sweep().copied() else { return };
    let budget = usize::try_from(step.state.parameters.reviews_per_block).unwrap_or(usize::MAX);
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let turn: Vec<AccountId> = step
        .state
        .roster
        .range((from, Bound::Unbounded))
        .take(budget)
        .map(|(account, ())| *account)
        .collect();
    for operator in &turn {
        step.state.reweigh(*operator);
        step.review(*operator);
    }
    let left = turn.len() == budget;
    match turn.last().filter(|_| left) {
        Some(last) => drop(step.state.sweep.insert((), Sweep { after: Some(*last), again })),
        None if again => drop(step.state.sweep.insert((), Sweep::default())),
        None => drop(step.state.sweep.remove(&())),
    }
}
