//! Why things are as they are: answers for people, computed by the same rules that decided.

mod arithmetic;
mod deadline;
mod stake;
mod unassigned;

pub use arithmetic::{lock, settlement, split};
pub use deadline::{DeadlineMeaning, deadline};
pub use stake::{delegation, seats};
pub use unassigned::{Change, Obstacle, Unassigned, unassigned};
