//! What the state keeps about an operator.

use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::delegation::Pool;
use crate::primitives::{AccountId, Amount, AssetId, Epoch, Holdings, Ppm, Time};
use crate::rewards::EpochEarning;
use crate::state::State;
use crate::transaction::Duties;

/// Whether an operator may take on work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum OperatorStatus {
    /// Takes on work.
    #[default]
    Active,
    /// Takes on none, and may leave jail by a transaction from this time on.
    Jailed(Time),
    /// Never takes on work again.
    Tombstoned,
}

/// What an operator has done, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reliability {
    /// Jobs that ended final and correct.
    pub jobs_completed: u64,
    /// Wrong or withheld results.
    pub convictions: u32,
    /// Missed deadlines.
    pub deadlines_missed: u64,
    /// Audits that stood.
    pub audits_completed: u64,
    /// Audits that were false or silent.
    pub audit_faults: u64,
    /// Challenges the judge dismissed.
    pub false_challenges: u64,
    /// Epochs with completed work since the last fault.
    pub clean_epochs: u32,
    /// Last epoch that was counted, or in which a fault forbids counting.
    pub counted_epoch: Option<Epoch>,
}

/// An operator: one bond, many duties. All that an operation on it or its pool needs is in this one record, since looking
/// up another costs more than most of what is done with it (record 0141).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Operator {
    /// The operator's account: the key that works.
    pub account: AccountId,
    /// Whom its money returns to: the key that owns. Itself until another account accepts.
    pub owner: AccountId,
    /// An account that may accept ownership.
    pub nominee: Option<AccountId>,
    /// What it is registered for.
    pub duties: Duties,
    /// Whether it may take on work.
    pub status: OperatorStatus,
    /// Self-bond by asset, locked slices included, exits not.
    pub bonded: Holdings,
    /// Open exits.
    pub exits: u32,
    /// What it has done.
    pub reliability: Reliability,
    /// Its latest conviction that still counts as repeated and correlated: when, and the stake counted for it.
    pub offence: Option<Offence>,
    /// When it registered.
    pub registered: Time,
    /// Its share pool, once it has opened one. In JSON it is a [`crate::PoolView`].
    #[cfg_attr(feature = "serde", serde(skip))]
    pub pool: Option<Pool>,
    /// The stake it stands in the order of seats with, if it does.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub rank: Option<Amount>,
    /// The epochs it is still to be paid for, the oldest first. Never more than two that are open, and what is closed is
    /// paid before anything is added. In JSON they stand beside what is due.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub earnings: Vec<EpochEarning>,
}

/// A conviction inside the correlation window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Offence {
    /// When it stops counting.
    pub until: Time,
    /// Number of its timer.
    pub timer: u64,
    /// The offender's stake that counts, in micro-dollars.
    pub stake: Amount,
}

impl State {
    /// An operator known to exist, for change.
    pub(crate) fn operator_mut(&mut self, account: AccountId) -> &mut Operator {
        Arc::make_mut(self.operators.get_mut(&account).expect("operators are never removed"))
    }
}

impl Operator {
    /// Whether it may take on work.
    pub fn is_active(&self) -> bool {
        self.status == OperatorStatus::Active
    }

    /// The rate at which its results are audited: `new`, falling to `floor` over `clean_epochs`.
    pub fn audit_rate(&self, new: Ppm, floor: Ppm, clean_epochs: u32) -> Ppm {
        let left = u64::from(clean_epochs.saturating_sub(self.reliability.clean_epochs));
        let span = u64::from(new.0.saturating_sub(floor.0));
        let above = (span * left).div_ceil(u64::from(clean_epochs));
        let above = u32::try_from(above).expect("a share of a 32-bit span");
        Ppm(floor.0.saturating_add(above))
    }
}

/// A standing offer in one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Offer {
    /// Units it will have at work at once.
    pub units: u32,
    /// Units at work: one for each job, a lease's for each lease.
    pub busy: u32,
    /// Price in micro-dollars per 10^9 metered units of a job's bound.
    pub ask: Amount,
}

/// A bond on its way out: the money of [`crate::Place::Exit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exit {
    /// Asset leaving.
    pub asset: AssetId,
    /// What slashes have left of it, in base units.
    pub amount: Amount,
    /// When it began: it answers for everything that happened until then.
    pub began: Time,
    /// When it is free.
    pub release: Time,
}
