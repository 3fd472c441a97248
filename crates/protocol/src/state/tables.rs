//! The tables.

use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use imbl::OrdMap;

use crate::access::{Access, AccessExit, Flow, Lanes, Queue, Tag};
use crate::accuracy::Accuracy;
use crate::books::{Place, PlaceKind};
use crate::capacity::{Capacity, Device, Measurement, Round, Uptime};
use crate::collateral::{Exposure, Sweep};
use crate::delegation::{Bucket, Commitment, Delegation, Ruin, Undelegation};
use crate::genesis::AssetDefinition;
use crate::governance::{Ballot, CollateralTerms, Proposal};
use crate::jobs::{Answer, Demand, Job, Program, Replication, Vote};
use crate::leases::Lease;
use crate::operators::{Exit, Offer, Operator};
use crate::parameters::{Class, ClassId, Parameters};
use crate::penalties::DoubleSigner;
use crate::price::{Misses, Oracle, Report};
use crate::primitives::{
    AccountId, Amount, AssetId, ChainId, DeviceId, Epoch, Height, JobId, Nonce, ProgramId, Time,
};
use crate::rewards::RewardPool;
use crate::state::HashTrie;

/// What never changes about a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ChainInfo {
    /// Hash of the genesis.
    pub id: ChainId,
    /// Name, for people.
    pub name: String,
    /// Network time of the start; epochs are counted from it.
    pub start: Time,
}

/// What changes with every block, and the counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Clock {
    /// Height of the latest block.
    pub height: Height,
    /// Network time of the latest block.
    pub now: Time,
    /// Current epoch.
    pub epoch: Epoch,
    /// Next number for exits, timers and queue places; never used twice.
    pub sequence: u64,
    /// Judging units spent in the latest block.
    pub judged_units: u64,
    /// Stake of the offenders inside the correlation window, in micro-dollars.
    pub offending: Amount,
    /// Capacity answers checked in the latest block.
    pub capacity_checks: u32,
    /// What the latest epoch emits by schedule, in native base units; nothing before the first.
    pub emission: Amount,
    /// Stake of the double signers inside the correlation window, in micro-dollars.
    pub double_signing: Amount,
    /// Stake of those whose window is over, but who count for others.
    pub double_signing_past: Amount,
}

/// An account. Other assets than the native one are in the books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Account {
    /// Next nonce.
    pub nonce: Nonce,
    /// Native balance in base units.
    pub native: Amount,
}

/// An asset of the registry with what was ever minted and burned.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Asset {
    /// What it is.
    pub definition: AssetDefinition,
    /// Base units ever minted.
    pub minted: Amount,
    /// Base units ever burned.
    pub burned: Amount,
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Task {
    /// The deadline of a job's stage, or the end of its retention.
    Job(JobId),
    /// A bond that has finished leaving.
    Exit(AccountId, u64),
    /// The deadline of a demand's answer, or the end of an answered demand.
    Demand(JobId, AccountId),
    /// A conviction that stops counting as repeated.
    Offence(AccountId),
    /// Access stake that has finished leaving.
    AccessExit(AccountId, u64),
    /// The end of a margin call's grace.
    MarginCall(AccountId),
    /// The end of a proposal's vote, or of the time after it.
    Proposal(u64),
    /// A delegator's part of an operator's bucket that has finished leaving.
    Undelegation(AccountId, AccountId, u64),
    /// A delegator's redelegation that no longer answers to where it came from, by destination.
    Hop(AccountId, AccountId),
    /// The end of a staker's commitment with an operator.
    Commitment(AccountId, AccountId),
    /// The end of a lease's wait, of an epoch with its evidence, or of its retention.
    Lease(JobId),
    /// The end of a window in which a double signer's crowd is counted.
    Reckoning(AccountId),
}

/// The whole state of the rules. `Clone` costs a few reference counts whatever the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(crate) chain: Arc<ChainInfo>,
    pub(crate) parameters: Arc<Parameters>,
    pub(crate) clock: Clock,
    pub(crate) assets: OrdMap<AssetId, Asset>,
    pub(crate) classes: OrdMap<ClassId, Class>,
    pub(crate) accounts: HashTrie<AccountId, Account>,
    /// All money but native account balances and what is in a record of its own: pools, undelegations, exits. No zero entries.
    pub(crate) held: HashTrie<(Place, AssetId), Amount>,
    /// Sums of all money by kind of place, kept with every movement. No zero entries.
    pub(crate) totals: HashTrie<(PlaceKind, AssetId), Amount>,
    pub(crate) operators: HashTrie<AccountId, Arc<Operator>>,
    /// All operators, for passes over them in order of account.
    pub(crate) roster: OrdMap<AccountId, ()>,
    pub(crate) exits: HashTrie<(AccountId, u64), Exit>,
    pub(crate) offers: HashTrie<(AccountId, ClassId), Offer>,
    /// Offers of active providers with a unit free, from the lowest ask.
    pub(crate) asks: OrdMap<(ClassId, Amount, AccountId), ()>,
    /// Active validators' bond value in micro-dollars: the weight they are drawn by.
    pub(crate) auditors: OrdMap<AccountId, Amount>,
    /// Sum of the weights of the auditors whose account begins with the byte, so that a draw skips over most of them.
    pub(crate) auditor_weights: OrdMap<u8, Amount>,
    pub(crate) programs: HashTrie<ProgramId, Arc<Program>>,
    pub(crate) jobs: HashTrie<JobId, Arc<Job>>,
    /// Open jobs that wait for a turn, by class and requester in order of arrival.
    pub(crate) open: OrdMap<(ClassId, AccountId, u64), JobId>,
    /// Where a class goes on trying its offered jobs again, if not from the start.
    pub(crate) cursors: OrdMap<ClassId, u64>,
    /// Committed jobs whose audit draw is due after the height.
    pub(crate) draws: OrdMap<(Height, JobId), ()>,
    pub(crate) demands: HashTrie<(JobId, AccountId), Arc<Demand>>,
    pub(crate) timers: OrdMap<(Time, u64), Task>,
    /// Open jobs that no standing ask takes, in order of arrival.
    pub(crate) offered: OrdMap<(ClassId, u64), JobId>,
    /// Where each requester stands in a class: those with waiting jobs, and those who rest.
    pub(crate) flows: HashTrie<(ClassId, AccountId), Flow>,
    /// The same requesters, in order within each queue.
    pub(crate) turns: OrdMap<(ClassId, Queue, Tag, u32, AccountId), ()>,
    pub(crate) lanes: OrdMap<ClassId, Lanes>,
    /// The last ask looked at beside the lowest, where a class has more asks than a clearing looks at.
    pub(crate) ask_cursors: OrdMap<ClassId, (Amount, AccountId)>,
    pub(crate) access: HashTrie<AccountId, Access>,
    pub(crate) access_exits: HashTrie<(AccountId, u64), AccessExit>,
    /// All access stake as each of the latest epochs began.
    pub(crate) access_epochs: OrdMap<Epoch, Amount>,
    /// Validators for whom there was no place, by account and by weight.
    pub(crate) waiting_weights: HashTrie<AccountId, Amount>,
    pub(crate) waiting_heaviest: OrdMap<(Amount, AccountId), ()>,
    // Capacity and uptime.
    pub(crate) devices: OrdMap<(AccountId, DeviceId), Device>,
    pub(crate) uptimes: HashTrie<AccountId, Arc<Uptime>>,
    /// Operators that may be drawn for uptime, densely numbered from zero.
    pub(crate) watched: OrdMap<u32, AccountId>,
    /// The latest round of each class.
    pub(crate) rounds: OrdMap<ClassId, Round>,
    /// What each operator proved, by class so that a round is settled in order.
    pub(crate) capacities: OrdMap<(ClassId, AccountId), Capacity>,
    /// Transfers being measured.
    pub(crate) measurements: OrdMap<(AccountId, DeviceId), Measurement>,
    pub(crate) accuracies: HashTrie<AccountId, Accuracy>,
    /// The reported price; empty while the price is governed.
    pub(crate) oracle: OrdMap<(), Oracle>,
    /// Who may report in a slot, and what it has reported.
    pub(crate) reports: OrdMap<(u64, AccountId), Report>,
    /// Agreed prices of the window, by the time they count from.
    pub(crate) prices: OrdMap<Time, Amount>,
    /// Reports that were far off, by validator.
    pub(crate) misses: HashTrie<AccountId, Misses>,
    /// Value of each open lock in micro-dollars.
    pub(crate) liabilities: HashTrie<(AccountId, JobId), Amount>,
    /// Sum of an operator's open locks, and how well its bond covers them.
    pub(crate) exposures: HashTrie<AccountId, Exposure>,
    /// The pass over the operators after prices have changed; empty when none is under way.
    pub(crate) sweep: OrdMap<(), Sweep>,
    /// Admitted assets besides native and stable.
    pub(crate) collateral: OrdMap<AssetId, CollateralTerms>,
    pub(crate) proposals: OrdMap<u64, Arc<Proposal>>,
    pub(crate) ballots: OrdMap<(u64, AccountId), Ballot>,
    /// By delegator and operator.
    pub(crate) delegations: HashTrie<(AccountId, AccountId), Delegation>,
    /// What left an operator's pool, by number.
    pub(crate) buckets: HashTrie<(AccountId, u64), Bucket>,
    /// By delegator, operator and the operator's bucket.
    pub(crate) undelegations: HashTrie<(AccountId, AccountId, u64), Undelegation>,
    /// By staker and operator; an operator's own bond under its own name twice.
    pub(crate) commitments: HashTrie<(AccountId, AccountId), Commitment>,
    /// Collapsed generations of pools.
    pub(crate) ruins: HashTrie<(AccountId, u32), Ruin>,
    /// Active validators with native stake, from the least.
    pub(crate) ranks: OrdMap<(Amount, AccountId), ()>,
    /// Seats of this epoch.
    pub(crate) seats: OrdMap<AccountId, u32>,
    // Replicated.
    /// The replicas of each job that was drawn for.
    pub(crate) replications: HashTrie<JobId, Arc<Replication>>,
    /// Votes on open appeals.
    pub(crate) votes: OrdMap<(JobId, AccountId), Vote>,
    /// What the votes for each answer weigh together.
    pub(crate) tallies: OrdMap<(JobId, Answer), Amount>,
    /// Operators that are drawn for replicas.
    pub(crate) replicators: HashTrie<AccountId, ()>,
    // Leases.
    pub(crate) leases: HashTrie<JobId, Arc<Lease>>,
    /// What operators ask per unit and epoch of a lease.
    pub(crate) lease_rates: HashTrie<(AccountId, ClassId), Amount>,
    /// Those of them whose offers stand, from the lowest.
    pub(crate) lease_asks: OrdMap<(ClassId, Amount, AccountId), ()>,
    /// Waiting leases in order of arrival.
    pub(crate) lease_queue: OrdMap<u64, JobId>,
    /// Where the next block goes on with them, if not at the head.
    pub(crate) lease_cursor: OrdMap<(), u64>,
    /// Running leases, densely numbered from zero.
    pub(crate) leased: OrdMap<u32, JobId>,
    // Rewards.
    pub(crate) reward_pools: OrdMap<Epoch, RewardPool>,
    /// Where and when each of the latest epochs began.
    pub(crate) epoch_starts: OrdMap<Height, Time>,
    pub(crate) double_signers: HashTrie<AccountId, DoubleSigner>,
}
