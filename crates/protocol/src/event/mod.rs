//! The only history there is: everything pages, metrics and statements tell is told from these.
//!
//! Every movement of money is a [`BooksEvent::Moved`], so the books can be rebuilt from events alone. The other
//! events carry the facts and the arithmetic behind the movements.

mod access;
mod books;
mod capacity;
mod collateral;
mod delegation;
mod disputes;
mod epochs;
mod governance;
mod jobs;
mod leases;
mod operators;
mod parts;
mod penalties;
mod price;
mod replicated;
mod rewards;

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

pub use access::AccessEvent;
pub use books::BooksEvent;
pub use capacity::CapacityEvent;
pub use collateral::CollateralEvent;
pub use delegation::DelegationEvent;
pub use disputes::DisputeEvent;
pub use epochs::EpochEvent;
pub use governance::GovernanceEvent;
pub use jobs::JobEvent;
pub use leases::LeaseEvent;
pub use operators::OperatorEvent;
pub use parts::{Fault, Ruling, Settlement, Split};
pub use penalties::PenaltyEvent;
pub use price::PriceEvent;
pub use replicated::ReplicatedEvent;
pub use rewards::RewardEvent;

/// What happened, by concept. A concept's enum goes wherever an event does.
macro_rules! events {
    ($($(#[$doc:meta])* $concept:ident($event:ident),)*) => {
        /// Something that happened.
        #[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
        // Each concept names its own kinds, and no two the same: the JSON of an event says nothing of concepts.
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(untagged))]
        pub enum Event {
            $($(#[$doc])* $concept($event),)*
        }

        /// As its concept shows it.
        impl fmt::Debug for Event {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$concept(event) => event.fmt(f),)*
                }
            }
        }

        $(impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$concept(event)
            }
        })*
    };
}

events! {
    /// Movements of money.
    Books(BooksEvent),
    /// Operators: who they are, what they offer, when they leave.
    Operator(OperatorEvent),
    /// Programs and jobs, from submission to the end.
    Job(JobEvent),
    /// Challenges and demands for data.
    Dispute(DisputeEvent),
    /// Faults, and what came of them.
    Penalty(PenaltyEvent),
    /// Access stake.
    Access(AccessEvent),
    /// Devices, capacity and uptime.
    Capacity(CapacityEvent),
    /// The reported price of the native token.
    Price(PriceEvent),
    /// What falling prices do to locks and bonds.
    Collateral(CollateralEvent),
    /// Proposals and votes.
    Governance(GovernanceEvent),
    /// Share pools, commitments and seats.
    Delegation(DelegationEvent),
    /// Emission, and who earns it.
    Reward(RewardEvent),
    /// Epochs.
    Epoch(EpochEvent),
    /// Replicated jobs: compared, not proven.
    Replicated(ReplicatedEvent),
    /// Leases, their probes and their epochs.
    Lease(LeaseEvent),
}

// Most events are movements of money. What is larger is boxed, so that those stay small.
const _: () = assert!(size_of::<Event>() <= 240);
