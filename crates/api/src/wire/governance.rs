//! The rules' numbers, how they change, and the price.

use protocol::{AccountId, Amount, Ballot, Intake, Outcome, Proposal, Rejection, Tally, Time};
use serde::{Deserialize, Serialize};

/// A parameter of the rules as it is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterView {
    /// What it is called.
    pub name: String,
    /// Its value, in its unit.
    pub value: Amount,
    /// Its unit.
    pub unit: String,
    /// Least allowed value.
    pub minimum: Amount,
    /// Largest allowed value.
    pub maximum: Amount,
    /// What a new network starts with.
    pub default: Amount,
    /// What it is for, and why the default is what it is.
    pub reason: String,
    /// Why no vote changes it, if only genesis sets it.
    pub fixed: Option<String>,
}

/// A proposal that is voted on or waits for its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalView {
    /// The proposal, with its stage and its deadline.
    pub proposal: Proposal,
    /// What its proposer put down, in native base units; nothing once the vote is over.
    pub deposit: Amount,
    /// The weights: as the vote stands, or as it came out.
    pub tally: Tally,
    /// What that comes to, or would if the vote ended now.
    pub outcome: Outcome,
    /// Where it stands, line by line.
    pub explained: Vec<String>,
}

/// How a validator votes on a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BallotView {
    /// Who.
    pub validator: AccountId,
    /// How.
    pub ballot: Ballot,
    /// What it weighs now, in micro-dollars.
    pub weight: Amount,
}

/// What a whole native token counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceView {
    /// Micro-dollars per whole token: agreed, or governed.
    pub price: Amount,
    /// What it counts for as collateral, before any haircut.
    pub collateral: Amount,
    /// The reports behind it; none while the price is governed.
    pub reported: Option<ReportedView>,
    /// Whether jobs are assigned, and if not, why not.
    pub intake: Intake,
    /// The same, line by line.
    pub explained: Vec<String>,
}

/// The price as validators report it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedView {
    /// The slot under way.
    pub slot: u64,
    /// When it ends.
    pub until: Time,
    /// When reports last agreed, or when reporting began.
    pub agreed: Time,
    /// The highest price of the window.
    pub high: Amount,
    /// Validators entitled to report in the slot under way.
    pub entitled: u64,
    /// Those of them that have committed.
    pub committed: u64,
}

/// What would become of a transaction if it were executed now. Nothing was sent, nothing is promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foresight {
    /// Its fee, in native base units.
    pub fee: Amount,
    /// Why it would be refused, if it would be, as data; see [`Rejection::advice`] for what to do.
    pub rejection: Option<Rejection>,
}
