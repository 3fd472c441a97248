//! The rules: what the protocol decides, as a pure function.
//!
//! ```text
//!                 Context { height, now, beacon, referee }
//!                                |
//!   State --begin_block--> State --apply(Verified)--> State --end_block--> State
//!              |                        |
//!            events            Receipt { events, rejection }
//! ```
//!
//! The crate takes a state, what the outside is in this block, and a transaction whose signature was checked, and gives
//! back the next state and what happened. It decides who may do what, where every base unit of money is, what each
//! deadline means and what each fault costs.
//!
//! It must never know files, clocks, threads, networks, the engine that orders transactions or the machine that runs
//! programs. Floats, unordered iteration, `usize` in stored types and randomness of its own are absent on purpose: the
//! same inputs give the same state on every machine, for ever. Whatever is outside arrives as a [`Context`]. One thing is the
//! process's own: the seed by which entries are laid out in memory (record 0140). Nothing that is listed, stored or
//! decided depends on it.
//!
//! # Invariants
//! - Money moves only through the books, from one place to another; the supply equation holds at every height.
//! - A refused transaction changes nothing but its sender's nonce and fee.
//! - Owed to the protocol rounds up, owed by it rounds down; every remainder has a named owner.
//! - No transaction and no hook looks at all accounts; work per block is bounded and taken off time-indexed queues.
//! - A state is a handful of persistent maps: a clone is free, and what changed between two states is a cheap diff.

mod access;
mod accounts;
mod accuracy;
mod apply;
mod bonds;
mod books;
mod capacity;
mod collateral;
mod context;
mod delegation;
mod disputes;
mod event;
pub mod explain;
mod genesis;
mod governance;
mod hooks;
pub mod invariants;
mod jobs;
mod leases;
pub mod load;
mod market;
mod operators;
mod parameters;
mod penalties;
mod price;
mod primitives;
mod programs;
mod referee;
mod rejection;
mod rewards;
mod state;
mod step;
mod transaction;

pub use access::{Access, AccessExit};
pub use accuracy::Accuracy;
pub use apply::{Receipt, admit, apply, apply_all, fee};

pub use books::{Place, PlaceKind, Pot, Why};
pub use capacity::{
    Capacity, Device, Draw, DrawTally, EpochUptime, Maintenance, Measurement, Observation, Round,
    Uptime, device_challenge, receipt, transfer_median, uptime_factor,
};
pub use collateral::{Band, Exposure, MarginCall, Sweep};
pub use context::Context;
pub use delegation::{
    Accumulator, Bucket, BucketKind, Commission, Commitment, DILUTION_MAX, Delegation,
    DelegationView, Hop, Pool, PoolView, Raise, Ruin, Undelegation, UndelegationView,
};
pub use event::{
    AccessEvent, BooksEvent, CapacityEvent, CollateralEvent, DelegationEvent, DisputeEvent,
    EpochEvent, Event, Fault, GovernanceEvent, JobEvent, LeaseEvent, OperatorEvent, PenaltyEvent,
    PriceEvent, ReplicatedEvent, RewardEvent, Ruling, Settlement, Split,
};
pub use genesis::{AssetDefinition, Genesis, GenesisBalance, GenesisFault, GenesisPot};
pub use governance::{
    Amendment, AmendmentFault, Ballot, CollateralTerms, Outcome, Proposal, Stage, Tally,
};
pub use hooks::{begin_block, end_block, epoch_at};
pub use jobs::{
    Answer, Appeal, Assignment, Audit, Demand, EndReason, Finding, Job, JobKind, JobSpec,
    JobStatus, LockQuote, Program, Replica, ReplicaFate, Replication, Vote, appeal_bond, audit_fee,
    audit_lock, audit_rate_needed, job_id, lock_quote, price_ceil, quorum, replica_price_max,
    replicas_in_all, seal, seal_output, settlement,
};
pub use leases::{
    EpochJudged, EpochVerdict, Lease, LeaseEnd, LeaseReceipt, LeaseSpec, LeaseStatus, LeaseTerms,
    Probe, Tenure, acceptance_receipt, lease_id, lease_price, probe_receipt,
};
pub use market::{Pricing, Scores, effective_ceil, offered_price_floor, quality, rate_floor};
pub use operators::{Exit, Offence, Offer, Operator, OperatorStatus, Reliability};
pub use parameters::{
    CapacityChallenge, ChallengeKind, Class, ClassId, JobLimits, ParameterChange, ParameterFault,
    ParameterInfo, Parameters,
};
pub use penalties::{DoubleSigner, SignerStage, correlated_rate, split};
pub use price::{Intake, Misses, Oracle, Report, median_deviation, seal_price, weighted_median};
pub use primitives::*;
pub use referee::{CapacityCase, Case, Judgement, PreparedProgram, Referee, SigningCase, Verdict};
pub use rejection::{Bound, Rejection};
pub use rewards::{
    EpochEarning, RewardPool, RewardShare, RewardSource, RewardTerms, next_emission, rebate_floor,
};
pub use state::{
    Account, Asset, ChainInfo, Clock, Entry, ImportFault, State, Supply, TABLES, Task, job_entry,
    job_key,
};
pub use transaction::{
    Accused, Action, DataKind, Duties, PageProof, SIGNING_DOMAIN, SignedTransaction, Transaction,
    Verified,
};
