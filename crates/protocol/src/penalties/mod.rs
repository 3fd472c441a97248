//! Faults and what they cost.
//!
//! | fault | taken | then |
//! |---|---|---|
//! | wrong, unrevealed or withheld result | the whole lock | jail; repeated: correlated part of the bond; third: tombstone |
//! | missed deadline | 25 % of the lock + 10 % of the price | counts against the provider |
//! | false audit | the whole lock | jail |
//! | silent audit | 25 % of the lock | jail |
//! | false challenge | the challenge's bond | jail, if an operator |
//! | downtime | 0.05 % of the bond for an epoch | jail until it is back |
//! | misrepresented hardware | 10 % of the bond | jail for 30 days |
//! | outvoted, unrevealed or withheld replica | the whole lock | jail, no conviction |
//! | double signing | 5 % of the bond, and the correlated part as the crowd is known | tombstone |
//!
//! Whatever is taken is divided by one waterfall: bounty, victim, insurance, and at least a fifth burned.

mod convict;
mod correlated;
mod double_signing;
mod jail;
mod waterfall;

pub(crate) use convict::{Conviction, forget_offence};
pub use correlated::correlated_rate;
pub use double_signing::{DoubleSigner, SignerStage};
pub(crate) use double_signing::{prove as prove_double_signing, window_over};
pub use waterfall::split;
pub(crate) use waterfall::{Cut, Terms};
