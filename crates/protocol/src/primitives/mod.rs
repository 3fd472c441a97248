//! The words everything else is written in: identifiers, amounts, rates, times, content addresses.
//!
//! Nothing here knows a rule. Arithmetic is checked; products are taken in 256 bits; a function that
//! rounds says in its name which way.

mod amount;
mod bytes;
mod content;
mod hash;
mod holdings;
mod rate;
mod time;

pub use amount::{Amount, AssetId, NATIVE, STABLE};
pub use bytes::Bytes;
pub use content::{Claim, Content, PAGE_BYTES, ROOT_BYTES};
pub use hash::{AccountId, ChainId, DeviceId, Hash, JobId, ParseIdError, ProgramId, TransactionId};
pub use holdings::Holdings;
pub(crate) use rate::uniform_below;
pub use rate::{PPM, Ppm, mul_div_ceil, mul_div_floor};
pub use time::{Epoch, Height, Nonce, Time};
