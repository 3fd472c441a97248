//! Resource classes.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::Amount;

/// Names a resource class.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ClassId(pub u16);

impl ClassId {
    /// General processors.
    pub const CPU: Self = Self(0);
    /// Machines with a graphics processor.
    pub const GPU: Self = Self(1);
    /// Small devices: tiny bond, small jobs.
    pub const EDGE: Self = Self(2);
}

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A resource class: what one unit is, and what an operator must have bonded to offer it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Class {
    /// Number it is called by.
    pub id: ClassId,
    /// Short name, for people.
    pub name: String,
    /// What one unit is, in words. A unit runs one job at a time.
    pub unit: String,
    /// Bond value required per offered unit, in micro-dollars.
    pub bond_per_unit: Amount,
}

impl Class {
    /// The classes a new network starts with.
    pub fn seed() -> Vec<Self> {
        let class = |id, name: &str, unit: &str, dollars: u128| Self {
            id,
            name: name.into(),
            unit: unit.into(),
            bond_per_unit: Amount::new(dollars * 1_000_000),
        };
        vec![
            class(ClassId::CPU, "cpu", "one job at a time on one processor", 100),
            class(ClassId::GPU, "gpu", "one job at a time on one graphics processor", 500),
            class(ClassId::EDGE, "edge", "one small job at a time on one device", 5),
        ]
    }
}
