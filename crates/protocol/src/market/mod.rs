//! The market: which ask takes a job, and at what price.
//!
//! An ask is ranked by what it asks per quality. A job goes to the lowest that can take it; its price is the lowest ask
//! that could have taken it and was left without a job, so nobody's own ask decides what it is paid. Jobs that no
//! standing ask takes are offered at a price that rises with their waiting time.

mod candidate;
mod fit;
mod offered;
mod pricing;
mod quality;

pub(crate) use candidate::{Candidate, candidates, look_on, lot};
pub(crate) use fit::{Fit, fit, unbacked};
pub use offered::offered_price_floor;
pub(crate) use offered::take;
pub(crate) use pricing::uniform_price;
pub use pricing::{Pricing, effective_ceil, rate_floor};
pub use quality::{Scores, quality};
