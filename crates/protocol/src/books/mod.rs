//! The books: one entry per place and asset, and one way to move money between two places.
//!
//! ```text
//!  Unissued --> Account <--> Bond <--> Lock --> (slash) bounty, victim, insurance, burn
//!                  |           |
//!                  |           +--> Exit --> Account of the owner
//!                  |
//!                  +--> Pool --> Leaving --> Account of the delegator
//!                  +--> Escrow --> provider, audit pot, insurance, treasury | back
//! ```
//!
//! Nothing else in this crate changes a balance, so an asset's supply can only change by a movement from
//! [`Place::Unissued`] or to [`Place::Burned`]. Every movement is an event.

mod movement;
mod place;

pub(crate) use movement::{Movement, put_entry};
pub use place::{Place, PlaceKind, Pot, Why};
