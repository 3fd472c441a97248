//! The rules against their second opinion.

mod agreement;
mod regressions;
