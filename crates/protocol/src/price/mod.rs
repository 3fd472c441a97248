//! The price of the native token: who says it, what it counts for, and when nothing new may be locked on it.
//!
//! ```text
//!   slot n: commit --> slot n+1: reveal --> its end: weighted median --clamp--> price --min(24 h average)--> collateral
//!                                             |                                   |
//!                                  far off: a fine                   20 % below the high: intake halted
//! ```
//!
//! A network that has no reporting validators sets `oracle_slot_ms` to zero and counts the governed price; nothing else
//! in the rules asks which of the two it is. A slot ends with the first block at or after its end, so a network that
//! stood still has one slot more and not a thousand. What a slot costs is bounded by the validators entitled to it.

mod history;
mod intake;
mod median;
mod oracle;
mod record;
mod report;

pub use intake::Intake;
pub use median::{median_deviation, weighted_median};
pub(crate) use oracle::turn_slot;
pub use record::{Misses, Oracle, Report, seal_price};
pub(crate) use report::{commit, reveal};
