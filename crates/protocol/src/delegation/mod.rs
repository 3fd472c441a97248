//! Delegation: other people's native tokens behind an operator, and what they earn and answer for.
//!
//! ```text
//!   Account --Delegate--> Pool --Undelegate--> Leaving (a bucket per epoch) --after unbonding_ms--> Account
//!                         |  ^ \                  |
//!               Redelegate|  |  \--slash--> burned+
//!                         v  |CancelUnbonding
//!                       Pool of another operator, answering to the first one until the hop is over
//! ```
//!
//! A pool is `(tokens, shares)`: a delegator has shares, and rewards and slashes move the tokens only, so both cost the
//! same whatever the number of delegators. Stable fees, and the native bonus of committed shares, go through an
//! accumulator that a delegator settles with whenever its shares change.
//!
//! # Invariants
//! - Shares are the sum of the delegators' shares; there are none exactly when there are no tokens.
//! - Rounding is against whoever moves and in favour of the pool; the last one out takes everything.
//! - What is due from an accumulator never exceeds what is held for it.
//! - Only an operator's own bond ever pays anybody: what is slashed of a pool is burned to the last unit.

mod accumulator;
mod buckets;
mod commission;
mod commitments;
mod enter;
mod hops;
mod income;
mod leave;
mod record;
mod seats;
mod shares;
mod slash;
#[cfg(test)]
mod tests;
mod views;

pub use accumulator::Accumulator;
pub(crate) use commission::set_commission;
pub(crate) use commitments::{check_bond_free, commit, end_commitment};
pub(crate) use enter::delegate;
pub(crate) use hops::{end_hop, redelegate};
pub(crate) use income::claim;
pub(crate) use leave::{cancel_unbonding, release, undelegate};
pub use record::{
    Bucket, BucketKind, Commission, Commitment, Delegation, Hop, Pool, Raise, Ruin, Undelegation,
};
pub(crate) use seats::turn_seats;
pub use shares::DILUTION_MAX;
pub use views::{DelegationView, PoolView, UndelegationView};
