//! The reported price of the native token.

use borsh::{BorshDeserialize, BorshSerialize};

use super::parts::Split;
use crate::primitives::{AccountId, Amount, Hash, Time};

/// The reported price of the native token.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum PriceEvent {
    /// From now on the price is what validators report, or what is governed.
    PriceSourceSet {
        /// Whether it is reported.
        reported: bool,
        /// The price it begins with, in micro-dollars per whole token.
        price: Amount,
    },
    /// A slot began: commitments are for it, openings for the one before.
    PriceSlotBegan {
        /// Which slot.
        slot: u64,
        /// How many validators are entitled to it.
        validators: u32,
        /// When it ends.
        until: Time,
    },
    /// A validator committed to a price, sealed.
    PriceCommitted {
        /// For which slot.
        slot: u64,
        /// Who.
        validator: AccountId,
        /// The commitment.
        commitment: Hash,
    },
    /// A validator opened its price.
    PriceRevealed {
        /// For which slot.
        slot: u64,
        /// Who.
        validator: AccountId,
        /// Micro-dollars per whole token.
        price: Amount,
    },
    /// The reports of a slot agree.
    PriceAgreed {
        /// Which slot.
        slot: u64,
        /// Their weighted median.
        median: Amount,
        /// The median, its rise limited.
        price: Amount,
        /// The average of the window.
        average: Amount,
        /// What collateral counts at: the lesser of the two.
        collateral: Amount,
    },
    /// Too little of the reports of a slot was opened.
    PriceNotAgreed {
        /// Which slot.
        slot: u64,
        /// Weight that opened, in micro-dollars.
        opened: Amount,
        /// Weight that was entitled to.
        entitled: Amount,
    },
    /// A report was far from the median.
    ReportMissed {
        /// In which slot.
        slot: u64,
        /// Whose.
        validator: AccountId,
        /// What it said.
        price: Amount,
        /// The median.
        median: Amount,
        /// How far off it might have been.
        tolerance: Amount,
        /// Which of this epoch it is.
        count: u64,
    },
    /// A validator was fined for reporting far off too often.
    ReportFined {
        /// In which slot.
        slot: u64,
        /// Who.
        validator: AccountId,
        /// How the fine of one asset was divided.
        split: Split,
    },
}
