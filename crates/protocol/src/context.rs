//! Everything the rules may know of the outside.

use crate::primitives::{Hash, Height, Time};
use crate::referee::Referee;

/// The outside, as one block sees it. The same for every transaction of the block and its hooks.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Height of the block.
    pub height: Height,
    /// Network time of the block.
    pub now: Time,
    /// The block's randomness: nobody could know it when the block's transactions were chosen.
    pub beacon: Hash,
    /// Who prepares programs and judges evidence.
    pub referee: &'a dyn Referee,
}
