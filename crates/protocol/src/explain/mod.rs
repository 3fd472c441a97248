//! Why things are as they are: answers for people, computed by the same rules that decided.

mod arithmetic;
mod collateral;
mod deadline;
mod stake;
mod unassigned;
mod vote;

pub use arithmetic::{lock, settlement, split};
pub use collateral::{cover, price};
pub use deadline::{DeadlineMeaning, deadline};
pub use stake::{delegation, seats};
pub use unassigned::{Change, Obstacle, Unassigned, unassigned};
pub use vote::vote;
