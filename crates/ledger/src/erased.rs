//! The application with its state type erased.
//!
//! The engine is generic over a runtime and costs minutes to compile for each set of types. Behind
//! this face there is one set, compiled once, here.

use std::{any::Any, sync::Arc};

use bytes::Bytes;

use crate::{
    Admission, Application, BlockContext, BlockOutcome, ChainId, Change, Entry, Refusal,
    RestoreError, Sender,
};

/// Any application's state. A clone is a pointer.
pub(crate) type State = Arc<dyn Any + Send + Sync>;

/// [`Application`] as the engine sees it.
pub(crate) trait Rules: Send + Sync + 'static {
    fn chain(&self) -> ChainId;
    fn genesis(&self) -> State;
    fn check(&self, transactions: &[&[u8]]) -> Vec<Result<Admission, Refusal>>;
    fn nonce(&self, state: &State, sender: &Sender) -> u64;
    fn execute(
        &self,
        parent: &State,
        block: &BlockContext,
        transactions: &[Bytes],
    ) -> (State, BlockOutcome);
    fn changes(&self, before: Option<&State>, after: &State) -> Vec<Change>;
    fn restore(&self, entries: &mut dyn Iterator<Item = Entry>) -> Result<State, RestoreError>;
}

/// The state of `A` behind a [`State`].
pub(crate) fn downcast<A: Application>(state: &State) -> &A::State {
    state.downcast_ref().expect("one ledger holds states of one application")
}

/// The state of `A` behind a [`State`], shared.
pub(crate) fn downcast_shared<A: Application>(state: State) -> Arc<A::State> {
    state.downcast().expect("one ledger holds states of one application")
}

/// Erases an application's state type.
pub(crate) struct Erased<A>(pub(crate) Arc<A>);

impl<A: Application> Rules for Erased<A> {
    fn chain(&self) -> ChainId {
        self.0.chain()
    }

    fn genesis(&self) -> State {
        Arc::new(self.0.genesis())
    }

    fn check(&self, transactions: &[&[u8]]) -> Vec<Result<Admission, Refusal>> {
        let answers = self.0.check(transactions);
        assert_eq!(answers.len(), transactions.len(), "one answer for each transaction");
        answers
    }

    fn nonce(&self, state: &State, sender: &Sender) -> u64 {
        self.0.nonce(downcast::<A>(state), sender)
    }

    fn execute(
        &self,
        parent: &State,
        block: &BlockContext,
        transactions: &[Bytes],
    ) -> (State, BlockOutcome) {
        let mut state = downcast::<A>(parent).clone();
        let outcome = self.0.execute(&mut state, block, transactions);
        assert_eq!(outcome.results.len(), transactions.len(), "one result for each transaction");
        (Arc::new(state), outcome)
    }

    fn changes(&self, before: Option<&State>, after: &State) -> Vec<Change> {
        self.0.changes(before.map(downcast::<A>), downcast::<A>(after))
    }

    fn restore(&self, entries: &mut dyn Iterator<Item = Entry>) -> Result<State, RestoreError> {
        Ok(Arc::new(self.0.restore(entries)?))
    }
}
