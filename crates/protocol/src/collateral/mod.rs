//! How well an operator's bond covers its open locks when prices move, and what happens when it does not.
//!
//! ```text
//!   owed: sum of its open locks in micro-dollars    worth: its bond at the collateral price
//!
//!   green   worth less haircut >= owed              takes new jobs
//!   amber   thin, worth >= 110 % of owed            no new jobs; a margin call with 48 h of grace
//!   red     thin, worth >= owed, or the grace over  besides, nothing leaves the bond
//!   black   worth < owed                            besides, every draw audits
//! ```
//!
//! Nothing is ever sold. Open jobs end within their exposure and take what they owe with them, so the ratio recovers by
//! itself, and until then the audit draw makes up for what a lock has lost. A band is a function of the state: it is
//! computed where it decides something, and kept only so that a change of it is an event.

mod bands;
mod exposure;
mod sweep;

pub use bands::Band;
pub(crate) use exposure::margin_call_over;
pub use exposure::{Exposure, MarginCall};
pub use sweep::Sweep;
pub(crate) use sweep::sweep;
