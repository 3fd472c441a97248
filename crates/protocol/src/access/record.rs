//! What the state keeps about access: stakes, and the order of turns.

use borsh::{BorshDeserialize, BorshSerialize};

use super::Tag;
use crate::primitives::{Amount, Epoch, Time};

/// An account's access stake beside the money, which is in [`crate::Place::Access`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Access {
    /// Credit in micro-dollars at the beginning of `settled`.
    pub credit: Amount,
    /// The epoch up to which credit was counted.
    pub settled: Epoch,
    /// Open exits.
    pub exits: u32,
}

/// Access stake on its way out. The money is in [`crate::Place::AccessExit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AccessExit {
    /// When it began: it answers for everything that happened until then.
    pub began: Time,
    /// When it is free.
    pub release: Time,
}

/// The queues of a class in which requesters stand. The first entry of a queue is the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub(crate) enum Queue {
    /// Without access stake: by arrival of the first waiting job.
    Arrived,
    /// Staked, and started by now in the fluid order: by finish tag.
    Eligible,
    /// Staked, and served ahead of the fluid order: by start tag.
    Pending,
    /// Nothing waits, but what was served is not over in the fluid order: by finish tag.
    Resting,
}

/// Where a requester stands: queue, tag, and a lot for equal tags.
pub(crate) type Turn = (Queue, Tag, u32);

/// A requester's standing in a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Flow {
    /// Finish tag of its latest served job.
    pub(crate) finished: Tag,
    /// Start tag of its first waiting job, while it has stake and a job waits.
    pub(crate) start: Option<Tag>,
    /// Its stake, while it stands in the staked lane or rests.
    pub(crate) stake: Amount,
    /// Where it stands.
    pub(crate) turn: Option<Turn>,
}

/// What a class remembers of the service it gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Lanes {
    /// Virtual time of the staked lane.
    pub(crate) time: Tag,
    /// Stake of those who wait in it, or rest.
    pub(crate) active: Amount,
    /// Largest finish tag given in it.
    pub(crate) latest: Tag,
    /// Service of the staked lane over its share.
    pub(crate) staked: Tag,
    /// Service of the unstaked lane over its share.
    pub(crate) unstaked: Tag,
}
