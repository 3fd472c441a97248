//! Rewards: what the network pays beside the price of a job, from tokens it mints and from transaction fees.
//!
//! ```text
//!   epoch begins:  budget = min(emission, room under the cap)  --> capacity, validation, work | insurance
//!   during it:     round settled --> units x uptime x accuracy   \
//!                  Attend        --> weight, once a session       >  weights of the epoch's pool
//!                  job settled   --> take x accuracy, <= bond    /
//!   it is over:    fees of the epoch are set aside
//!   the next too:  the pool is closed; what is earned is minted, the rest never
//!   then:          each operator, its delegators with it, is paid when it next earns, asks, or its stake is to change
//! ```
//!
//! Nobody is looked through: a pool keeps three sums, an operator a weight in each of the two pools that are open, and who
//! has no weight in a pool has no part of it. So a late joiner takes nothing of what was earned before.

mod attend;
mod count;
mod emission;
mod pay;
mod policy;
mod record;

pub(crate) use attend::attend;
pub(crate) use emission::turn_epoch;
pub(crate) use pay::claim;
pub use policy::{next_emission, rebate_floor};
pub use record::{EpochEarning, RewardPool, RewardShare, RewardSource, RewardTerms};
