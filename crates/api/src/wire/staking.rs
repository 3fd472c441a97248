//! Stakes: access, delegations, what an operator's stake carries, devices.

use std::fmt;
use std::str::FromStr;

use protocol::{
    AccessExit, AccountId, Amount, Band, Capacity, ClassId, Commitment, Device, DeviceId,
    DrawTally, Epoch, Maintenance, PoolView, Ppm, Time,
};
use serde::{Deserialize, Serialize};

/// An account's access stake. One that never had any has nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessView {
    /// Whose.
    pub account: AccountId,
    /// Native base units locked.
    pub stake: Amount,
    /// Access stake of everybody, in native base units.
    pub all: Amount,
    /// Credit against the protocol's take, in micro-dollars.
    pub credit: Amount,
    /// What is on its way out; a parameter bounds how many.
    pub exits: Vec<AccessExitView>,
    /// What the stake gives, line by line.
    pub explained: Vec<String>,
}

/// Access stake on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessExitView {
    /// Its number.
    pub number: u64,
    /// Native base units left of it.
    pub amount: Amount,
    /// When it began, and when it is free.
    #[serde(flatten)]
    pub exit: AccessExit,
}

/// What an operator's stake carries, and what is known of its machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingView {
    /// Whose.
    pub operator: AccountId,
    /// The epoch of this.
    pub epoch: Epoch,
    /// Its pool with its commission, also an announced raise; none if it has not opened one.
    pub pool: Option<PoolView>,
    /// The commitment of its own native bond.
    pub committed: Option<Commitment>,
    /// How well its bond covers its open locks.
    pub cover: CoverView,
    /// Seats on the ledger in this epoch.
    pub seats: u32,
    /// Weight as a validator, drawn and voting, in micro-dollars; nothing if it is no active one.
    pub vote_weight: Amount,
    /// Weight in native rewards, in base units, committed parts for more.
    pub reward_weight: Amount,
    /// Its uptime record; none if it never had a device.
    pub uptime: Option<UptimeView>,
    /// What it may offer in each class that has to be proven, as far as it has something to prove.
    pub capacities: Vec<CapacityView>,
    /// How often its results were right lately.
    pub accuracy: Ppm,
    /// How all that comes about, line by line.
    pub explained: Explained,
}

/// How well a bond covers open locks, in micro-dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverView {
    /// The band.
    pub band: Band,
    /// Sum of the open locks.
    pub owed: Amount,
    /// The bond after the haircut.
    pub lockable: Amount,
    /// Last instant of a margin call's grace, if there is one.
    pub call_until: Option<Time>,
}

/// An uptime record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UptimeView {
    /// Registered devices.
    pub devices: u32,
    /// Draws of the whole record.
    pub draws: DrawTally,
    /// The share of them that was answered; none while nothing was drawn.
    pub share: Option<Ppm>,
    /// What that scales earnings of capacity by.
    pub factor: Option<Ppm>,
    /// Draws of this epoch.
    pub epoch: DrawTally,
    /// Last instant to answer the open draw, if there is one.
    pub answer_by: Option<Time>,
    /// Maintenance that may be declared, in milliseconds.
    pub credit_ms: u64,
    /// The latest declared maintenance.
    pub maintenance: Option<Maintenance>,
}

/// What an operator proved in a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityView {
    /// In which class.
    pub class: ClassId,
    /// Units it may offer.
    pub offer_limit: u32,
    /// What it last proved.
    #[serde(flatten)]
    pub capacity: Capacity,
}

/// The rules' own words, with the numbers in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// Where its seats come from.
    pub seats: Vec<String>,
    /// How well its bond covers its open locks.
    pub cover: Vec<String>,
    /// What its uptime record says.
    pub uptime: Vec<String>,
    /// How much it may offer, class by class.
    pub capacity: Vec<String>,
    /// How its accuracy comes about.
    pub accuracy: String,
}

/// A device of an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// Its name.
    pub id: DeviceId,
    /// The device.
    #[serde(flatten)]
    pub device: Device,
}

/// Names an undelegation of an account: from whose pool, and the number of its bucket there. On the wire it is the text
/// `OPERATOR-BUCKET`. In order as they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UndelegationName {
    /// From whose pool.
    pub operator: AccountId,
    /// Number of its bucket.
    pub bucket: u64,
}

impl fmt::Display for UndelegationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.operator, self.bucket)
    }
}

/// The text names no undelegation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an undelegation is OPERATOR-BUCKET, as an earlier answer gave it")]
pub struct InvalidUndelegationName;

impl FromStr for UndelegationName {
    type Err = InvalidUndelegationName;

    fn from_str(text: &str) -> Result<Self, InvalidUndelegationName> {
        let (operator, bucket) = text.split_once('-').ok_or(InvalidUndelegationName)?;
        let operator = operator.parse().map_err(|_| InvalidUndelegationName)?;
        Ok(Self { operator, bucket: bucket.parse().map_err(|_| InvalidUndelegationName)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_undelegations_round_trip_and_nothing_else_parses() {
        let name = UndelegationName { operator: AccountId([7; 32]), bucket: u64::MAX };
        assert_eq!(name.to_string().parse(), Ok(name));
        for bad in ["", "7", "-7", &format!("{}-", name.operator), &format!("{}--1", name.operator)]
        {
            assert_eq!(bad.parse::<UndelegationName>(), Err(InvalidUndelegationName), "{bad}");
        }
    }
}
