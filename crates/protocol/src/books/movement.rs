//! Moving money from one place to another.

use crate::books::{Place, PlaceKind, Why};
use crate::event::{BooksEvent, Event};
use crate::primitives::{Amount, AssetId, JobId, NATIVE};
use crate::rejection::Rejection;
use crate::state::{HashTrie, Key, State};
use crate::step::Step;

/// A movement: from where to where, how much of what, and why.
#[derive(Clone, Copy)]
pub(crate) struct Movement {
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) asset: AssetId,
    pub(crate) amount: Amount,
    pub(crate) why: Why,
    pub(crate) job: Option<JobId>,
}

impl Step<'_> {
    /// Moves money that is known to be there. Moving nothing is no event.
    ///
    /// # Panics
    /// If it is not there: the caller did not check.
    pub(crate) fn shift(&mut self, movement: Movement) {
        if !movement.amount.is_zero() {
            let moved = self.state.move_money(movement);
            self.emit(moved);
        }
    }

    /// Moves money if it is there.
    ///
    /// # Errors
    /// [`Rejection::InsufficientBalance`].
    pub(crate) fn pay(&mut self, movement: Movement) -> Result<(), Rejection> {
        self.state.require(movement.from, movement.asset, movement.amount)?;
        self.shift(movement);
        Ok(())
    }
}

impl State {
    /// The one way a balance changes.
    pub(crate) fn move_money(&mut self, movement: Movement) -> Event {
        let Movement { from, to, asset, amount, why, job } = movement;
        self.take(from, asset, amount);
        self.put(to, asset, amount);
        self.retotal(from.kind(), to.kind(), asset, amount);
        Event::Books(BooksEvent::Moved { from, to, asset, amount, why, job })
    }

    /// # Errors
    /// [`Rejection::InsufficientBalance`] unless the place holds the amount.
    pub(crate) fn require(
        &self,
        place: Place,
        asset: AssetId,
        needed: Amount,
    ) -> Result<(), Rejection> {
        let available = self.held(place, asset);
        if available < needed {
            return Err(Rejection::InsufficientBalance { asset, needed, available });
        }
        Ok(())
    }

    fn take(&mut self, place: Place, asset: AssetId, amount: Amount) {
        match place {
            Place::Account(account) if asset == NATIVE => {
                let account = self.accounts.get_mut(&account).expect("a payer has an account");
                account.native = account.native.minus(amount);
            }
            Place::Unissued => {
                let asset = self.assets.get_mut(&asset).expect("only registered assets are minted");
                asset.minted = asset.minted.plus(amount);
                assert!(
                    asset.minted <= Amount::SUPPLY_MAX,
                    "the supply limit is checked before minting"
                );
            }
            Place::Burned => panic!("what is burned never comes back"),
            Place::Pool(_) | Place::Leaving(..) | Place::Exit(..) => {
                let held = self.recorded_mut(place, asset);
                *held = held.minus(amount);
            }
            _ => take_entry(&mut self.held, (place, asset), amount),
        }
    }

    fn put(&mut self, place: Place, asset: AssetId, amount: Amount) {
        match place {
            Place::Account(account) if asset == NATIVE => {
                let account = self.accounts.get_or_default(account);
                account.native = account.native.plus(amount);
            }
            Place::Burned => {
                let asset = self.assets.get_mut(&asset).expect("only registered assets are burned");
                asset.burned = asset.burned.plus(amount);
            }
            Place::Unissued => panic!("nothing returns to where units come from"),
            Place::Pool(_) | Place::Leaving(..) | Place::Exit(..) => {
                let held = self.recorded_mut(place, asset);
                *held = held.plus(amount);
            }
            _ => put_entry(&mut self.held, (place, asset), amount),
        }
    }

    /// The amount of a place that is in a record of its own, in the one asset it holds.
    fn recorded_mut(&mut self, place: Place, asset: AssetId) -> &mut Amount {
        let (held, recorded) = match place {
            Place::Pool(operator) => (NATIVE, &mut self.pool_mut(operator).tokens),
            Place::Leaving(operator, number) => {
                (NATIVE, &mut self.bucket_mut(operator, number).left)
            }
            Place::Exit(operator, number) => {
                let exit = self.exits.get_mut(&(operator, number));
                let exit = exit.expect("money leaves by an exit on record");
                (exit.asset, &mut exit.amount)
            }
            _ => unreachable!("the caller asks for recorded places only"),
        };
        assert_eq!(asset, held, "{place:?} holds one asset");
        recorded
    }

    fn retotal(
        &mut self,
        from: Option<PlaceKind>,
        to: Option<PlaceKind>,
        asset: AssetId,
        amount: Amount,
    ) {
        if from == to {
            return;
        }
        if let Some(kind) = from {
            take_entry(&mut self.totals, (kind, asset), amount);
        }
        if let Some(kind) = to {
            put_entry(&mut self.totals, (kind, asset), amount);
        }
    }
}

/// Takes from an entry that holds enough; an empty entry goes.
fn take_entry<K: Key>(table: &mut HashTrie<K, Amount>, key: K, amount: Amount) {
    let held = table.get_mut(&key).expect("a place that pays holds something");
    *held = held.minus(amount);
    if held.is_zero() {
        table.remove(&key);
    }
}

/// Adds to an entry, making it if need be.
pub(crate) fn put_entry<K: Key>(table: &mut HashTrie<K, Amount>, key: K, amount: Amount) {
    if !amount.is_zero() {
        let held = table.get_or_default(key);
        *held = held.plus(amount);
    }
}
