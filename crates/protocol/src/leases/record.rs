//! What the state keeps about leases, and the pure arithmetic on it.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::market::Pricing;
use crate::parameters::{ClassId, Parameters};
use crate::primitives::{
    AccountId, Amount, ChainId, Content, Hash, Holdings, JobId, Nonce, PPM, Ppm, Time,
};

/// What a requester wants to rent.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LeaseSpec {
    /// Address of the description of the service: what runs, what a probe asks, and what counts as an answer.
    pub service: Content,
    /// Class to run on.
    pub class: ClassId,
    /// Units of it, all of one provider.
    pub units: u32,
    /// Epochs.
    pub epochs: u32,
    /// Most that all units together may cost per epoch, in micro-dollars; all epochs are paid into escrow.
    pub price_max: Amount,
    /// Milliseconds the lease waits for a provider.
    pub wait_ms: u64,
}

/// Why a lease is over. Closed, and the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum LeaseEnd {
    /// All its epochs are over.
    Completed,
    /// Requester or provider gave notice, and the time of it is over.
    NoticeGiven,
    /// The requester took it back before it began: all back.
    Cancelled,
    /// No provider within the waiting time: all back.
    NoProvider,
    /// As many epochs in a row were missed as the rules allow: the rest back.
    Unserved,
    /// The provider is in jail or tombstoned: the rest back.
    ProviderBarred,
}

/// Where a lease is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum LeaseStatus {
    /// Waits for a provider.
    Waiting,
    /// Is served.
    Running,
    /// Over.
    Ended(LeaseEnd),
}

/// The rules a lease began with. It keeps them, whatever votes change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LeaseTerms {
    /// Least part of the probes somebody spoke of that must be answered.
    pub answers_min: Ppm,
    /// Time an observer has to report, in milliseconds.
    pub report_ms: u64,
    /// Time to show receipts after that, in milliseconds.
    pub rebut_ms: u64,
    /// Whole epochs that a notice leaves.
    pub notice: u32,
    /// Missed epochs without a penalty.
    pub grace: u32,
    /// Missed epochs in a row that end it.
    pub failures_max: u32,
    /// Part of what is left of the lock that a missed epoch costs.
    pub penalty: Ppm,
    /// The provider's part of the price.
    pub provider_share: Ppm,
    /// The audit pot's.
    pub audit_share: Ppm,
    /// The insurance pot's; the rest is the protocol's take.
    pub insurance_share: Ppm,
}

impl LeaseTerms {
    pub(super) fn of(parameters: &Parameters) -> Self {
        Self {
            answers_min: parameters.lease_answers_min,
            report_ms: parameters.lease_report_ms,
            rebut_ms: parameters.lease_rebut_ms,
            notice: parameters.lease_notice,
            grace: parameters.lease_grace,
            failures_max: parameters.lease_failures_max,
            penalty: parameters.lease_penalty,
            provider_share: parameters.provider_share,
            audit_share: parameters.audit_share,
            insurance_share: parameters.insurance_share,
        }
    }

    /// How long after an epoch everything about it can have been said, in milliseconds.
    pub const fn evidence_ms(&self) -> u64 {
        self.report_ms.saturating_add(self.rebut_ms)
    }
}

/// A probe: a validator drawn to use the service once, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Probe {
    /// Names the probe; what the observer signs about.
    pub challenge: Hash,
    /// Who was drawn.
    pub observer: AccountId,
    /// The lease's epoch it counts in, from zero.
    pub epoch: u32,
    /// When it was drawn.
    pub drawn: Time,
    /// Whether the observer reported an answer; `None` while it has said nothing.
    pub reported: Option<bool>,
    /// Whether its receipt was shown.
    pub receipt: bool,
}

impl Probe {
    /// Whether it was answered, as far as anybody spoke of it. A receipt beats a report.
    pub const fn answered(&self) -> Option<bool> {
        if self.receipt { Some(true) } else { self.reported }
    }
}

/// What is shown as a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum LeaseReceipt {
    /// The observer's, of a probe that was answered.
    Probe(Hash),
    /// The requester's, of an epoch that was served.
    Epoch(u32),
}

/// What an epoch came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum EpochVerdict {
    /// The requester signed for it: paid.
    Accepted,
    /// Enough of its probes were answered: paid.
    Served,
    /// Too few were: back to the requester, and a penalty after the grace.
    Missed,
    /// Nobody spoke of it: back to the requester, no penalty.
    Unproven,
}

impl EpochVerdict {
    /// Whether it is paid for.
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Accepted | Self::Served)
    }
}

/// An epoch that was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EpochJudged {
    /// Probes drawn.
    pub drawn: u32,
    /// Of them, those that a report or a receipt speaks of.
    pub heard: u32,
    /// Of these, those answered.
    pub answered: u32,
    /// What follows.
    pub verdict: EpochVerdict,
}

/// A lease's time with its provider.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Tenure {
    /// Who serves it.
    pub provider: AccountId,
    /// The provider's standing ask per unit and epoch, in micro-dollars.
    pub ask: Amount,
    /// How the price came about.
    pub pricing: Pricing,
    /// Price of an epoch, all units together, in micro-dollars.
    pub price: Amount,
    /// What was locked when it began, by asset.
    pub locked: Holdings,
    /// What the lock is for now, in micro-dollars.
    pub owed: Amount,
    /// When it began; its epochs are counted from here.
    pub started: Time,
    /// Its rules.
    pub terms: LeaseTerms,
    /// Its place in the table that probes index, while it runs.
    pub place: Option<u32>,
    /// Its last epoch, counted from zero.
    pub last: u32,
    /// Who gave notice, if anybody.
    pub notice_by: Option<AccountId>,
    /// Epochs judged, in order.
    pub judged: Vec<EpochJudged>,
    /// Whether the requester's receipt for the next epoch to judge was shown.
    pub accepted: bool,
    /// Probes of epochs that are not judged.
    pub probes: Vec<Probe>,
}

impl Tenure {
    /// The next epoch to be judged.
    pub fn open_epoch(&self) -> u32 {
        u32::try_from(self.judged.len()).expect("epochs of a lease are limited")
    }

    /// The epoch an instant lies in; past the last one if the lease is.
    pub fn epoch_at(&self, now: Time, epoch_ms: u64) -> u32 {
        u32::try_from(now.since_ms(self.started) / epoch_ms).unwrap_or(u32::MAX)
    }

    /// Last instant at which something can be said about an epoch.
    pub fn judged_after(&self, epoch: u32, epoch_ms: u64) -> Time {
        let length_ms = epoch_ms.saturating_mul(u64::from(epoch) + 1);
        self.started.plus_ms(length_ms).plus_ms(self.terms.evidence_ms())
    }

    /// Price of the epochs that are not judged: what is in escrow.
    pub fn unjudged_price(&self) -> Amount {
        let epochs = u128::from(self.last) + 1 - u128::from(self.open_epoch());
        self.price.scaled_ceil(epochs, 1)
    }

    /// Epochs missed so far.
    pub fn missed(&self) -> u64 {
        self.judged.iter().filter(|one| one.verdict == EpochVerdict::Missed).count() as u64
    }

    /// Epochs missed in a row up to now. Those that nobody spoke of are left out.
    pub fn missed_in_a_row(&self) -> u64 {
        let spoken = self.judged.iter().rev().map(|one| one.verdict);
        let spoken = spoken.filter(|verdict| *verdict != EpochVerdict::Unproven);
        spoken.take_while(|verdict| *verdict == EpochVerdict::Missed).count() as u64
    }

    /// What the next epoch comes to, by what was said of it so far.
    pub fn standing(&self) -> EpochJudged {
        let epoch = self.open_epoch();
        let (mut drawn, mut heard, mut answered) = (0, 0, 0);
        for probe in self.probes.iter().filter(|probe| probe.epoch == epoch) {
            drawn += 1;
            heard += u32::from(probe.answered().is_some());
            answered += u32::from(probe.answered() == Some(true));
        }
        let enough = u64::from(answered) * u64::from(PPM)
            >= u64::from(heard) * u64::from(self.terms.answers_min.0);
        let verdict = match heard {
            _ if self.accepted => EpochVerdict::Accepted,
            0 => EpochVerdict::Unproven,
            _ if enough => EpochVerdict::Served,
            _ => EpochVerdict::Missed,
        };
        EpochJudged { drawn, heard, answered, verdict }
    }
}

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Lease {
    /// Its name: locks, escrow and movements of money are called by it as by a job's.
    pub id: JobId,
    /// Who wants it.
    pub requester: AccountId,
    /// What is wanted.
    pub spec: LeaseSpec,
    /// When it was requested.
    pub requested: Time,
    /// Where it is in its life.
    pub status: LeaseStatus,
    /// Until when it waits; when its next epoch is judged; once over, when it leaves the state.
    pub deadline: Time,
    /// Number of the timer behind the deadline.
    pub timer: u64,
    /// Place of arrival while it waits.
    pub queued: Option<u64>,
    /// The last ask it has met, where there are more behind than a block looks at.
    pub looked: Option<(Amount, AccountId)>,
    /// Its time with its provider, once it has begun.
    pub tenure: Option<Tenure>,
    /// When it ended.
    pub ended: Option<Time>,
}

/// The name of the lease that a requester asks for with a nonce.
pub fn lease_id(chain: ChainId, requester: AccountId, nonce: Nonce) -> JobId {
    JobId(Hash::of("earnest lease v1", &(chain, requester, nonce)).0)
}

/// Price of an epoch of so many units at so much per unit, at least the minimum price.
pub fn lease_price(parameters: &Parameters, units: u32, rate: Amount) -> Amount {
    rate.scaled_ceil(units.into(), 1).max(parameters.price_min)
}
