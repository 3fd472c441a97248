//! Operators: accounts that stake and take on duties.
//!
//! An operator is its own owner until another account, named by it, accepts; from then on its money returns there and
//! only the owner takes bond out. Accounts under one owner are *related*: they never serve or audit one another.

mod offers;
mod record;
mod relations;
mod standing;
mod transitions;

pub(crate) use offers::{check_may_offer, required_bond, set_offer};
pub use record::{Exit, Offence, Offer, Operator, OperatorStatus, Reliability};
pub(crate) use transitions::{accept, nominate, register, set_duties, unjail};
