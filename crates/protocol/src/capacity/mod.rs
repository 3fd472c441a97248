//! Capacity and uptime: what an operator has, and whether it is there.
//!
//! ```text
//!   RegisterDevice --> watched --beacon, about 48 times an epoch--> UptimeDrawn --AnswerUptime--> answered
//!                        |                                              \-- window over --> missed
//!                        |                          end of epoch: too many missed --> downtime, grace, penalty, jail
//!                        |
//!                        +--once an epoch, all devices of a class at one height--> round --AnswerCapacity--> passed
//!                                                                                   \-- wrong or silent --> failed
//!                                   round over: proven units, offers cut to 80 % of them; 3 failures: misrepresented
//! ```
//!
//! Only positive evidence exists: an answer on the chain shows that somebody is there or has something, and nobody's
//! word shows the contrary. Nothing here scans the operators: draws index a dense table, epochs of a record are closed
//! when its operator is next drawn or acts, and rounds are settled by a cursor.

mod answers;
mod devices;
mod draws;
mod maintenance;
mod penalty;
mod queries;
mod records;
mod rounds;
mod settle;
mod transfer;
mod uptime;
mod watch;

use crate::step::Step;

pub(crate) use answers::answer_capacity;
pub(crate) use devices::{devices_bond, register_device, retire_device};
pub(crate) use draws::{answer_uptime, draws};
pub(crate) use maintenance::declare_maintenance;
pub use records::{Capacity, Device, Measurement, Observation, Round};
pub use rounds::device_challenge;
pub(crate) use transfer::{is_signed, rebut_transfer, report_transfer};
pub use transfer::{receipt, transfer_median};
pub use uptime::{Draw, DrawTally, EpochUptime, Maintenance, Uptime, uptime_factor};

/// What a block does about capacity and uptime, `elapsed_ms` after the block before.
pub(crate) fn begin_block(step: &mut Step<'_>, elapsed_ms: u64) {
    draws::draw_uptime(step, elapsed_ms);
    rounds::run(step, elapsed_ms);
}
