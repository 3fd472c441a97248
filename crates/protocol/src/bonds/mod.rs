//! Bonds: putting them in, taking them out, locking slices of them for jobs.
//!
//! ```text
//!   Account --Bond--> Bond --lock--> Lock --unlock--> Bond
//!                      |  ^            \--slash--> bounty, victim, insurance, burned
//!                Unbond|  |CancelExit
//!                      v  |
//!                     Exit --after unbonding_ms--> Account of the owner
//! ```
//!
//! A locked slice belongs to one job and cannot leave. An exit stays answerable until its release for what happened
//! before it began.

mod exits;
mod locks;
mod value;

pub(crate) use exits::{bond, cancel_exit, close_exit, release_exit, unbond};
pub(crate) use value::{Haircut, worth_ceil};
