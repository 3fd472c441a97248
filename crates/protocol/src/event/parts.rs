//! What events speak of: faults, verdicts, how money was divided.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::{Amount, AssetId};

/// A fault of an operator, or of whoever challenged falsely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Fault {
    /// A result proven wrong: the whole lock, jail, a conviction.
    WrongResult,
    /// A committed result that was not revealed in time: as a wrong result.
    NotRevealed,
    /// Demanded trace or output that was not produced in time: as a wrong result.
    DataWithheld,
    /// No commitment in time: part of the lock.
    MissedDeadline,
    /// An audit claim proven wrong, unsubstantiated, or agreeing with a wrong result: the whole lock, jail.
    FalseAudit,
    /// An auditor that did not commit or reveal in time: part of the lock, jail.
    SilentAudit,
    /// A challenge the judge dismissed: its bond, and jail for an operator.
    FalseChallenge,
    /// A repeated conviction: the correlated penalty on the rest of the bond.
    Repeated,
    /// A job whose requester made others work for nothing: its input withheld, or its program beyond the limits. Costs
    /// access stake, where there is any.
    Spam,
    // Capacity and uptime.
    /// An epoch outside the promise of uptime after the grace: a little of the bond, jail until it is back.
    Downtime,
    /// Several failed capacity challenges in a row: a tenth of the bond, a long jail.
    MisrepresentedHardware,
    // Replicated.
    /// Another output than the one that stood: the whole lock, jail, no conviction.
    Outvoted,
    // Leases.
    /// A missed epoch of a lease after the grace: part of its lock.
    Unserved,
    /// Two conflicting statements signed for one height: a part of the stake that grows with the crowd, and a tombstone.
    DoubleSigning,
}

/// How a slashed amount of one asset was divided. The parts add up to what was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Split {
    /// Which asset.
    pub asset: AssetId,
    /// Taken from the bond.
    pub taken: Amount,
    /// To whoever proved the fault.
    pub bounty: Amount,
    /// To the requester, for its insured value.
    pub victim: Amount,
    /// Set aside as the premium of a fallback.
    pub premium: Amount,
    /// To the insurance pot.
    pub insurance: Amount,
    /// Burned.
    pub burned: Amount,
}

/// What a settled job paid to whom, in stable base units. The four shares and the credit add up to the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Settlement {
    /// Price of the job.
    pub price: Amount,
    /// To the provider, its delegators' part included.
    pub provider: Amount,
    /// To the audit pot.
    pub audit: Amount,
    /// To the insurance pot.
    pub insurance: Amount,
    /// To the treasury, with the remainder of the division, less the credit.
    pub take: Amount,
    /// Of the take, what the requester's credit pays: returned to it.
    pub credit: Amount,
    /// Back to the requester: the maximum price less the price.
    pub unspent: Amount,
}

/// A verdict as history keeps it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Ruling {
    /// The claim is proven wrong.
    Guilty,
    /// The program breaks the limits.
    AuthorFault,
    /// The evidence proves nothing, for the stated reason.
    Dismissed(String),
}
