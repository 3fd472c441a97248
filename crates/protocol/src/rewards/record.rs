//! What the state keeps about rewards.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::{Amount, Epoch, Ppm};

/// What a reward is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum RewardSource {
    /// Proven capacity, by uptime and accuracy.
    Capacity,
    /// Bonded validators that attended.
    Validation,
    /// Settled jobs, by the take they paid.
    Work,
}

impl RewardSource {
    /// Every source, in the order rewards are paid in.
    pub const ALL: [Self; 3] = [Self::Capacity, Self::Validation, Self::Work];
}

/// What an operator has earned in an epoch that is not paid yet, as its weights in the pool of the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EpochEarning {
    /// Which epoch.
    pub epoch: Epoch,
    /// Bond value of proven units, by uptime factor and accuracy, in micro-dollars.
    pub capacity: Amount,
    /// Reward weight at each session attended, summed, in native base units.
    pub validation: Amount,
    /// Take of its settled jobs and leases by accuracy, in micro-dollars, as far as its bond carries it.
    pub work: Amount,
    /// The same, without regard to the bond.
    pub worked: Amount,
    /// The last session attended.
    pub attended: Option<u32>,
}

impl EpochEarning {
    /// Its weight in the pool of its epoch.
    pub const fn weight(&self, source: RewardSource) -> Amount {
        match source {
            RewardSource::Capacity => self.capacity,
            RewardSource::Validation => self.validation,
            RewardSource::Work => self.work,
        }
    }
}

/// One source's part of an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RewardShare {
    /// Most that may be minted for it, in native base units.
    pub budget: Amount,
    /// Sum of all operators' weights.
    pub weight: Amount,
    /// What is divided by weight, once the pool is closed; fees included.
    pub payable: Amount,
}

/// What the rules said as an epoch began: an amendment of these is for the epochs after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RewardTerms {
    /// Sessions of the epoch.
    pub sessions: u32,
    /// Most that work is rewarded with, as a share of the take it paid.
    pub rebate_max: Ppm,
    /// Take that a bond carries, as a share of it.
    pub rebate_bond: Ppm,
}

/// The rewards of one epoch. Kept until everybody with a weight in it is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RewardPool {
    /// What the rules said as it began.
    pub terms: RewardTerms,
    /// Of proven capacity.
    pub capacity: RewardShare,
    /// Of validators.
    pub validation: RewardShare,
    /// Of work.
    pub work: RewardShare,
    /// Transaction fees of the epoch, set aside for its validators.
    pub fees: Amount,
    /// Operators with a weight that are not paid yet.
    pub operators: u32,
    /// Whether no weight can be added any more.
    pub closed: bool,
    /// What the pot of rewards holds for it, in native base units.
    pub left: Amount,
}

impl RewardPool {
    /// One source's part.
    pub const fn share(&self, source: RewardSource) -> &RewardShare {
        match source {
            RewardSource::Capacity => &self.capacity,
            RewardSource::Validation => &self.validation,
            RewardSource::Work => &self.work,
        }
    }

    pub(super) const fn share_mut(&mut self, source: RewardSource) -> &mut RewardShare {
        match source {
            RewardSource::Capacity => &mut self.capacity,
            RewardSource::Validation => &mut self.validation,
            RewardSource::Work => &mut self.work,
        }
    }

    /// Most that may be minted for all sources together.
    pub fn budget(&self) -> Amount {
        RewardSource::ALL.into_iter().map(|source| self.share(source).budget).sum()
    }
}
