//! Why things are as they are: answers for people, computed by the same rules that decided.

mod access;
mod arithmetic;
mod capacity;
mod collateral;
mod deadline;
mod dollars;
mod lease;
mod replicated;
mod rewards;
mod stake;
mod unassigned;
mod vote;

pub use access::access;
pub use arithmetic::{job_price, lock, settlement, split};
pub use capacity::{accuracy, capacity, uptime};
pub use collateral::{cover, price};
pub use deadline::{DeadlineMeaning, deadline};
pub use dollars::Dollars;
pub use lease::{lease, lease_cost};
pub use replicated::replicas;
pub use rewards::{earnings, reward};
pub use stake::{delegation, seats};
pub use unassigned::{Change, Obstacle, Unassigned, Waiting, unassigned};
pub use vote::vote;
