//! Operators: accounts that stake and take on duties.

mod record;

pub use record::{Exit, Offence, Offer, Operator, OperatorStatus, Reliability};
