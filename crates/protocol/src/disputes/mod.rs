//! Challenges and demands for data: what anybody may do about a revealed result.

mod challenge;
mod demand;

pub(crate) use challenge::challenge;
pub(crate) use demand::{answer, demand, demand_expired};
