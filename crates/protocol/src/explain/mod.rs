//! Why things are as they are: answers for people, computed by the same rules that decided.

mod access;
mod arithmetic;
mod capacity;
mod deadline;
mod rewards;
mod unassigned;

pub use access::access;
pub use arithmetic::{lock, price, settlement, split};
pub use capacity::{accuracy, capacity, uptime};
pub use deadline::{DeadlineMeaning, deadline};
pub use rewards::{earnings, reward};
pub use unassigned::{Change, Obstacle, Unassigned, Waiting, unassigned};
