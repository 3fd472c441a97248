//! Access: whose job is next, and what staking for it gives.
//!
//! ```text
//!   Account --LockAccess--> Access --UnlockAccess--> AccessExit --after access_unbonding_ms--> Account
//!                             \--slash for spam and false disputes--> burned
//! ```
//!
//! Every class has two lanes of requesters. In the staked lane turns follow WF2Q+ with the locked amount as weight; in the
//! other they follow arrival. Between the lanes, 20 % of the work is kept for the unstaked; a lane in which nobody waits
//! leaves its part to the other. A requester stands in one lane with the first of its waiting jobs, so lanes hold
//! requesters, not jobs, and one that waits for nothing costs nothing.

mod credit;
mod record;
mod stake;
mod tag;
mod turns;

pub(crate) use credit::note_epoch;
pub use record::{Access, AccessExit};
pub(crate) use record::{Flow, Lanes, Queue, Turn};
pub(crate) use stake::{lock, release, unlock};
pub(crate) use tag::{Tag, Work};
