//! Every number the rules use, with its unit, its bounds, its default and its reason.
//!
//! A number that somebody might one day want to change is a field here, never a constant in code.
//! [`Parameters::table`] lists them all for pages and documentation; [`Parameters::validate`] refuses a set
//! in which single values are in bounds but contradict each other.

mod change;
mod classes;
mod info;
mod presets;
mod table;
mod validate;

pub use change::ParameterChange;
pub use classes::{CapacityChallenge, ChallengeKind, Class, ClassId, JobLimits};
pub use info::ParameterInfo;
pub(crate) use presets::NATIVE_UNIT;
pub use table::Parameters;
pub use validate::ParameterFault;
